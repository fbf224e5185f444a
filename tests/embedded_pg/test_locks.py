import os
from pathlib import Path

from apps.embedded_pg import locks


def test_shared_by_many_or_held_by_one(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    first, second = locks.open_file(path), locks.open_file(path)
    locks.take_shared(first)
    locks.take_shared(second)
    assert not locks.take_exclusive(first)
    os.close(second)
    assert locks.take_exclusive(first)
    assert locks.is_held(path)
    os.close(first)
    assert not locks.is_held(path)


def test_a_file_that_is_not_there_is_not_held(tmp_path: Path) -> None:
    assert not locks.is_held(tmp_path / "lock")
    assert locks.holders(tmp_path / "lock") == set()
    assert not (tmp_path / "lock").exists()


def test_held_alone_until_the_end_of_the_block(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with locks.exclusive(path):
        assert locks.is_held(path)
        assert locks.holders(path) == {os.getpid()}
    assert not locks.is_held(path)


def test_a_child_that_inherits_the_descriptor_holds_it_too(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    read, write = os.pipe()
    with locks.exclusive(path):
        child = os.fork()
        if child == 0:
            os.close(write)
            os.read(read, 1)
            os._exit(0)
    assert locks.is_held(path)
    os.close(write)
    os.waitpid(child, 0)
    os.close(read)
    assert not locks.is_held(path)
