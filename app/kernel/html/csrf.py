"""Who may change something: requests from our own pages, without a second cookie.

Two checks on every unsafe method. The browser's own word on where the request came from
(``Sec-Fetch-Site``, else ``Origin``) keeps foreign pages out, log-in and registration
included. For a session there is a token beside it, an HMAC of the session's identifier,
in the header ``X-CSRF-Token`` or in the first field of a form.
"""

from __future__ import annotations

import hashlib
import hmac
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from app.kernel.errors import Forbidden

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from uuid import UUID

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
HEADER = "x-csrf-token"
FIELD = "_csrf"
WAY_OUT = "Load the page again and repeat what you did."


def token_of(key: bytes, session_id: UUID) -> str:
    """Return the token of a session's forms."""
    return hmac.new(key, b"form:" + session_id.bytes, hashlib.sha256).hexdigest()


def check_token(keys: Sequence[bytes], session_id: UUID, given: str) -> None:
    """Refuse a request whose token is not its session's by any key of the ring."""
    if not any(hmac.compare_digest(token_of(key, session_id).encode(), given.encode()) for key in keys):
        raise Forbidden("This form is from another session.", way_out=WAY_OUT, code="csrf_token")


def check_origin(headers: Mapping[str, str], site_url: str) -> None:
    """Refuse a request that another site's page sent.

    Under our ``no-referrer`` policy a browser sends ``Origin: null`` with a plain form, so
    that its ``Sec-Fetch-Site`` decides; without that header the origin must be ours.
    """
    site = headers.get("sec-fetch-site")
    origin = headers.get("origin")
    own = urlsplit(site_url)
    ours = {f"{own.scheme}://{own.netloc}"}
    if own.scheme == "http" and "host" in headers:
        # A studio's own machine is reached by several names; a public site has one, and TLS.
        ours.add(f"http://{headers['host']}")
    is_ours = origin in ours
    came_from_us = site in {"same-origin", "none"} and (is_ours or origin in {None, "null"})
    if not came_from_us and not (site is None and is_ours):
        raise Forbidden("This request did not come from a page of this site.", way_out=WAY_OUT, code="foreign_origin")
