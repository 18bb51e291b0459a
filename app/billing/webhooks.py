"""A message of Stripe: whether it is one, and what it is about."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import msgspec

from app.kernel.errors import BadRequest

if TYPE_CHECKING:
    from datetime import timedelta

ID_MAX, KIND_MAX = 255, 100
NO_EVENT = "The message is no event."


@dataclass(frozen=True, slots=True)
class Event:
    """What is read of a message; everything else is asked of Stripe, since messages come in any order."""

    id: str
    kind: str
    created_at: datetime
    customer_id: str
    """Whom it is about; empty where it is about nobody."""


class _Object(msgspec.Struct):
    id: str = ""
    object: str = ""
    customer: Any = None


class _Data(msgspec.Struct):
    object: _Object


class _Message(msgspec.Struct):
    id: str
    type: str
    created: int
    data: _Data
    object: str = ""


def read_event(body: bytes, signature: str, *, secret: str, now: datetime, tolerance: timedelta) -> Event:
    """Return the event of a message that Stripe signed a moment ago.

    The signature is checked by Stripe's own library; it takes a time that is still to come, so
    that both sides of the time are checked here.

    Raises
    ------
    BadRequest
        When it is not signed with this secret, too old, from the future, or not an event.

    """
    sent_at = _verified_time(body, signature, secret)
    if abs(now - sent_at) > tolerance:
        raise BadRequest("The message is not of this moment.", code="stripe_time")
    try:
        message = msgspec.json.decode(body, type=_Message)
        about = message.data.object
        customer_id = about.id if about.object == "customer" else _identifier(about.customer)
        created_at = datetime.fromtimestamp(message.created, UTC)
    except (msgspec.MsgspecError, ValueError, OverflowError, OSError) as error:
        raise BadRequest(NO_EVENT, code="stripe_event") from error
    is_event = message.object == "event" and message.id.startswith("evt_") and len(message.id) <= ID_MAX
    if not is_event or len(message.type) > KIND_MAX or "\0" in message.id + message.type + customer_id:
        raise BadRequest(NO_EVENT, code="stripe_event")
    return Event(id=message.id, kind=message.type, created_at=created_at, customer_id=customer_id)


def _verified_time(body: bytes, signature: str, secret: str) -> datetime:
    """Return the time that a right signature covers."""
    import stripe  # noqa: PLC0415 - half a second that only sites with payment spend

    try:
        stripe.WebhookSignature.verify_header(body, signature, secret)
        return datetime.fromtimestamp(_time_of(signature), UTC)
    except Exception as error:
        # The library raises whatever a strange header or body makes Python raise.
        raise BadRequest("The message is not signed by Stripe.", code="stripe_signature") from error


def _time_of(signature: str) -> int:
    """Return the time that the signature covers: the first one, as the library reads it."""
    return int(next(item.split("=", 2)[1] for item in signature.split(",") if item.split("=", 2)[0] == "t"))


def _identifier(reference: Any) -> str:
    """Return an identifier that may have been expanded to its object."""
    found = reference.get("id", "") if isinstance(reference, dict) else reference
    return found if isinstance(found, str) else ""
