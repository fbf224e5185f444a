"""Lists: honest counts, filters that read no table, chips, columns, sorting and searching."""

import datetime
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from apps.collection.models import RawDocument
from apps.core.inspection import counts, describe
from apps.core.inspection.counts import Count, capped, profile, total
from apps.core.inspection.filters import bounds
from apps.core.inspection.keys import list_url, row_url
from apps.knowledge.models import KnowledgeNode, NodeRelation, Subject
from apps.learners.models import User
from apps.planning.models import Task
from apps.tutoring.models import ChatMessage, MessageRole
from tests.watchers import queries_at_most

pytestmark = pytest.mark.django_db
MARCH = datetime.datetime(2025, 3, 1, tzinfo=datetime.UTC)


def analyze(table: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f'ANALYZE "{table}"')


def test_counts_say_how_they_are_known(make: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(4):
        make(Subject)
    monkeypatch.setattr(counts, "EXACT", 3)
    assert str(capped(Subject.objects.all(), 3)) == "more than 3"
    assert str(capped(Subject.objects.all(), 4)) == "4"
    assert str(total(Subject, 1_234_567)) == "about 1,234,567"
    assert total(Subject, -1) == Count(4)


def test_never_analyzed_tables_are_counted(ruling: Client, make: Callable[..., Any]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE subjects CASCADE")  # with what an earlier test had analysed
    make(Subject)
    assert str(ruling.get(list_url(Subject)).context["cl"].count) == "1"


def test_a_profile_reads_statistics(make: Callable[..., Any]) -> None:
    user = make(User)
    for n in range(30):
        make(
            ChatMessage, user=user, role=MessageRole.USER if n % 3 else MessageRole.ASSISTANT, model_name=None
        )
    assert profile("chat_messages", ["role"]).values == {}
    analyze("chat_messages")
    found = profile("chat_messages", ["role", "model_name"])
    assert found.rows == 30
    assert {(value.text, value.rows) for value in found.values["role"]} == {("USER", 20), ("ASSISTANT", 10)}
    assert found.nulls["model_name"] == 1.0


def test_filters_list_values_with_their_counts(ruling: Client, make: Callable[..., Any]) -> None:
    for n in range(20):
        make(RawDocument, language="zh" if n % 4 else "en")
    analyze("raw_documents")
    page = ruling.get(list_url(RawDocument))
    [spec] = [spec for spec in page.context["cl"].filter_specs if spec.field.name == "language"]
    choices = list(spec.choices(page.context["cl"]))
    lines = {choice["display"]: (choice["count"], choice["query_string"]) for choice in choices}
    assert lines["zh"] == ("≈ 15", "?language=zh")
    chosen = ruling.get(list_url(RawDocument), {"language": "en"}).context["cl"]
    assert chosen.count == Count(5)


def test_empty_values_can_be_chosen(ruling: Client, make: Callable[..., Any]) -> None:
    make(KnowledgeNode, source_type=None)
    make(KnowledgeNode, source_type="seed")
    chosen = ruling.get(list_url(KnowledgeNode), {"source_type__isnull": "1"}).context["cl"]
    assert [
        row.source_type for row in KnowledgeNode.objects.filter(pk__in=[r.pk for r in chosen.result_list])
    ] == [None]


def test_months_are_grouped_by_year(ruling: Client, make: Callable[..., Any]) -> None:
    user = make(User)
    for month in (1, 3, 12):
        make(ChatMessage, user=user, created_at=MARCH.replace(month=month))
    make(ChatMessage, user=user, created_at=MARCH.replace(year=2024, month=12, day=31, hour=23, minute=59))
    page = ruling.get(list_url(ChatMessage)).context["cl"]
    assert [c["display"] for c in page.filter_specs[0].choices(page)] == ["All", "2025", "2024"]
    page = ruling.get(list_url(ChatMessage), {"_period": "2025-03"}).context["cl"]
    shown = [choice["display"] for choice in page.filter_specs[0].choices(page)]
    assert shown == ["All", "2025", *(f"2025-{month:02d}" for month in range(1, 13)), "2024"]
    assert page.count == Count(1)
    assert ruling.get(list_url(ChatMessage), {"_period": "2025"}).context["cl"].count == Count(3)


@pytest.mark.parametrize("period", ["x", "2025-13", "0", "10000", "2025-1-1"])
def test_a_wrong_period_leads_back_to_the_list(ruling: Client, make: Callable[..., Any], period: str) -> None:
    make(ChatMessage)
    assert ruling.get(list_url(ChatMessage), {"_period": period})["Location"].endswith("?e=1")


@pytest.mark.parametrize(
    ("period", "start", "end"),
    [
        ("2025", (2025, 1), (2026, 1)),
        ("2025-12", (2025, 12), (2026, 1)),
        ("2024-02", (2024, 2), (2024, 3)),
        ("9999", (9999, 1), None),
        ("9999-12", (9999, 12), None),
        ("0001-01", (1, 1), (1, 2)),
    ],
)
def test_bounds_of_periods(period: str, start: tuple[int, int], end: tuple[int, int] | None) -> None:
    def first(month: tuple[int, int]) -> datetime.datetime:
        return datetime.datetime(*month, 1, tzinfo=datetime.UTC)

    assert bounds(period) == (first(start), first(end) if end else None)


def test_active_filters_are_chips_that_can_be_taken_away(ruling: Client, make: Callable[..., Any]) -> None:
    user = make(User)
    make(ChatMessage, user=user)
    page = ruling.get(list_url(ChatMessage), {"q": "傅里叶", "role": "USER", "user": user.pk}).context["cl"]
    assert [(chip.name, chip.value) for chip in page.chips] == [
        ("Search", "傅里叶"),
        ("Role", "User"),
        ("User", str(user.pk)),
    ]
    query = {"model_name__isnull": "1", "parse_degraded": "False", "task__isnull": "0"}
    chips = {(chip.name, chip.value) for chip in ruling.get(list_url(ChatMessage), query).context["cl"].chips}
    assert chips == {("Model name", "(null)"), ("Parse degraded", "No"), ("Task", "(not null)")}
    assert page.count == Count(1)
    assert "role" not in page.chips[1].without
    assert f"user={user.pk}" in page.chips[1].without


def test_a_click_on_a_cell_filters_by_it(ruling: Client, make: Callable[..., Any]) -> None:
    node, other = make(KnowledgeNode), make(KnowledgeNode)
    make(NodeRelation, source_node=node, target_node=other, relation_type="related")
    make(NodeRelation, source_node=other, target_node=node, relation_type="contains")
    text = ruling.get(list_url(NodeRelation), {"relation_type": "related"}).content.decode()
    assert f'href="?relation_type=related&amp;source_node={node.pk}"' in text
    found = ruling.get(list_url(NodeRelation), {"relation_type": "related", "source_node": node.pk}).context[
        "cl"
    ]
    assert found.count == Count(1)


def test_references_show_the_parents_label_without_a_query_each(
    ruling: Client, make: Callable[..., Any]
) -> None:
    for n in range(20):
        make(
            NodeRelation,
            source_node=make(KnowledgeNode, name=f"源 {n}"),
            target_node=make(KnowledgeNode, name=f"目标 {n}"),
        )
    with queries_at_most():
        text = ruling.get(list_url(NodeRelation)).content.decode()
    assert text.count("源 ") == 20
    assert text.count("目标 ") == 20


def test_a_list_reads_no_vector_and_no_more_of_a_text_than_it_shows(
    ruling: Client, make: Callable[..., Any]
) -> None:
    make(KnowledgeNode, embedding=[0.5] * 1536, description="长" * 100_000)
    with CaptureSQL() as queries:
        page = ruling.get(list_url(KnowledgeNode))
    assert len(page.content) < 60_000
    assert not any('"knowledge_nodes"."embedding"' in sql for sql in queries.found)
    assert any('LEFT("knowledge_nodes"."description", 240)' in sql for sql in queries.found)


class CaptureSQL:
    """The statements that were run inside it."""

    def __enter__(self) -> "CaptureSQL":
        from django.test.utils import CaptureQueriesContext

        self.context = CaptureQueriesContext(connection)
        self.context.__enter__()
        return self

    def __exit__(self, *error: Any) -> None:
        self.context.__exit__(*error)
        self.found = [query["sql"] for query in self.context.captured_queries]


def test_a_row_page_has_no_select_of_another_table(ruling: Client, make: Callable[..., Any]) -> None:
    User.objects.bulk_create(
        [User(username=f"u{n}", email=f"u{n}@x", hashed_password="!") for n in range(2000)]
    )
    message = make(ChatMessage)
    page = ruling.get(row_url(ChatMessage, message.pk))
    assert len(page.content) < 60_000
    assert b"<select" not in page.content
    assert b"<option" not in page.content


def test_every_reference_is_reachable_in_both_directions(ruling: Client, make: Callable[..., Any]) -> None:
    user = make(User)
    message = make(ChatMessage, user=user)
    assert row_url(User, user.pk) in ruling.get(row_url(ChatMessage, message.pk)).content.decode()
    back = ruling.get(row_url(User, user.pk))
    [incoming] = [item for item in back.context["incoming"] if item.title == "Chat messages"]
    assert str(incoming.count) == "1"
    assert ruling.get(incoming.link).context["cl"].count == Count(1)


def test_neighbours_follow_the_list(ruling: Client, make: Callable[..., Any]) -> None:
    user = make(User)
    rows = [make(ChatMessage, user=user, created_at=MARCH + datetime.timedelta(days=n)) for n in range(3)]
    page = ruling.get(row_url(ChatMessage, rows[1].pk)).context["neighbours"]
    assert (page.before, page.after) == (row_url(ChatMessage, rows[2].pk), row_url(ChatMessage, rows[0].pk))
    assert ruling.get(row_url(ChatMessage, rows[2].pk)).context["neighbours"].before is None


def test_a_row_that_is_not_there_leads_home(ruling: Client) -> None:
    for key in ("00000000-0000-0000-0000-000000000000", "no-uuid", "_"):
        assert ruling.get(f"/admin/tutoring/chatmessage/{key}/change/")["Location"] == "/admin/"


def test_small_tables_sort_by_any_column_and_large_ones_by_indexed_ones(
    ruling: Client, make: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    for n in range(3):
        make(Task, title=f"{n}")
    analyze("tasks")
    page = ruling.get(list_url(Task))
    position = [getattr(column, "__name__", "") for column in page.context["cl"].list_display].index("title")
    up = [row.pk for row in ruling.get(list_url(Task), {"o": str(position)}).context["cl"].result_list]
    down = [row.pk for row in ruling.get(list_url(Task), {"o": f"-{position}"}).context["cl"].result_list]
    assert [Task.objects.get(pk=pk).title for pk in up] == ["0", "1", "2"]
    assert down == up[::-1]
    monkeypatch.setattr("apps.core.inspection.base.EXACT", 2)
    assert b"o=" not in ruling.get(list_url(Task)).content.split(b"column-title")[1].split(b"</th>")[0]


@pytest.mark.parametrize(
    ("model", "order"),
    [
        (ChatMessage, ("-created_at", "-pk")),
        (KnowledgeNode, ("pk",)),
        (Subject, ("-pk",)),
    ],
)
def test_orders_are_indexed(model: Any, order: tuple[str, ...]) -> None:
    assert describe.ordering(model) == order


def test_searching_a_small_table(ruling: Client, make: Callable[..., Any]) -> None:
    node = make(KnowledgeNode, name="傅里叶变换", name_en="Fourier transform", description="100% of_it")
    make(KnowledgeNode, name="拉普拉斯", name_en="Laplace")

    def found(query: str) -> list[Any]:
        return [row.pk for row in ruling.get(list_url(KnowledgeNode), {"q": query}).context["cl"].result_list]

    assert found("里叶") == found("fourier") == found("100% of_") == found(str(node.pk)) == [node.pk]
    assert found("of%it") == found("<script>") == []
    assert "<mark>里叶</mark>" not in ruling.get(list_url(KnowledgeNode)).content.decode()
