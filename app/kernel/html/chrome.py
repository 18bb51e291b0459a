"""What every page carries around its content."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Chrome:
    """The frame of a page: who looks at it and what its forms must send."""

    path: str
    """Address of the page, to mark where one is."""
    csrf_token: str = ""
    """Token of this session's forms; empty for a stranger."""
    signed_in_as: str = ""
    """Display name or e-mail address; empty for a stranger."""
    notice: str = ""
    """A sentence about what was done last."""
    policy_news: str = ""
    """Version of the privacy policy that the person has not seen yet; empty: none."""
