"""The one way to Redis: arq's client, which is redis-py's with a queue."""

from __future__ import annotations

import msgspec
from arq import ArqRedis
from redis.asyncio import ConnectionPool

QUEUE = "tracksensei"
TIMEOUT_S = 2.0
"""A Redis that hangs is a Redis that is away; nothing of a request waits longer for it."""

# Jobs are JSON: arq's own default is pickle, which runs what it reads.
# What a failed job leaves is an exception, which is written as its text and kept by nobody.
encode = msgspec.json.Encoder(enc_hook=str).encode
decode = msgspec.json.decode


def connections(url: str, *, answer_timeout_s: float | None = TIMEOUT_S) -> ConnectionPool:
    """Return a pool that connects when it is first used."""
    return ConnectionPool.from_url(url, socket_connect_timeout=TIMEOUT_S, socket_timeout=answer_timeout_s)


def connect(url: str, *, answer_timeout_s: float | None = TIMEOUT_S) -> ArqRedis:
    """Return a client that connects when it is first asked; a subscription waits without a timeout."""
    return ArqRedis(
        connections(url, answer_timeout_s=answer_timeout_s),
        job_serializer=encode,
        job_deserializer=decode,
        default_queue_name=QUEUE,
    )
