"""The page of the plans."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, get

from app.kernel.html.access import PUBLIC
from app.kernel.html.answers import Answers, chrome_of
from app.kernel.html.inject import Part
from app.settings import Settings
from app.usage.rules import FREE
from app.usage.service import UsageLedger
from app.usage.views import PlanColumn, PricingPage

NO_PRICE = "€0"


@get("/pricing", opt=PUBLIC)
async def pricing(
    request: Request[Any, Any, Any],
    usage: Part[UsageLedger],
    answers: Part[Answers],
    settings: Part[Settings],
) -> Response[str]:
    """Show what each plan allows and costs, from the numbers that the code obeys."""
    viewer = request.scope.get("user")
    yours = await usage.plan_of(viewer.account.id) if viewer is not None else ""
    policy = settings.policy
    page = PricingPage(
        chrome_of(request),
        plans=tuple(_column(name, settings, yours) for name in policy.plans),
        max_mib=policy.uploads.max_mib,
        max_minutes=policy.uploads.max_minutes,
        results_days=policy.retention.results_days,
        is_payment_set_up=bool(settings.stripe_api_key),
    )
    return answers.html(page)


def _column(name: str, settings: Settings, yours: str) -> PlanColumn:
    month, year = settings.prices.get(name, ("", "")) if name != FREE else (NO_PRICE, NO_PRICE)
    allowed = settings.policy.plans[name]
    return PlanColumn(
        name=name.capitalize(),
        price_month=month,
        price_year=year,
        analyses=allowed.analyses,
        messages=allowed.messages,
        is_yours=name == yours,
    )
