"""The convolutional net, which draws from the global generator."""

from cs231n.fast_layers import *
from cs231n.layer_utils import *
from cs231n.layers import *
from normlab import nn
from normlab.cs231n.legacy import GLOBAL


class ThreeLayerConvNet(nn.ThreeLayerConvNet):
    """As of normlab.nn."""

    def __init__(self, *args, **options):
        super().__init__(*args, **{"rng": GLOBAL} | options)
