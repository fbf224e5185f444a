"""The benchmark's pages on a database that is small enough for every test run: how much they ask and send."""

from typing import Any

import pytest

from tests.pages.__main__ import BYTES, QUESTIONS, measure
from tests.pages.fill import Size, fill


@pytest.mark.slow
def test_every_page_keeps_its_questions_and_its_size(transactional_db: None, settings: Any) -> None:
    settings.ROOT_URLCONF = "tests.pages.urls"
    fill(Size(2_000, 60))
    found = [timing for timing in measure() if timing.kind != "stock"]
    assert len(found) > 20
    for timing in found:
        assert timing.questions <= QUESTIONS, timing
        assert timing.size <= BYTES, timing
