"""AgentOS: chat, the web server's chat, what went into each prompt, commands the user ran."""

from apps.samples import times
from apps.samples.agentos.common import job, real_task
from apps.samples.agentos.library import chunk_key
from apps.samples.agentos.memory import memory_key
from apps.samples.text import ODD_TEXTS, Exchange, Turn, escaped, place, plain
from apps.samples.world import Row, World, pick

SCRIPT: tuple[Exchange, ...] = (
    ("看一下{path}，{intent}。", "看过了。问题在循环里：每一行都重新打开连接。建议先合并查询。"),
    ("OK, make a plan.", "1. reproduce it with a test\n2. change {path}\n3. measure again\nShall I start?"),
    ("开始吧，先写测试。", "测试已写好，目前失败，符合预期：\n```\n1 failed, 117 passed\n```"),
    (
        "What did you change?",
        "Only {path}: the query is built once, and the loop is gone. All 118 tests pass ✅",
    ),
    ("为什么快了这么多？", "原来每行一次往返；现在一次取 1,000 行，往返少了 999 次。"),
    ("Summarise for the commit message.", "{title}\n\nReason: {intent}."),
)
COMMANDS = ("kb:search", "task:list", "memory:add", "kb:refresh", "task:run")


def said(number: int, at: Turn) -> str:
    """Text of message `number`: a conversation stays with one job."""
    if number % 24 == 10:
        return pick(ODD_TEXTS, number // 24)
    return SCRIPT[at.turn // 2 % len(SCRIPT)][at.turn % 2].format(**job(at.session)._asdict())


def opened(world: World, table: str, session: int) -> int:
    """Moment at which a conversation opens, whole seconds."""
    moment = world.when(table, session % world.count(table))
    return moment - moment % times.SECOND


def chat_session(world: World, number: int) -> str:
    return world.ulid("chat_sessions", number % world.count("chat_sessions"))


def chat_sessions(world: World, number: int) -> Row:
    moment = opened(world, "chat_sessions", number)
    about = {
        "model": "qwen2.5:14b",
        "provider": "ollama",
        "context_budget": 8000,
        "rag_enabled": number % 2 == 0,
    }
    return {
        "session_id": chat_session(world, number),
        "title": job(number).title,
        "task_id": real_task(world, number) if number % 3 == 0 else None,
        "created_at": times.seconds(moment),
        "updated_at": times.seconds(moment + times.HOUR),
        "metadata": escaped(about),
    }


def chat_messages(world: World, number: int) -> Row:
    at = place(number)
    moment = opened(world, "chat_sessions", at.session) + at.turn * 20 * times.SECOND
    return {
        "message_id": world.ulid("chat_messages", number),
        "session_id": chat_session(world, at.session),
        "role": "assistant" if at.turn % 2 else "user",
        "content": said(number, at),
        "created_at": times.seconds(moment),
        "metadata": plain({"tokens_est": 8 + number % 200, "来源": "chat"}) if number % 3 else "{}",
    }


def chat_artifacts(world: World, number: int) -> Row:
    kind = pick(("summary", "requirements", "decision", "plan", "analysis"), number)
    return {
        "artifact_id": world.ulid("chat_artifacts", number),
        "artifact_type": kind,
        "session_id": chat_session(world, number) if number % 4 else None,
        "task_id": real_task(world, number) if number % 3 else None,
        "title": f"{kind}: {job(number).title}",
        "content": f"- {job(number).intent}\n- 已确认\n",
        "content_json": escaped({"要点": [job(number).intent]}) if number % 2 else None,
        "version": 1 + number % 3,
        "created_at": times.epoch_ms(world.when("chat_artifacts", number)),
        "created_by": pick(("system", "user", "agent"), number),
        "metadata": "{}",
    }


def context_snapshots(world: World, number: int) -> Row:
    draw = world.draw("context_snapshots", number)
    window, rag, memory = 500 + draw % 900, draw % 700, draw % 90
    window_ids = [world.ulid("chat_messages", number % world.count("chat_messages"))]
    composition = {"window_msg_ids": window_ids, "rag_chunk_ids": [chunk_key(world, 0)], "memory_ids": []}
    return {
        "snapshot_id": world.ulid("context_snapshots", number),
        "session_id": chat_session(world, number),
        "created_at": times.epoch_ms(world.when("context_snapshots", number)),
        "reason": pick(("send", "dry_run", "audit", "summary_trigger"), number),
        "provider": pick((None, "local", "cloud"), number),
        "model": pick((None, "qwen2.5:14b"), number),
        "budget_tokens": 8000,
        "total_tokens_est": 300 + window + rag + memory,
        "tokens_system": 300,
        "tokens_window": window,
        "tokens_rag": rag,
        "tokens_memory": memory,
        "tokens_summary": 0,
        "tokens_policy": 0,
        "composition_json": escaped(composition),
        "assembled_hash": world.sha("context_snapshots", number),
        "metadata": escaped({"watermark": "safe", "usage_ratio": round((300 + window) / 8000, 4)}),
    }


def context_snapshot_items(world: World, number: int) -> Row:
    snapshots = world.count("context_snapshots")
    snapshot, rank = number % snapshots, number // snapshots
    kind = pick(("window_msg", "rag_chunk", "memory", "policy", "summary"), rank)
    items = {
        "window_msg": world.ulid("chat_messages", (snapshot + rank) % world.count("chat_messages")),
        "rag_chunk": chunk_key(world, (snapshot + rank) % world.count("kb_chunks")),
        "memory": memory_key(world, snapshot + rank),
    }
    return {
        "snapshot_id": world.ulid("context_snapshots", snapshot),
        "item_type": kind,
        "item_id": items.get(kind, f"{kind}-{rank}"),
        "tokens_est": 20 + number % 300,
        "rank": rank,
        "metadata": escaped({"score": number % 100 / 100}) if kind == "rag_chunk" else None,
    }


def command_history(world: World, number: int) -> Row:
    moment = world.when("command_history", number)
    status = pick(("success", "success", "failure", "cancelled"), number)
    return {
        "id": f"hist_{world.hex('command_history', number, 12)}",
        "command_id": pick(COMMANDS, number),
        "args": escaped({"q": "导入", "limit": number % 20}) if number % 3 else None,
        "executed_at": times.aware(moment),
        "duration_ms": number * 7 % 900,
        "status": status,
        "result_summary": f"找到 {number % 9} 条" if status == "success" else None,
        "error": "index is being rebuilt" if status == "failure" else None,
        "task_id": real_task(world, number) if number % 4 == 1 else None,
        "session_id": None,
        "created_at": times.seconds(moment),
    }


def pinned_commands(world: World, number: int) -> Row:
    return {
        "id": f"pin_{world.hex('pinned_commands', number, 12)}",
        "history_id": f"hist_{world.hex('command_history', number, 12)}",
        "pinned_at": times.aware(world.when("pinned_commands", number)),
        "note": "每天要用" if number % 2 else None,
    }


def web_session(world: World, number: int) -> str:
    """Key of a browser session; the first has a literal name."""
    number %= world.count("webui_sessions")
    return world.ulid("webui_sessions", number) if number else "main"


def webui_sessions(world: World, number: int) -> Row:
    if number == 0:
        since = times.naive(times.START)
        about = escaped({"title": "Main Session", "tags": ["default"]})
        stamps = {"created_at": since, "updated_at": since}
        return {"session_id": "main", "user_id": "default", **stamps, "metadata": about}
    moment = world.when("webui_sessions", number)
    return {
        "session_id": web_session(world, number),
        "user_id": "default",
        "created_at": times.naive(moment),
        "updated_at": times.naive(moment + times.HOUR),
        "metadata": plain({"conversation_mode": "chat", "标题": job(number).title}),
    }


def webui_messages(world: World, number: int) -> Row:
    at = place(number)
    moment = opened(world, "webui_sessions", at.session) + at.turn * 15 * times.SECOND + number % 1000
    return {
        "message_id": world.ulid("webui_messages", number),
        "session_id": web_session(world, at.session),
        "role": "assistant" if at.turn % 2 else "user",
        "content": said(number, at),
        "created_at": times.naive(moment),
        "metadata": "{}" if at.turn % 2 == 0 else escaped({"latency": number % 40 / 10}),
    }
