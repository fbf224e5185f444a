"""What happened to a task: lineage, audits, invocations of agents, events of the runner, log lines."""

from django.db import models
from django.utils import timezone

from apps.core.fields import Index


class TaskLineage(models.Model):
    """That a run, artifact, commit or the like belongs to a task; ``ref_id`` is read by ``kind``."""

    id = models.BigAutoField(primary_key=True)
    task = models.ForeignKey("Task", on_delete=models.PROTECT, db_index=False)
    kind = models.TextField()
    ref_id = models.TextField()
    phase = models.TextField(null=True, blank=True)
    created_at = models.DateTimeField(null=True, blank=True, default=timezone.now)
    metadata = models.JSONField(null=True, blank=True)

    class Meta:
        db_table = "task_lineage"
        verbose_name_plural = "task lineage"
        constraints = [
            models.UniqueConstraint(
                fields=["task", "kind", "ref_id"], name="task_lineage_task_id_kind_ref_id_key"
            ),
        ]
        indexes = [
            Index(fields=["-created_at"], name="idx_task_lineage_created"),
            Index(fields=["kind"], name="idx_task_lineage_kind"),
            Index(fields=["phase"], name="idx_task_lineage_phase"),
            Index(fields=["kind", "ref_id"], name="idx_task_lineage_ref"),
            Index(fields=["task"], name="idx_task_lineage_task"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.ref_id}"


class TaskAudit(models.Model):
    """The append-only trail of everything that the system did."""

    audit_id = models.BigAutoField(primary_key=True)
    task = models.ForeignKey("Task", on_delete=models.CASCADE, db_index=False)
    repo_id = models.TextField(null=True, blank=True)
    level = models.TextField(null=True, blank=True, default="info")
    event_type = models.TextField()
    payload = models.JSONField(null=True, blank=True)
    created_at = models.DateTimeField(null=True, blank=True, default=timezone.now)
    decision_id = models.TextField(null=True, blank=True)
    source_event_ts = models.DateTimeField(null=True, blank=True)
    supervisor_processed_at = models.DateTimeField(null=True, blank=True)
    verdict_id = models.TextField(null=True, blank=True)

    class Meta:
        db_table = "task_audits"
        constraints = [
            models.UniqueConstraint(fields=["decision_id"], name="idx_task_audits_decision_id"),
        ]
        indexes = [
            Index(fields=["-created_at"], name="idx_task_audits_created"),
            Index(
                fields=["source_event_ts", "supervisor_processed_at"],
                name="idx_task_audits_decision_lag",
                condition=models.Q(source_event_ts__isnull=False, supervisor_processed_at__isnull=False),
            ),
            Index(fields=["event_type"], name="idx_task_audits_event"),
            Index(
                fields=["event_type", "-created_at"],
                name="idx_task_audits_event_created",
                condition=models.Q(event_type__startswith="SUPERVISOR_"),
            ),
            Index(fields=["supervisor_processed_at"], name="idx_task_audits_lag"),
            Index(fields=["level"], name="idx_task_audits_level"),
            Index(fields=["repo_id"], name="idx_task_audits_repo"),
            Index(fields=["repo_id", "-created_at"], name="idx_task_audits_repo_created"),
            Index(
                fields=["source_event_ts"],
                name="idx_task_audits_source_event_ts",
                condition=models.Q(source_event_ts__isnull=False),
            ),
            Index(fields=["task"], name="idx_task_audits_task"),
            Index(fields=["task", "event_type", "-created_at"], name="idx_task_audits_task_event_type"),
            Index(fields=["task", "repo_id"], name="idx_task_audits_task_repo"),
            Index(fields=["task", "created_at"], name="idx_task_audits_task_ts"),
            Index(
                fields=["verdict_id"],
                name="idx_task_audits_verdict_id",
                condition=models.Q(verdict_id__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.event_type


class TaskAgent(models.Model):
    """One invocation of an agent in a task."""

    invocation_id = models.TextField(primary_key=True)
    task = models.ForeignKey("Task", on_delete=models.PROTECT, db_index=False)
    run_id = models.TextField(null=True, blank=True)
    agent_key = models.TextField()
    model = models.TextField(null=True, blank=True)
    input_ref = models.TextField(null=True, blank=True)
    output_ref = models.TextField(null=True, blank=True)
    started_at = models.DateTimeField(null=True, blank=True, default=timezone.now)
    ended_at = models.DateTimeField(null=True, blank=True)
    status = models.TextField(null=True, blank=True)
    metadata = models.JSONField(null=True, blank=True)

    class Meta:
        db_table = "task_agents"
        indexes = [
            Index(fields=["agent_key"], name="idx_task_agents_agent"),
            Index(fields=["model"], name="idx_task_agents_model"),
            Index(fields=["run_id"], name="idx_task_agents_run"),
            Index(fields=["-started_at"], name="idx_task_agents_started"),
            Index(fields=["task"], name="idx_task_agents_task"),
        ]

    def __str__(self) -> str:
        return f"{self.agent_key} for {self.task_id}"


class TaskEvent(models.Model):
    """A fine-grained event of the runner, numbered in its task."""

    event_id = models.BigAutoField(primary_key=True)
    task = models.ForeignKey("Task", on_delete=models.CASCADE, db_index=False)
    event_type = models.TextField()
    phase = models.TextField(null=True, blank=True)
    actor = models.TextField()
    span_id = models.TextField()
    parent_span_id = models.TextField(null=True, blank=True)
    seq = models.BigIntegerField()
    payload = models.JSONField(db_default=models.Value({}, models.JSONField()))
    created_at = models.DateTimeField(null=True, blank=True, default=timezone.now)

    class Meta:
        db_table = "task_events"
        constraints = [
            models.CheckConstraint(condition=models.Q(seq__gt=0), name="task_events_seq_check"),
            models.CheckConstraint(
                condition=models.Q(event_type__gt="", actor__gt="", span_id__gt=""),
                name="task_events_named_check",
            ),
        ]
        indexes = [
            Index(
                fields=["parent_span_id"],
                name="idx_task_events_parent_span",
                condition=models.Q(parent_span_id__isnull=False),
            ),
            Index(fields=["task", "-created_at"], name="idx_task_events_task_created"),
            Index(
                fields=["task", "phase"],
                name="idx_task_events_task_phase",
                condition=models.Q(phase__isnull=False),
            ),
            Index(fields=["task", "seq"], name="idx_task_events_task_seq"),
            Index(fields=["event_type", "-created_at"], name="idx_task_events_type_created"),
        ]

    def __str__(self) -> str:
        return f"{self.seq} {self.event_type}"


class TaskEventCounter(models.Model):
    """The number that the next event of a task gets."""

    task = models.OneToOneField("Task", on_delete=models.CASCADE, primary_key=True)
    next_seq = models.BigIntegerField(db_default=1)
    updated_at = models.DateTimeField(null=True, blank=True, default=timezone.now)

    class Meta:
        db_table = "task_event_seq_counters"

    def __str__(self) -> str:
        return f"{self.task_id} at {self.next_seq}"


class LogLine(models.Model):
    """A line of the program's log; a log store that came before the schema calls them ``task_audits``."""

    id = models.TextField(primary_key=True)
    level = models.TextField()
    timestamp = models.DateTimeField()
    task_id = models.TextField(null=True, blank=True)
    session_id = models.TextField(null=True, blank=True)
    span_id = models.TextField(null=True, blank=True)
    message = models.TextField()
    metadata = models.TextField(null=True, blank=True)
    created_at = models.DateTimeField(null=True, blank=True, default=timezone.now)

    class Meta:
        db_table = "agentos_log_lines"
        indexes = [
            Index(fields=["-timestamp"], name="idx_agentos_log_lines_timestamp"),
            Index(fields=["task_id"], name="idx_agentos_log_lines_task_id"),
            Index(fields=["level"], name="idx_agentos_log_lines_level"),
        ]

    def __str__(self) -> str:
        return f"{self.level}: {self.message[:60]}"
