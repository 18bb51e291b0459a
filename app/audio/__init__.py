"""Pure numerics: a file goes in, measurements come out; nothing of the rest of the app."""
