"""Sparkle: conversations with the tutor, and what they cost."""

from apps.samples import times
from apps.samples.concepts import concept
from apps.samples.sparkle.common import at_or_none, stamped, user, users_task
from apps.samples.text import escaped, place, sessions, tutoring
from apps.samples.world import Row, World, pick

MODELS = ("gpt-4", "qwen-plus", "deepseek-chat")
SESSION_STEP = 41 * times.SECOND


def chat_messages(world: World, number: int) -> Row:
    at = place(number)
    owner, draw = at.session % world.count("users"), world.draw("chat_messages", number)
    pause = times.SPAN // sessions(world.rows)
    moment = times.START + at.session * pause + at.turn * SESSION_STEP + draw % times.SECOND
    answer = at.turn % 2 == 1
    actions = None
    if answer:
        actions = (
            escaped([{"type": "create_task", "title": concept(at.session).zh}]) if number % 7 == 3 else "null"
        )
    stamp = times.micros(moment)
    return {
        "id": world.uuid("chat_messages", number),
        "user_id": world.uuid("users", owner),
        "task_id": users_task(world, owner, at.session) if at.session % 3 == 0 else None,
        "session_id": world.uuid("chat_sessions", at.session),
        "message_id": None if answer or number % 4 == 0 else world.uuid("chat_clients", number),
        "role": "ASSISTANT" if answer else "USER",
        "content": tutoring(number, at),
        "actions": actions,
        "parse_degraded": int(draw % 50 == 0),
        "tokens_used": 40 + draw % 400 if answer else None,
        "model_name": MODELS[at.session % 3] if answer else None,
        "created_at": stamp,
        "updated_at": stamp,
        "deleted_at": times.micros(moment + times.DAY) if number % 61 == 60 else None,
    }


def token_usage(world: World, number: int) -> Row:
    draw = world.draw("token_usage", number)
    prompt, completion = 200 + draw % 900, 40 + draw % 400
    session = number % sessions(world.rows)
    return {
        **stamped(world, "token_usage", number),
        "user_id": user(world, session),
        "session_id": world.uuid("chat_sessions", session) if number % 9 else f"web-{number}",
        "request_id": f"req-{world.hex('token_usage', number, 20)}",
        "prompt_tokens": prompt,
        "completion_tokens": completion,
        "total_tokens": prompt + completion,
        "model": MODELS[session % 3],
        "cost": round((prompt * 3 + completion * 6) / 1e6, 6) if number % 6 else None,
    }


def agent_execution_stats(world: World, number: int) -> Row:
    draw = world.draw("agent_execution_stats", number)
    moment = world.when("agent_execution_stats", number)
    status = pick(("success", "success", "success", "failed", "timeout"), draw)
    return {
        "id": number + 1,
        "user_id": 1 + number % 50,
        "session_id": world.uuid("chat_sessions", number % sessions(world.rows)),
        "request_id": f"run-{number:06d}",
        "agent_type": pick(("orchestrator", "knowledge", "math", "code"), number),
        "agent_name": pick((None, "导师", "Math helper"), number),
        "started_at": times.micros(moment),
        "completed_at": at_or_none(moment + 2 * times.SECOND, status != "timeout"),
        "duration_ms": 300 + draw % 4000 if status != "timeout" else None,
        "status": status,
        "tool_name": pick((None, "search_nodes", "create_task"), draw >> 8),
        "operation": None,
        "extra_metadata": escaped({"重试": draw % 3}) if number % 2 else "{}",
        "error_message": "tool did not answer" if status == "failed" else None,
        "created_at": times.micros(moment),
    }
