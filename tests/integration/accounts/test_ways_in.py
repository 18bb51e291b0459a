"""Registering, confirming, logging in and resetting: what is said, what is written, what is counted."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from app.accounts.links import LinkKind
from app.accounts.passwords import OWASP_FLOOR, Passwords
from app.accounts.rules import Client, EventKind, Registration, Viewer
from app.accounts.service import DEAD_LINK, WRONG, WRONG_PASSWORD
from app.accounts.tables import Account, Consent, MailToken, Outbox, SecurityEvent, Session
from app.accounts.tokens import session_of
from app.kernel.clock import utc_now
from app.kernel.errors import Invalid, LimitReached, NotFound
from tests.making.traces import services_after

if TYPE_CHECKING:
    from app.bootstrap import Services
    from app.settings import Settings

CLIENT = Client("192.0.2.7", "Firefox on Linux")
PASSWORD, NEW_PASSWORD = "correct horse battery", "violet engine tuesday"
MARA = Registration(email="Mara@example.org", password=PASSWORD, display_name="Mara", allows_ai_feedback=True)
SECOND = timedelta(seconds=1)


async def token_in(link: str) -> str:
    """Return the token of development's link."""
    return link.rpartition("/")[2]


async def begun(services: Services) -> Viewer:
    """Register and confirm somebody; return who looks."""
    token = await token_in(await services.accounts.register(MARA, CLIENT))
    viewer = await services.accounts.viewer_of(await services.accounts.confirm(token, PASSWORD, None, CLIENT))
    assert viewer is not None
    return viewer


async def events() -> list[str]:
    """List the kinds of the events, the oldest first."""
    rows = await SecurityEvent.select(SecurityEvent.kind).order_by(SecurityEvent.created_at)
    return [row["kind"] for row in rows]


def logged(settings: Settings) -> str:
    """Return the security log."""
    return "".join(file.read_text() for file in settings.logs_dir.glob("security-*.log"))


async def test_a_registration_is_written_whole(services: Services, settings: Settings) -> None:
    """Address, key, name, version of the policy and the consent that was ticked, at its moment."""
    before = utc_now()
    link = await services.accounts.register(MARA, CLIENT)
    assert link.startswith(f"{settings.site_url}/verify/")
    (row,) = await Account.select()
    assert (row["email"], row["email_key"], row["display_name"]) == (MARA.email, "mara@example.org", "Mara")
    assert row["policy_version"] == settings.policy.accounts.policy_version
    assert before <= row["created_at"] <= utc_now()
    assert row["verified_at"] is None
    (consent,) = await Consent.select()
    assert (consent["account"], consent["kind"]) == (row["id"], "ai_feedback")
    assert consent["version"] == settings.policy.accounts.policy_version
    assert before <= consent["given_at"] <= utc_now()
    assert '"event":"registered"' in logged(settings)


async def test_a_second_registration_changes_nothing(services: Services) -> None:
    """Neither password, name nor consent of the account that is there; a third person's mail limit is by address."""
    await services.accounts.register(replace(MARA, allows_ai_feedback=False), CLIENT)
    before = await Account.select()
    await services.accounts.register(replace(MARA, password=NEW_PASSWORD, display_name="Eve"), CLIENT)
    assert await Account.select() == before
    assert await Consent.count() == 0


@pytest.mark.parametrize(
    ("password", "words"),
    [
        ("password1", "This password is on the lists that are tried first. Choose another."),
        ("mara@example.org", "This password is guessed quickly."),
        ("tracksensei1", "This password is guessed quickly."),
        ("x" * 7, "Use 8 characters or more."),
        ("correct horse " * 10, "Use at most 128 characters."),
    ],
)
async def test_a_weak_password_is_refused_with_its_reason(services: Services, password: str, words: str) -> None:
    """By the list, by what is one's own, by its length; nothing is written."""
    with pytest.raises(Invalid) as refused:
        await services.accounts.register(replace(MARA, password=password), CLIENT)
    assert refused.value.sentence.startswith(words)
    assert refused.value.code == "password"
    assert await Account.count() == 0


