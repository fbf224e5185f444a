"""AgentOS, the agent task runner: one shape, and the shapes in which its upgrades got stuck.

An upgrade that fails goes unnoticed and leaves half a schema behind: what a file has is what its columns say.
One of them copied the audits by position into a table with another column order; a shifted row is known by a
level in ``repo_id`` beside a payload in ``event_type``, and is put right before it is converted.

Three full text indexes are virtual tables: PostgreSQL keeps a search column in their place.
"""

from apps.agents import models as agents
from apps.content import models as content
from apps.dialogs import models as dialogs
from apps.governance import models as governance
from apps.importer import convert
from apps.importer.mapping import LegacySystem, Table, Variant
from apps.importer.source import SourceFile, Stored
from apps.library import models as library
from apps.memory import models as memory
from apps.projects import models as projects
from apps.runs import models as runs
from apps.workspace import models as workspace

SECONDS = convert.epoch("s")
MILLISECONDS = convert.epoch("ms")

SHIFTED = {
    "level": "repo_id",
    "event_type": "level",
    "payload": "event_type",
    "created_at": "payload",
    "decision_id": "created_at",
    "source_event_ts": "decision_id",
    "supervisor_processed_at": "source_event_ts",
    "verdict_id": "supervisor_processed_at",
    "repo_id": "verdict_id",
}
"""What an audit's column holds, and in a shifted row the column that has it."""

LEVELS = ("info", "warn", "error")
ENOUGH_ROWS = 1000


def is_shifted(repo_id: Stored, event_type: Stored) -> bool:
    """Tell whether an audit was copied by position: a level where the repository goes, beside a payload."""
    return repo_id in LEVELS and isinstance(event_type, str) and event_type.startswith("{")


def put_right(row: dict[str, Stored]) -> dict[str, Stored]:
    """Return an audit with every value in its own column; a row that is right already stays as it is."""
    if not is_shifted(row.get("repo_id"), row.get("event_type")):
        return row
    return row | {column: row.get(holder) for column, holder in SHIFTED.items() if column in row}


def has_shifted_audits(file: SourceFile) -> bool:
    """Tell whether a file has shifted audits; they are its oldest, so the first rows tell."""
    table = file.table("task_audits")
    if table is None or not table.readable:
        return False
    first = next(file.rows(table, ["repo_id", "event_type"], ENOUGH_ROWS), [])
    return any(is_shifted(repo_id, event_type) for repo_id, event_type in (row.values for row in first))


STUCK_AT_V05 = Variant(
    "stuck at v05",
    has={"task_audits": {"message", "timestamp"}},
    lacks={"task_audits": {"audit_id"}},
    tables=(Table("task_audits", agents.LogLine),),
)
STUCK_AT_V23 = Variant(
    "stuck at v23",
    has={"projects": {"id", "path"}, "task_audits": {"repo_id"}},
    lacks={"projects": {"name"}},
)
STUCK_AT_V24 = Variant(
    "stuck at v24",
    has={"projects": {"id", "name", "status"}},
    lacks={"projects": {"created_at"}},
)
HAND_UPGRADED = Variant(
    "hand-upgraded v31/v32",
    has={"projects": {"project_id"}},
    tables=(
        Table(
            "projects",
            projects.Project,
            columns={"id": "project_id"},
            ignore={"path", "added_at", "status", "default_workdir", "settings", "created_by"},
        ),
    ),
)
RUN_DIRECTLY = Variant(
    "v31 file run directly",
    has={"projects": {"id"}, "repos": {"repo_id"}, "tasks": {"spec_frozen"}},
)
SHIFTED_AUDITS = Variant(
    "shifted audits",
    has={"task_audits": {"repo_id", "event_type"}},
    when=has_shifted_audits,
)

