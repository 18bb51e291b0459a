"""Views and errors as HTTP answers: a page for a browser, a fragment for htmx."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from litestar import MediaType, Response
from litestar.response import Redirect

from app.kernel.html.chrome import Chrome
from app.kernel.html.views import ErrorFragment, ErrorPage

if TYPE_CHECKING:
    from collections.abc import Mapping

    from litestar.connection import ASGIConnection

    from app.kernel.errors import AppError, Invalid
    from app.kernel.html.render import FormView, Renderer, View

    Connection = ASGIConnection[Any, Any, Any, Any]

SEE_OTHER: Final = 303
FORM_FAULT: Final = 422


class Answers:
    """Makes the answers of one process."""

    def __init__(self, renderer: Renderer) -> None:
        """Keep the templates."""
        self._renderer = renderer

    def html(self, view: View, *, status: int = 200, headers: Mapping[str, str] | None = None) -> Response[str]:
        """Answer with a page or a fragment."""
        return Response(
            content=self._renderer.render(view),
            status_code=status,
            media_type=MediaType.HTML,
            headers=dict(headers or {}),
        )

    def form(self, view: FormView) -> Response[str]:
        """Answer with the page of a form: 422 where something in it is wrong."""
        return self.html(view, status=FORM_FAULT if view.errors else 200)

    def text(self, view: View) -> str:
        """Return the HTML of a view, for a message of a stream."""
        return self._renderer.render(view)

    def error(self, connection: Connection, error: AppError) -> Response[str]:
        """Answer with what went wrong, as a page or as a notice inside one."""
        retry_after = f"{error.retry_after_s} s" if error.retry_after_s and not error.way_out else ""
        said = (error.status, error.title, error.sentence, error.way_out, retry_after, error.link, error.link_label)
        view: View = ErrorFragment(*said) if wants_fragment(connection) else ErrorPage(chrome_of(connection), *said)
        headers = {"Retry-After": str(error.retry_after_s)} if error.retry_after_s else {}
        return self.html(view, status=error.status, headers=headers)


def errors_of(error: Invalid | None, fields: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return what is wrong by the form's field; ``fields`` names those that the form calls otherwise."""
    return {(fields or {}).get(error.code, error.code): error.sentence} if error else {}


def wants_fragment(connection: Connection) -> bool:
    """Tell whether a script of ours asks for a piece of a page."""
    return connection.headers.get("hx-request") == "true"


def see_other(path: str) -> Redirect:
    """Send the browser on after a form; it asks again with GET."""
    return Redirect(path, status_code=SEE_OTHER)


def chrome_of(connection: Connection) -> Chrome:
    """Return the frame of a page for whoever looks at it."""
    viewer = connection.scope.get("user")
    path = str(connection.scope["path"])
    if viewer is None:
        return Chrome(path=path)
    return Chrome(path=path, csrf_token=viewer.csrf_token, signed_in_as=viewer.name, policy_news=viewer.policy_news)
