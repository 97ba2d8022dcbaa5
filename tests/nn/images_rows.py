"""Bad input of the layers of images, as rows of test_bad_input."""

import numpy as np

from normlab import nn

X, W, B = np.ones((2, 4, 5, 6)), np.ones((3, 4, 3, 3)), np.ones(3)
CONV, POOL = {"stride": 1, "pad": 1}, {"pool_height": 2, "pool_width": 2, "stride": 2}
GAMMA, PLANES = np.ones(4), np.ones((1, 4, 1, 1))
TRAIN = {"mode": "train"}
SMALL = {"input_dim": (1, 4, 4), "num_filters": 2, "filter_size": 3, "hidden_dim": 3}


def conv(kind, x=X, w=W, b=B, **changed):
    return getattr(nn, f"conv_forward_{kind}")(x, w, b, CONV | changed)


def pool(kind, x=X, **changed):
    return getattr(nn, f"max_pool_forward_{kind}")(x, POOL | changed)


def group(x=X, gamma=PLANES, beta=PLANES, G=2, **gn_param):
    return nn.spatial_groupnorm_forward(x, gamma, beta, G, gn_param)


def _rows():
    for kind in ("naive", "fast"):
        where, back = f"conv_forward_{kind}", f"conv_backward_{kind}"
        yield (
            ValueError,
            f"{where}: x has shape (4, 5, 6); expected (N, C, H, W)",
            lambda k=kind: conv(k, X[0]),
        )
        yield ValueError, f"{where}: w has shape (3, 2, 3, 3)", lambda k=kind: conv(k, w=W[:, :2])
        yield (
            ValueError,
            f"{where}: b has shape (2,); expected (3,), as w is",
            lambda k=kind: conv(k, b=B[:2]),
        )
        yield (
            ValueError,
            f"{where}: x has shape (2, 4, 5, 6) and the window is 9 by 9; expected",
            (lambda k=kind: conv(k, w=np.ones((3, 4, 9, 9)))),
        )
        yield (
            ValueError,
            f"{where}: stride is 0; expected at least 1",
            lambda k=kind: conv(k, stride=0),
        )
        yield ValueError, f"{where}: pad is -1; expected at least 0", lambda k=kind: conv(k, pad=-1)
        yield (
            ValueError,
            f"{where}: conv_param has no 'stride'; add it",
            lambda k=kind: getattr(nn, f"conv_forward_{k}")(X, W, B, {"pad": 1}),
        )
        yield (
            ValueError,
            f"{back}: dout has shape (2, 4, 5, 6); expected (2, 3, 5, 6)",
            (lambda k=kind, back=back: getattr(nn, back)(X, conv(k)[1])),
        )
        where, back = f"max_pool_forward_{kind}", f"max_pool_backward_{kind}"
        yield (
            ValueError,
            f"{where}: x has shape (2, 4, 5, 6) and the window is 7 by 2; expected",
            (lambda k=kind: pool(k, pool_height=7)),
        )
        yield (
            TypeError,
            f"{where}: pool_width is 1.5; expected a whole number",
            lambda k=kind: pool(k, pool_width=1.5),
        )
        yield (
            TypeError,
            f"{back}: cache is of type tuple; expected the MaxPoolCache that max_pool",
            (lambda back=back: getattr(nn, back)(X, ())),
        )


ROWS = [
    *_rows(),
    (ValueError, "spatial_batchnorm_forward: x has shape (1, 4, 1, 1); one value of a channel has",
     lambda: nn.spatial_batchnorm_forward(X[:1, :, :1, :1], GAMMA, GAMMA, dict(TRAIN))),
    (ValueError, "spatial_batchnorm_forward: gamma has shape (1, 4, 1, 1); expected (4,), as x",
     lambda: nn.spatial_batchnorm_forward(X, PLANES, GAMMA, dict(TRAIN))),
    (ValueError, "spatial_batchnorm_forward: running_mean has shape (6,); expected (4,), as the",
     lambda: nn.spatial_batchnorm_forward(X, GAMMA, GAMMA, TRAIN | {"running_mean": np.ones(6)})),
    (TypeError, "spatial_batchnorm_backward: cache is of type dict; expected the SpatialBatchNorm",
     lambda: nn.spatial_batchnorm_backward(X, {})),
    (ValueError, "spatial_groupnorm_forward: G is 3 and x has 4 channels; expected a G that divid",
     lambda: group(G=3)),
    (ValueError, "spatial_groupnorm_forward: G is 0; expected at least 1",
     lambda: group(G=0)),
    (ValueError, "spatial_groupnorm_forward: gamma has shape (4,); expected (1, 4, 1, 1), as",
     lambda: group(gamma=GAMMA)),
    (ValueError, "spatial_groupnorm_forward: beta has shape (2, 4, 1, 1); expected (1, 4, 1, 1)",
     lambda: group(beta=np.ones((2, 4, 1, 1)))),
    (ValueError, "spatial_groupnorm_backward: dout has shape (1, 4, 5, 6); expected (2, 4, 5, 6)",
     lambda: nn.spatial_groupnorm_backward(X[:1], group()[1])),
    (TypeError, "conv_relu_backward: cache is of type int; expected the ConvReluCache that "
     "conv_relu_forward returns",
     lambda: nn.conv_relu_backward(X, 1)),
    (TypeError, "conv_relu_pool_backward: cache is of type int; expected the ConvReluPoolCache "
     "that conv_relu_pool_forward returns",
     lambda: nn.conv_relu_pool_backward(X, 1)),
    (TypeError, "conv_bn_relu_backward: cache is of type int; expected the ConvBNReluCache that "
     "conv_bn_relu_forward returns",
     lambda: nn.conv_bn_relu_backward(X, 1)),
    (ValueError, "im2col_indices: x has shape (2, 4, 5, 6) and the window is 9 by 3; expected one",
     lambda: nn.im2col_indices(X, 9, 3)),
    (ValueError, "col2im_indices: x has shape (2, 4, 5, 6) and the window is 9 by 3; expected one",
     lambda: nn.col2im_indices(X, X.shape, 9, 3)),
    (ValueError, "ConvNet: unknown normalization 'batch'; did you mean 'batchnorm'?",
     lambda: nn.ConvNet((2,), (1, 4, 4), normalization="batch")),
    (ValueError, "ConvNet: groups is 3 and filters[1] is 4; expected groups that divide it",
     lambda: nn.ConvNet((3, 4), (1, 4, 4), normalization="groupnorm", groups=3)),
    (ValueError, "ThreeLayerConvNet: filter_size is 4 and an image 4 by 4; expected an odd filter",
     lambda: nn.ThreeLayerConvNet(**SMALL | {"filter_size": 4})),
    (ValueError, "ThreeLayerConvNet: num_filters is 0; expected at least 1",
     lambda: nn.ThreeLayerConvNet(**SMALL | {"num_filters": 0})),
    (ValueError, "TwoLayerNet: X has shape (2, 5); expected N examples of 3 entries each",
     lambda: nn.TwoLayerNet(3, 4, 2, rng=0).loss(np.ones((2, 5)))),
]  # fmt: skip
PASSED_ON = {"conv_relu_forward", "conv_relu_pool_forward", "conv_bn_relu_forward"}
