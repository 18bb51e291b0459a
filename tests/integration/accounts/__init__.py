"""Accounts without a browser: mails, terms, keys."""
