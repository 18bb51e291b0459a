"""What the pages of the privacy promise show."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from app.kernel.html.chrome import Chrome
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
