"""The numerical library: layers, networks and training, in NumPy and nothing else.

A layer is a pair of functions, ``out, cache = name_forward(...)`` and
``dx, ... = name_backward(dout, cache)``, where dout is the gradient of the loss with respect to
out, and a declaration above them (see `normlab.nn.layers.layer`). Names, argument order and
return values are those of assignment 2 of Stanford's CS231n.

What does not fit is refused, in one line that names the function, the value and the way out: a
wrong type or dtype by a TypeError, anything else by a ValueError, which is a `NonFiniteError` for
NaN and infinity. Arrays are float32 or float64, the same in all arguments, and never empty; the
cache and dout of a backward pass are those of its forward pass.

Symbols, in all the shapes here:

====  =====================================================
N     examples in a batch
D     entries of one example, or features of a hidden layer
H     units of a hidden layer; of an image, its height
M     outputs of an affine layer
C     classes; of an image, its channels
W     width of an image; in params, the weights of a layer
L     layers with weights, the output layer included
====  =====================================================
"""

from normlab.nn.checks import NonFiniteError, measuring_gradients
from normlab.nn.comparison import rel_error
from normlab.nn.gradients import (
    complex_step_gradient,
    complex_step_gradient_array,
    eval_numerical_gradient,
    eval_numerical_gradient_array,
)
from normlab.nn.layers import LAYERS, NORMALIZATIONS
from normlab.nn.layers.affine import affine_backward, affine_forward
from normlab.nn.layers.composites import (
    affine_norm_relu_backward,
    affine_norm_relu_forward,
    affine_relu_backward,
    affine_relu_forward,
    conv_bn_relu_backward,
    conv_bn_relu_forward,
    conv_relu_backward,
    conv_relu_forward,
    conv_relu_pool_backward,
    conv_relu_pool_forward,
)
from normlab.nn.layers.convolution import (
    conv_backward_fast,
    conv_backward_naive,
    conv_forward_fast,
    conv_forward_naive,
)
from normlab.nn.layers.dropout import dropout_backward, dropout_forward
from normlab.nn.layers.losses import softmax_loss, svm_loss
from normlab.nn.layers.normalization.batchnorm import (
    batchnorm_backward,
    batchnorm_backward_alt,
    batchnorm_forward,
)
from normlab.nn.layers.normalization.layernorm import layernorm_backward, layernorm_forward
from normlab.nn.layers.pooling import (
    max_pool_backward_fast,
    max_pool_backward_naive,
    max_pool_forward_fast,
    max_pool_forward_naive,
)
from normlab.nn.layers.relu import relu_backward, relu_forward
from normlab.nn.layers.spatial import (
    spatial_batchnorm_backward,
    spatial_batchnorm_forward,
    spatial_groupnorm_backward,
    spatial_groupnorm_forward,
)
from normlab.nn.layers.windows import col2im_indices, im2col_indices
from normlab.nn.nets import SPATIAL, ConvNet, FullyConnectedNet, ThreeLayerConvNet, TwoLayerNet
from normlab.nn.network import Network
from normlab.nn.optimizers import UPDATE_RULES, adam, rmsprop, sgd, sgd_momentum
from normlab.nn.snapshots import Snapshot, restore_snapshot, take_snapshot
from normlab.nn.solver import Solver


def __getattr__(name):
    """The functions of a layer that was declared in a file of its own, as if named above."""
    for layer in LAYERS.values():
        for function in (layer.forward, *layer.backwards):
            if function.__name__ == name:
                return function
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


__all__ = [
    "LAYERS",
    "NORMALIZATIONS",
    "SPATIAL",
    "UPDATE_RULES",
    "ConvNet",
    "FullyConnectedNet",
    "Network",
    "NonFiniteError",
    "Snapshot",
    "Solver",
    "ThreeLayerConvNet",
    "TwoLayerNet",
    "adam",
    "affine_backward",
    "affine_forward",
    "affine_norm_relu_backward",
    "affine_norm_relu_forward",
    "affine_relu_backward",
    "affine_relu_forward",
    "batchnorm_backward",
    "batchnorm_backward_alt",
    "batchnorm_forward",
    "col2im_indices",
    "complex_step_gradient",
    "complex_step_gradient_array",
    "conv_backward_fast",
    "conv_backward_naive",
    "conv_bn_relu_backward",
    "conv_bn_relu_forward",
    "conv_forward_fast",
    "conv_forward_naive",
    "conv_relu_backward",
    "conv_relu_forward",
    "conv_relu_pool_backward",
    "conv_relu_pool_forward",
    "dropout_backward",
    "dropout_forward",
    "eval_numerical_gradient",
    "eval_numerical_gradient_array",
    "im2col_indices",
    "layernorm_backward",
    "layernorm_forward",
    "max_pool_backward_fast",
    "max_pool_backward_naive",
    "max_pool_forward_fast",
    "max_pool_forward_naive",
    "measuring_gradients",
    "rel_error",
    "relu_backward",
    "relu_forward",
    "restore_snapshot",
    "rmsprop",
    "sgd",
    "sgd_momentum",
    "softmax_loss",
    "spatial_batchnorm_backward",
    "spatial_batchnorm_forward",
    "spatial_groupnorm_backward",
    "spatial_groupnorm_forward",
    "svm_loss",
    "take_snapshot",
]
