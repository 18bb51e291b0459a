"""Uploads and analyses over HTTP: declare, send, watch, read, cancel, retry, delete."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import msgspec
from litestar import Controller, MediaType, Request, Response, get, post, put
from litestar.params import FromPath, FromQuery
from litestar.response import ServerSentEvent

from app.accounts.rules import Viewer
from app.analyses.declaring import Declaration, DeclaredFile, declared_file, read_choices
from app.analyses.form_intake import KINDS, FormIntake
from app.analyses.multipart import blocks_of, form_stream
from app.analyses.receiving import Receiving
from app.analyses.rules import Analysis, FileKind, Purpose, State
from app.analyses.service import Analyses
from app.analyses.streaming import Streams, position_of, read_position
from app.analyses.verdicts import Verdicts
from app.analyses.views import CardFragment, ReportPage, WaitingPage, card_of, report_of, set_page
from app.kernel.clock import Clock
from app.kernel.errors import Invalid, LengthRequired, NotFound, TooLarge
from app.kernel.html.access import ACCOUNT, OWNER, TOKEN_IN_FIRST_FIELD, VERIFIED
from app.kernel.html.answers import Answers, chrome_of, see_other, wants_fragment
from app.kernel.html.inject import Part
from app.kernel.ratelimit import RateLimiter
from app.settings import Settings

Connection = Request[Any, Any, Any]
TRACKS = "/tracks"
FORM_OVERHEAD_BYTES = 64 * 1024


class AnalysisPages(Controller):
    """Everything under /analyses."""

    path = "/analyses"

    @post("/", opt=ACCOUNT | VERIFIED)
    async def declare(
        self,
        viewer: Part[Viewer],
        form: Part[dict[str, str]],
        analyses: Part[Analyses],
        answers: Part[Answers],
        settings: Part[Settings],
        limiter: Part[RateLimiter],
        clock: Part[Clock],
    ) -> Response[str]:
        """Take a declaration; the files follow, each by its own PUT."""
        await limiter.hit("upload", account=str(viewer.account.id))
        analysis = await analyses.declare(viewer.account.id, _declaration(form, settings.policy.uploads.max_bytes))
        return answers.html(_card(analysis, viewer, clock), status=201)

    @put("/{analysis_id:uuid}/files/{kind:str}", opt=OWNER, request_max_body_size=None)
    async def send_file(
        self,
        request: Connection,
        viewer: Part[Viewer],
        analysis_id: FromPath[UUID],
        kind: FromPath[str],
        analyses: Part[Analyses],
        receiving: Part[Receiving],
        answers: Part[Answers],
        settings: Part[Settings],
        clock: Part[Clock],
    ) -> Response[str]:
        """Take one file as a raw body; everything that can be checked is checked before its first byte."""
        uploads = settings.policy.uploads
        length = _length(request, uploads.max_bytes)
        analysis = await analyses.one(viewer.account.id, analysis_id)
        if kind not in KINDS:
            raise NotFound
        file = await receiving.check(analysis, FileKind(kind), length)
        await receiving.receive(analysis, file, blocks_of(request, uploads.idle_seconds))
        await receiving.finish(analysis)
        analysis = await analyses.one(viewer.account.id, analysis_id)
        return answers.html(_card(analysis, viewer, clock))

    @post("/form", opt=ACCOUNT | VERIFIED | TOKEN_IN_FIRST_FIELD, request_max_body_size=None)
    async def send_form(
        self,
        request: Connection,
        viewer: Part[Viewer],
        analyses: Part[Analyses],
        receiving: Part[Receiving],
        settings: Part[Settings],
        limiter: Part[RateLimiter],
    ) -> Any:
        """Take fields and files in one form, for a page without scripts."""
        await limiter.hit("upload", account=str(viewer.account.id))
        length = _form_length(request, settings, files=2)
        intake = FormIntake(viewer, analyses, receiving, settings, length)
        return await _take(request, intake, settings)

    @post("/references", opt=ACCOUNT | VERIFIED | TOKEN_IN_FIRST_FIELD, request_max_body_size=None)
    async def send_reference(
        self,
        request: Connection,
        viewer: Part[Viewer],
        analyses: Part[Analyses],
        receiving: Part[Receiving],
        settings: Part[Settings],
        limiter: Part[RateLimiter],
    ) -> Any:
        """Take a track that the owner's target is to be learned from; it counts as no analysis."""
        await limiter.hit("reference", account=str(viewer.account.id))
        length = _form_length(request, settings, files=1)
        return await _take(
            request, FormIntake(viewer, analyses, receiving, settings, length, purpose=Purpose.REFERENCE), settings
        )

    @get("/{analysis_id:uuid}", opt=OWNER)
    async def page(
        self,
        request: Connection,
        viewer: Part[Viewer],
        analysis_id: FromPath[UUID],
        analyses: Part[Analyses],
        verdicts: Part[Verdicts],
        answers: Part[Answers],
        clock: Part[Clock],
    ) -> Any:
        """Show the report, or how far it is."""
        now = clock()
        analysis = await analyses.one(viewer.account.id, analysis_id)
        if analysis.state is State.DONE and analysis.joined_to is not None:
            return see_other(f"/analyses/{analysis.joined_to}#set")
        if analysis.state is State.DONE and analysis.is_reference:
            return see_other("/references")
        if analysis.state is State.DONE:
            document = await analyses.report(viewer.account.id, analysis_id)
            if analysis.is_set_alone:
                return answers.html(set_page(chrome_of(request), analysis, document, now))
            references = await verdicts.references(viewer.account.id)
            report = report_of(analysis, document, now, viewer.csrf_token, references=references)
            return answers.html(ReportPage(chrome_of(request), report))
        card = card_of(analysis, now, viewer.csrf_token)
        events_url = f"/events?since={position_of(now)}&analysis={analysis_id}"
        return answers.html(WaitingPage(chrome_of(request), card=card, events_url=events_url))

    @get("/{analysis_id:uuid}/set", opt=OWNER)
    async def live_set(
        self,
        request: Connection,
        viewer: Part[Viewer],
        analysis_id: FromPath[UUID],
        analyses: Part[Analyses],
        answers: Part[Answers],
        clock: Part[Clock],
    ) -> Response[str]:
        """Show the Live set of a report."""
        analysis = await analyses.one(viewer.account.id, analysis_id)
        document = await analyses.report(viewer.account.id, analysis_id)
        if not document.get("live_set"):
            raise NotFound
        return answers.html(set_page(chrome_of(request), analysis, document, clock()))

    @get("/{analysis_id:uuid}/report.json", opt=OWNER)
    async def document(
        self, viewer: Part[Viewer], analysis_id: FromPath[UUID], analyses: Part[Analyses]
    ) -> Response[bytes]:
        """Give the report as its JSON document, to keep."""
        headers = {"Content-Disposition": f'attachment; filename="report-{analysis_id}.json"'}
        document = msgspec.json.encode(await analyses.report(viewer.account.id, analysis_id))
        return Response(content=document, media_type=MediaType.JSON, headers=headers)

    @get("/{analysis_id:uuid}/card", opt=OWNER)
    async def card(
        self,
        viewer: Part[Viewer],
        analysis_id: FromPath[UUID],
        analyses: Part[Analyses],
        answers: Part[Answers],
        clock: Part[Clock],
    ) -> Response[str]:
        """Show the present state as a card, for pages whose stream fails."""
        return answers.html(_card(await analyses.one(viewer.account.id, analysis_id), viewer, clock))

    @post("/{analysis_id:uuid}/cancel", opt=OWNER, status_code=200)
    async def cancel(
        self,
        request: Connection,
        viewer: Part[Viewer],
        analysis_id: FromPath[UUID],
        analyses: Part[Analyses],
        answers: Part[Answers],
        clock: Part[Clock],
    ) -> Any:
        """Stop a pending analysis."""
        analysis = await analyses.cancel(viewer.account.id, analysis_id)
        return answers.html(_card(analysis, viewer, clock)) if wants_fragment(request) else see_other(TRACKS)

    @post("/{analysis_id:uuid}/retry", opt=OWNER, status_code=200)
    async def retry(
        self,
        request: Connection,
        viewer: Part[Viewer],
        analysis_id: FromPath[UUID],
        analyses: Part[Analyses],
        answers: Part[Answers],
        clock: Part[Clock],
    ) -> Any:
        """Measure a failed analysis again."""
        analysis = await analyses.retry(viewer.account.id, analysis_id)
        return answers.html(_card(analysis, viewer, clock)) if wants_fragment(request) else see_other(TRACKS)

    @post("/{analysis_id:uuid}/delete", opt=OWNER, status_code=200)
    async def delete(
        self, request: Connection, viewer: Part[Viewer], analysis_id: FromPath[UUID], analyses: Part[Analyses]
    ) -> Any:
        """Delete an analysis with its report, for good."""
        await analyses.delete(viewer.account.id, analysis_id)
        return Response(content="", media_type=MediaType.HTML) if wants_fragment(request) else see_other(TRACKS)


