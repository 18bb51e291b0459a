"""The words of an analysis's card, state by state."""

from __future__ import annotations

import pytest

from app.analyses.rules import Analysis, FileState, State
from app.analyses.views import card_of
from tests.unit.views.made import ANALYSIS_ID, EVERY_STATE, NOW, STEPS, ago, analysis, upload


def said(item: Analysis) -> str:
    """Return the words of a card as they are read."""
    card = card_of(item, NOW)
    return card.word + card.sentence


def test_an_upload_shows_what_the_server_counted() -> None:
    """Bytes, speed and time left come from the received bytes."""
    file = upload(state=FileState.RECEIVING, received_bytes=24_100_000, started_at=ago(10))
    item = analysis(State.RECEIVING, file)
    assert said(item) == "Uploading, 24.1 MB of 48.2 MB at 2.4 MB/s, 10 s to go"
    assert card_of(item, NOW).percent == 50


def test_an_upload_counts_both_files() -> None:
    """The mix and its Live set are one upload to the eye."""
    files = (upload(received_bytes=48_200_000), upload("Night Bus.als", received_bytes=0, started_at=None))
    assert card_of(analysis(State.RECEIVING, *files), NOW).percent == 50


def test_an_upload_without_a_byte_promises_no_speed() -> None:
    """Nothing is guessed before the first byte."""
    item = analysis(State.RECEIVING, upload(received_bytes=0, started_at=None))
    assert said(item) == "Ready for 48.2 MB; nothing has arrived yet."


def test_only_an_expected_file_has_an_address() -> None:
    """Addresses to send to are offered while files are expected."""
    both = card_of(analysis(State.RECEIVING, upload(), upload("Night Bus.als")), NOW)
    assert both.upload_bounce == f"/analyses/{ANALYSIS_ID}/files/bounce"
    assert both.upload_set == f"/analyses/{ANALYSIS_ID}/files/live_set"
    assert not card_of(analysis(State.QUEUED), NOW).upload_bounce


def test_a_second_attempt_is_named() -> None:
    """A run that was interrupted says so."""
    assert said(analysis(State.QUEUED, attempts=1)) == "Waiting for attempt 2; the one before was interrupted."
    assert said(analysis(State.RUNNING, attempts=2)) == "Measuring, 18 s so far, attempt 2"


def test_steps_show_their_first_figure_or_how_far_they_are() -> None:
    """A finished step has its result, the running one its part."""
    steps = card_of(analysis(State.RUNNING, steps=STEPS), NOW).steps
    assert [(step.label, step.style, step.figure) for step in steps] == [
        ("Decode", "done", "5:42"),
        ("Loudness", "done", "−7.8 LUFS"),
        ("Rhythm", "now", "51 %"),
        ("Key", "", ""),
    ]


def test_done_says_after_how_long_the_upload_was_deleted() -> None:
    """The time runs from the first byte to the deletion."""
    assert said(analysis(State.DONE, upload(state=FileState.DELETED))) == "Done. The upload was deleted after 41 s."
    assert said(analysis(State.DONE, upload(state=FileState.DELETING))) == "Done. The upload is being deleted."


def test_a_failure_of_ours_names_the_deadline_and_offers_a_retry() -> None:
    """The file waits until its deadline, and the buttons come with it."""
    item = analysis(State.FAILED, failure_sentence="Measuring took longer than it may.", can_retry=True)
    assert said(item) == (
        "Stopped. Measuring took longer than it may. The file is kept until 24 Nov, 13:41 UTC, for a retry."
    )
    assert [action.verb for action in card_of(item, NOW).actions] == ["retry", "delete"]


def test_a_refusal_offers_no_retry() -> None:
    """What would be refused again can only be taken off the list."""
    item = analysis(State.FAILED, upload(state=FileState.DELETED), failure_sentence="It has 16 channels.")
    assert said(item) == "Not measured. It has 16 channels. The upload is deleted."
    assert [action.verb for action in card_of(item, NOW).actions] == ["delete"]


@pytest.mark.parametrize("item", EVERY_STATE, ids=lambda item: item.state.value)
def test_every_state_has_words_and_pending_ones_a_way_to_stop(item: Analysis) -> None:
    """No card is silent; whatever is pending can be cancelled."""
    card = card_of(item, NOW)
    assert card.word
    assert card.is_pending == ("cancel" in [action.verb for action in card.actions])
