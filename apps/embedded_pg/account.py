"""Whose name the server runs under: PostgreSQL refuses to run as root.

As a normal user: that user. As root: the owner of the folder when that is somebody else, otherwise an account
without rights, and the folders above are made passable for it (``o+x``: nobody can list them, only pass).
"""

import logging
import os
import pwd
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from apps.embedded_pg.errors import ClusterError

logger = logging.getLogger(__name__)

POWERLESS = ("postgres", "nobody")
"""Accounts that root lends the server, in order of preference."""


@dataclass(frozen=True)
class Account:
    """A user of the machine."""

    name: str
    uid: int
    gid: int

    @property
    def is_me(self) -> bool:
        return self.uid == os.geteuid()

    def popen_options(self) -> dict[str, Any]:
        """What subprocess needs to run a program as this user."""
        if self.is_me:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def may_pass(self, folder: os.stat_result) -> bool:
        """Whether this user can go through a folder with these permissions."""
        if folder.st_uid == self.uid:
            return bool(folder.st_mode & stat.S_IXUSR)
        if folder.st_gid == self.gid:
            return bool(folder.st_mode & stat.S_IXGRP)
        return bool(folder.st_mode & stat.S_IXOTH)


def account_for(home: Path) -> Account:
    """The account that serves a home folder, which need not exist yet."""
    uid = os.geteuid()
    if uid == 0:
        return _lent_by_root(home)
    if home.exists() and home.stat().st_uid != uid:
        raise ClusterError(
            f"{home} belongs to another user ({_name(home.stat().st_uid)}): run the command as that user or "
            "as root, or set EMBEDDED_PG_DATA to a folder of your own."
        )
    account = _by_uid(uid)
    if account is None:
        raise ClusterError(
            f"The embedded PostgreSQL cannot run as user id {uid}, which has no name on this machine: "
            "add the user, or set DATABASE_URL to a PostgreSQL of your own."
        )
    return account


def open_path(path: Path, account: Account) -> None:
    """Make a folder and every one above it passable for the account; only root's own folders are changed."""
    opened = []
    for folder in reversed((path, *path.parents)):
        permissions = folder.stat()
        if account.may_pass(permissions):
            continue
        if permissions.st_uid != os.geteuid():
            raise ClusterError(
                f"User {account.name}, who runs the embedded PostgreSQL, cannot enter {folder}: allow it "
                f"(chmod o+x), or set EMBEDDED_PG_DATA to another folder."
            )
        folder.chmod(stat.S_IMODE(permissions.st_mode) | stat.S_IXOTH)
        opened.append(str(folder))
    if opened:
        names = ", ".join(opened)
        logger.warning("User %s, who runs PostgreSQL, may now pass (o+x) through: %s", account.name, names)


def open_programs(root: Path) -> None:
    """Let everybody read and run the programs under a folder (a strict umask at installation hides them)."""
    for folder, _, files in os.walk(root):
        _add(Path(folder), stat.S_IROTH | stat.S_IXOTH)
        for name in files:
            program = Path(folder) / name
            executable = program.stat().st_mode & stat.S_IXUSR
            _add(program, stat.S_IROTH | (stat.S_IXOTH if executable else 0))


def _add(path: Path, bits: int) -> None:
    path.chmod(stat.S_IMODE(path.stat().st_mode) | bits)


def _lent_by_root(home: Path) -> Account:
    nearest = next(folder for folder in (home, *home.parents) if folder.exists())
    owner = nearest.stat().st_uid
    if owner != 0 and (account := _by_uid(owner)):
        return account
    for name in POWERLESS:
        try:
            return _account(pwd.getpwnam(name))
        except KeyError:
            continue
    raise ClusterError(
        "PostgreSQL does not run as root, and this machine has neither a user postgres nor nobody: "
        "add one, run the command as a normal user, or set DATABASE_URL."
    )


def _by_uid(uid: int) -> Account | None:
    try:
        return _account(pwd.getpwuid(uid))
    except KeyError:
        return None


def _account(entry: pwd.struct_passwd) -> Account:
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)


def _name(uid: int) -> str:
    account = _by_uid(uid)
    return account.name if account else f"user id {uid}"
