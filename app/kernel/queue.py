"""The one way to Redis: arq's client, which is redis-py's with a queue."""

from __future__ import annotations

import msgspec
from arq import ArqRedis
from redis.asyncio import ConnectionPool

QUEUE = "tracksensei"
CONNECT_TIMEOUT_S = 2.0

# Jobs are JSON: arq's own default is pickle, which runs what it reads.
encode = msgspec.json.encode
decode = msgspec.json.decode


def connect(url: str) -> ArqRedis:
    """Return a client that connects when it is first asked."""
    pool = ConnectionPool.from_url(url, socket_connect_timeout=CONNECT_TIMEOUT_S)
    return ArqRedis(
        pool,
        job_serializer=encode,
        job_deserializer=decode,
        default_queue_name=QUEUE,
    )
