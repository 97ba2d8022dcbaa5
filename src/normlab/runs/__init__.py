"""Many runs: the store that keeps them, sweeps, and the workers that train them."""
