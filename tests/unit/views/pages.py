"""Every page and fragment, rendered as the product renders them."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

from app.accounts.views import (
    AddressPage,
    ConfirmPage,
    EventRow,
    ForgotPage,
    LoginPage,
    MailRow,
    MailSentPage,
    MailsPage,
    OwnPage,
    RegisterPage,
    ResetPage,
    SessionRow,
)
from app.analyses.report.choices import choices
from app.analyses.rules import Analysis, FileState, State
from app.analyses.views import (
    CardFragment,
    CardMessage,
    ReferencesPage,
    ReportFragment,
    ReportPage,
    WaitingPage,
    card_of,
    references_page,
    report_of,
    set_page,
)
from app.billing.views import LeavingPage, OfferButton, PlanColumn, PlanPage, PricingPage
from app.chat.views import ConversationFragment, ConversationPage, PromptPage, TurnMessage
from app.kernel.html.chrome import Chrome
from app.kernel.html.render import Renderer, View
from app.kernel.html.views import ErrorFragment, ErrorPage, HomePage
from app.policy import Policy
from app.privacy.clauses import SiteFacts, sections
from app.privacy.data_view import purposes
from app.privacy.views import (
    DataPage,
    ErasedPage,
    ErasePage,
    ExportBox,
    ExportFragment,
    HeldLine,
    HeldPage,
    HeldRow,
    ImprintPage,
    ObjectionLine,
    PolicyPage,
    ReceiptLine,
    TermsPage,
)
from app.settings import ROOT
from app.tracks.views import TrackRow, TracksPage, VersionLink
from app.usage.views import UsageFragment, UsageMeter
from tests.making.large_sets import large_document
from tests.unit.views.conversations import TURNS, conversation
from tests.unit.views.made import EVERY_STATE, NOW, analysis, document, faulty, judged, upload

STRANGER = Chrome("/")
MEMBER = Chrome("/tracks", csrf_token="token-of-the-session", signed_in_as="Mara <b>", notice="Done & gone.")
ROWS = (
    TrackRow(
        "3",
        "Night Bus",
        tuple(VersionLink(f"v{6 - n}", f"{n}", "−7.8 LUFS") for n in range(6)),
        -7.8,
        0.6,
        "1",
        "29 d 23 h",
    ),
    TrackRow("4", "Kanaal", (VersionLink("v1", "9", ""),), None, None, "2", "12 min"),
)
DONE = analysis(State.DONE, upload(state=FileState.DELETED))
SET_ALONE = analysis(State.DONE, upload("Night Bus.als", state=FileState.DELETED))
BOTH = {**document(), "live_set": large_document(20)}
FAULTS = {"": "The address or the password is not right.", "email": "An address has an @.", "is_old_enough": "From 16."}


def tracks_page(errors: tuple[str, ...] = ()) -> TracksPage:
    """Make the upload page with one card, which is all that one identifier allows."""
    return TracksPage(
        chrome=MEMBER,
        cards=(card_of(EVERY_STATE[3], NOW, MEMBER.csrf_token),),
        tracks=() if errors else ROWS,
        allowance="2 of 3 analyses left until 1 December",
        used_up="All 3 analyses of this month are used." if errors else "",
        max_mib=500,
        max_minutes=15,
        accept=".wav,.flac",
        errors=errors,
        events_url="/events?since=1",
        failed_upload_hours=24,
        genres=choices().genres,
        destinations=choices().destinations,
        stages=choices().stages,
    )


def own_page(*, is_verified: bool) -> OwnPage:
    """Make the account page."""
    return OwnPage(
        chrome=MEMBER,
        email="mara@example.org",
        display_name="Mara <b>",
        is_verified=is_verified,
        allows_ai_feedback=is_verified,
        sessions=(SessionRow("1", "Firefox on Linux", "1 Nov 2026", "2 Nov 2026", is_this=True),),
        events=(EventRow("Logged in", "Firefox on Linux", "2 Nov 2026"),),
        errors={"new_password": "Longer.", "email_password": "That is not the password."},
        password_min_length=8,
        security_log_days=30,
    )


USAGE = UsageFragment("Pro", (UsageMeter("Analyses", 12, 40, 28), UsageMeter("Messages", 0, 400, 400)), "3 May 2027")


def pricing_page(chrome: Chrome, *, is_payment_set_up: bool) -> PricingPage:
    """Make the page of prices: two plans to buy and one's own."""
    buttons = (OfferButton("pro month", "Get Pro", "month"), OfferButton("", "Your plan", "year"))
    columns = [
        PlanColumn(name, "€12", "€120", 40, 2000, is_yours=name == "Pro", buttons=buttons * (name != "Free"))
        for name in ("Free", "Pro", "Studio")
    ]
    return PricingPage(chrome, tuple(columns), 500, 15, 30, is_payment_set_up, "key", is_yearly=False)


