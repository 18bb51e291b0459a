"""The privacy page's sentences, each with an identifier, its numbers out of the policy.

Pure: policy and facts of the site in, sections out. docs/privacy.md says of each clause what
keeps it and which test shows that; the suite is red when one of them is missing.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.audio.formats import FORMATS
from app.privacy.promises import MAIL_WORDS, PURPOSES, kept, recipients

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.policy import Policy

UNNAMED = "an operator whose name is not filled in yet"
UNNUMBERED = "(number not filled in yet)"


@dataclass(frozen=True, slots=True)
class Clause:
    """One sentence of the promise."""

    id: str
    text: str


@dataclass(frozen=True, slots=True)
class Section:
    """Clauses under one heading."""

    id: str
    title: str
    clauses: tuple[Clause, ...]


@dataclass(frozen=True, slots=True)
class SiteFacts:
    """What the operator's settings say of the site."""

    host: str = "tracksensei.com"
    contact: str = "hello@tracksensei.com"
    cookie: str = "__Host-session"
    operator_name: str = ""
    operator_number: str = ""
    host_provider: str = ""
    mail_provider: str = ""


def sections(policy: Policy, site: SiteFacts) -> tuple[Section, ...]:
    """Return the whole page."""
    return (
        _who(site),
        _account(policy),
        _uploads(policy),
        _results(policy),
        _logs(policy),
        _payment(),
        _ai(),
        _purposes(),
        _sharing(site),
        _terms(policy),
        _deletion(policy),
        _security(policy),
        _rights(policy, site),
        _browser(site),
        _mails(),
        _age(policy),
        _changes(policy),
    )


def clauses_of(page: Sequence[Section]) -> tuple[Clause, ...]:
    """Return every clause in the order of the page."""
    return tuple(clause for section in page for clause in section.clauses)


def fingerprint(page: Sequence[Section]) -> str:
    """Return what changes with any word of the page: SHA-256 over identifiers, titles and sentences."""
    words = "\n".join(f"{section.id}\t{section.title}" for section in page)
    said = "\n".join(f"{clause.id}\t{clause.text}" for clause in clauses_of(page))
    return hashlib.sha256(f"{words}\n{said}".encode()).hexdigest()


def _section(name: str, title: str, *texts: str) -> Section:
    return Section(name, title, tuple(Clause(f"{name}-{number}", text) for number, text in enumerate(texts, 1)))


def _named(name: str, title: str, *clauses: tuple[str, str]) -> Section:
    return Section(name, title, tuple(Clause(f"{name}-{part}", text) for part, text in clauses))


def _listed(words: Sequence[str]) -> str:
    return f"{', '.join(words[:-1])} and {words[-1]}"


def _who(site: SiteFacts) -> Section:
    return _section(
        "who",
        "Who we are",
        f"TrackSensei at {site.host} is run from the Netherlands by {site.operator_name or UNNAMED}, registered in the "
        f"Dutch trade register under {site.operator_number or UNNUMBERED}, who decides what happens with your data and "
        "answers for it (the controller).",
        f"For anything about your data write to {site.contact}.",
    )


def _account(policy: Policy) -> Section:
    return _section(
        "account",
        "Your account",
        "We keep your e-mail address, and a display name if you give one.",
        "Of your password we keep a one-way hash only, made with argon2id.",
        "We keep which version of this page you accepted, and which consents you gave and withdrew, with the time.",
        "Without an address and a password there can be no account; everything else is your choice.",
        f"An account whose address nobody confirms is deleted after {policy.accounts.unverified_days} days.",
    )


