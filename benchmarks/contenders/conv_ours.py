"""The conv net of normlab: readable layers, forward and backward."""

import numpy as np

from benchmarks.workloads import images
from normlab import nn
from normlab.nn.layers import LAYERS
from normlab.nn.network import Node


def start(workload):
    X, y = images(workload)
    net = _net(workload)

    def step():
        net.loss(X, y)

    return step, 1


def versions():
    return {"NumPy": np.__version__}


def _net(workload):
    """ThreeLayerConvNet, with a normalization in front of its first relu."""
    net = nn.ThreeLayerConvNet(rng=0)
    channels = len(net.params["b1"])
    extra = {
        "none": [],
        "batchnorm": [Node(LAYERS["spatial_batchnorm"], ("g", "c"), {"mode": "train"})],
        "groupnorm": [Node(LAYERS["spatial_groupnorm"], ("g", "c"), {}, (4,))],
    }[workload.normalization]
    shape = (1, channels, 1, 1) if workload.normalization == "groupnorm" else (channels,)
    if extra:
        net.params |= {"g": np.ones(shape, np.float32), "c": np.zeros(shape, np.float32)}
    return nn.Network([net.nodes[0], *extra, *net.nodes[1:]], net.params)
