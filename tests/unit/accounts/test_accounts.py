"""What a registration must hold, and what makes two addresses the same."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.accounts.rules import EMAIL_MAX, NAME_MAX, fold_email, one_line, password_error, read_registration
from app.accounts.web import local_path
from app.policy import Policy

POLICY = Policy.read().accounts
RIGHT = {"email": "ada@example.com", "password": "correct horse", "is_old_enough": "yes", "accepts_policy": "yes"}


def test_a_whole_form_has_no_error() -> None:
    """Address, password and both ticks are enough; a name is a gift."""
    registration = read_registration(RIGHT, POLICY)
    assert registration.errors == {}
    assert (registration.email, registration.display_name) == ("ada@example.com", "")


@pytest.mark.parametrize("field", ["email", "password", "is_old_enough", "accepts_policy"])
def test_each_field_is_needed(field: str) -> None:
    """A missing field is named, and no other."""
    form = {name: value for name, value in RIGHT.items() if name != field}
    assert set(read_registration(form, POLICY).errors) == {field}


@pytest.mark.parametrize(
    "email",
    [
        "",
        "ada",
        "ada@",
        "@example.com",
        "ada@localhost",
        "ada@.com",
        "a b@example.com",
        "a\n@example.com",
        "ada@example.com\r\nBcc: b@example.com",
        "a@b@",
        "ada@exa mple.com",
        f"{'a' * EMAIL_MAX}@example.com",
        "ada@example.com,eve@example.org",
        "ada,eve@example.com",
        "<ada@example.com>",
        "ada@example.com@evil.example",
        '"ada"@example.com',
        "ada(eve)@example.com",
        "ada;eve@example.com",
        "ada@[192.0.2.1]",
    ],
)
def test_what_is_no_address_is_refused(email: str) -> None:
    """Half an address, one with spaces or line ends, and one that is too long."""
    assert "email" in read_registration(RIGHT | {"email": email}, POLICY).errors


@pytest.mark.parametrize("email", ["ada@example.com", " ada@example.com ", "a+b.c@sub.example.co.uk", "ä@exämple.de"])
def test_addresses_as_people_have_them_are_taken(email: str) -> None:
    """Tags, subdomains and letters of any script."""
    assert read_registration(RIGHT | {"email": email}, POLICY).errors == {}


def test_every_spelling_of_an_address_is_found() -> None:
    """Case, composition and space around it make no second address."""
    spellings = ["Ada@Example.com", " ada@example.COM ", "ADA@EXAMPLE.COM"]
    assert {fold_email(spelling) for spelling in spellings} == {"ada@example.com"}
    assert fold_email("a\u0308@x.de") == fold_email("\u00c4@x.de")


@pytest.mark.parametrize(
    ("one", "other"),
    [("stra\u00dfe@x.de", "strasse@x.de"), ("\u017fam@x.de", "sam@x.de"), ("a@\ufb01x.de", "a@fix.de")],
)
def test_two_mailboxes_are_not_one_address(one: str, other: str) -> None:
    """Letters that only look alike when they are folded stay two."""
    assert fold_email(one) != fold_email(other)


def test_a_password_is_long_enough_and_any_letters_will_do() -> None:
    """Length is all that is asked; nothing is cut off, spaces count."""
    least, most = POLICY.password_min_length, POLICY.password_max_length
    assert password_error("x" * least, POLICY) == ""
    assert password_error(" " * most, POLICY) == ""
    assert password_error("🎚" * least, POLICY) == ""
    assert str(least) in password_error("x" * (least - 1), POLICY)
    assert str(most) in password_error("x" * (most + 1), POLICY)
    assert read_registration(RIGHT | {"password": "  eight  "}, POLICY).password == "  eight  "


@given(st.text(max_size=300))
def test_a_name_is_one_line(text: str) -> None:
    """Whatever is typed as a name is short, printable and without line ends."""
    shown = one_line(text, NAME_MAX)
    assert len(shown) <= NAME_MAX
    assert "\n" not in shown
    assert shown == shown.strip()


@pytest.mark.parametrize(
    ("path", "goal"),
    [
        ("/tracks", "/tracks"),
        ("/analyses/1?x=2", "/analyses/1?x=2"),
        ("", "/tracks"),
        ("tracks", "/tracks"),
        ("//evil.example", "/tracks"),
        ("/\\evil.example", "/tracks"),
        ("https://evil.example", "/tracks"),
        ("javascript:alert(1)", "/tracks"),
        ("/a\r\nSet-Cookie: x=1", "/tracks"),
        ("/\t/evil.example", "/tracks"),
    ],
)
def test_one_goes_on_within_the_site(path: str, goal: str) -> None:
    """Only a path of this site is a place to go on to."""
    assert local_path(path) == goal
