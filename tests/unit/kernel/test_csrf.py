"""Only our own pages change something."""

from __future__ import annotations

import hmac
from uuid import UUID, uuid4

import pytest

from app.kernel.errors import Forbidden
from app.kernel.html.csrf import WAY_OUT, check_origin, check_token, token_of

KEY = b"k" * 48
SITE = "https://tracksensei.example"


def test_a_token_is_its_sessions() -> None:
    """The same session has the same token; another session or key has another."""
    session_id = UUID(int=7)
    assert token_of(KEY, session_id) == token_of(KEY, session_id)
    assert len({token_of(KEY, session_id), token_of(KEY, uuid4()), token_of(b"x" * 48, session_id)}) == 3
    check_token((KEY,), session_id, token_of(KEY, session_id))
    check_token((b"x" * 48, KEY), session_id, token_of(KEY, session_id))
    # Its own purpose is hashed in: what the key signs elsewhere is no token.
    assert token_of(KEY, session_id) == hmac.new(KEY, b"form:" + session_id.bytes, "sha256").hexdigest()


@pytest.mark.parametrize("given", ["", "x", "é", "0" * 64, "0" * 10_000])
def test_another_token_is_refused(given: str) -> None:
    """Whatever was sent, the answer is a refusal with a way out."""
    with pytest.raises(Forbidden) as refused:
        check_token((KEY,), uuid4(), given)
    assert refused.value.sentence == "This form is from another session."
    assert refused.value.way_out == WAY_OUT
    assert refused.value.code == "csrf_token"


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": SITE},
        {"origin": SITE, "sec-fetch-site": "same-origin"},
        {"sec-fetch-site": "same-origin"},
        {"sec-fetch-site": "none"},
        {"origin": "null", "sec-fetch-site": "same-origin"},
    ],
)
def test_our_own_pages_pass(headers: dict[str, str]) -> None:
    """By the browser's word, or by our origin where it says none."""
    check_origin({"host": "tracksensei.example"} | headers, SITE)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"origin": ""},
        {"origin": "null"},
        {"origin": "https://evil.example"},
        {"origin": f"{SITE}.evil.example"},
        {"origin": "https://evil.example/tracksensei.example"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"sec-fetch-site": ""},
        {"origin": SITE, "sec-fetch-site": "cross-site"},
        {"origin": SITE, "sec-fetch-site": "same-site"},
        {"origin": "https://evil.example", "sec-fetch-site": "same-origin"},
        {"origin": "http://tracksensei.example"},
        {"origin": "https://evil.example", "host": "evil.example"},
        {"origin": "http://evil.example", "host": "evil.example"},
    ],
)
def test_other_pages_are_refused(headers: dict[str, str]) -> None:
    """A foreign, a missing or a contradictory origin is none of ours."""
    with pytest.raises(Forbidden) as refused:
        check_origin({"host": "tracksensei.example"} | headers, SITE)
    assert refused.value.code == "foreign_origin"
    assert refused.value.sentence == "This request did not come from a page of this site."
    assert refused.value.way_out == WAY_OUT


def test_a_machine_of_the_house_is_reached_by_any_of_its_names() -> None:
    """Without TLS the page's own host counts; a foreign one and another scheme do not."""
    at = {"host": "studio.local:8000"}
    check_origin(at | {"origin": "http://studio.local:8000"}, "http://127.0.0.1:8000")
    check_origin(at | {"origin": "http://127.0.0.1:8000"}, "http://127.0.0.1:8000")
    for origin in ("http://evil.example", "https://studio.local:8000", "http://None", ""):
        with pytest.raises(Forbidden):
            check_origin(at | {"origin": origin}, "http://127.0.0.1:8000")
    with pytest.raises(Forbidden):
        check_origin({"origin": "http://evil.example"}, "http://127.0.0.1:8000")
