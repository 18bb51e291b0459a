"""The real parts that tests stand on: Redis, databases, the site, the worker, a browser."""
