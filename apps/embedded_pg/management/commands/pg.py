"""``manage.py pg``: look at the embedded PostgreSQL, keep it running, stop it."""

import argparse
import subprocess
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.embedded_pg import cluster, locks, postmaster
from apps.embedded_pg.backend.client import DatabaseClient
from apps.embedded_pg.creation import DATABASE, ROLE

HERE = {"NAME": DATABASE, "USER": ROLE, "OPTIONS": {}}
"""The project's database on the embedded server, as Django describes one."""


class Command(BaseCommand):
    help = "Look at the embedded PostgreSQL, keep it running, stop it, or open psql on it."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True, parser_class=argparse.ArgumentParser)
        actions.add_parser("status", help="whether it runs, where, and which processes use it")
        actions.add_parser("start", help="start it and let it run until `pg stop`")
        stop = actions.add_parser("stop", help="stop it")
        stop.add_argument("--force", action="store_true", help="also while other processes use it")
        psql = actions.add_parser("psql", help="open psql; what follows -- goes to it")
        psql.add_argument("arguments", nargs="*")
        log = actions.add_parser("log", help="the end of its log")
        log.add_argument("--lines", type=int, default=40)

    def handle(self, *args: Any, action: str, **options: Any) -> None:
        self.cluster = cluster.current()
        self.layout = self.cluster.layout
        getattr(self, action)(**options)

    def status(self, **options: Any) -> None:
        state = postmaster.observe(self.layout)
        note = postmaster.read_pid_file(self.layout)
        self.stdout.write(f"state   {state.value}")
        self.stdout.write(f"data    {self.layout.data}")
        if note and state is not postmaster.State.STOPPED:
            self.stdout.write(f"socket  {note.socket_folder}")
            self.stdout.write(f"pid     {note.pid}")
        self.stdout.write(f"users   {', '.join(map(str, self._users())) or 'none'}")
        self.stdout.write(f"kept    {'yes, until pg stop' if self.layout.keep.exists() else 'no'}")
        if not settings.EMBEDDED:
            self.stdout.write("DATABASE_URL is set: the project uses that server, not this one.")

    def start(self, **options: Any) -> None:
        self.cluster.keep_running()
        self.stdout.write(f"PostgreSQL runs in {self.layout.home} until `manage.py pg stop`.")

    def stop(self, *, force: bool, **options: Any) -> None:
        users = self._users()
        if users and not force:
            raise CommandError(
                f"Processes use it: {', '.join(map(str, users))}. End them first, or add --force: they lose "
                "their connections, and start it again when they connect."
            )
        self.cluster.stop()
        self.stdout.write("PostgreSQL is stopped.")

    def psql(self, *, arguments: list[str], **options: Any) -> None:
        command, _ = DatabaseClient.settings_to_cmd_args_env(HERE, arguments)
        code = subprocess.run(command, check=False).returncode
        if code:
            raise CommandError(f"psql ended with {code}.", returncode=code)

    def log(self, *, lines: int, **options: Any) -> None:
        if not self.layout.log.exists():
            raise CommandError(f"There is no log yet: the server has never run in {self.layout.home}.")
        text = self.layout.log.read_text(errors="replace").splitlines()
        self.stdout.write("\n".join(text[-lines:]))

    def _users(self) -> list[int]:
        return sorted(locks.holders(self.layout.users))
