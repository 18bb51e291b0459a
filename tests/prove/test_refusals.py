"""The page of refusals says what the source says."""

from __future__ import annotations

import pytest

from app.audio.errors import RefusalCode
from app.liveset.errors import RefusalCode as SetRefusalCode
from tests.prove.refusals import PAGE, codes, codes_of_sets, page

pytestmark = pytest.mark.sqlite_only


def test_the_page_is_current() -> None:
    """Written again, it would be the same."""
    assert PAGE.read_text("utf-8") == page(), "run: python -m tests.prove.refusals"


def test_every_code_of_a_file_has_its_sentence() -> None:
    """No reason is without words."""
    assert codes() == {code.value for code in RefusalCode}
    assert codes_of_sets() == {code.value for code in SetRefusalCode}
