"""Judging what was measured: against a target that can be changed, less what its owner meant."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from app.advice.judging import judged_document
from app.advice.model import Stage
from app.advice.references import OWN, learn, target_of
from app.advice.target import find_target
from app.analyses import dismissals, store
from app.analyses.rules import State
from app.analyses.tables import Analysis as AnalysisRow
from app.kernel.errors import NotFound

if TYPE_CHECKING:
    from uuid import UUID

    from app.advice.target import Target
    from app.analyses.rules import Analysis
    from app.kernel.clock import Clock


class Verdicts:
    """Judges finished analyses; the caller has asked for each through its owner."""

    def __init__(self, clock: Clock) -> None:
        """Keep the clock."""
        self._clock = clock

    async def document(self, analysis: Analysis) -> dict[str, Any]:
        """Return a report: what was measured, judged by the rules of today.

        Raises
        ------
        NotFound
            When there is no report.

        """
        now = self._clock()
        document = await store.report(analysis.id, now)
        if document is None:
            raise NotFound
        measured: dict[str, Any] = msgspec.json.decode(document)
        if analysis.is_reference:
            return measured
        added = await store.added_report(analysis.id, now)
        if added is not None:
            measured["live_set"] = msgspec.json.decode(added)["live_set"]
        meant = await dismissals.of_track(analysis.track_id, now)
        return judged_document(measured, await self._target(analysis), Stage(analysis.stage), meant=meant)

    async def retarget(self, analysis: Analysis, target: str, stage: str) -> None:
        """Judge a finished analysis against something else from now on.

        Raises
        ------
        NotFound
            When it is not finished.

        """
        changes = {AnalysisRow.target: target, AnalysisRow.stage: stage}
        if not await store.change(analysis.id, changes, now=self._clock(), states=[State.DONE]):
            raise NotFound

    async def mean(self, analysis: Analysis, finding: str) -> None:
        """Remember that a finding of this report was meant, for this and later versions of its track.

        Raises
        ------
        NotFound
            When the report has no such finding.

        """
        document = await self.document(analysis)
        if finding not in {found["id"] for found in document["findings"]}:
            raise NotFound
        await dismissals.add(analysis.track_id, finding, now=self._clock(), expires_at=analysis.expires_at)

    async def count(self, analysis: Analysis, finding: str) -> None:
        """Let a finding count again."""
        await dismissals.remove(analysis.track_id, finding)

    async def references(self, account_id: UUID) -> int:
        """Count the references that an owner's target is learned from."""
        return len(await store.learned(account_id, self._clock()))

    async def _target(self, analysis: Analysis) -> Target:
        """Find what an analysis is judged against; without references the general target stands in for them."""
        genre, _, destination = analysis.target.rpartition("-")
        if genre != OWN:
            return find_target(analysis.target)
        now = self._clock()
        kept = [msgspec.json.decode(document) for document in await store.learned(analysis.account_id, now)]
        base = find_target(destination)
        return target_of(learn(kept, as_of=f"{now:%Y-%m-%d}"), base) if kept else base
