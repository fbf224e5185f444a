"""AgentOS files in every shape they come in, imported by the engine and compared by content."""

import sqlite3
import struct
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from apps.agents.models import LogLine, Task, TaskAudit
from apps.content.models import ContentLineage, RegisteredContent, Snippet
from apps.core.search import Words
from apps.dialogs.models import WebuiMessage
from apps.importer.models import ImportedRow, QuarantinedRow
from apps.importer.pipeline import run_import
from apps.importer.runs import Options
from apps.importer.systems.agentos import SHIFTED, SYSTEM, is_shifted, put_right
from apps.library.models import KbChunk, KbEmbedding, KbSource
from apps.memory.models import MemoryItem
from apps.projects.models import AuthProfile, Project, ProjectBackup, ProjectRepo
from apps.runs.models import Artifact, FileLock, Run
from tests.importer.legacy import write

pytestmark = pytest.mark.django_db

NOW = "2026-01-28T10:00:00+00:00"
TASK = {"task_id": "01KG3X00000000000000000000", "status": "created", "created_at": NOW}
PROJECT = {"id": "demo", "path": "/w/demo", "name": "Demo"}
AUDIT = {
    "audit_id": 1,
    "task_id": TASK["task_id"],
    "repo_id": "r1",
    "level": "warn",
    "event_type": "repo_write",
    "payload": '{"b": 2}',
    "created_at": "2026-01-28T10:00:01",
    "decision_id": "D1",
    "source_event_ts": "2026-01-28T10:00:00",
    "supervisor_processed_at": "2026-01-28T10:00:02",
    "verdict_id": "V1",
}
AUDIT_MEANT = TaskAudit(
    audit_id=1,
    task_id=TASK["task_id"],
    repo_id="r1",
    level="warn",
    event_type="repo_write",
    payload={"b": 2},
    created_at=datetime(2026, 1, 28, 10, 0, 1, tzinfo=UTC),
    decision_id="D1",
    source_event_ts=datetime(2026, 1, 28, 10, 0, 0, tzinfo=UTC),
    supervisor_processed_at=datetime(2026, 1, 28, 10, 0, 2, tzinfo=UTC),
    verdict_id="V1",
)


class Quiet:
    def say(self, message: str) -> None: ...

    def start(self, label: str, rows: int, done: int) -> None: ...

    def advance(self, rows: int) -> None: ...

    def stop(self) -> None: ...


def load(path: Path, **options: Any) -> dict[str, Any]:
    """Import a file and return what the report says of it."""
    (source,) = run_import([str(path)], Options(**options), Quiet()).report["sources"]
    assert source["status"] == "done"
    return source


def columns_without(table: str, lacks: set[str]) -> list[str]:
    return [c.source for c in SYSTEM.resolved[table].columns if c.source not in lacks]


def make(path: Path, rows: dict[str, list[dict[str, Any]]], lacks: dict[str, set[str]] | None = None) -> Path:
    """Write a file whose tables have their usual columns but for those it ``lacks``."""
    with sqlite3.connect(path) as file:
        for table, wanted in rows.items():
            columns = columns_without(table, (lacks or {}).get(table, set()))
            file.execute(f"CREATE TABLE {table} ({', '.join(columns)})")
            for row in wanted:
                file.execute(
                    f"INSERT INTO {table} ({', '.join(row)}) VALUES ({', '.join('?' * len(row))})",
                    list(row.values()),
                )
    file.close()
    return path


def fields(row: Any) -> dict[str, Any]:
    return {f.attname: getattr(row, f.attname) for f in row._meta.concrete_fields}


def reasons() -> dict[tuple[str, str], str]:
    """What is in quarantine: table and column, and the reason."""
    found = QuarantinedRow.objects.values_list("source_table", "column_name", "reason")
    return {(table, column): reason for table, column, reason in found}


# -- audits


def shift(row: dict[str, Any]) -> dict[str, Any]:
    """Copy a row by position into the later column order, as the legacy upgrade did."""
    return row | {holder: row[column] for column, holder in SHIFTED.items()}


@pytest.mark.parametrize("level", ["info", "warn", "error"])
def test_a_shifted_audit_is_put_right(level: str):
    audit = AUDIT | {"level": level}
    assert is_shifted(shift(audit)["repo_id"], shift(audit)["event_type"])
    assert put_right(shift(audit)) == audit
    assert put_right(audit) == audit


@pytest.mark.parametrize(
    ("repo_id", "event_type"),
    [
        ("r1", '{"a": 1}'),
        ("info", "TASK_CREATED"),
        (None, '{"a": 1}'),
        ("info", None),
        ("info", b"{}"),
        (1, "{"),
    ],
)
def test_other_audits_are_left_alone(repo_id: Any, event_type: Any):
    audit = AUDIT | {"repo_id": repo_id, "event_type": event_type}
    assert put_right(audit) == audit


