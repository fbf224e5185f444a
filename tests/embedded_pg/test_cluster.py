"""Who starts, shares and stops the server, with real processes and real kills."""

import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import psycopg2
import pytest

from apps.embedded_pg import cluster as module
from apps.embedded_pg import locks, postmaster
from apps.embedded_pg.account import account_for
from apps.embedded_pg.cluster import Cluster
from apps.embedded_pg.errors import ClusterError
from apps.embedded_pg.layout import Layout
from apps.embedded_pg.postmaster import State, observe, read_pid_file, workers
from tests.embedded_pg.conftest import Processes, finish


@contextmanager
def served(home: Path) -> Iterator[Cluster]:
    """Be a user of a cluster for a while."""
    cluster = Cluster(home)
    cluster.ensure()
    try:
        yield cluster
    finally:
        cluster.leave()


def query(cluster: Cluster, *statements: str) -> Any:
    """Run statements on the server of a cluster; the first value of the last one."""
    connection = psycopg2.connect(host=str(cluster.ensure()), user="rehome", dbname="rehome")
    with closing(connection), connection.cursor() as cursor:
        connection.autocommit = True
        for statement in statements:
            cursor.execute(statement)
        return cursor.fetchone()[0] if cursor.description else None


def refusal(cluster: Cluster) -> str:
    """Why a cluster cannot be used."""
    with pytest.raises(ClusterError) as caught:
        cluster.ensure()
    return str(caught.value)


@contextmanager
def changed(file: Path, text: str) -> Iterator[None]:
    """Let a file of the cluster have another content for a while."""
    before = file.read_text()
    file.write_text(text)
    try:
        yield
    finally:
        file.write_text(before)


def server_pid(home: Path) -> int:
    note = read_pid_file(Layout(home))
    assert note is not None
    return note.pid


def is_stopped(home: Path) -> bool:
    layout = Layout(home)
    deadline = time.monotonic() + 5
    while (
        list(workers(layout.data)) and time.monotonic() < deadline
    ):  # it drops its lock just before it is gone
        time.sleep(0.002)
    return (
        observe(layout) is State.STOPPED and not layout.pid_file.exists() and not list(workers(layout.data))
    )


# --- what is made ---------------------------------------------------------------------------------------


def test_a_fresh_cluster_is_utf8_sorted_alike_everywhere_and_reached_by_socket_only(home: Path) -> None:
    with served(home) as cluster:
        facts = (
            "SELECT concat_ws(' ', pg_encoding_to_char(encoding), datlocprovider, datlocale)"
            " FROM pg_database WHERE datname = 'rehome'"
        )
        assert query(cluster, facts) == "UTF8 b C.UTF-8"
        assert query(cluster, "SELECT 'ÀÉ' ILIKE 'àé'") is True
        assert query(cluster, "SHOW listen_addresses") == ""
        assert query(cluster, "SHOW fsync") == "on"
        assert query(cluster, "SHOW dynamic_shared_memory_type") == "mmap"
        assert query(cluster, "SHOW timezone") == "UTC"


def test_it_has_vectors_with_hnsw(home: Path) -> None:
    with served(home) as cluster:
        nearest = query(
            cluster,
            "CREATE EXTENSION vector",
            "CREATE TEMP TABLE t (v vector(3))",
            "INSERT INTO t VALUES ('[1,0,0]'), ('[0,1,0]')",
            "CREATE INDEX ON t USING hnsw (v vector_cosine_ops)",
            "SELECT v::text FROM t ORDER BY v <=> '[0,2,0.1]' LIMIT 1",
        )
        assert nearest == "[0,1,0]"


def test_nobody_else_may_enter_its_folder(home: Path) -> None:
    with served(home):
        assert stat.S_IMODE(home.stat().st_mode) == 0o700
        assert (home / ".gitignore").read_text() == "*\n"


# --- shared by processes --------------------------------------------------------------------------------


def test_the_last_user_stops_it(home: Path, processes: Processes) -> None:
    first, second = processes.user(home), processes.user(home)
    pid = server_pid(home)
    assert finish(first) == ""
    assert observe(Layout(home)) is State.READY
    assert server_pid(home) == pid
    assert finish(second) == ""
    assert is_stopped(home)


