"""Sessions and passwords over time: keys, terms, parameters, limits, logs."""

from __future__ import annotations

import asyncio
import os
import subprocess
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import uuid4

import jwt
import pytest
from argon2 import PasswordHasher

from app.accounts import tokens
from app.accounts.letters import Occasion
from app.accounts.links import LinkKind
from app.accounts.rules import Client, Registration, device_of
from app.accounts.tables import Account, MailToken, SecurityEvent, Session
from app.bootstrap import build
from app.kernel.errors import Conflict, Invalid, LimitReached, NotFound, Unavailable
from app.settings import Settings
from tests.making.traces import services_after
from tests.services.processes import own_command

if TYPE_CHECKING:
    from app.bootstrap import Services

CLIENT = Client("192.0.2.7", "Firefox on Linux")
ELSEWHERE = Client("198.51.100.9", "Safari on macOS")
PASSWORD = "correct horse battery"
MARA = Registration(email="mara@example.org", password=PASSWORD, display_name="")
DAY = timedelta(days=1)


async def token_of_link(services: Services) -> str:
    """Register somebody; return the token of the link in their mail."""
    return (await services.accounts.register(MARA, CLIENT)).rpartition("/")[2]


async def logged_in(services: Services) -> str:
    """Return the token of the session of somebody with a confirmed address."""
    return await services.accounts.confirm(await token_of_link(services), PASSWORD, None, CLIENT)


async def test_a_rotated_key_logs_nobody_out(services: Services, settings: Settings) -> None:
    """What the key before signed holds; the one before that does not."""
    token = await logged_in(services)
    once = replace(settings, signing_key=os.urandom(32).hex().encode(), previous_key=settings.signing_key)
    assert await build(once).accounts.viewer_of(token) is not None
    twice = replace(once, signing_key=os.urandom(32).hex().encode(), previous_key=once.signing_key)
    assert await build(twice).accounts.viewer_of(token) is None


def test_the_command_rotates_the_key_of_the_data_folder(settings: Settings) -> None:
    """The key of today is the previous one of tomorrow, and no file is readable by others."""
    environment = {**os.environ, "DATA_DIR": str(settings.data_dir), "DATABASE_URL": settings.database_url}
    before = Settings.from_environment(environment)
    rotate = own_command("keys", "rotate", "--yes")
    done = subprocess.run(rotate, env=environment, check=True, capture_output=True, text=True)
    after = Settings.from_environment(environment)
    assert after.previous_key == before.signing_key
    assert after.signing_key not in {before.signing_key, b""}
    assert before.signing_key.decode() not in done.stdout
    for file in settings.data_dir.glob("secret*"):
        assert file.stat().st_mode & 0o077 == 0


async def test_a_password_is_hashed_anew_when_parameters_have_changed(services: Services) -> None:
    """The next log-in renews an older hash."""
    await logged_in(services)
    old = PasswordHasher(time_cost=1, memory_cost=8 * 1024, parallelism=1).hash(PASSWORD)
    await Account.update({Account.password_hash: old}, force=True)
    assert await services.accounts.log_in(MARA.email, PASSWORD, CLIENT)
    (row,) = await Account.select(Account.password_hash)
    assert row["password_hash"].startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert await services.accounts.log_in(MARA.email, PASSWORD, CLIENT)


async def test_a_password_is_checked_as_it_was_sent(services: Services, settings: Settings) -> None:
    """Nothing is cut off: what only begins like the password is another one."""
    longest = ("violet engine tuesday " * 10)[: settings.policy.accounts.password_max_length]
    await services.accounts.register(replace(MARA, password=longest), CLIENT)
    with pytest.raises(Invalid):
        await services.accounts.log_in(MARA.email, longest + "x", CLIENT)
    assert await services.accounts.log_in(MARA.email, longest, CLIENT)


async def test_two_mailboxes_that_agree_at_once_move_the_address(services: Services) -> None:
    """Neither word is lost where both come at the same moment."""
    viewer = await services.accounts.viewer_of(await logged_in(services))
    assert viewer is not None
    for number in range(5):
        new = f"mara{number}@example.net"
        tokens_ = [
            (await services.mailing.post(order)).rpartition("/")[2]
            for order in [
                await services.mailing.order(occasion, to, account_id=viewer.account.id, address=new)
                for occasion, to in ((Occasion.LEAVING_ADDRESS, MARA.email), (Occasion.NEW_ADDRESS, new))
            ]
        ]
        found = [
            await services.accounts.link(token, LinkKind.LEAVE_ADDRESS, LinkKind.TAKE_ADDRESS) for token in tokens_
        ]
        agreed = await asyncio.gather(
            *(
                services.own_account.agree_to_address(link, token, CLIENT)
                for link, token in zip(found, tokens_, strict=True)
            )
        )
        assert sorted(agreed) == [False, True]
        assert await services.accounts.by_email(new) is not None


async def test_an_address_that_was_taken_meanwhile_is_refused(services: Services) -> None:
    """Somebody registered with it between the first mail and the last word."""
    viewer = await services.accounts.viewer_of(await logged_in(services))
    assert viewer is not None
    new = "mara@example.net"
    tokens_ = []
    for occasion in (Occasion.LEAVING_ADDRESS, Occasion.NEW_ADDRESS):
        order = await services.mailing.order(occasion, MARA.email + "x", account_id=viewer.account.id, address=new)
        tokens_.append((await services.mailing.post(order)).rpartition("/")[2])
    await services.accounts.register(replace(MARA, email=new), CLIENT)
    first, second = [
        await services.accounts.link(token, LinkKind.LEAVE_ADDRESS, LinkKind.TAKE_ADDRESS) for token in tokens_
    ]
    assert await services.own_account.agree_to_address(first, tokens_[0], CLIENT) is False
    with pytest.raises(Conflict):
        await services.own_account.agree_to_address(second, tokens_[1], CLIENT)
    assert await services.accounts.by_email(MARA.email) is not None


