"""The page of references, and taking one away."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Controller, Request, Response, get, post
from litestar.params import FromPath

from app.accounts.rules import Viewer
from app.analyses.service import Analyses
from app.analyses.views import references_page
from app.audio.formats import ACCEPT
from app.kernel.clock import Clock
from app.kernel.errors import NotFound
from app.kernel.html.access import ACCOUNT, OWNER
from app.kernel.html.answers import Answers, chrome_of, see_other
from app.kernel.html.inject import Part
from app.settings import Settings

Connection = Request[Any, Any, Any]


class ReferencePages(Controller):
    """An owner's references."""

    path = "/references"

    @get("/", opt=ACCOUNT)
    async def page(
        self,
        request: Connection,
        viewer: Part[Viewer],
        analyses: Part[Analyses],
        answers: Part[Answers],
        settings: Part[Settings],
        clock: Part[Clock],
    ) -> Response[str]:
        """Show what the owner's target is learned from."""
        policy, account_id = settings.policy, viewer.account.id
        a_day = rate.count if (rate := policy.limits["reference"].account) else 0
        page = references_page(
            chrome_of(request),
            await analyses.references(account_id),
            await analyses.headlines(account_id),
            clock(),
            a_day=a_day,
            results_days=policy.retention.results_days,
            max_mib=policy.uploads.max_mib,
            max_minutes=policy.uploads.max_minutes,
            accept=ACCEPT,
            is_verified=viewer.is_verified,
        )
        return answers.html(page)

    @post("/{analysis_id:uuid}/delete", opt=OWNER)
    async def delete(self, viewer: Part[Viewer], analysis_id: FromPath[UUID], analyses: Part[Analyses]) -> Any:
        """Delete a reference with what was learned from it."""
        analysis = await analyses.one(viewer.account.id, analysis_id)
        if not analysis.is_reference:
            raise NotFound
        await analyses.delete(viewer.account.id, analysis_id)
        return see_other("/references")
