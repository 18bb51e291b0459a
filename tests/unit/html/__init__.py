"""Tests of what makes HTML: figures, charts, static files and templates."""
