"""Making the data folder of an embedded PostgreSQL: whole, or not at all."""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from apps.embedded_pg.account import Account, open_path, open_programs
from apps.embedded_pg.errors import ClusterError
from apps.embedded_pg.layout import Layout, binary, program_folders
from apps.embedded_pg.postmaster import run_as

ROLE = "rehome"
DATABASE = "rehome"
UNFINISHED = "unfinished-"
"""Prefix of a data folder that is being made."""
LEAST_BUFFERS, MOST_BUFFERS = 128, 2048
"""Bounds of ``shared_buffers``, in MB: a search in a graph of vectors takes twice the time where it does not fit."""
CONTAINER_MEMORY = Path("/sys/fs/cgroup/memory.max")
DEFAULTS = {
    "maintenance_work_mem": "512MB",  # an HNSW index takes twice the time with 256 MB
    "max_wal_size": "2GB",
    "timezone": "UTC",
    "log_timezone": "UTC",
}
"""Written to postgresql.conf once; ALTER SYSTEM or an editor may change them."""


def prepare(layout: Layout, account: Account) -> None:
    """Make the home folder, and see that the account reaches it and the programs."""
    if not layout.home.exists():
        _make_folder(layout.home, account)
    if account.is_me:
        return
    if layout.home.stat().st_uid == 0:
        _hand_over(layout.home, account)
    for folder in program_folders():
        if not folder.stat().st_mode & 0o001:
            open_programs(folder)
        open_path(folder, account)
    open_path(layout.home, account)


def create(layout: Layout, account: Account, gate: int) -> None:
    """Make the data folder with the project's database in it, unless it is there.

    It is made under another name and renamed, so that a kill leaves nothing half done. ``gate`` is the
    descriptor of the held gate: the programs inherit it, so that nobody passes while one of them lives.
    """
    if layout.data.exists():
        return
    for leftover in layout.home.glob(f"{UNFINISHED}*"):
        shutil.rmtree(leftover)
    folder = Path(tempfile.mkdtemp(prefix=UNFINISHED, dir=layout.home))
    os.chown(folder, account.uid, account.gid)
    options: dict[str, object] = {"cwd": layout.home, "pass_fds": (gate,), "stdin": subprocess.DEVNULL}
    try:
        run_as(account, initdb(folder), capture_output=True, **options)
        options.pop("stdin")
        statement = f"CREATE DATABASE {DATABASE}\n".encode()
        run_as(account, single_user(folder), capture_output=True, input=statement, **options)
    except subprocess.CalledProcessError as error:
        shutil.rmtree(folder, ignore_errors=True)
        raise ClusterError(
            f"The embedded PostgreSQL cannot be made in {layout.home}: {_reason(error)}"
        ) from None
    folder.rename(layout.data)


def initdb(folder: Path) -> list[str | Path]:
    """Command that makes a data folder: the same order of text on every machine, no network, no password."""
    defaults = {**DEFAULTS, "shared_buffers": f"{buffers(memory())}MB"}
    settings = [word for name, value in defaults.items() for word in ("-c", f"{name}={value}")]
    locale = ["--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    return [binary("initdb"), "-D", folder, "-U", ROLE, "--auth=trust", *locale, *settings]


def buffers(memory: int) -> int:
    """MB of ``shared_buffers`` for so many bytes of memory: a quarter, as PostgreSQL's manual has it, within bounds."""
    return min(max(memory // 4 // 2**20, LEAST_BUFFERS), MOST_BUFFERS)


def memory() -> int:
    """Bytes of memory that this machine has, or this container may use."""
    found = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    try:
        return min(found, int(CONTAINER_MEMORY.read_text()))
    except (OSError, ValueError):  # no container, or one that may use all
        return found


def single_user(folder: Path) -> list[str | Path]:
    """Command that runs statements from its standard input without a server."""
    return [binary("postgres"), "--single", "-D", folder, "postgres"]


def _make_folder(home: Path, account: Account) -> None:
    """Make the home private to the account, and the folders above it as their own parents are."""
    try:
        for folder in reversed([path for path in home.parents if not path.exists()]):
            folder.mkdir(exist_ok=True)
            parent = folder.parent.stat()
            os.chown(folder, parent.st_uid if os.geteuid() == 0 else -1, -1)
        home.mkdir(mode=0o700, exist_ok=True)
        os.chown(home, account.uid, account.gid)
    except OSError as error:
        raise ClusterError(
            f"{home} cannot be made ({error.strerror}): set EMBEDDED_PG_DATA to a folder that can, or set "
            "DATABASE_URL to a PostgreSQL of your own."
        ) from None
    (home / ".gitignore").write_text("*\n")


def _hand_over(home: Path, account: Account) -> None:
    """Give a folder that root made for this purpose to the account; one with something in it is not touched."""
    if any(home.iterdir()):
        raise ClusterError(
            f"{home} belongs to root and is not empty: set EMBEDDED_PG_DATA to an empty folder, or one to be made."
        )
    os.chown(home, account.uid, account.gid)
    home.chmod(0o700)


def _reason(error: subprocess.CalledProcessError) -> str:
    lines = (error.stderr or error.stdout or b"").decode(errors="replace").strip().splitlines()
    telling = [line for line in lines if "error" in line.lower() or "FATAL" in line] or lines[-1:]
    return telling[0] if telling else f"{Path(str(error.cmd[0])).name} ended with {error.returncode}"
