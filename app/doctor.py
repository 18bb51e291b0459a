"""``tracksensei doctor``: what is configured, missing and working on this machine."""

from __future__ import annotations

import asyncio
import shutil
import sys
import warnings
from dataclasses import dataclass
from enum import StrEnum
from importlib.util import find_spec
from typing import TYPE_CHECKING

import click

from app.kernel.console import JSON
from app.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Sequence

ANSWER_S = 5.0
MIB = 1024 * 1024
ENGINE_MODULES = ("numpy", "scipy", "numba", "soundfile", "soxr", "onnx", "onnxruntime", "madmom", "app.audio.engine")


class Verdict(StrEnum):
    """What a check found."""

    WORKS = "works"
    NOTE = "note"
    """Not needed to run, but worth knowing."""
    MISSING = "missing"
    """Needed and absent: exit code 1."""


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the answer."""

    name: str
    verdict: Verdict
    detail: str


@dataclass(frozen=True, slots=True)
class Answer:
    """Everything that was checked; the published shape of ``--json``."""

    ok: bool
    checks: list[Check]


@click.command()
@JSON
def doctor(*, as_json: bool) -> None:
    """Tell what is configured, missing and working."""
    checks = examine(Settings.from_environment())
    if as_json:
        _print_json(checks)
    else:
        _print_table(checks)
    sys.exit(1 if any(check.verdict is Verdict.MISSING for check in checks) else 0)


def examine(settings: Settings) -> list[Check]:
    """Make every check."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Piccolo warns of what the database's line tells
        answers = asyncio.run(_ask_servers(settings))
    return [
        _python(),
        *answers,
        _uploads(settings),
        _engine(),
        _models(settings),
        _encoder(settings),
        _address(settings),
        _mail(settings),
        _payment(settings),
    ]


async def _ask_servers(settings: Settings) -> list[Check]:
    return list(
        await asyncio.gather(_database(settings), _redis(settings), _failed_mails(settings), _departures(settings))
    )


def _python() -> Check:
    version = ".".join(map(str, sys.version_info[:3]))
    fits = (3, 11) <= sys.version_info[:2] <= (3, 13)
    return Check("Python", Verdict.WORKS if fits else Verdict.MISSING, f"{version} (3.11, 3.12 or 3.13 is needed)")


async def _database(settings: Settings) -> Check:
    from app.kernel.db import fault_of  # noqa: PLC0415 - `tracksensei --help` needs no database

    fault = await fault_of(settings)
    kind = "SQLite" if settings.database_url.startswith("sqlite") else "PostgreSQL"
    return Check("Database", Verdict.MISSING if fault else Verdict.WORKS, fault or f"{kind}, migrated")


async def _redis(settings: Settings) -> Check:
    if not settings.redis_url:
        return _local_redis()
    from redis.asyncio import Redis  # noqa: PLC0415 - as above

    try:
        async with asyncio.timeout(ANSWER_S), Redis.from_url(settings.redis_url) as client:
            version = (await client.info("server"))["redis_version"]
    except Exception as error:  # noqa: BLE001 - as above
        return Check("Redis", Verdict.MISSING, f"REDIS_URL does not answer: {_first_line(error)}")
    return Check("Redis", Verdict.WORKS, f"REDIS_URL answers, version {version}")


def _local_redis() -> Check:
    from app.local_redis import redis_binary  # noqa: PLC0415 - as above
    from app.settings import SettingsError  # noqa: PLC0415

    try:
        binary = redis_binary()
    except SettingsError as error:
        return Check("Redis", Verdict.MISSING, str(error))
    return Check("Redis", Verdict.WORKS, f"REDIS_URL is not set; `tracksensei up` starts {binary}")


def _uploads(settings: Settings) -> Check:
    directory = settings.uploads_dir
    try:
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        probe = directory / ".doctor"
        probe.write_bytes(b"")
        probe.unlink()
    except OSError as error:
        return Check("Uploads", Verdict.MISSING, f"{directory} cannot be written: {error.strerror}")
    disk = shutil.disk_usage(directory)
    free_percent = 100 * disk.free / disk.total
    policy = settings.policy.uploads
    detail = f"{disk.free // MIB:,} MiB free ({free_percent:.0f} %); one upload takes up to {policy.max_mib} MiB"
    if free_percent < policy.min_free_disk_percent:
        return Check("Uploads", Verdict.MISSING, f"{detail}: under {policy.min_free_disk_percent} % none is taken")
    return Check("Uploads", Verdict.WORKS, detail)


def _engine() -> Check:
    """Look for the engine's parts without loading them, which takes seconds."""
    absent = [name for name in ENGINE_MODULES if not _is_installed(name)]
    if absent:
        return Check("Engine", Verdict.MISSING, f"not installed: {', '.join(absent)}: run `make setup`")
    return Check("Engine", Verdict.WORKS, "installed")


def _models(settings: Settings) -> Check:
    if settings.madmom_models == "licensed":
        return Check("Models", Verdict.WORKS, "MADMOM_MODELS=licensed: used under a licence of yours")
    if settings.madmom_models == "off":
        return Check("Models", Verdict.NOTE, "MADMOM_MODELS=off: tempo, beats and key without trained models")
    return Check(
        "Models", Verdict.NOTE, "madmom's trained models are used: for non-commercial use only (CC BY-NC-SA 4.0)"
    )


