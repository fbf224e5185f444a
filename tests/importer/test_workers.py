"""Worker processes: each task done once, errors handed up, nobody left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg2.errors
import pytest
from django.db import IntegrityError, connection

from apps.importer.source import Refused
from apps.importer.workers import Worker, WorkerLost, Workers

PATIENCE = 20.0


def test_each_task_is_done_by_one() -> None:
    def work(worker: Worker) -> None:
        for number in worker.tasks():
            worker.tell((number, os.getpid()))

    workers = Workers(work, 300)
    for _ in range(3):
        workers.start()
    told = list(workers.told())
    workers.end()
    assert sorted(number for number, _ in told) == list(range(300))
    assert os.getpid() not in {pid for _, pid in told}


def test_one_may_be_started_when_another_is_at_work() -> None:
    def work(worker: Worker) -> None:
        for number in worker.tasks():
            worker.tell(number)
            time.sleep(0.01)

    workers = Workers(work, 20)
    workers.start()
    found = []
    for number in workers.told():
        found.append(number)
        if workers.started < 2:
            workers.start()
    workers.end()
    assert sorted(found) == list(range(20))


class Odd(Exception):
    """An error that cannot be sent."""

    def __init__(self) -> None:
        super().__init__("it is odd")
        self.held = memoryview(b"")


@pytest.mark.parametrize(
    ("error", "kind", "text"),
    [
        (Refused("corrupt", "it is damaged"), Refused, "corrupt: it is damaged"),
        (ValueError("of one kind"), ValueError, "of one kind"),
        (Odd(), RuntimeError, "Odd: it is odd"),
    ],
)
def test_an_error_ends_all(error: Exception, kind: type[Exception], text: str) -> None:
    def work(worker: Worker) -> None:
        for number in worker.tasks():
            if number == 5:
                raise error
            worker.tell(number)

    workers = Workers(work, 10)
    workers.start()
    with pytest.raises(kind) as caught:
        list(workers.told())
    workers.end()
    assert type(caught.value) is kind
    assert str(caught.value) == text


@pytest.mark.django_db(transaction=True)
def test_an_error_of_postgresql_keeps_its_code_and_the_session_is_the_parents() -> None:
    def work(worker: Worker) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            worker.tell(cursor.fetchone()[0])
            cursor.execute("CREATE TEMPORARY TABLE once (n int UNIQUE)")
            cursor.execute("INSERT INTO once VALUES (1), (1)")

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        ours = cursor.fetchone()[0]
    workers = Workers(work, 1)
    workers.start()
    told = workers.told()
    assert next(told) != ours
    with pytest.raises(IntegrityError) as caught:
        next(told)
    workers.end()
    assert isinstance(caught.value.__cause__, psycopg2.errors.UniqueViolation)
    assert caught.value.__cause__.pgcode == "23505"
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        assert cursor.fetchone()[0] == ours


def test_a_killed_one_is_missed() -> None:
    def work(worker: Worker) -> None:
        for number in worker.tasks():
            worker.tell(number)
            os.kill(os.getpid(), signal.SIGKILL)

    workers = Workers(work, 10)
    workers.start()
    with pytest.raises(WorkerLost, match=r"killed by SIGKILL, perhaps for want of memory"):
        list(workers.told())
    workers.end()


def test_who_asks_them_to_end_waits_for_what_they_are_at(tmp_path: Path) -> None:
    done = tmp_path / "done"

    def work(worker: Worker) -> None:
        for number in worker.tasks():
            worker.tell("x" * 100_000)  # more than a pipe holds
            with done.open("a") as file:
                file.write(f"{number}\n")

    workers = Workers(work, 500)
    workers.start()
    workers.start()
    next(workers.told())
    pids = list(workers._living.values())
    workers.end()
    finished = done.read_text().split()
    time.sleep(0.05)
    assert done.read_text().split() == finished
    assert 1 <= len(finished) < 500
    for pid in pids:
        with pytest.raises(ChildProcessError):
            os.waitpid(pid, os.WNOHANG)


INTERRUPTED = """
import os, signal
os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
import django
django.setup()
from apps.importer.workers import Workers

parent = os.getpid()
os.register_at_fork(after_in_parent=lambda: os.kill(parent, signal.SIGINT))
workers = Workers(lambda worker: [worker.tell(number) for number in worker.tasks()], 3)
try:
    workers.start()
except KeyboardInterrupt:
    print("interrupted", workers.started, flush=True)
print(list(workers.told()))
workers.end()
"""


def test_a_signal_within_the_fork_is_not_lost() -> None:
    found = subprocess.run(
        [sys.executable, "-c", INTERRUPTED],
        capture_output=True,
        text=True,
        check=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    assert found.stdout.splitlines() == ["interrupted 1", "[0, 1, 2]"]
    assert found.stderr == ""


PARENT = """
import sys, time
from config import entry
import os
os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
import django
django.setup()
from apps.importer.workers import Workers

def work(worker):
    worker.tell(None)
    time.sleep(600)

workers = Workers(work, 1)
workers.start()
next(workers.told())
print(*workers._living.values(), flush=True)
time.sleep(600)
"""


def test_none_outlives_its_parent() -> None:
    parent = subprocess.Popen([sys.executable, "-c", PARENT], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    worker = int(parent.stdout.readline())
    parent.kill()
    parent.wait()
    parent.stdout.close()
    deadline = time.monotonic() + PATIENCE
    while is_alive(worker) and time.monotonic() < deadline:
        time.sleep(0.005)
    assert not is_alive(worker)


def is_alive(pid: int) -> bool:
    """Whether a process runs, and is not just waiting to be buried."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
