"""Rules of analyses and of what is sent for them."""
