"""The privacy promise, as pure rules."""
