"""The report page: what each of its parts shows, out of the document."""
