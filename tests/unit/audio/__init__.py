"""The numerics, on signals with known truth."""