def test_shifted_audits_are_imported_as_they_were_meant(tmp_path: Path):
    later = AUDIT | {"audit_id": 2, "decision_id": None}
    source = load(
        write(tmp_path / "a.db", "agentos", {"tasks": [TASK], "task_audits": [shift(AUDIT), later]})
    )
    assert source["variant"] == "shifted audits"
    assert fields(TaskAudit.objects.get(pk=1)) == fields(AUDIT_MEANT)
    assert fields(TaskAudit.objects.get(pk=2)) == fields(AUDIT_MEANT) | {"audit_id": 2, "decision_id": None}


def test_audits_left_in_the_backup_come_into_the_same_table(tmp_path: Path):
    rows = {"tasks": [TASK], "projects": [], "task_audits": [], "task_audits_backup": [AUDIT]}
    later = {column.source for column in SYSTEM.resolved["projects"].columns} - {"id", "path", "added_at"}
    source = load(make(tmp_path / "a.db", rows, {"projects": later}))
    assert source["variant"] == "stuck at v23"
    assert fields(TaskAudit.objects.get()) == fields(AUDIT_MEANT)


def test_log_lines_are_no_audits(tmp_path: Path):
    line = {
        "id": "6f1f3c8e-0000-4000-8000-000000000001",
        "level": "error",
        "timestamp": NOW,
        "message": "database is locked",
        "metadata": "{'logger': 'agentos'}",
    }
    source = load(write(tmp_path / "a.db", "agentos", {"task_audits": [line]}, variant="stuck at v05"))
    assert source["variant"] == "stuck at v05"
    assert LogLine.objects.get().metadata == "{'logger': 'agentos'}"
    assert not TaskAudit.objects.exists()


# -- projects


def test_what_a_stuck_file_lacks_is_not_invented(tmp_path: Path):
    lacks = {"created_at", "updated_at", "created_by", "metadata"}
    source = load(make(tmp_path / "a.db", {"projects": [PROJECT]}, {"projects": lacks}))
    assert source["variant"] == "stuck at v24"
    project = Project.objects.get()
    assert (project.name, project.created_at, project.status) == ("Demo", None, None)


def test_a_name_that_a_file_lacks_is_empty(tmp_path: Path):
    later = {column.source for column in SYSTEM.resolved["projects"].columns} - {"id", "path", "added_at"}
    rows = {"tasks": [], "projects": [{"id": "demo", "path": "/w"}]}
    load(make(tmp_path / "a.db", rows, {"projects": later}))
    assert Project.objects.get().name == ""


def test_files_upgraded_by_hand_keep_both_tables_of_projects(tmp_path: Path):
    repo = {
        "repo_id": "r1",
        "project_id": "demo",
        "name": "main",
        "workspace_relpath": ".",
        "role": "MONO-SUBDIR",
    }
    rows = {
        "projects": [{"project_id": "demo", "name": "Demo", "created_at": NOW, "updated_at": NOW}],
        "projects_backup_v30": [PROJECT | {"status": "archived"}],
        "project_repos": [repo | {"is_writable": 1}],
        "project_repos_temp": [{"repo_id": "r1"}, {"repo_id": "r1"}, {"repo_id": None}],
        "tasks": [TASK | {"project_id": "proj_default", "spec_frozen": 0}],
        "task_bindings": [{"task_id": TASK["task_id"], "project_id": "demo", "created_at": NOW}],
    }
    source = load(write(tmp_path / "a.db", "agentos", rows, variant="hand-upgraded v31/v32"))
    assert source["variant"] == "hand-upgraded v31/v32"
    assert source["totals"]["imported"] == source["totals"]["source_rows"] == 8
    assert (Project.objects.get().path, ProjectBackup.objects.get().path) == (None, "/w/demo")
    assert ProjectRepo.objects.get().role == "mono-subdir"
    assert Task.objects.get().spec_frozen is False


# -- values


def test_times_of_the_host_are_in_its_zone(tmp_path: Path):
    profile = {
        "profile_id": "p1",
        "profile_name": "gh",
        "profile_type": "pat_token",
        "created_at": "2026-01-28T10:00:00.5",
        "updated_at": "2026-01-28 10:00:00",
    }
    load(write(tmp_path / "a.db", "agentos", {"auth_profiles": [profile]}), zone="Asia/Shanghai")
    found = AuthProfile.objects.get()
    assert found.created_at == datetime(2026, 1, 28, 2, 0, 0, 500_000, tzinfo=UTC)
    assert found.updated_at == datetime(2026, 1, 28, 10, 0, tzinfo=UTC)


