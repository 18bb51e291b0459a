"""In the confined child: many files in a row, each put into the one open file by the parent.

The child may open nothing, so that the parent writes each file into the same inode, and then
sets the inode's time to the file's number: that is how the child learns of it.
"""

from __future__ import annotations

import gzip
import os
import resource
import time
import xml.etree.ElementTree as ET
from typing import TYPE_CHECKING, Any

import soundfile

from app.analyses import measuring, set_document  # noqa: F401 - what the child could not import any more
from app.audio import engine
from app.audio.decode import open_audio
from app.audio.errors import AudioRefused, Limits, RefusalCode
from app.audio.meters import Meters
from app.audio.model import encode
from app.liveset import document, sets  # noqa: F401 - as above
from app.liveset.errors import LiveSetRefused
from app.liveset.errors import RefusalCode as SetRefusalCode

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.kernel.isolate import Emit

LOOK_EVERY_S = 0.0002
FIRST_TIME_NS = 1_000_000_000


def decode_many(emit: Emit, descriptor: int, *, names: list[str], limits: dict[str, Any], way: str) -> None:
    """Take files as they come; say of each how it ended and how much memory that took at most."""
    measure = WAYS[way]
    for number, name in enumerate(names):
        while os.fstat(descriptor).st_mtime_ns != time_of(number):
            time.sleep(LOOK_EVERY_S)
        os.lseek(descriptor, 0, os.SEEK_SET)
        emit({"kind": "outcome", **_outcome(measure, descriptor, name, Limits(**limits)), "peak_bytes": _peak_bytes()})


def time_of(number: int) -> int:
    """Return the inode's time, in nanoseconds, that stands for a file."""
    return FIRST_TIME_NS * (number + 1)


def _outcome(
    measure: Callable[[int, str, Limits], float], descriptor: int, name: str, limits: Limits
) -> dict[str, Any]:
    try:
        return {"outcome": "measured", "code": "", "duration_s": measure(descriptor, name, limits)}
    except (AudioRefused, LiveSetRefused) as refusal:
        return {"outcome": "refused" if refusal.reason else "broken", "code": refusal.code, "duration_s": 0.0}
    except Exception as error:  # noqa: BLE001 - whatever else leaves the engine is what is looked for
        return {"outcome": "broken", "code": f"{type(error).__name__}: {error}"[:200], "duration_s": 0.0}


def _gate_and_meters(descriptor: int, name: str, limits: Limits) -> float:
    """Decode as the engine does, with every meter that needs no network."""
    with open_audio(descriptor, name=name, limits=limits) as decoder:
        meters = Meters(decoder.sample_rate_hz, decoder.channels, models=False)
        for block in decoder.blocks():
            meters.add(block)
        meters.finish()
        return decoder.duration_s


def _whole_engine(descriptor: int, name: str, limits: Limits) -> float:
    """Measure everything, and write the report as the product does."""
    report = engine.analyse(descriptor, name=name, limits=limits)
    encode(report)
    return report.file.duration_s


def _believing(descriptor: int, _: str, __: Limits) -> float:
    """Mutant: take the header's word and read the whole file into memory."""
    try:
        with soundfile.SoundFile(descriptor, closefd=False) as source:
            samples = source.read(source.frames, dtype="float64", always_2d=True)
            return float(len(samples) / source.samplerate)
    except soundfile.LibsndfileError as error:
        raise AudioRefused(RefusalCode.UNREADABLE, "It cannot be read.") from error


def _live_set(descriptor: int, name: str, _: Limits) -> float:
    """Read a set as the product does."""
    said: list[dict[str, Any]] = []
    measuring.read_set(said.append, descriptor, name=name, sha256="0" * 64)
    if said[-1]["kind"] == "refused":
        raise LiveSetRefused(SetRefusalCode(said[-1]["code"]), said[-1]["reason"])
    return 0.0


def _believing_set(descriptor: int, _: str, __: Limits) -> float:
    """Mutant: unpack everything and build the whole tree."""
    try:
        with gzip.open(os.fdopen(os.dup(descriptor), "rb")) as packed:
            ET.fromstring(packed.read())  # noqa: S314 - as above
    except (OSError, EOFError, ET.ParseError) as error:
        raise LiveSetRefused(SetRefusalCode.UNREADABLE, "It cannot be read.") from error
    return 0.0


def _peak_bytes() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


WAYS: dict[str, Callable[[int, str, Limits], float]] = {
    "gate": _gate_and_meters,
    "engine": _whole_engine,
    "believing": _believing,
    "set": _live_set,
    "believing set": _believing_set,
}