def plan_page(*, is_paid: bool) -> PlanPage:
    """Make the page of one's plan, paid with everything that can be done, or free with nothing."""
    return PlanPage(
        chrome=MEMBER,
        title="Pro, paid monthly" if is_paid else "Free",
        sentences=("It ends on 3 May 2027.",) * is_paid,
        trouble="The bill of 3 April 2027 is not paid." * is_paid,
        usage=USAGE,
        keeps="Keep Pro" * is_paid,
        can_cancel=is_paid,
        ends_on="3 May 2027",
        is_customer=is_paid,
        is_payment_set_up=is_paid,
    )


TOKEN = MEMBER.csrf_token
RECEIPTS = (
    ReceiptLine("5", "Night Bus.wav", "90.5 MB", "9f2c", "23 Nov", "23 Nov", "23 Nov", "40.8 s"),
    ReceiptLine("6", "Low Water.mp3", "9.5 MB", "", "20 Nov", "not analysed", "21 Nov", "24 h"),
)
DATA = DataPage(
    chrome=replace(MEMBER, policy_news="2026-12"),
    counted_at="23 Nov 2026",
    lines=(
        HeldLine("track", "Tracks", "30 days", 2, "in 3 d of 30 d", 10, is_deletable=True),
        HeldLine("account", "Account", "as long as the account", 1, "with the account", None, is_deletable=False),
    ),
    receipts=RECEIPTS,
    box=ExportBox(TOKEN, "7", "running", 3, 20, "14:05 UTC"),
    allows_ai_feedback=True,
    purposes=purposes(),
    objections=(ObjectionLine("Analyses", "2 Nov 2026", "waits for a person's answer"),),
    erasure_seconds=60,
    results_days=30,
)
HELD = HeldPage(
    MEMBER,
    table="track",
    title="Tracks",
    description="A song.",
    withheld=(("digest", "A hash."),),
    rows=(HeldRow("3", (("name", "Mara <b>"),)),),
    is_deletable=True,
)


def references(*items: Analysis) -> ReferencesPage:
    """Make the page of references."""
    return references_page(
        MEMBER,
        items,
        {item.id: {"integrated_lufs": -7.8} for item in items},
        NOW,
        a_day=20,
        results_days=30,
        max_mib=500,
        max_minutes=15,
        accept=".wav,.flac",
        is_verified=True,
    )


