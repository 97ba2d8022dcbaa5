"""`python -m normlab.training.engine` compiles the engine, as set-up does."""

from normlab.training.engine import warm

for dtype in ("float32", "float64"):
    warm(dtype)