def _encoder(settings: Settings) -> Check:
    from app.kernel.programs import can_run  # noqa: PLC0415 - as above

    if not settings.ffmpeg:
        return Check("Encoders", Verdict.NOTE, "there is no ffmpeg (FFMPEG, PATH) to try AAC and Opus with")
    if not can_run():
        return Check("Encoders", Verdict.NOTE, "this system cannot confine ffmpeg (Landlock, seccomp): no AAC and Opus")
    return Check("Encoders", Verdict.WORKS, f"{settings.ffmpeg} encodes AAC and Opus for the codec preview")


def _address(settings: Settings) -> Check:
    if settings.uses_https:
        return Check("Address", Verdict.WORKS, settings.site_url)
    loopback = settings.host in {"127.0.0.1", "::1", "localhost"}
    verdict = Verdict.WORKS if loopback else Verdict.NOTE
    reason = "on this machine only" if loopback else "without TLS: set SITE_URL=https://... behind a TLS proxy"
    return Check("Address", verdict, f"{settings.site_url}, {reason}")


def _payment(settings: Settings) -> Check:
    if not settings.stripe_api_key:
        return Check("Payment", Verdict.NOTE, "STRIPE_API_KEY is not set: payment is off")
    offers = [
        f"{plan} by {interval}"
        for plan, both in settings.stripe_prices.items()
        for interval, ids in zip(("month", "year"), both, strict=True)
        if ids
    ]
    if not offers:
        return Check("Payment", Verdict.MISSING, "STRIPE_API_KEY is set, but none of STRIPE_PRICE_*: nothing is sold")
    if settings.stripe_api_base:
        return Check("Payment", Verdict.NOTE, f"a test server at {settings.stripe_api_base} stands for Stripe")
    if settings.stripe_api_key.startswith(("sk_test_", "rk_test_")):
        return Check("Payment", Verdict.NOTE, f"Stripe's test mode: {', '.join(offers)}")
    return Check("Payment", Verdict.WORKS, f"Stripe sells {', '.join(offers)}")


async def _departures(settings: Settings) -> Check:
    """Tell of deleted accounts that Stripe still knows."""
    from app.billing.departures import waiting  # noqa: PLC0415 - `tracksensei --help` needs no database
    from app.billing.tables import Departure  # noqa: PLC0415
    from app.kernel.db import bind, make_engine  # noqa: PLC0415

    bind(make_engine(settings), [Departure])
    try:
        async with asyncio.timeout(ANSWER_S):
            found = await waiting()
    except Exception:  # noqa: BLE001 - the database's own line says why
        return Check("Departures", Verdict.NOTE, "cannot be read")
    reasons = ", ".join(sorted({error for error in found if error}))
    detail = f"{len(found)} customers that Stripe has still to delete {reasons}".strip()
    return Check("Departures", Verdict.NOTE if found else Verdict.WORKS, detail)


def _mail(settings: Settings) -> Check:
    if settings.smtp_url:
        return Check("Mail", Verdict.WORKS, "SMTP_URL is set")
    where = "and at /dev/mail" if settings.development else "and nowhere else"
    return Check("Mail", Verdict.NOTE, f"SMTP_URL is not set: mails are files in {settings.outbox_dir} {where}")


async def _failed_mails(settings: Settings) -> Check:
    """Tell of mails that were given up, by kind and error."""
    from app.accounts import outbox  # noqa: PLC0415 - `tracksensei --help` needs no database
    from app.accounts.tables import Outbox  # noqa: PLC0415
    from app.kernel.db import bind, make_engine  # noqa: PLC0415

    bind(make_engine(settings), [Outbox])
    try:
        async with asyncio.timeout(ANSWER_S):
            failed = await outbox.failed()
    except Exception:  # noqa: BLE001 - the database's own line says why
        return Check("Outbox", Verdict.NOTE, "cannot be read")
    kinds = ", ".join(sorted({f"{kind} ({error})" for kind, error in failed}))
    return Check("Outbox", Verdict.NOTE if failed else Verdict.WORKS, f"{len(failed)} mails given up {kinds}".strip())


def _is_installed(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:
        return False


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]


def _print_table(checks: Sequence[Check]) -> None:
    from rich.console import Console  # noqa: PLC0415 - `--json` needs no table
    from rich.table import Table  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    colours = {Verdict.WORKS: "green", Verdict.NOTE: "yellow", Verdict.MISSING: "bold red"}
    table = Table(box=None, pad_edge=False)
    for heading in ("", "is", "detail"):
        table.add_column(heading)
    for check in checks:
        table.add_row(check.name, Text(check.verdict, style=colours[check.verdict]), Text(check.detail))
    Console().print(table)


def _print_json(checks: list[Check]) -> None:
    import msgspec  # noqa: PLC0415 - a table needs no encoder

    answer = Answer(ok=all(check.verdict is not Verdict.MISSING for check in checks), checks=checks)
    click.echo(msgspec.json.format(msgspec.json.encode(answer), indent=2))
