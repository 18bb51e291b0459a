"""Single modules, without a database, a server or a browser."""
