"""One cookie, one row: a session holds exactly as long as its row says, and nobody can forge one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

import jwt
import pytest

from app.accounts.tables import Account, Session
from app.accounts.tokens import AUDIENCE, ISSUER
from tests.making.people import PASSWORD, TOKEN, member, visitor
from tests.making.traces import account_id_of, services_after

if TYPE_CHECKING:
    from tests.making.people import Person
    from tests.services.site import Site

COOKIE = "session"


async def is_logged_in(person: Person, token: str) -> bool:
    """Tell whether a cookie opens the page of tracks."""
    answer = await person.client.get("/tracks", headers={"Cookie": f"{COOKIE}={token}"})
    assert answer.status_code in {200, 303}
    return answer.status_code == 200


async def test_the_cookie_is_one_and_locked(live_site: Site) -> None:
    """Confirming an address and logging in set one cookie that scripts cannot read and other sites do not send."""
    async with visitor(live_site) as person:
        await person.client.get("/")
        assert not person.client.cookies
        link = await person.ask_for_account()
        assert not person.client.cookies
        answer = await person.client.post(link, data={"password": PASSWORD})
        (cookie,) = answer.headers.get_list("set-cookie")
        parts = {part.strip().lower() for part in cookie.split(";")}
        assert cookie.startswith(f"{COOKIE}=")
        assert {"httponly", "samesite=lax", "path=/"} <= parts
        assert not any(part.startswith("domain") for part in parts)


async def test_logging_out_revokes_every_copy_at_once(live_site: Site) -> None:
    """An old copy of the cookie opens nothing after log-out, for pages, streams and uploads."""
    async with member(live_site) as person, visitor(live_site) as thief:
        copy = person.client.cookies[COOKIE]
        assert await is_logged_in(thief, copy)
        answer = await person.client.post("/logout", data={"_csrf": person.token})
        assert answer.status_code == 303
        assert "Clear-Site-Data" in answer.headers
        assert not await is_logged_in(thief, copy)
        headers = {"Cookie": f"{COOKIE}={copy}", **person.headers}
        assert (await thief.client.get("/events", headers=headers)).status_code == 401
        form = {"bounce_name": "mix.wav", "bounce_bytes": "1000"}
        assert (await thief.client.post("/analyses", data=form, headers=headers)).status_code == 401
        assert await Session.count() == 0


async def test_logging_out_ends_one_session_only(live_site: Site) -> None:
    """Another browser of the same person stays logged in."""
    async with member(live_site) as person, visitor(live_site) as elsewhere:
        elsewhere.email = person.email
        assert (await elsewhere.log_in()).status_code == 303
        await person.client.post("/logout", data={"_csrf": person.token})
        assert (await elsewhere.client.get("/tracks")).status_code == 200
        assert elsewhere.client.cookies[COOKIE] != person.client.cookies.get(COOKIE)


async def test_logging_out_needs_the_token(live_site: Site) -> None:
    """Nobody can be logged out by a form without the session's token."""
    async with member(live_site) as person:
        assert (await person.client.post("/logout")).status_code == 403
        assert (await person.client.get("/tracks")).status_code == 200


async def test_a_token_that_we_did_not_sign_is_nothing(live_site: Site) -> None:
    """No algorithm, another key, another algorithm, missing or wrong claims: all are strangers."""
    key = live_site.settings.signing_key
    now = datetime.now(UTC)
    async with member(live_site) as person, visitor(live_site) as forger:
        right = person.client.cookies[COOKIE]
        claims = jwt.decode(right, options={"verify_signature": False})
        assert await is_logged_in(forger, right)
        assert await is_logged_in(forger, jwt.encode(claims, key, algorithm="HS256"))
        header, payload, signature = right.split(".")
        forged = [
            "",
            "x",
            "..",
            f"{header}.{payload}.",
            f"{header}.{payload}.{signature[:-2]}AA",
            f"{header}.{payload[:-2]}AA.{signature}",
            jwt.encode(claims, "", algorithm="none"),
            jwt.encode(claims, b"k" * 64, algorithm="HS256"),
            jwt.encode(claims, key + key, algorithm="HS512"),
            jwt.encode(claims | {"aud": "reset"}, key, algorithm="HS256"),
            jwt.encode(claims | {"iss": "someone"}, key, algorithm="HS256"),
            jwt.encode(claims | {"jti": str(uuid4())}, key, algorithm="HS256"),
            jwt.encode(claims | {"jti": "1 OR 1=1"}, key, algorithm="HS256"),
            jwt.encode(claims | {"exp": now - timedelta(seconds=1)}, key, algorithm="HS256"),
            *(jwt.encode({k: v for k, v in claims.items() if k != name}, key, algorithm="HS256") for name in claims),
        ]
        for token in forged:
            assert not await is_logged_in(forger, token), token


