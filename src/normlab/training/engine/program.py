"""A net's step as a program: rows of numbers, each an operation and the places of its arrays.

All arrays lie in one memory. A program is made once for a net; running it is one call of compiled
code, the same for all nets, so that only it has to be compiled.
"""

import numpy as np

from normlab.training.engine import rules, twins
from normlab.training.engine.compiler import compiled

OPERATIONS = (
    *("affine", "bias", "affine back", "affine back input", "relu", "relu back", "multiply"),
    *("batchnorm", "batchnorm test", "move", "batchnorm back", "layernorm", "layernorm back"),
    *("penalty", *rules.RULES),
)
_CODES = {name: code for code, name in enumerate(OPERATIONS)}
_AFFINE, _BIAS, _AFFINE_BACK, _AFFINE_BACK_INPUT, _RELU, _RELU_BACK, _MULTIPLY = range(7)
_BATCHNORM, _BATCHNORM_TEST, _MOVE, _BATCHNORM_BACK, _LAYERNORM, _LAYERNORM_BACK = range(7, 13)
_PENALTY, _SGD, _SGD_MOMENTUM, _RMSPROP, _ADAM = range(13, 18)
_WIDTH = 14  # numbers in a row: the operation, three sizes, at most ten places
_LINE = 64  # bytes: arrays begin where a line of the cache does


