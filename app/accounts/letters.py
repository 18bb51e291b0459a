"""The words of every mail that the product sends. There are six kinds and no others."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

WIDTH = 72


class MailKind(StrEnum):
    """What the privacy page names."""

    VERIFICATION = "verification"
    PASSWORD_RESET = "password_reset"  # noqa: S105 - a kind of mail
    EMAIL_CHANGE = "email_change"
    SECURITY_NOTICE = "security_notice"
    POLICY_CHANGE = "policy_change"
    ACCOUNT_DELETED = "account_deleted"


class Occasion(StrEnum):
    """Why a mail is sent; each has its words."""

    REGISTERED = "registered"
    """Somebody registered with this address, new or known."""
    KNOWN_ADDRESS = "known_address"
    VERIFY = "verify"
    FORGOT = "forgot"
    """Somebody says that they forgot the password of this address, known or not."""
    LEAVING_ADDRESS = "leaving_address"
    NEW_ADDRESS = "new_address"
    PASSWORD_CHANGED = "password_changed"  # noqa: S105 - an occasion
    ADDRESS_CHANGED = "address_changed"
    POLICY_CHANGED = "policy_changed"
    ACCOUNT_DELETED = "account_deleted"
    OBJECTION_TAKEN = "objection_taken"


KINDS: Mapping[Occasion, MailKind] = {
    Occasion.REGISTERED: MailKind.VERIFICATION,
    Occasion.KNOWN_ADDRESS: MailKind.SECURITY_NOTICE,
    Occasion.VERIFY: MailKind.VERIFICATION,
    Occasion.FORGOT: MailKind.PASSWORD_RESET,
    Occasion.LEAVING_ADDRESS: MailKind.EMAIL_CHANGE,
    Occasion.NEW_ADDRESS: MailKind.EMAIL_CHANGE,
    Occasion.PASSWORD_CHANGED: MailKind.SECURITY_NOTICE,
    Occasion.ADDRESS_CHANGED: MailKind.SECURITY_NOTICE,
    Occasion.POLICY_CHANGED: MailKind.POLICY_CHANGE,
    Occasion.ACCOUNT_DELETED: MailKind.ACCOUNT_DELETED,
    Occasion.OBJECTION_TAKEN: MailKind.SECURITY_NOTICE,
}


@dataclass(frozen=True, slots=True)
class Words:
    """What is the same in every mail of an occasion."""

    title: str
    said: str
    action: str = ""
    path: str = ""
    otherwise: str = ""


NOT_YOU = "Not you? Do nothing, and nothing happens."
NOT_YOU_NOW = "Not you? Ask for a new password at once: that ends every session."
WORDS: Mapping[Occasion, Words] = {
    Occasion.KNOWN_ADDRESS: Words(
        "You have an account already",
        "Someone, most likely you, registered with {address}. There is an account with it, so log in; if the "
        "password is gone, the log-in page helps to a new one.",
        "Log in",
        "/login",
        "Not you? Do nothing: whoever it was did not learn that the account exists.",
    ),
    Occasion.VERIFY: Words(
        "Confirm your address",
        "Someone, most likely you, opened an account with {address}. Confirm it and your first mix can be measured.",
        "Confirm address",
        "/verify/{token}",
        "Not you? Do nothing. An account that is not confirmed is deleted after {unverified_days} days, this "
        "address with it.",
    ),
    Occasion.FORGOT: Words(
        "Choose a new password",
        "Someone, most likely you, asked for a new password for {address}. The old one holds until then.",
        "Choose a password",
        "/reset/{token}",
        NOT_YOU,
    ),
    Occasion.LEAVING_ADDRESS: Words(
        "Is your address to change?",
        "Your account is to move from this address to {address}. It does when both mailboxes agree.",
        "Agree",
        "/email/{token}",
        "Not you? Do nothing, the address stays; and choose a new password, since somebody knows yours.",
    ),
    Occasion.NEW_ADDRESS: Words(
        "Is this your new address?",
        "A TrackSensei account is to move to {address}. It does when both mailboxes agree.",
        "Agree",
        "/email/{token}",
        NOT_YOU,
    ),
    Occasion.PASSWORD_CHANGED: Words(
        "Your password was changed",
        "The password of {address} was changed, and every other session was ended.",
        "Log in",
        "/login",
        NOT_YOU_NOW,
    ),
    Occasion.ADDRESS_CHANGED: Words(
        "Your address was changed",
        "Your account has moved to {address}. This address can no longer log in.",
        otherwise="Not you? Answer to this mail.",
    ),
    Occasion.POLICY_CHANGED: Words(
        "Our privacy policy changes",
        "The privacy policy changes to version {policy_version}. What is new stands at its top. Whoever goes on "
        "using TrackSensei accepts it; you can export or delete everything at any time.",
        "Read it",
        "/privacy",
    ),
    Occasion.OBJECTION_TAKEN: Words(
        "We have your objection",
        "You objected to a use of your data. Where the objection itself ends that use, it has ended; everything else "
        "a person looks at and answers by mail within {answer_days} days.",
        "See your objections",
        "/data",
        NOT_YOU_NOW,
    ),
    Occasion.ACCOUNT_DELETED: Words(
        "Your account is deleted",
        "The account of {address} is deleted with everything in it. This is the last mail you get.",
        otherwise="Not you? Answer to this mail.",
    ),
}


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail's words, and the whole context of its HTML."""

    template: ClassVar[str] = "accounts/mail.html"

    title: str
    said: str
    action: str
    address: str
    """Where the action leads, whole; empty: there is none."""
    until: str
    """How long the link holds, in words; empty where it has no end."""
    otherwise: str
    contact: str

    @property
    def text(self) -> str:
        """The same as plain text."""
        link = f"{self.action}:\n{self.address}" if self.address else ""
        foot = f"TrackSensei, the Netherlands. {self.contact}"
        parts = ["TrackSensei", self.title.upper(), self.said, link, self.until, self.otherwise, foot]
        return "\n\n".join(part for part in parts if part) + "\n"


def write(occasion: Occasion, facts: Mapping[str, str], *, site_url: str, until: datetime | None = None) -> Letter:
    """Write a letter; every address in it begins with the settings' own."""
    words = WORDS[occasion]
    term = f"The link works once and until {until.day} {until:%B %Y, %H:%M} UTC." if until else ""
    return Letter(
        title=words.title,
        said=words.said.format(**facts),
        action=words.action,
        address=site_url + words.path.format(**facts) if words.path else "",
        until=term,
        otherwise=words.otherwise.format(**facts),
        contact=facts["contact"],
    )
