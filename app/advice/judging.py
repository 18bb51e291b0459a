"""A document and a target go in, a verdict comes out: the same input gives the same bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.advice import clipping, codec, delivery, dynamics, loudness, music, phase, stereo, technical, tone
from app.advice.model import TargetFacts, Verdict
from app.advice.platforms import platform_gains
from app.advice.rule import Case
from app.advice.scores import ordered, scores
from app.advice.tone import corridor_bands

if TYPE_CHECKING:
    from app.advice.model import Stage
    from app.advice.reading import Document
    from app.advice.rule import Rule
    from app.advice.target import Target

_FAMILIES = (loudness, dynamics, clipping, tone, stereo, phase, technical, delivery, codec, music)

RULES: tuple[Rule, ...] = tuple(rule for family in _FAMILIES for rule in family.RULES)


def judge(document: Document, target: Target, stage: Stage) -> Verdict:
    """Judge one report.

    Parameters
    ----------
    document
        The report's JSON as decoded: fresh from the engine, or stored by an earlier version.
    target
        From `find_target`.
    stage
        What the bounce is meant to be.
    """
    case = Case(document, target, stage)
    findings = ordered(finding for rule in RULES for finding in rule.findings(case))
    return Verdict(
        target=TargetFacts(target.name, target.title, stage, target.note),
        findings=findings,
        scores=scores(document, findings),
        platforms=platform_gains(document),
        corridor=corridor_bands(case),
    )
