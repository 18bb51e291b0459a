"""What the platforms' normalisation would do: dated information, never a fault."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from app.advice.model import Grade, PlatformGain
from app.advice.reading import number_at
from app.advice.target import table

if TYPE_CHECKING:
    from app.advice.reading import Document


def platform_gains(document: Document) -> tuple[PlatformGain, ...]:
    """Return what each platform would do, in the order of its file."""
    loudness = number_at(document, "loudness.integrated_lufs")
    true_peak = number_at(document, "loudness.true_peak_dbtp")
    return tuple(
        PlatformGain(
            name=row["name"],
            target_lufs=row.get("target_lufs"),
            gain_db=_gain_db(row, loudness, true_peak),
            as_of=row["as_of"].isoformat(),
            source=row["source"],
            grade=Grade(row["grade"]),
            note=row.get("note"),
        )
        for row in table("platforms")["platform"]
    )


def _gain_db(row: dict[str, Any], loudness: float | None, true_peak: float | None) -> float | None:
    """Down to the target always, up only where the platform does and as far as its ceiling."""
    if "target_lufs" not in row:
        return row.get("gain_db")
    if loudness is None:
        return None
    gain_db: float = row["target_lufs"] - loudness
    if gain_db > 0:
        if not row["raises"]:
            return 0.0
        if true_peak is None:
            return None
        gain_db = min(gain_db, max(row["ceiling_dbtp"] - true_peak, 0.0))
    return round(gain_db, 2) + 0.0
