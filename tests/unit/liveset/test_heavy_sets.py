"""Files that are large on purpose, each read by a process of its own with little memory."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from typing import TYPE_CHECKING

import pytest

from tests.unit.liveset.test_hostile import HEAD, TAIL

if TYPE_CHECKING:
    from pathlib import Path

HEAVY = {
    "20 million elements": "b'<a/>' * 20_000_000",
    "6 million skipped elements": "b'<a><b/></a>' * 3_000_000",
    "a million points": 'ENVELOPE + b\'<FloatEvent Time="1" Value="2"/>\' * 1_000_000 + ENVELOPE_END',
    "2 million notes": 'NOTES + b\'<MidiNoteEvent Time="1" Duration="1"/>\' * 2_000_000 + NOTES_END',
    "the most that is read": (
        "b'<a>' + b'<b/>' * 4_100_000 + b'</a>'"
        ' + ENVELOPE + b\'<FloatEvent Time="1" Value="2"/>\' * 745_000 + ENVELOPE_END'
    ),
    "attributes of 3 MiB": "(b'<a b=\"' + b'x' * (3 << 20) + b'\"/>') * 40",
    "an open tag of 100 MiB": "b'<' + b'a' * (100 << 20)",
    "text of 200 MiB": "b'<a>' + b'0123456789ABCDEF' * (200 << 16) + b'</a>'",
}


@pytest.mark.parametrize("what", HEAVY)
def test_a_heavy_set_stays_in_its_budget(what: str, tmp_path: Path) -> None:
    """Refused or read with less than 512 MiB and 10 s of computing beyond making the file."""
    path = tmp_path / "heavy.als"
    making = f"""
        import sys
        EVENTS = b"<Tracks><MidiTrack><AutomationEnvelopes><Envelopes><AutomationEnvelope><Automation><Events>"
        ENVELOPE = EVENTS
        ENVELOPE_END = b"".join(b"</" + tag[1:] for tag in reversed(EVENTS.replace(b"><", b">|<").split(b"|")))
        NOTES = b"<Tracks><MidiTrack><DeviceChain><MainSequencer><ClipTimeable><ArrangerAutomation><Events><MidiClip>"
        NOTES += b"<Notes><KeyTracks><KeyTrack><Notes>"
        NOTES_END = b"".join(b"</" + tag[1:] for tag in reversed(NOTES.replace(b"><", b">|<").split(b"|")))
        open(sys.argv[1], "wb").write({HEAD!r} + {HEAVY[what]} + {TAIL!r})
    """
    subprocess.run([sys.executable, "-c", textwrap.dedent(making), str(path)], check=True, timeout=60)
    reading = """
        import resource, sys, time
        from pathlib import Path
        resource.setrlimit(resource.RLIMIT_AS, (512 << 20, 512 << 20))
        from app.liveset.errors import LiveSetRefused
        from app.liveset.sets import read_live_set
        began = time.process_time()
        try:
            read_live_set(Path(sys.argv[1]))
        except LiveSetRefused as refused:
            assert refused.code in ("too_complex", "too_large", "unreadable"), refused
        print(time.process_time() - began)
    """
    command = [sys.executable, "-c", textwrap.dedent(reading), str(path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=100, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    assert float(done.stdout) < 10
