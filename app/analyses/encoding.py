"""What encodes and decodes AAC and Opus beside an analysis, where this machine can hold it."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from app.audio.ffmpeg import ENCODINGS, commands, exchanges
from app.kernel.confine import MIB, Limits
from app.kernel.programs import Programs, can_run, running
from app.policy import Policy
from app.settings import find_ffmpeg

if TYPE_CHECKING:
    from collections.abc import Iterator

    from app.audio.ffmpeg import Through
    from app.policy import AnalysisPolicy


def encoders(ffmpeg: str, policy: AnalysisPolicy) -> Programs | None:
    """Return a row of programs for each codec; none without an ffmpeg or without every layer that holds it."""
    if not ffmpeg or not can_run():
        return None
    limits = Limits(address_space_bytes=policy.encoder_address_space_mib * MIB, cpu_s=policy.encoder_cpu_seconds)
    return Programs(tuple(commands(ffmpeg, codec) for codec in ENCODINGS), limits)


@contextmanager
def lent_encoders() -> Iterator[dict[str, Through]]:
    """Lend exchanges with this machine's ffmpeg to a process that measures without a worker; none where it has none."""
    policy = Policy.read().analysis
    programs = encoders(find_ffmpeg(), policy)
    if programs is None:
        yield {}
        return
    with running(programs) as ends, ExitStack() as open_ends:
        lent = exchanges(ends, policy.encoder_seconds)
        for exchange in lent.values():
            open_ends.callback(exchange.close)
        yield lent
