"""A message of Stripe is believed when it is signed, of this moment, and an event."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import stripe
from hypothesis import given, settings
from hypothesis import strategies as st

from app.billing.webhooks import read_event
from app.kernel.errors import BadRequest

SECRET = "whsec_test"
NOW = datetime(2027, 3, 1, 12, tzinfo=UTC)
TOLERANCE = timedelta(seconds=300)
EVENT: dict[str, Any] = {
    "id": "evt_1",
    "object": "event",
    "type": "customer.subscription.updated",
    "created": int(NOW.timestamp()) - 5,
    "data": {"object": {"id": "sub_1", "object": "subscription", "customer": "cus_1"}},
}


def signed(payload: bytes, at: datetime = NOW, secret: str = SECRET) -> str:
    """Sign as Stripe does."""
    header: str = stripe.WebhookSignature.generate_signature_header(payload.decode(), secret, int(at.timestamp()))
    return header


def read(payload: bytes, header: str) -> Any:
    """Read a message at noon."""
    return read_event(payload, header, secret=SECRET, now=NOW, tolerance=TOLERANCE)


@pytest.mark.parametrize(
    ("about", "customer_id"),
    [
        ({"id": "sub_1", "object": "subscription", "customer": "cus_1"}, "cus_1"),
        ({"id": "cus_2", "object": "customer"}, "cus_2"),
        ({"id": "in_1", "object": "invoice", "customer": {"id": "cus_3", "object": "customer"}}, "cus_3"),
        ({"id": "prod_1", "object": "product"}, ""),
        ({"object": "balance", "customer": 7}, ""),
    ],
)
def test_whom_a_message_is_about(about: dict[str, Any], customer_id: str) -> None:
    """The customer is named, is expanded, is the object itself, or is nobody."""
    payload = json.dumps({**EVENT, "data": {"object": about}}).encode()
    found = read(payload, signed(payload))
    assert (found.id, found.kind, found.customer_id) == ("evt_1", "customer.subscription.updated", customer_id)
    assert found.created_at == NOW - timedelta(seconds=5)


@pytest.mark.parametrize(("seconds", "is_taken"), [(-301, False), (-300, True), (0, True), (300, True), (301, False)])
def test_a_message_is_of_this_moment_on_both_sides(*, seconds: int, is_taken: bool) -> None:
    """One that is too old is refused, and so is one that is still to come."""
    payload = json.dumps(EVENT).encode()
    header = signed(payload, NOW + timedelta(seconds=seconds))
    if is_taken:
        assert read(payload, header).id == "evt_1"
    else:
        with pytest.raises(BadRequest, match="moment"):
            read(payload, header)


def test_a_second_time_in_the_header_changes_nothing() -> None:
    """The time that is checked is the one that is signed."""
    payload = json.dumps(EVENT).encode()
    old = signed(payload, NOW - timedelta(days=2))
    for header in (f"{old},t={int(NOW.timestamp())}", f"t={int(NOW.timestamp())},{old}"):
        with pytest.raises(BadRequest):
            read(payload, header)


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"{}",
        b"null",
        b"[1]",
        b'{"id": "evt_1"}',
        json.dumps({**EVENT, "object": "charge"}).encode(),
        json.dumps({**EVENT, "id": "sub_1"}).encode(),
        json.dumps({**EVENT, "id": "evt_" + "x" * 300}).encode(),
        json.dumps({**EVENT, "id": "evt_\0"}).encode(),
        json.dumps({**EVENT, "created": 10**30}).encode(),
        json.dumps({**EVENT, "created": 10**17}).encode(),
        json.dumps({**EVENT, "type": "x" * 200}).encode(),
        json.dumps({**EVENT, "data": {"object": [1]}}).encode(),
    ],
)
def test_what_is_signed_and_no_event_is_refused(payload: bytes) -> None:
    """A right signature does not make an event."""
    with pytest.raises(BadRequest):
        read(payload, signed(payload))


@given(payload=st.binary(max_size=300), header=st.text(max_size=120) | st.builds(lambda s: f"t=1,v1={s}", st.text()))
@settings(max_examples=1_000, deadline=None)
def test_anything_else_is_refused_in_one_way(payload: bytes, header: str) -> None:
    """Whatever bytes and whatever header come, the answer is one of ours."""
    with pytest.raises(BadRequest):
        read(payload, header)


@given(place=st.integers(min_value=0), bit=st.integers(min_value=0, max_value=7))
@settings(max_examples=500, deadline=None)
def test_one_changed_bit_is_refused(place: int, bit: int) -> None:
    """The signature covers every bit of the raw body."""
    payload = bytearray(json.dumps(EVENT).encode())
    header = signed(bytes(payload))
    payload[place % len(payload)] ^= 1 << bit
    with pytest.raises(BadRequest):
        read(bytes(payload), header)


def test_the_bytes_count_and_not_their_meaning() -> None:
    """The same JSON written another way is not what was signed."""
    payload = json.dumps(EVENT).encode()
    with pytest.raises(BadRequest):
        read(json.dumps(EVENT, indent=1).encode(), signed(payload))
    with pytest.raises(BadRequest):
        read(payload, signed(payload, secret="whsec_of_another"))
