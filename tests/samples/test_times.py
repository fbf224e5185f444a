"""Moments in the forms of the legacy systems."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from apps.samples import times

MOMENT = times.START + 3 * times.HOUR + 4 * times.MINUTE + 5 * times.SECOND + 67


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        (times.day, "2025-09-01"),
        (times.seconds, "2025-09-01 03:04:05"),
        (times.micros, "2025-09-01 03:04:05.000067"),
        (times.short, "2025-09-01 03:04:05.000067"),
        (times.naive, "2025-09-01T03:04:05.000067"),
        (times.local, "2025-09-01T11:04:05.000067"),
        (times.aware, "2025-09-01T03:04:05.000067+00:00"),
        (times.doubled, "2025-09-01T03:04:05.000067+00:00Z"),
        (times.epoch, 1756695845),
        (times.epoch_ms, 1756695845000),
    ],
)
def test_forms(form: Callable[[int], object], expected: object) -> None:
    assert form(MOMENT) == expected


def test_a_zero_fraction_is_left_out_where_the_form_says_so() -> None:
    assert times.short(MOMENT - 67) == "2025-09-01 03:04:05"
    assert times.aware(MOMENT - 67) == "2025-09-01T03:04:05+00:00"
    assert times.micros(MOMENT - 67) == "2025-09-01 03:04:05.000000"


@pytest.mark.parametrize("moment", [0, times.DAY - 1, times.START, times.START + times.SPAN])
def test_forms_agree_with_the_standard_library(moment: int) -> None:
    whole = datetime.fromtimestamp(moment // times.SECOND, UTC).replace(microsecond=moment % times.SECOND)

    assert datetime.fromisoformat(times.aware(moment)) == whole
