"""The page on which an owner's target is learned from references."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from app.advice.references import FEWEST, LOUDNESS_MARGIN_LU, MARGIN_DB, MOST
from app.analyses.card_view import kept_for
from app.analyses.rules import State
from app.kernel.html import numbers

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from uuid import UUID

    from app.analyses.rules import Analysis
    from app.kernel.html.chrome import Chrome


@dataclass(frozen=True, slots=True)
class ReferenceRow:
    """One reference: what was learned, or how far it is."""

    name: str
    address: str
    """Of its waiting page; empty once it is learned."""
    loudness: str
    upload_gone: str
    gone_in: str
    delete_address: str


@dataclass(frozen=True, slots=True)
class ReferencesPage:
    """References, how to add one, and what becomes of them."""

    template: ClassVar[str] = "analyses/references.html"

    chrome: Chrome
    references: tuple[ReferenceRow, ...]
    fewest: int
    most: int
    margin_db: str
    margin_lu: str
    a_day: int
    """How many may be sent in a day."""
    results_days: int
    max_mib: int
    max_minutes: int
    accept: str
    is_verified: bool
    is_full: bool
    """Whether there is no room for another."""


def references_page(
    chrome: Chrome,
    references: Sequence[Analysis],
    headlines: Mapping[UUID, Mapping[str, Any]],
    now: datetime,
    **policy: Any,
) -> ReferencesPage:
    """Make the page; ``policy`` are the numbers that the service promises."""
    return ReferencesPage(
        chrome=chrome,
        references=tuple(_row(analysis, headlines.get(analysis.id, {}), now) for analysis in references),
        is_full=len(references) >= MOST,
        fewest=FEWEST,
        most=MOST,
        margin_db=numbers.fixed(MARGIN_DB, 0),
        margin_lu=numbers.fixed(LOUDNESS_MARGIN_LU, 0),
        **policy,
    )


def _row(analysis: Analysis, headline: Mapping[str, Any], now: datetime) -> ReferenceRow:
    is_done = analysis.state is State.DONE
    loudness = headline.get("integrated_lufs")
    return ReferenceRow(
        name=analysis.track_name,
        address="" if is_done else f"/analyses/{analysis.id}",
        loudness=f"{numbers.fixed(loudness)} LUFS" if is_done and loudness is not None else "",
        upload_gone=kept_for(analysis) if is_done else "",
        gone_in=numbers.time_left(analysis.expires_at, now),
        delete_address=f"/references/{analysis.id}/delete",
    )
