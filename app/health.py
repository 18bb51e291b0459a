"""Signs of life, for whoever watches the service."""

from __future__ import annotations

from typing import Any

from litestar import Response, get
from piccolo.engine.base import Engine
from redis.asyncio import Redis
from redis.exceptions import RedisError

from app.kernel.db import answers
from app.kernel.html.access import OPERATOR
from app.kernel.html.inject import Part

READY = 200
NOT_READY = 503


@get("/health/live", opt=OPERATOR)
async def live() -> dict[str, str]:
    """Say that the process answers."""
    return {"state": "live"}


@get("/health/ready", opt=OPERATOR)
async def ready(engine: Part[Engine[Any]], redis: Part[Redis]) -> Response[dict[str, bool]]:
    """Say whether everything that a page needs is there."""
    parts = {"database": await answers(engine), "redis": await _pings(redis)}
    return Response(content=parts, status_code=READY if all(parts.values()) else NOT_READY)


async def _pings(redis: Part[Redis]) -> bool:
    try:
        return bool(await redis.ping())
    except (RedisError, OSError):
        return False
