"""How a handler asks for a part of the product, by the part's name and type."""

from __future__ import annotations

from typing import Annotated, TypeVar

from litestar.params import Dependency

T = TypeVar("T")

Part = Annotated[T, Dependency(skip_validation=True)]
"""A part that asgi.py provides; it is ours, so that Litestar need not check it at each request."""
