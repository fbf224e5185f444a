import os
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from apps.embedded_pg import postmaster
from apps.embedded_pg.account import account_for
from apps.embedded_pg.errors import ClusterError
from apps.embedded_pg.layout import Layout


def test_a_socket_that_accepts_and_says_nothing_is_no_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postmaster, "ANSWER_WITHIN", 0.05)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / ".s.PGSQL.5432"))
        assert not postmaster.answers(tmp_path)  # bound, but refuses
        listener.listen()
        assert not postmaster.answers(tmp_path)


def test_a_socket_folder_that_somebody_laid_there_is_refused(place: Path) -> None:
    account = account_for(place / "home")
    (place / "open").mkdir(mode=0o755)
    (place / "private").mkdir(mode=0o700)
    (place / "link").symlink_to(place / "private")
    os.chown(place / "private", account.uid, account.gid)
    postmaster._make_socket_folder(place / "private", account)
    postmaster._make_socket_folder(place / "new", account)
    for name in ("open", "link"):
        with pytest.raises(ClusterError, match="is not private"):
            postmaster._make_socket_folder(place / name, account)


def test_a_long_log_is_begun_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postmaster, "LARGEST_LOG", 10)
    log = tmp_path / "server.log"
    postmaster._rotate(log)
    log.write_text("short")
    postmaster._rotate(log)
    assert log.exists()
    log.write_text("longer than ten")
    postmaster._rotate(log)
    assert not log.exists()
    assert (tmp_path / "server.log.1").read_text() == "longer than ten"


def test_the_pid_file_is_read_whole_or_not(tmp_path: Path) -> None:
    layout = Layout(tmp_path)
    layout.data.mkdir()
    assert postmaster.read_pid_file(layout) is None
    lines = ["17", "/data", "1700000000", "5432", "/tmp/知 识", "", "12 34", "ready   "]
    layout.pid_file.write_text("\n".join(lines[:7]) + "\n")
    assert postmaster.read_pid_file(layout) is None
    layout.pid_file.write_text("\n".join(lines) + "\n")
    assert postmaster.read_pid_file(layout) == postmaster.PidFile(17, Path("/tmp/知 识"), "ready")


def test_only_a_postgres_that_works_there_counts(place: Path) -> None:
    program = place / "postgres"
    program.symlink_to("/bin/sleep")
    with (
        subprocess.Popen([program, "60"], cwd=place) as named_so,
        subprocess.Popen(["/bin/sleep", "60"], cwd=place) as another,
    ):
        wait_until(lambda: Path(f"/proc/{another.pid}/comm").read_text() == "sleep\n")
        wait_until(lambda: Path(f"/proc/{named_so.pid}/comm").read_text() == "postgres\n")
        assert postmaster.works_in(named_so.pid, place)
        assert not postmaster.works_in(named_so.pid, Path("/"))
        assert not postmaster.works_in(another.pid, place)
        assert list(postmaster.workers(place)) == [named_so.pid]
        named_so.kill()
        another.kill()
    assert not postmaster.works_in(named_so.pid, place)


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.005)
