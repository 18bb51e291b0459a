"""Starting, settings and files of the repository."""
