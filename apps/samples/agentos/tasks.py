"""AgentOS: tasks, their lineage, sessions and audits, how they lean on one another."""

from apps.samples import times
from apps.samples.agentos.common import job, real_task, repo_key, run_id, session_key, task_key
from apps.samples.text import escaped, plain
from apps.samples.world import Row, World, pick

STATUSES = (
    "created", "planning", "executing", "succeeded", "failed", "canceled", "blocked", "draft", "approved",
    "queued", "running", "verifying", "verified", "done", "RUNNING", "GUARD_REVIEW", "VERIFIED", "BLOCKED",
)  # fmt: skip
EXIT_REASONS = {"done": "done", "succeeded": "done", "failed": "max_iterations", "canceled": "user_cancelled",
                "blocked": "blocked", "BLOCKED": "fatal_error"}  # fmt: skip
EVENTS = (
    "TASK_CREATED",
    "TASK_STATE_CHANGED",
    "repo_write",
    "TASK_ROUTED",
    "SUPERVISOR_ALLOWED",
    "tool_executed",
)
LINEAGE = ("nl_request", "intent", "plan", "execution_request", "run", "tape", "artifact", "commit")
ORPHAN_SINCE = times.epoch(times.START)


def tasks(world: World, number: int) -> Row:
    if number == 0:
        return _orphan_container(task_key(world, 0))
    moment = world.when("tasks", number)
    status = pick(STATUSES, number - 1)
    by_router = number % 6 == 5
    created = times.seconds(moment) if by_router else times.aware(moment)
    later = moment + number % 5 * times.HOUR
    routed = number % 3 == 0
    context = {
        "execution_context": {"created_method": "task_manager", "created_at": created},
        "优先级": number % 3,
    }
    return {
        "task_id": world.ulid("tasks", number),
        "session_id": None if by_router else session_key(world, (number - 1) // 3),
        "title": f"{job(number).title} #{number}",
        "status": status,
        "created_at": created,
        "updated_at": times.seconds(later) if routed else times.aware(later),
        "created_by": pick(("dev", "system", "小林", None), number),
        "metadata": plain(context) if number % 2 else escaped(context),
        "route_plan_json": escaped({"selected": f"local-{number % 2}", "reasons": ["READY"]})
        if routed
        else None,
        "requirements_json": escaped({"needs": ["coding"]}) if routed else None,
        "selected_instance_id": f"local-{number % 2}" if routed else None,
        "router_version": "1.0" if routed else None,
        "exit_reason": EXIT_REASONS.get(status),
    }


def _orphan_container(key: str) -> Row:
    about = {"orphan": True, "description": "events that belong to no task"}
    keys = ("route_plan_json", "requirements_json", "selected_instance_id", "router_version", "exit_reason")
    return {
        "task_id": key,
        "session_id": None,
        "title": "Orphan Events Container",
        "status": "orphan",
        "created_at": ORPHAN_SINCE,
        "updated_at": ORPHAN_SINCE,
        "created_by": "system",
        "metadata": escaped(about),
        **dict.fromkeys(keys),
    }


def task_lineage(world: World, number: int) -> Row:
    task, step = number // len(LINEAGE), number % len(LINEAGE)
    return {
        "id": number + 1,
        "task_id": real_task(world, task),
        "kind": LINEAGE[step],
        "ref_id": world.sha("commits", number)[:40] if step == 7 else f"{LINEAGE[step]}-{number}",
        "phase": pick((None, "intent_analysis", "coordination", "execution", "completed"), step),
        "created_at": times.aware(world.when("task_lineage", number)),
        "metadata": escaped({"步骤": step}) if number % 2 else None,
    }


def task_sessions(world: World, number: int) -> Row:
    moment = world.when("tasks", 3 * number + 1)
    return {
        "session_id": session_key(world, number),
        "channel": pick(("auto", "cli", "ui", "api"), number),
        "metadata": escaped({"auto_created": True, "task_id": world.ulid("tasks", 3 * number + 1)}),
        "created_at": times.aware(moment),
        "last_activity": times.aware(moment + times.HOUR),
    }


def task_agents(world: World, number: int) -> Row:
    moment = world.when("task_agents", number)
    return {
        "invocation_id": world.ulid("task_agents", number),
        "task_id": real_task(world, number),
        "run_id": str(run_id(world, number)) if number % 3 else None,
        "agent_key": pick(("coder", "reviewer", "planner"), number),
        "model": pick(("qwen2.5:14b", "gpt-4o-mini", None), number),
        "input_ref": f"tape:{number}",
        "output_ref": f"blob:{number}" if number % 4 else None,
        "started_at": times.seconds(moment),
        "ended_at": times.seconds(moment + times.MINUTE) if number % 4 else None,
        "status": pick(("started", "completed", "failed", "completed"), number),
        "metadata": escaped({"tokens": number % 900}),
    }


def _audit_time(number: int, moment: int, orphan: bool) -> str | int:
    if orphan:
        return times.epoch(moment)
    return (times.aware, times.naive, times.seconds)[number % 3](moment)


def _audit_payload(number: int, event: str) -> str:
    if event == "repo_write":
        about = {"operation": "write", "files_changed": [job(number).path], "lines_added": number % 90}
        return escaped(about)
    if event == "SUPERVISOR_ALLOWED":
        return plain({"decision": "allow", "理由": "符合策略", "risk": number % 10 / 10})
    return (
        plain({"to": pick(STATUSES, number), "说明": job(number).title})
        if number % 2
        else escaped({"n": number})
    )


def task_audits(world: World, number: int) -> Row:
    orphan = number % 40 == 39
    event = "SNIPPET_CREATED" if orphan else pick(EVENTS, number)
    moment = world.when("task_audits", number)
    decided = event == "SUPERVISOR_ALLOWED"
    return {
        "audit_id": number + 1,
        "task_id": task_key(world, 0) if orphan else real_task(world, number // 8),
        "repo_id": repo_key(world, number) if event == "repo_write" else None,
        "level": pick(("info", "info", "warn", "info", "error"), number),
        "event_type": event,
        "payload": _audit_payload(number, event),
        "created_at": _audit_time(number, moment, orphan),
        "decision_id": f"dec-{world.hex('task_audits', number, 16)}" if decided else None,
        "source_event_ts": times.aware(moment) if decided else None,
        "supervisor_processed_at": times.aware(moment + times.SECOND) if decided else None,
        "verdict_id": verdict_key(world, number) if decided and number % 12 == 4 else None,
    }


def verdict_key(world: World, number: int) -> str:
    return f"verdict-{world.hex('guardian_verdicts', number % world.count('guardian_verdicts'), 12)}"


def task_repo_scope(world: World, number: int) -> Row:
    scope = pick(("full", "paths", "read_only"), number)
    return {
        "scope_id": number + 1,
        "task_id": real_task(world, number),
        "repo_id": repo_key(world, number),
        "scope": scope,
        "path_filters": escaped(["src/**", "文档/**"]) if scope == "paths" else None,
        "created_at": None,
        "metadata": None,
    }


def task_dependency(world: World, number: int) -> Row:
    return {
        "dependency_id": number + 1,
        "task_id": real_task(world, number + 1),
        "depends_on_task_id": real_task(world, number),
        "dependency_type": pick(("blocks", "requires", "suggests"), number),
        "reason": "需要先有接口" if number % 2 else None,
        "created_at": times.naive(world.when("task_dependency", number)),
        "created_by": pick(("user", "system", "auto"), number),
        "metadata": escaped({"strength": 0.9}) if number % 3 == 0 else None,
    }


def task_artifact_ref(world: World, number: int) -> Row:
    kind = pick(("commit", "branch", "pr", "patch", "file", "tag"), number)
    values = {"commit": world.sha("commits", number)[:40], "file": job(number).path, "tag": f"v0.{number}"}
    return {
        "artifact_id": number + 1,
        "task_id": real_task(world, number),
        "repo_id": repo_key(world, number),
        "ref_type": kind,
        "ref_value": values.get(kind, f"{kind}-{number}"),
        "summary": job(number).intent if number % 2 else None,
        "created_at": times.naive(world.when("task_artifact_ref", number)),
        "metadata": "{}",
    }


def task_templates(world: World, number: int) -> Row:
    moment = world.when("task_templates", number)
    return {
        "template_id": world.ulid("task_templates", number),
        "name": f"{pick(('修复缺陷', 'New endpoint', '写文档'), number)} {number}",
        "description": "常用任务" if number % 2 else None,
        "title_template": "{component}: {summary}",
        "created_by_default": pick((None, "dev"), number),
        "metadata_template_json": escaped({"priority": "high", "标签": ["模板"]}) if number % 3 else None,
        "created_at": times.aware(moment),
        "updated_at": times.seconds(moment + times.DAY) if number % 2 else times.aware(moment),
        "created_by": None,
        "use_count": number % 14,
    }
