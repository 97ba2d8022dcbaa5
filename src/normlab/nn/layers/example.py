"""Small random arguments for any layer, drawn by what it declares."""

SIZES = {"N": 5, "D": 6, "M": 4, "C": 3, "F": 3, "H": 4, "W": 5, "HH": 3, "WW": 2}


def arguments(layer, rng, sizes=SIZES):
    """Draw arguments for a forward pass, in float64.

    Parameters
    ----------
    layer : Layer
    rng : Generator
    sizes : dict
        Symbol -> size; ``...`` stands for (N, D).

    Returns
    -------
    arrays : dict
        Name -> array. A parameter lies around the value that a net gives it at first.
    rest : list
        Labels, numbers and param dict, if the layer takes them.
    """
    arrays = {}
    for name, shape in layer.floats.items():
        axes = ("N", "D") if shape.axes == ("...",) else shape.axes
        size = [int(a) if a.isdigit() else sizes[a.removesuffix("...")] for a in axes]
        drawn = rng.standard_normal(size)
        arrays[name] = drawn if shape.initial is None else shape.initial + 0.5 * drawn
    rest = [rng.integers(sizes["C"], size=sizes["N"])] if layer.labels else []
    rest += layer.numbers.values()
    return arrays, rest + ([dict(layer.example)] if layer.param else [])
