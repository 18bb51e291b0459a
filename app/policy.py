"""policy.toml, typed: the one home of every number that the service promises or enforces."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import msgspec

MIB = 1024 * 1024
SHIPPED = Path(__file__).resolve().parent.parent / "policy.toml"


@dataclass(frozen=True, slots=True)
class UploadPolicy:
    """What is taken, and how patiently."""

    max_mib: int
    max_minutes: int
    max_channels: int
    min_rate_hz: int
    max_rate_hz: int
    idle_seconds: int
    parallel_per_account: int
    min_free_disk_percent: int

    @property
    def max_bytes(self) -> int:
        """The cap of one file in bytes."""
        return self.max_mib * MIB


@dataclass(frozen=True, slots=True)
class RetentionPolicy:
    """When what is kept goes."""

    failed_upload_hours: int
    receiving_hours: int
    orphan_file_minutes: int
    cancelled_minutes: int
    results_days: int
    sweep_seconds: int

    @property
    def failed_upload(self) -> timedelta:
        """How long a received file may wait for a retry."""
        return timedelta(hours=self.failed_upload_hours)

    @property
    def receiving(self) -> timedelta:
        """How long an upload may take."""
        return timedelta(hours=self.receiving_hours)

    @property
    def orphan_file(self) -> timedelta:
        """How long a file without a row may lie."""
        return timedelta(minutes=self.orphan_file_minutes)

    @property
    def cancelled(self) -> timedelta:
        """How long the row of a cancelled analysis stays, to be shown as such."""
        return timedelta(minutes=self.cancelled_minutes)

    @property
    def results(self) -> timedelta:
        """How long reports, scores and conversations are kept."""
        return timedelta(days=self.results_days)


@dataclass(frozen=True, slots=True)
class AnalysisPolicy:
    """How a run is leased, renewed, repeated and ended."""

    lease_seconds: float
    heartbeat_seconds: float
    reconcile_seconds: float
    attempts: int
    wall_clock_seconds: float
    cpu_seconds: int
    memory_mib: int
    address_space_mib: int
    encoder_seconds: float
    encoder_cpu_seconds: int
    encoder_address_space_mib: int
    parallel: int

    @property
    def lease(self) -> timedelta:
        """How long a worker may be silent before its run is given to another."""
        return timedelta(seconds=self.lease_seconds)


@dataclass(frozen=True, slots=True)
class AccountPolicy:
    """Rules of accounts and sessions."""

    minimum_age_years: int
    password_min_length: int
    password_max_length: int
    session_idle_days: int
    session_absolute_days: int
    proof_minutes: int
    unverified_days: int
    security_log_days: int
    access_log_days: int
    common_passwords: int
    policy_version: str

    @property
    def proof(self) -> timedelta:
        """How long a password that was given counts before what hurts."""
        return timedelta(minutes=self.proof_minutes)

    @property
    def unverified(self) -> timedelta:
        """How long an account may wait for its address to be confirmed."""
        return timedelta(days=self.unverified_days)

    @property
    def security_log(self) -> timedelta:
        """How long security events are kept."""
        return timedelta(days=self.security_log_days)


@dataclass(frozen=True, slots=True)
class PrivacyPolicy:
    """What is promised about deletion, copies and answers."""

    erasure_seconds: int
    account_deletion_days: int
    backup_days: int
    export_minutes: int
    last_mail_hours: int
    answer_days: int

    @property
    def backup(self) -> timedelta:
        """How long a backup is kept."""
        return timedelta(days=self.backup_days)

    @property
    def export(self) -> timedelta:
        """How long an export can be fetched."""
        return timedelta(minutes=self.export_minutes)

    @property
    def last_mail(self) -> timedelta:
        """How long the mail about a deletion is tried, and a mail that is a file is kept."""
        return timedelta(hours=self.last_mail_hours)

    @property
    def erasure(self) -> timedelta:
        """How long the live data of a deleted account may take to go."""
        return timedelta(seconds=self.erasure_seconds)


@dataclass(frozen=True, slots=True)
class MailPolicy:
    """How long links hold, and how patiently mail is sent."""

    verification_hours: int
    reset_minutes: int
    email_change_hours: int
    notice_days: int
    attempts: int
    retry_seconds: float
    poll_seconds: float

    @property
    def verification(self) -> timedelta:
        """How long the link that confirms an address holds."""
        return timedelta(hours=self.verification_hours)

    @property
    def reset(self) -> timedelta:
        """How long the link for a new password holds."""
        return timedelta(minutes=self.reset_minutes)

    @property
    def email_change(self) -> timedelta:
        """How long both mailboxes have to agree."""
        return timedelta(hours=self.email_change_hours)

    @property
    def notice(self) -> timedelta:
        """How long a mail without a link is tried, and a failed one can be seen."""
        return timedelta(days=self.notice_days)

    def pause(self, attempt: int) -> timedelta:
        """How long to wait after a failed attempt, counted from one: twice as long each time."""
        return timedelta(seconds=self.retry_seconds * 2 ** (attempt - 1))


@dataclass(frozen=True, slots=True)
class BillingPolicy:
    """How long what is paid holds without news, and how patiently Stripe is asked."""

    grace_days: int
    event_days: int
    departure_days: int
    departure_retry_seconds: float
    tolerance_seconds: int
    answer_seconds: float

    @property
    def grace(self) -> timedelta:
        """How long a plan holds after a bill that was not paid."""
        return timedelta(days=self.grace_days)

    @property
    def events(self) -> timedelta:
        """How long it is kept which messages were taken."""
        return timedelta(days=self.event_days)

    @property
    def departure(self) -> timedelta:
        """How long a customer is tried to be deleted."""
        return timedelta(days=self.departure_days)

    @property
    def tolerance(self) -> timedelta:
        """How far a message's own time may be from ours."""
        return timedelta(seconds=self.tolerance_seconds)

    def pause(self, attempt: int) -> timedelta:
        """How long to wait after a failed deletion, counted from one: twice as long each time, to a day."""
        return min(timedelta(seconds=self.departure_retry_seconds * 2 ** min(attempt - 1, 20)), timedelta(days=1))


