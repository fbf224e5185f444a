"""AgentOS: supervisor, findings, guardians, and what the schema can do."""

from apps.samples import times
from apps.samples.agentos.common import job, real_task
from apps.samples.agentos.tasks import EVENTS, verdict_key
from apps.samples.text import escaped, plain
from apps.samples.world import Row, World, pick

GUARDIANS = ("smoke_test", "diff_size", "licence_check")


def supervisor_inbox(world: World, number: int) -> Row:
    moment = world.when("supervisor_inbox", number)
    status = pick(("completed", "pending", "completed", "processing", "failed"), number)
    polled = number % 4 == 3 and not world.tag  # a polled event's key is the same in every file
    return {
        "event_id": f"polling_task_audits_{number + 1}" if polled else world.uuid("supervisor_inbox", number),
        "task_id": real_task(world, number),
        "event_type": pick(EVENTS, number),
        "source": "polling" if polled else "eventbus",
        "payload": plain({"原因": job(number).intent}) if number % 2 else escaped({"a": number}),
        "received_at": times.aware(moment),
        "processed_at": times.aware(moment + times.SECOND) if status == "completed" else None,
        "status": status,
        "error_message": "handler stopped" if status == "failed" else None,
        "retry_count": number % 3,
    }


def supervisor_checkpoint(world: World, number: int) -> Row:
    return {
        "checkpoint_id": number + 1,
        "source_table": "task_audits",
        "last_seen_id": 0,
        "last_seen_ts": times.seconds(times.START),
        "updated_at": times.seconds(times.START),
        "metadata": '{"initialized":"v0.14"}',
    }


def lead_findings(world: World, number: int) -> Row:
    moment = world.when("lead_findings", number)
    return {
        "fingerprint": world.sha("lead_findings", number),
        "code": pick(("IDLE_TASK_3D", "RETRY_STORM", "BLOCKED_TOO_LONG"), number),
        "severity": pick(("LOW", "MEDIUM", "HIGH", "CRITICAL"), number),
        "title": f"任务长时间没有进展：{job(number).title}",
        "description": "no state change for three days" if number % 3 else None,
        "window_kind": pick(("24h", "7d"), number),
        "first_seen_at": times.aware(moment),
        "last_seen_at": times.aware(moment + times.DAY),
        "count": 1 + number % 5,
        "evidence_json": escaped({"任务": real_task(world, number)}),
        "linked_task_id": real_task(world, number) if number % 2 else None,
        "created_at": times.seconds(moment),
    }


def assignment_key(world: World, number: int) -> str:
    return f"assign-{world.hex('guardian_assignments', number, 12)}"


def guardian_assignments(world: World, number: int) -> Row:
    return {
        "assignment_id": assignment_key(world, number),
        "task_id": real_task(world, number),
        "guardian_code": pick(GUARDIANS, number),
        "created_at": times.aware(world.when("guardian_assignments", number)),
        "reason_json": escaped({"findings": ["改动较大"]}),
        "status": pick(("COMPLETED", "ASSIGNED", "VERIFYING", "FAILED"), number),
    }


def guardian_verdicts(world: World, number: int) -> Row:
    assignment = number % world.count("guardian_assignments")
    return {
        "verdict_id": verdict_key(world, number),
        "assignment_id": assignment_key(world, assignment),
        "task_id": real_task(world, assignment),
        "guardian_code": pick(GUARDIANS, assignment),
        "status": pick(("PASS", "FAIL", "NEEDS_CHANGES"), number),
        "created_at": times.aware(world.when("guardian_verdicts", number)),
        "verdict_json": plain({"checks": [{"name": "冒烟测试", "passed": number % 3 == 0}]}),
    }


def guardian_reviews(world: World, number: int) -> Row:
    return {
        "review_id": f"review_{world.hex('guardian_reviews', number, 12)}",
        "target_type": pick(("task", "decision", "finding"), number),
        "target_id": real_task(world, number),
        "guardian_id": f"guardian.v{1 + number % 2}",
        "review_type": pick(("AUTO", "MANUAL"), number),
        "verdict": pick(("PASS", "FAIL", "NEEDS_REVIEW"), number),
        "confidence": round(0.6 + number % 40 / 100, 2),
        "rule_snapshot_id": f"rules-{number % 3}" if number % 2 else None,
        "evidence": escaped({"checks": ["格式", "tests"]}),
        "created_at": times.aware(world.when("guardian_reviews", number)),
    }


def schema_capabilities(world: World, number: int) -> Row:
    capability, about = (
        ("context_governance", "budget of each prompt"),
        ("chat_artifacts", "summaries and decisions of a chat"),
        ("context_snapshots", "tokens of each prompt"),
        ("context_diff", "what changed between two prompts"),
    )[number]
    return {
        "capability": capability,
        "version": "0.11.0",
        "enabled": 1,
        "description": about,
        "added_at": times.seconds(times.START),
    }
