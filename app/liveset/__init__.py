"""Pure: the bytes of an Ableton Live set go in, a LiveSet comes out; nothing of the rest of the app."""
