"""Pages of accounts, and the middleware that knows who is asking."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from litestar import Controller, Request, Response, get, post
from litestar.datastructures import Cookie
from litestar.middleware import ASGIMiddleware

from app.accounts.rules import Viewer, read_registration
from app.accounts.service import Accounts
from app.accounts.views import LoginPage, RegisterPage
from app.kernel.errors import Invalid
from app.kernel.html.access import PUBLIC
from app.kernel.html.answers import Answers, chrome_of, see_other
from app.kernel.html.inject import Part
from app.settings import Settings

if TYPE_CHECKING:
    from litestar.types import ASGIApp, Receive, Scope, Send

HOME = "/tracks"
DAY_S = 24 * 60 * 60


class SessionMiddleware(ASGIMiddleware):
    """Puts the viewer of a request into its scope, or none."""

    def __init__(self, accounts: Accounts, cookie_name: str) -> None:
        """Keep what finds a session."""
        self._accounts = accounts
        self._cookie_name = cookie_name

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        """Look at the cookie once a request."""
        token = Request[Any, Any, Any](scope).cookies.get(self._cookie_name, "")
        scope["user"] = await self._accounts.viewer_of(token) if token else None
        await next_app(scope, receive, send)


class AccountPages(Controller):
    """Registering, logging in and out."""

    @get("/register", opt=PUBLIC)
    async def registration_page(
        self, request: Request[Any, Any, Any], answers: Part[Answers], settings: Part[Settings]
    ) -> Any:
        """Show the registration form."""
        if request.scope.get("user") is not None:
            return see_other(HOME)
        return answers.html(_register_page(request, settings))

    @post("/register", opt=PUBLIC)
    async def register(
        self,
        request: Request[Any, Any, Any],
        form: Part[dict[str, str]],
        accounts: Part[Accounts],
        answers: Part[Answers],
        settings: Part[Settings],
    ) -> Any:
        """Make an account and log it in."""
        registration = read_registration(form, settings.policy.accounts)
        errors = dict(registration.errors)
        if not errors:
            try:
                token = await accounts.register(registration, address=_address(request))
            except Invalid as error:
                errors[error.code] = error.sentence
            else:
                return _with_session(see_other(HOME), token, settings)
        page = _register_page(request, settings, registration.email, registration.display_name, errors)
        return answers.html(page, status=422)

    @get("/login", opt=PUBLIC)
    async def login_page(self, request: Request[Any, Any, Any], answers: Part[Answers]) -> Any:
        """Show the log-in form."""
        goal = local_path(request.query_params.get("next", ""))
        if request.scope.get("user") is not None:
            return see_other(goal)
        return answers.html(LoginPage(chrome_of(request), email="", errors={}, next=goal))

    @post("/login", opt=PUBLIC)
    async def log_in(
        self,
        request: Request[Any, Any, Any],
        form: Part[dict[str, str]],
        accounts: Part[Accounts],
        answers: Part[Answers],
        settings: Part[Settings],
    ) -> Any:
        """Begin a session and go where the person wanted to."""
        goal = local_path(form.get("next", ""))
        email, password = form.get("email", ""), form.get("password", "")
        try:
            token = await accounts.log_in(
                email, password[: settings.policy.accounts.password_max_length], address=_address(request)
            )
        except Invalid as error:
            page = LoginPage(chrome_of(request), email=email, errors={error.code: error.sentence}, next=goal)
            return answers.html(page, status=422)
        return _with_session(see_other(goal), token, settings)

    @post("/logout", opt=PUBLIC)
    async def log_out(self, request: Request[Any, Any, Any], accounts: Part[Accounts], settings: Part[Settings]) -> Any:
        """End the session everywhere, and take its cookie."""
        viewer: Viewer | None = request.scope.get("user")
        if viewer is not None:
            await accounts.log_out(viewer.session_id)
        answer = _with_session(see_other("/"), "", settings)
        answer.headers["Clear-Site-Data"] = '"cache", "storage"'
        return answer


def local_path(path: str) -> str:
    """Return a path of this site to go on to; anything else becomes the first page."""
    is_local = path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable()
    return path if is_local else HOME


def _with_session(answer: Response[Any], token: str, settings: Settings) -> Response[Any]:
    answer.cookies.append(
        Cookie(
            key=settings.cookie_name,
            value=token,
            path="/",
            max_age=settings.policy.accounts.session_absolute_days * DAY_S if token else 0,
            httponly=True,
            secure=settings.uses_https,
            samesite="lax",
        )
    )
    return answer


def _register_page(
    request: Request[Any, Any, Any],
    settings: Settings,
    email: str = "",
    display_name: str = "",
    errors: dict[str, str] | None = None,
) -> RegisterPage:
    policy = settings.policy.accounts
    return RegisterPage(
        chrome_of(request),
        email=email,
        display_name=display_name,
        errors=errors or {},
        minimum_age_years=policy.minimum_age_years,
        password_min_length=policy.password_min_length,
    )


def _address(request: Request[Any, Any, Any]) -> str:
    return request.client.host if request.client else ""
