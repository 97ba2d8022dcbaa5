"""Notebooks in, HTML out: parameters, execution, rendering, the site. Knows no neural network."""
