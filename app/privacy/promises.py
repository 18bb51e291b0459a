"""What the privacy page names by list: classes, mails, purposes, recipients, each complete by its type.

The classes of retention and the kinds of mail are those that the code knows; a new one without
its words here turns the suite red.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING

from app.accounts.letters import MailKind
from app.kernel.personal import Retention

if TYPE_CHECKING:
    from collections.abc import Mapping

    from app.policy import Policy


@dataclass(frozen=True, slots=True)
class Kept:
    """One class of what is kept, in a person's words."""

    title: str
    what: str
    term: str
    """How long, as the end of a sentence that begins with ``kept``."""


class Basis(StrEnum):
    """Why something may be done with personal data (GDPR Art. 6(1))."""

    CONTRACT = "contract (Art. 6(1)(b))"
    CONSENT = "consent (Art. 6(1)(a))"
    INTEREST = "legitimate interest (Art. 6(1)(f))"
    LAW = "legal duty (Art. 6(1)(c))"


class Purpose(StrEnum):
    """What personal data are used for; nothing else is done with them."""

    ANALYSES = "analyses"
    AI_FEEDBACK = "ai_feedback"
    ACCOUNT = "account"
    PLAN_LIMITS = "plan_limits"
    MAILS = "mails"
    SECURITY = "security"
    POLICY_NEWS = "policy_news"


@dataclass(frozen=True, slots=True)
class PurposeFacts:
    """A purpose in words, what it rests on and what an objection to it does."""

    title: str
    basis: Basis
    objection: str
    """What an objection does, as a sentence."""
    stops_at_once: bool = False
    """Whether the objection itself ends the purpose, without a person's decision."""


PURPOSES: Mapping[Purpose, PurposeFacts] = MappingProxyType(
    {
        Purpose.ANALYSES: PurposeFacts(
            "measuring the files that you send, and showing you the report",
            Basis.CONTRACT,
            "Send no more files, or delete what is here: that ends it.",
        ),
        Purpose.AI_FEEDBACK: PurposeFacts(
            "feedback by an AI on your report",
            Basis.CONSENT,
            "It stops at once: nothing goes to an AI any more.",
            stops_at_once=True,
        ),
        Purpose.ACCOUNT: PurposeFacts(
            "keeping your account and your subscription",
            Basis.CONTRACT,
            "Delete the account: that ends it.",
        ),
        Purpose.PLAN_LIMITS: PurposeFacts(
            "counting analyses and messages by month for the limits of your plan",
            Basis.CONTRACT,
            "A person looks at it and answers by mail.",
        ),
        Purpose.MAILS: PurposeFacts(
            "the mails without which an account does not work",
            Basis.CONTRACT,
            "A person looks at it and answers by mail.",
        ),
        Purpose.SECURITY: PurposeFacts(
            "noticing and stopping abuse and fraud, by logs and limits",
            Basis.INTEREST,
            "A person looks at it and answers by mail.",
        ),
        Purpose.POLICY_NEWS: PurposeFacts(
            "telling you when this page changes",
            Basis.LAW,
            "A person looks at it and answers by mail.",
        ),
    }
)

MAIL_WORDS: Mapping[MailKind, str] = MappingProxyType(
    {
        MailKind.VERIFICATION: "one to confirm your address",
        MailKind.PASSWORD_RESET: "one with a link for a new password, when somebody asks for it",
        MailKind.EMAIL_CHANGE: "one to either mailbox when your address is to change",
        MailKind.SECURITY_NOTICE: "a notice when something about your account's safety or your rights happened",
        MailKind.POLICY_CHANGE: "one when this page changes in a way that matters",
        MailKind.ACCOUNT_DELETED: "a last one when your account is deleted",
    }
)


@dataclass(frozen=True, slots=True)
class Recipient:
    """Somebody whom the service runs on."""

    name: str
    gets: str
    place: str


def recipients(host_provider: str, mail_provider: str) -> tuple[Recipient, ...]:
    """Name everybody who gets anything, and what."""
    return (
        Recipient(
            "Anthropic (Claude API)",
            "measurements, findings, your questions and that conversation, only while you allow it",
            "the United States",
        ),
        Recipient(
            "Stripe",
            "your e-mail address and what you pay with, only when you buy a plan",
            "Ireland and the United States",
        ),
        Recipient(
            f"the host, {host_provider}" if host_provider else "the host",
            "everything, as the owner of the machines, and looks at none of it",
            "where its machines stand",
        ),
        Recipient(
            f"the mail provider, {mail_provider}" if mail_provider else "the mail provider",
            "your e-mail address and the mails to you",
            "where its machines stand",
        ),
    )


def kept(policy: Policy) -> Mapping[Retention, Kept]:
    """Say of each class what it holds and how long it is kept."""
    retention, accounts, mail = policy.retention, policy.accounts, policy.mail
    return {
        Retention.ACCOUNT: Kept(
            "Account",
            "address, display name, password hash, consents, plan",
            "as long as the account",
        ),
        Retention.SESSION: Kept(
            "Sessions",
            "browser and system in words, begin, last use",
            f"until you log out, {accounts.session_idle_days} days without use, and {accounts.session_absolute_days} "
            "days at most",
        ),
        Retention.UPLOAD: Kept(
            "Uploads",
            "the file itself, its name, size and hash",
            "until its report exists, and the name, size and hash as long as that report; after a failure the file "
            f"for at most {retention.failed_upload_hours} hours",
        ),
        Retention.RESULTS: Kept(
            "Results",
            "tracks, reports, scores, what was read of Live sets, figures of reference tracks, findings that you "
            "meant, conversations, proofs of deletion",
            f"{retention.results_days} days",
        ),
        Retention.USAGE: Kept(
            "Usage counts",
            "how many analyses and messages a month",
            "as long as the account",
        ),
        Retention.LINK: Kept(
            "Links of mails",
            "a hash of the link, never the link",
            f"{mail.verification_hours} hours at most, used or not",
        ),
        Retention.MAIL: Kept(
            "Mails on their way",
            "your address and the occasion, no text",
            f"until it is sent, {mail.notice_days} days at most",
        ),
        Retention.SECURITY: Kept(
            "Security events",
            "what happened to the account, on which device",
            f"{accounts.security_log_days} days",
        ),
        Retention.EXPORT: Kept(
            "Exports",
            "a copy of all this that you ordered",
            f"until you fetch it, {policy.privacy.export_minutes} minutes at most",
        ),
        Retention.PAYMENT: Kept(
            "Payment messages",
            "which messages of Stripe were taken, and whom Stripe has still to forget",
            f"{policy.billing.event_days} days",
        ),
    }
