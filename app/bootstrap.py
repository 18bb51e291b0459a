"""The composition root: settings in, every part of the product out, one lifespan for all.

Web, worker, commands and tests build the same :class:`Services`; nothing else constructs a
part or reads the environment.
"""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from app.accounts.mailing import Mailing
from app.accounts.office import Office
from app.accounts.owner import OwnAccount
from app.accounts.parts import AccountParts
from app.accounts.passwords import Passwords
from app.accounts.service import Accounts
from app.accounts.watch import Watch
from app.analyses import measuring
from app.analyses.deleting import Deleting
from app.analyses.doorbell import Doorbell
from app.analyses.receiving import Receiving
from app.analyses.running import Runs
from app.analyses.service import Analyses
from app.analyses.verdicts import Verdicts
from app.billing.departures import Departures
from app.billing.inbox import Inbox
from app.billing.mirror import Mirror
from app.billing.reconciling import Reconciler
from app.billing.rules import Catalogue
from app.billing.service import Billing
from app.chat.generating import Generations
from app.chat.live import Live
from app.chat.service import Conversations
from app.kernel.clock import Clock, utc_now
from app.kernel.console import Exit, fail
from app.kernel.db import bind, close_engine, fault_of, make_engine, open_engine
from app.kernel.errors import AppError, NotFound
from app.kernel.html.render import Renderer
from app.kernel.isolate import Isolator
from app.kernel.journal import Journal
from app.kernel.logs import configure_logging
from app.kernel.mail import FolderPostman, Postman, SmtpPostman
from app.kernel.queue import connect
from app.kernel.ratelimit import RateLimiter
from app.kernel.signals import Signals
from app.kernel.storage import LocalStorage
from app.kernel.waypoints import Observer, unobserved
from app.privacy.announcing import Announcing
from app.privacy.audit import Auditor
from app.privacy.backups import Backups
from app.privacy.erasing import Erasing
from app.privacy.erasure_log import ErasureLog
from app.privacy.exporting import Exports
from app.privacy.importing import Imports
from app.privacy.objecting import Objections
from app.privacy.owning import Holdings
from app.privacy.rights import Rights
from app.privacy.service import Sweeper
from app.privacy.shelf import Shelf
from app.registry import PERSONAL_DATA, TABLES
from app.settings import ROOT, Settings, SettingsError
from app.tracks.service import Tracks
from app.usage.service import UsageLedger

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable
    from pathlib import Path

    from arq import ArqRedis
    from piccolo.engine.base import Engine

    from app.billing.gateway import Gateway
    from app.chat.claude import Claude


T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Services:
    """The parts, wired."""

    settings: Settings
    clock: Clock
    engine: Engine[Any]
    redis: ArqRedis
    signals: Signals
    limiter: RateLimiter
    storage: LocalStorage
    renderer: Renderer
    access_log: Journal
    mailing: Mailing
    accounts: Accounts
    own_account: OwnAccount
    office: Office
    usage: UsageLedger
    payment: Payment
    tracks: Tracks
    analyses: Analyses
    verdicts: Verdicts
    receiving: Receiving
    runs: Runs
    live: Live
    generations: Generations
    claude: Claude | None
    """None: the report guide answers."""
    conversations: Conversations
    rights: Rights
    sweeper: Sweeper
    backups: Backups

    @property
    def billing(self) -> Billing:
        """What a person does about a plan."""
        return self.payment.billing

    @asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        """Open what is kept open, and close it at the end."""
        await open_engine(self.engine)
        try:
            yield
        finally:
            await self.generations.close()
            if self.claude is not None:
                await self.claude.close()
            await self.signals.close()
            await self.limiter.close()
            await self.redis.aclose(close_connection_pool=True)
            if self.payment.gateway is not None:
                await self.payment.gateway.close()
            await close_engine(self.engine)


@dataclass(frozen=True, slots=True)
class Payment:
    """The parts that deal with Stripe."""

    gateway: Gateway | None
    """None: payment is not set up."""
    billing: Billing
    inbox: Inbox
    departures: Departures
    reconciler: Reconciler | None


@dataclass(frozen=True, slots=True)
class Parts:
    """The makers of the parts that meet disk, children and strangers; a proof hands over broken or watched ones."""

    storage: Callable[[Path], LocalStorage] = LocalStorage
    deleting: type[Deleting] = Deleting
    runs: type[Runs] = Runs
    isolator: Callable[[str], Isolator] = Isolator
    inbox: type[Inbox] = Inbox
    limiter: type[RateLimiter] = RateLimiter
    passwords: Callable[[], Passwords] = Passwords
    accounts: type[Accounts] = Accounts
    own_account: type[OwnAccount] = OwnAccount
    reached: Observer = unobserved


