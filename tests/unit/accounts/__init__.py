"""Rules of accounts and their tokens."""
