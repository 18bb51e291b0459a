"""What can go wrong on the way to an answer, each with its status and a sentence.

AppError
├── BadRequest 400          the request itself is malformed
├── NotSignedIn 401         a session is needed
├── Forbidden 403           not from our own page, or not allowed
│   └── NotProved 403       the password is asked again first
├── NotFound 404            not there, or not yours: the same
├── Conflict 409            the state does not allow it
│   └── PlanConflict        something else has to be done about the plan first
├── LengthRequired 411      an upload says no length
├── TooLarge 413            more bytes than are taken
├── UnsupportedFormat 415   not a format that is measured
├── Invalid 422             a field or a file that cannot be used
├── LimitReached 429        a rate
│   └── PlanLimitReached    what the plan allows in a month
├── ClientGone 499          the connection was cut; nobody reads the answer
└── Unavailable 503         a part that is needed is away
"""

from __future__ import annotations

from typing import ClassVar


class AppError(Exception):
    """An answer other than success: what happened, and the way out."""

    status: ClassVar[int] = 500
    title: ClassVar[str] = "Something failed here"
    link: ClassVar[str] = ""
    """The page that is the way out, where there is one."""
    link_label: ClassVar[str] = ""

    def __init__(self, sentence: str, *, way_out: str = "", code: str = "", retry_after_s: int | None = None) -> None:
        """Keep the sentence for people and the code for machines."""
        super().__init__(sentence)
        self.sentence = sentence
        self.way_out = way_out
        self.code = code or type(self).__name__
        self.retry_after_s = retry_after_s


class BadRequest(AppError):
    """The request cannot be read."""

    status = 400
    title = "The request could not be read"


class NotSignedIn(AppError):
    """A session is needed."""

    status = 401
    title = "Log in first"


class Forbidden(AppError):
    """The request did not come from our own page, or is not allowed."""

    status = 403
    title = "Not allowed"


class NotProved(Forbidden):
    """The password has to be given again before this."""

    title = "Your password first"

    def __init__(self, page: str) -> None:
        """Keep where to go on once it is given."""
        super().__init__("This asks for your password again.", way_out="Give it and come back.", code="password_first")
        self.page = page


class NotFound(AppError):
    """Not there, or not yours; nobody can tell which."""

    status = 404
    title = "Nothing here"

    def __init__(self, sentence: str = "There is nothing at this address, or it is gone after its term.") -> None:
        """One sentence for everything that is not there."""
        super().__init__(sentence)


class Conflict(AppError):
    """The state of the thing does not allow it."""

    status = 409
    title = "Not in this state"


class PlanConflict(Conflict):
    """Something else has to be done about the plan first."""

    title = "Not yet"
    link = "/account/plan"
    link_label = "See your plan"


class LengthRequired(AppError):
    """An upload must say its length."""

    status = 411
    title = "The length is missing"


class TooLarge(AppError):
    """More bytes than are taken."""

    status = 413
    title = "Too large"


class UnsupportedFormat(AppError):
    """Not a format that is measured."""

    status = 415
    title = "Not a format that is measured"


class Invalid(AppError):
    """A field or a file cannot be used."""

    status = 422
    title = "Please check this"


class LimitReached(AppError):
    """A limit is reached."""

    status = 429
    title = "That is the limit"


class PlanLimitReached(LimitReached):
    """What the plan allows in a month is used."""

    title = "That is all for this month"
    link = "/pricing"
    link_label = "See the plans"


class ClientGone(AppError):
    """The connection was cut; nobody reads this answer."""

    status = 499
    title = "Connection closed"


class Unavailable(AppError):
    """A part that is needed is away for the moment."""

    status = 503
    title = "Away for a moment"
