"""The worker process: arq answers the doorbell and sweeps, a loop of its own reconciles.

The reconciler does not go through Redis: with Redis away the runs at work go on and queued
rows are still found; the connection is tried again until it is back.
"""

from __future__ import annotations

import asyncio
import os
import signal
from contextlib import suppress
from dataclasses import asdict
from datetime import UTC
from typing import TYPE_CHECKING, Any, cast

import structlog
from arq.cron import cron
from arq.worker import Worker, func
from redis.exceptions import RedisError

from app.accounts.mailing import TOPIC
from app.analyses.doorbell import JOB
from app.analyses.jobs import answer_doorbell
from app.billing.jobs import finish_departures, reconcile_payment
from app.bootstrap import Parts, Services, build
from app.kernel.confine import layers
from app.kernel.logs import configure_logging
from app.kernel.queue import QUEUE, connect, decode, encode
from app.kernel.signals import wait
from app.kernel.tasks import end
from app.privacy.exporting import TOPIC as EXPORT_TOPIC
from app.privacy.jobs import sweep

if TYPE_CHECKING:
    from arq.typing import WorkerCoroutine

    from app.settings import Settings

JOB_TIMEOUT_S = 60
POLL_DELAY_S = 0.1
TRY_AGAIN_S = 1.0

log = structlog.get_logger()


def run(settings: Settings, *, parts: Parts | None = None) -> None:
    """Work until SIGTERM or SIGINT; what is at work then goes back to the queue."""
    configure_logging(settings.log_format)
    asyncio.run(_main(settings, parts))


async def _main(settings: Settings, parts: Parts | None) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    services = build(settings, parts=parts)
    async with services.open():
        # Mails wait for no engine, whose first start takes seconds.
        posting = asyncio.create_task(_post(services))
        await services.runs.warm()
        tasks = [posting, *(asyncio.create_task(work(services)) for work in (_reconcile, _listen, _export))]
        log.info("worker.ready", **asdict(layers()))
        await stop.wait()
        await services.runs.close()
        await end(tasks)
    log.info("worker.stopped")


async def _reconcile(services: Services) -> None:
    """Look after lost runs and unheard bells, at once and then every few seconds."""
    while True:
        try:
            await services.runs.reconcile()
        except Exception:
            log.exception("reconcile.failed")
        await asyncio.sleep(services.settings.policy.analysis.reconcile_seconds)


async def _post(services: Services) -> None:
    """Send what the outbox holds, at each wake-up and every few seconds."""
    async with services.signals.listen(TOPIC) as woken:
        while True:
            woken.clear()
            try:
                await services.mailing.deliver_due()
            except Exception:
                log.exception("mail.outbox_failed")
            await wait(woken, services.settings.policy.mail.poll_seconds)


async def _export(services: Services) -> None:
    """Make the copies that people order of their data, at each wake-up and every few seconds."""
    async with services.signals.listen(EXPORT_TOPIC) as woken:
        while True:
            woken.clear()
            try:
                await services.rights.exports.make_due()
            except Exception:
                log.exception("export.failed")
            await wait(woken, services.settings.policy.mail.poll_seconds)


async def _listen(services: Services) -> None:
    """Hear the doorbell, again and again while Redis comes and goes."""
    while True:
        worker = make_listener(services)
        try:
            await worker.async_run()
        except (RedisError, OSError) as error:
            log.warning("worker.redis_away", error=type(error).__name__)
        finally:
            with suppress(RedisError, OSError, asyncio.CancelledError):
                await worker.close()
        await asyncio.sleep(TRY_AGAIN_S)


def make_listener(services: Services, *, burst: bool = False) -> Worker:
    """Return arq's worker with the product's jobs; results are not kept, jobs carry nothing."""
    context: dict[str, Any] = {
        "runs": services.runs,
        "sweeper": services.sweeper,
        "departures": services.payment.departures,
        "payment_reconciler": services.payment.reconciler,
    }
    return Worker(
        functions=[func(cast("WorkerCoroutine", answer_doorbell), name=JOB)],
        cron_jobs=[
            cron(cast("WorkerCoroutine", sweep), second=0, run_at_startup=True, keep_result=0),
            cron(cast("WorkerCoroutine", finish_departures), second=20, run_at_startup=True, keep_result=0),
            cron(cast("WorkerCoroutine", reconcile_payment), hour=3, minute=17, second=0, keep_result=0),
        ],
        redis_pool=connect(services.settings.redis_url),
        queue_name=QUEUE,
        burst=burst,
        handle_signals=False,
        max_jobs=4,
        job_timeout=JOB_TIMEOUT_S,
        keep_result=0,
        poll_delay=POLL_DELAY_S,
        # arq's default key is shared, and a worker that stops would delete the others' sign of life.
        health_check_key=f"{QUEUE}:health:{os.getpid()}",
        ctx=context,
        job_serializer=encode,
        job_deserializer=decode,
        timezone=UTC,
    )
