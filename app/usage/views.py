"""What the page of the plans shows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from app.kernel.html.chrome import Chrome


@dataclass(frozen=True, slots=True)
class PlanColumn:
    """One plan as a column of the table."""

    name: str
    price_month: str
    price_year: str
    analyses: int
    messages: int
    is_yours: bool


@dataclass(frozen=True, slots=True)
class PricingPage:
    """The plans beside each other."""

    template: ClassVar[str] = "usage/pricing.html"

    chrome: Chrome
    plans: tuple[PlanColumn, ...]
    max_mib: int
    max_minutes: int
    results_days: int
    is_payment_set_up: bool
