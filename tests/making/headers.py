"""What every answer carries."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import httpx

NEEDED = {
    "content-security-policy": "default-src 'none'",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=()",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "cache-control": "no-store",
}


def faults_of(answer: httpx.Response) -> list[str]:
    """Say what is missing in the head of an answer, or should not be there."""
    headers = answer.headers
    faults = [name for name, begin in NEEDED.items() if not headers.get(name, "").startswith(begin)]
    kind = headers.get("content-type", "")
    # A file that is loaded says its own encoding in its own way.
    if answer.content and not (kind.endswith("charset=utf-8") or "json" in kind or "attachment" in str(headers)):
        faults.append(f"content-type {kind}")
    return faults + [name for name in headers if name.startswith("access-control-") or name == "server"]