def test_eight_at_once_on_a_fresh_folder_make_one_cluster(place: Path, processes: Processes) -> None:
    home = place / "home"
    users = [
        processes.python("from tests.embedded_pg.conftest import USER; exec(USER)", home) for _ in range(8)
    ]
    folders = {user.stdout.readline() for user in users}  # type: ignore[union-attr]
    assert folders == {f"{home}\n"}
    assert len({server_pid(home)}) == 1
    assert [finish(user) for user in users] == [""] * 8
    assert is_stopped(home)
    assert {path.name for path in home.iterdir()} == {
        ".gitignore",
        "cluster",
        "gate.lock",
        "server.lock",
        "server.log",
        "users.lock",
    }


def test_many_short_users_leave_nothing(home: Path, processes: Processes) -> None:
    code = "import sys; from pathlib import Path; from apps.embedded_pg.cluster import Cluster\n"
    code += "for _ in range(4): c = Cluster(Path(sys.argv[1])); c.ensure(); c.leave()"
    users = [processes.python(code, home) for _ in range(4)]
    assert [finish(user) for user in users] == [""] * 4
    assert is_stopped(home)


def test_a_forked_child_is_a_user_of_its_own(home: Path) -> None:
    with served(home) as cluster:
        read, write = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(write)
            cluster.ensure()
            os.read(read, 1)
            os._exit(0 if cluster.is_alive() else 1)
        while locks.holders(cluster.layout.users) != {os.getpid(), child}:
            time.sleep(0.01)
    assert observe(Layout(home)) is State.READY
    os.close(write)
    assert os.waitpid(child, 0)[1] == 0


def test_it_runs_on_when_kept(home: Path, processes: Processes) -> None:
    with served(home) as cluster:
        cluster.keep_running()
    assert observe(Layout(home)) is State.READY
    finish(processes.user(home))
    assert observe(Layout(home)) is State.READY
    Cluster(home).stop()
    assert is_stopped(home)


# --- killed ---------------------------------------------------------------------------------------------


def test_a_killed_user_is_forgotten(home: Path, processes: Processes) -> None:
    user = processes.user(home)
    user.send_signal(signal.SIGKILL)
    user.wait()
    assert observe(Layout(home)) is State.READY
    pid = server_pid(home)
    with served(home):
        assert server_pid(home) == pid
    assert is_stopped(home)


def test_a_killed_server_is_started_anew_with_all_that_was_committed(home: Path) -> None:
    with served(home) as cluster:
        query(cluster, "CREATE TABLE kept (n int)", "INSERT INTO kept VALUES (7)")
        os.kill(server_pid(home), signal.SIGKILL)
        cluster.revive()
        assert query(cluster, "TABLE kept") == 7
        query(cluster, "DROP TABLE kept")
    assert is_stopped(home)


def test_a_session_that_outlives_its_killed_server_is_ended(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postmaster, "END_WITHIN", 0.2)
    with served(home) as cluster:
        connection = psycopg2.connect(host=str(cluster.ensure()), user="rehome", dbname="rehome")
        with closing(connection), connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            (backend,) = cursor.fetchone()
            os.kill(backend, signal.SIGSTOP)
            os.kill(server_pid(home), signal.SIGKILL)
            cluster.revive()
            assert backend not in list(workers(cluster.layout.data))
        assert query(cluster, "SELECT 1") == 1


def test_a_kill_while_it_is_made_leaves_nothing_half_done(place: Path, processes: Processes) -> None:
    home = place / "home"
    maker = processes.python("from tests.embedded_pg.conftest import USER; exec(USER)", home)
    deadline = time.monotonic() + 30
    while not list(home.glob("unfinished-*/global")) and time.monotonic() < deadline:
        time.sleep(0.002)
    maker.kill()
    assert not (home / "cluster").exists()
    with served(home) as cluster:
        assert query(cluster, "SELECT 1") == 1
        assert not list(home.glob("unfinished-*"))


# --- what a crash or a reboot leaves --------------------------------------------------------------------


