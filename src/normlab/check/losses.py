"""Check softmax_loss and svm_loss: loss and gradient, the gradient also against the own loss."""

import numpy as np

from normlab import nn
from normlab.check.cases import layer_cases
from normlab.check.findings import Finding, distance, refuse_unlike, unpack
from normlab.check.layers import compare, refuse_changes


def check_loss(solution, name: str, finding: Finding) -> None:
    """Compare loss and dx with the library's; the second case has scores that overflow exp."""
    outputs = ("loss", "dx")
    for case in layer_cases("loss"):
        answer = solution.call(name, *case.copies())
        got = unpack(answer.result, outputs, case.where)
        expected = dict(zip(outputs, getattr(nn, name)(*case.copies()), strict=True))
        refuse_unlike(got, expected, case.where)
        if np.isfinite(got["loss"]):
            numerical = _own_gradient(solution, name, case)
            finding.against_numbers(distance(got["dx"], numerical))
        compare(name, finding, got, expected, case.where, case.given())
        refuse_changes(answer.changed, list(case.inputs))


def _own_gradient(solution, name, case):
    def loss_at(x):
        result = solution.call(name, x, case.inputs["y"], keep=False).result
        loss = unpack(result, ("loss", "dx"), case.where)["loss"]
        refuse_unlike({"loss": loss}, {"loss": 0.0}, case.where)
        return loss

    return nn.eval_numerical_gradient(loss_at, case.inputs["x"].copy())
