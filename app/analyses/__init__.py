"""Analyses: from an upload to a report."""