SOURCE = {"source_id": "s1", "repo_id": "x", "path": "docs/设计.md", "file_hash": "0", "mtime": 1_795_331_440}
SOURCE |= {"tags": """['架构', "it's"]""", "created_at": NOW, "updated_at": NOW}
CHUNK = {"chunk_id": "c1", "source_id": "s1", "heading": "Overview", "start_line": 1, "end_line": 2}
CHUNK |= {"content": "数据库的选择", "content_hash": "0", "created_at": NOW}


def vector(*numbers: float, dims: int) -> dict[str, Any]:
    packed = struct.pack(f"<{len(numbers)}f", *numbers)
    return {"model": "m", "dims": dims, "vector": packed, "content_hash": "0", "built_at": 1_795_331_440}


def test_the_row_says_how_wide_its_vector_is(tmp_path: Path):
    rows = {
        "kb_sources": [SOURCE],
        "kb_chunks": [CHUNK, CHUNK | {"chunk_id": "c2"}, CHUNK | {"chunk_id": "c3"}],
        "kb_embeddings": [
            {"chunk_id": "c1"} | vector(0.5, -0.25, dims=2),
            {"chunk_id": "c2"} | vector(1.0, 2.0, 3.0, dims=3),
            {"chunk_id": "c3"} | vector(1.0, 2.0, 3.0, dims=2),
        ],
    }
    load(write(tmp_path / "a.db", "agentos", rows))
    found = {row.chunk_id: list(row.vector) for row in KbEmbedding.objects.all()}
    assert found == {"c1": [0.5, -0.25], "c2": [1.0, 2.0, 3.0]}
    assert [(row.source_key, row.reason) for row in QuarantinedRow.objects.all()] == [
        ({"chunk_id": {"t": "c3"}}, "vector_dimension")
    ]
    assert KbSource.objects.get().tags == ["架构", "it's"]


def test_chunks_are_found_by_heading_content_and_path_after_an_import(tmp_path: Path):
    load(write(tmp_path / "a.db", "agentos", {"kb_sources": [SOURCE], "kb_chunks": [CHUNK]}))
    for words in ("overview", "选择", "设计", "docs 数据库"):
        assert KbChunk.objects.filter(search=Words(words)).exists(), words


def test_snippets_and_memories_are_found_after_an_import(tmp_path: Path):
    key = "00000000-0000-4000-8000-000000000001"
    snippet = {"id": key, "language": "python", "code": "connect()", "tags_json": '["网络"]'}
    rows = {
        "snippets": [snippet | {"created_at": 1_795_331_440, "updated_at": 1_795_331_440}],
        "snippet_notes": [{"snippet_id": key, "summary": "重试连接"}],
        "memory_items": [
            {"id": "m1", "scope": "global", "type": "decision", "content": '{"k": "\\u4e2d\\u6587"}'}
        ],
    }
    load(write(tmp_path / "a.db", "agentos", rows))
    assert Snippet.objects.filter(search=Words("重试 connect 网络")).exists()
    assert MemoryItem.objects.filter(search=Words("中文")).exists()


# -- references and keys


def test_references_that_are_none_keep_what_they_hold(tmp_path: Path):
    lock = {"id": 1, "repo_root": ".", "file_path": "a.py", "locked_by_task": "t", "expires_at": NOW}
    rows = {
        "file_locks": [lock | {"locked_by_run": 1_795_331_483_223}],
        "content_lineage": [
            {"id": 1, "content_id": "nowhere", "from_version": "1", "to_version": "2", "reason": "r"}
        ],
    }
    load(write(tmp_path / "a.db", "agentos", rows))
    assert FileLock.objects.get().locked_by_run == 1_795_331_483_223
    assert ContentLineage.objects.get().content_id == "nowhere"


def test_declared_references_that_dangle_are_set_aside(tmp_path: Path):
    said = {"message_id": "m1", "session_id": "gone", "role": "user", "content": "hi", "created_at": NOW}
    rows = {
        "webui_sessions": [],
        "webui_messages": [said],
        "tasks": [],
        "task_audits": [AUDIT],
        "projects": [],
        "memory_items": [
            {"id": "m1", "scope": "project", "type": "decision", "content": "{}", "project_id": "nope"}
        ],
    }
    load(write(tmp_path / "a.db", "agentos", rows))
    assert not WebuiMessage.objects.exists()
    assert reasons() == {
        ("webui_messages", "session_id"): "missing_parent",
        ("task_audits", "task_id"): "missing_parent",
        ("memory_items", "project_id"): "missing_parent",
    }


