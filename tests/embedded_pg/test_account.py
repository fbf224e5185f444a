"""Root lends the server an account and opens no more than the way to it; others serve themselves."""

import os
import pwd
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from apps.embedded_pg import account as module
from apps.embedded_pg.account import Account, account_for, open_path, open_programs
from apps.embedded_pg.cluster import Cluster
from apps.embedded_pg.errors import ClusterError
from apps.embedded_pg.postmaster import State, observe

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can be somebody else")
NOBODY = pwd.getpwnam("nobody")


def as_nobody(act: Callable[[], str]) -> str:
    """What a function returns, or the message of its ClusterError, in a child that is user nobody."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        os.setgroups([])
        os.setgid(NOBODY.pw_gid)
        os.setuid(NOBODY.pw_uid)
        try:
            answer = act()
        except ClusterError as error:
            answer = str(error)
        os.write(write, answer.encode())
        os._exit(0)
    os.close(write)
    with os.fdopen(read) as file:
        answer = file.read()
    assert os.waitpid(child, 0)[1] == 0
    return answer


@pytest.fixture
def stopped() -> Iterator[list[Cluster]]:
    """Clusters to stop at the end."""
    clusters: list[Cluster] = []
    yield clusters
    for cluster in clusters:
        cluster.leave()
        cluster.stop()


@needs_root
def test_root_passes_a_private_folder_and_opens_only_the_way(place: Path, stopped: list[Cluster]) -> None:
    private = place / "private"
    private.mkdir(mode=0o700)
    (private / "secret").touch(mode=0o600)
    cluster = Cluster(private / "data" / "pg")
    stopped.append(cluster)
    cluster.ensure()
    assert stat.S_IMODE(private.stat().st_mode) == 0o701
    assert stat.S_IMODE((private / "secret").stat().st_mode) == 0o600
    assert stat.S_IMODE((private / "data" / "pg").stat().st_mode) == 0o700
    assert (private / "data" / "pg").stat().st_uid not in (0,)
    assert (private / "data").stat().st_uid == 0


@needs_root
def test_an_empty_folder_of_root_is_handed_over_and_another_is_not(
    place: Path, stopped: list[Cluster]
) -> None:
    (place / "empty").mkdir(mode=0o755)
    cluster = Cluster(place / "empty")
    stopped.append(cluster)
    cluster.ensure()
    assert stat.S_IMODE((place / "empty").stat().st_mode) == 0o700
    assert (place / "empty").stat().st_uid != 0
    (place / "full").mkdir(mode=0o755)
    (place / "full" / "letter").touch()
    with pytest.raises(ClusterError, match="belongs to root and is not empty"):
        Cluster(place / "full").ensure()
    assert (place / "full").stat().st_uid == 0


@needs_root
def test_root_in_the_folder_of_a_user_serves_that_user(place: Path, stopped: list[Cluster]) -> None:
    os.chown(place, NOBODY.pw_uid, NOBODY.pw_gid)
    cluster = Cluster(place / "data" / "pg")
    stopped.append(cluster)
    cluster.ensure()
    owners = {path.stat().st_uid for path in (place / "data", place / "data" / "pg", cluster.layout.users)}
    assert owners == {NOBODY.pw_uid}
    assert as_nobody(lambda: str(Cluster(place / "data" / "pg").ensure())) == str(place / "data" / "pg")


@needs_root
def test_a_normal_user_serves_itself(place: Path) -> None:
    os.chown(place, NOBODY.pw_uid, NOBODY.pw_gid)

    def use() -> str:
        cluster = Cluster(place / "pg")
        cluster.ensure()
        before = observe(cluster.layout)
        cluster.leave()
        return f"{before.name} {observe(cluster.layout).name}"

    assert as_nobody(use) == f"{State.READY.name} {State.STOPPED.name}"


@needs_root
def test_a_normal_user_is_kept_out_of_another_ones_data(place: Path) -> None:
    (place / "pg").mkdir(mode=0o755)
    reason = as_nobody(lambda: str(Cluster(place / "pg").ensure()))
    assert "belongs to another user (root)" in reason
    assert "EMBEDDED_PG_DATA" in reason


@needs_root
def test_a_folder_that_cannot_be_made_is_named(place: Path) -> None:
    reason = as_nobody(lambda: str(Cluster(place / "pg").ensure()))
    assert reason.startswith(f"{place}/pg cannot be made (Permission denied)")


@needs_root
def test_root_without_a_powerless_account_says_so(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "POWERLESS", ())
    with pytest.raises(ClusterError, match="does not run as root"):
        account_for(place / "pg")


@needs_root
def test_programs_hidden_by_a_strict_umask_are_opened(place: Path) -> None:
    folder = place / "bin"
    folder.mkdir(mode=0o700)
    for name, mode in (("program", 0o700), ("text", 0o600)):
        (folder / name).touch()
        (folder / name).chmod(mode)
    open_programs(folder)
    assert [stat.S_IMODE(path.stat().st_mode) for path in (folder, folder / "program", folder / "text")] == [
        0o705,
        0o705,
        0o604,
    ]


@needs_root
def test_a_folder_of_a_third_is_not_opened(place: Path) -> None:
    os.chown(place, NOBODY.pw_uid, NOBODY.pw_gid)
    place.chmod(0o700)
    with pytest.raises(ClusterError, match=r"User stranger, .* cannot enter .*: allow it"):
        open_path(place / "pg", Account("stranger", 54321, 54321))


def test_passing_is_judged_by_owner_group_and_others(tmp_path: Path) -> None:
    found = tmp_path.stat()
    owner = Account("owner", found.st_uid, 54321)
    group = Account("group", 54321, found.st_gid)
    other = Account("other", 54321, 54321)
    allowed = {}
    for mode in (0o700, 0o710, 0o711, 0o011):
        tmp_path.chmod(mode)
        permissions = tmp_path.stat()
        allowed[mode] = [account.may_pass(permissions) for account in (owner, group, other)]
    tmp_path.chmod(0o700)
    assert allowed == {
        0o700: [True, False, False],
        0o710: [True, True, False],
        0o711: [True, True, True],
        0o011: [False, True, True],
    }
