"""What the page of all tracks shows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from app.kernel.html.choices import Choice
    from app.kernel.html.chrome import Chrome


@dataclass(frozen=True, slots=True)
class VersionLink:
    """One version of a track with its report."""

    label: str
    analysis_id: str
    loudness: str
    """Integrated, to tell versions apart; empty where it is not known."""


@dataclass(frozen=True, slots=True)
class TrackRow:
    """One track with the figures of its newest report."""

    id: str
    name: str
    versions: tuple[VersionLink, ...]
    """The newest first."""
    integrated_lufs: float | None
    true_peak: float | None
    """Of the newest report, in dBTP."""
    latest_analysis_id: str
    gone_in: str
    """What is left of its term, such as ``29 d 23 h``."""


@dataclass(frozen=True, slots=True)
class TracksPage:
    """The page where mixes are dropped, their analyses watched and tracks found again."""

    template: ClassVar[str] = "tracks/index.html"

    chrome: Chrome
    cards: tuple[object, ...]
    """Cards of analyses, newest first; the subject of analyses makes them."""
    tracks: tuple[TrackRow, ...]
    allowance: str
    """What is left of the plan, such as ``2 of 3 analyses left until 1 December``."""
    used_up: str
    """What to know when nothing is left; empty: something is."""
    max_mib: int
    max_minutes: int
    accept: str
    """Endings of bounces for the file field, such as ``.wav,.flac``."""
    errors: tuple[str, ...]
    events_url: str
    """Address of the stream that tells of every analysis of this account."""
    failed_upload_hours: int
    """How long an upload is kept for a retry after a failure."""
    is_verified: bool = True
    """Whether the address is confirmed; before that nothing is measured."""
    genres: tuple[Choice, ...] = ()
    destinations: tuple[Choice, ...] = ()
    stages: tuple[Choice, ...] = ()