async def test_registering_is_limited_by_address_and_by_account(services: Services, settings: Settings) -> None:
    """The account's number from anywhere, and the address's for anybody."""
    limit = settings.policy.limits["register"]
    assert limit.account is not None
    for number in range(limit.account.count):
        await services.accounts.register(MARA, Client(f"198.51.100.{number}", ""))
    with pytest.raises(LimitReached):
        await services.accounts.register(MARA, CLIENT)
    await services.accounts.register(replace(MARA, email="bob@example.org"), CLIENT)


async def test_a_wrong_password_and_an_unknown_address_are_refused_alike(
    services: Services, settings: Settings
) -> None:
    """One sentence at the field, one line of the log; the right one begins a session of its device."""
    await services.accounts.register(MARA, CLIENT)
    for email in (MARA.email, "nobody@example.org"):
        with pytest.raises(Invalid) as refused:
            await services.accounts.log_in(email, "a wrong guess", CLIENT)
        assert (refused.value.sentence, refused.value.code) == (WRONG, "password")
    assert logged(settings).count('"event":"wrong_password"') == 2
    before = utc_now()
    token = await services.accounts.log_in(" MARA@EXAMPLE.ORG ", PASSWORD, CLIENT)
    (row,) = await Session.select()
    idle, absolute = (timedelta(days=days) for days in (7, 30))
    assert row["device"] == CLIENT.device
    assert row["id"] == session_of(settings.signing_keys, token, now=utc_now())
    assert before + idle <= row["expires_at"] <= utc_now() + idle
    assert session_of(settings.signing_keys, token, now=before + absolute - SECOND) == row["id"]
    assert session_of(settings.signing_keys, token, now=utc_now() + absolute) is None
    assert await events() == ["logged_in"]


async def test_a_session_that_is_used_lives_on(services: Services, settings: Settings) -> None:
    """Noted once an hour: when it was seen, and its new end within the absolute term."""
    token = await services.accounts.confirm(
        await token_in(await services.accounts.register(MARA, CLIENT)), PASSWORD, None, CLIENT
    )
    (first,) = await Session.select()
    async with services_after(settings, timedelta(minutes=50)) as soon:
        assert await soon.accounts.viewer_of(token) is not None
    assert (await Session.select())[0]["seen_at"] == first["seen_at"]
    for days, end in ((6, 13), (12, 19), (18, 25), (24, 30)):
        async with services_after(settings, timedelta(days=days)) as later:
            viewer = await later.accounts.viewer_of(token)
        assert viewer is not None
        assert viewer.account.email == MARA.email
        assert viewer.proved_at == first["proved_at"]
        (row,) = await Session.select()
        assert abs(row["seen_at"] - first["seen_at"] - timedelta(days=days)) < timedelta(minutes=2)
        assert abs(row["expires_at"] - first["created_at"] - timedelta(days=end)) < timedelta(minutes=2)
    assert row["expires_at"] == first["created_at"] + timedelta(days=30)


async def test_logging_out_ends_the_session(services: Services) -> None:
    """And no other one."""
    viewer = await begun(services)
    other = await services.accounts.log_in(MARA.email, PASSWORD, CLIENT)
    await services.accounts.log_out(viewer.session_id)
    assert await services.accounts.viewer_of(other) is not None
    assert await Session.count() == 1


@pytest.mark.parametrize("token", ["", "x", "a.b.c"])
async def test_nothing_is_nobody(services: Services, token: str) -> None:
    """What is no token has no viewer."""
    assert await services.accounts.viewer_of(token) is None


async def test_an_operator_finds_an_account_by_any_spelling(services: Services) -> None:
    """Or nothing."""
    await services.accounts.register(MARA, CLIENT)
    found = await services.accounts.by_email(" mara@EXAMPLE.org")
    assert found is not None
    assert found.email == MARA.email
    assert await services.accounts.by_email("nobody@example.org") is None