def build(settings: Settings, *, clock: Clock = utc_now, parts: Parts | None = None) -> Services:
    """Wire the parts; nothing is opened or contacted yet.

    Raises
    ------
    SettingsError
        When there is no address of a Redis.

    """
    if not settings.redis_url:
        raise SettingsError("REDIS_URL is not set. `tracksensei up` starts a Redis of its own and sets it.")
    parts = parts or Parts()
    engine = make_engine(settings)
    bind(engine, TABLES)
    policy = settings.policy
    redis = connect(settings.redis_url)
    signals, doorbell = Signals(redis, connect(settings.redis_url, answer_timeout_s=None)), Doorbell(redis)
    limiter = parts.limiter(settings.redis_url, policy.limits, settings.signing_key)
    storage = parts.storage(settings.uploads_dir)
    renderer = Renderer(ROOT / "templates", ROOT / "static")
    days = policy.accounts
    access_log = Journal(settings.logs_dir, "access", days=days.access_log_days, clock=clock)
    security_log = Journal(settings.logs_dir, "security", days=days.security_log_days, clock=clock)
    mailing = Mailing(settings, clock, signals=signals, renderer=renderer, postman=_postman(settings))
    account_parts = AccountParts(
        keys=settings.signing_keys,
        policy=policy.accounts,
        clock=clock,
        engine=engine,
        limiter=limiter,
        passwords=parts.passwords(),
        mailing=mailing,
        watch=Watch(clock, security_log, key=settings.signing_key, term=days.security_log),
    )
    accounts = parts.accounts(account_parts)
    usage, tracks = UsageLedger(policy.plans, clock), Tracks(clock)
    payment = _payment(settings, parts, engine=engine, clock=clock, usage=usage, limiter=limiter)
    verdicts = Verdicts(clock)
    deleting = parts.deleting(
        engine=engine,
        storage=storage,
        usage=usage,
        clock=clock,
        receipt_term=policy.retention.results,
        reached=parts.reached,
    )
    analyses = Analyses(
        policy=policy,
        engine=engine,
        clock=clock,
        tracks=tracks,
        usage=usage,
        storage=storage,
        deleting=deleting,
        doorbell=doorbell,
        signals=signals,
        verdicts=verdicts,
        reached=parts.reached,
    )
    own_account, claude = parts.own_account(account_parts, accounts), _claude(settings)
    live = Live(signals)
    generations = Generations(policy=policy.chat, engine=engine, clock=clock, usage=usage, live=live, signals=signals)
    conversations = Conversations(
        policy=policy.chat,
        engine=engine,
        clock=clock,
        limiter=limiter,
        usage=usage,
        own_account=own_account,
        analyses=analyses,
        generations=generations,
        claude=claude,
    )
    office = Office(account_parts)
    rights = _rights(
        settings,
        engine=engine,
        clock=clock,
        redis=redis,
        storage=storage,
        limiter=limiter,
        signals=signals,
        mailing=mailing,
        own_account=own_account,
        office=office,
        analyses=analyses,
        billing=payment.billing,
    )
    shelf = Shelf(settings.backups_dir, term=policy.privacy.backup, clock=clock)
    sweeper = Sweeper(
        policy=policy.retention,
        entries=PERSONAL_DATA,
        engine=engine,
        clock=clock,
        storage=storage,
        accounts=accounts,
        tracks=tracks,
        analyses=analyses,
        conversations=conversations,
        deleting=deleting,
        departures=payment.departures,
        exports=rights.exports,
        erasing=rights.erasing,
        erasures=rights.erasures,
        journals=(access_log, security_log),
        shelf=shelf,
        reached=parts.reached,
    )
    return Services(
        settings=settings,
        clock=clock,
        engine=engine,
        redis=redis,
        signals=signals,
        limiter=limiter,
        storage=storage,
        renderer=renderer,
        access_log=access_log,
        mailing=mailing,
        accounts=accounts,
        own_account=own_account,
        office=office,
        usage=usage,
        payment=payment,
        tracks=tracks,
        analyses=analyses,
        verdicts=verdicts,
        receiving=Receiving(
            policy=policy,
            storage=storage,
            clock=clock,
            deleting=deleting,
            doorbell=doorbell,
            signals=signals,
            reached=parts.reached,
        ),
        runs=parts.runs(
            settings=settings,
            engine=engine,
            clock=clock,
            storage=storage,
            deleting=deleting,
            doorbell=doorbell,
            signals=signals,
            isolator=parts.isolator(measuring.PRELOAD),
            reached=parts.reached,
        ),
        live=live,
        generations=generations,
        claude=claude,
        conversations=conversations,
        rights=rights,
        sweeper=sweeper,
        backups=Backups(
            settings.backup_recipient,
            shelf=shelf,
            entries=PERSONAL_DATA,
            engine=engine,
            clock=clock,
            erasing=rights.erasing,
            erasures=rights.erasures,
            sweeper=sweeper,
        ),
    )


