"""Comparisons with other programs, over real music."""
