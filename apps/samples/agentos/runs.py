"""AgentOS: runs, patches, and what is learnt from failures."""

from typing import Any

from apps.samples import times
from apps.samples.agentos.common import MIGRATED_AT, job, real_task, run_id, slug
from apps.samples.text import escaped, plain
from apps.samples.world import Row, World, pick


def schema_version(world: World, number: int) -> Row:
    return {"version": f"0.{number + 1}.0", "applied_at": MIGRATED_AT}


def runs(world: World, number: int) -> Row:
    moment = world.when("runs", number)
    kind = pick(("scan", "generate", "orchestrate"), number)
    status = "RUNNING" if kind == "orchestrate" else pick(("SUCCEEDED", "FAILED", "QUEUED"), number // 3)
    return {
        "id": number + 1,
        "project_id": slug(world, number),
        "type": kind,
        "status": status,
        "started_at": times.seconds(moment),
        "completed_at": times.seconds(moment + times.MINUTE) if status in ("SUCCEEDED", "FAILED") else None,
        "error": "scan stopped: 权限不足" if status == "FAILED" else None,
        "lease_until": times.aware(moment + times.HOUR) if status == "RUNNING" else None,
    }


def artifacts(world: World, number: int) -> Row:
    kind = pick(("factpack", "agent_spec", "agent_md"), number)
    run = number % world.count("runs")
    return {
        "id": number + 1,
        "run_id": run + 1,
        "type": kind,
        "path": f"outputs/{slug(world, run)}/{kind}.{'md' if kind == 'agent_md' else 'json'}",
        "created_at": times.seconds(world.when("artifacts", number)),
    }


def task_runs(world: World, number: int) -> Row:
    moment = world.when("task_runs", number)
    status = pick(
        ("SUCCEEDED", "FAILED", "SUCCEEDED", "RUNNING", "WAITING_LOCK", "BLOCKED", "QUEUED"), number
    )
    ended = status in ("SUCCEEDED", "FAILED")
    return {
        "id": number + 1,
        "task_id": real_task(world, number),
        "project_id": slug(world, number),
        "agent_type": pick(("coder", "reviewer", None), number),
        "execution_mode": pick(("interactive", "semi_auto", "full_auto"), number),
        "execution_policy": escaped({"网络": False, "max_steps": 20}) if number % 2 else None,
        "status": status,
        "started_at": times.seconds(moment),
        "completed_at": times.seconds(moment + 3 * times.MINUTE) if ended else None,
        "error": "tests failed: 2 of 118" if status == "FAILED" else None,
        "lease_holder": f"runner-{number % 3}" if status == "RUNNING" else None,
        "lease_until": times.aware(moment + times.HOUR) if status == "RUNNING" else None,
        "retry_count": number % 3,
        "max_retries": 3,
        "triggered_by": pick(("manual", "cron", "dependency"), number),
    }


def run_steps(world: World, number: int) -> Row:
    step = number // world.count("task_runs")
    moment = world.when("task_runs", number % world.count("task_runs")) + step * 20 * times.SECOND
    status = pick(("SUCCEEDED", "SUCCEEDED", "SUCCEEDED", "FAILED"), number)
    return {
        "id": number + 1,
        "run_id": run_id(world, number),
        "step_type": pick(("plan", "apply", "verify", "publish", "fixup", "rebase"), step),
        "status": status,
        "input_summary": escaped({"file": job(number).path}),
        "output_summary": escaped({"行数": number % 60}) if status == "SUCCEEDED" else None,
        "started_at": times.seconds(moment),
        "completed_at": times.seconds(moment + 15 * times.SECOND),
        "error": "assertion failed" if status == "FAILED" else None,
    }


def patch_key(world: World, number: int) -> str:
    """Key of a patch: p and eight hex digits, different for each number."""
    number %= world.count("patches")
    return f"p{(number * 0x9E3779B1 + world.draw('patches', 0)) & 0xFFFFFFFF:08x}"


def patches(world: World, number: int) -> Row:
    return {
        "id": number + 1,
        "patch_id": patch_key(world, number),
        "run_id": run_id(world, number),
        "step_id": 1 + number % world.count("run_steps") if number % 3 else None,
        "intent": job(number).intent,
        "files": escaped([job(number).path, "tests/说明.md"]),
        "diff_hash": world.sha("patches", number),
        "created_at": times.seconds(world.when("patches", number)),
    }


def commit_links(world: World, number: int) -> Row:
    return {
        "id": number + 1,
        "patch_id": patch_key(world, number),
        "commit_hash": world.sha("commits", number)[:40],
        "commit_message": f"{job(number).title}\n\n{job(number).intent}.",
        "committed_at": times.seconds(world.when("commit_links", number)),
        "repo_root": f"/home/dev/{slug(world, number)}",
    }


def file_locks(world: World, number: int) -> Row:
    moment = world.when("file_locks", number)
    return {
        "id": number + 1,
        "repo_root": world.tag or ".",
        "file_path": f"{number}/{job(number).path}",
        "locked_by_task": real_task(world, number),
        "locked_by_run": times.epoch_ms(moment),
        "lease_id": None,
        "expires_at": times.aware(moment + 10 * times.MINUTE),
        "metadata": plain({"意图": job(number).intent}) if number % 2 else None,
        "created_at": times.seconds(moment),
    }


def task_dependencies(world: World, number: int) -> Row:
    return {
        "id": number + 1,
        "task_id": real_task(world, number + 1),
        "depends_on_task_id": real_task(world, number),
        "dependency_type": pick(("sequential", "blocking"), number),
    }


def task_conflicts(world: World, number: int) -> Row:
    return {
        "id": number + 1,
        "task_id": real_task(world, number),
        "conflicts_with_task_id": real_task(world, number + 2),
    }


def failure_packs(world: World, number: int) -> Row:
    return {
        "id": f"fail-{world.hex('failure_packs', number, 12)}",
        "run_id": run_id(world, number * 7 + 1),
        "task_id": real_task(world, number * 7 + 1),
        "failure_type": pick(("lock_conflict", "schema_validation_failure", "test_failure"), number),
        "root_cause_summary": f"{job(number).path} 被另一个任务锁住",
        "evidence_refs": escaped([f"tape:{number}", f"log:{number}"]),
        "suggested_actions": escaped(["retry", "拆分任务"]) if number % 2 else None,
        "retriable": number % 2,
        "risk_delta": "+0.1" if number % 3 == 0 else None,
        "created_at": times.seconds(world.when("failure_packs", number)),
    }


def learning_packs(world: World, number: int) -> Row:
    status = pick(("proposed", "approved", "applied", "rejected"), number)
    moment = world.when("learning_packs", number)
    return {
        "id": f"learn-{world.hex('learning_packs', number, 12)}",
        "source_runs": escaped([run_id(world, number), run_id(world, number + 7)]),
        "pattern": "同一文件被两个任务同时修改时总会失败",
        "proposed_memory_items": escaped([{"type": "convention", "内容": "先加锁再改"}])
        if number % 2
        else None,
        "proposed_policy_patch": escaped({"max_parallel": 1}) if number % 3 else None,
        "confidence": 0.5 + number % 5 / 10,
        "verification_plan": "replay three runs" if number % 2 else None,
        "status": status,
        "created_at": times.seconds(moment),
        "applied_at": times.seconds(moment + times.DAY) if status == "applied" else None,
    }


def policy_lineage(world: World, number: int) -> Row:
    parent: int | None = number - 1 if number % 3 == 2 else None
    if number % 3 == 0 and number + 1 < world.count("policy_lineage"):
        parent = number + 1  # restored from a backup after its child
    packs = world.count("learning_packs")
    moment = world.when("policy_lineage", number)
    return {
        "policy_id": f"policy-{world.hex('policy_lineage', number, 8)}-{number}",
        "parent_policy_id": None
        if parent is None
        else f"policy-{world.hex('policy_lineage', parent, 8)}-{parent}",
        "source_learning_pack_id": f"learn-{world.hex('learning_packs', number % packs, 12)}",
        "diff": escaped({"max_parallel": [2, 1]}),
        "effective_from": times.seconds(moment),
        "effective_until": None,
        "rollback_conditions": escaped({"失败率": 0.2}) if number % 2 else None,
        "status": pick(("canary", "active", "frozen", "rolled_back"), number),
        "applied_to": escaped({"project_ids": [slug(world, number)]}),
        "created_at": times.seconds(moment),
    }


def run_tapes(world: World, number: int) -> Row:
    steps: list[dict[str, Any]] = [
        {"step": "plan", "tokens": 120 + number % 80},
        {"step": "apply", "file": job(number).path, "说明": job(number).intent},
        {"step": "verify", "passed": number % 4 > 0},
    ]
    return {
        "id": f"tape-{world.hex('run_tapes', number, 12)}",
        "run_id": run_id(world, number),
        "steps": plain(steps),
        "metadata": escaped({"version": 1}) if number % 2 else None,
        "created_at": times.seconds(world.when("run_tapes", number)),
    }


def resource_usage(world: World, number: int) -> Row:
    draw = world.draw("resource_usage", number)
    return {
        "id": number + 1,
        "run_id": run_id(world, number),
        "tokens_used": draw % 9000,
        "cost_usd": draw % 9000 * 2e-06,
        "execution_time_ms": draw % 600_000,
        "recorded_at": times.seconds(world.when("resource_usage", number)),
    }


def healing_actions(world: World, number: int) -> Row:
    packs = world.count("failure_packs")
    return {
        "id": number + 1,
        "failure_pack_id": f"fail-{world.hex('failure_packs', number % packs, 12)}",
        "action_type": pick(("retry", "rebase", "split_task"), number),
        "parameters": escaped({"delay_s": 30}) if number % 2 else None,
        "risk_level": pick(("low", "medium", "high"), number),
        "executed_at": times.seconds(world.when("healing_actions", number)),
        "success": pick((1, 0, None), number),
        "result_summary": "重试后通过" if number % 3 == 0 else None,
    }
