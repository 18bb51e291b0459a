"""A document and a target go in, a verdict comes out: the same input gives the same bytes."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import msgspec

from app.advice import clipping, codec, delivery, dynamics, loudness, music, phase, stereo, technical, tone
from app.advice.model import LimitFacts, TargetFacts, Verdict
from app.advice.platforms import platform_gains
from app.advice.rule import Case
from app.advice.scores import ordered, scores
from app.advice.tone import corridor_bands

if TYPE_CHECKING:
    from collections.abc import Collection

    from app.advice.model import Stage
    from app.advice.reading import Document
    from app.advice.rule import Rule
    from app.advice.target import Target

_OWN_PATHS = frozenset({"platforms", "findings", "scores"})
"""Parts that the engine leaves empty, with a note, and that are filled here."""

_FAMILIES = (loudness, dynamics, clipping, tone, stereo, phase, technical, delivery, codec, music)

RULES: tuple[Rule, ...] = tuple(rule for family in _FAMILIES for rule in family.RULES)


def judge(document: Document, target: Target, stage: Stage, *, meant: Collection[str] = ()) -> Verdict:
    """Judge one report.

    Parameters
    ----------
    document
        The report's JSON as decoded: fresh from the engine, or stored by an earlier version.
    target
        From `find_target`.
    stage
        What the bounce is meant to be.
    meant
        Ids of findings that the owner meant: they are told and take nothing.
    """
    case = Case(document, target, stage)
    found = (finding for rule in RULES for finding in rule.findings(case))
    findings = ordered(replace(finding, is_meant=finding.id in meant) for finding in found)
    return Verdict(
        target=_facts(target, stage),
        findings=findings,
        scores=scores(document, findings),
        platforms=platform_gains(document),
        corridor=corridor_bands(case),
    )


def judged_document(document: Document, target: Target, stage: Stage, *, meant: Collection[str] = ()) -> dict[str, Any]:
    """Return the report with its findings, scores, platforms and target filled in.

    A report that was judged before can be judged again, for another target or by later rules:
    what is measured stays, what was judged is replaced.
    """
    verdict: dict[str, Any] = msgspec.to_builtins(judge(document, target, stage, meant=meant))
    notes = document.get("notes")
    kept = [note for note in notes if not _is_answered(note)] if isinstance(notes, list) else []
    return {
        **document,
        "target": {**verdict["target"], "corridor": verdict["corridor"]},
        "findings": verdict["findings"],
        "scores": verdict["scores"],
        "platforms": verdict["platforms"],
        "notes": kept,
    }


def _facts(target: Target, stage: Stage) -> TargetFacts:
    return TargetFacts(
        name=target.name,
        title=target.title,
        genre=target.genre,
        destination=target.destination,
        stage=stage,
        note=target.note,
        limits=tuple(
            LimitFacts(limit.name, limit.unit, limit.is_lower, limit.note, limit.check, limit.fix)
            for limit in target.limits[stage].values()
        ),
    )


def _is_answered(note: Any) -> bool:
    return isinstance(note, dict) and note.get("path") in _OWN_PATHS
