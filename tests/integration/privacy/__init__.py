"""The rights of a person, on a real database."""
