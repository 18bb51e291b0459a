"""G10: messages of Stripe: forged, repeated, in any order, from the future, and cut off by death."""

from __future__ import annotations

import asyncio
import json
import random
import secrets
import time
from collections import Counter
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from itertools import permutations
from typing import TYPE_CHECKING, Any

import httpx
import stripe as sdk

from app.billing.inbox import Inbox
from app.billing.tables import StripeEvent, Subscription
from app.billing.webhooks import read_event
from app.bootstrap import Parts
from app.kernel.waypoints import Waypoint
from app.usage.tables import Entitlement
from tests.making.buyers import Shop, subscribed
from tests.prove.figure import Figure, Result
from tests.prove.g05_kills import is_alive
from tests.prove.stage import staged
from tests.services.site import running_site
from tests.services.stripe import SECRET, running_stripe, with_stripe
from tests.services.waiting import eventually

if TYPE_CHECKING:
    from tests.prove.figure import Size
    from tests.prove.stage import Stage
    from tests.services.stripe import StripeServer

TOGETHER = 25
POINTS = (Waypoint.HEARD, Waypoint.ASKED, Waypoint.KEPT)


class ForgetsMessages(Inbox):
    """Mutant: keeps no record of what was taken."""

    async def take(self, body: bytes, signature: str) -> bool:
        """Look again at every message."""
        assert self._gateway is not None
        event = read_event(body, signature, secret=self._secret, now=self._clock(), tolerance=self._tolerance)
        await self._mirror.look(self._gateway, event.customer_id)
        return True


async def prove(size: Size, seed: int, mutant: bool) -> Result:  # noqa: FBT001 - every figure has this shape
    """Attack the address that Stripe writes to, over HTTP, with the real SDK behind it."""
    from app.asgi import create_app

    result = Result()
    async with AsyncExitStack() as stack:
        stage = await stack.enter_async_context(staged())
        server = await stack.enter_async_context(running_stripe())
        settings = with_stripe(stage.settings, server.url)
        settings = replace(settings, policy=replace(settings.policy, plans=_three_plans(settings)))
        app = create_app(settings, parts=Parts(inbox=ForgetsMessages if mutant else Inbox))
        site = await stack.enter_async_context(running_site(app, settings))
        server.webhook_url = f"{site.url}/billing/webhook"
        shop = Shop.of(site)
        run = _Run(server, result, random.Random(seed))  # noqa: S311 - repeatable, no secret
        account, subscription_id = await subscribed(shop, server)
        await run.replays(size.pick(40, 1000))
        if not mutant:
            await run.forgeries(size.pick(60, 1000))
            await run.orders(subscription_id, size.pick(8, 120))
            await run.deaths(replace(stage, settings=settings), subscription_id, times=size.pick(1, 5))
        result.check("at the end the plan is what Stripe says",
                     holds=await shop.usage.plan_of(account.id) == _plan_at(server, subscription_id))  # fmt: skip
    return result


