"""What pages show of an account's allowances."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.usage.rules import Allowance


@dataclass(frozen=True, slots=True)
class UsageMeter:
    """One kind of what is counted."""

    label: str
    used: int
    limit: int
    left: int


@dataclass(frozen=True, slots=True)
class UsageFragment:
    """What is used and left, and when there is more."""

    template: ClassVar[str] = "usage/_usage.html"

    plan: str
    meters: tuple[UsageMeter, ...]
    renews_on: str


def usage_of(allowances: Sequence[Allowance]) -> UsageFragment:
    """Show the allowances of one account, all of the same period."""
    end = allowances[0].period.end
    return UsageFragment(
        plan=allowances[0].plan.capitalize(),
        meters=tuple(UsageMeter(each.kind.capitalize(), each.used, each.limit, each.left) for each in allowances),
        renews_on=f"{end.day} {end:%B %Y}",
    )
