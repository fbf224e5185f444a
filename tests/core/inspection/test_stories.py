"""Pages that tell how rows hang together: timelines, trails, and the drawing of a graph."""

import datetime
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth.models import AbstractUser, Permission
from django.test import Client

from apps.agents.admin import TRACKS
from apps.agents.models import Task, TaskAudit, TaskDependency, TaskLineage
from apps.core.inspection import trail
from apps.core.inspection.graph import FAR, NEAR, Edge, draw, rings
from apps.core.inspection.keys import row_url
from apps.corpora.models import Chunk, Corpus, Document
from apps.knowledge.models import KnowledgeNode, NodeRelation
from apps.library.models import KbChunk, KbSource
from apps.runs.models import CommitLink
from tests.watchers import queries_at_most

pytestmark = pytest.mark.django_db
NOON = datetime.datetime(2025, 11, 8, 12, tzinfo=datetime.UTC)


def panel(client: Client, row: Any, anchor: str) -> Any:
    with queries_at_most():
        page = client.get(row_url(type(row), row.pk))
    assert page.status_code == 200
    return next((found.context for found in page.context["panels"] if found.anchor == anchor), None)


@pytest.mark.parametrize("track", TRACKS, ids=lambda track: f"{track.model}.{track.row}")
def test_tracks_name_real_fields(track: Any) -> None:
    names = {name for field in track.cls._meta.concrete_fields for name in (field.name, field.attname)}
    assert {track.row, track.time, track.what} | ({track.more} if track.more else set()) <= names
    assert apps.get_model(track.model) is track.cls


def test_a_timeline_runs_through_all_tables_in_order(ruling: Client, make: Callable[..., Any]) -> None:
    task, other = make(Task), make(Task)
    seconds = lambda n: NOON + datetime.timedelta(seconds=n)  # noqa: E731
    make(TaskAudit, task=task, created_at=seconds(30), event_type="third")
    make(TaskLineage, task=task, created_at=seconds(0), kind="first")
    make(TaskDependency, task=task, depends_on_task=other, created_at=seconds(90))
    make(TaskLineage, task=task, created_at=None, kind="undated")
    make(TaskAudit, task=other, created_at=seconds(1), event_type="not ours")
    found = panel(ruling, task, "timeline")["happenings"]
    assert [str(item.what) for item in found] == ["undated", "first", "third", other.pk]
    assert [item.later for item in found] == ["", "", "+30 s", "+1 min"]
    assert [item.track for item in found] == ["task lineage", "task lineage", "task audit", "task dependency"]
    assert panel(ruling, make(Task), "timeline") is None


def test_a_timeline_shows_each_person_what_they_may_see(
    client: Client, make: Callable[..., Any], django_user_model: type[AbstractUser]
) -> None:
    task = make(Task)
    make(TaskAudit, task=task, event_type="secret step")
    make(TaskLineage, task=task, kind="open step")
    clerk = django_user_model.objects.create_user("clerk", is_staff=True)
    allowed = Permission.objects.filter(
        content_type__app_label="agents", codename__in=["view_task", "view_tasklineage"]
    )
    clerk.user_permissions.set(allowed)
    client.force_login(clerk)
    assert [str(item.what) for item in panel(client, task, "timeline")["happenings"]] == ["open step"]


