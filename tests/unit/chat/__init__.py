"""The conversation, without a database."""
