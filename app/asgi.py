"""The web application: controllers, guards and the frame of every answer, on one screen."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import structlog
from litestar import Litestar
from litestar.di import Provide
from litestar.static_files import create_static_files_router

from app.accounts.link_pages import LinkPages
from app.accounts.mail_pages import MailPages
from app.accounts.own_pages import OwnPages
from app.accounts.proof_pages import ProofPages
from app.accounts.web import AccountPages, SessionMiddleware
from app.analyses.reference_pages import ReferencePages
from app.analyses.report_pages import ReportPages
from app.analyses.streaming import Streams
from app.analyses.web import AnalysisPages, events
from app.billing.web import BillingPages
from app.bootstrap import Parts, Services, build
from app.chat.pages import ConversationDesk
from app.chat.streaming import AnswerStreams
from app.chat.web import ConversationPages
from app.faults import exception_handlers
from app.health import live, ready
from app.kernel.html.access import PUBLIC, form_of, needs_own_page, needs_proof, needs_session
from app.kernel.html.answers import Answers
from app.kernel.html.headers import access_log, security_headers
from app.kernel.tasks import end
from app.pages import home, methodology, nothing_here, tracks_page
from app.privacy.import_pages import ImportPages
from app.privacy.policy_pages import PolicyPages
from app.privacy.watching import Watching
from app.privacy.web import DataPages, policy_seen
from app.registry import PERSONAL_DATA
from app.settings import ROOT, Settings
from app.tracks.web import TrackPages

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from litestar import Request

MAX_BODY_BYTES = 64 * 1024

log = structlog.get_logger()


def create_app(settings: Settings | None = None, *, parts: Parts | None = None) -> Litestar:
    """Build the application; nothing is opened before its lifespan begins."""
    services = build(settings or Settings.from_environment(), parts=parts)
    answers = Answers(services.renderer)
    return Litestar(
        route_handlers=[
            home,
            tracks_page,
            TrackPages,
            methodology,
            AccountPages,
            LinkPages,
            OwnPages,
            ProofPages,
            MailPages,
            AnalysisPages,
            ReportPages,
            ReferencePages,
            events,
            ConversationPages,
            BillingPages,
            PolicyPages,
            DataPages,
            ImportPages,
            policy_seen,
            live,
            ready,
            create_static_files_router(path="/static", directories=[ROOT / "static"], opt=PUBLIC),
            nothing_here,
        ],
        dependencies=_dependencies(services, answers),
        middleware=[SessionMiddleware(services.accounts, services.settings.cookie_name)],
        guards=[
            needs_session,
            needs_own_page(services.settings),
            needs_proof(services.clock, services.settings.policy.accounts.proof),
        ],
        before_send=[security_headers(https=services.settings.uses_https), access_log(services.access_log)],
        exception_handlers=exception_handlers(answers),
        lifespan=[_lifespan(services)],
        request_max_body_size=MAX_BODY_BYTES,
        openapi_config=None,
        logging_config=None,
        debug=False,
    )


def _dependencies(services: Services, answers: Answers) -> dict[str, Provide]:
    streams = Streams(
        policy=services.settings.policy.streams,
        clock=services.clock,
        signals=services.signals,
        analyses=services.analyses,
        answers=answers,
    )
    answer_streams = AnswerStreams(
        policy=services.settings.policy.streams,
        signals=services.signals,
        live=services.live,
        conversations=services.conversations,
        analyses=services.analyses,
        streams=streams,
        answers=answers,
    )
    desk = ConversationDesk(
        policy=services.settings.policy.chat,
        analyses=services.analyses,
        conversations=services.conversations,
        usage=services.usage,
        answers=answers,
    )
    parts: dict[str, Any] = {
        "settings": services.settings,
        "clock": services.clock,
        "engine": services.engine,
        "redis": services.redis,
        "limiter": services.limiter,
        "accounts": services.accounts,
        "own_account": services.own_account,
        "office": services.office,
        "rights": services.rights,
        "watching": Watching(services.rights.auditor, PERSONAL_DATA, services.clock),
        "usage": services.usage,
        "billing": services.billing,
        "inbox": services.payment.inbox,
        "tracks": services.tracks,
        "analyses": services.analyses,
        "verdicts": services.verdicts,
        "receiving": services.receiving,
        "streams": streams,
        "answer_streams": answer_streams,
        "desk": desk,
        "conversations": services.conversations,
        "answers": answers,
    }
    provided = {name: Provide(_always(part), sync_to_thread=False) for name, part in parts.items()}
    return provided | {"viewer": Provide(_viewer, sync_to_thread=False), "form": Provide(_form)}


def _always(part: Any) -> Callable[[], Any]:
    def provide() -> Any:
        return part

    return provide


def _viewer(request: Request[Any, Any, Any]) -> Any:
    return request.scope["user"]


async def _form(request: Request[Any, Any, Any]) -> dict[str, str]:
    return await form_of(request)


def _lifespan(services: Services) -> Callable[[Litestar], Any]:
    @asynccontextmanager
    async def lifespan(app: Litestar) -> AsyncIterator[None]:  # noqa: ARG001 - Litestar's signature
        async with services.open():
            sweeping = asyncio.create_task(_sweep(services))
            yield
            await end([sweeping])

    return lifespan


async def _sweep(services: Services) -> None:
    """Sweep here too, so that a dead worker breaks no promise of deletion."""
    while True:
        await asyncio.sleep(services.settings.policy.retention.sweep_seconds)
        try:
            await services.sweeper.sweep()
        except Exception:
            log.exception("sweep.failed")
