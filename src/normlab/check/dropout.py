"""Check dropout, whose mask is random: it is read off the output and judged by its statistics."""

import numpy as np

from normlab.check.cases import layer_cases
from normlab.check.findings import (
    LIBRARY_TOLERANCE,
    VARIANT,
    Finding,
    Flaw,
    distance,
    refuse_unlike,
    unpack,
)
from normlab.check.layers import (
    compare,
    forward_of,
    is_like,
    note_changes,
    own_forward,
    own_gradients,
)


def check_dropout_forward(solution, name: str, finding: Finding) -> None:
    """Each kept entry must be x / p and the rest 0, a share of about p kept; in test mode x.

    The library's error is that against ``x * kept / p`` with the mask that the output shows.
    """
    for case in layer_cases("dropout"):
        x, p = case.inputs["x"], case.param["p"]
        answer = solution.call(name, *case.copies())
        out = unpack(answer.result, ("out", "cache"), case.where)["out"]
        refuse_unlike({"out": out}, {"out": x}, case.where)
        if case.param["mode"] == "train":
            if "layernorm_forward" not in solution and _is_of_2017(out, x, p):
                finding.state = VARIANT
                finding.note(_OF_2017)
                p = 1 - p
            _check_mask(solution, name, out, x, p, case)
            expected = np.where(out != 0, x / p, 0)
        else:
            expected = x
        compare(name, finding, {"out": out}, {"out": expected}, case.where, case.given())
        note_changes(finding, answer.changed, ["x"])


def check_dropout_backward(solution, name: str, finding: Finding) -> None:
    """The gradient must be dout times the mask of the student's own forward pass; in test, dout."""
    forward = forward_of(solution, name)
    rng = np.random.default_rng(1)
    for case in layer_cases("dropout")[1:]:
        x = case.inputs["x"]
        dout = rng.standard_normal(x.shape)
        out, cache = own_forward(solution, forward, case)
        answer = solution.call(name, dout, cache)
        got = unpack(answer.result, ("dx",), case.where)
        train = case.param["mode"] == "train"
        mask = out / x if train and is_like(out, x) else np.ones_like(x)
        refuse_unlike(got, {"dx": x}, case.where)
        if _same_mask_again(solution, forward, case, out):
            numerical = own_gradients(solution, forward, case, dout, ("dx",))["dx"]
            finding.against_numbers(distance(got["dx"], numerical))
        given = case.given(dout=dout, mask=mask)
        compare(name, finding, got, {"dx": dout * mask}, case.where, given)
        note_changes(finding, answer.changed, ["dout", "cache"])


_OF_2017 = (
    "the dropout of 2016 and 2017, whose p is the probability to drop; since 2018 it is the "
    "probability to keep"
)


def _is_of_2017(out, x, p):
    """Whether kept entries are divided by 1 - p, and as many are kept."""
    kept, share = out != 0, (out != 0).mean()
    as_then = kept.any() and distance(out, np.where(kept, x / (1 - p), 0)) <= LIBRARY_TOLERANCE
    return as_then and (x.size < 1000 or abs(share - (1 - p)) < abs(share - p))


def _check_mask(solution, name, out, x, p, case):
    """Flaws that show in the mask alone, before any number is compared."""
    kept = (out != 0).mean()
    spread = np.sqrt(p * (1 - p) / x.size)
    if kept == 1:
        raise Flaw(f"drops nothing in train mode ({case.where})")
    if x.size > 1000:
        if (out != 0).all(axis=0).any() or (out == 0).all(axis=0).any():
            raise Flaw(
                f"keeps or drops whole columns ({case.where})",
                "looks like a mask of one row; draw one number for each entry of x",
            )
        if abs(kept - (1 - p)) < 6 * spread:
            raise Flaw(
                f"keeps a share {kept:.2f} of the entries, expected {p} ({case.where})",
                "looks like p as the probability to drop; here p is the probability to keep",
            )
        if abs(kept - p) > 6 * spread:
            raise Flaw(f"keeps a share {kept:.2f} of the entries, expected {p} ({case.where})")
    if not _same_mask_again(solution, name, case, out):
        raise Flaw(
            f"two calls with the same seed drop different entries ({case.where})",
            "looks like a seed that is not used; "
            "hand dropout_param['seed'] to NumPy before the mask is drawn",
        )


def _same_mask_again(solution, forward, case, out):
    again = own_forward(solution, forward, case)[0]
    return is_like(again, out) and distance(again, out) <= LIBRARY_TOLERANCE
