"""What the pages of the privacy promise show."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from app.kernel.html.chrome import Chrome
    from app.privacy.audit import Finding
    from app.privacy.clauses import Section


@dataclass(frozen=True, slots=True)
class PolicyPage:
    """The privacy policy."""

    template: ClassVar[str] = "privacy/policy.html"

    chrome: Chrome
    version: str
    sections: tuple[Section, ...]


@dataclass(frozen=True, slots=True)
class TermsPage:
    """What one agrees to by using the site."""

    template: ClassVar[str] = "privacy/terms.html"

    chrome: Chrome
    host: str
    operator_name: str
    contact: str
    max_mib: int
    max_minutes: int
    results_days: int
    minimum_age_years: int


@dataclass(frozen=True, slots=True)
class ImprintPage:
    """Who runs the site."""

    template: ClassVar[str] = "privacy/imprint.html"

    chrome: Chrome
    operator_name: str
    operator_number: str
    operator_address: str
    contact: str
    host: str


@dataclass(frozen=True, slots=True)
class HeldLine:
    """One table of what is held."""

    table: str
    title: str
    kept: str
    """How long its class is kept."""
    count: int
    goes: str
    """When the next one goes."""
    left_percent: int | None
    """How much of its term is left; none where it has no end of its own."""
    is_deletable: bool


@dataclass(frozen=True, slots=True)
class ReceiptLine:
    """One proof of a deletion."""

    id: str
    name: str
    size: str
    sha256: str
    received: str
    analysed: str
    deleted: str
    kept: str


@dataclass(frozen=True, slots=True)
class ObjectionLine:
    """One objection."""

    purpose: str
    at: str
    state: str


@dataclass(frozen=True, slots=True)
class PurposeChoice:
    """One purpose that can be objected to."""

    value: str
    label: str
    effect: str


@dataclass(frozen=True, slots=True)
class ExportBox:
    """The order of a copy, and how far it is."""

    csrf_token: str
    id: str
    state: str
    """``none``, ``queued``, ``running`` or ``ready``."""
    done: int
    total: int
    until: str


@dataclass(frozen=True, slots=True)
class ExportFragment:
    """The same, alone."""

    template: ClassVar[str] = "privacy/_export.html"

    box: ExportBox


@dataclass(frozen=True, slots=True)
class DataPage:
    """Everything that is held of somebody, and what they can do about it."""

    template: ClassVar[str] = "privacy/data.html"

    chrome: Chrome
    counted_at: str
    lines: tuple[HeldLine, ...]
    receipts: tuple[ReceiptLine, ...]
    box: ExportBox
    allows_ai_feedback: bool
    purposes: tuple[PurposeChoice, ...]
    objections: tuple[ObjectionLine, ...]
    erasure_seconds: int
    results_days: int


@dataclass(frozen=True, slots=True)
class HeldRow:
    """One row of a table, field by field."""

    id: str
    fields: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class HeldPage:
    """Every row that is held in one table."""

    template: ClassVar[str] = "privacy/held.html"

    chrome: Chrome
    table: str
    title: str
    description: str
    withheld: tuple[tuple[str, str], ...]
    rows: tuple[HeldRow, ...]
    is_deletable: bool


@dataclass(frozen=True, slots=True)
class ErasePage:
    """The last question before an account goes."""

    template: ClassVar[str] = "privacy/erase.html"

    chrome: Chrome
    email: str
    erasure_seconds: int
    account_deletion_days: int
    backup_days: int


@dataclass(frozen=True, slots=True)
class ErasedPage:
    """What is said when it is done."""

    template: ClassVar[str] = "privacy/erased.html"

    chrome: Chrome
    account_deletion_days: int


@dataclass(frozen=True, slots=True)
class LivePage:
    """Each promise with what was measured."""

    template: ClassVar[str] = "privacy/live.html"

    chrome: Chrome
    measured_at: str
    lines: tuple[Finding, ...]
    broken: int
