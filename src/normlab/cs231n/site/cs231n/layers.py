"""The layers of the assignment."""

from normlab import nn
from normlab.cs231n.legacy import dropout_forward, with_floats
from normlab.nn import (
    affine_backward,
    batchnorm_backward,
    batchnorm_backward_alt,
    conv_backward_naive,
    dropout_backward,
    layernorm_backward,
    max_pool_backward_naive,
    max_pool_forward_naive,
    relu_backward,
    relu_forward,
    softmax_loss,
    spatial_batchnorm_backward,
    spatial_groupnorm_backward,
    svm_loss,
)

affine_forward = with_floats(nn.affine_forward)
batchnorm_forward = with_floats(nn.batchnorm_forward)
layernorm_forward = with_floats(nn.layernorm_forward)
conv_forward_naive = with_floats(nn.conv_forward_naive)
spatial_batchnorm_forward = with_floats(nn.spatial_batchnorm_forward)
spatial_groupnorm_forward = with_floats(nn.spatial_groupnorm_forward)

__all__ = [
    "affine_backward",
    "affine_forward",
    "batchnorm_backward",
    "batchnorm_backward_alt",
    "batchnorm_forward",
    "conv_backward_naive",
    "conv_forward_naive",
    "dropout_backward",
    "dropout_forward",
    "layernorm_backward",
    "layernorm_forward",
    "max_pool_backward_naive",
    "max_pool_forward_naive",
    "relu_backward",
    "relu_forward",
    "softmax_loss",
    "spatial_batchnorm_backward",
    "spatial_batchnorm_forward",
    "spatial_groupnorm_backward",
    "spatial_groupnorm_forward",
    "svm_loss",
]
