"""The form that brings an export back: streamed into a file that is gone when the answer is."""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING, Any, BinaryIO
from uuid import uuid4

from litestar import Controller, Request, post

from app.accounts.rules import Viewer
from app.analyses.multipart import FormStream, form_stream
from app.kernel.errors import Forbidden, Invalid, TooLarge
from app.kernel.html import csrf
from app.kernel.html.access import ACCOUNT, TOKEN_IN_FIRST_FIELD, VERIFIED
from app.kernel.html.answers import see_other
from app.kernel.html.inject import Part
from app.kernel.ratelimit import RateLimiter
from app.privacy.rights import Rights
from app.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

MAX_MIB = 64
FIELD = "export"


class ImportPages(Controller):
    """The way back in, for an account that has no results."""

    path = "/data/import"

    @post("/", opt=ACCOUNT | VERIFIED | TOKEN_IN_FIRST_FIELD, request_max_body_size=None)
    async def bring(
        self,
        request: Request[Any, Any, Any],
        viewer: Part[Viewer],
        rights: Part[Rights],
        settings: Part[Settings],
        limiter: Part[RateLimiter],
    ) -> Any:
        """Take an export of this service and put its results into the account."""
        await limiter.hit("export", account=str(viewer.account.id))
        file = settings.exports_dir / f"{uuid4()}.import"
        try:
            await _receive(form_stream(request, settings), file, viewer, settings)
            await rights.imports.bring(viewer.account.id, file)
        finally:
            file.unlink(missing_ok=True)
        return see_other("/data?done=imported")


async def _receive(form: FormStream, file: Path, viewer: Viewer, settings: Settings) -> None:
    """Write the form's file, after its first field was the token of the session."""
    is_checked = False
    async for part in form.parts():
        if part.name == csrf.FIELD and part.filename is None:
            csrf.check_token(settings.signing_keys, viewer.session_id, await form.field())
            is_checked = True
        elif not is_checked:
            raise Forbidden("This form has no token.", way_out=csrf.WAY_OUT, code="csrf_token")
        elif part.name == FIELD and part.filename:
            await _write(form, file)
            return
    raise Invalid("No export was chosen.", way_out="Go back and choose the ZIP.")


async def _write(form: FormStream, file: Path) -> None:
    size = 0
    with await asyncio.to_thread(_create, file) as opened:
        async for block in form.content():
            size += len(block)
            if size > MAX_MIB * 1024 * 1024:
                raise TooLarge(f"An export may have {MAX_MIB} MiB at most.", way_out="Write to the operator.")
            await asyncio.to_thread(opened.write, block)


def _create(file: Path) -> BinaryIO:
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    return os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")
