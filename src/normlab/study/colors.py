"""The colours of all figures: one a method on every page, on white ground and on dark.

Lines have the colours of Okabe & Ito, readable with every kind of colour vision. Their names
are written in a darker shade, because text needs more contrast than a line.
"""

COLORS = {
    "none": "#767676",
    "batchnorm": "#0072b2",
    "layernorm": "#e69f00",
    "groupnorm": "#009e73",
    "other": "#d55e00",
}
TEXT_COLORS = {
    "none": "#636363",
    "batchnorm": "#00609a",
    "layernorm": "#8a5a00",
    "groupnorm": "#00714f",
    "other": "#a34700",
}
INK, SOFT, GROUND = "#1c1c1e", "#5a5a60", "#ffffff"

_DARK = {
    INK: "#e8e8ea",
    SOFT: "#a9a9b2",
    GROUND: "#16171a",
    COLORS["none"]: "#9a9a9a",
    COLORS["batchnorm"]: "#3fa2e0",
    COLORS["groupnorm"]: "#1fbf90",
    COLORS["other"]: "#f0803c",
    TEXT_COLORS["none"]: "#b4b4b8",
    TEXT_COLORS["batchnorm"]: "#6db9ee",
    TEXT_COLORS["layernorm"]: "#f0b13a",
    TEXT_COLORS["groupnorm"]: "#4bcfa6",
    TEXT_COLORS["other"]: "#f79a5f",
}


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
