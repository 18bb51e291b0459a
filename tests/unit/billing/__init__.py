"""Payment's pure rules."""
