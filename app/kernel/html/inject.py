"""How a handler asks for a part of the product, by the part's name and type."""

from __future__ import annotations

from typing import TypeVar

from litestar.di import NamedDependency
from litestar.params import SkipValidation

T = TypeVar("T")

Part = NamedDependency[SkipValidation[T]]
"""A part that asgi.py provides; it is ours, so that Litestar need not check it at each request."""