async def test_a_verification_mail_is_sent_again_until_it_is_not_needed(services: Services) -> None:
    """Once in its minutes by account; for a confirmed address nothing is sent or counted."""
    await services.accounts.register(MARA, CLIENT)
    account = await services.accounts.by_email(MARA.email)
    assert account is not None
    link = await services.accounts.mail_verification(account)
    found = await services.accounts.link(await token_in(link), LinkKind.VERIFY)
    assert (found.account_id, found.email) == (account.id, MARA.email)
    with pytest.raises(LimitReached):
        await services.accounts.mail_verification(account)
    for _ in range(3):
        assert await services.accounts.mail_verification(replace(account, is_verified=True)) == ""


async def test_confirming_asks_a_stranger_for_the_password(services: Services, settings: Settings) -> None:
    """Of the owner nothing; afterwards the link is dead, and the address counts as proved."""
    token = await token_in(await services.accounts.register(MARA, CLIENT))
    with pytest.raises(Invalid) as refused:
        await services.accounts.confirm(token, "a wrong guess", None, CLIENT)
    assert (refused.value.sentence, refused.value.code) == (WRONG_PASSWORD, "password")
    owner = await services.accounts.viewer_of(await services.accounts.log_in(MARA.email, PASSWORD, CLIENT))
    assert owner is not None
    stranger = replace(owner, account=replace(owner.account, id=owner.session_id))
    with pytest.raises(Invalid):
        await services.accounts.confirm(token, "", stranger, CLIENT)
    assert not owner.is_verified
    assert await services.accounts.confirm(token, "", owner, CLIENT) == ""
    (row,) = await Account.select()
    assert row["verified_at"] is not None
    assert await events() == ["logged_in", "address_confirmed"]
    with pytest.raises(NotFound) as dead:
        await services.accounts.confirm(token, PASSWORD, owner, CLIENT)
    assert dead.value.sentence == DEAD_LINK
    (event,) = await SecurityEvent.select().where(SecurityEvent.kind == EventKind.ADDRESS_CONFIRMED)
    assert (event["account"], event["device"]) == (owner.account.id, CLIENT.device)
    assert settings.policy.limits["link"].address is not None


async def test_links_are_tried_so_often_from_one_address(services: Services, settings: Settings) -> None:
    """Confirming and resetting share the number."""
    limit = settings.policy.limits["link"].address
    assert limit is not None

    async def confirm() -> None:
        await services.accounts.confirm("no such token", PASSWORD, None, CLIENT)

    async def reset() -> None:
        await services.accounts.reset("no such token", NEW_PASSWORD, CLIENT)

    for number in range(limit.count):
        with pytest.raises(NotFound):
            await (confirm() if number % 2 else reset())
    for attempt in (confirm, reset):
        with pytest.raises(LimitReached):
            await attempt()


async def test_a_reset_changes_the_password_and_ends_everything_else(services: Services, settings: Settings) -> None:
    """Sessions, links, the old password; the owner is told by mail, and the address counts as proved."""
    await services.accounts.register(MARA, CLIENT)
    await services.accounts.log_in(MARA.email, PASSWORD, CLIENT)
    token = await token_in(await services.accounts.forgot(MARA.email, CLIENT))
    assert '"event":"reset_asked"' in logged(settings)
    with pytest.raises(Invalid) as weak:
        await services.accounts.reset(token, "password1", CLIENT)
    assert weak.value.code == "password"
    with pytest.raises(Invalid):
        await services.accounts.reset(token, MARA.email, CLIENT)
    await services.accounts.reset(token, NEW_PASSWORD, CLIENT)
    assert (await Session.count(), await MailToken.count(), await Outbox.count()) == (0, 0, 0)
    (row,) = await Account.select()
    assert row["verified_at"] is not None
    assert await events() == ["logged_in", "password_reset"]
    subjects = sorted(
        line.removeprefix("Subject: ")
        for file in settings.outbox_dir.glob("*.eml")
        for line in file.read_text().splitlines()
        if line.startswith("Subject: ")
    )
    assert subjects == ["Choose a new password", "Confirm your address", "Your password was changed"]
    with pytest.raises(Invalid):
        await services.accounts.log_in(MARA.email, PASSWORD, CLIENT)
    assert await services.accounts.log_in(MARA.email, NEW_PASSWORD, CLIENT)
    with pytest.raises(NotFound) as dead:
        await services.accounts.reset(token, NEW_PASSWORD, CLIENT)
    assert dead.value.sentence == DEAD_LINK


