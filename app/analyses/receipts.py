"""Proofs that a file is gone: written with the row that says so, kept as long as a result."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from app.analyses.rules import State
from app.analyses.tables import Receipt as ReceiptRow
from app.analyses.tables import Upload as UploadRow

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID


@dataclass(frozen=True, slots=True)
class Receipt:
    """What was had of a file, and for how long."""

    id: UUID
    name: str
    size_bytes: int
    sha256: str
    """Empty where the file never came whole."""
    received_at: datetime
    analysed_at: datetime | None
    deleted_at: datetime
    expires_at: datetime

    @property
    def kept_s(self) -> float:
        """Seconds from the first byte to the deletion."""
        return (self.deleted_at - self.received_at).total_seconds()


async def issue(upload_id: UUID, *, now: datetime, until: datetime) -> None:
    """Write the proof of a deletion, inside the transaction that notes it; a file of no byte needs none."""
    rows = await UploadRow.select(
        *UploadRow.all_columns(),
        UploadRow.analysis.account.as_alias("owner"),
        UploadRow.analysis.state.as_alias("analysis_state"),
        UploadRow.analysis.finished_at.as_alias("finished_at"),
    ).where((UploadRow.id == upload_id) & UploadRow.started_at.is_not_null())
    for row in rows:
        await ReceiptRow.insert(
            ReceiptRow(
                id=upload_id,
                account=row["owner"],
                kind=row["kind"],
                name=row["name"],
                size_bytes=row["received_bytes"],
                sha256=row["sha256"],
                received_at=row["started_at"],
                analysed_at=row["finished_at"] if row["analysis_state"] == State.DONE else None,
                deleted_at=now,
                expires_at=until,
            )
        ).on_conflict(target=ReceiptRow.id, action="DO NOTHING")


async def of(account_id: UUID, now: datetime) -> list[Receipt]:
    """List an owner's proofs, the newest first."""
    rows = (
        await ReceiptRow.select()
        .where((ReceiptRow.account == account_id) & (ReceiptRow.expires_at > now))
        .order_by(ReceiptRow.deleted_at, ascending=False)
    )
    return [_receipt(row) for row in rows]


async def one(account_id: UUID, receipt_id: UUID, now: datetime) -> Receipt | None:
    """Return one proof of this owner."""
    return next((receipt for receipt in await of(account_id, now) if receipt.id == receipt_id), None)


def _receipt(row: dict[str, Any]) -> Receipt:
    names = ("id", "name", "size_bytes", "sha256", "received_at", "analysed_at", "deleted_at", "expires_at")
    return Receipt(**{name: row[name] for name in names})