@dataclass(frozen=True, slots=True)
class StreamPolicy:
    """Rules of event streams."""

    per_account: int
    heartbeat_seconds: float
    max_minutes: float
    poll_seconds: float


@dataclass(frozen=True, slots=True)
class TokenPrices:
    """What a model costs, in dollars for a million tokens."""

    input: float
    cache_write: float
    cache_read: float
    output: float


@dataclass(frozen=True, slots=True)
class ChatPolicy:
    """How long, how large and how dear answers may be."""

    question_characters: int
    answer_characters: int
    answer_seconds: float
    silence_seconds: float
    retries: int
    write_seconds: float
    lease_seconds: float
    history_tokens: int
    answer_tokens: int
    account_dollars_a_day: float
    site_dollars_a_day: float
    prices: dict[str, TokenPrices]

    @property
    def lease(self) -> timedelta:
        """How long an answer may be without news before it is interrupted."""
        return timedelta(seconds=self.lease_seconds)


@dataclass(frozen=True, slots=True)
class Rate:
    """So many in so many seconds."""

    count: int
    seconds: int


@dataclass(frozen=True, slots=True)
class ActionLimit:
    """The rates of one action, by address, by account, and by account from one address."""

    address: Rate | None = None
    account: Rate | None = None
    pair: Rate | None = None
    """For log-ins: a stranger who guesses elsewhere must not lock the owner out."""
    guards_passwords: bool = False
    """Closed while nobody can count; other actions go on uncounted."""


@dataclass(frozen=True, slots=True)
class PlanPolicy:
    """What a plan allows in a month."""

    analyses: int
    messages: int


@dataclass(frozen=True, slots=True)
class Policy:
    """policy.toml, typed."""

    uploads: UploadPolicy
    retention: RetentionPolicy
    analysis: AnalysisPolicy
    accounts: AccountPolicy
    privacy: PrivacyPolicy
    mail: MailPolicy
    billing: BillingPolicy
    streams: StreamPolicy
    chat: ChatPolicy
    limits: dict[str, ActionLimit]
    plans: dict[str, PlanPolicy]

    @classmethod
    def read(cls, path: Path = SHIPPED) -> Policy:
        """Read and check the file; msgspec names the field that is wrong."""
        return msgspec.convert(tomllib.loads(path.read_text("utf-8")), cls)