@dataclass(slots=True)
class _Run:
    """One attack after the other."""

    server: StripeServer
    result: Result
    chance: random.Random

    async def replays(self, count: int) -> None:
        """Send one message again and again."""
        event = self.server.world.events[-1]
        first = await self.server.deliver(event)
        asked, before = len(self.server.requests), await present()
        statuses: Counter[int] = Counter()
        for _ in range(0, count, TOGETHER):
            statuses.update(await asyncio.gather(*(self.server.deliver(event) for _ in range(TOGETHER))))
        self.result.check("a message is taken", holds=first == 200)
        self.result.check("a replay is answered as taken", holds=set(statuses) == {200})
        self.result.check("a replay asks nothing of Stripe", holds=len(self.server.requests) == asked)
        self.result.check("a replay changes nothing", holds=await present() == before)
        self.result.counts["replays"] = statuses.total()

    async def forgeries(self, count: int) -> None:
        """Send what nobody signed, what another secret signed, what is old, and what is still to come."""
        kept = int(await StripeEvent.count())
        statuses: Counter[int] = Counter()
        async with httpx.AsyncClient(timeout=60) as client:
            for start in range(0, count, TOGETHER):
                made = [self._forged(number) for number in range(start, start + TOGETHER)]
                posts = [client.post(self.server.webhook_url, content=body, headers=headers) for body, headers in made]
                statuses.update(answer.status_code for answer in await asyncio.gather(*posts))
        self.result.check("no forgery is taken", holds=set(statuses) == {400})
        self.result.check("no forgery is kept", holds=int(await StripeEvent.count()) == kept)
        self.result.counts["forgeries"] = statuses.total()

    def _forged(self, number: int) -> tuple[bytes, dict[str, str]]:
        event = {**self.server.world.events[-1], "id": f"evt_forged_{number}"}
        payload = json.dumps(event)
        now = int(time.time())
        sign = sdk.WebhookSignature.generate_signature_header
        right: str = sign(payload, SECRET, now)
        headers = [
            "",
            sign(payload, f"whsec_{secrets.token_hex(8)}", now),
            sign(payload, SECRET, now - self.chance.randint(302, 10**6)),
            sign(payload, SECRET, now + self.chance.randint(400, 10**6)),
            f"t={now},v1={secrets.token_hex(32)}",
            right.replace("v1=", "v0="),
            f"t={now + 1},{right.partition(',')[2]}",
            "t=," + "v1=" * self.chance.randint(1, 90),
        ]
        chosen = headers[number % len(headers)]
        body = payload.encode()
        if number % 9 == 8:
            chosen, body = right, body.replace(b"evt_forged", b"evt_farged")
        if number % 11 == 10:
            chosen, body = right, b"\xff\xfe" + body
        return body, {"Stripe-Signature": chosen, "Content-Type": "application/json"}

    async def orders(self, subscription_id: str, count: int) -> None:
        """Tell a life of five messages in so many of its 120 orders."""
        begin = len(self.server.world.events)
        self.server.world.change_price(subscription_id, "price_studio_month")
        self.server.world.fail_payment(subscription_id)
        self.server.world.recover(subscription_id)
        life = self.server.world.events[begin:]
        ends = []
        for order in self.chance.sample(list(permutations(life)), count):
            await forget()
            for event in order:
                await self.server.deliver(event)
            ends.append(await present())
        self.result.check("a life has five messages", holds=len(life) == 5)
        self.result.check("every order of them has the same end", holds=all(end == ends[0] for end in ends))
        self.result.counts["orders"] = len(ends)

    async def deaths(self, stage: Stage, subscription_id: str, *, times: int) -> None:
        """Kill the process at each point of taking a message; Stripe sends it again."""
        for _ in range(times):
            for point in POINTS:
                now_studio = _plan_at(self.server, subscription_id) == "studio"
                self.server.world.change_price(subscription_id, f"price_{'pro' if now_studio else 'studio'}_month")
                await self._die(stage, point)
                again = await self.server.deliver(self.server.world.events[-1])
                plans = [row["plan"] for row in await Entitlement.select(Entitlement.plan)]
                self.result.check("a message that death cut off is taken when it comes again", holds=again == 200)
                self.result.check("then the plan is what Stripe says",
                                  holds=plans == [_plan_at(self.server, subscription_id)])  # fmt: skip
        self.result.counts["killed while taking"] = times * len(POINTS)

    async def _die(self, stage: Stage, point: Waypoint) -> None:
        payload = json.dumps(self.server.world.events[-1])
        signature = sdk.WebhookSignature.generate_signature_header(payload, SECRET)
        mark = stage.settings.data_dir / f"died-{point.name}-{secrets.token_hex(4)}"
        with stage.forker() as forker:
            order = {"waypoint": int(point), "mark": str(mark), "body": payload, "signature": signature}
            pid = forker.fork("message", "real", **order)
            await eventually(lambda: not is_alive(pid), deadline_s=60)
        self.result.check("every process got to the point where it died", holds=mark.exists())


async def present() -> Any:
    """Return all that is kept of plans."""
    columns = (Entitlement.account, Entitlement.plan, Entitlement.anchor, Entitlement.until)
    return await Entitlement.select(*columns), await Subscription.select()


async def forget() -> None:
    """Lose what messages have made."""
    for table in (StripeEvent, Entitlement, Subscription):
        await table.delete(force=True)


def _plan_at(server: StripeServer, subscription_id: str) -> str:
    price = server.world.subscriptions[subscription_id]["items"]["data"][0]["price"]["id"]
    return str(price).split("_")[1]


def _three_plans(settings: Any) -> dict[str, Any]:
    free = settings.policy.plans["free"]
    return {"free": free, "pro": free, "studio": free}


FIGURE = Figure(
    name="g10",
    claim="no forged message is taken, a repeated one does nothing, and every order or death ends in what Stripe says",
    mutant="there is no record of the messages that were taken",
    prove=prove,
)