async def test_a_stranger_who_guesses_locks_only_themselves_out(services: Services, settings: Settings) -> None:
    """After the documented number no guess is checked; the owner gets in from another address."""
    await logged_in(services)
    allowed = settings.policy.limits["log_in"].pair
    assert allowed is not None
    guesses = [services.accounts.log_in(MARA.email, f"guess {number}", ELSEWHERE) for number in range(30)]
    answers = await asyncio.gather(*guesses, return_exceptions=True)
    assert sum(isinstance(answer, Invalid) for answer in answers) == allowed.count
    refused = [answer for answer in answers if isinstance(answer, LimitReached)]
    assert len(refused) == 30 - allowed.count
    assert all(answer.retry_after_s for answer in refused)
    assert await services.accounts.log_in(MARA.email, PASSWORD, CLIENT)


async def test_log_in_is_closed_while_nobody_can_count(services: Services, settings: Settings) -> None:
    """Without Redis no password is checked, and a session that is there goes on."""
    token = await logged_in(services)
    away = build(replace(settings, redis_url="redis://127.0.0.1:1/0"))
    with pytest.raises(Unavailable):
        await away.accounts.log_in(MARA.email, PASSWORD, CLIENT)
    assert await away.accounts.viewer_of(token) is not None


async def test_a_link_is_used_once_by_many_at_once(services: Services) -> None:
    """Twenty uses at the same time are one."""
    link = await services.accounts.link(await token_of_link(services), LinkKind.VERIFY)
    order = await services.mailing.order(Occasion.FORGOT, link.email)
    token = (await services.mailing.post(order)).rpartition("/")[2]
    uses = [
        services.accounts.reset(token, f"violet engine {number}", Client(f"192.0.2.{number}", ""))
        for number in range(20)
    ]
    answers = await asyncio.gather(*uses, return_exceptions=True)
    assert answers.count(None) == 1
    assert sum(isinstance(answer, NotFound) for answer in answers) == 19


async def test_terms_end_links_sessions_events_and_unconfirmed_accounts(services: Services, settings: Settings) -> None:
    """A day after each term nothing of it is left."""
    await token_of_link(services)
    policy = settings.policy
    async with services_after(settings, policy.mail.verification + DAY) as later:
        await later.sweeper.sweep()
        assert await MailToken.count() == 0
        assert await Account.count() == 1
    async with services_after(settings, policy.accounts.unverified + DAY) as later:
        await later.sweeper.sweep()
        assert await Account.count() == 0
    await logged_in(services)
    async with services_after(settings, policy.accounts.security_log + DAY) as later:
        await later.sweeper.sweep()
        assert await SecurityEvent.count() == 0
        assert await Session.count() == 0
        assert await Account.count() == 1


async def test_a_verification_link_ends_after_its_term(services: Services, settings: Settings) -> None:
    """It works until then and not later."""
    token = await token_of_link(services)
    async with services_after(settings, settings.policy.mail.verification + timedelta(minutes=1)) as later:
        with pytest.raises(NotFound):
            await later.accounts.confirm(token, PASSWORD, None, CLIENT)


async def test_logs_hide_accounts_and_end_in_time(services: Services, settings: Settings) -> None:
    """The security log knows nobody; its files go after their days."""
    await logged_in(services)
    with pytest.raises(Invalid):
        await services.accounts.log_in(MARA.email, "wrong", ELSEWHERE)
    (file,) = settings.logs_dir.glob("security-*.log")
    text = file.read_text()
    assert "wrong_password" in text
    for secret in (MARA.email, CLIENT.address, ELSEWHERE.address, PASSWORD):
        assert secret not in text
    async with services_after(settings, (settings.policy.accounts.security_log_days - 1) * DAY) as later:
        await later.sweeper.sweep()
        assert file.exists()
    async with services_after(settings, settings.policy.accounts.security_log_days * DAY) as later:
        await later.sweeper.sweep()
        assert not file.exists()


@pytest.mark.parametrize("algorithm", ["none", "HS512", "HS256"])
def test_a_forged_token_names_no_session(algorithm: str) -> None:
    """Another algorithm, another key under our name, or a claim too few: no."""
    key, now = b"k" * 64, datetime.now(UTC)
    claims = {"jti": str(uuid4()), "sub": str(uuid4()), "iat": now, "exp": now + DAY, "aud": "session"}
    whole = {**claims, "iss": "tracksensei"}
    named = {"kid": tokens.name_of(key)}
    secret = None if algorithm == "none" else (b"x" * 64 if algorithm == "HS256" else key)
    forged = jwt.encode(whole, secret, algorithm=algorithm, headers=named)
    assert tokens.session_of((key,), forged, now=now) is None
    for missing in whole:
        short = {name: value for name, value in whole.items() if name != missing}
        assert tokens.session_of((key,), jwt.encode(short, key, algorithm="HS256"), now=now) is None
    assert tokens.session_of((key,), jwt.encode(whole, key, algorithm="HS256", headers={"kid": "x"}), now=now)


@pytest.mark.parametrize(
    ("agent", "device"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox on Linux"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Mobile Safari/604.1", "Safari on iOS"),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/140.0.0.0 Safari/537.36 Edg/140.0", "Edge on Windows"),
        ("curl/8.0", "A program"),
        ("<script>", "A program"),
    ],
)
def test_a_device_is_named_in_words(agent: str, device: str) -> None:
    """Of the header nothing is kept but browser and system."""
    assert device_of(agent) == device
