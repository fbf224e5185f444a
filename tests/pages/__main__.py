"""Builds the large database, times every kind of page, and prints the table.

The budget of a page is 300 ms on the server, 12 questions to the database and 200 KiB; the median list takes 50 ms
at most. The database is one of its own beside the configured one. It is dropped at the end, unless ``--keep``
keeps it for the next time with ``--keep``.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import django

ROUNDS = 5
MILLISECONDS, QUESTIONS, BYTES, MEDIAN = 300, 12, 200 * 1024, 50
EDITOR = {"is_staff": True, "is_superuser": True}
AROUND = ("SAVEPOINT", "RELEASE", "ROLLBACK", "BEGIN", "SELECT set_config")


@dataclass(frozen=True)
class Timing:
    """A page's median and largest milliseconds, its questions to the database and its bytes."""

    name: str
    kind: str
    median: float
    most: float
    questions: int
    size: int

    @property
    def fits(self) -> bool:
        """Whether the page keeps the budget."""
        return self.median <= MILLISECONDS and self.questions <= QUESTIONS and self.size <= BYTES

    def line(self) -> str:
        """Return the page's line of the table."""
        mark = "" if self.fits else "  over budget"
        return f"{self.name:<44}{self.median:>8.0f}{self.most:>8.0f}{self.questions:>6}{self.size / 1024:>8.0f}{mark}"


def pages() -> Iterator[tuple[str, str, str]]:
    """Yield each page's name, kind and address."""
    from apps.core.inspection.paging import Sort
    from apps.tutoring.models import ChatMessage
    from tests.pages.fill import key

    chat, nodes = "/admin/tutoring/chatmessage/", "/admin/knowledge/knowledgenode/"
    middle = ChatMessage.objects.order_by("created_at")[ChatMessage.objects.count() // 2]
    place = Sort(ChatMessage, ChatMessage._meta.get_field("created_at"), True).encode(middle)
    yield "home", "home", "/admin/"
    yield "messages, newest", "list", chat
    yield "messages, from the middle", "list", f"{chat}?_older={place}"
    yield "messages, oldest", "list", f"{chat}?_last=1"
    yield "concepts", "list", nodes
    yield "relations", "list", "/admin/knowledge/noderelation/"
    yield "people", "list", "/admin/learners/user/"
    yield "filter: role", "filter", f"{chat}?role=USER"
    yield "filter: role and model", "filter", f"{chat}?role=USER&model_name=gpt-4"
    yield "filter: a month", "filter", f"{chat}?_period=2025-02"
    yield "filter: a person", "filter", f"{chat}?user={middle.user_id}"
    yield "filter: a session", "filter", f"{chat}?session_id={middle.session_id}"
    yield "filter: a value in JSON", "filter", f'{chat}?actions__contains=[{{"minutes":7}}]'
    yield "filter: a value in JSON, nowhere", "filter", f'{chat}?actions__contains=[{{"minutes":999}}]'
    yield "filter: a keyword of a concept", "filter", f'{nodes}?keywords__contains=["key7"]'
    yield "search: a rare piece", "search", f"{chat}?q=1c9f08a7"
    yield "search: 登录失败, in a sixth of the rows", "search", f"{chat}?q=登录失败"
    yield "search: gradient descent", "search", f"{chat}?q=gradient descent"
    yield "search: nowhere", "search", f"{chat}?q=无处可寻"
    yield "search: 登录, a role, a month", "search", f"{chat}?q=登录&role=USER&_period=2025-02"
    yield "a message", "row", f"{chat}{middle.pk}/change/"
    yield "a concept with its neighbours", "row", f"{nodes}{key(7)}/change/"
    yield "a person", "row", f"/admin/learners/user/{middle.user_id}/change/"
    yield "a conversation", "row", f"{chat}session/{middle.session_id}/"
    yield "a conversation of 5,000 messages", "row", f"{chat}session/{key(0, 'a000')}/"
    yield "what the messages' columns hold", "row", f"{chat}columns/"
    yield "the map of the concepts", "map", f"{nodes}map/"
    yield "Django's own: messages", "stock", "/stock/tutoring/chatmessage/"
    yield "Django's own: a search", "stock", "/stock/tutoring/chatmessage/?q=1c9f08a7"
    yield "Django's own: a message", "stock", f"/stock/tutoring/chatmessage/{middle.pk}/change/"
    yield "Django's own: concepts", "stock", "/stock/knowledge/knowledgenode/"


def time_page(client: Any, name: str, kind: str, url: str) -> Timing:
    """Ask for a page several times, the first time to warm up."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    taken: list[float] = []
    for _ in range(ROUNDS + 1):
        start = time.perf_counter()
        with CaptureQueriesContext(connection) as captured:
            answer = client.get(url)
        taken.append((time.perf_counter() - start) * 1000)
        if answer.status_code != 200:
            raise SystemExit(f"{url} answered {answer.status_code}")
    asked = sum(not str(query["sql"]).startswith(AROUND) for query in captured)
    return Timing(name, kind, statistics.median(taken[1:]), max(taken[1:]), asked, len(answer.content))


def measure() -> list[Timing]:
    """Time every page as the person who may look at everything; Django's own as one who may edit."""
    from django.contrib.auth import get_user_model
    from django.test import Client

    from apps.core.login import viewer

    looking, editing = Client(), Client()
    looking.force_login(viewer())
    editing.force_login(get_user_model().objects.get_or_create(username="editor", defaults=EDITOR)[0])
    return [time_page(editing if page[1] == "stock" else looking, *page) for page in pages()]


def report(found: list[Timing]) -> int:
    """Print the table; 1 if a page of ours is over the budget."""
    ours = [timing for timing in found if timing.kind != "stock"]
    lists = statistics.median(timing.median for timing in ours if timing.kind == "list")
    lines = [
        f"{'page':<44}{'median':>8}{'most':>8}{'asks':>6}{'KiB':>8}",
        *(timing.line() for timing in found),
    ]
    lines.append(f"median list {lists:.0f} ms of {MEDIAN}; load of the machine {os.getloadavg()[0]:.1f}")
    sys.stdout.write("\n".join(lines) + "\n")
    return int(lists > MEDIAN or not all(timing.fits for timing in ours))


def main() -> int:
    """Build, measure, and drop what is not to be kept."""
    parser = argparse.ArgumentParser(prog="python -m tests.pages", description=__doc__)
    parser.add_argument("--messages", type=int, default=1_000_000)
    parser.add_argument("--nodes", type=int, default=50_000)
    parser.add_argument("--keep", action="store_true", help="keep the database, and use it where it is kept")
    chosen = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    from django.conf import settings
    from django.core.management import call_command

    from tests import clone
    from tests.pages.fill import Size, fill

    settings.ROOT_URLCONF, settings.SECURE_SSL_REDIRECT = "tests.pages.urls", False
    settings.ALLOWED_HOSTS = [*settings.ALLOWED_HOSTS, "testserver"]
    name = f"pages_{chosen.messages}_{chosen.nodes}"
    with clone.kept(name) as found:
        if found and chosen.keep:
            call_command("migrate", verbosity=0)
            call_command("search_index", "build", verbosity=0)
            return report(measure())
    with clone.database(keep_as=name if chosen.keep else None):
        start = time.monotonic()
        fill(Size(chosen.messages, chosen.nodes))
        sys.stdout.write(
            f"{chosen.messages:,} messages, {chosen.nodes:,} concepts: {time.monotonic() - start:.0f} s\n"
        )
        return report(measure())


if __name__ == "__main__":
    sys.exit(main())
