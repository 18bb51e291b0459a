"""The kernel: what every subject stands on."""
