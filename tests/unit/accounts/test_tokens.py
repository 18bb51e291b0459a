"""A token names a session and proves that we made it; time is an argument."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.accounts.tokens import REQUIRED, make_token, name_of, session_of

KEY = b"k" * 48
NOW = datetime(2030, 1, 31, 12, tzinfo=UTC)
END = NOW + timedelta(days=30)


def token(session_id: UUID) -> str:
    """Make a right token."""
    return make_token(KEY, session_id=session_id, account_id=uuid4(), now=NOW, expires_at=END)


def changed(changes: dict[str, Any], *, key: bytes = KEY, algorithm: str = "HS256") -> str:
    """Make a token of our key with other claims; a claim of none is left out."""
    claims = jwt.decode(token(uuid4()), options={"verify_signature": False}) | changes
    return jwt.encode({name: value for name, value in claims.items() if value is not None}, key, algorithm=algorithm)


def test_a_token_leads_back_to_its_session() -> None:
    """Until its end, by the clock that is handed in, and not at its end."""
    session_id = uuid4()
    made = token(session_id)
    for moment in (NOW - timedelta(days=1), NOW, END - timedelta(seconds=1)):
        assert session_of((KEY,), made, now=moment) == session_id
    for moment in (END, END + timedelta(days=1)):
        assert session_of((KEY,), made, now=moment) is None


@pytest.mark.parametrize("claim", REQUIRED)
def test_every_claim_is_needed(claim: str) -> None:
    """A token without one of its claims is nothing."""
    assert session_of((KEY,), changed({claim: None}), now=NOW) is None


@pytest.mark.parametrize(
    "changes",
    [{"aud": "reset"}, {"aud": ["x"]}, {"iss": "other"}, {"jti": "x"}, {"jti": ""}, {"exp": "soon"}, {"exp": -1}],
)
def test_a_wrong_claim_is_refused(changes: dict[str, Any]) -> None:
    """For another purpose, by another maker, or with nonsense in it."""
    assert session_of((KEY,), changed(changes), now=NOW) is None


def test_only_our_key_and_our_algorithm_sign() -> None:
    """No signature, another key and another algorithm with our key are refused."""
    claims = jwt.decode(token(uuid4()), options={"verify_signature": False})
    assert session_of((KEY,), jwt.encode(claims, "", algorithm="none"), now=NOW) is None
    assert session_of((KEY,), changed({}, key=b"x" * 48), now=NOW) is None
    assert session_of((KEY,), changed({}, key=KEY * 2, algorithm="HS512"), now=NOW) is None


@given(st.text(max_size=200))
def test_anything_else_is_nobody(text: str) -> None:
    """Whatever a cookie holds, the answer is none and no fault."""
    assert session_of((KEY,), text, now=NOW) is None


@given(st.integers(0, 400), st.integers(0, 255))
def test_a_token_with_one_byte_changed_is_nobody(place: int, byte: int) -> None:
    """Each byte of a token is covered, but for the spare bits of base64 at its end."""
    session_id = uuid4()
    made = bytearray(token(session_id).encode())
    place %= len(made)
    if made[place] == byte:
        return
    made[place] = byte
    found = session_of((KEY,), made.decode("latin-1"), now=NOW)
    assert found is None or (found == session_id and place == len(made) - 1)


def test_time_is_the_argument_not_the_machines() -> None:
    """A token of long ago holds at its own time."""
    session_id, then = uuid4(), datetime(2001, 1, 1, tzinfo=UTC)
    made = make_token(KEY, session_id=session_id, account_id=uuid4(), now=then, expires_at=then + timedelta(days=1))
    assert session_of((KEY,), made, now=then) == session_id


def test_a_token_of_the_key_before_holds_and_says_its_name() -> None:
    """The header names the key; without a name only the key that signs now is tried."""
    session_id, former = uuid4(), b"f" * 48
    made = make_token(former, session_id=session_id, account_id=uuid4(), now=NOW, expires_at=END)
    assert jwt.get_unverified_header(made) == {"alg": "HS256", "typ": "JWT", "kid": name_of(former)}
    assert session_of((KEY, former), made, now=NOW) == session_id
    assert session_of((KEY,), made, now=NOW) is None
    claims = jwt.decode(made, options={"verify_signature": False})
    assert claims == {
        "jti": str(session_id),
        "sub": claims["sub"],
        "iat": int(NOW.timestamp()),
        "exp": int(END.timestamp()),
        "aud": "session",
        "iss": "tracksensei",
    }
    nameless = jwt.encode(claims, former, algorithm="HS256")
    assert session_of((KEY, former), nameless, now=NOW) is None
    assert session_of((former, KEY), nameless, now=NOW) == session_id


def test_a_keys_name_tells_nothing_of_it() -> None:
    """Twelve letters of a hash that has its own purpose."""
    assert name_of(KEY) == hashlib.sha256(b"name:" + KEY).hexdigest()[:12]
