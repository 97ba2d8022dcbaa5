"""How examples lie to each other deep in a net that was not trained, and parts of batch norm."""

import numpy as np

from normlab import nn
from normlab.experiments.depth import mean_cosine
from normlab.nn.initial import orthogonal


def orthogonality_gap(seed, width=128, batch=8, depth=60):
    """How far the examples are from orthogonal in linear layers with batch norm, not centered.

    Returns
    -------
    dict, "gap" -> array, (depth,)
        The Frobenius norm of ``h h' / |h|**2 - 1 / batch``.
    """
    rng = np.random.default_rng(seed)
    h = rng.standard_normal((batch, width))
    gaps = []
    for _ in range(depth):
        h, _ = rescale(h @ rng.standard_normal((width, width)))
        gram = h @ h.T / np.sum(h**2)
        gaps.append(np.linalg.norm(gram - np.eye(batch) / batch))
    return {"gap": gaps}


def linear_chain(seed, weights="orthogonal", size=16, depth=1600):
    """The gradient along linear layers with batch norm, not centered, of ``size`` examples.

    Parameters
    ----------
    seed : int
    weights : "orthogonal" | "gaussian"
    size, depth : int
        As many examples as units.

    Returns
    -------
    dict, "gradient" -> array, (depth,)
        The logarithm of the squared gradient with respect to the output of each layer.
    """
    rng = np.random.default_rng(seed)
    h = rng.standard_normal((size, size))
    layers = []
    for _ in range(depth):
        if weights == "orthogonal":
            w = orthogonal(rng, size)
        else:
            w = rng.standard_normal((size, size)) / np.sqrt(size)
        h, std = rescale(h @ w)
        layers.append((w, h, std))
    dh = rng.standard_normal((size, size))
    gradient = []
    for w, out, std in reversed(layers):
        gradient.insert(0, np.log(np.sum(dh**2)))
        dh = (dh - out * np.mean(dh * out, axis=0)) / std @ w.T
    return {"gradient": gradient}


def odd_one_out(seed, rescaled=True, batch=16, width=256, depth=400):
    """Look for one example apart from all others, after relu layers that are centered.

    Parameters
    ----------
    seed : int
    rescaled : bool
        Whether the units are divided by their standard deviation too, as in batch norm.
    batch, width, depth : int

    Returns
    -------
    dict of arrays, (depth,)
        The odd one has the lowest mean cosine with the others: "outside" is that cosine, "inside"
        the mean one of all others.
    """
    rng = np.random.default_rng(seed)
    h = rng.standard_normal((batch, width))
    inside, outside = [], []
    for _ in range(depth):
        x = h @ (rng.standard_normal((width, width)) / np.sqrt(width))
        x -= x.mean(axis=0)
        x /= x.std(axis=0) if rescaled else x.std()  # one number for all changes no angle
        h, _ = nn.relu_forward(x)
        rows = h / np.linalg.norm(h, axis=1, keepdims=True)
        cosines = (rows @ rows.sum(axis=0) - 1) / (batch - 1)
        odd = np.argmin(cosines)
        outside.append(cosines[odd])
        inside.append(mean_cosine(np.delete(h, odd, axis=0)))
    return {"inside": inside, "outside": outside}


def rescale(x):
    """Batch norm without its mean: divide each column by its root mean square, also returned."""
    std = np.sqrt(np.mean(x**2, axis=0))
    return x / std, std
