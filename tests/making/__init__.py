"""Makers of what tests send: audio of every format, odd files, people and raw requests."""
