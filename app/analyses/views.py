"""What pages, answers and streams show of analyses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from app.analyses.card_view import Card, card_of
from app.analyses.live_set.page import SetPage, set_page
from app.analyses.references_view import ReferencesPage, references_page
from app.analyses.report.page import Report, ReportFragment, ReportPage, report_of

if TYPE_CHECKING:
    from app.kernel.html.chrome import Chrome

__all__ = [
    "Card",
    "CardFragment",
    "CardMessage",
    "ReferencesPage",
    "Report",
    "ReportFragment",
    "ReportPage",
    "SetPage",
    "WaitingPage",
    "card_of",
    "references_page",
    "report_of",
    "set_page",
]


@dataclass(frozen=True, slots=True)
class CardFragment:
    """The card alone, as the answer to a button, a declaration or a poll."""

    template: ClassVar[str] = "analyses/_card.html"

    card: Card


@dataclass(frozen=True, slots=True)
class CardMessage:
    """The card as a message of the event stream, with the element that it replaces."""

    template: ClassVar[str] = "analyses/_card_message.html"

    card: Card


@dataclass(frozen=True, slots=True)
class WaitingPage:
    """The page of one analysis that is not done."""

    template: ClassVar[str] = "analyses/waiting.html"

    chrome: Chrome
    card: Card
    events_url: str
