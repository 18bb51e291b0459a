"""The pages that links of mails lead to. A look changes nothing: mail programs look at links too."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from litestar import Controller, Request, get, post
from litestar.params import FromPath

from app.accounts.links import Link, LinkKind
from app.accounts.owner import OwnAccount
from app.accounts.service import Accounts
from app.accounts.views import AddressPage, ConfirmPage, ResetPage
from app.accounts.web import HOME, client_of, with_session
from app.kernel.errors import Invalid
from app.kernel.html.access import PUBLIC
from app.kernel.html.answers import Answers, chrome_of, errors_of, see_other
from app.kernel.html.inject import Part
from app.settings import Settings

if TYPE_CHECKING:
    from app.accounts.rules import Viewer

Connection = Request[Any, Any, Any]


class LinkPages(Controller):
    """Confirming an address, choosing a new password, agreeing to a new address."""

    @get("/verify/{token:str}", opt=PUBLIC)
    async def confirmation(
        self, request: Connection, token: FromPath[str], accounts: Part[Accounts], answers: Part[Answers]
    ) -> Any:
        """Ask for the word that confirms an address."""
        link = await accounts.link(token, LinkKind.VERIFY)
        return answers.form(_confirm_page(request, link))

    @post("/verify/{token:str}", opt=PUBLIC)
    async def confirm(
        self,
        request: Connection,
        token: FromPath[str],
        form: Part[dict[str, str]],
        accounts: Part[Accounts],
        answers: Part[Answers],
        settings: Part[Settings],
    ) -> Any:
        """Confirm an address; whoever proved the password is logged in."""
        viewer: Viewer | None = request.scope.get("user")
        password = form.get("password", "")
        try:
            session = await accounts.confirm(token, password, viewer, client_of(request))
        except Invalid as error:
            link = await accounts.link(token, LinkKind.VERIFY)
            return answers.form(_confirm_page(request, link, error))
        answer = see_other(f"{HOME}?done=confirmed")
        return with_session(answer, session, settings) if session else answer

    @get("/reset/{token:str}", opt=PUBLIC)
    async def reset_page(
        self,
        request: Connection,
        token: FromPath[str],
        accounts: Part[Accounts],
        answers: Part[Answers],
        settings: Part[Settings],
    ) -> Any:
        """Show the form for a new password."""
        link = await accounts.link(token, LinkKind.RESET)
        return answers.form(_reset_page(request, link, settings))

    @post("/reset/{token:str}", opt=PUBLIC)
    async def reset(
        self,
        request: Connection,
        token: FromPath[str],
        form: Part[dict[str, str]],
        accounts: Part[Accounts],
        answers: Part[Answers],
        settings: Part[Settings],
    ) -> Any:
        """Set a new password; every session ends."""
        password = form.get("password", "")
        try:
            await accounts.reset(token, password, client_of(request))
        except Invalid as error:
            link = await accounts.link(token, LinkKind.RESET)
            return answers.form(_reset_page(request, link, settings, error))
        return see_other("/login?done=reset")

    @get("/email/{token:str}", opt=PUBLIC)
    async def address_page(
        self, request: Connection, token: FromPath[str], accounts: Part[Accounts], answers: Part[Answers]
    ) -> Any:
        """Ask one of the two mailboxes for its word."""
        link = await accounts.link(token, LinkKind.LEAVE_ADDRESS, LinkKind.TAKE_ADDRESS)
        page = AddressPage(
            chrome_of(request), path=str(request.scope["path"]), old_email=link.email, new_email=link.address
        )
        return answers.html(page)

    @post("/email/{token:str}", opt=PUBLIC)
    async def agree(
        self, request: Connection, token: FromPath[str], accounts: Part[Accounts], own_account: Part[OwnAccount]
    ) -> Any:
        """Take the word of one mailbox."""
        link = await accounts.link(token, LinkKind.LEAVE_ADDRESS, LinkKind.TAKE_ADDRESS)
        has_changed = await own_account.agree_to_address(link, token, client_of(request))
        done = "address" if has_changed else "agreed"
        page = "/account" if request.scope.get("user") is not None else "/login"
        return see_other(f"{page}?done={done}")


def _confirm_page(request: Connection, link: Link, error: Invalid | None = None) -> ConfirmPage:
    viewer: Viewer | None = request.scope.get("user")
    return ConfirmPage(
        chrome_of(request),
        path=str(request.scope["path"]),
        email=link.email,
        errors=errors_of(error),
        asks_password=viewer is None or viewer.account.id != link.account_id,
    )


def _reset_page(request: Connection, link: Link, settings: Settings, error: Invalid | None = None) -> ResetPage:
    return ResetPage(
        chrome_of(request),
        path=str(request.scope["path"]),
        email=link.email,
        errors=errors_of(error),
        password_min_length=settings.policy.accounts.password_min_length,
    )
