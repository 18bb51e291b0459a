"""``tracksensei users``: look after accounts. Whom they belong to is shown only when asked."""

from __future__ import annotations

from datetime import datetime  # noqa: TC003 - msgspec reads the annotations of a line
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar
from uuid import UUID  # noqa: TC003 - as above

import click

from app.bootstrap import command
from app.kernel.console import JSON, PERSONAL, YES, Done, Exit, Group, Line, confirm, fail, masked, show, tell

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from app.accounts.office import Record
    from app.bootstrap import Services

T = TypeVar("T")
ACCOUNT = click.argument("account")
NOBODY = "There is no such account: name its address or its identifier."


class UserLine(Line, frozen=True):
    """One account."""

    id: UUID
    email: str
    """Masked, unless it is asked for."""
    created_at: datetime
    state: str
    plan: str


class UserDetail(Line, frozen=True):
    """One account with what is held of it, by table."""

    id: UUID
    email: str
    display_name: str
    created_at: datetime
    verified_at: datetime | None
    suspended_at: datetime | None
    plan: str
    policy_version: str
    held: dict[str, int]


class SessionLine(Line, frozen=True):
    """One open session."""

    id: UUID
    device: str
    began_at: datetime
    seen_at: datetime


@click.group(cls=Group)
def users() -> None:
    """List accounts, verify, suspend, restore, erase them, hand out what is held of one."""


@users.command("list")
@JSON
@PERSONAL
def list_users(*, as_json: bool, shows_personal: bool) -> None:
    """List every account, the oldest first."""

    async def work(services: Services) -> list[UserLine]:
        return [
            UserLine(
                id=record.id,
                email=record.email if shows_personal else masked(record.email),
                created_at=record.created_at,
                state=_state(record),
                plan=await services.usage.plan_of(record.id),
            )
            for record in await services.office.everyone()
        ]

    show(command(work), UserLine, as_json=as_json, title="Accounts")


@users.command("show")
@ACCOUNT
@JSON
@PERSONAL
def show_user(*, account: str, as_json: bool, shows_personal: bool) -> None:
    """Show one account, and how much is held of it."""

    async def work(services: Services, record: Record) -> UserDetail:
        held = await services.rights.holdings.everything(record.id)
        return UserDetail(
            id=record.id,
            email=record.email if shows_personal else masked(record.email),
            display_name=record.display_name if shows_personal else "",
            created_at=record.created_at,
            verified_at=record.verified_at,
            suspended_at=record.suspended_at,
            plan=await services.usage.plan_of(record.id),
            policy_version=record.policy_version,
            held={each.entry.name: each.count for each in held if each.count},
        )

    show([_with(account, work)], UserDetail, as_json=as_json, title="Account")


@users.command()
@ACCOUNT
@JSON
def verify(*, account: str, as_json: bool) -> None:
    """Take an account's address as confirmed."""

    async def work(services: Services, record: Record) -> None:
        await services.office.verify(record.id)

    _with(account, work)
    tell(Done("The address counts as confirmed."), as_json=as_json)


@users.command()
@ACCOUNT
@JSON
@YES
def suspend(*, account: str, as_json: bool, is_sure: bool) -> None:
    """End an account's sessions and refuse new ones, until it is restored."""
    confirm("Log this account out everywhere and let it in no more?", is_sure=is_sure)

    async def work(services: Services, record: Record) -> bool:
        return await services.office.suspend(record.id)

    if not _with(account, work):
        fail(Exit.REFUSED, "It is suspended already.")
    tell(Done("The account is suspended."), as_json=as_json)


@users.command()
@ACCOUNT
@JSON
def restore(*, account: str, as_json: bool) -> None:
    """Let a suspended account in again."""

    async def work(services: Services, record: Record) -> bool:
        return await services.office.restore(record.id)

    if not _with(account, work):
        fail(Exit.REFUSED, "It is not suspended.")
    tell(Done("The account is open again."), as_json=as_json)


@users.command()
@ACCOUNT
@click.option("--end", "ends", is_flag=True, help="End all of them.")
@JSON
@YES
def sessions(*, account: str, ends: bool, as_json: bool, is_sure: bool) -> None:
    """List an account's sessions, or end them."""
    if ends:
        confirm("End every session of this account?", is_sure=is_sure)

    async def work(services: Services, record: Record) -> list[SessionLine]:
        found = await services.office.sessions(record.id)
        if ends:
            await services.office.end_sessions(record.id)
        return [SessionLine(each.id, each.device, each.began_at, each.seen_at) for each in found]

    title = "Sessions that were ended" if ends else "Sessions"
    show(_with(account, work), SessionLine, as_json=as_json, title=title)


@users.command()
@ACCOUNT
@JSON
@YES
def erase(*, account: str, as_json: bool, is_sure: bool) -> None:
    """Delete an account with everything in it; its owner gets the last mail."""
    confirm("Delete this account with everything in it, for good?", is_sure=is_sure)

    async def work(services: Services, record: Record) -> bool:
        return await services.rights.erasing.erase(record.id)

    _with(account, work)
    tell(Done("The account is erased."), as_json=as_json)


@users.command()
@ACCOUNT
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@JSON
@YES
def export(*, account: str, file: Path, as_json: bool, is_sure: bool) -> None:
    """Write everything that is held of an account into FILE, a ZIP."""
    confirm(f"Write everything that is held of this account into {file}?", is_sure=is_sure)

    async def work(services: Services, record: Record) -> None:
        await services.rights.exports.write_copy(record.id, file)

    _with(account, work)
    tell(Done(f"{file} is written. Hand it to its owner, and delete it."), as_json=as_json)


@users.command("import")
@ACCOUNT
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@JSON
@YES
def bring(*, account: str, file: Path, as_json: bool, is_sure: bool) -> None:
    """Bring the results of an export of this service into an account that has none."""
    confirm("Bring this export into this account?", is_sure=is_sure)

    async def work(services: Services, record: Record) -> int:
        return await services.rights.imports.bring(record.id, file)

    count = _with(account, work)
    tell(Done(f"{count} rows are back, with the deadlines that they had.", count), as_json=as_json)


def _with(account: str, work: Callable[[Services, Record], Awaitable[T]]) -> T:
    """Do something with one account, or say that there is none."""

    async def found(services: Services) -> T:
        record = await services.office.find(account)
        if record is None:
            fail(Exit.UNKNOWN, NOBODY)
        return await work(services, record)

    return command(found)


def _state(record: Record) -> str:
    if record.suspended_at is not None:
        return "suspended"
    return "confirmed" if record.verified_at is not None else "unconfirmed"
