"""Check layers that draw no random numbers: a forward pass, and a backward pass on its cache."""

import contextlib

import numpy as np

from normlab import nn
from normlab.check.cases import layer_cases
from normlab.check.findings import (
    LIBRARY_TOLERANCE,
    NUMERICAL_TOLERANCE,
    VARIANT,
    CannotTell,
    Finding,
    Flaw,
    Variant,
    distance,
    first_difference,
    refuse_unlike,
    settled,
    unlike,
    unpack,
)
from normlab.check.mistakes import likely_mistake


def check_forward(solution, name: str, finding: Finding, layer: str) -> None:
    """Compare outputs, and what is written into the param dict, with the library's."""
    library = getattr(nn, name)
    for case in layer_cases(layer):
        theirs = case.copies()
        answer = solution.call(name, *case.copies())
        got = {"out": unpack(answer.result, ("out", "cache"), case.where)["out"]}
        expected = {"out": library(*theirs)[0]}
        for key in nn.LAYERS[layer].options.memory if layer in nn.LAYERS else ():
            param = answer.arguments[-1].entries
            got[key], expected[key] = param.get(key), theirs[-1].get(key)
        compare(name, finding, got, expected, case.where, case.given())
        note_changes(finding, answer.changed, list(case.inputs))


def check_backward(solution, name: str, finding: Finding, layer: str, gradients) -> None:
    """Compare gradients with the library's, and with numerical ones of the student's own forward.

    What agrees with the student's own forward pass is right, even if that is not.
    """
    forward = forward_of(solution, name)
    library = getattr(nn, name)
    rng = np.random.default_rng(1)
    for case in layer_cases(layer):
        if case.param and case.param.get("mode") == "test":
            continue  # the assignment asks for no gradient in test mode
        true_out, true_cache = getattr(nn, forward)(*case.copies())
        dout = rng.standard_normal(true_out.shape)
        out, cache = own_forward(solution, forward, case)
        answer = solution.call(name, dout, cache)
        got = unpack(answer.result, gradients, case.where)
        expected = unpack(library(dout, true_cache), gradients, case.where)
        sound = is_like(out, true_out)
        numerical = own_gradients(solution, forward, case, dout, gradients) if sound else {}
        forward_is_right = sound and distance(out, true_out) <= LIBRARY_TOLERANCE
        for gradient, value in numerical.items():
            if is_like(got[gradient], value):
                finding.against_numbers(distance(got[gradient], value))
        if not forward_is_right:
            refuse_unlike(got, expected, case.where)
            _judge_by_own_forward(name, forward, finding, got, numerical)
        else:
            given = case.given(dout=dout)
            compare(name, finding, got, expected, case.where, given)
        note_changes(finding, answer.changed, ["dout", "cache"])


def forward_of(solution, name: str) -> str:
    """The forward pass whose cache a backward pass reads; a CannotTell if the file has none."""
    forward = name.removesuffix("_alt").replace("backward", "forward")
    if forward not in solution:
        raise CannotTell(f"define {forward} in the same file; {name} reads its cache")
    return forward


def own_forward(solution, forward: str, case) -> tuple:
    """Output and cache of the student's forward pass; a CannotTell if there are none."""
    with _mended_first(solution, forward):
        answer = solution.call(forward, *case.copies())
        out = unpack(answer.result, ("out", "cache"), case.where)["out"]
    return out, answer.kept[1]


def own_gradients(solution, forward: str, case, dout, gradients) -> dict:
    """Central differences of the student's forward pass, by name of the gradient."""
    numerical = {}
    for (quantity, value), gradient in zip(case.inputs.items(), gradients, strict=True):

        def outs_at(points, quantity=quantity):
            inputs = [case.inputs | {quantity: point} for point in points]
            calls = [[*each.values(), *case.params()] for each in inputs]
            with _mended_first(solution, forward):
                return firsts(solution, forward, calls, ("out", "cache"), dout, case.where)

        numerical[gradient] = central_differences(outs_at, value, dout)
    return numerical


def firsts(solution, name, calls, names, like, where) -> list:
    """The first of what each of many calls returns, under ``names``, as arrays like another."""
    found = [unpack(result, names, where)[names[0]] for result in solution.results(name, calls)]
    for value in found:
        refuse_unlike({names[0]: value}, {names[0]: like}, where)
    return found


def central_differences(outs_at, x, dout):
    """Central differences of ``sum(f(x) * dout)``, with all calls of f in a few messages.

    ``outs_at`` returns f at each of a list of points.
    """
    points = []

    def note(point):
        points.append(point.copy())
        return dout

    nn.eval_numerical_gradient_array(note, x.copy(), dout)
    outs = iter(outs_at(points))
    return nn.eval_numerical_gradient_array(lambda _: next(outs), x.copy(), dout)


def compare(name, finding, got: dict, expected: dict, where: str, given) -> None:
    """Keep the errors of all outputs; a Flaw tells each wrong one, with its likely cause.

    What is a `Variant` is noted, and makes the finding one.
    """
    told = []
    for output, value in got.items():
        right = expected[output]
        if right is None:
            continue
        value = settled(finding, output, value, right)
        if odd := unlike(output, value, right, where):
            told.append(odd)
            continue
        error = distance(value, right)
        if error <= LIBRARY_TOLERANCE:
            finding.against_library(error)
            continue
        mistake = likely_mistake(name, output, value, np.asarray(right), given)
        if isinstance(mistake, Variant):
            finding.state = VARIANT
            finding.note(str(mistake))
            continue
        finding.against_library(error)
        told.append(first_difference(output, value, right, where))
        if mistake:
            told.append(f"looks like {mistake}")
    if told:
        raise Flaw(*told)


@contextlib.contextmanager
def _mended_first(solution, forward):
    """What is wrong with a forward pass leaves open how its backward pass is."""
    try:
        yield
    except CannotTell:
        raise
    except Flaw:
        if forward == solution.current:
            raise
        raise CannotTell(f"mend {forward} first, whose cache it reads") from None


def note_changes(finding, changed, names) -> None:
    """Tell which of the first arguments, which have names, were changed in place."""
    for name in [names[number] for number in changed if number < len(names)]:
        finding.note(
            f"changes its argument {name} in place, which the caller may still need; "
            "write into a copy"
        )


def is_like(value, expected) -> bool:
    """Whether a value is an array of the shape of another, in float64."""
    return not unlike("", value, expected, "")


def _judge_by_own_forward(name, forward, finding, got, numerical):
    """The forward pass is wrong: only agreement with it can be told."""
    errors = [distance(got[gradient], value) for gradient, value in numerical.items()]
    if not errors or max(errors) > NUMERICAL_TOLERANCE:
        raise CannotTell(f"mend {forward} first, whose cache it reads")
    finding.note(f"the gradient of your own {forward}, which is wrong itself")
