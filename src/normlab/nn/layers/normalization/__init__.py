"""The normalizations, a file a member. One that is imported here can be used by name."""

from normlab.nn.layers.layer import LAYERS
from normlab.nn.layers.normalization import batchnorm, dyt, layernorm, rmsnorm

NORMALIZATIONS = {
    name: layer for name, layer in LAYERS.items() if layer.body.__module__.startswith(__name__)
}
"""Name -> Layer."""

__all__ = ["NORMALIZATIONS", "batchnorm", "dyt", "layernorm", "rmsnorm"]
