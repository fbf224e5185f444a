"""AgentOS, the agent task runner: tables with their sizes and planted faults. Its files: `variants`."""

from apps.samples.agentos import (
    dialogs,
    governance,
    library,
    memory,
    projects,
    recovery,
    runs,
    tasks,
    upgraded,
)
from apps.samples.agentos.common import bad_task
from apps.samples.text import sessions
from apps.samples.world import World, every, fixed, per
from apps.samples.writer import Fault, Raw, Table

CHAT, WEB, CONTENT = per(5, 40), per(6, 32), per(200, 6)

#: 0.1 to 0.5.
REGISTRY = (
    Table("schema_version", runs.schema_version, fixed(30)),
    Table("projects", projects.projects, per(400, 6)),
    Table("runs", runs.runs, per(50, 12)),
    Table("artifacts", runs.artifacts, per(50, 12)),
    Table("memory_items", memory.memory_items, per(50, 24)),
    Table("task_runs", runs.task_runs, per(20, 20)),
    Table("run_steps", runs.run_steps, per(8, 40)),
    Table("patches", runs.patches, per(50, 12)),
    Table("commit_links", runs.commit_links, per(40, 14)),
    Table("file_locks", runs.file_locks, per(200, 6)),
    Table("task_dependencies", runs.task_dependencies, per(100, 8)),
    Table("task_conflicts", runs.task_conflicts, per(200, 6)),
    Table("failure_packs", runs.failure_packs, per(100, 6)),
    Table("learning_packs", runs.learning_packs, per(400, 5)),
    Table("policy_lineage", runs.policy_lineage, per(400, 7)),
    Table("run_tapes", runs.run_tapes, per(40, 10)),
    Table("resource_usage", runs.resource_usage, per(20, 20)),
    Table("healing_actions", runs.healing_actions, per(80, 8)),
    Table("memory_audit_log", memory.memory_audit_log, per(25, 20)),
    Table("memory_gc_runs", memory.memory_gc_runs, per(400, 4)),
    Table("content_registry", memory.content_registry, lambda rows: 2 * CONTENT(rows)),
    Table("content_lineage", memory.content_lineage, CONTENT),
    Table("content_audit_log", memory.content_audit_log, lambda rows: 2 * CONTENT(rows)),
)

#: 0.6.
TASKS = (
    Table("task_sessions", tasks.task_sessions, per(30, 8)),
    Table("tasks", tasks.tasks, per(10, 26)),
    Table("task_lineage", tasks.task_lineage, per(3, 48)),
    Table("task_agents", tasks.task_agents, per(20, 12)),
)
AUDITS = Table("task_audits", tasks.task_audits, every)

#: 0.7 to 0.13.
KNOWLEDGE = (
    Table("kb_sources", library.kb_sources, per(100, 8)),
    Table("kb_chunks", library.kb_chunks, per(8, 36)),
    Table("kb_embeddings", library.kb_embeddings, per(9, 30)),
    Table("kb_index_meta", library.kb_index_meta, fixed(5)),
    Table("kb_embedding_meta", library.kb_embedding_meta, fixed(2)),
    Table("chat_sessions", dialogs.chat_sessions, lambda rows: sessions(CHAT(rows))),
    Table("chat_messages", dialogs.chat_messages, CHAT),
    Table("command_history", dialogs.command_history, per(20, 14)),
    Table("pinned_commands", dialogs.pinned_commands, per(100, 5)),
    Table("chat_artifacts", dialogs.chat_artifacts, per(100, 8)),
    Table("context_snapshots", dialogs.context_snapshots, per(15, 12)),
    Table("context_snapshot_items", dialogs.context_snapshot_items, per(3, 60)),
    Table("schema_capabilities", governance.schema_capabilities, fixed(4)),
    # Notes first: the trigger on notes looks through the whole text index for the snippet.
    Table("snippet_notes", library.snippet_notes, per(60, 6)),
    Table("snippets", library.snippets, per(50, 10)),
)

