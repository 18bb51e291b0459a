"""What only the decoder can tell is refused by the child, for good, on the card."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.making.files import boastful_wav, long_silence_flac, low_rate_wav, many_channels_wav, truncated_wav
from tests.making.people import member
from tests.making.policy import with_analyses
from tests.making.traces import analysis_row, uploads_in, used_by
from tests.services.waiting import eventually

if TYPE_CHECKING:
    import subprocess

    from app.settings import Settings
    from tests.services.site import Site

REFUSED = (
    ("header.wav", truncated_wav, "unreadable", "cut off or damaged"),
    ("twenty hours.flac", long_silence_flac, "too_long", "longer than 15 minutes"),
    ("sixteen.wav", many_channels_wav, "too_many_channels", "16 channels"),
    ("slow.wav", low_rate_wav, "sample_rate_too_low", "4000 samples a second"),
)


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Let one account upload all of it."""
    return with_analyses(settings)


async def test_the_child_refuses_what_cannot_be_measured(live_site: Site, worker: subprocess.Popen[bytes]) -> None:
    """Each is failed for good with its reason, its file is gone and nothing is counted."""
    async with member(live_site) as person:
        sent = [(await person.upload(name, make()), code, words) for name, make, code, words in REFUSED]
        for analysis_id, code, words in sent:
            card = await person.until(analysis_id, "failed", "done")
            row = await analysis_row(analysis_id)
            assert (row["state"], row["failure_code"]) == ("failed", code)
            assert row["is_permanent"]
            assert row["attempts"] == 1
            assert words in card
            assert "The upload is deleted." in card
            assert "Try again" not in card
            retried = await person.client.post(f"/analyses/{analysis_id}/retry", headers=person.headers)
            assert retried.status_code == 409
        await eventually(lambda: not uploads_in(live_site.settings))
        assert await used_by(person.email) == 0
        assert '"level": "error"' not in (live_site.settings.data_dir / "worker.log").read_text()


async def test_a_header_that_claims_four_gigabytes_is_measured_as_what_is_there(
    live_site: Site, worker: subprocess.Popen[bytes]
) -> None:
    """The report holds the true length and a note on the claim."""
    async with member(live_site) as person:
        analysis_id = await person.upload("boastful.wav", boastful_wav())
        await person.until(analysis_id, "done", "failed")
        document = (await person.client.get(f"/analyses/{analysis_id}/report.json")).json()
        assert document["file"]["duration_s"] == pytest.approx(3.0, abs=0.01)
        assert "shorter_than_claimed" in [note["code"] for note in document["notes"]]
        page = await person.client.get(f"/analyses/{analysis_id}")
        assert "what is there was measured" in page.text
        await eventually(lambda: not uploads_in(live_site.settings))
        assert await used_by(person.email) == 1