class Memory:
    """Hands out places in one array, first as a plan; `make` then allocates it."""

    def __init__(self, dtype):
        self.dtype, self.size = np.dtype(dtype), 0
        self._values, self.array = [], None

    def place(self, size):
        """The place of so many numbers."""
        start, step = self.size, _LINE // self.dtype.itemsize
        self.size += -(-size // step) * step
        return start

    def number(self, value):
        """The place of one number."""
        start = self.place(1)
        self._values.append((start, value))
        return start

    def make(self):
        """Allocate it, zeros but for the numbers."""
        spare = _LINE // self.dtype.itemsize
        array = np.zeros(self.size + spare, self.dtype)
        offset = -array.ctypes.data % _LINE // self.dtype.itemsize
        self.array = array[offset : offset + self.size]
        for start, value in self._values:
            self.array[start] = value

    def view(self, start, shape):
        """The array at a place."""
        return self.array[start : start + int(np.prod(shape))].reshape(shape)


class Program:
    """Operations in the order in which they run."""

    def __init__(self):
        self._rows = []

    def add(self, name, sizes, *places):
        """Append an operation; ``sizes`` are up to three numbers."""
        row = [_CODES[name], *sizes, *[0] * (3 - len(sizes)), *places]
        self._rows.append(row + [0] * (_WIDTH - len(row)))

    def run(self, memory):
        """Carry it out; return whether all variances on the way were finite."""
        return _run(self._array, memory.array)

    def finish(self):
        """Make it ready to run."""
        self._array = np.array(self._rows, np.int64).reshape(-1, _WIDTH)
        return self


@compiled
def _matrix(memory, start, rows, columns):
    return memory[start : start + rows * columns].reshape(rows, columns)


@compiled
def _vector(memory, start, size):
    return memory[start : start + size]


@compiled
def _excess(var):
    """0, or NaN if an entry is not finite."""
    total = var[0] * 0
    for j in range(var.size):
        total += var[j] * 0
    return total


@compiled
def _run(program, memory):
    excess = memory.dtype.type(0)  # NaN as soon as a variance is not finite
    for k in range(program.shape[0]):
        row = program[k]
        op, n, d, m = row[0], row[1], row[2], row[3]
        p = row[4:]
        if op == _AFFINE:
            x, w = _matrix(memory, p[0], n, d), _matrix(memory, p[1], d, m)
            twins.affine_forward(x, w, _vector(memory, p[2], m), _matrix(memory, p[3], n, m))
        elif op == _BIAS:
            twins.add_bias(_vector(memory, p[0], m), _matrix(memory, p[1], n, m))
        elif op == _AFFINE_BACK:
            dout, x = _matrix(memory, p[0], n, m), _matrix(memory, p[1], n, d)
            dw, db = _matrix(memory, p[2], d, m), _vector(memory, p[3], m)
            twins.affine_backward(dout, x, dw, db)
        elif op == _AFFINE_BACK_INPUT:
            dout, w = _matrix(memory, p[0], n, m), _matrix(memory, p[1], d, m)
            twins.affine_backward_input(dout, w, _matrix(memory, p[2], n, d))
        elif op == _RELU:
            twins.relu_forward(_vector(memory, p[0], n), _vector(memory, p[1], n))
        elif op == _RELU_BACK:
            dout, x = _vector(memory, p[0], n), _vector(memory, p[1], n)
            twins.relu_backward(dout, x, _vector(memory, p[2], n))
        elif op == _MULTIPLY:
            x, mask = _vector(memory, p[0], n), _vector(memory, p[1], n)
            twins.multiply(x, mask, _vector(memory, p[2], n))
        elif op == _BATCHNORM:
            x = _matrix(memory, p[0], n, d)
            gamma, beta = _vector(memory, p[1], d), _vector(memory, p[2], d)
            out, xhat = _matrix(memory, p[4], n, d), _matrix(memory, p[5], n, d)
            std, mean = _vector(memory, p[6], d), _vector(memory, p[7], d)
            var, rounding = _vector(memory, p[8], d), _vector(memory, p[9], d)
            twins.batchnorm_forward(
                x, gamma, beta, memory[p[3]], out, xhat, std, mean, var, rounding
            )
            excess += _excess(var)
        elif op == _BATCHNORM_TEST:
            x = _matrix(memory, p[0], n, d)
            gamma, beta = _vector(memory, p[1], d), _vector(memory, p[2], d)
            mean, var = _vector(memory, p[4], d), _vector(memory, p[5], d)
            out, std = _matrix(memory, p[6], n, d), _vector(memory, p[7], d)
            twins.batchnorm_forward_test(x, gamma, beta, memory[p[3]], mean, var, out, std)
        elif op == _MOVE:
            running, sample = _vector(memory, p[0], d), _vector(memory, p[3], d)
            twins.move(running, memory[p[1]], memory[p[2]], sample)
        elif op == _BATCHNORM_BACK:
            dout, xhat = _matrix(memory, p[0], n, d), _matrix(memory, p[1], n, d)
            std, gamma = _vector(memory, p[2], d), _vector(memory, p[3], d)
            dx = _matrix(memory, p[4], n, d)
            dgamma, dbeta = _vector(memory, p[5], d), _vector(memory, p[6], d)
            scale, mean = _vector(memory, p[7], d), _vector(memory, p[8], d)
            mean_xhat = _vector(memory, p[9], d)
            twins.batchnorm_backward(
                dout, xhat, std, gamma, dx, dgamma, dbeta, scale, mean, mean_xhat
            )
        elif op == _LAYERNORM:
            x = _matrix(memory, p[0], n, d)
            gamma, beta = _vector(memory, p[1], d), _vector(memory, p[2], d)
            out, xhat = _matrix(memory, p[4], n, d), _matrix(memory, p[5], n, d)
            std, var = _vector(memory, p[6], n), _vector(memory, p[7], n)
            twins.layernorm_forward(x, gamma, beta, memory[p[3]], out, xhat, std, var)
            excess += _excess(var)
        elif op == _LAYERNORM_BACK:
            dout, xhat = _matrix(memory, p[0], n, d), _matrix(memory, p[1], n, d)
            std, gamma = _vector(memory, p[2], n), _vector(memory, p[3], d)
            dx = _matrix(memory, p[4], n, d)
            dgamma, dbeta = _vector(memory, p[5], d), _vector(memory, p[6], d)
            dxhat, product = _vector(memory, p[7], d), _vector(memory, p[8], d)
            twins.layernorm_backward(dout, xhat, std, gamma, dx, dgamma, dbeta, dxhat, product)
        elif op == _PENALTY:
            rules.penalize(_vector(memory, p[0], n), _vector(memory, p[1], n), memory[p[2]])
        else:
            w, dw = _vector(memory, p[0], n), _vector(memory, p[1], n)
            first, second = _vector(memory, p[2], n), _vector(memory, p[3], n)
            numbers = _vector(memory, p[4], rules.MOST_NUMBERS)
            if op == _SGD:
                rules.sgd(w, dw, first, second, numbers)
            elif op == _SGD_MOMENTUM:
                rules.sgd_momentum(w, dw, first, second, numbers)
            elif op == _RMSPROP:
                rules.rmsprop(w, dw, first, second, numbers)
            else:
                rules.adam(w, dw, first, second, numbers)
    return excess == 0
