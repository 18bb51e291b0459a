"""Pages of plans and payment, and the address that Stripe writes to."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import uuid4

from litestar import Controller, MediaType, Request, Response, get, post

from app.accounts.rules import Viewer
from app.billing.inbox import Inbox
from app.billing.rules import OPEN, Held, Interval, Offer, Turn
from app.billing.service import Billing, Choice
from app.billing.views import (
    HOW_OFTEN,
    LeavingPage,
    PlanColumn,
    PlanPage,
    PricingPage,
    button_of,
    day,
    keeps_of,
    sentences_of,
    title_of,
    trouble_of,
)
from app.kernel.errors import BadRequest
from app.kernel.html.access import ACCOUNT, PUBLIC, VERIFIED, WEBHOOK, whole_body
from app.kernel.html.answers import Answers, chrome_of, see_other
from app.kernel.html.inject import Part
from app.settings import Settings
from app.usage.rules import FREE, Kind
from app.usage.service import UsageLedger
from app.usage.views import UsageFragment, usage_of

NO_PRICE = "€0"
PLAN_PAGE = "/account/plan"
WEBHOOK_MAX_BYTES = 512 * 1024
KEY_MAX = 64
ASKED_AT_STRIPE = frozenset({"paid", "portal"})
DONE = {
    "paid": "Thank you. Your plan is below; a payment that is still on its way shows within minutes.",
    "portal": "You are back. What you changed is below.",
    "cancelled": "Your plan is cancelled. Nothing more will be charged.",
    "kept": "Your plan stays as it is.",
    "downgrade": "Your plan changes at the end of its period.",
}
AFTER = {Turn.DOWNGRADE: "downgrade", Turn.KEEP: "kept"}


class BillingPages(Controller):
    """Plans, what is used of them, and the ways to Stripe and back."""

    @get("/pricing", opt=PUBLIC)
    async def pricing(
        self,
        request: Request[Any, Any, Any],
        usage: Part[UsageLedger],
        billing: Part[Billing],
        answers: Part[Answers],
        settings: Part[Settings],
    ) -> Response[str]:
        """Show what each plan allows and costs, from the numbers that the code obeys."""
        viewer: Viewer | None = request.scope.get("user")
        yours = await usage.plan_of(viewer.account.id) if viewer is not None else ""
        held = await billing.subscription_of(viewer.account.id) if viewer is not None else None
        policy = settings.policy
        page = PricingPage(
            chrome_of(request),
            plans=tuple(_column(name, settings, billing, held, yours) for name in policy.plans),
            max_mib=policy.uploads.max_mib,
            max_minutes=policy.uploads.max_minutes,
            results_days=policy.retention.results_days,
            is_payment_set_up=billing.is_set_up,
            form_key=uuid4().hex,
            is_yearly=held is not None and held.offer is not None and held.offer.interval is Interval.YEAR,
        )
        return answers.html(page)

    @get(PLAN_PAGE, opt=ACCOUNT)
    async def plan(
        self,
        request: Request[Any, Any, Any],
        viewer: Part[Viewer],
        usage: Part[UsageLedger],
        billing: Part[Billing],
        answers: Part[Answers],
        settings: Part[Settings],
    ) -> Response[str]:
        """Show one's own plan; whoever comes back from Stripe sees what is true now."""
        account_id = viewer.account.id
        if request.query_params.get("done") in ASKED_AT_STRIPE:
            await billing.catch_up(account_id)
        held = await billing.subscription_of(account_id)
        shown = await _usage(usage, viewer)
        plan = await usage.plan_of(account_id)
        is_open = held is not None and held.status in OPEN
        page = PlanPage(
            replace(chrome_of(request), notice=DONE.get(request.query_params.get("done", ""), "")),
            title=title_of(held, plan),
            sentences=sentences_of(held, plan),
            trouble=trouble_of(held, settings.policy.billing.grace),
            usage=shown,
            keeps=keeps_of(held) if billing.is_set_up else "",
            can_cancel=billing.is_set_up and is_open and held is not None and held.ends_at is None,
            ends_on=day(held.period_end) if held is not None else "",
            is_customer=billing.is_set_up and await billing.is_customer(account_id),
            is_payment_set_up=billing.is_set_up,
        )
        return answers.html(page)

    @get("/account/plan/usage", opt=ACCOUNT)
    async def usage_fragment(
        self, viewer: Part[Viewer], usage: Part[UsageLedger], answers: Part[Answers]
    ) -> Response[str]:
        """Show what is used and left, for the page of the account."""
        return answers.html(await _usage(usage, viewer))

    @post("/billing/choose", opt=ACCOUNT | VERIFIED)
    async def choose(
        self,
        request: Request[Any, Any, Any],
        viewer: Part[Viewer],
        form: Part[dict[str, str]],
        billing: Part[Billing],
        answers: Part[Answers],
        settings: Part[Settings],
    ) -> Any:
        """Buy, upgrade, downgrade or keep a plan."""
        offer = _offer(form.get("offer", ""), settings)
        choice = await billing.choose(viewer.account, offer, key=form.get("key", "")[:KEY_MAX] or uuid4().hex)
        if choice.turn in AFTER:
            return see_other(f"{PLAN_PAGE}?done={AFTER[choice.turn]}")
        return answers.html(_leaving(request, settings, offer, choice))

    @post("/billing/cancel", opt=ACCOUNT)
    async def cancel(self, viewer: Part[Viewer], billing: Part[Billing]) -> Any:
        """End the plan when what is paid is used up."""
        await billing.cancel(viewer.account.id)
        return see_other(f"{PLAN_PAGE}?done=cancelled")

    @post("/billing/keep", opt=ACCOUNT)
    async def keep(self, viewer: Part[Viewer], billing: Part[Billing]) -> Any:
        """Take back what was to change or to end."""
        await billing.keep(viewer.account.id)
        return see_other(f"{PLAN_PAGE}?done=kept")

    @get("/billing/portal", opt=ACCOUNT)
    async def portal(self, viewer: Part[Viewer], billing: Part[Billing]) -> Any:
        """Go on to Stripe's page for card, bills and address."""
        return see_other(await billing.portal(viewer.account))

    @post("/billing/webhook", opt=WEBHOOK, request_max_body_size=WEBHOOK_MAX_BYTES, status_code=200)
    async def webhook(self, request: Request[Any, Any, Any], inbox: Part[Inbox]) -> Response[str]:
        """Take a message of Stripe; the answer comes when what it changed is kept."""
        is_new = await inbox.take(await whole_body(request), request.headers.get("stripe-signature", ""))
        return Response(content="kept" if is_new else "known", media_type=MediaType.TEXT)


