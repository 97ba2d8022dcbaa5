"""What no code on this BLAS can beat: the necessary matrix products, and one pass of Adam.

Products alone, into arrays made once: forward, weight gradient, and input gradient for all
layers but the first. Then one pass over weights, gradients and both moments, in C. There is no
minibatch, no normalization, no relu, no loss.
"""

import ctypes
import functools
import platform
import shutil
import subprocess
import tempfile
from itertools import pairwise
from pathlib import Path

import numpy as np

from benchmarks.workloads import LEARNING_RATE

ADAM = r"""
#include <math.h>
void adam(long n, float *restrict w, const float *restrict dw, float *restrict m,
          float *restrict v, float rate, float unbias, float epsilon) {
    for (long i = 0; i < n; i++) {
        m[i] = 0.9f * m[i] + 0.1f * dw[i];
        v[i] = 0.999f * v[i] + 0.001f * dw[i] * dw[i];
        w[i] -= rate * m[i] / (sqrtf(v[i] * unbias) + epsilon);
    }
}
"""


def start(workload, nets=1, update=True, reference=True):
    """``update`` tells whether Adam is part of it; ``reference``, whether C stays with AVX2."""
    machine = "haswell" if reference and platform.machine() == "x86_64" else "native"
    function = compiled_adam(machine) if update else None
    steps = [_net(workload, function) for _ in range(nets)]

    def step():
        for one in steps:
            one()

    return step, nets


def versions():
    return {}


def has_compiler():
    """Whether there is a C compiler to make Adam with."""
    return shutil.which("cc") is not None


@functools.cache
def compiled_adam(machine="native"):
    """The C function for a kind of machine, with its types."""
    with tempfile.TemporaryDirectory() as folder:
        source, library = Path(folder, "adam.c"), Path(folder, "adam.so")
        source.write_text(ADAM)
        options = ["-O3", f"-march={machine}", "-fno-math-errno", "-shared", "-fPIC"]
        subprocess.run(["cc", *options, source, "-o", library, "-lm"], check=True)
        function = ctypes.CDLL(str(library)).adam
    function.argtypes = [ctypes.c_long] + [ctypes.c_void_p] * 4 + [ctypes.c_float] * 3
    function.restype = None
    return function


def adam_on(function, w, dw, m, v, rate=LEARNING_RATE):
    """``update()``: one more step of Adam on flat float32 arrays, which change in place."""
    arrays = (w, dw, m, v)
    pointers = [array.ctypes.data for array in arrays]
    t = 0

    def update():
        nonlocal t
        t += 1
        function(arrays[0].size, *pointers, rate / (1 - 0.9**t), 1 / (1 - 0.999**t), 1e-8)

    return update


def _net(workload, function):
    """One update of one net, on random numbers."""
    rng = np.random.default_rng(0)
    dims = workload.dims
    shapes = [*pairwise(dims)]
    size = sum((fan_in + 3) * fan_out for fan_in, fan_out in shapes) - 2 * dims[-1]
    w, dw = (rng.standard_normal(size, np.float32) for _ in range(2))
    m, v = np.zeros((2, size), np.float32)
    signals = [rng.standard_normal((workload.batch_size, dim), np.float32) for dim in dims]
    products = _products(signals, _matrices(w, shapes), _matrices(dw, shapes))
    adam = adam_on(function, w, dw, m, v) if function else None

    def step():
        for a, b, out in products:
            np.matmul(a, b, out=out)
        if adam:
            adam()

    return step


def _matrices(flat, shapes):
    """The weight matrices that lie at the beginning of a flat array."""
    matrices, begin = [], 0
    for fan_in, fan_out in shapes:
        matrices.append(flat[begin : begin + fan_in * fan_out].reshape(fan_in, fan_out))
        begin += fan_in * fan_out
    return matrices


def _products(signals, weights, weight_grads):
    """The products of one update: left and right factor, and where the result goes."""
    outs = [np.empty_like(signal) for signal in signals]
    products = [(signals[i], w, outs[i + 1]) for i, w in enumerate(weights)]
    for i in reversed(range(len(weights))):
        products.append((signals[i].T, signals[i + 1], weight_grads[i]))
        if i:
            products.append((signals[i + 1], weights[i].T, outs[i]))
    return products
