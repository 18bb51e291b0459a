"""Finished reports of made documents, without running the engine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import msgspec

from app.analyses.rules import FileState, State
from app.analyses.tables import Analysis, Report, Upload
from tests.making.people import analysis_of

if TYPE_CHECKING:
    from tests.making.people import Person


async def finished(person: Person, document: dict[str, Any], *, name: str = "mix.wav", **fields: str) -> UUID:
    """Declare a bounce, and let its analysis be done with this document; return the analysis."""
    analysis_id = analysis_of(await person.declare(name, 5000, **fields))
    await finish(analysis_id, document)
    return analysis_id


async def finish(analysis_id: UUID, document: dict[str, Any]) -> None:
    """Let a declared analysis be done with this document, its upload gone."""
    row = (await Analysis.select(Analysis.expires_at, Analysis.created_at).where(Analysis.id == analysis_id))[0]
    text = msgspec.json.encode(document).decode()
    await Report.insert(Report(id=uuid4(), analysis=analysis_id, document=text, expires_at=row["expires_at"]))
    await Analysis.update({Analysis.state: State.DONE, Analysis.finished_at: row["created_at"]}).where(
        Analysis.id == analysis_id
    )
    await Upload.update({Upload.state: FileState.DELETED, Upload.deleted_at: row["created_at"]}).where(
        Upload.analysis == analysis_id
    )
