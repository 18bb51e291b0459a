"""HTML over HTTP: views, answers, access and charts."""
