"""The system's Chromium, driven by Playwright."""

from __future__ import annotations

import os
import shutil
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from playwright.async_api import async_playwright, expect

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from playwright.async_api import Browser

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
QUIET = (
    "--no-sandbox",  # tests may run as root
    "--disable-gpu",  # there is none, and drawing as if costs a core
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)

SHOWN_MS = 30_000
MEASURED_MS = 180_000
"""How long a page may take to show what was asked of it, and what is measured, on two cores that other tests share."""


def chromium_path() -> str | None:
    """Find the browser: CHROMIUM, else what PATH has."""
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)


@asynccontextmanager
async def running_browser() -> AsyncIterator[Browser]:
    """Run one browser; each test opens contexts of its own in it."""
    path = chromium_path()
    if path is None:
        raise RuntimeError("There is no Chromium: install it, or name it with CHROMIUM=/path/to/chromium.")
    expect.set_options(timeout=SHOWN_MS)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=list(QUIET))
        try:
            yield browser
        finally:
            await browser.close()
