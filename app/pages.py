"""The pages that bring several subjects together."""

from __future__ import annotations

import asyncio
from functools import cache
from typing import TYPE_CHECKING, Any

from litestar import Request, Response, get
from litestar.params import FromPath
from markdown_it import MarkdownIt
from markupsafe import Markup

from app.accounts.rules import Viewer
from app.accounts.web import noticed
from app.analyses.report.choices import choices
from app.analyses.rules import Analysis, State
from app.analyses.service import Analyses
from app.analyses.streaming import position_of
from app.analyses.views import card_of
from app.audio.formats import ACCEPT
from app.kernel.clock import Clock
from app.kernel.errors import NotFound
from app.kernel.html.access import ACCOUNT, PUBLIC
from app.kernel.html.answers import Answers, chrome_of, see_other
from app.kernel.html.inject import Part
from app.kernel.html.numbers import fixed, time_left
from app.kernel.html.views import HomePage, MethodologyPage
from app.settings import ROOT, Settings
from app.tracks.service import Tracks
from app.tracks.views import TrackRow, TracksPage, VersionLink
from app.usage.rules import Allowance, Kind
from app.usage.service import UsageLedger

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from app.tracks.rules import Track


@get("/", opt=PUBLIC)
async def home(request: Request[Any, Any, Any], answers: Part[Answers], settings: Part[Settings]) -> Any:
    """Show what this is; whoever is logged in goes to their tracks."""
    if request.scope.get("user") is not None:
        return see_other("/tracks")
    policy = settings.policy
    return answers.html(
        HomePage(
            chrome_of(request),
            free_analyses=policy.plans["free"].analyses,
            results_days=policy.retention.results_days,
            failed_upload_hours=policy.retention.failed_upload_hours,
            max_mib=policy.uploads.max_mib,
            max_minutes=policy.uploads.max_minutes,
        )
    )


@get("/tracks", opt=ACCOUNT)
async def tracks_page(
    request: Request[Any, Any, Any],
    viewer: Part[Viewer],
    tracks: Part[Tracks],
    analyses: Part[Analyses],
    usage: Part[UsageLedger],
    answers: Part[Answers],
    settings: Part[Settings],
    clock: Part[Clock],
) -> Response[str]:
    """Show where mixes are dropped, what is being measured and what was."""
    now = clock()
    account_id = viewer.account.id
    allowance = await usage.allowance(account_id, Kind.ANALYSES)
    everything = await analyses.all_of(account_id)
    queue = analyses.queue_among(everything)
    policy = settings.policy
    offered = choices(references=sum(item.is_reference and item.state is State.DONE for item in everything))
    page = TracksPage(
        noticed(request),
        cards=tuple(card_of(analysis, now, viewer.csrf_token) for analysis in queue),
        tracks=_rows(await tracks.of(account_id), everything, await analyses.headlines(account_id), now),
        allowance=_sentence(allowance),
        used_up=_used_up(allowance),
        max_mib=policy.uploads.max_mib,
        max_minutes=policy.uploads.max_minutes,
        accept=ACCEPT,
        errors=(),
        events_url=f"/events?since={position_of(now)}",
        failed_upload_hours=policy.retention.failed_upload_hours,
        is_verified=viewer.is_verified,
        genres=offered.genres,
        destinations=offered.destinations,
        stages=offered.stages,
    )
    return answers.html(page)


@get("/methodology", opt=PUBLIC)
async def methodology(request: Request[Any, Any, Any], answers: Part[Answers]) -> Response[str]:
    """Show how every figure is measured."""
    body = await asyncio.to_thread(_methodology)
    return answers.html(MethodologyPage(chrome_of(request), body=body))


@get("/{path:path}", opt=PUBLIC)
async def nothing_here(path: FromPath[str]) -> None:  # noqa: ARG001 - the route's own name
    """Answer for every address that is none, with the frame of whoever asks."""
    raise NotFound


@cache
def _methodology() -> Markup:
    """Render the document once; it is ours, and HTML in it stays text."""
    reader = MarkdownIt("commonmark", {"html": False}).enable("table")
    return Markup(reader.render((ROOT / "docs" / "methodology.md").read_text("utf-8")))  # noqa: S704  # nosec B704 - our own text


def _rows(
    tracks: list[Track], analyses: list[Analysis], headlines: dict[UUID, dict[str, Any]], now: datetime
) -> tuple[TrackRow, ...]:
    """Return the tracks that have a report, with the figures of the newest one."""
    done: dict[UUID, list[Analysis]] = {}
    for analysis in analyses:
        if analysis.state is State.DONE and analysis.joined_to is None and not analysis.is_reference:
            done.setdefault(analysis.track_id, []).append(analysis)
    return tuple(_row(track, done[track.id], headlines, now) for track in tracks if track.id in done)


def _row(track: Track, versions: list[Analysis], headlines: dict[UUID, dict[str, Any]], now: datetime) -> TrackRow:
    ordered = sorted(versions, key=lambda analysis: -analysis.version)
    newest = ordered[0]
    figures = headlines.get(newest.id, {})
    return TrackRow(
        id=str(track.id),
        name=track.name,
        versions=tuple(_version(analysis, headlines.get(analysis.id, {})) for analysis in ordered),
        integrated_lufs=figures.get("integrated_lufs"),
        true_peak=figures.get("true_peak_dbtp"),
        latest_analysis_id=str(newest.id),
        gone_in=time_left(newest.expires_at, now),
    )


def _version(analysis: Analysis, figures: dict[str, Any]) -> VersionLink:
    loudness = figures.get("integrated_lufs")
    said = f"{fixed(loudness)} LUFS" if loudness is not None else ""
    return VersionLink(f"v{analysis.version}", str(analysis.id), said)


def _used_up(allowance: Allowance) -> str:
    if allowance.left:
        return ""
    end = allowance.period.end
    return (
        f"All {allowance.limit} analyses of this month are used. There are new ones on {end.day} {end:%B}; "
        "what is here stays as it is."
    )


def _sentence(allowance: Allowance) -> str:
    end = allowance.period.end
    return f"{allowance.left} of {allowance.limit} analyses left until {end.day} {end:%B}"