def _uploads(policy: Policy) -> Section:
    formats = _listed([facts.label for facts in FORMATS.values()])
    uploads, retention = policy.uploads, policy.retention
    return _section(
        "uploads",
        "What you upload",
        f"You can send {formats} files of up to {uploads.max_mib} MiB and {uploads.max_minutes} minutes.",
        "Our own engine measures them on our machines, in closed processes that have no network and see nothing "
        "but that one file, and they are stored for that time only.",
        "A file is deleted the moment its report exists.",
        f"When measuring fails, the file is kept for at most {retention.failed_upload_hours} hours after it was "
        "received, so that you can try again, and is then deleted by itself; trying again does not lengthen that.",
        f"A file that never arrived whole is deleted after {retention.receiving_hours} hours, one that you cancel "
        "at once.",
        "Each deletion leaves you a receipt with the file's hash, when it was received, measured and deleted, and "
        "for how many seconds it was kept.",
    )


def _results(policy: Policy) -> Section:
    days = policy.retention.results_days
    return _section(
        "results",
        "What is made from it",
        f"Reports, scores, what was read of a Live set, and tracks' names are kept for {days} days and then deleted "
        "for good; so are the figures learned from your reference tracks; a track's name, and which of its findings "
        "you meant, go with its newest report.",
        "Your messages with the assistant and its answers are stored so that you can come back to the conversation, "
        f"and deleted for good after {days} days.",
        "How many analyses and messages you use is counted by month, for the limits of your plan.",
        "No decision about you is made by a machine: scores are about sound.",
    )


def _logs(policy: Policy) -> Section:
    accounts = policy.accounts
    return _section(
        "logs",
        "Logs",
        "The server's log has the address, the browser, the time and the kind of page of each request, for security "
        f"and for finding faults, and is deleted after {accounts.access_log_days} days.",
        "A security log has log-ins, changes and refusals with hashed identifiers instead of names, and is deleted "
        f"after {accounts.security_log_days} days.",
        "What happened to your account you can see yourself on its page, for as long.",
    )


def _payment() -> Section:
    return _section(
        "payment",
        "Payment",
        "You pay at Stripe; no number of a card or a bank account ever reaches our servers.",
        "We keep Stripe's identifier of you, your plan and until when it is paid.",
        "When you delete your account we have Stripe delete you as a customer; bills Stripe keeps for as long as the "
        "law asks.",
    )


def _ai() -> Section:
    return _section(
        "ai",
        "AI feedback",
        "Only while you allow it, measurements and findings, your questions and that conversation go to Anthropic’s "
        "Claude API, which writes the feedback.",
        "Your audio never goes there, nor a part of it.",
        "Names of files, tracks, presets and markers are replaced by placeholders before anything is sent, and put "
        "back when the answer is shown; your name, address and account are not sent at all.",
        "Anthropic does not train its models on what is sent by this API.",
        "Everything but this feedback works without your consent, and you withdraw it on your account's page with "
        "one press, as you gave it.",
    )


def _purposes() -> Section:
    return _named(
        "purpose",
        "What for, and on what ground",
        *(
            (purpose.value, f"{facts.title[0].upper()}{facts.title[1:]}: {facts.basis.value}.")
            for purpose, facts in PURPOSES.items()
        ),
    )


def _sharing(site: SiteFacts) -> Section:
    named = recipients(site.host_provider, site.mail_provider)
    listed = "; ".join(f"{each.name}: {each.gets} ({each.place})" for each in named)
    return _section(
        "sharing",
        "Who else gets anything",
        "Nothing is sold, rented or shared for marketing.",
        f"Only those whom the service runs on get anything: {listed}.",
        "Where they work outside the European Union, they do so under the standard contractual clauses of the "
        "European Commission in their agreements.",
        "This program and its libraries report nothing to their makers.",
    )


def _terms(policy: Policy) -> Section:
    return _named(
        "kept",
        "How long each is kept",
        *((retention.value, f"{each.title} ({each.what}): {each.term}.") for retention, each in kept(policy).items()),
        (
            "enforced",
            (
                "The end of a file, a report, a message, a receipt and a log is set when it is made and never moved "
                "later, and every end holds for every page even while the deletion itself is late."
            ),
        ),
        (
            "swept",
            (
                f"What is due is deleted every {policy.retention.sweep_seconds} seconds, by two programs that do not "
                "depend on each other."
            ),
        ),
        ("live", "What the server holds right now against these terms you can see at /privacy/live."),
    )


