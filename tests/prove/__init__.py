"""Proofs: what the product promises under attack and loss, each as one command with a mutant.

``python -m tests.prove NAME [--full] [--mutant] [--seed N] [--out DIR]``
"""
