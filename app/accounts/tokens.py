"""The session cookie's token: a JWT that names a session row and proves that we made it."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

import jwt

if TYPE_CHECKING:
    from datetime import datetime

ALGORITHM = "HS256"
ISSUER = "tracksensei"
AUDIENCE = "session"
REQUIRED = ["exp", "iat", "sub", "jti", "aud", "iss"]


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
    return jwt.encode(claims, key, algorithm=ALGORITHM)


def session_of(key: bytes, token: str, *, now: datetime) -> UUID | None:
    """Return the session that a token names, or none for anything that we did not sign."""
    try:
        claims = jwt.decode(
            token,
            key,
            algorithms=[ALGORITHM],
            audience=AUDIENCE,
            issuer=ISSUER,
            # The product's own clock decides below, so that time is an argument here too.
            options={"require": REQUIRED, "verify_exp": False, "verify_iat": False},
        )
        is_current = now.timestamp() < float(claims["exp"])
        return UUID(claims["jti"]) if is_current else None
    except (jwt.InvalidTokenError, ValueError, TypeError):
        return None