def _rights(settings: Settings, **parts: Any) -> Rights:
    """Wire the parts that serve a person's rights; ``parts`` are those that they stand on, by name."""
    named = partial(_only, parts)
    exports = Exports(
        entries=PERSONAL_DATA,
        folder=settings.exports_dir,
        key=settings.signing_key,
        term=settings.policy.privacy.export,
        **named("clock", "limiter", "signals"),
    )
    erasures = ErasureLog(settings.data_dir, term=settings.policy.privacy.backup)
    return Rights(
        holdings=Holdings(entries=PERSONAL_DATA, **named("engine", "clock", "analyses")),
        exports=exports,
        imports=Imports(entries=PERSONAL_DATA, keys=settings.signing_keys, **named("engine", "clock")),
        objections=Objections(**named("engine", "clock", "mailing", "own_account", "limiter")),
        erasures=erasures,
        erasing=Erasing(
            exports=exports, erasures=erasures, **named("engine", "clock", "office", "mailing", "analyses", "billing")
        ),
        announcing=Announcing(**named("engine", "clock", "office", "mailing")),
        auditor=Auditor(
            settings,
            entries=PERSONAL_DATA,
            erasures=erasures,
            **named("engine", "clock", "redis", "storage", "office"),
        ),
    )


def _only(parts: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: parts[name] for name in names}


def _payment(settings: Settings, parts: Parts, *, limiter: RateLimiter, **kept: Any) -> Payment:
    """Wire the parts that deal with Stripe; ``kept`` is engine, clock and usage."""
    policy, clock = settings.policy.billing, kept["clock"]
    catalogue = Catalogue.of(settings.stripe_prices, settings.policy.plans)
    gateway = _gateway(settings, catalogue)
    mirror = Mirror(policy=policy, catalogue=catalogue, reached=parts.reached, **kept)
    departures = Departures(policy=policy, gateway=gateway, clock=clock)
    both: dict[str, Any] = {"mirror": mirror, "departures": departures, "engine": kept["engine"], "clock": clock}
    return Payment(
        gateway=gateway,
        billing=Billing(gateway=gateway, catalogue=catalogue, limiter=limiter, **both),
        inbox=parts.inbox(
            gateway=gateway,
            mirror=mirror,
            clock=clock,
            secret=settings.stripe_webhook_secret,
            tolerance=policy.tolerance,
            reached=parts.reached,
        ),
        departures=departures,
        reconciler=Reconciler(gateway=gateway, **both) if gateway else None,
    )


def _gateway(settings: Settings, catalogue: Catalogue) -> Gateway | None:
    if not settings.stripe_api_key:
        return None
    from app.billing.gateway import Gateway  # noqa: PLC0415 - Stripe's library loads for half a second

    return Gateway(settings, catalogue)


def _claude(settings: Settings) -> Claude | None:
    if not settings.anthropic_api_key:
        return None
    from app.chat.claude import Claude  # noqa: PLC0415 - Anthropic's library loads for seconds

    return Claude(settings)


def _postman(settings: Settings) -> Postman:
    return SmtpPostman(settings.smtp_url) if settings.smtp_url else FolderPostman(settings.outbox_dir)


def command(work: Callable[[Services], Awaitable[T]]) -> T:
    """Run an operator's command with the services of this process's settings.

    What does not allow it ends the process with a sentence and an exit code.
    """
    settings = Settings.from_environment()
    configure_logging(settings.log_format)

    async def run() -> T:
        if fault := await fault_of(settings):
            raise SettingsError(f"DATABASE_URL: {fault}.")
        services = build(settings)
        async with services.open():
            return await work(services)

    try:
        return asyncio.run(run())
    except AppError as error:
        code = Exit.UNKNOWN if isinstance(error, NotFound) else Exit.REFUSED
        fail(code, f"{error.sentence} {error.way_out}".strip())
    except OSError as error:
        fail(Exit.REFUSED, f"{error.filename or 'A file'} cannot be used: {error.strerror or error}.")
