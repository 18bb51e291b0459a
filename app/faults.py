"""Exceptions to answers: each in the site's look, as a page or as a fragment."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import structlog
from litestar import MediaType, Response
from litestar.exceptions import HTTPException
from redis.exceptions import RedisError

from app.kernel import errors
from app.kernel.errors import AppError, NotProved, NotSignedIn
from app.kernel.html.answers import Answers, see_other, wants_fragment

if TYPE_CHECKING:
    from litestar import Request
    from litestar.types import ExceptionHandlersMap

SERVER_ERROR = 500
AGAIN = "Load the page again; if it happens again, write to us with the time."

log = structlog.get_logger()

BY_STATUS: dict[int, AppError] = {
    400: errors.BadRequest("This request could not be read.", way_out="Load the page again and repeat."),
    404: errors.NotFound(),
    405: errors.NotFound(),
    413: errors.TooLarge("This is more than the page takes.", way_out="Send less at once."),
}


def exception_handlers(answers: Answers) -> ExceptionHandlersMap:
    """Return what answers for each kind of exception."""

    def expected(request: Request[Any, Any, Any], error: AppError) -> Response[Any]:
        if isinstance(error, errors.ClientGone):
            return Response(content="", status_code=error.status, media_type=MediaType.TEXT)
        page = _page_first(request, error)
        if page and not wants_fragment(request):
            return see_other(page)
        answer = answers.error(request, error)
        if page:
            answer.headers["HX-Redirect"] = page
        return answer

    def from_framework(request: Request[Any, Any, Any], error: HTTPException) -> Response[Any]:
        known = BY_STATUS.get(error.status_code)
        if known is not None:
            return answers.error(request, known)
        if error.status_code < SERVER_ERROR:
            return answers.error(request, BY_STATUS[400])
        return unexpected(request, error)

    def unexpected(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
        if isinstance(error, RedisError):
            log.error("request.redis_away", error=type(error).__name__)
            return answers.error(request, errors.Unavailable("A part of the site is away.", way_out=AGAIN))
        log.error("request.failed", exc_info=error, route=str(request.scope.get("path_template", "")))
        return answers.error(request, AppError("It is not your doing, and nothing was counted.", way_out=AGAIN))

    return {AppError: expected, HTTPException: from_framework, Exception: unexpected}


def _page_first(request: Request[Any, Any, Any], error: AppError) -> str:
    """Return the page that an error sends a person to before they come back, or nothing."""
    if isinstance(error, NotProved):
        return f"/account/proof?next={quote(error.page)}"
    is_page = request.method == "GET" and not wants_fragment(request) and request.scope["path"] != "/events"
    return f"/login?next={quote(request.scope['path'])}" if isinstance(error, NotSignedIn) and is_page else ""
