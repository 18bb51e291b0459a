"""The pages that belong to no subject: the landing page and the error page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from markupsafe import Markup

    from app.kernel.html.chrome import Chrome


@dataclass(frozen=True, slots=True)
class HomePage:
    """The landing page: what this is and why it can be trusted."""

    template: ClassVar[str] = "pages/home.html"

    chrome: Chrome
    free_analyses: int
    """Analyses a month without paying."""
    results_days: int
    """How long a report is kept."""
    failed_upload_hours: int
    """How long an upload is kept for a retry after a failure."""
    max_mib: int
    max_minutes: int


@dataclass(frozen=True, slots=True)
class MethodologyPage:
    """How every figure is measured, from the document of the repository."""

    template: ClassVar[str] = "pages/methodology.html"

    chrome: Chrome
    body: Markup


@dataclass(frozen=True, slots=True)
class ErrorPage:
    """A whole page for an answer that is no success."""

    template: ClassVar[str] = "kernel/error.html"

    chrome: Chrome
    status: int
    title: str
    sentence: str
    way_out: str = ""
    retry_after: str = ""
    """When to come again, such as ``40 s``; empty where that is unknown."""
    link: str = ""
    """The page that is the way out; empty: one's tracks, or the first page."""
    link_label: str = ""


@dataclass(frozen=True, slots=True)
class ErrorFragment:
    """The same as a notice inside a page."""

    template: ClassVar[str] = "kernel/_error.html"

    status: int
    title: str
    sentence: str
    way_out: str = ""
    retry_after: str = ""
    link: str = ""
    link_label: str = ""
