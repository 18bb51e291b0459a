"""The life of an account over HTTP, as a browser without scripts has it."""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from app.accounts.tables import Account, Consent, Outbox, Session
from app.settings import SettingsError
from tests.making.people import PASSWORD, link_on, member, visitor
from tests.making.policy import with_policy

if TYPE_CHECKING:
    import httpx

    from app.settings import Settings
    from tests.making.people import Person
    from tests.services.site import Site

NEW_PASSWORD = "violet engine tuesday"
FORM = {"password": PASSWORD, "is_old_enough": "yes", "accepts_policy": "yes"}


async def post(person: Person, path: str, **fields: str) -> httpx.Response:
    """Send a form of a page of one's own."""
    return await person.client.post(path, data={"_csrf": person.token, **fields})


async def is_in(person: Person) -> bool:
    """Tell whether somebody's session holds."""
    return (await person.client.get("/tracks")).status_code == 200


async def test_an_address_is_confirmed_with_its_password(live_site: Site) -> None:
    """The link asks for the password, then the first session begins."""
    async with visitor(live_site) as person:
        link = await person.ask_for_account()
        assert person.cookie == ""
        assert (await person.client.get(link)).status_code == 200
        wrong = await person.client.post(link, data={"password": "somebody else's"})
        assert wrong.status_code == 422
        assert not await is_in(person)
        right = await person.client.post(link, data={"password": PASSWORD})
        assert right.headers["location"].startswith("/tracks")
        assert await is_in(person)
        await person.learn_token()
        assert (await post(person, link)).status_code == 404


async def test_nothing_is_measured_before_the_address_is_confirmed(live_site: Site) -> None:
    """The page says so calmly and sends the mail again; the declaration is refused."""
    async with visitor(live_site) as person:
        await person.ask_for_account()
        assert (await person.log_in()).status_code == 303
        await person.learn_token()
        assert "Confirm your address" in (await person.client.get("/tracks")).text
        refused = await person.declare("mix.wav", 1000)
        assert refused.status_code == 403
        assert "not confirmed" in refused.text
        link = link_on(await post(person, "/account/verification"))
        again = await post(person, "/account/verification")
        assert again.status_code == 429
        assert int(again.headers["retry-after"]) > 0
        assert (await post(person, link)).status_code == 303
        assert (await person.declare("mix.wav", 1000)).status_code == 201


async def test_an_older_link_is_void(live_site: Site) -> None:
    """A newer mail's link ends the ones before it."""
    async with visitor(live_site) as person:
        first = await person.ask_for_account()
        second = await person.ask_for_account()
        assert (await person.client.get(first)).status_code == 404
        assert (await person.client.get(second)).status_code == 200


async def test_a_forgotten_password_is_replaced_once_and_ends_every_session(live_site: Site) -> None:
    """Of many uses of one link at the same time one succeeds."""
    async with member(live_site) as person, visitor(live_site) as elsewhere:
        link = link_on(await elsewhere.client.post("/forgot", data={"email": person.email}))
        uses = [elsewhere.client.post(link, data={"password": NEW_PASSWORD}) for _ in range(5)]
        answers = await asyncio.gather(*uses)
        assert sorted(answer.status_code for answer in answers) == [303, 404, 404, 404, 404]
        assert not await is_in(person)
        assert (await person.log_in()).status_code == 422
        assert (await person.log_in(NEW_PASSWORD)).status_code == 303


async def test_a_changed_password_ends_the_other_sessions(live_site: Site) -> None:
    """It asks for the old one, and this session goes on."""
    async with member(live_site) as person, visitor(live_site) as other:
        other.email = person.email
        await other.log_in()
        assert await is_in(other)
        wrong = await post(person, "/account/password", current_password="no", new_password=NEW_PASSWORD)
        assert wrong.status_code == 422
        weak = await post(person, "/account/password", current_password=PASSWORD, new_password="password1")
        assert weak.status_code == 422
        assert await is_in(other)
        right = await post(person, "/account/password", current_password=PASSWORD, new_password=NEW_PASSWORD)
        assert right.status_code == 303
        assert await is_in(person)
        assert not await is_in(other)


async def test_an_address_changes_when_both_mailboxes_agree(live_site: Site) -> None:
    """One word alone changes nothing; the old address can no longer log in."""
    async with member(live_site) as person:
        new = f"new-{person.email}"
        asked = await post(person, "/account/email", new_email=new, email_password=PASSWORD)
        assert asked.status_code == 200
        mails = (await person.client.get("/dev/mail")).text
        links = re.findall(r'<a href="(/email/[^"]+)"', mails)
        assert len(set(links)) == 2
        assert (await post(person, links[0])).headers["location"] == "/account?done=agreed"
        assert person.email in (await person.client.get("/account")).text
        assert (await post(person, links[1])).headers["location"] == "/account?done=address"
        person.client.cookies.clear()
        assert (await person.log_in()).status_code == 422
        person.email = new
        assert (await person.log_in()).status_code == 303


