"""Subjects with a real database and a real Redis."""
