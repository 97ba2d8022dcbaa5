"""Write docs/layers.md, the table of all layers, from their records: ``python -m tools.layers``."""

from pathlib import Path

from normlab import nn

PAGE = Path(__file__).parents[1] / "docs" / "layers.md"
HEAD = """\
# Layers

Every layer is a pair of functions in `src/normlab/nn/layers`, with a declaration above them. This
table is made of the declarations by `python -m tools.layers`. The symbols are explained at the top
of `normlab.nn`; what stands behind `=` is the value that a net starts with.

| layer | functions | arrays | output | options | source |
| --- | --- | --- | --- | --- | --- |
"""


def page():
    """The Markdown text."""
    return HEAD + "".join(f"| {' | '.join(_row(layer))} |\n" for layer in nn.LAYERS.values())


def _row(layer):
    functions = [layer.body.__name__, *(backward.__name__ for backward in layer.backwards)]
    arrays = [f"{name} {_shape(shape)}" for name, shape in layer.floats.items()]
    arrays += [f"{layer.labels} (N,), labels from 0 to C - 1"] if layer.labels else []
    yield layer.title
    yield "<br>".join(f"`{name}`" for name in functions)
    yield "<br>".join(arrays)
    yield str(layer.out) if layer.out else "a number"
    yield ", ".join(f"`{name}`" for name in layer.options) or "none"
    yield layer.source.rstrip(".")


def _shape(shape):
    return f"{shape}" if shape.initial is None else f"{shape} = {shape.initial:g}"


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
