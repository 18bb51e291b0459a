"""Measurements and a target go in, findings and scores come out."""