async def test_an_unknown_address_and_a_wrong_password_look_the_same(live_site: Site) -> None:
    """The answers are equal byte by byte but for the address that was typed."""
    async with member(live_site) as person, visitor(live_site, "eve") as stranger:
        async with visitor(live_site) as asker:
            asker.email = person.email
            wrong = await asker.log_in("not my password")
        unknown = await stranger.log_in("not my password")
        assert wrong.status_code == unknown.status_code == 422
        assert wrong.text.replace(person.email, "") == unknown.text.replace(stranger.email, "")
        assert "The address or the password is not right." in wrong.text
        assert "set-cookie" not in wrong.headers
        assert not stranger.client.cookies


async def test_an_address_has_one_account_in_every_spelling(live_site: Site) -> None:
    """Case and space around an address do not make a second account; logging in takes any of them."""
    async with member(live_site) as person, visitor(live_site) as again:
        original = person.email
        again.email = f"  {original.upper()} "
        answer = await again.client.post(
            "/register",
            data={"email": again.email, "password": PASSWORD, "is_old_enough": "yes", "accepts_policy": "yes"},
        )
        assert answer.status_code == 200
        assert "We have sent a mail" in answer.text
        assert await Account.count() == 1
        assert (await again.log_in()).status_code == 303


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"email": "nobody"}, "Enter a whole e-mail address"),
        ({"email": "a@b.example\r\nBcc: c@d.example"}, "Enter a whole e-mail address"),
        ({"password": "short"}, "Use 8 characters or more."),
        ({"password": "x" * 129}, "Use at most 128 characters."),
        ({"is_old_enough": ""}, "16 or older"),
        ({"accepts_policy": ""}, "privacy policy"),
    ],
)
async def test_a_registration_with_an_error_makes_nothing(live_site: Site, changes: dict[str, str], words: str) -> None:
    """The form comes back with its sentence and its address, without the password and without a row."""
    form = {"email": "ada@example.com", "password": PASSWORD, "is_old_enough": "yes", "accepts_policy": "yes"}
    async with visitor(live_site) as person:
        answer = await person.client.post("/register", data=form | changes)
        assert answer.status_code == 422
        assert words in answer.text
        assert PASSWORD not in answer.text
        assert await Account.count() == 0
        assert not person.client.cookies


async def test_passwords_are_kept_as_argon2id_only(live_site: Site) -> None:
    """The hash names its cost; the password is nowhere in the row."""
    async with member(live_site) as person:
        (row,) = await Account.select().where(Account.email == person.email)
        assert row["password_hash"].startswith("$argon2id$v=19$m=19456,t=2,p=1$")
        assert PASSWORD not in str(row)


async def test_too_many_guesses_are_refused_with_a_time(live_site: Site) -> None:
    """After ten tries at one account from one address the eleventh is refused, right password or not."""
    allowed = live_site.settings.policy.limits["log_in"].pair
    assert allowed is not None
    async with member(live_site) as person, visitor(live_site) as guesser:
        guesser.email = person.email
        # One password was checked from here when the address was confirmed.
        for _ in range(allowed.count - 1):
            assert (await guesser.log_in("a wrong guess")).status_code == 422
        refused = await guesser.log_in()
        assert refused.status_code == 429
        assert 0 < int(refused.headers["Retry-After"]) <= allowed.seconds
        assert "Too many attempts" in refused.text


@pytest.mark.parametrize("goal", ["https://evil.example/", "//evil.example", "/\\evil.example", "evil", "/a\nb", ""])
async def test_logging_in_goes_on_within_the_site_only(live_site: Site, goal: str) -> None:
    """The page to go on to is a path of this site; anything else becomes the page of tracks."""
    async with member(live_site) as person:
        answer = await person.client.post(
            "/login", data={"email": person.email, "password": PASSWORD, "next": goal, "_csrf": person.token}
        )
        assert answer.status_code == 303
        assert answer.headers["location"] == "/tracks"


async def test_logging_in_makes_a_new_session_and_a_new_token(live_site: Site) -> None:
    """No session and no form token lives on through a log-in."""
    async with member(live_site) as person, visitor(live_site) as elsewhere:
        elsewhere.email = person.email
        await elsewhere.log_in()
        page = await elsewhere.client.get("/tracks")
        found = TOKEN.search(page.text)
        assert found is not None
        assert found[1] != person.token
        sessions = {row["id"] for row in await Session.select(Session.id)}
        assert len(sessions) == 2
        claims = jwt.decode(elsewhere.client.cookies[COOKIE], options={"verify_signature": False})
        assert UUID(claims["jti"]) in sessions
        assert (claims["aud"], claims["iss"]) == (AUDIENCE, ISSUER)


async def test_a_session_ends_after_seven_idle_days_and_after_thirty_in_all(live_site: Site) -> None:
    """Use keeps a session alive, to its absolute end and no further."""
    async with member(live_site) as person:
        token = person.client.cookies[COOKIE]
        await account_id_of(person.email)
        for days, holds in ((6.9, True), (13.0, True), (19.0, True), (25.0, True), (29.9, True), (30.1, False)):
            async with services_after(live_site.settings, timedelta(days=days)) as later:
                assert (await later.accounts.viewer_of(token) is not None) is holds, days
    async with member(live_site, "bob") as person:
        token = person.client.cookies[COOKIE]
        async with services_after(live_site.settings, timedelta(days=7, seconds=10)) as later:
            assert await later.accounts.viewer_of(token) is None
