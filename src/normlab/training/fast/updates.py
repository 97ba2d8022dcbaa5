"""Update rules on flat arrays, a chunk at a time, with as few passes over memory as they allow.

The gradient is linear in what the backward pass starts from, so a factor costs nothing there.
Each rule asks for the gradient times a `gradient_scale` of its choice:

- sgd and momentum ask for ``learning_rate * dw`` and need not multiply by it;
- rmsprop and adam ask for ``s * dw`` with ``s**2`` growing as ``decay**-t``. Then the running
  mean of squares, kept as ``s**2 * v / (1 - decay)``, is a plain sum of squares: the past
  need not be multiplied by the decay. The other constants follow from it.
"""

import numpy as np

from normlab.training.fast.arrays import aligned_zeros

LARGEST_SCALE = 2.0**12  # s**2 stays far from the largest float32


class Sgd:
    """``w -= learning_rate * dw``."""

    memories = 0

    def __init__(self, size, dtype, learning_rate):
        self.gradient_scale = float(learning_rate)
        self.memory = [aligned_zeros(size, dtype) for _ in range(self.memories)]

    def begin(self):
        """Prepare the next update."""

    def apply(self, w, dw, _scratch):
        """Update a chunk; all arguments are flat arrays of its length."""
        np.subtract(w, dw, out=w)


class SgdMomentum(Sgd):
    """``velocity = momentum * velocity - learning_rate * dw; w += velocity``."""

    memories = 1
    momentum = 0.9

    def apply(self, w, dw, _scratch, velocity):
        """Update a chunk and its velocity."""
        np.multiply(velocity, self.momentum, out=velocity)
        np.subtract(velocity, dw, out=velocity)
        np.add(w, velocity, out=w)


class RmsProp(Sgd):
    """``v = decay * v + (1 - decay) * dw**2; w -= learning_rate * dw / (sqrt(v) + epsilon)``.

    With g = s dw and the sum of squares V = s**2 v / (1 - decay), the step is
    ``learning_rate / sqrt(1 - decay) * g / (sqrt(V) + epsilon * s / sqrt(1 - decay))``.
    """

    memories = 1
    decay = 0.99
    epsilon = 1e-8

    def __init__(self, size, dtype, learning_rate):
        super().__init__(size, dtype, learning_rate)
        self.learning_rate = float(learning_rate)
        self.gradient_scale = 1.0

    def begin(self):
        """Let the scale grow, and take it back before it is too large for float32."""
        if self.gradient_scale > LARGEST_SCALE:
            for power, memory in zip((2, 1), self.memory, strict=False):
                memory /= self.gradient_scale**power
            self.gradient_scale = 1.0
        self.gradient_scale /= self.decay**0.5
        root = (1 - self.decay) ** 0.5
        self.rate, self.floor = self.learning_rate / root, self.epsilon * self.gradient_scale / root

    def apply(self, w, dw, scratch, squares):
        """Update a chunk and its squares."""
        np.multiply(dw, dw, out=scratch)
        np.add(squares, scratch, out=squares)
        self.step(w, dw, scratch, squares)

    def step(self, w, direction, scratch, squares):
        """Subtract ``rate * direction / (sqrt(squares) + floor)``."""
        np.sqrt(squares, out=scratch)
        np.add(scratch, self.floor, out=scratch)
        np.divide(direction, scratch, out=scratch)
        np.multiply(scratch, self.rate, out=scratch)
        np.subtract(w, scratch, out=w)


class Adam(RmsProp):
    """As `RmsProp`, with a running mean of the gradient, and both means unbiased.

    ``m = beta1 * m + (1 - beta1) * dw`` is kept as M = s m / (1 - beta1); v as above, with beta2
    for the decay. With the corrections ``1 - beta**t`` the step is
    ``rate * M / (sqrt(V) + floor)``, where ``rate = learning_rate * (1 - beta1) / (1 - beta1**t)
    * q``, ``floor = epsilon * s * q`` and ``q = sqrt((1 - beta2**t) / (1 - beta2))``.
    """

    memories = 2
    beta1 = 0.9
    decay = 0.999  # beta2
    t = 0

    def begin(self):
        """Take the next t, and the constants that depend on it."""
        super().begin()
        self.t += 1
        q = ((1 - self.decay**self.t) / (1 - self.decay)) ** 0.5
        self.rate = self.learning_rate * (1 - self.beta1) / (1 - self.beta1**self.t) * q
        self.floor = self.epsilon * self.gradient_scale * q
        self.fade = self.beta1 / self.decay**0.5  # of M, which is in units of the growing scale

    def apply(self, w, dw, scratch, squares, mean):
        """Update a chunk, its squares and its mean."""
        np.multiply(mean, self.fade, out=mean)
        np.add(mean, dw, out=mean)
        np.multiply(dw, dw, out=scratch)
        np.add(squares, scratch, out=squares)
        self.step(w, mean, scratch, squares)


RULES = {"sgd": Sgd, "sgd_momentum": SgdMomentum, "rmsprop": RmsProp, "adam": Adam}
