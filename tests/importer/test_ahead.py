"""Reading ahead, and the handing over between threads that it rests on."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest

from apps.core.handover import Handover
from apps.importer.ahead import DEPTH, ahead


def test_items_come_in_order() -> None:
    assert list(ahead(iter(range(20)))) == list(range(20))


def test_an_error_comes_up_where_its_item_would() -> None:
    def broken() -> Iterator[int]:
        yield 1
        raise ZeroDivisionError

    items = ahead(broken())
    assert next(items) == 1
    with pytest.raises(ZeroDivisionError):
        next(items)


def test_who_leaves_early_ends_the_thread() -> None:
    before = {*threading.enumerate()}
    endless = ahead(iter(int, 1))
    assert next(endless) == 0
    assert {*threading.enumerate()} - before
    endless.close()
    assert {*threading.enumerate()} <= before


def test_no_more_lie_ready_than_there_is_room_for() -> None:
    made = []

    def items() -> Iterator[int]:
        for number in range(100):
            made.append(number)
            yield number

    reading = ahead(items())
    assert next(reading) == 0
    time.sleep(0.2)
    assert len(made) == 1 + DEPTH + 1  # taken, ready, and the one in the giver's hand
    reading.close()


def test_a_giver_that_finds_nobody_stops() -> None:
    handover: Handover[int] = Handover(1)
    given = []

    def give() -> None:
        for number in range(100):
            handover.put(number)
            given.append(number)

    handover.leave()
    handover.run(give)
    assert given == []
