"""Every page and fragment, rendered as the product renders them."""

from __future__ import annotations

from functools import cache

from app.accounts.views import LoginPage, RegisterPage
from app.analyses.rules import FileState, State
from app.analyses.views import CardFragment, CardMessage, WaitingPage, card_of, report_page
from app.kernel.html.chrome import Chrome
from app.kernel.html.render import Renderer, View
from app.kernel.html.views import ErrorFragment, ErrorPage, HomePage
from app.settings import ROOT
from app.tracks.views import TrackRow, TracksPage
from tests.unit.views.made import EVERY_STATE, NOW, analysis, document, upload

STRANGER = Chrome("/")
MEMBER = Chrome("/tracks", csrf_token="token-of-the-session", signed_in_as="Mara <b>", notice="Done & gone.")
ROWS = (
    TrackRow("3", "Night Bus", 3, -7.8, 0.6, "1", "29 d 23 h"),
    TrackRow("4", "Kanaal", 1, None, None, "2", "12 min"),
)
DONE = analysis(State.DONE, upload(state=FileState.DELETED))
FAULTS = {"": "The address or the password is not right.", "email": "An address has an @.", "is_old_enough": "From 16."}


def tracks_page(errors: tuple[str, ...] = ()) -> TracksPage:
    """Make the upload page with one card, which is all that one identifier allows."""
    return TracksPage(
        chrome=MEMBER,
        cards=(card_of(EVERY_STATE[3], NOW, MEMBER.csrf_token),),
        tracks=() if errors else ROWS,
        allowance="2 of 3 analyses left until 1 December",
        max_mib=500,
        max_minutes=15,
        accept=".wav,.flac",
        errors=errors,
        events_url="/events?since=1",
        failed_upload_hours=24,
    )


PAGES: dict[str, View] = {
    "home": HomePage(STRANGER, 3, 30, 24, 500, 15),
    "login": LoginPage(Chrome("/login"), "mara@", FAULTS, "/tracks"),
    "register": RegisterPage(Chrome("/register"), "", "", FAULTS, 16, 8),
    "tracks": tracks_page(),
    "tracks with errors": tracks_page(("No mix was chosen.",)),
    "waiting": WaitingPage(MEMBER, card_of(EVERY_STATE[0], NOW, MEMBER.csrf_token), "/events"),
    "waiting after a failure": WaitingPage(MEMBER, card_of(EVERY_STATE[5], NOW, MEMBER.csrf_token), "/events"),
    "report": report_page(MEMBER, DONE, document(), NOW),
    "report of 15 minutes": report_page(MEMBER, DONE, document(900.0), NOW),
    "empty report": report_page(MEMBER, DONE, {}, NOW),
    "error": ErrorPage(STRANGER, 413, "Too large", "It has 612 MB.", "A FLAC is smaller.", "40 s"),
}

FRAGMENTS: dict[str, View] = {
    **{f"card {index}": CardFragment(card_of(item, NOW)) for index, item in enumerate(EVERY_STATE)},
    "card of a page": CardFragment(card_of(EVERY_STATE[0], NOW, "token")),
    "message": CardMessage(card_of(EVERY_STATE[3], NOW)),
    "error notice": ErrorFragment(429, "That is the limit", "All are used.", "", "40 s"),
}


@cache
def renderer() -> Renderer:
    """Return the renderer over the real templates and static files."""
    return Renderer(ROOT / "templates", ROOT / "static")


@cache
def html_of(name: str) -> str:
    """Render a page or a fragment by its name."""
    return renderer().render({**PAGES, **FRAGMENTS}[name])
