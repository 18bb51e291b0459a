"""Payment, on a real database."""
