"""AgentOS: resumable work, its checkpoints, results kept against doing it twice."""

from apps.samples import times
from apps.samples.agentos.common import job, real_task
from apps.samples.text import escaped, plain
from apps.samples.world import Row, World, pick


def work_key(world: World, number: int) -> str:
    return f"work-{world.hex('work_items', number, 16)}"


def work_items(world: World, number: int) -> Row:
    moment = world.when("work_items", number)
    status = pick(("completed", "in_progress", "pending", "failed", "expired"), number)
    leased, started = status == "in_progress", status != "pending"
    return {
        "work_item_id": work_key(world, number),
        "task_id": real_task(world, number),
        "work_type": pick(("tool_execution", "llm_call", "subtask"), number),
        "status": status,
        "priority": number % 5,
        "lease_holder": f"worker-{number % 4}" if leased else None,
        "lease_acquired_at": times.seconds(moment) if leased else None,
        "lease_expires_at": times.seconds(moment + times.HOUR) if leased else None,
        "heartbeat_at": times.seconds(moment + times.MINUTE) if leased else None,
        "retry_count": number % 3,
        "max_retries": 3,
        "input_data": escaped({"文件": job(number).path}),
        "output_data": escaped({"ok": True}) if status == "completed" else None,
        "error_message": "exit status 1" if status == "failed" else None,
        "created_at": times.seconds(moment),
        "started_at": times.seconds(moment + times.SECOND) if started else None,
        "completed_at": times.seconds(moment + times.MINUTE) if status == "completed" else None,
        "updated_at": times.seconds(moment + times.MINUTE),
    }


def checkpoints(world: World, number: int) -> Row:
    item = number % world.count("work_items")
    moment = world.when("checkpoints", number)
    kinds = (
        "iteration_start",
        "tool_executed",
        "llm_response",
        "state_transition",
        "iteration_end",
        "approval_point",
    )
    return {
        "checkpoint_id": f"ckpt-{world.hex('checkpoints', number, 16)}",
        "task_id": real_task(world, item),
        "work_item_id": work_key(world, item) if number % 3 else None,
        "checkpoint_type": pick(kinds, number),
        "sequence_number": 1 + number // world.count("work_items"),
        "snapshot_data": plain(
            {"phase": "执行", "verified": number % 2 == 0, "evidence": [job(number).path]}
        ),
        "metadata": "{}",
        "created_at": times.seconds(moment) if number % 5 == 4 else times.naive(moment),
    }


def idempotency_keys(world: World, number: int) -> Row:
    item = number % world.count("work_items")
    moment = world.when("idempotency_keys", number)
    status = pick(("completed", "pending", "failed", "completed"), number)
    return {
        "idempotency_key": f"llm_cache:{world.sha('idempotency_keys', number)}:{number}",
        "task_id": real_task(world, item) if number % 3 else None,
        "work_item_id": work_key(world, item) if number % 3 == 1 else None,
        "request_hash": f"sha256:{world.sha('requests', number)}",
        "response_data": escaped({"ok": True, "答复": "完成"}) if status == "completed" else None,
        "status": status,
        "created_at": times.seconds(moment),
        "completed_at": times.seconds(moment + times.SECOND) if status == "completed" else None,
        "expires_at": times.seconds(moment + 7 * times.DAY),
    }
