"""The page of one's own account, and what its forms do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from litestar import Controller, Request, Response, get, post
from litestar.params import FromPath

from app.accounts.owner import OwnAccount
from app.accounts.rules import ConsentKind, EventKind, Viewer
from app.accounts.service import Accounts
from app.accounts.views import EventRow, MailSentPage, OwnPage, SessionRow
from app.accounts.web import client_of, noticed, without_session
from app.kernel.errors import Invalid
from app.kernel.html.access import ACCOUNT, OWNER
from app.kernel.html.answers import Answers, chrome_of, errors_of, see_other
from app.kernel.html.inject import Part
from app.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

Connection = Request[Any, Any, Any]
TITLES = {
    EventKind.LOGGED_IN: "Logged in",
    EventKind.ADDRESS_CONFIRMED: "Address confirmed",
    EventKind.PASSWORD_CHANGED: "Password changed",
    EventKind.PASSWORD_RESET: "Password set anew by mail",
    EventKind.ADDRESS_CHANGE_ASKED: "Change of address asked for",
    EventKind.ADDRESS_CHANGED: "Address changed",
    EventKind.SESSION_ENDED: "A session ended from this page",
    EventKind.ENDED_EVERYWHERE: "Logged out everywhere",
    EventKind.CONSENT_GIVEN: "AI feedback allowed",
    EventKind.CONSENT_WITHDRAWN: "AI feedback withdrawn",
}


class OwnPages(Controller):
    """Everything under /account."""

    path = "/account"

    @get("/", opt=ACCOUNT)
    async def page(
        self,
        request: Connection,
        viewer: Part[Viewer],
        own_account: Part[OwnAccount],
        answers: Part[Answers],
        settings: Part[Settings],
    ) -> Any:
        """Show the account."""
        return answers.form(await _page(request, viewer, own_account, settings))

    @post("/name", opt=ACCOUNT)
    async def rename(self, viewer: Part[Viewer], form: Part[dict[str, str]], own_account: Part[OwnAccount]) -> Any:
        """Change the name."""
        await own_account.rename(viewer, form.get("display_name", ""))
        return see_other("/account?done=name")

    @post("/password", opt=ACCOUNT)
    async def change_password(
        self,
        request: Connection,
        viewer: Part[Viewer],
        form: Part[dict[str, str]],
        own_account: Part[OwnAccount],
        answers: Part[Answers],
        settings: Part[Settings],
    ) -> Any:
        """Change the password; every other session ends."""
        current, new = form.get("current_password", ""), form.get("new_password", "")
        try:
            await own_account.change_password(viewer, current, new, client_of(request))
        except Invalid as error:
            errors = errors_of(error, {"password": "new_password"})
            return answers.form(await _page(request, viewer, own_account, settings, errors))
        return see_other("/account?done=password")

    @post("/email", opt=ACCOUNT)
    async def change_email(
        self,
        request: Connection,
        viewer: Part[Viewer],
        form: Part[dict[str, str]],
        own_account: Part[OwnAccount],
        answers: Part[Answers],
        settings: Part[Settings],
    ) -> Any:
        """Ask both mailboxes whether the address may change."""
        current, address = form.get("email_password", ""), form.get("new_email", "").strip()
        try:
            link = await own_account.ask_for_address(viewer, current, address, client_of(request))
        except Invalid as error:
            errors = errors_of(error, {"current_password": "email_password"})
            return answers.form(await _page(request, viewer, own_account, settings, errors))
        sentence = (
            f"We have sent a mail to {viewer.account.email} and one to {address}. The address changes when both agree."
        )
        return answers.html(_sent(request, sentence, link))

    @post("/verification", opt=ACCOUNT)
    async def send_verification(
        self, request: Connection, viewer: Part[Viewer], accounts: Part[Accounts], answers: Part[Answers]
    ) -> Any:
        """Send the link that confirms the address once more."""
        link = await accounts.mail_verification(viewer.account)
        return answers.html(_sent(request, f"We have sent a mail to {viewer.account.email}.", link))

    @post("/consent", opt=ACCOUNT)
    async def change_consent(
        self, request: Connection, viewer: Part[Viewer], form: Part[dict[str, str]], own_account: Part[OwnAccount]
    ) -> Any:
        """Give or withdraw the consent to AI feedback, each with one press."""
        is_given = form.get("allows_ai_feedback") == "yes"
        await own_account.consent(viewer, ConsentKind.AI_FEEDBACK, client_of(request), is_given=is_given)
        return see_other("/account?done=consent")

    @post("/sessions/{session_id:uuid}/end", opt=OWNER)
    async def end_session(
        self,
        request: Connection,
        viewer: Part[Viewer],
        session_id: FromPath[UUID],
        own_account: Part[OwnAccount],
        settings: Part[Settings],
    ) -> Response[Any]:
        """End one session at once."""
        await own_account.end_session(viewer, session_id, client_of(request))
        if session_id == viewer.session_id:
            return without_session(see_other("/"), settings)
        return see_other("/account?done=session")

    @post("/sessions/end", opt=ACCOUNT)
    async def end_everywhere(
        self, request: Connection, viewer: Part[Viewer], own_account: Part[OwnAccount], settings: Part[Settings]
    ) -> Response[Any]:
        """Log out everywhere, here too."""
        await own_account.end_everywhere(viewer, client_of(request))
        return without_session(see_other("/"), settings)


async def _page(
    request: Connection,
    viewer: Viewer,
    own_account: OwnAccount,
    settings: Settings,
    errors: Mapping[str, str] | None = None,
) -> OwnPage:
    account, accounts = viewer.account, settings.policy.accounts
    sessions = await own_account.sessions(viewer)
    events = await own_account.events(viewer)
    return OwnPage(
        noticed(request),
        email=account.email,
        display_name=account.display_name,
        is_verified=account.is_verified,
        allows_ai_feedback=await own_account.has_consent(account.id, ConsentKind.AI_FEEDBACK),
        sessions=tuple(
            SessionRow(
                id=str(item.id),
                device=item.device,
                began=_said(item.began_at),
                seen=_said(item.seen_at),
                is_this=item.id == viewer.session_id,
            )
            for item in sessions
        ),
        events=tuple(EventRow(TITLES[item.kind], item.device, _said(item.at)) for item in events),
        errors=errors or {},
        password_min_length=accounts.password_min_length,
        security_log_days=accounts.security_log_days,
    )


def _said(moment: datetime) -> str:
    return f"{moment.day} {moment:%b %Y, %H:%M} UTC"


def _sent(request: Connection, sentence: str, link: str) -> MailSentPage:
    return MailSentPage(
        chrome_of(request),
        title="Look into your mailbox",
        sentence=sentence,
        otherwise="No mail after a few minutes? Look among the unwanted ones.",
        link=link,
    )
