"""What encodes and decodes AAC beside an analysis, where this machine can hold it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.audio import aac
from app.kernel.confine import MIB, Limits
from app.kernel.programs import Programs, can_run

if TYPE_CHECKING:
    from app.policy import AnalysisPolicy


def encoders(ffmpeg: str, policy: AnalysisPolicy) -> Programs | None:
    """Return the programs in a row; none without an ffmpeg or without every layer that holds it."""
    if not ffmpeg or not can_run():
        return None
    limits = Limits(address_space_bytes=policy.encoder_address_space_mib * MIB, cpu_s=policy.encoder_cpu_seconds)
    return Programs(aac.commands(ffmpeg), limits)