async def test_asking_for_a_reset_is_limited_by_account_for_known_and_unknown(
    services: Services, settings: Settings
) -> None:
    """Whoever asks, and from wherever."""
    limit = settings.policy.limits["reset_mail"].account
    assert limit is not None
    await services.accounts.register(MARA, CLIENT)
    for email in (MARA.email, "nobody@example.org"):
        for number in range(limit.count):
            await services.accounts.forgot(email.upper(), Client(f"198.51.100.{number}", ""))
        with pytest.raises(LimitReached):
            await services.accounts.forgot(email, CLIENT)


async def test_what_is_due_is_counted(services: Services, settings: Settings) -> None:
    """Sessions, mails, links, events and unconfirmed accounts, each when its term is over and not before."""
    await services.accounts.register(MARA, CLIENT)
    await services.accounts.log_in(MARA.email, PASSWORD, CLIENT)
    assert await services.accounts.end_due() == 0
    assert await services.accounts.end_due_sessions() == 0
    async with services_after(settings, timedelta(days=7, minutes=1)) as later:
        assert await later.accounts.end_due_sessions() == 1
        gone: int = await later.accounts.end_due()
    assert gone >= 2
    assert await Account.count() == 0


class Counted(Passwords):
    """Counts its work."""

    def __init__(self) -> None:
        """Begin at nothing."""
        super().__init__()
        self.verified: list[str] = []
        self.hashed = 0

    async def hash(self, password: str) -> str:
        """Count a hash."""
        self.hashed += 1
        return await super().hash(password)

    def _verify(self, encoded: str, password: str) -> bool:
        self.verified.append(encoded)
        return super()._verify(encoded, password)


async def test_nobodys_password_is_checked_with_the_same_work() -> None:
    """Against one hash of the same parameters, made once; the answer is no whatever was typed."""
    passwords = Counted()
    for guess in ("nobody has this password", "", "x"):
        assert not await passwords.matches(None, guess)
    assert passwords.hashed == 1
    assert len(set(passwords.verified)) == 1
    assert len(passwords.verified) == 3
    assert passwords.verified[0].startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    encoded = await passwords.hash(PASSWORD)
    assert await passwords.matches(encoded, PASSWORD)
    assert not await passwords.matches(encoded, PASSWORD + " ")
    assert not await passwords.matches("no hash", PASSWORD)
    assert passwords.hashed == 2


async def test_a_hash_is_renewed_only_when_it_must_be() -> None:
    """With today's parameters it stays as it is."""
    passwords = Counted()
    current = await passwords.hash(PASSWORD)
    assert await passwords.renewed(current, PASSWORD) == ""
    weaker: Any = type(OWASP_FLOOR)(time_cost=1, memory_cost=8, parallelism=1)
    renewed = await passwords.renewed(weaker.hash(PASSWORD), PASSWORD)
    assert await passwords.matches(renewed, PASSWORD)


@pytest.mark.parametrize(
    ("password", "own_words", "words"),
    [
        ("PASSWORD", (), "This password is on the lists that are tried first. Choose another."),
        ("tracksensei", ("tracksensei",), "This password is guessed quickly. Add another word or two."),
        ("aaaaaaaaaa", (), "This password is guessed quickly. Add another word or two."),
        ("violet engine tuesday", (), ""),
        ("violet engine tuesday" + "x" * 107, ("", "mara"), ""),
    ],
)
async def test_a_password_is_told_what_is_wrong_with_it(password: str, own_words: tuple[str, ...], words: str) -> None:
    """By the list, by one's own words, by repetition; length alone is no fault."""
    assert (await Passwords().fault(password, own_words=own_words, common=10_000)).startswith(words)
    assert bool(await Passwords().fault(password, own_words=own_words, common=10_000)) is bool(words)


async def test_only_the_first_of_the_list_count_as_common() -> None:
    """The number is the policy's."""
    assert "lists" in await Passwords().fault("password", own_words=(), common=10)
    assert "lists" not in await Passwords().fault("password", own_words=(), common=0)
