"""How each method looks on every page: its name, colour and dashes, on white ground and on dark.

Lines have the colours of Okabe & Ito, readable with every kind of colour vision. Their names
are written in a darker shade, because text needs more contrast than a line.
"""

from typing import NamedTuple


class Look(NamedTuple):
    """The label beside a line, its colour and that of the label, both also on dark, its dashes.

    The colour on dark is None where it is the same.
    """

    label: str
    color: str
    text: str
    dark_color: str | None
    dark_text: str
    dashes: tuple


LOOKS = {
    "none": Look("none", "#767676", "#636363", "#9a9a9a", "#b4b4b8", (4, 1.5)),
    "batchnorm": Look("batch norm", "#0072b2", "#00609a", "#3fa2e0", "#6db9ee", ()),
    "layernorm": Look("layer norm", "#e69f00", "#8a5a00", None, "#f0b13a", (1.2, 1.2)),
    "groupnorm": Look("group norm", "#009e73", "#00714f", "#1fbf90", "#4bcfa6", (4, 1.2, 1.2, 1.2)),
    "rmsnorm": Look("RMS norm", "#000000", "#2c2c30", "#cfcfd6", "#dcdce2", (3, 1, 1, 1, 1, 1)),
    "dyt": Look("DyT", "#cc79a7", "#8f3f6c", "#d98bb8", "#e3a5c9", (8, 1)),
    "weightnorm": Look("weight norm", "#a08a00", "#6f6000", "#d8c43a", "#e3d46a", (1, 1, 3, 1)),
    "other": Look("other", "#d55e00", "#a34700", "#f0803c", "#f79a5f", (6, 1.5, 1.2, 1.5)),
}
_LIKE = {
    "channel": ("batchnorm", "convolutions"),
    "unit": ("other", "dense layers"),
    "decay": ("batchnorm", "decay"),
    "one rate": ("batchnorm", "one rate"),
    "relu": ("batchnorm", "relu"),
    "tanh": ("batchnorm", "tanh"),
    "sigmoid": ("batchnorm", "sigmoid"),
    "linear": ("batchnorm", "linear"),
    "by 1/√l": ("groupnorm", "norm by 1/√l"),
    "by 1/√depth": ("other", "1/√depth"),
    "plain, none": ("none", "plain, none"),
    "plain, batch norm": ("batchnorm", "plain, bn"),
    "residual, batch norm": ("groupnorm", "residual, bn"),
    "gaussian": ("batchnorm", "Gaussian"),
    "among the others": ("batchnorm", "others"),
    "with the odd one": ("other", "odd one"),
    "connected": ("other", "dense layers"),
}
INK, SOFT, GROUND = "#1c1c1e", "#5a5a60", "#ffffff"
_DARK = {INK: "#e8e8ea", SOFT: "#a9a9b2", GROUND: "#16171a"}
for _look in LOOKS.values():
    _DARK |= {_look.color: _look.dark_color} if _look.dark_color else {}
    _DARK |= {_look.text: _look.dark_text}


def look(method: str) -> Look:
    """The look of a method; one that is not in the table has that of "other" and its own name."""
    if method in LOOKS:
        return LOOKS[method]
    method, label = _LIKE.get(method, ("other", method))
    return LOOKS[method]._replace(label=label)


def style_sheet() -> str:
    """CSS that paints an SVG with the colours above anew where the reader's screen is dark."""
    rules = "".join(
        f'[style*="{part}: {light}"]{{{part}:{dark}!important}}'
        for light, dark in _DARK.items()
        for part in ("fill", "stroke")
    )
    return (
        "text{font-family:system-ui,sans-serif}"
        f"@media screen and (prefers-color-scheme:dark){{{rules}}}"
    )
