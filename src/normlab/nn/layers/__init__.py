"""The layers, a file each: NumPy functions, and above each the declaration of what it takes."""

from normlab.nn.layers import (
    affine,
    composites,
    convolution,
    dropout,
    groupnorm,
    losses,
    normalization,
    pooling,
    relu,
    saturating,
    spatial,
    weightnorm,
)
from normlab.nn.layers.layer import LAYERS
from normlab.nn.layers.normalization import NORMALIZATIONS

__all__ = [
    "LAYERS",
    "NORMALIZATIONS",
    "affine",
    "composites",
    "convolution",
    "dropout",
    "groupnorm",
    "losses",
    "normalization",
    "pooling",
    "relu",
    "saturating",
    "spatial",
    "weightnorm",
]
