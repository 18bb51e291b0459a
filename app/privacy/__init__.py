"""Privacy: what is held, and that it goes in time."""
