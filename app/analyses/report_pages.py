"""What an owner does on a report: keep a copy, judge it against another target, mean a finding, undo it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any
from uuid import UUID

from litestar import Controller, MediaType, Request, Response, get, post
from litestar.params import FromPath

from app.accounts.rules import Viewer
from app.analyses.declaring import read_target
from app.analyses.report.findings import anchor_of
from app.analyses.service import Analyses
from app.analyses.verdicts import Verdicts
from app.analyses.views import ReportFragment, ReportPage, report_of, set_page
from app.kernel.clock import Clock
from app.kernel.errors import NotFound
from app.kernel.html.access import OWNER
from app.kernel.html.answers import Answers, chrome_of, see_other, wants_fragment
from app.kernel.html.inject import Part
from app.kernel.html.standalone import standalone
from app.settings import ROOT

if TYPE_CHECKING:
    from app.analyses.rules import Analysis

Connection = Request[Any, Any, Any]


class ReportPages(Controller):
    """The buttons and selects of a report."""

    path = "/analyses/{analysis_id:uuid}"

    @get("/report.html", opt=OWNER)
    async def keep(
        self,
        request: Connection,
        viewer: Part[Viewer],
        analysis_id: FromPath[UUID],
        analyses: Part[Analyses],
        answers: Part[Answers],
        clock: Part[Clock],
    ) -> Response[str]:
        """Give the report as one page that needs no site any more."""
        analysis = await analyses.one(viewer.account.id, analysis_id)
        document = await analyses.report(viewer.account.id, analysis_id)
        chrome, now = chrome_of(request), clock()
        if analysis.is_set_alone:
            page = answers.text(set_page(chrome, analysis, document, now))
        else:
            page = answers.text(ReportPage(chrome, report_of(analysis, document, now)))
        headers = {"Content-Disposition": f'attachment; filename="report-{analysis_id}.html"'}
        content = await asyncio.to_thread(standalone, page, ROOT / "static")
        return Response(content=content, media_type=MediaType.HTML, headers=headers)

    @post("/target", opt=OWNER, status_code=200)
    async def retarget(
        self,
        request: Connection,
        viewer: Part[Viewer],
        analysis_id: FromPath[UUID],
        form: Part[dict[str, str]],
        analyses: Part[Analyses],
        verdicts: Part[Verdicts],
        answers: Part[Answers],
        clock: Part[Clock],
    ) -> Any:
        """Judge what was measured against another target or stage."""
        analysis = await analyses.one(viewer.account.id, analysis_id)
        target, stage = read_target(form)
        await verdicts.retarget(analysis, target, stage)
        if not wants_fragment(request):
            return see_other(f"/analyses/{analysis_id}")
        analysis = await analyses.one(viewer.account.id, analysis_id)
        return answers.html(await _fragment(analysis, viewer, verdicts, clock))

    @post("/findings/{finding:str}/{verb:str}", opt=OWNER, status_code=200)
    async def mean(
        self,
        request: Connection,
        viewer: Part[Viewer],
        analysis_id: FromPath[UUID],
        finding: FromPath[str],
        verb: FromPath[str],
        analyses: Part[Analyses],
        verdicts: Part[Verdicts],
        answers: Part[Answers],
        clock: Part[Clock],
    ) -> Any:
        """Take a finding out of the scores since its owner meant it, or let it count again."""
        analysis = await analyses.one(viewer.account.id, analysis_id)
        if verb == "meant":
            await verdicts.mean(analysis, finding)
        elif verb == "counts":
            await verdicts.count(analysis, finding)
        else:
            raise NotFound
        if not wants_fragment(request):
            return see_other(f"/analyses/{analysis_id}#{anchor_of(finding)}")
        return answers.html(await _fragment(analysis, viewer, verdicts, clock, opened=finding))


async def _fragment(
    analysis: Analysis, viewer: Viewer, verdicts: Verdicts, clock: Clock, *, opened: str = ""
) -> ReportFragment:
    document, references = await verdicts.document(analysis), await verdicts.references(viewer.account.id)
    report = report_of(analysis, document, clock(), viewer.csrf_token, opened=opened, references=references)
    return ReportFragment(report)
