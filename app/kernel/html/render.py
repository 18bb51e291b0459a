"""Views to HTML: one frozen dataclass is the whole context of one template."""

from __future__ import annotations

import dataclasses
import hashlib
import re
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from jinja2.ext import Extension

from app.kernel.html import numbers

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


class View(Protocol):
    """What a page or a fragment shows; ``template`` names the file that shows it."""

    __dataclass_fields__: ClassVar[dict[str, Any]]
    template: ClassVar[str]


class FormView(View, Protocol):
    """A page with a form."""

    @property
    def errors(self) -> Mapping[str, str]:
        """What is wrong with it, by field; the empty name is for the form as a whole."""
        ...


class Unindented(Extension):
    """Leaves a template's own indentation out of its pages; what is filled in stays as it is."""

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:  # noqa: ARG002
        """Strip the lines of a template before it is compiled."""
        return re.sub(r"\n[ \t]+", "\n", source)


class Renderer:
    """The template environment of one process."""

    def __init__(self, templates: Path, static: Path) -> None:
        """Compile nothing yet; undefined names and unescaped text are errors."""
        self._static = static
        self._environment = Environment(
            loader=FileSystemLoader(templates),
            autoescape=True,
            undefined=StrictUndefined,
            lstrip_blocks=True,
            extensions=[Unindented],
        )
        self._environment.filters.update(numbers.FILTERS)
        self._environment.globals["asset"] = cache(self._asset)

    def render(self, view: View) -> str:
        """Return the HTML of a view; its fields are the template's only names."""
        context = {field.name: getattr(view, field.name) for field in dataclasses.fields(view)}
        return self._environment.get_template(view.template).render(context)

    def _asset(self, path: str) -> str:
        """Address of a static file with its content's hash, so that it may be kept for ever."""
        digest = hashlib.sha256((self._static / path).read_bytes()).hexdigest()[:12]
        return f"/static/{path}?v={digest}"
