"""Tasks of the agents, each with what happened to it as a timeline."""

from django.contrib import admin

from apps.agents.models import Task
from apps.core.admin import InspectionAdmin, register_remaining
from apps.core.inspection.timeline import Track, timeline_panel

TRACKS = (
    Track("agents.TaskLineage", "task", "created_at", "kind", "ref_id"),
    Track("agents.TaskEvent", "task", "created_at", "event_type", "phase"),
    Track("agents.TaskAudit", "task", "created_at", "event_type", "level"),
    Track("agents.TaskAgent", "task", "started_at", "agent_key", "status"),
    Track("agents.TaskDependency", "task", "created_at", "depends_on_task_id", "dependency_type"),
    Track("agents.TaskDependency", "depends_on_task", "created_at", "task_id", "dependency_type"),
    Track("agents.TaskArtifactRef", "task", "created_at", "ref_value", "summary"),
    Track("agents.TaskArtifact", "task", "created_at", "path", "kind"),
    Track("runs.TaskRun", "task_id", "started_at", "agent_type", "status"),
    Track("runs.WorkItem", "task", "created_at", "work_type", "status"),
    Track("runs.Checkpoint", "task", "created_at", "checkpoint_type", "checkpoint_id"),
    Track("governance.SupervisorEvent", "task", "received_at", "event_type", "status"),
    Track("governance.GuardianAssignment", "task", "created_at", "guardian_code", "status"),
    Track("governance.GuardianVerdict", "task", "created_at", "guardian_code", "status"),
)


@admin.register(Task)
class TaskAdmin(InspectionAdmin):
    """A task opens as what happened to it."""

    panels = (timeline_panel(TRACKS),)


register_remaining("agents")