async def _usage(usage: UsageLedger, viewer: Viewer) -> UsageFragment:
    return usage_of([await usage.allowance(viewer.account.id, kind) for kind in Kind])


def _offer(text: str, settings: Settings) -> Offer:
    plan, _, interval = text.partition(" ")
    if plan not in settings.policy.plans or plan == FREE or interval not in set(Interval):
        raise BadRequest("There is no such plan.", way_out="Choose one of the plans on the page of prices.")
    return Offer(plan, Interval(interval))


def _column(name: str, settings: Settings, billing: Billing, held: Held | None, yours: str) -> PlanColumn:
    month, year = _prices(name, settings)
    allowed = settings.policy.plans[name]
    offers = [Offer(name, interval) for interval in Interval]
    return PlanColumn(
        name=name.capitalize(),
        price_month=month,
        price_year=year,
        analyses=allowed.analyses,
        messages=allowed.messages,
        is_yours=name == yours,
        buttons=tuple(button_of(offer, held, billing.turn(held, offer)) for offer in offers if billing.sells(offer)),
    )


def _prices(plan: str, settings: Settings) -> tuple[str, str]:
    return settings.prices.get(plan, ("", "")) if plan != FREE else (NO_PRICE, NO_PRICE)


def _leaving(request: Request[Any, Any, Any], settings: Settings, offer: Offer, choice: Choice) -> LeavingPage:
    plan = offer.plan.capitalize()
    is_upgrade = choice.turn is Turn.UPGRADE
    price = _prices(offer.plan, settings)[list(Interval).index(offer.interval)]
    renewal = f"It renews {HOW_OFTEN[offer.interval]} until you cancel, which takes two presses here."
    upgrade = "Stripe shows what is due today, with what you have paid already taken off, and asks you to confirm."
    return LeavingPage(
        chrome_of(request),
        title=f"Upgrade to {plan}" if is_upgrade else f"Get {plan}",
        plan=plan,
        how_often=f"a {offer.interval}",
        price=price,
        sentences=(upgrade if is_upgrade else "It begins when Stripe has taken the payment.", renewal),
        address=choice.address,
    )