def test_a_corpus_leads_to_its_pieces(
    ruling: Client, make: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    corpus = make(Corpus)
    document = make(Document, corpus=corpus, display_name="员工手册")
    chunks = [
        make(Chunk, document=document, corpus=corpus, chunk_index=n, text_preview=f"<{n}>") for n in range(6)
    ]
    assert [str(piece.heading) for piece in panel(ruling, corpus, "pieces")["pieces"]] == ["员工手册"]
    assert [piece.place for piece in panel(ruling, document, "pieces")["pieces"]] == list(range(6))
    around = panel(ruling, chunks[3], "trail")
    assert [(piece.place, piece.here) for piece in around["pieces"]] == [
        *((1, False), (2, False), (3, True), (4, False), (5, False)),
    ]
    assert [re.sub("<[^>]*>", "", link) for link in around["way"]] == [corpus.name, "员工手册"]
    assert [piece.place for piece in panel(ruling, chunks[0], "trail")["pieces"]] == [0, 1, 2]
    monkeypatch.setattr(trail, "MOST", 4)
    cut = panel(ruling, document, "pieces")
    assert (len(cut["pieces"]), cut["more"]) == (4, True)


def test_a_knowledge_base_source_leads_to_its_pieces(ruling: Client, make: Callable[..., Any]) -> None:
    source = make(KbSource)
    chunks = [make(KbChunk, source=source, start_line=10 * n, heading=f"第{n}节") for n in (2, 1, 3)]
    assert [str(piece.heading) for piece in panel(ruling, source, "pieces")["pieces"]] == [
        "第1节",
        "第2节",
        "第3节",
    ]
    assert [piece.here for piece in panel(ruling, chunks[1], "trail")["pieces"]] == [True, False, False]


def test_a_reference_to_another_column_than_the_key_leads_to_the_row(
    ruling: Client, make: Callable[..., Any]
) -> None:
    link = make(CommitLink)
    assert (
        row_url(type(link.patch), link.patch.pk) in ruling.get(row_url(CommitLink, link.pk)).content.decode()
    )
    assert link.patch.pk != link.patch_id


EDGES = [
    Edge("c", "a", "x"),
    Edge("b", "c", "y"),
    Edge("a", "d", "x"),
    Edge("d", "b", "x"),
    Edge("c", "c", "loop"),
]


def test_rings_are_the_steps_from_the_centre() -> None:
    assert rings("c", EDGES) == (["a", "b"], {"a": ["d"], "b": []})
    assert rings("c", []) == ([], {})


def test_a_drawing_has_every_row_once_and_is_escaped() -> None:
    names = {key: (f"<{key}>\u202e", f"/{key}/") for key in "abcd"}
    drawing = draw("c", EDGES, names)
    assert drawing.left_out == 0
    assert sorted(re.findall('<a href="/(.)/">', drawing.svg)) == ["a", "b", "c", "d"]
    assert drawing.svg.count("<path ") == 5
    assert "&lt;a&gt;[U+202E]" in drawing.svg
    assert "\u202e" not in drawing.svg
    assert "style=" not in drawing.svg


def test_a_hub_is_cut_and_that_is_said() -> None:
    edges = [Edge("c", f"n{n}", "x") for n in range(NEAR + 5)]
    edges += [Edge("n0", f"f{n}", "x") for n in range(FAR + 7)]
    drawing = draw("c", edges, {})
    assert drawing.svg.count("<circle") == 1 + NEAR + FAR
    assert drawing.left_out == 5 + 7


def test_a_node_is_drawn_with_two_steps_around_it(ruling: Client, make: Callable[..., Any]) -> None:
    root = make(KnowledgeNode, name="根")
    node = make(KnowledgeNode, name="中", parent=root)
    one, two, far = (make(KnowledgeNode, name=name) for name in ("一", "二", "远"))
    make(NodeRelation, source_node=node, target_node=one, relation_type="related")
    make(NodeRelation, source_node=two, target_node=node, relation_type="prerequisite")
    make(NodeRelation, source_node=one, target_node=far, relation_type="related")
    make(KnowledgeNode, name="无关")
    svg = panel(ruling, node, "graph")["drawing"].svg
    assert set(re.findall('<circle class="r(.)"', svg)) == {"0", "1", "2"}
    assert [name in svg for name in ("根", "中", "一", "二", "远", "无关")] == [True] * 5 + [False]
    assert panel(ruling, KnowledgeNode.objects.get(name="无关"), "graph") is None
