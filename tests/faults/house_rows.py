"""Faults of a download, and of numbers that a notebook hands to the library."""

from faults.fault import Fault, cells

NN = "import numpy as np\nfrom normlab import nn\none, nan = np.ones(2), np.array([0, np.nan])"


def no_network(place):
    place.environment |= {"HTTPS_PROXY": "http://127.0.0.1:1"}


ROWS = [
    cells(
        "a running mean that is no number",
        "batchnorm_forward: running_mean[1] is nan; look for the step that made it",
        f"{NN}\nparam = {{'mode': 'test', 'running_mean': nan}}\n"
        "nn.batchnorm_forward(np.ones((3, 2)), one, one, param)",
    ),
    cells(
        "a numerical gradient whose step vanishes",
        "x[0] is 1e+20, whose rounding hides h = 1e-05; pass a larger h",
        f"{NN}\nnn.eval_numerical_gradient(np.sum, 1e20 * one)",
    ),
    cells(
        "booleans for numbers",
        "rel_error: x has dtype bool; pass numbers",
        f"{NN}\nnn.rel_error(one > 0, one)",
    ),
    Fault(
        "no network for a download",
        2,
        "no connection to https://www.cs.toronto.edu",
        command="data",
        arguments=("fetch", "cifar10", "--data-dir", "here"),
        prepare=no_network,
    ),
]
