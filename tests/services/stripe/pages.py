"""The two pages of Stripe that a person meets: payment, and the portal."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.services.stripe.world import World

FRAME = (
    '<!doctype html><html lang="en"><head><meta charset="utf-8"><link rel="icon" href="data:,">'
    "<title>{title}</title></head><body><h1>{title}</h1>{body}</body></html>"
)
FORM = '<form method="post" action="{action}"><button>{label}</button></form>'


def payment(world: World, key: str) -> tuple[int, str]:
    """Show what is to be paid."""
    session = world.sessions[key]
    if session["status"] != "open":
        return 410, FRAME.format(title="This payment is over", body="")
    form = FORM.format(action=f"/pay/{key}", label="Pay")
    back = f'<a href="{escape(session["cancel_url"])}">Back</a>'
    return 200, FRAME.format(title="Payment", body=f"<p>{session['x_price']}</p>{form}{back}")


def pay(world: World, key: str) -> tuple[int, str]:
    """Pay, and go back to the site."""
    world.pay(key)
    return 303, str(world.sessions[key]["success_url"])


def portal(world: World, key: str) -> tuple[int, str]:
    """Show the portal, or the one question that it was opened for."""
    opened = world.portals[key]
    flow: dict[str, Any] = opened.get("flow_data") or {}
    back = f'<a href="{escape(opened["return_url"])}">Back</a>'
    if "subscription_update_confirm" in flow:
        form = FORM.format(action=f"/portal/{key}/confirm", label="Confirm")
        return 200, FRAME.format(title="Confirm your update", body=form + back)
    return 200, FRAME.format(title="Card and bills", body=back)


def confirm(world: World, key: str) -> tuple[int, str]:
    """Confirm an upgrade, and go back to the site."""
    flow = world.portals[key]["flow_data"]
    wanted = flow["subscription_update_confirm"]
    world.change_price(wanted["subscription"], wanted["items"][0]["price"])
    return 303, str(flow["after_completion"]["redirect"]["return_url"])


PAGES: list[tuple[str, str, Callable[..., tuple[int, str]]]] = [
    ("GET", r"/pay/(\w+)", payment),
    ("POST", r"/pay/(\w+)", pay),
    ("GET", r"/portal/(\w+)", portal),
    ("POST", r"/portal/(\w+)/confirm", confirm),
]
