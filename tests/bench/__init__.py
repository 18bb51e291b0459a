"""Measurements of the engine that are run by hand or by make bench."""
