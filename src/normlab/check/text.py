"""What was found, as text for a terminal."""

from normlab.plain import printable


def as_text(checked) -> str:
    """A line a function with its errors, its notes below it, and how many are right."""
    width = max(len(finding.name) for finding in checked.findings)
    lines = [f"{'':{width}}  {'':7}  {'library':>9}  {'numerical':>9}"]
    for finding in checked.findings:
        errors = f"{shown(finding.library):>9}  {shown(finding.numerical):>9}"
        lines.append(f"{finding.name:{width}}  {finding.state:7}  {errors}")
        lines += [f"    {note}" for note in finding.notes]
    lines += ["", *checked.hints, summary(checked)]
    return "\n".join(lines)


def summary(checked) -> str:
    """How many functions are right: "7 of 9 functions are right"."""
    number = len(checked.findings)
    right = sum(finding.is_right for finding in checked.findings)
    if all_right(checked):
        return "the function is right" if number == 1 else f"all {number} functions are right"
    return f"{right} of {number} functions {'is' if right == 1 else 'are'} right"


def all_right(checked) -> bool:
    """Whether every function is right."""
    return all(finding.is_right for finding in checked.findings)


def one_line(text: object) -> str:
    """A text of the student's for a terminal: no line breaks, no escape codes, not too long."""
    return printable(" ".join(str(text).split()))[:200]


def shown(error) -> str:
    """An error with one digit; a dash where nothing was compared."""
    if error is None:
        return "-"
    return "0" if error == 0 else f"{error:.0e}"
