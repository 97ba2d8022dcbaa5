"""Numbers as people read them: one way to write an interval, a power of ten, a minus."""

import re

import numpy as np

from normlab.stats.intervals import Interval, mean_interval

_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_SPACE = "\N{NO-BREAK SPACE}"


def percent(fractions, digits=1) -> str:
    """Fractions, (seeds,), as their mean in per cent and its interval: "71.5 % (70.1 to 72.9)"."""
    mean, low, high = (100 * limit for limit in mean_interval(fractions))
    limits = " to ".join(with_minus(f"{limit:.{digits}f}") for limit in (low, high))
    return f"{with_minus(f'{mean:.{digits}f}')}{_SPACE}% ({limits})"


def points(differences, digits=1) -> str:
    """Differences of fractions, (seeds,), as their mean in percentage points and its interval."""
    mean, low, high = (signed(100 * number, digits) for number in mean_interval(differences))
    return f"{mean} points ({low} to {high})"


def about(fractions) -> str:
    """The mean of fractions in whole per cent, for sentences: "71 %"."""
    return f"{100 * np.mean(fractions):.0f}{_SPACE}%"


def effect(verdict, plus="+") -> str:
    """What came out for a claim: its mean with the interval that decides it, in its unit.

    Without a ``plus`` it fits into a sentence that says which way.
    """
    if verdict.exact:
        return with_powers(f"{verdict.mean:.2g}; at most {verdict.margin:.2g}")
    parts = verdict.unit.startswith(("points", "of "))
    times, digits = (100, 1) if parts else (1, 2 if abs(verdict.mean) >= 0.1 else 4)
    unit = verdict.unit if not verdict.unit.startswith("of ") else f"% {verdict.unit}"
    mean, low, high = (
        signed(times * number, digits) for number in (verdict.mean, verdict.low, verdict.high)
    )
    if not np.isfinite(verdict.low + verdict.high):
        return f"{mean} {unit} (too few seeds for an interval)"
    return f"{mean} {unit} ({low} to {high})".replace("  ", " ").replace("+", plus)


def signed(number, digits) -> str:
    """A number with its sign and so many decimals; what rounds to zero is 0."""
    number = round(float(number), digits)
    return with_minus(f"{number:+.{digits}f}" if number else f"{0:.{digits}f}")


def with_minus(number: str) -> str:
    """A number as text with the minus of print, after which no line breaks, for its hyphen."""
    return number.replace("-", "\N{MINUS SIGN}", 1) if number.startswith("-") else number


def power_of_ten(exponent: int) -> str:
    """1, 10 or 10 with its exponent, as text that needs no markup."""
    return {0: "1", 1: "10"}.get(exponent, "10" + str(exponent).translate(_SUPERSCRIPTS))


def with_powers(text: str) -> str:
    """Text in which 4.3e-08 reads 4.3 × 10⁻⁸, in one piece, and 1e-05 reads 10⁻⁵."""
    return re.sub(
        r"(?<![\w.])(\d(?:\.\d+)?)e([+-]\d+)(?![\w.]*\w)",
        lambda number: (
            ("" if number[1] == "1" else f"{number[1]}{_SPACE}×{_SPACE}")
            + power_of_ten(int(number[2]))
        ),
        text,
    )


def number(value, digits=3) -> str:
    """One number or an Interval with so many significant digits: "0.783 (0.771 to 0.795)"."""
    if isinstance(value, Interval):
        mean, low, high = (with_minus(f"{limit:#.{digits}g}".removesuffix(".")) for limit in value)
        return with_powers(mean if low == high else f"{mean} ({low} to {high})")
    whole = float(value).is_integer() and 1e3 <= abs(value) < 1e6
    text = f"{value:,.0f}" if whole else f"{value:.{digits}g}"
    if 0 < abs(value) < 1e-3:
        mantissa, exponent = f"{value:.{digits - 1}e}".split("e")
        text = f"{mantissa.rstrip('0').rstrip('.') if '.' in mantissa else mantissa}e{exponent}"
    return with_powers(with_minus(text))
