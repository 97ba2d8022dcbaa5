"""Check softmax_loss and svm_loss: loss and gradient, the gradient also against the own loss."""

import numpy as np

from normlab import nn
from normlab.check.cases import layer_cases
from normlab.check.findings import Finding, distance, refuse_unlike, unpack
from normlab.check.layers import central_differences, compare, firsts, note_changes


def check_loss(solution, name: str, finding: Finding) -> None:
    """Compare loss and dx with the library's; the second case has scores that overflow exp."""
    outputs = ("loss", "dx")
    for case in layer_cases("loss"):
        answer = solution.call(name, *case.copies())
        got = unpack(answer.result, outputs, case.where)
        expected = unpack(getattr(nn, name)(*case.copies()), outputs, case.where)
        refuse_unlike(got, expected, case.where)
        if np.isfinite(got["loss"]):
            numerical = _own_gradient(solution, name, case)
            finding.against_numbers(distance(got["dx"], numerical))
        compare(name, finding, got, expected, case.where, case.given())
        note_changes(finding, answer.changed, list(case.inputs))


def _own_gradient(solution, name, case):
    def losses_at(points):
        calls = [(point, case.inputs["y"]) for point in points]
        return firsts(solution, name, calls, ("loss", "dx"), 0.0, case.where)

    return central_differences(losses_at, case.inputs["x"], np.ones(()))
