"""Pages of accounts, and the middleware that knows who is asking."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from litestar import Controller, Request, Response, get, post
from litestar.datastructures import Cookie
from litestar.middleware import ASGIMiddleware

from app.accounts.rules import Client, Viewer, device_of, email_error, read_registration
from app.accounts.service import Accounts
from app.accounts.views import ForgotPage, LoginPage, MailSentPage, RegisterPage
from app.kernel.errors import Invalid
from app.kernel.html.access import PUBLIC
from app.kernel.html.answers import Answers, chrome_of, errors_of, see_other
from app.kernel.html.inject import Part
from app.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from litestar.types import ASGIApp, Receive, Scope, Send

    from app.kernel.html.chrome import Chrome

HOME = "/tracks"
DAY_S = 24 * 60 * 60
REGISTERED = (
    "Look into your mailbox",
    "We have sent a mail to {email}. Its link confirms the address; then the first mix can be measured.",
    "No mail after a few minutes? Look among the unwanted ones, or register again.",
)
FORGOTTEN = (
    "Look into your mailbox",
    "If there is an account with {email}, we have sent a mail with a link for a new password.",
    "No mail after a few minutes? Look among the unwanted ones, or check the address.",
)
DONE = {
    "confirmed": "Your address is confirmed.",
    "reset": "Your password is changed. Log in with the new one.",
    "password": "Your password is changed, and every other session is ended.",
    "name": "Your name is changed.",
    "session": "The session is ended.",
    "consent": "Your choice is kept.",
    "agreed": "Thank you. The address changes when the other mailbox agrees too.",
    "address": "Your address is changed.",
}


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
        return answers.form(_register_page(request, settings))

    @post("/register", opt=PUBLIC)
    async def register(
        self,
        request: Request[Any, Any, Any],
        form: Part[dict[str, str]],
        accounts: Part[Accounts],
        answers: Part[Answers],
        settings: Part[Settings],
    ) -> Any:
        """Take a registration; the answer is the same whether or not there is an account."""
        registration = read_registration(form, settings.policy.accounts)
        errors = registration.errors
        if not errors:
            try:
                link = await accounts.register(registration, client_of(request))
            except Invalid as error:
                errors = errors_of(error)
            else:
                return answers.html(_sent(request, REGISTERED, registration.email, link))
        return answers.form(_register_page(request, settings, registration.email, registration.display_name, errors))

    @get("/login", opt=PUBLIC)
    async def login_page(self, request: Request[Any, Any, Any], answers: Part[Answers]) -> Any:
        """Show the log-in form."""
        goal = local_path(request.query_params.get("next", ""))
        if request.scope.get("user") is not None:
            return see_other(goal)
        return answers.form(LoginPage(noticed(request), email="", errors={}, next=goal))

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
        goal, email = local_path(form.get("next", "")), form.get("email", "")
        try:
            token = await accounts.log_in(email, form.get("password", ""), client_of(request))
        except Invalid as error:
            return answers.form(LoginPage(chrome_of(request), email=email, errors=errors_of(error), next=goal))
        return with_session(see_other(goal), token, settings)

    @get("/forgot", opt=PUBLIC)
    async def forgot_page(self, request: Request[Any, Any, Any], answers: Part[Answers]) -> Any:
        """Show the form that asks for a new password."""
        return answers.form(ForgotPage(chrome_of(request), email="", errors={}))

    @post("/forgot", opt=PUBLIC)
    async def forgot(
        self,
        request: Request[Any, Any, Any],
        form: Part[dict[str, str]],
        accounts: Part[Accounts],
        answers: Part[Answers],
    ) -> Any:
        """Order a reset mail; the answer is the same whether or not there is an account."""
        email = form.get("email", "").strip()
        if fault := email_error(email):
            return answers.form(ForgotPage(chrome_of(request), email=email, errors={"email": fault}))
        link = await accounts.forgot(email, client_of(request))
        return answers.html(_sent(request, FORGOTTEN, email, link))

    @post("/logout", opt=PUBLIC)
    async def log_out(self, request: Request[Any, Any, Any], accounts: Part[Accounts], settings: Part[Settings]) -> Any:
        """End the session everywhere, and take its cookie."""
        viewer: Viewer | None = request.scope.get("user")
        if viewer is not None:
            await accounts.log_out(viewer.session_id)
        return without_session(see_other("/"), settings)


def local_path(path: str) -> str:
    """Return a path of this site to go on to; anything else becomes the first page."""
    is_local = path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable()
    return path if is_local else HOME


def client_of(request: Request[Any, Any, Any]) -> Client:
    """Return where a request comes from; a proxy's word counts only where settings trust it."""
    address = request.client.host if request.client else ""
    return Client(address=address, device=device_of(request.headers.get("user-agent", "")))


def noticed(request: Request[Any, Any, Any]) -> Chrome:
    """Return a page's frame with the sentence about what was done last, if there is one."""
    return replace(chrome_of(request), notice=DONE.get(request.query_params.get("done", ""), ""))


def without_session(answer: Response[Any], settings: Settings) -> Response[Any]:
    """Take the cookie, and with it what the browser kept."""
    answer.headers["Clear-Site-Data"] = '"cache", "storage"'
    return with_session(answer, "", settings)


def with_session(answer: Response[Any], token: str, settings: Settings) -> Response[Any]:
    """Give the cookie of a session."""
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
    errors: Mapping[str, str] | None = None,
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


def _sent(request: Request[Any, Any, Any], words: tuple[str, str, str], email: str, link: str) -> MailSentPage:
    title, sentence, otherwise = words
    return MailSentPage(
        chrome_of(request), title=title, sentence=sentence.format(email=email), otherwise=otherwise, link=link
    )
