"""What an account is and what its forms must hold, as pure rules."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from uuid import UUID

    from app.policy import AccountPolicy

EMAIL_MAX = 254
NAME_MAX = 80
SPECIALS = frozenset('()<>[]:;@,"\\')
"""What a mail's header gives a meaning: with it one address could be two (RFC 5322, 3.2.3)."""

# The first that fits names it; the names that others carry too stand later.
BROWSERS = {
    "Edg": "Edge",
    "OPR/": "Opera",
    "Firefox/": "Firefox",
    "FxiOS/": "Firefox",
    "Chrome/": "Chrome",
    "CriOS/": "Chrome",
    "Safari/": "Safari",
}
SYSTEMS = {
    "Android": "Android",
    "iPhone": "iOS",
    "iPad": "iOS",
    "Windows": "Windows",
    "Mac OS X": "macOS",
    "CrOS": "ChromeOS",
    "Linux": "Linux",
}


class ConsentKind(StrEnum):
    """What a person may allow, each by itself."""

    AI_FEEDBACK = "ai_feedback"


class EventKind(StrEnum):
    """What happens to an account that its owner should be able to see."""

    LOGGED_IN = "logged_in"
    ADDRESS_CONFIRMED = "address_confirmed"
    PASSWORD_CHANGED = "password_changed"  # noqa: S105 - an event
    PASSWORD_RESET = "password_reset"  # noqa: S105 - an event
    ADDRESS_CHANGE_ASKED = "address_change_asked"
    ADDRESS_CHANGED = "address_changed"
    SESSION_ENDED = "session_ended"
    ENDED_EVERYWHERE = "ended_everywhere"
    CONSENT_GIVEN = "consent_given"
    CONSENT_WITHDRAWN = "consent_withdrawn"


@dataclass(frozen=True, slots=True)
class Account:
    """A person who uploads, without anything secret."""

    id: UUID
    email: str
    display_name: str
    created_at: datetime
    is_verified: bool
    """Whether a mail's link proved the address."""
    policy_version: str = ""
    """Version of the privacy policy that was accepted or seen last."""


@dataclass(frozen=True, slots=True)
class OpenSession:
    """One session that holds, as its owner sees it."""

    id: UUID
    device: str
    began_at: datetime
    seen_at: datetime
    proved_at: datetime
    """When the password was given last."""


@dataclass(frozen=True, slots=True)
class Happening:
    """One security event, as its owner sees it."""

    kind: EventKind
    device: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Client:
    """Where a request comes from."""

    address: str
    device: str
    """Browser and system, in words."""


@dataclass(frozen=True, slots=True)
class Viewer:
    """The account that looks at a page, and the session it does so by."""

    account: Account
    session_id: UUID
    csrf_token: str
    proved_at: datetime
    """When they gave their password last in this session."""
    policy_news: str = ""
    """Version of the privacy policy that they have not seen yet; empty: none."""

    @property
    def name(self) -> str:
        """What the page calls them."""
        return self.account.display_name or self.account.email

    @property
    def is_verified(self) -> bool:
        """Whether their address is confirmed."""
        return self.account.is_verified


@dataclass(frozen=True, slots=True)
class Registration:
    """A registration form, and what is wrong with it by field."""

    email: str
    password: str
    display_name: str
    allows_ai_feedback: bool = False
    errors: Mapping[str, str] = field(default_factory=dict)


def fold_email(email: str) -> str:
    """Return the key that an address is found by: the same for every spelling of case.

    Lower case, not case folding, which would make one of the mailboxes of ``straße`` and ``strasse``.
    """
    return unicodedata.normalize("NFC", email.strip()).lower()


def read_registration(form: Mapping[str, str], policy: AccountPolicy) -> Registration:
    """Check a registration form; nothing of it is kept while it has errors."""
    email = form.get("email", "").strip()
    password = form.get("password", "")
    display_name = one_line(form.get("display_name", ""), NAME_MAX)
    checks = {
        "email": email_error(email),
        "password": password_error(password, policy),
        "is_old_enough": ""
        if form.get("is_old_enough")
        else f"TrackSensei is for people of {policy.minimum_age_years} or older.",
        "accepts_policy": "" if form.get("accepts_policy") else "An account needs the privacy policy accepted.",
    }
    errors = {name: sentence for name, sentence in checks.items() if sentence}
    return Registration(
        email=email,
        password=password,
        display_name=display_name,
        allows_ai_feedback=bool(form.get("allows_ai_feedback")),
        errors=errors,
    )


def password_error(password: str, policy: AccountPolicy) -> str:
    """Say what is wrong with a new password, or nothing. Any character counts, none is required."""
    if len(password) < policy.password_min_length:
        return f"Use {policy.password_min_length} characters or more."
    if len(password) > policy.password_max_length:
        return f"Use at most {policy.password_max_length} characters."
    return ""


def one_line(text: str, most: int) -> str:
    """Return a text that is safe to show in one line: composed, without controls, cut to length."""
    composed = unicodedata.normalize("NFC", text)
    shown = "".join(letter for letter in composed if unicodedata.category(letter)[0] != "C")
    return " ".join(shown.split())[:most].strip()


def device_of(user_agent: str) -> str:
    """Name browser and system of a request in words; nothing else of its header is kept."""
    browser = next((name for sign, name in BROWSERS.items() if sign in user_agent), "")
    system = next((name for sign, name in SYSTEMS.items() if sign in user_agent), "")
    if not browser:
        return f"A program on {system}" if system else "A program"
    return f"{browser} on {system}" if system else browser


def email_error(email: str) -> str:
    """Say what is wrong with an address, or nothing."""
    local, at, domain = email.rpartition("@")
    is_whole = bool(local and at and "." in domain.strip(".") and not domain.startswith("."))
    is_plain = email.isprintable() and not any(letter.isspace() or letter in SPECIALS for letter in local + domain)
    if is_whole and is_plain and len(email) <= EMAIL_MAX:
        return ""
    return "Enter a whole e-mail address, such as ada@example.com."
