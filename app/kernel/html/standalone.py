"""A page as one file to keep: its own words, figures and styles, and nothing that asks anybody for anything.

What belongs to the site alone is left out: forms, buttons, scripts, the frame around the page. A
link that leads elsewhere becomes its words; one that stays on the page stays a link. Pure.
"""

from __future__ import annotations

import base64
import re
from html import escape
from html.parser import HTMLParser
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    Attributes = list[tuple[str, str | None]]

VOID = frozenset({"br", "hr", "img", "input", "link", "meta", "wbr"})
SITE_ONLY = frozenset({"form", "script", "button", "aside", "template", "iframe", "object"})
SITE_CLASSES = frozenset({"sure", "btn", "plain-only", "filters", "readout", "side"})
SITE_IDS = frozenset({"notices", "policy-news"})
"""What the site says to whoever looks at it now."""
OUTSIDE = frozenset({"src", "srcset", "action", "formaction", "href", "xlink:href", "style", "ping", "poster"})
"""Attributes that could ask for something, and what the policy of the file forbids anyway."""
STYLESHEET = re.compile(r'<link rel="stylesheet" href="/static/(css/[\w-]+\.css)')
TITLE = re.compile(r"<title>(.*?)</title>", re.DOTALL)
ADDRESS = re.compile(r'url\("?([^")#][^")]*)"?\)')
MEDIA_TYPES = {".woff2": "font/woff2"}
POLICY = "default-src 'none'; style-src 'unsafe-inline'; font-src data:"


def standalone(page: str, static: Path) -> str:
    """Return a page of this site as one HTML file; ``static`` is the folder of its style sheets."""
    content = _Content()
    content.feed(page)
    content.close()
    title = found[1].strip() if (found := TITLE.search(page)) else ""
    styles = "\n".join(_style(static / name) for name in STYLESHEET.findall(page))
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<meta name="color-scheme" content="light dark">\n<title>{title}</title>\n'
        f"<style>\n{styles}\n</style>\n</head>\n<body>\n<main>{content.html}</main>\n</body>\n</html>\n"
    )


def _style(file: Path) -> str:
    """Return a style sheet with what it refers to inside."""

    def inside(found: re.Match[str]) -> str:
        target = file.parent / found[1]
        content = base64.b64encode(target.read_bytes()).decode()
        return f'url("data:{MEDIA_TYPES[target.suffix]};base64,{content}")'

    return ADDRESS.sub(inside, file.read_text("utf-8"))


class _Content(HTMLParser):
    """Collects what stands in the page's main part."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self._kept: list[str] = []
        self._is_inside = False
        self._left_out: list[str] = []
        """The open elements of a part that is left out."""
        self._links: list[bool] = []
        """Whether each open link is kept."""

    @property
    def html(self) -> str:
        """What was kept."""
        return "".join(self._kept)

    def handle_starttag(self, tag: str, attrs: Attributes) -> None:
        """Keep an element, or leave it out with all that is in it."""
        named = dict(attrs)
        if tag == "main":
            self._is_inside = True
        elif not self._is_inside:
            return
        elif self._left_out or _is_the_sites(tag, named):
            self._left_out += [] if tag in VOID else [tag]
        elif tag == "a":
            self._links.append((named.get("href") or "").startswith("#"))
            if self._links[-1]:
                self._keep(tag, named)
        else:
            self._keep(tag, named)

    def handle_startendtag(self, tag: str, attrs: Attributes) -> None:
        """Keep an element of a drawing that closes itself."""
        if self._is_inside and not self._left_out and tag not in SITE_ONLY:
            self._keep(tag, dict(attrs), end=" /")

    def handle_endtag(self, tag: str) -> None:
        """Close what was kept."""
        if tag == "main":
            self._is_inside = False
        elif not self._is_inside:
            return
        elif self._left_out:
            if tag in self._left_out:
                del self._left_out[len(self._left_out) - 1 - self._left_out[::-1].index(tag) :]
        elif tag != "a" or self._links.pop():
            self._kept.append(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        """Keep words."""
        self._say(data)

    def handle_entityref(self, name: str) -> None:
        """Keep a named character."""
        self._say(f"&{name};")

    def handle_charref(self, name: str) -> None:
        """Keep a numbered character."""
        self._say(f"&#{name};")

    def _say(self, text: str) -> None:
        if self._is_inside and not self._left_out:
            self._kept.append(text)

    def _keep(self, tag: str, named: Mapping[str, str | None], *, end: str = "") -> None:
        kept = {name: value for name, value in named.items() if _may_stay(name, value or "")}
        if tag == "details" and "find" in (named.get("class") or "").split():
            kept["open"] = None  # paper cannot be pressed
        said = "".join(f" {name}" if value is None else f' {name}="{escape(value)}"' for name, value in kept.items())
        self._kept.append(f"<{tag}{said}{end}>")


def _is_the_sites(tag: str, named: Mapping[str, str | None]) -> bool:
    classes = set((named.get("class") or "").split())
    return tag in SITE_ONLY or named.get("id") in SITE_IDS or bool(SITE_CLASSES & classes)


def _may_stay(name: str, value: str) -> bool:
    if name.startswith(("hx-", "on")):
        return False
    return name not in OUTSIDE or (name in {"href", "xlink:href"} and value.startswith("#"))
