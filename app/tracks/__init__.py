"""Tracks: an account's songs."""
