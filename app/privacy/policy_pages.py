"""The pages that say what is promised: privacy, terms, imprint."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from litestar import Controller, MediaType, Request, Response, get

from app.kernel.html.access import PUBLIC
from app.kernel.html.answers import Answers, chrome_of
from app.kernel.html.inject import Part
from app.kernel.html.numbers import moment
from app.privacy.audit import metrics
from app.privacy.clauses import SiteFacts, sections
from app.privacy.copying import schema
from app.privacy.views import ImprintPage, LivePage, PolicyPage, TermsPage
from app.privacy.watching import Watching
from app.settings import Settings

Connection = Request[Any, Any, Any]


class PolicyPages(Controller):
    """Pages for anybody."""

    @get("/privacy", opt=PUBLIC)
    async def policy(self, request: Connection, answers: Part[Answers], settings: Part[Settings]) -> Any:
        """Show the privacy policy, made from the numbers that the code obeys."""
        version = settings.policy.accounts.policy_version
        page = sections(settings.policy, facts_of(settings))
        return answers.html(PolicyPage(chrome_of(request), version=version, sections=page))

    @get("/terms", opt=PUBLIC)
    async def terms(self, request: Connection, answers: Part[Answers], settings: Part[Settings]) -> Any:
        """Show what one agrees to."""
        policy = settings.policy
        page = TermsPage(
            chrome_of(request),
            host=facts_of(settings).host,
            operator_name=settings.operator_name,
            contact=settings.contact_address,
            max_mib=policy.uploads.max_mib,
            max_minutes=policy.uploads.max_minutes,
            results_days=policy.retention.results_days,
            minimum_age_years=policy.accounts.minimum_age_years,
        )
        return answers.html(page)

    @get("/imprint", opt=PUBLIC)
    async def imprint(self, request: Connection, answers: Part[Answers], settings: Part[Settings]) -> Any:
        """Show who runs the site."""
        page = ImprintPage(
            chrome_of(request),
            operator_name=settings.operator_name,
            operator_number=settings.operator_number,
            operator_address=settings.operator_address,
            contact=settings.contact_address,
            host=facts_of(settings).host,
        )
        return answers.html(page)

    @get("/privacy/live", opt=PUBLIC)
    async def live(self, request: Connection, answers: Part[Answers], watching: Part[Watching]) -> Any:
        """Show each promise with what is measured of it, to anybody."""
        seen = await watching.look()
        page = LivePage(
            chrome_of(request),
            measured_at=moment(seen.at),
            lines=seen.findings,
            broken=sum(not finding.is_kept for finding in seen.findings),
        )
        return answers.html(page)

    @get("/privacy/live/metrics", opt=PUBLIC)
    async def live_metrics(self, watching: Part[Watching]) -> Response[str]:
        """Say the same for a machine, in Prometheus's text format."""
        seen = await watching.look()
        return Response(content=metrics(seen.findings), media_type=MediaType.TEXT)

    @get("/privacy/export-schema.json", opt=PUBLIC)
    async def export_schema(self, watching: Part[Watching]) -> Response[dict[str, Any]]:
        """Publish the schema of an export."""
        return Response(content=schema(watching.entries), media_type="application/schema+json; charset=utf-8")


def facts_of(settings: Settings) -> SiteFacts:
    """Return what this site's settings say about it."""
    return SiteFacts(
        host=urlsplit(settings.site_url).netloc,
        contact=settings.contact_address,
        cookie=settings.cookie_name,
        operator_name=settings.operator_name,
        operator_number=settings.operator_number,
        host_provider=settings.host_provider,
        mail_provider=settings.mail_provider,
    )
