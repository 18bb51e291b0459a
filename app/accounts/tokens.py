"""The session cookie's token: a JWT that names a session row and proves that we made it."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING
from uuid import UUID

import jwt

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

ALGORITHM = "HS256"
ISSUER = "tracksensei"
AUDIENCE = "session"
REQUIRED = ["exp", "iat", "sub", "jti", "aud", "iss"]


def name_of(key: bytes) -> str:
    """Return a key's name in a token's header; it tells nothing of the key."""
    return hashlib.sha256(b"name:" + key).hexdigest()[:12]


def make_token(key: bytes, *, session_id: UUID, account_id: UUID, now: datetime, expires_at: datetime) -> str:
    """Sign a token; the session row, not the token, decides whether it still holds."""
    claims = {
        "jti": str(session_id),
        "sub": str(account_id),
        "iat": now,
        "exp": expires_at,
        "aud": AUDIENCE,
        "iss": ISSUER,
    }
    return jwt.encode(claims, key, algorithm=ALGORITHM, headers={"kid": name_of(key)})


def session_of(keys: Sequence[bytes], token: str, *, now: datetime) -> UUID | None:
    """Return the session that a token names, or none for anything that no key of the ring signed."""
    try:
        by_name = {name_of(key): key for key in keys}
        named = jwt.get_unverified_header(token).get("kid", "")
        claims = jwt.decode(
            token,
            by_name.get(named, keys[0]),
            algorithms=[ALGORITHM],
            audience=AUDIENCE,
            issuer=ISSUER,
            # The product's own clock decides below, so that time is an argument here too.
            options={"require": REQUIRED, "verify_exp": False, "verify_iat": False},
        )
        is_current = now.timestamp() < float(claims["exp"])
        return UUID(claims["jti"]) if is_current else None
    except (jwt.InvalidTokenError, ValueError, TypeError, AttributeError):
        return None
