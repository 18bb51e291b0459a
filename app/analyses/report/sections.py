"""Every section of the report in the order of the page; a section without data is not made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.analyses.report.delivery import codec_section, platform_section
from app.analyses.report.dynamics import dynamics_section
from app.analyses.report.loudness import loudness_section
from app.analyses.report.music import music_section
from app.analyses.report.stereo import stereo_section
from app.analyses.report.structure import structure_section
from app.analyses.report.timeline import timeline_section
from app.analyses.report.tone import tone_section

if TYPE_CHECKING:
    from app.analyses.document import Document
    from app.analyses.report.findings import Found
    from app.analyses.report.limits import Limits
    from app.analyses.report.parts import Section


def sections_of(document: Document, limits: Limits, found: Found) -> tuple[Section, ...]:
    """Make every section that has data."""
    made = (
        timeline_section(document, found),
        loudness_section(document, limits, found),
        tone_section(document, found),
        stereo_section(document, found),
        dynamics_section(document, limits, found),
        codec_section(document, found),
        platform_section(document),
        structure_section(document, found),
        music_section(document, found),
    )
    return tuple(part for part in made if part.has_content)