def test_a_stale_pid_that_is_now_another_process_is_left_alone(home: Path, processes: Processes) -> None:
    bystander = processes.python("import sys; sys.stdin.read()")
    lines = [str(bystander.pid), str(home / "cluster"), "1", "5432", str(home), "", "1 1", "ready"]
    (home / "cluster" / "postmaster.pid").write_text("\n".join(lines) + "\n")
    (home / ".s.PGSQL.5432.lock").write_text(f"{bystander.pid}\n")
    with served(home) as cluster:
        assert query(cluster, "SELECT 1") == 1
    assert bystander.poll() is None


@pytest.mark.parametrize("text", ["", "12", "nonsense\n", "999999\n/nowhere\n"])
def test_a_cut_pid_file_does_not_matter(home: Path, text: str) -> None:
    (home / "cluster" / "postmaster.pid").write_text(text)
    with served(home) as cluster:
        assert query(cluster, "SELECT 1") == 1


def test_a_zombie_is_no_server(home: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as zombie:
        while Path(f"/proc/{zombie.pid}/stat").read_text().split()[2] != "Z":
            time.sleep(0.01)
        lines = [str(zombie.pid), str(home / "cluster"), "1", "5432", str(home), "", "1 1", "ready"]
        (home / "cluster" / "postmaster.pid").write_text("\n".join(lines) + "\n")
        with served(home) as cluster:
            assert query(cluster, "SELECT 1") == 1


def test_a_server_whose_pid_file_is_lost_is_replaced(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(module.PATIENCE, State.UNKNOWN, 0.1)
    with served(home) as cluster:
        before = server_pid(home)
        cluster.layout.pid_file.unlink()
        cluster.revive()
        assert server_pid(home) != before
        assert query(cluster, "SELECT 1") == 1


def test_a_server_that_does_not_answer_is_told_of(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(module.PATIENCE, State.SILENT, 0.1)
    monkeypatch.setattr(postmaster, "ANSWER_WITHIN", 0.1)
    with served(home) as cluster:
        pid = server_pid(home)
        os.kill(pid, signal.SIGSTOP)
        try:
            with pytest.raises(ClusterError, match="does not answer"):
                cluster.revive()
        finally:
            os.kill(pid, signal.SIGCONT)


def test_why_it_does_not_start_is_said_in_a_sentence(home: Path) -> None:
    cluster = Cluster(home)
    with changed(home / "cluster" / "postgresql.conf", "shared_buffers = much\n"):
        reason = refusal(cluster)
    assert "does not start: " in reason
    assert "shared_buffers" in reason
    assert reason.endswith(f"(its log: {home}/server.log).")
    assert locks.holders(cluster.layout.users) == set()


def test_data_of_another_version_is_told_of(home: Path) -> None:
    with changed(home / "cluster" / "PG_VERSION", "16\n"):
        reason = refusal(Cluster(home))
    assert "made by PostgreSQL 16" in reason
    assert "delete the folder to begin anew" in reason


def test_a_disk_that_fails_is_told_in_a_sentence(place: Path) -> None:
    (place / "file").touch()
    assert "cannot be made (Not a directory)" in refusal(Cluster(place / "file" / "home"))
    (place / "home").mkdir()
    (place / "home" / "gate.lock").mkdir()
    os.chown(place / "home", account_for(place).uid, -1)
    assert "cannot be used ([Errno 21] Is a directory" in refusal(Cluster(place / "home"))


# --- where it lies --------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["two words % 100%25 $HOME `x` 'q\"", "知识 库", "a,b", "d" * 200])
def test_any_path_will_do(home: Path, place: Path, name: str) -> None:
    folder = place / name
    folder.mkdir()
    there = home.rename(folder / "home")
    try:
        with served(there) as cluster:
            assert query(cluster, "SHOW data_directory") == str(there / "cluster")
            socket_folder = cluster.ensure()
        assert is_stopped(there)
        assert socket_folder == there or not socket_folder.exists()
    finally:
        there.rename(home)


def test_a_home_is_made_with_all_folders_above_it(place: Path) -> None:
    home = place / "a" / "b c" / "home"
    with served(home) as cluster:
        assert query(cluster, "SELECT 1") == 1
    assert (place / "a").stat().st_uid == os.geteuid()