PAGES: dict[str, View] = {
    "home": HomePage(STRANGER, 3, 30, 24, 500, 15),
    "login": LoginPage(Chrome("/login"), "mara@", FAULTS, "/tracks"),
    "register": RegisterPage(Chrome("/register"), "", "", FAULTS, 16, 8),
    "mail sent": MailSentPage(Chrome("/register"), "Look", "We have sent a mail.", "None?", "/verify/t"),
    "forgotten": ForgotPage(Chrome("/forgot"), "mara@", FAULTS),
    "confirm": ConfirmPage(
        Chrome("/verify/t"), "/verify/t", "mara@example.org", {"password": "No."}, asks_password=True
    ),
    "confirm signed in": ConfirmPage(MEMBER, "/verify/t", "mara@example.org", {}, asks_password=False),
    "reset": ResetPage(Chrome("/reset/t"), "/reset/t", "mara@example.org", {"password": "Longer."}, 8),
    "address": AddressPage(MEMBER, "/email/t", "mara@example.org", "mara@example.com"),
    "mails": MailsPage(STRANGER, (MailRow("1", "mara@example.org", "Confirm", "Text <b>", "/verify/t"),)),
    "account": own_page(is_verified=True),
    "account, not confirmed": own_page(is_verified=False),
    "tracks": tracks_page(),
    "tracks with errors": tracks_page(("No mix was chosen.",)),
    "prices": pricing_page(MEMBER, is_payment_set_up=True),
    "prices for a stranger": pricing_page(STRANGER, is_payment_set_up=False),
    "leaving": LeavingPage(MEMBER, "Get Pro", "Pro", "a month", "€12", ("It begins.",), "https://pay.example/?a=1&b=2"),
    "plan": plan_page(is_paid=True),
    "plan without payment": plan_page(is_paid=False),
    "plan limit": ErrorPage(MEMBER, 429, "That is all", "All are used.", "New ones.", "", "/pricing", "See the plans"),
    "waiting": WaitingPage(MEMBER, card_of(EVERY_STATE[0], NOW, MEMBER.csrf_token), "/events"),
    "waiting after a failure": WaitingPage(MEMBER, card_of(EVERY_STATE[5], NOW, MEMBER.csrf_token), "/events"),
    "report": ReportPage(MEMBER, report_of(DONE, judged(document()), NOW, MEMBER.csrf_token)),
    "report of 15 minutes": ReportPage(MEMBER, report_of(DONE, judged(document(900.0)), NOW, MEMBER.csrf_token)),
    "report of 15 minutes with every fault": ReportPage(
        MEMBER, report_of(DONE, judged(faulty(900.0)), NOW, MEMBER.csrf_token)
    ),
    "report that was not judged": ReportPage(MEMBER, report_of(DONE, document(), NOW, MEMBER.csrf_token)),
    "empty report": ReportPage(MEMBER, report_of(DONE, {}, NOW, MEMBER.csrf_token)),
    "privacy": PolicyPage(MEMBER, "2026-11", sections(Policy.read(), SiteFacts())),
    "terms": TermsPage(MEMBER, "mix.example", "", "hello@mix.example", 500, 15, 30, 16),
    "imprint": ImprintPage(STRANGER, "", "", "", "hello@mix.example", "mix.example"),
    "report with a set": ReportPage(MEMBER, report_of(DONE, judged(BOTH), NOW, MEMBER.csrf_token)),
    "set": set_page(MEMBER, DONE, BOTH, NOW),
    "set of 200 tracks": set_page(MEMBER, SET_ALONE, {"live_set": large_document()}, NOW),
    "empty set": set_page(MEMBER, SET_ALONE, {"live_set": {}}, NOW),
    "conversation": ConversationPage(MEMBER, "Night Bus", "v3", conversation(), "24 Dec 2026"),
    "what Claude sees": PromptPage(
        MEMBER, "Night Bus", "v3", "<report>{}</report>", "6.1 kB", "/", "claude-sonnet-5-5"
    ),
    "conversation, refused": ConversationPage(
        MEMBER, "Night Bus", "v3", conversation(problem="Too long.", draft="Mara <b>"), "24 Dec 2026"
    ),
    "data": DATA,
    "data without anything": replace(
        DATA, receipts=(), objections=(), allows_ai_feedback=False, box=ExportBox(TOKEN, "", "none", 0, 0, "")
    ),
    "held": HELD,
    "nothing held": replace(HELD, rows=(), withheld=()),
    "erase": ErasePage(MEMBER, "mara@example.org", 60, 30, 7),
    "erased": ErasedPage(STRANGER, 30),
    "references": references(analysis(State.DONE, upload("Loved.flac", state=FileState.DELETED))),
    "references, one on its way": references(analysis(State.RUNNING, upload("Loved.flac"))),
    "no references": references(),
    "error": ErrorPage(STRANGER, 413, "Too large", "It has 612 MB.", "A FLAC is smaller.", "40 s"),
}

FRAGMENTS: dict[str, View] = {
    **{
        f"export {state}": ExportFragment(ExportBox(TOKEN, "7", state, 3, 20, "14:05"))
        for state in ("none", "ready", "queued")
    },
    **{f"card {index}": CardFragment(card_of(item, NOW)) for index, item in enumerate(EVERY_STATE)},
    "card of a page": CardFragment(card_of(EVERY_STATE[0], NOW, "token")),
    "report fragment": ReportFragment(report_of(DONE, judged(document()), NOW, MEMBER.csrf_token)),
    "message": CardMessage(card_of(EVERY_STATE[3], NOW)),
    "usage": USAGE,
    "plan limit notice": ErrorFragment(429, "All", "All are used.", "", "", "/pricing", "See the plans"),
    "conversation of a report": ConversationFragment(conversation()),
    **{f"turn {index}": TurnMessage(turn) for index, turn in enumerate(TURNS)},
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