#: 0.14 to 0.23.
GOVERNANCE = (
    Table("supervisor_inbox", governance.supervisor_inbox, per(6, 24)),
    Table("supervisor_checkpoint", governance.supervisor_checkpoint, fixed(1)),
    Table("lead_findings", governance.lead_findings, per(100, 8)),
    Table("guardian_assignments", governance.guardian_assignments, per(50, 8)),
    Table("guardian_verdicts", governance.guardian_verdicts, per(60, 8)),
    Table("project_repos", projects.project_repos, lambda rows: 2 * per(400, 6)(rows) + 2),
    Table("task_repo_scope", tasks.task_repo_scope, per(20, 10)),
    Table("task_dependency", tasks.task_dependency, per(20, 12)),
    Table("task_artifact_ref", tasks.task_artifact_ref, per(12, 18)),
    Table("auth_profiles", projects.auth_profiles, fixed(6)),
    Table("auth_profile_usage", projects.auth_profile_usage, per(50, 10)),
    Table("encryption_keys", projects.encryption_keys, fixed(3)),
    Table("guardian_reviews", governance.guardian_reviews, per(40, 12)),
    Table("content_items", library.content_items, per(200, 8)),
    Table("answer_packs", library.answer_packs, per(400, 4)),
    Table("answer_pack_links", library.answer_pack_links, per(200, 6)),
)

#: 0.26 to 0.30.
RECOVERY = (
    Table("task_templates", tasks.task_templates, per(200, 6)),
    Table("project_snapshots", projects.project_snapshots, per(400, 5)),
    Table("work_items", recovery.work_items, per(20, 15)),
    Table("checkpoints", recovery.checkpoints, per(10, 24)),
    Table("idempotency_keys", recovery.idempotency_keys, per(25, 12)),
)
WEB_TABLES = (
    Table("webui_sessions", dialogs.webui_sessions, lambda rows: sessions(WEB(rows))),
    Table("webui_messages", dialogs.webui_messages, WEB),
)

#: 0.31 and 0.32, by hand.
UPGRADED = (
    Table("repos", upgraded.repos, per(400, 8)),
    Table("task_specs", upgraded.task_specs, per(20, 16)),
    Table("task_artifacts", upgraded.task_artifacts, per(20, 15)),
    Table("task_event_seq_counters", upgraded.task_event_seq_counters, per(40, 8)),
    Table("task_events", upgraded.task_events, per(5, 40)),
)


def _lost_chunk(world: World) -> str:
    return library.chunk_key(world, world.count("kb_chunks"))


def _lost_item(world: World) -> str:
    return recovery.work_key(world, world.count("work_items"))


def _twin_snippet(world: World) -> str:
    return world.uuid("snippets", 0).upper()


#: 380 floats where the row says 384.
SHORT_VECTOR = {"dims": 384, "vector": b"\x00\x00\x80\x3f" * 380}

FAULTS = (
    Fault("tasks", "json_invalid", {"metadata": '{"score": NaN}', "session_id": None}),
    Fault("task_audits", "missing_parent", {"task_id": "no-such-task"}),
    Fault("task_lineage", "parent_quarantined", {"task_id": lambda world: bad_task(world, 0)}),
    Fault("resource_usage", "number_invalid", {"tokens_used": "n/a"}),
    Fault("kb_chunks", "missing_parent", {"source_id": "src_deleted"}),
    Fault("kb_embeddings", "parent_quarantined", {"chunk_id": _lost_chunk}),
    Fault("kb_embeddings", "vector_dimension", SHORT_VECTOR),
    Fault("chat_messages", "text_encoding", {"content": Raw("Big5: 測試".encode("big5"))}),
    Fault("command_history", "datetime_invalid", {"executed_at": "yesterday"}),
    Fault("snippets", "duplicate_key", {"id": _twin_snippet}),
    Fault("lead_findings", "text_nul", {"description": "cut\0off"}),
    Fault("work_items", "enum_unknown", {"status": "paused"}),
    Fault("checkpoints", "parent_quarantined", {"work_item_id": _lost_item}),
    Fault("webui_messages", "missing_parent", {"session_id": "01DELETED00000000000000000"}),
)
