"""The pages of a Live set: what is in it, its tracks, its arrangement, and what a collaborator must own."""
