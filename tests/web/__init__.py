"""Pages and routes over a real connection."""
