"""The page of one's data: what is held, when each goes, proofs of deletion, a copy, objections, the end."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any
from uuid import UUID

from litestar import Controller, MediaType, Request, Response, get, post
from litestar.background_tasks import BackgroundTask
from litestar.params import FromPath
from litestar.response import File

from app.accounts.office import Office
from app.accounts.owner import OwnAccount
from app.accounts.rules import ConsentKind, Viewer
from app.accounts.web import client_of, without_session
from app.analyses import receipts
from app.kernel.clock import Clock
from app.kernel.errors import Invalid, NotFound
from app.kernel.html.access import ACCOUNT, OWNER, password_first
from app.kernel.html.answers import Answers, chrome_of, see_other
from app.kernel.html.chrome import Chrome
from app.kernel.html.inject import Part
from app.privacy import data_view
from app.privacy.owning import DELETABLE
from app.privacy.rights import Rights
from app.privacy.views import DataPage, ErasedPage, ErasePage, ExportFragment
from app.settings import Settings

if TYPE_CHECKING:
    from app.privacy.views import ExportBox

Connection = Request[Any, Any, Any]
COPY = password_first("/data")
END = password_first("/data/account/end")
DONE = {
    "deleted": "It is deleted.",
    "results": "All results are deleted.",
    "objected": "Your objection is kept, and confirmed by mail.",
    "imported": "Your export is here.",
}


class DataPages(Controller):
    """Everything under /data."""

    path = "/data"

    @get("/", opt=ACCOUNT)
    async def page(
        self,
        request: Connection,
        viewer: Part[Viewer],
        rights: Part[Rights],
        own_account: Part[OwnAccount],
        answers: Part[Answers],
        settings: Part[Settings],
        clock: Part[Clock],
    ) -> Any:
        """Show everything that is held."""
        account_id, now, policy = viewer.account.id, clock(), settings.policy
        held = await rights.holdings.everything(account_id)
        proofs = await receipts.of(account_id, now)
        page = DataPage(
            _noticed(request),
            counted_at=data_view.exact(now),
            lines=data_view.lines(held, policy, now),
            receipts=tuple(data_view.receipt(proof) for proof in proofs),
            box=await _box(viewer, rights),
            allows_ai_feedback=await own_account.has_consent(account_id, ConsentKind.AI_FEEDBACK),
            purposes=data_view.purposes(),
            objections=tuple(data_view.objection(each) for each in await rights.objections.of(account_id)),
            erasure_seconds=policy.privacy.erasure_seconds,
            results_days=policy.retention.results_days,
        )
        return answers.html(page)

    @get("/held/{table:str}", opt=ACCOUNT)
    async def held(
        self,
        request: Connection,
        viewer: Part[Viewer],
        table: FromPath[str],
        rights: Part[Rights],
        answers: Part[Answers],
    ) -> Any:
        """Show every row that is held in one table."""
        entry, rows = await rights.holdings.rows(viewer.account.id, table)
        is_deletable = entry.retention in DELETABLE
        return answers.html(data_view.held_page(chrome_of(request), entry, rows, is_deletable=is_deletable))

    @post("/held/{table:str}/delete", opt=ACCOUNT)
    async def delete_all(self, viewer: Part[Viewer], table: FromPath[str], rights: Part[Rights]) -> Any:
        """Delete everything of one kind."""
        await rights.holdings.delete_all(viewer.account.id, table)
        return see_other("/data?done=deleted")

    @post("/held/{table:str}/{row_id:uuid}/delete", opt=OWNER)
    async def delete_one(
        self, viewer: Part[Viewer], table: FromPath[str], row_id: FromPath[UUID], rights: Part[Rights]
    ) -> Any:
        """Delete one thing."""
        await rights.holdings.delete_one(viewer.account.id, table, row_id)
        return see_other(f"/data/held/{table}")

    @post("/results/delete", opt=ACCOUNT)
    async def delete_results(self, viewer: Part[Viewer], rights: Part[Rights]) -> Any:
        """Delete all results."""
        await rights.holdings.delete_results(viewer.account.id)
        return see_other("/data?done=results")

    @get("/receipts/{receipt_id:uuid}", opt=OWNER)
    async def receipt(self, viewer: Part[Viewer], receipt_id: FromPath[UUID], clock: Part[Clock]) -> Response[str]:
        """Hand out the proof of a deletion as a text."""
        proof = await receipts.one(viewer.account.id, receipt_id, clock())
        if proof is None:
            raise NotFound
        headers = {"Content-Disposition": f'attachment; filename="receipt-{receipt_id}.txt"'}
        return Response(content=data_view.receipt_text(proof), media_type=MediaType.TEXT, headers=headers)

    @get("/export", opt=ACCOUNT)
    async def export(self, viewer: Part[Viewer], rights: Part[Rights], answers: Part[Answers]) -> Any:
        """Show how far the copy is."""
        return answers.html(ExportFragment(await _box(viewer, rights)))

    @post("/export", opt=ACCOUNT | COPY)
    async def order_export(
        self, request: Connection, viewer: Part[Viewer], rights: Part[Rights], answers: Part[Answers]
    ) -> Any:
        """Order a copy of everything."""
        await rights.exports.order(viewer.account.id)
        if request.headers.get("hx-request"):
            return answers.html(ExportFragment(await _box(viewer, rights)))
        return see_other("/data#export")

    @post("/export/{export_id:uuid}", opt=OWNER)
    async def fetch_export(self, viewer: Part[Viewer], export_id: FromPath[UUID], rights: Part[Rights]) -> Any:
        """Hand out the copy, once; then it is gone here."""
        path = await rights.exports.fetch(viewer.account.id, export_id)
        return File(
            path,
            filename="tracksensei-export.zip",
            media_type="application/zip",
            status_code=200,
            background=BackgroundTask(rights.exports.finish, export_id),
        )

    @post("/objections", opt=ACCOUNT)
    async def object(
        self, request: Connection, viewer: Part[Viewer], form: Part[dict[str, str]], rights: Part[Rights]
    ) -> Any:
        """Take an objection."""
        await rights.objections.object(viewer, form.get("purpose", ""), form.get("reason", ""), client_of(request))
        return see_other("/data?done=objected")

    @get("/account/end", opt=ACCOUNT | END)
    async def erase_page(
        self, request: Connection, viewer: Part[Viewer], answers: Part[Answers], settings: Part[Settings]
    ) -> Any:
        """Ask once more."""
        privacy = settings.policy.privacy
        page = ErasePage(
            chrome_of(request),
            email=viewer.account.email,
            erasure_seconds=privacy.erasure_seconds,
            account_deletion_days=privacy.account_deletion_days,
            backup_days=privacy.backup_days,
        )
        return answers.html(page)

    @post("/account/end", opt=ACCOUNT | END)
    async def erase(
        self,
        viewer: Part[Viewer],
        form: Part[dict[str, str]],
        rights: Part[Rights],
        answers: Part[Answers],
        settings: Part[Settings],
    ) -> Any:
        """Delete the account with everything in it."""
        if form.get("sure") != "yes":
            raise Invalid("Say that you are sure.", way_out="Go back and tick the box.")
        await rights.erasing.erase(viewer.account.id)
        page = ErasedPage(Chrome("/data"), account_deletion_days=settings.policy.privacy.account_deletion_days)
        return without_session(answers.html(page), settings)


@post("/privacy/seen", opt=ACCOUNT)
async def policy_seen(viewer: Part[Viewer], office: Part[Office], settings: Part[Settings]) -> Any:
    """Note that the present policy was seen."""
    await office.accept_policy(viewer.account.id, settings.policy.accounts.policy_version)
    return see_other("/privacy")


def _noticed(request: Connection) -> Chrome:
    return replace(chrome_of(request), notice=DONE.get(request.query_params.get("done", ""), ""))


async def _box(viewer: Viewer, rights: Rights) -> ExportBox:
    return data_view.export_box(await rights.exports.of(viewer.account.id), viewer.csrf_token)
