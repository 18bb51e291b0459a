"""Rules of tracks."""