SYSTEM = LegacySystem(
    name="agentos",
    title="AgentOS",
    standard="clean v30",
    variants=(STUCK_AT_V05, STUCK_AT_V23, STUCK_AT_V24, HAND_UPGRADED, RUN_DIRECTLY, SHIFTED_AUDITS),
    tables=(
        Table("schema_version", workspace.SchemaVersion),
        Table("schema_capabilities", workspace.SchemaCapability),
        Table("command_history", workspace.Command),
        Table("pinned_commands", workspace.PinnedCommand),
        Table("projects", projects.Project),
        Table("projects_backup_v30", projects.ProjectBackup),
        Table("project_snapshots", projects.ProjectSnapshot, local_t={"created_at"}),
        Table("project_repos", projects.ProjectRepo),
        Table("project_repos_temp", projects.ProjectRepoLeftover, key=()),
        Table("repos", projects.Repo),
        Table(
            "auth_profiles",
            projects.AuthProfile,
            local_t={"created_at", "updated_at", "last_validated_at"},
        ),
        Table("auth_profile_usage", projects.AuthProfileUsage, local_t={"used_at"}),
        Table("encryption_keys", projects.EncryptionKey),
        Table("task_sessions", agents.TaskSession),
        Table("tasks", agents.Task),
        Table("task_templates", agents.TaskTemplate),
        Table("task_specs", agents.TaskSpec),
        Table("task_bindings", agents.TaskBinding),
        Table("task_dependencies", agents.EarlierTaskDependency),
        Table("task_dependency", agents.TaskDependency),
        Table("task_conflicts", agents.TaskConflict),
        Table("task_repo_scope", agents.TaskRepoScope),
        Table("task_artifact_ref", agents.TaskArtifactRef),
        Table("task_artifacts", agents.TaskArtifact),
        Table("task_lineage", agents.TaskLineage),
        Table("task_audits", agents.TaskAudit, rewrite=put_right, rewrite_where={"repo_id": LEVELS}),
        # The only copy of the audits where the upgrade that moved them failed on its way.
        Table("task_audits_backup", agents.TaskAudit),
        Table("task_agents", agents.TaskAgent),
        Table("task_events", agents.TaskEvent),
        Table("task_event_seq_counters", agents.TaskEventCounter),
        Table("runs", runs.Run),
        Table("artifacts", runs.Artifact),
        Table("task_runs", runs.TaskRun),
        Table("run_steps", runs.RunStep),
        Table("run_tapes", runs.RunTape),
        Table("resource_usage", runs.ResourceUsage),
        Table("patches", runs.Patch),
        Table("commit_links", runs.CommitLink),
        # Declared as a reference to task_runs, locked_by_run holds the clock.
        Table("file_locks", runs.FileLock, convert={"locked_by_run": MILLISECONDS}),
        Table("failure_packs", runs.FailurePack),
        Table("healing_actions", runs.HealingAction),
        Table("learning_packs", runs.LearningPack),
        Table("work_items", runs.WorkItem),
        Table("checkpoints", runs.Checkpoint),
        Table("idempotency_keys", runs.IdempotencyKey),
        Table("supervisor_inbox", governance.SupervisorEvent),
        Table("supervisor_checkpoint", governance.SupervisorCheckpoint, unique=(("source_table",),)),
        Table("lead_findings", governance.LeadFinding),
        Table("guardian_assignments", governance.GuardianAssignment),
        Table("guardian_verdicts", governance.GuardianVerdict),
        Table("guardian_reviews", governance.GuardianReview),
        Table("policy_lineage", governance.PolicyLineage),
        Table("memory_items", memory.MemoryItem),
        Table("memory_audit_log", memory.MemoryAudit),
        Table("memory_gc_runs", memory.MemoryGcRun),
        Table("kb_sources", library.KbSource, convert={"tags": convert.python_list(), "mtime": SECONDS}),
        Table("kb_chunks", library.KbChunk, ignore={"search"}),
        Table("kb_index_meta", library.KbIndexMeta),
        Table("kb_embeddings", library.KbEmbedding, convert={"built_at": SECONDS}, widths={"vector": "dims"}),
        Table("kb_embedding_meta", library.KbEmbeddingMeta, convert={"updated_at": SECONDS}),
        Table("chat_sessions", dialogs.ChatSession),
        Table("chat_messages", dialogs.ChatMessage),
        Table("chat_artifacts", dialogs.ChatArtifact, convert={"created_at": MILLISECONDS}),
        Table("context_snapshots", dialogs.ContextSnapshot, convert={"created_at": MILLISECONDS}),
        Table(
            "context_snapshot_items",
            dialogs.ContextSnapshotItem,
            key=("snapshot_id", "item_type", "item_id"),
        ),
        Table("webui_sessions", dialogs.WebuiSession),
        Table("webui_messages", dialogs.WebuiMessage),
        Table("content_registry", content.RegisteredContent, key=("id", "version")),
        Table("content_lineage", content.ContentLineage),
        Table("content_audit_log", content.ContentAudit),
        Table("content_items", content.ContentItem),
        Table(
            "snippets",
            content.Snippet,
            convert={"created_at": SECONDS, "updated_at": SECONDS},
            ignore={"search"},
        ),
        Table("snippet_notes", content.SnippetNote),
        Table("answer_packs", content.AnswerPack),
        Table("answer_pack_links", content.AnswerPackLink),
    ),
)
