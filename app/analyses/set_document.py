"""The Live set's part of a report: alone, beside what was measured of its bounce, or missing with the reason.

Documents are joined by their parts as they are written, so that the worker's loop never unfolds them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from collections.abc import Mapping

NO_BOUNCE = "A Live set has no sound to measure. Drop the mix that came out of it."
SOUND = ("loudness", "dynamics", "spectrum", "stereo", "rhythm", "tonality", "structure", "fingerprint", "codecs")
"""Parts of a report that only a bounce can fill."""

_parts = msgspec.json.Decoder(dict[str, msgspec.Raw])


def document_of_set(live_set: Mapping[str, Any], *, name: str, sha256: str, engine_version: str) -> dict[str, Any]:
    """Return the report of a set that came without a bounce: what only sound could tell is null, with a note.

    Parameters
    ----------
    live_set
        What stands under `live_set`.
    name, sha256
        The file's, as its person and its upload know them.
    engine_version
        Of what read it.
    """
    from app.audio.model import SCHEMA  # noqa: PLC0415 - only the child that reads a set comes here

    file = {"name": name, "format": "als", "codec": "Ableton Live set", "sha256": sha256}
    unknown = dict.fromkeys(("duration_s", "sample_rate_hz", "channels", "bit_depth"))
    return {
        "schema": SCHEMA,
        "engine": {"version": engine_version},
        "file": {**file, **unknown},
        **dict.fromkeys(SOUND),
        "platforms": None,
        "live_set": {"file": {"name": name, "sha256": sha256}, **live_set},
        "findings": None,
        "scores": None,
        "notes": [{"path": path, "code": "no_bounce", "reason": NO_BOUNCE} for path in SOUND],
    }


def with_live_set(report: str, read: Mapping[str, Any]) -> str:
    """Return a bounce's report with the set of a set's report in it."""
    parts, notes = _parts_of(report)
    parts["live_set"] = _parts.decode(read["document"])["live_set"]
    return _joined(parts, notes)


def without_live_set(report: str, refused: Mapping[str, Any]) -> str:
    """Return a bounce's report that says why its set was not read."""
    parts, notes = _parts_of(report)
    return _joined(parts, [*notes, {"path": "live_set", "code": refused["code"], "reason": refused["reason"]}])


def some_parts(report: str, names: tuple[str, ...]) -> dict[str, Any]:
    """Return a few parts of a report, unfolded; the others are not."""
    parts = _parts.decode(report)
    return {name: msgspec.json.decode(parts[name]) for name in names if name in parts}


def _parts_of(report: str) -> tuple[dict[str, msgspec.Raw], list[Any]]:
    """Take a report apart; notes on the set that it did not have are over."""
    parts = _parts.decode(report)
    notes = msgspec.json.decode(parts["notes"]) if "notes" in parts else []
    return parts, [note for note in notes if note.get("path") != "live_set"]


def _joined(parts: dict[str, msgspec.Raw], notes: list[Any]) -> str:
    return msgspec.json.encode({**parts, "notes": notes}).decode()