@get("/events", opt=ACCOUNT)
async def events(
    request: Connection,
    viewer: Part[Viewer],
    streams: Part[Streams],
    analyses: Part[Analyses],
    clock: Part[Clock],
    since: FromQuery[str] = "",
    analysis: FromQuery[UUID | None] = None,
) -> ServerSentEvent:
    """Stream the cards of this account as they change; a page holds one of these at most."""
    if analysis is not None:
        await analyses.one(viewer.account.id, analysis)
    seat = streams.take_seat(viewer.account.id)
    start = read_position(request.headers.get("last-event-id") or since, otherwise=clock())
    return ServerSentEvent(streams.cards(viewer, seat, start, analysis), headers={"X-Accel-Buffering": "no"})


def _declaration(form: dict[str, str], max_bytes: int) -> Declaration:
    def declared(kind: FileKind, field: str) -> DeclaredFile | None:
        name = form.get(f"{field}_name")
        return declared_file(kind, name, _size(form, f"{field}_bytes"), max_bytes=max_bytes) if name else None

    return Declaration(
        bounce=declared(FileKind.BOUNCE, "bounce"),
        live_set=declared(FileKind.LIVE_SET, "set"),
        idempotency_key=form.get("idempotency_key", "")[:64] or uuid4().hex,
        **read_choices(form),
    )


