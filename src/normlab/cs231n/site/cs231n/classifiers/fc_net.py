"""Fully connected nets, which draw from the global generator."""

import numpy as np

from cs231n.layer_utils import *
from cs231n.layers import *
from normlab import nn
from normlab.cs231n.legacy import GLOBAL, dropout_options, drops, keep_ratio


class TwoLayerNet(nn.TwoLayerNet):
    """As of normlab.nn."""

    def __init__(self, *args, **options):
        super().__init__(*args, **{"rng": GLOBAL} | options)


class FullyConnectedNet(nn.FullyConnectedNet):
    """As of normlab.nn, with the arguments of all years.

    ``dropout_keep_ratio`` came in 2021; ``dropout`` was the same before, and until 2017 the
    probability to drop a unit. ``use_batchnorm`` is of these years, too.
    """

    def __init__(
        self,
        hidden_dims,
        input_dim=3 * 32 * 32,
        num_classes=10,
        dropout_keep_ratio=1,
        normalization=None,
        reg=0.0,
        weight_scale=1e-2,
        dtype=np.float32,
        seed=None,
        dropout=None,
        use_batchnorm=False,
    ):
        keep = dropout_keep_ratio if dropout is None else keep_ratio(dropout)
        super().__init__(
            hidden_dims,
            input_dim,
            num_classes,
            keep,
            "batchnorm" if use_batchnorm else normalization,
            reg,
            weight_scale,
            dtype,
            rng=GLOBAL,
        )
        if self.use_dropout:
            p = 1 - keep if drops() else keep
            self.dropout_param.update(dropout_options({"mode": "train", "p": p, "seed": seed}))