def _deletion(policy: Policy) -> Section:
    privacy = policy.privacy
    return _section(
        "deletion",
        "When you delete your account",
        f"You are logged out everywhere at once, and what we hold of you is gone within {privacy.erasure_seconds} "
        "seconds.",
        f"Backups are encrypted, hold no upload and nothing that is due before they go, and are deleted after "
        f"{privacy.backup_days} days, so that everything is gone for good within {privacy.account_deletion_days} days.",
        "A salted hash of the account's random number stays for as long as backups do, so that a backup that is put "
        "back does not bring you back.",
        "Until then your account is kept for as long as you have it.",
    )


def _security(policy: Policy) -> Section:
    return _section(
        "security",
        "How it is kept safe",
        "Passwords are hashed, log-ins are signed tokens (JWT) that end at once when a session ends, and connections "
        "are encrypted (TLS).",
        "Attempts to guess a password are counted and stopped, and so is everything else that could be abused in "
        "numbers.",
        "Whatever comes in is checked and made harmless at the place where it comes in, and code and settings are "
        "reviewed before each release.",
        f"Passwords have at least {policy.accounts.password_min_length} characters, and one of the most used ones is "
        "refused.",
    )


def _rights(policy: Policy, site: SiteFacts) -> Section:
    return _named(
        "right",
        "Your rights",
        ("access", "You see everything that is held about you, class by class, on the page Your data."),
        ("correction", "You correct your name, your address and a track's name yourself."),
        (
            "deletion",
            "You delete a message, a conversation, a report, a track, all results or the whole account yourself.",
        ),
        (
            "portability",
            (
                "You take everything with you as a ZIP of JSON with a published schema, CSV and a readable page, keep "
                "a report as one page that needs no site, and bring results back into a fresh account yourself."
            ),
        ),
        (
            "objection",
            (
                "You object to any purpose on the page Your data; that ends the purpose at once, or is recorded, "
                f"confirmed by mail and answered by a person within {policy.privacy.answer_days} days."
            ),
        ),
        ("withdrawal", "You withdraw a consent with one press, and what was done before stays lawful."),
        ("mail", f"Each of these you can also ask for by mail to {site.contact}."),
        (
            "complaint",
            (
                "You can complain to the Dutch data protection authority (Autoriteit Persoonsgegevens) or to the one "
                "where you live."
            ),
        ),
    )


def _browser(site: SiteFacts) -> Section:
    return _section(
        "browser",
        "In your browser",
        f"There is one cookie, {site.cookie}, which holds the token (JWT) of your log-in, and none before you log in.",
        "There is no tracking, no analytics and no advertising, and nothing is put into your browser's storage.",
        "Pages load nothing from any other site.",
    )


def _mails() -> Section:
    return _named(
        "mail",
        "What we write to you",
        ("none", "You get these mails and no others."),
        *((kind.value, f"{words[0].upper()}{words[1:]}.") for kind, words in MAIL_WORDS.items()),
    )


def _age(policy: Policy) -> Section:
    age = policy.accounts.minimum_age_years
    return _section(
        "age",
        "Age",
        f"TrackSensei is not for people under {age}, and we do not knowingly keep anything of them.",
        f"Whoever does not say that they are {age} or older gets no account, and nothing of the form is kept.",
    )


def _changes(policy: Policy) -> Section:
    return _section(
        "change",
        "When this page changes",
        f"This is version {policy.accounts.policy_version}.",
        "When it changes in a way that matters, every registered user gets a mail, and a note stands on their pages "
        "until they have seen it.",
        "Whoever goes on using TrackSensei after that accepts it.",
    )
