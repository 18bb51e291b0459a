"""What the pages of accounts show."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from collections.abc import Mapping

    from app.kernel.html.chrome import Chrome


@dataclass(frozen=True, slots=True)
class LoginPage:
    """The page where one logs in."""

    template: ClassVar[str] = "accounts/login.html"

    chrome: Chrome
    email: str
    """The address as it was typed, to be typed once only."""
    errors: Mapping[str, str]
    """Field name to sentence; the empty name is for the form as a whole."""
    next: str
    """Where to go on, a path of this site."""


@dataclass(frozen=True, slots=True)
class RegisterPage:
    """The page where one opens an account."""

    template: ClassVar[str] = "accounts/register.html"

    chrome: Chrome
    email: str
    display_name: str
    errors: Mapping[str, str]
    """Field name to sentence; the empty name is for the form as a whole."""
    minimum_age_years: int
    password_min_length: int


@dataclass(frozen=True, slots=True)
class MailSentPage:
    """The answer wherever a mail was sent, the same whether or not there is an account."""

    template: ClassVar[str] = "accounts/sent.html"

    chrome: Chrome
    title: str
    sentence: str
    otherwise: str
    """What to do when no mail comes."""
    link: str
    """The mail's link, in development only."""


@dataclass(frozen=True, slots=True)
class ForgotPage:
    """The page where one asks for a new password."""

    template: ClassVar[str] = "accounts/forgot.html"

    chrome: Chrome
    email: str
    errors: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class ConfirmPage:
    """The page that a verification mail's link leads to."""

    template: ClassVar[str] = "accounts/confirm.html"

    chrome: Chrome
    path: str
    email: str
    errors: Mapping[str, str]
    asks_password: bool
    """Whether somebody else than the owner may be looking."""


@dataclass(frozen=True, slots=True)
class ResetPage:
    """The page that a reset mail's link leads to."""

    template: ClassVar[str] = "accounts/reset.html"

    chrome: Chrome
    path: str
    email: str
    errors: Mapping[str, str]
    password_min_length: int


@dataclass(frozen=True, slots=True)
class AddressPage:
    """The page that a mail about a change of address leads to."""

    template: ClassVar[str] = "accounts/address.html"

    chrome: Chrome
    path: str
    old_email: str
    new_email: str


@dataclass(frozen=True, slots=True)
class ProofPage:
    """The page that asks for the password again."""

    template: ClassVar[str] = "accounts/proof.html"

    chrome: Chrome
    next: str
    """Where to go on, a path of this site."""
    errors: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class SessionRow:
    """One session in the list of them."""

    id: str
    device: str
    began: str
    seen: str
    is_this: bool


@dataclass(frozen=True, slots=True)
class EventRow:
    """One security event in the list of them."""

    title: str
    device: str
    at: str


@dataclass(frozen=True, slots=True)
class OwnPage:
    """The page of one's own account."""

    template: ClassVar[str] = "accounts/account.html"

    chrome: Chrome
    email: str
    display_name: str
    is_verified: bool
    allows_ai_feedback: bool
    sessions: tuple[SessionRow, ...]
    events: tuple[EventRow, ...]
    errors: Mapping[str, str]
    password_min_length: int
    security_log_days: int


@dataclass(frozen=True, slots=True)
class MailRow:
    """One mail in development's list."""

    id: str
    recipient: str
    subject: str
    text: str
    link: str


@dataclass(frozen=True, slots=True)
class MailsPage:
    """What would have been sent, in development only."""

    template: ClassVar[str] = "accounts/mails.html"

    chrome: Chrome
    mails: tuple[MailRow, ...]
