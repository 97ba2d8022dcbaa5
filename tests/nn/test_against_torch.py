"""A second oracle, where PyTorch happens to be installed; normlab does not need it."""

import numpy as np
import pytest
from autograd_oracle import assert_agree

from normlab import nn

torch = pytest.importorskip("torch", reason="PyTorch, the second oracle, is not installed")
functional = torch.nn.functional


def leaf(array):
    return torch.tensor(array, requires_grad=True)


@pytest.mark.parametrize("normalization", ["batchnorm", "layernorm"])
@pytest.mark.parametrize("seed", range(5))
def test_norm_layers(normalization, seed):
    rng = np.random.default_rng(seed)
    x, dout = rng.standard_normal((2, 9, 6))
    gamma, beta = rng.standard_normal((2, 6))
    args = [leaf(a) for a in (x, gamma, beta)]
    if normalization == "batchnorm":
        theirs = functional.batch_norm(args[0], None, None, *args[1:], training=True, eps=1e-5)
        out, cache = nn.batchnorm_forward(x, gamma, beta, {"mode": "train"})
        backwards = [nn.batchnorm_backward, nn.batchnorm_backward_alt]
    else:
        theirs = functional.layer_norm(args[0], (6,), *args[1:], eps=1e-5)
        out, cache = nn.layernorm_forward(x, gamma, beta, {})
        backwards = [nn.layernorm_backward]
    theirs.backward(torch.tensor(dout))
    assert_agree(out, theirs.detach().numpy())
    for backward in backwards:
        for ours, arg in zip(backward(dout, cache), args, strict=True):
            assert_agree(ours, arg.grad.numpy())


def test_losses():
    rng = np.random.default_rng(0)
    x, y = rng.standard_normal((6, 4)), rng.integers(4, size=6)
    for ours, theirs in (
        (nn.softmax_loss, functional.cross_entropy),
        # theirs is a mean over the classes as well
        (nn.svm_loss, lambda x, y: 4 * functional.multi_margin_loss(x, y)),
    ):
        scores = leaf(x)
        expected = theirs(scores, torch.tensor(y))
        expected.backward()
        loss, dx = ours(x, y)
        assert loss == pytest.approx(expected.item(), rel=1e-14)
        assert_agree(dx, scores.grad.numpy())


@pytest.mark.parametrize(
    ("rule", "theirs"),
    [
        (nn.sgd, lambda w: torch.optim.SGD([w], lr=1e-2)),
        (nn.rmsprop, lambda w: torch.optim.RMSprop([w], lr=1e-2, alpha=0.99)),
        (nn.adam, lambda w: torch.optim.Adam([w], lr=1e-3)),
        (nn.sgd_momentum, lambda w: torch.optim.SGD([w], lr=1e-2, momentum=0.9)),
    ],
)
def test_optimizers(rule, theirs):
    rng = np.random.default_rng(0)
    w, config = rng.standard_normal((3, 4)), None
    their_w = leaf(w)
    optimizer = theirs(their_w)
    for _ in range(10):
        dw = rng.standard_normal((3, 4))
        their_w.grad = torch.tensor(dw)
        optimizer.step()
        w, config = rule(w, dw, config)
    assert_agree(w, their_w.detach().numpy())