async def test_sessions_are_listed_and_ended(live_site: Site) -> None:
    """Each has its device; one ends alone, or all together."""
    async with member(live_site) as person, visitor(live_site) as other, member(live_site, "bob") as bob:
        other.email = person.email
        other.client.headers["User-Agent"] = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
        await other.log_in()
        page = (await person.client.get("/account")).text
        assert "Firefox on Linux" in page
        (row,) = await Session.select(Session.id).where(Session.device == "Firefox on Linux")
        assert (await post(bob, f"/account/sessions/{row['id']}/end")).status_code == 404
        assert await is_in(other)
        assert (await post(person, f"/account/sessions/{row['id']}/end")).status_code == 303
        assert not await is_in(other)
        everywhere = await post(person, "/account/sessions/end")
        assert everywhere.headers["clear-site-data"]
        assert not await is_in(person)
        assert await is_in(bob)


async def test_consent_is_asked_apart_and_withdrawn_with_one_press(live_site: Site) -> None:
    """It is not part of registering; given and withdrawn leave their times."""
    async with member(live_site) as person:
        assert await Consent.count() == 0
        await post(person, "/account/consent", allows_ai_feedback="yes")
        assert "Withdraw" in (await person.client.get("/account")).text
        await post(person, "/account/consent", allows_ai_feedback="no")
        (row,) = await Consent.select()
        assert row["given_at"] < row["withdrawn_at"]
        assert row["version"] == live_site.settings.policy.accounts.policy_version


@pytest.mark.parametrize("missing", ["is_old_enough", "accepts_policy"])
async def test_a_refused_registration_keeps_nothing(live_site: Site, missing: str) -> None:
    """Who is not old enough, or does not accept, leaves no row."""
    async with visitor(live_site) as person:
        form = {name: value for name, value in FORM.items() if name != missing}
        answer = await person.client.post("/register", data={"email": person.email, **form})
        assert answer.status_code == 422
        assert await Account.count() == 0
        assert await Outbox.count() == 0


@pytest.mark.parametrize("password", ["password", "Password123", "tracksensei", "aaaaaaaa", "short"])
async def test_a_password_that_is_guessed_quickly_is_refused(live_site: Site, password: str) -> None:
    """Common, repeated and short ones are refused with a sentence."""
    async with visitor(live_site) as person:
        form = {**FORM, "email": person.email, "password": password}
        answer = await person.client.post("/register", data=form)
        assert answer.status_code == 422
        assert 'id="password-error"' in answer.text
        assert await Account.count() == 0


@pytest.mark.parametrize(
    "email", ["a@b.c\r\nBcc: x@y.z", "a@b.c\nSubject: x", "a b@c.d", "@c.d", "a@c", "a" * 250 + "@b.cd"]
)
async def test_an_address_that_is_none_is_refused(live_site: Site, email: str) -> None:
    """Line ends above all: no header of a mail is a visitor's."""
    async with visitor(live_site) as person:
        for path in ("/register", "/forgot"):
            answer = await person.client.post(path, data={**FORM, "email": email})
            assert answer.status_code == 422
        assert await Outbox.count() == 0


async def test_links_name_the_settings_address_whatever_the_host_header_says(live_site: Site) -> None:
    """A foreign Host header changes no mail."""
    async with visitor(live_site) as person:
        form = {**FORM, "email": person.email}
        headers = {"Host": "evil.example", "Sec-Fetch-Site": "same-origin"}
        answer = await person.client.post("/register", data=form, headers=headers)
        assert "evil.example" not in answer.text
        assert live_site.settings.site_url in answer.text


class TestProduction:
    """Without the development setting."""

    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        """Turn it off."""
        return with_policy(replace(settings, development=False), mail={"poll_seconds": 1.0})

    async def test_no_link_and_no_mail_is_shown(self, live_site: Site) -> None:
        """Neither the page of mails nor a link exists."""
        async with visitor(live_site) as person:
            answer = await person.client.post("/register", data={**FORM, "email": person.email})
            assert "development-link" not in answer.text
            assert "/verify/" not in answer.text
            assert (await person.client.get("/dev/mail")).status_code == 404

    async def test_strangers_learn_nothing(self, live_site: Site) -> None:
        """Known and unknown addresses get the same status and the same bytes but for the address itself."""
        async with visitor(live_site) as person:
            await person.client.post("/register", data={**FORM, "email": person.email})
            other = "x" * (len(person.email) - 12) + "@example.com"
            for path in ("/forgot", "/login", "/register"):
                form = {**FORM, "password": "not the right password"}
                known = await person.client.post(path, data={**form, "email": person.email})
                unknown = await person.client.post(path, data={**form, "email": other})
                assert known.status_code == unknown.status_code
                assert known.text.replace(person.email, "") == unknown.text.replace(other, "")
                assert known.headers.keys() == unknown.headers.keys()


def test_development_is_refused_with_an_https_address(settings: Settings) -> None:
    """A public site cannot show the links of mails."""
    with pytest.raises(SettingsError, match="DEVELOPMENT"):
        replace(settings, site_url="https://tracksensei.example")