def _size(form: dict[str, str], field: str) -> int:
    text = form.get(field, "")
    if not text.isascii() or not text.isdigit() or len(text) > 15:
        raise Invalid("The size of the file is missing.", way_out="Choose the file again.", code="length")
    return int(text)


async def _take(request: Connection, intake: FormIntake, settings: Settings) -> Any:
    """Read a form with its files to the end, and go on to the analysis that it began."""
    analysis = await intake.take(form_stream(request, settings))
    return see_other(f"/analyses/{analysis.id}")


def _form_length(request: Connection, settings: Settings, *, files: int) -> int:
    return _length(request, files * settings.policy.uploads.max_bytes + FORM_OVERHEAD_BYTES)


def _length(request: Connection, most: int) -> int:
    text = request.headers.get("content-length", "")
    if not text.isdigit():
        raise LengthRequired("An upload must say its length.", way_out="Send it with a Content-Length.")
    if int(text) > most:
        raise TooLarge(
            f"A file may have {most // (1024 * 1024)} MB at most.",
            way_out="A FLAC of the same mix is about half the size of a WAV and measures the same.",
        )
    return int(text)


def _card(analysis: Analysis, viewer: Viewer, clock: Clock) -> CardFragment:
    return CardFragment(card_of(analysis, clock(), viewer.csrf_token))
