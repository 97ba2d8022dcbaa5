"""What notebooks display: figures, tables, prose, and the small experiments of page 01."""
