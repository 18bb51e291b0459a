"""The conversation with real parts."""
