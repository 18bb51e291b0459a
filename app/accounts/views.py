"""What the pages of accounts show."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from app.kernel.html.chrome import Chrome


@dataclass(frozen=True, slots=True)
class LoginPage:
    """The page where one logs in."""

    template: ClassVar[str] = "accounts/login.html"

    chrome: Chrome
    email: str
    """The address as it was typed, to be typed once only."""
    errors: dict[str, str]
    """Field name to sentence; the empty name is for the form as a whole."""
    next: str
    """Where to go on, a path of this site."""


@dataclass(frozen=True, slots=True)
class RegisterPage:
    """The page where one opens an account."""

    template: ClassVar[str] = "accounts/register.html"

    chrome: Chrome
    email: str
    display_name: str
    errors: dict[str, str]
    """Field name to sentence; the empty name is for the form as a whole."""
    minimum_age_years: int
    password_min_length: int