def test_a_version_comes_once(tmp_path: Path):
    version = {"id": "lead", "type": "agent", "checksum": "0", "is_root": 1, "spec": "{}"}
    rows = [version | {"version": "1"}, version | {"version": "2"}, version | {"version": "1"}]
    load(write(tmp_path / "a.db", "agentos", {"content_registry": rows}))
    assert sorted(RegisteredContent.objects.values_list("content_id", "version")) == [
        ("lead", "1"),
        ("lead", "2"),
    ]
    assert QuarantinedRow.objects.get().reason == "duplicate_key"


# -- again


def test_a_changed_row_keeps_the_time_that_its_source_gives(tmp_path: Path):
    path = tmp_path / "a.db"
    project = PROJECT | {"updated_at": "2026-01-28 10:00:00"}
    load(write(path, "agentos", {"projects": [project]}))
    path.unlink()
    load(write(path, "agentos", {"projects": [project | {"description": "changed"}]}))
    found = Project.objects.get()
    assert (found.description, found.updated_at) == ("changed", datetime(2026, 1, 28, 10, 0, tzinfo=UTC))


@pytest.mark.parametrize("batch", [1, 1000])
def test_a_search_column_that_another_row_feeds_is_no_edit(tmp_path: Path, batch: int):
    key = "00000000-0000-4000-8000-000000000001"
    snippet = {"id": key, "language": "python", "code": "connect()", "tags_json": "[]"}
    snippet |= {"created_at": 1_795_331_440, "updated_at": 1_795_331_440}
    path = tmp_path / "a.db"
    for code, summary in (("connect()", "重试"), ("connect()", "放弃"), ("close()", "放弃")):
        path.unlink(missing_ok=True)
        note = {"snippet_id": key, "summary": summary}
        load(
            write(path, "agentos", {"snippets": [snippet | {"code": code}], "snippet_notes": [note]}),
            batch=batch,
        )
    assert (Snippet.objects.get().code, reasons()) == ("close()", {})
    Snippet.objects.update(code="edited here")
    path.unlink()
    load(write(path, "agentos", {"snippets": [snippet | {"code": "open()"}], "snippet_notes": []}))
    assert Snippet.objects.get().code == "edited here"
    assert set(reasons().values()) == {"target_edited"}


# -- several workspaces


def workspace(path: Path, tag: str, runs: int = 3, **changed: Any) -> Path:
    """A file whose integer ids are those of every other workspace, and whose text keys are its own."""
    path.unlink(missing_ok=True)
    project = PROJECT | {"id": f"proj_{tag}", "path": f"/srv/{tag}"}
    run = {
        "project_id": f"proj_{tag}",
        "type": "scan",
        "status": "SUCCEEDED",
        "started_at": "2026-01-28 10:00:00",
    }
    rows = {
        "projects": [project],
        "runs": [
            run | {"id": n, "error": f"{tag} {n}"} | (changed if n == 2 else {}) for n in range(1, runs + 1)
        ],
        "artifacts": [
            {"id": n, "run_id": 1 + n % runs, "type": "report", "path": f"{tag}/{1 + n % runs}"}
            for n in range(1, 7)
        ],
    }
    return write(path, "agentos", rows)


def workspaces_hold_together() -> None:
    """Every artifact hangs from the run of its own workspace that its path names."""
    for artifact in Artifact.objects.select_related("run"):
        assert artifact.run.error.removesuffix("!") == artifact.path.replace("/", " ")
        assert artifact.run.project_id == f"proj_{artifact.path.partition('/')[0]}"


def test_two_workspaces_with_the_same_integer_ids(tmp_path: Path):
    first, second = tmp_path / "a.db", tmp_path / "b.db"
    load(workspace(first, "red"))
    load(workspace(second, "blue"))
    assert (Run.objects.count(), Artifact.objects.count(), reasons()) == (6, 12, {})
    workspaces_hold_together()
    ids = sorted(Run.objects.filter(project_id="proj_red").values_list("pk", flat=True))
    assert ids == [1, 2, 3]  # the first source keeps its numbers
    again = load(workspace(second, "blue", runs=4, error="blue 2!"))
    counts = {t["source_table"]: (t["imported"], t["updated"], t["unchanged"]) for t in again["tables"]}
    assert counts["runs"] == (1, 1, 2)
    assert sum(counts["artifacts"]) == 6
    assert Run.objects.get(error="blue 2!").project_id == "proj_blue"
    assert set(Run.objects.filter(project_id="proj_red").values_list("error", flat=True)) == {
        "red 1",
        "red 2",
        "red 3",
    }
    workspaces_hold_together()
    origins = ImportedRow.objects.filter(target_table="runs").values_list("source_name", "source_key")
    assert {(name, key["id"]) for name, key in origins} == {
        *(("a.db", str(n)) for n in range(1, 4)),
        *(("b.db", str(n)) for n in range(1, 5)),
    }
    assert load(workspace(first, "red"))["totals"]["unchanged"] == 10
