"""What hurts asks for the password again."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from litestar import get, post

from app.accounts.tables import Session
from app.kernel.clock import utc_now
from app.kernel.html.access import ACCOUNT, password_first
from tests.making.people import PASSWORD, member, visitor

if TYPE_CHECKING:
    from litestar import Litestar

    from tests.services.site import Site

HURTS = ACCOUNT | password_first("/hurts")


@get("/hurts", opt=HURTS)
async def page() -> str:
    """Show a form."""
    return "form"


@post("/hurts", opt=HURTS)
async def act() -> str:
    """Do it."""
    return "done"


@pytest.fixture
def app(app: Litestar) -> Litestar:
    """Add routes that hurt."""
    app.register(page)
    app.register(act)
    return app


async def forget_proof(site: Site) -> None:
    """Let every password have been given a moment too long ago."""
    long_ago = utc_now() - site.settings.policy.accounts.proof - timedelta(seconds=1)
    await Session.update({Session.proved_at: long_ago}, force=True)


async def test_whoever_has_just_logged_in_is_let_through(live_site: Site) -> None:
    """A log-in is a proof; a stranger is asked to log in first."""
    async with member(live_site) as person, visitor(live_site) as stranger:
        assert (await person.client.get("/hurts")).text == "form"
        assert (await person.client.post("/hurts", data={"_csrf": person.token})).text == "done"
        assert (await stranger.client.get("/hurts")).headers["location"] == "/login?next=/hurts"


async def test_later_the_password_is_asked_again_and_then_counts(live_site: Site) -> None:
    """Page, form and script are each sent to the page that asks; a wrong password proves nothing."""
    async with member(live_site) as person:
        await forget_proof(live_site)
        asked = await person.client.get("/hurts")
        assert (asked.status_code, asked.headers["location"]) == (303, "/account/proof?next=/hurts")
        sent = await person.client.post("/hurts", data={"_csrf": person.token})
        assert (sent.status_code, sent.headers["location"]) == (303, "/account/proof?next=/hurts")
        script = await person.client.post("/hurts", headers=person.headers)
        assert (script.status_code, script.headers["hx-redirect"]) == (403, "/account/proof?next=/hurts")
        assert 'value="/hurts"' in (await person.client.get("/account/proof?next=/hurts")).text
        form = {"_csrf": person.token, "next": "/hurts"}
        wrong = await person.client.post("/account/proof", data={**form, "current_password": "a guess"})
        assert wrong.status_code == 422
        assert (await person.client.get("/hurts")).status_code == 303
        right = await person.client.post("/account/proof", data={**form, "current_password": PASSWORD})
        assert (right.status_code, right.headers["location"]) == (303, "/hurts")
        assert (await person.client.get("/hurts")).text == "form"


async def test_a_proof_counts_in_its_own_session_only(live_site: Site) -> None:
    """Another browser of the same person is still asked, and nobody is led off the site."""
    async with member(live_site) as person, visitor(live_site) as elsewhere:
        elsewhere.email = person.email
        await elsewhere.log_in()
        await forget_proof(live_site)
        answer = await person.client.post(
            "/account/proof", data={"_csrf": person.token, "next": "//evil.example", "current_password": PASSWORD}
        )
        assert answer.headers["location"] == "/tracks"
        assert (await person.client.get("/hurts")).status_code == 200
        assert (await elsewhere.client.get("/hurts")).status_code == 303


async def test_guessing_the_password_of_an_open_session_is_limited(live_site: Site) -> None:
    """Whoever finds a browser open cannot try for long."""
    limit = live_site.settings.policy.limits["password"].account
    assert limit is not None
    async with member(live_site) as person:
        form = {"_csrf": person.token, "current_password": "a guess"}
        answers = [await person.client.post("/account/proof", data=form) for _ in range(limit.count + 1)]
        assert [answer.status_code for answer in answers] == [422] * limit.count + [429]
