import pytest

from normlab import nn
from normlab.ledger import judge
from normlab.ledger.exact import GRADIENTS

IDENTITIES = GRADIENTS[4:]


def test_each_identity_holds():
    assert len(IDENTITIES) == 8
    for verdict in judge(IDENTITIES, seeds=5).values():
        assert verdict.state == "supported", verdict.statement
        assert verdict.mean <= verdict.margin == 1e-10, verdict.statement


def broken(seeds=2):
    return {v.name for v in judge(IDENTITIES, seeds=seeds).values() if v.state == "refuted"}


def scaled(function, number, factor):
    """``function`` with one of its results multiplied by ``factor``."""

    def wrong(*arguments):
        results = list(function(*arguments))
        results[number] = results[number] * factor
        return tuple(results)

    return wrong


@pytest.mark.parametrize(
    ("name", "number", "caught_by"),
    [
        ("batchnorm_backward_alt", 0, "two-backward-passes"),
        ("batchnorm_backward_alt", 0, "orthogonal-to-output"),
        ("batchnorm_backward_alt", 0, "batch-of-two"),
        ("batchnorm_backward_alt", 1, "two-backward-passes"),
        ("batchnorm_backward", 2, "two-backward-passes"),
        ("affine_norm_relu_backward", 1, "weight-gradient-orthogonal"),
        ("layernorm_forward", 0, "layernorm-transposes"),
    ],
)
def test_a_planted_error_is_caught(name, number, caught_by, monkeypatch):
    monkeypatch.setattr(nn, name, scaled(getattr(nn, name), number, 1.001))
    assert caught_by in broken()


def test_a_gradient_that_does_not_sum_to_zero_is_caught(monkeypatch):
    right = nn.batchnorm_backward_alt

    def wrong(dout, cache):
        dx, dgamma, dbeta = right(dout, cache)
        return dx + 1e-6, dgamma, dbeta

    monkeypatch.setattr(nn, "batchnorm_backward_alt", wrong)
    assert "zero-sum" in broken()


def test_an_eps_in_the_wrong_place_is_caught(monkeypatch):
    right = nn.affine_norm_relu_forward

    def wrong(x, w, b, gamma, beta, bn_param):
        return right(x, w, b, gamma, beta, bn_param | {"eps": 1e-3})

    monkeypatch.setattr(nn, "affine_norm_relu_forward", wrong)
    assert "scale-invariance" in broken()


def test_a_bias_that_is_not_inert_is_caught(monkeypatch):
    right = nn.affine_norm_relu_backward

    def wrong(dout, cache):
        dx, dw, _, dgamma, dbeta = right(dout, cache)
        return dx, dw, dout.sum(axis=0), dgamma, dbeta

    monkeypatch.setattr(nn, "affine_norm_relu_backward", wrong)
    assert "inert-bias" in broken()
