"""From what is held to what the page of one's data shows. Pure."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from app.kernel.html.numbers import byte_size, day, duration, fixed, time_left
from app.kernel.personal import Retention
from app.privacy.copying import exported
from app.privacy.holdings import key_name
from app.privacy.owning import DELETABLE
from app.privacy.promises import PURPOSES, kept
from app.privacy.views import (
    ExportBox,
    HeldLine,
    HeldPage,
    HeldRow,
    ObjectionLine,
    PurposeChoice,
    ReceiptLine,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.analyses.receipts import Receipt
    from app.kernel.html.chrome import Chrome
    from app.kernel.personal import PersonalData
    from app.policy import Policy
    from app.privacy.exporting import Export
    from app.privacy.holdings import Held
    from app.privacy.objecting import Objection

SHOWN = 300


def lines(held: Sequence[Held], policy: Policy, now: datetime) -> tuple[HeldLine, ...]:
    """Return the table of what is held; what nothing is held of is left out."""
    words, terms = kept(policy), _terms(policy)
    return tuple(
        HeldLine(
            table=each.entry.name,
            title=each.entry.label,
            kept=words[each.entry.retention].term,
            count=each.count,
            goes=_goes(each, terms, now),
            left_percent=_left_percent(each, terms, now),
            is_deletable=each.entry.retention in DELETABLE,
        )
        for each in held
        if each.count
    )


def receipt(proof: Receipt) -> ReceiptLine:
    """Return one proof in words."""
    return ReceiptLine(
        id=str(proof.id),
        name=proof.name,
        size=byte_size(proof.size_bytes),
        sha256=" ".join(proof.sha256[place : place + 16] for place in range(0, len(proof.sha256), 16)),
        received=exact(proof.received_at),
        analysed=exact(proof.analysed_at) if proof.analysed_at else "not analysed",
        deleted=exact(proof.deleted_at),
        kept=_kept(proof.kept_s),
    )


def receipt_text(proof: Receipt) -> str:
    """Return one proof as a text to keep."""
    said = receipt(proof)
    facts = {
        "Upload": f"{said.name}, {proof.size_bytes} bytes",
        "SHA-256": proof.sha256 or "never whole",
        "Received": said.received,
        "Analysed": said.analysed,
        "Deleted": said.deleted,
        "Kept for": f"{proof.kept_s:.3f} s",
    }
    return "TrackSensei: receipt of a deletion\n\n" + "".join(f"{name:<10}{value}\n" for name, value in facts.items())


def held_page(chrome: Chrome, entry: PersonalData, rows: Sequence[dict[str, Any]], *, is_deletable: bool) -> HeldPage:
    """Return the page of one table."""
    names = exported(entry)
    key = key_name(entry)
    return HeldPage(
        chrome,
        table=entry.name,
        title=entry.label,
        description=(entry.table.__doc__ or "").strip(),
        withheld=tuple(entry.withheld.items()),
        rows=tuple(HeldRow(str(row[key]), tuple((_word(name), _value(row[name])) for name in names)) for row in rows),
        is_deletable=is_deletable,
    )


def export_box(export: Export | None, csrf_token: str) -> ExportBox:
    """Return the order of a copy."""
    if export is None:
        return ExportBox(csrf_token, id="", state="none", done=0, total=0, until="")
    until = f"{export.expires_at.astimezone(UTC):%H:%M} UTC"
    return ExportBox(csrf_token, str(export.id), export.state.value, export.done, export.total, until)


def purposes() -> tuple[PurposeChoice, ...]:
    """Return what can be objected to, and what that does."""
    return tuple(
        PurposeChoice(purpose.value, _capitalised(facts.title), facts.objection) for purpose, facts in PURPOSES.items()
    )


def objection(each: Objection) -> ObjectionLine:
    """Return one objection."""
    facts = PURPOSES[each.purpose]
    state = f"done {day(each.answered_at)}" if each.answered_at else "waits for a person's answer"
    return ObjectionLine(_capitalised(facts.title), day(each.created_at), state)


def exact(at: datetime) -> str:
    """Write a moment to the millisecond."""
    moment = at.astimezone(UTC)
    return f"{day(moment)}, {moment:%H:%M:%S}.{moment.microsecond // 1000:03d} UTC"


def _kept(seconds: float) -> str:
    return f"{fixed(seconds)} s" if seconds < 120 else duration(seconds)


def _terms(policy: Policy) -> dict[Retention, timedelta]:
    """Return the terms that a bar can be drawn of."""
    return {
        Retention.RESULTS: policy.retention.results,
        Retention.UPLOAD: policy.retention.failed_upload,
        Retention.SECURITY: policy.accounts.security_log,
        Retention.SESSION: timedelta(days=policy.accounts.session_idle_days),
        Retention.EXPORT: policy.privacy.export,
    }


def _goes(held: Held, terms: dict[Retention, timedelta], now: datetime) -> str:
    if held.next_goes_at is None:
        return "with its report" if held.entry.freed_by else "with the account"
    term = terms.get(held.entry.retention)
    of = f" of {_term(term)}" if term else ""
    return f"in {time_left(held.next_goes_at, now)}{of}"


def _term(term: timedelta) -> str:
    hours = int(term.total_seconds() // 3600)
    return f"{term.days} d" if term.days > 1 else f"{hours} h"


def _left_percent(held: Held, terms: dict[Retention, timedelta], now: datetime) -> int | None:
    term = terms.get(held.entry.retention)
    if held.next_goes_at is None or term is None:
        return None
    return min(100, max(1, round(100 * ((held.next_goes_at - now) / term))))


def _capitalised(words: str) -> str:
    return f"{words[0].upper()}{words[1:]}"


def _word(name: str) -> str:
    return name.replace("_", " ")


def _value(value: Any) -> str:
    if value is None:
        return "none"
    if isinstance(value, datetime):
        return exact(value)
    text = str(value)
    return text if len(text) <= SHOWN else f"{text[:SHOWN]} … ({len(text)} characters; whole in the export)"
