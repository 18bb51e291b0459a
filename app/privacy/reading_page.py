"""The page of an export that a person reads: one file, no script, nothing from elsewhere."""

from __future__ import annotations

import zipfile
from html import escape
from typing import TYPE_CHECKING

from app.privacy.copying import exported, plain

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from pathlib import Path

    from app.privacy.copying import Part

NAME = "index.html"
SHOWN = 160
STYLE = (
    "body{font:15px/1.5 system-ui,sans-serif;max-width:70rem;margin:2rem auto;padding:0 1rem}"
    "table{border-collapse:collapse;font-size:13px}th,td{border-bottom:1px solid #ccc;padding:.3rem .8rem .3rem 0;"
    "text-align:left;vertical-align:top;overflow-wrap:anywhere}div{overflow-x:auto}"
    "h2{border-top:2px solid;margin-top:2rem}"
)


def reading_page(archive: Path, parts: Sequence[Part], *, made_at: datetime) -> None:
    """Add the page to a copy."""
    body = "".join(_section(part) for part in parts)
    said = f"<p>Everything that TrackSensei held of you on {made_at:%d %B %Y, %H:%M} UTC, in {len(parts)} tables. "
    page = (
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>Your data, by TrackSensei</title>'
        f"<style>{STYLE}</style><h1>Your data</h1>{said}The same is in data/ as JSON, described by schema.json, and "
        f"in csv/ for a spreadsheet.</p>{body}</html>"
    )
    with zipfile.ZipFile(archive, "a", zipfile.ZIP_DEFLATED) as opened:
        opened.writestr(NAME, page)


def _section(part: Part) -> str:
    entry, names = part.entry, exported(part.entry)
    said = "".join(f"<p>{escape(text)}</p>" for text in (_described(part), *_withheld(part)))
    head = "".join(f"<th>{escape(name)}</th>" for name in names)
    rows = "".join(_row(part, names, index) for index in range(len(part.rows)))
    table = f"<div><table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>" if rows else "<p>None.</p>"
    return f"<h2>{escape(entry.label)}</h2>{said}{table}"


def _described(part: Part) -> str:
    return (part.entry.table.__doc__ or "").strip()


def _withheld(part: Part) -> list[str]:
    return [f"{name} is left out. {why}" for name, why in part.entry.withheld.items()]


def _row(part: Part, names: Sequence[str], index: int) -> str:
    row = plain(part.entry, part.rows[index])
    texts = [str("" if row[name] is None else row[name]) for name in names]
    cells = "".join(f"<td>{escape(_short(text))}</td>" for text in texts)
    return f"<tr>{cells}</tr>"


def _short(text: str) -> str:
    return text if len(text) <= SHOWN else f"{text[:SHOWN]} …"
