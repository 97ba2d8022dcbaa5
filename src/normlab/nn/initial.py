"""First values of weights."""

import numpy as np


def orthogonal(rng: np.random.Generator, size: int) -> np.ndarray:
    """Draw a square orthogonal matrix, each as likely as any other.

    Parameters
    ----------
    rng : Generator
    size : int
        Rows and columns.

    Returns
    -------
    w : array, (size, size), float64

    Source: Saxe et al. 2014 (arXiv:1312.6120); Mezzadri 2007, section 5 (arXiv:math-ph/0609050).
    """
    q, r = np.linalg.qr(rng.standard_normal((size, size)))
    return q * np.sign(np.diag(r))
