"""What the pages measure beside training runs: pure functions of a seed and some arguments."""
