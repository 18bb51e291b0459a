"""The live route table, and an address of each route that can be called."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from litestar.handlers import HTTPRouteHandler

from app.kernel.html.access import Access

if TYPE_CHECKING:
    from litestar import Litestar

NOBODY = UUID("00000000-0000-4000-8000-000000000000")
PARAMETER = re.compile(r"\{(\w+):(\w+)\}")
WORDS = {"kind": "bounce"}
"""What a route that is no identifier's may stand for."""
UNSAFE = frozenset({"POST", "PUT", "PATCH", "DELETE"})


@dataclass(frozen=True, slots=True)
class Call:
    """One method of one route."""

    method: str
    template: str
    access: str
    opt: dict[str, Any]

    @property
    def is_unsafe(self) -> bool:
        """Whether it may change something."""
        return self.method in UNSAFE

    def path(self, **values: str) -> str:
        """Return an address of it; what is not given is nobody's identifier or a word."""

        def fill(match: re.Match[str]) -> str:
            return values.get(match[1], str(NOBODY) if match[2] == "uuid" else "word")

        return PARAMETER.sub(fill, self.template)

    def path_of_all(self, identifier: str) -> str:
        """Return an address in which everything that has an identifier has this one."""
        return PARAMETER.sub(
            lambda match: identifier if match[2] == "uuid" else WORDS.get(match[1], "word"), self.template
        )


def unclassified(app: Litestar) -> str:
    """Say which routes tell nobody who may call them, and how they do; nothing when all are classified."""
    missing = [f"{call.method} {call.template}" for call in calls(app) if call.access not in set(Access)]
    return f"Add opt=PUBLIC, ACCOUNT, OWNER, WEBHOOK or OPERATOR of app.kernel.html.access to {missing}" * bool(missing)


def calls(app: Litestar) -> list[Call]:
    """List every method of every route, static files left out."""
    found = []
    for route in app.routes:
        for handler in getattr(route, "route_handlers", []):
            if isinstance(handler, HTTPRouteHandler) and "/static" not in route.path:
                found += [
                    Call(str(method), route.path, str(handler.opt.get("access", "")), dict(handler.opt))
                    for method in handler.http_methods
                    if method != "OPTIONS"
                ]
    return sorted(found, key=lambda call: (call.template, call.method))
