"""One streamed form becomes an analysis: the way of a page without scripts."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING
from uuid import uuid4

from app.analyses.declaring import Declaration, declared_file, nothing_chosen, read_choices
from app.analyses.rules import FileKind, Purpose
from app.kernel.errors import BadRequest, Forbidden
from app.kernel.html import csrf

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from app.accounts.rules import Viewer
    from app.analyses.multipart import FormStream
    from app.analyses.receiving import Receiving
    from app.analyses.rules import Analysis
    from app.analyses.service import Analyses
    from app.settings import Settings

KINDS = frozenset(kind.value for kind in FileKind)


class FormIntake:
    """Turns one streamed form into an analysis."""

    def __init__(
        self,
        viewer: Viewer,
        analyses: Analyses,
        receiving: Receiving,
        settings: Settings,
        file_max_bytes: int,
        *,
        purpose: Purpose = Purpose.BOUNCE,
    ) -> None:
        """Keep who sends what for, and how much a file may have at most."""
        self._purpose = purpose
        self._viewer = viewer
        self._analyses = analyses
        self._receiving = receiving
        self._settings = settings
        self._file_max_bytes = min(file_max_bytes, settings.policy.uploads.max_bytes)
        self._fields: dict[str, str] = {}
        self._analysis: Analysis | None = None

    async def take(self, stream: FormStream) -> Analysis:
        """Read the form to its end; what came of a broken one is gone again."""
        try:
            async for part in stream.parts():
                if part.filename is None:
                    self._fields[part.name] = await stream.field()
                    self._check_token()
                elif part.filename:
                    self._check_token()
                    await self._take_file(part.name, part.filename, stream.content())
        except BaseException as error:
            if self._analysis is not None:
                await asyncio.shield(self._receiving.abandon(self._analysis, error))
            raise
        if self._analysis is None:
            raise nothing_chosen()
        await self._receiving.finish(self._analysis)
        return self._analysis

    async def _take_file(self, field: str, name: str, content: AsyncIterator[bytes]) -> None:
        if field not in KINDS:
            raise BadRequest("The form could not be read.")
        declared = declared_file(FileKind(field), name, self._file_max_bytes, max_bytes=self._file_max_bytes)
        owner = self._viewer.account.id
        if self._analysis is not None:
            await self._analyses.add_file(owner, self._analysis.id, declared)
        else:
            chosen = {FileKind.BOUNCE: None, FileKind.LIVE_SET: None, declared.kind: declared}
            declaration = Declaration(
                bounce=chosen[FileKind.BOUNCE],
                live_set=chosen[FileKind.LIVE_SET],
                idempotency_key=uuid4().hex,
                purpose=self._purpose,
                **read_choices(self._fields),
            )
            self._analysis = await self._analyses.declare(owner, declaration)
        analysis = self._analysis = await self._analyses.one(owner, self._analysis.id)
        file = await self._receiving.check(analysis, declared.kind, None)
        await self._receiving.receive(analysis, file, content)

    def _check_token(self) -> None:
        """Refuse the form unless its first field was its session's token."""
        if next(iter(self._fields), None) != csrf.FIELD:
            raise Forbidden("This form has no token.", way_out=csrf.WAY_OUT, code="csrf_token")
        csrf.check_token(self._settings.signing_keys, self._viewer.session_id, self._fields[csrf.FIELD])
