"""Faults planted in the library change verdicts: each is caught by a claim, which is named here."""

import numpy as np
import pytest

from normlab import nn
from normlab.experiments import invariances
from normlab.ledger import GRADIENTS, INVARIANCES, judge
from normlab.nn.layers.normalization import batchnorm
from normlab.runs.grids import Grid


class Outcomes(Grid):
    """Outcomes of this process, with the code as it is now."""

    def values(self, name, **fixed):
        return self.each(lambda outcome: np.asarray(outcome[name]), fixed)


def state_of(name):
    """The state of a claim of page 01 or 06, from three seeds."""
    found = {c.name: c for c in (*GRADIENTS, *INVARIANCES)}
    results = np.empty(3, dtype=object)
    results[:] = [invariances.identities(seed) for seed in range(3)]
    identities = Outcomes({}, (0, 1, 2), results)
    return judge([found[name]], identities=identities, seeds=3)[name].state


def without_eps(x, gamma, beta, bn_param):
    """Batch norm with an eps that does not count."""
    return batchnorm.batchnorm_forward(x, gamma, beta, bn_param | {"eps": 1e-30})


def with_unbiased_running_variance(x, gamma, beta, bn_param):
    """Batch norm whose running variance is corrected by N / (N - 1)."""
    before = np.array(bn_param.get("running_var", np.zeros(x.shape[1])))
    out, cache = batchnorm.batchnorm_forward(x, gamma, beta, bn_param)
    if bn_param["mode"] == "train":
        momentum = bn_param.get("momentum", 0.9)
        own = (bn_param["running_var"] - momentum * before) / (1 - momentum)
        corrected = momentum * before + (1 - momentum) * own * len(x) / (len(x) - 1)
        bn_param["running_var"] = corrected
    return out, cache


def with_a_wrong_sign(dout, cache):
    """The closed form, with the last term added instead of subtracted."""
    dx, dgamma, dbeta = batchnorm.batchnorm_backward_alt(dout, cache)
    mean = (dout * cache.gamma * cache.xhat).mean(axis=0)
    return dx + 2 * cache.xhat * mean / cache.std, dgamma, dbeta


def adam_without_correction(w, dw, config):
    """Adam as if it had run for ever."""
    moved, config = nn.optimizers.adam(w, dw, {**config, "t": 10**6})
    return moved, config


PLANTED = [
    ("eps", "batchnorm_forward", without_eps),
    ("running", "batchnorm_forward", with_unbiased_running_variance),
    ("two-backward-passes", "batchnorm_backward_alt", with_a_wrong_sign),
    ("first-step", "adam", adam_without_correction),
]


@pytest.mark.parametrize(("name", "function", "fault"), PLANTED, ids=[p[0] for p in PLANTED])
def test_a_planted_fault_turns_a_verdict(name, function, fault, monkeypatch):
    assert state_of(name) == "supported"
    monkeypatch.setattr(nn, function, fault)
    assert state_of(name) == "refuted"
