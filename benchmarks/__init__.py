"""How fast normlab is: beside PyTorch, JAX, plain assignment code, and a bound."""
