"""A small file of each kind of disturbance; ``make kills`` does them by the hundred."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.kill import forks, material
from tests.kill.content import compare
from tests.kill.ground import FINE, ground
from tests.kill.proxy import Cut
from tests.kill.trials import Tally, Trials

pytestmark = pytest.mark.slow

ROWS, BATCH = 1400, 100


@pytest.fixture(scope="module")
def trials() -> Iterator[Trials]:
    """One small file on a server of its own, imported once undisturbed."""
    with ground() as place:
        path = material.make(place.folder / "files", "sparkle", ROWS)
        found = Trials(place, "sparkle", path, BATCH)
        found.learn()
        yield found


@pytest.fixture
def tally() -> Tally:
    return Tally("test", "sparkle")


def test_the_file_has_what_makes_it_hard(trials: Trials) -> None:
    reasons = " ".join(str(value) for name, value in trials.reference.items() if name.startswith("balance"))
    for reason in ("duplicate_key", "missing_parent", "parent_quarantined", "datetime_invalid"):
        assert reason in reasons
    assert trials.reference["archive notebook"][0] > 0
    assert any("importer_waitingrow" in step for step in trials.steps)
    assert any("importer_runpiece" in step for step in trials.steps)  # the largest table is read in lanes


def test_a_difference_is_seen(trials: Trials, tally: Tally) -> None:
    trials.ground.fresh()
    trials.complete(tally)
    with trials.ground.connect() as cursor:
        one = "(SELECT id FROM chat_messages ORDER BY id LIMIT 1)"
        cursor.execute(f"UPDATE chat_messages SET content = content || '.' WHERE id = {one}")
    names = [line.partition(":")[0] for line in trials.compare()]
    assert names == ["edited chat_messages", 'rows "chat_messages"']
    assert compare({"a": 1}, {"a": 1, "b": 2}) == ["b: None instead of 2"]


@pytest.mark.parametrize("part", [1, 4, 6, 9])
def test_killed_at_a_step(trials: Trials, tally: Tally, part: int) -> None:
    trials.at_step(tally, len(trials.steps) * part // 10 + trials.chance.randrange(20))
    assert (tally.hits, tally.wrong) == (1, [])


def test_killed_again_and_again_at_the_next_step(trials: Trials, tally: Tally) -> None:
    trials.walk(tally, last=5)
    assert (tally.hits, tally.wrong) == (5, [])


def test_a_fork_takes_the_steps_of_a_process_and_dies_at_the_one_it_is_told(
    trials: Trials, tally: Tally
) -> None:
    trials.ground.forks.end()
    for step in (40, 3, 60):
        trials.ground.fresh()
        assert trials.fork_at(step).wait().code == -9
        assert trials.ground.steps() == trials.steps[:step]
    trials.ground.fresh()
    whole = trials.fork_at(0).wait()
    assert whole.code in FINE, whole.errors
    assert [server.forks for server in trials.ground.forks.servers] == [2, 2]
    trials.conclude(tally, "in forks")
    assert tally.wrong == []


def test_the_process_that_forks_has_begun_nothing_and_ends_with_its_ground(trials: Trials) -> None:
    trials.fork_at(1).wait()
    (process, *_) = [server.process for server in trials.ground.forks.servers]
    own = Path(f"/proc/{process.pid}")
    if own.exists():
        assert len(list((own / "task").iterdir())) == 1
        assert sorted(entry.name for entry in (own / "fd").iterdir()) == ["0", "1", "2"]
    trials.ground.forks.end()
    assert process.returncode == 0


def test_a_process_that_forked_often_or_died_is_replaced(
    trials: Trials, monkeypatch: pytest.MonkeyPatch
) -> None:
    trials.ground.fresh()
    trials.ground.forks.end()
    monkeypatch.setattr(forks, "LIFE", 1)
    assert [trials.fork_at(1).wait().code for _ in range(4)] == [-9] * 4
    assert [server.forks for server in trials.ground.forks.servers] == [1, 1]
    monkeypatch.undo()
    for server in trials.ground.forks.servers:
        server.process.kill()
        server.process.wait()
    assert trials.fork_at(1).wait().code == -9


def test_a_fork_that_hangs_is_killed(trials: Trials) -> None:
    trials.ground.fresh()
    fork = trials.fork_at(0)
    with pytest.raises(AssertionError, match="hangs"):
        fork.wait(0.0)
    assert fork.process.returncode == -9


def test_killed_three_times(trials: Trials, tally: Tally) -> None:
    trials.chain(tally)
    assert tally.wrong == []


def test_server_killed(trials: Trials, tally: Tally) -> None:
    trials.without_postmaster(tally, trials.moment())
    assert tally.wrong == []


def test_backend_killed(trials: Trials, tally: Tally) -> None:
    trials.without_backend(tally, trials.moment())
    assert tally.wrong == []


def test_worker_killed(trials: Trials, tally: Tally) -> None:
    trials.without_worker(tally, 0.0)
    assert (tally.hits, tally.wrong) == (1, [])


@pytest.mark.parametrize("when", list(Cut))
def test_cut_at_a_commit(trials: Trials, tally: Tally, when: Cut) -> None:
    trials.cut(tally, 60, when)
    assert (tally.hits, tally.wrong) == (1, [])


def test_two_at_once(trials: Trials, tally: Tally) -> None:
    trials.race(tally, None)
    assert (tally.hits, tally.wrong) == (1, [])


def test_parents_deleted_meanwhile(trials: Trials, tally: Tally) -> None:
    trials.bereaved(tally, 0.6 * trials.seconds, 0.1)
    assert (tally.hits, tally.wrong) == (1, [])


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_asked_to_stop(trials: Trials, tally: Tally, number: int) -> None:
    trials.signalled(tally, number, 0.7 * trials.seconds)
    assert tally.wrong == []


@pytest.mark.parametrize("batch", [7, 100_000])
def test_batches_of_another_size(trials: Trials, tally: Tally, batch: int) -> None:
    trials.in_batches_of(tally, batch)
    assert tally.wrong == []


def test_a_second_import_writes_nothing(trials: Trials, tally: Tally) -> None:
    trials.again(tally, times=2, quick=False)
    assert tally.wrong == []
