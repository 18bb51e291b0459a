"""Usage: what an account may still do this month."""
