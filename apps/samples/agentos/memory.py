"""AgentOS: long-term memory and its upkeep, and the first content registry."""

from apps.samples import times
from apps.samples.agentos.common import job, slug
from apps.samples.text import escaped, plain
from apps.samples.world import Row, World, pick

FACTS = (
    ("decision", "orders are stored in PostgreSQL, not in files", ("db", "数据库")),
    ("convention", "提交信息第一行不超过 72 个字符", ("git", "约定")),
    ("constraint", "no network access in tests", ("tests",)),
    ("known_issue", "导出大文件时内存会涨到 2 GB", ("export",)),
    ("playbook", "when the queue stalls: drain, restart, replay", ("ops",)),
    ("glossary", "“星图”指知识点之间的关系图", ("术语",)),
)


def memory_key(world: World, number: int) -> str:
    return f"mem-{world.hex('memory_items', number % world.count('memory_items'), 12)}"


def memory_items(world: World, number: int) -> Row:
    kind, fact, tags = pick(FACTS, number)
    moment = world.when("memory_items", number)
    by_default = number % 4 == 3
    scope = pick(("project", "global", "repo", "task", "agent"), number)
    return {
        "id": f"mem-{world.hex('memory_items', number, 12)}",
        "scope": scope,
        "type": kind,
        "content": escaped({"summary": fact, "details": job(number).intent}),
        "tags": escaped(tags),
        "sources": escaped([job(number).path] if number % 2 else []),
        "created_at": times.seconds(moment) if by_default else times.aware(moment),
        "updated_at": times.seconds(moment) if by_default else times.aware(moment + times.HOUR),
        "confidence": 0.5 + number % 6 / 10,
        "project_id": None if scope == "global" else slug(world, number),
        "last_used_at": times.seconds(moment + times.DAY) if number % 5 == 0 else None,
        "use_count": number % 9,
        "retention_type": pick(("project", "permanent", "temporary"), number),
        "expires_at": times.seconds(moment + 30 * times.DAY) if number % 3 == 2 else None,
        "auto_cleanup": int(number % 4 > 0),
    }


def memory_audit_log(world: World, number: int) -> Row:
    return {
        "id": number + 1,
        "event": pick(("created", "updated", "merged", "promoted", "decayed", "migrated"), number),
        "memory_id": memory_key(world, number),
        "timestamp": times.seconds(world.when("memory_audit_log", number)),
        "metadata": escaped({"原因": "confidence", "new": 0.6}) if number % 2 else None,
    }


def memory_gc_runs(world: World, number: int) -> Row:
    moment = world.when("memory_gc_runs", number)
    status = pick(("completed", "failed", "completed"), number)
    return {
        "id": number + 1,
        "started_at": times.aware(moment),
        "completed_at": times.aware(moment + times.MINUTE) if status == "completed" else None,
        "status": status,
        "memories_decayed": number % 5,
        "memories_deleted": number % 2,
        "memories_promoted": number % 3,
        "error": "first memory could not be read" if status == "failed" else None,
        "metadata": escaped({"decay_rate": 0.95}),
    }


def content_key(world: World, number: int) -> str:
    """Key of registered content; each has two versions."""
    return f"content-{world.hex('content_registry', number, 8)}-{number}"


def content_registry(world: World, number: int) -> Row:
    content, later = divmod(number, 2)
    moment = world.when("content_registry", number)
    return {
        "id": content_key(world, content),
        "type": pick(("agent", "workflow", "skill"), content),
        "version": "1.1.0" if later else "1.0.0",
        "status": pick(("active", "frozen", "draft"), content) if later else "deprecated",
        "checksum": world.sha("content_registry", number),
        "parent_version": "1.0.0" if later else None,
        "change_reason": "更清楚的提示词" if later else None,
        "is_root": 1 - later,
        "created_at": times.seconds(moment),
        "activated_at": times.aware(moment + times.HOUR),
        "deprecated_at": None if later else times.aware(moment + times.DAY),
        "frozen_at": None,
        "metadata": escaped({"owner": "sample"}) if later else None,
        "spec": plain({"prompt": "你是一位细心的工程师。", "max_steps": 10 + later}),
    }


def content_lineage(world: World, number: int) -> Row:
    return {
        "id": number + 1,
        "content_id": content_key(world, number),
        "from_version": "1.0.0",
        "to_version": "1.1.0",
        "diff": escaped({"max_steps": [10, 11]}) if number % 2 else None,
        "reason": "更清楚的提示词",
        "created_at": times.seconds(world.when("content_lineage", number)),
    }


def content_audit_log(world: World, number: int) -> Row:
    return {
        "id": number + 1,
        "event": pick(("registered", "activated", "deprecated", "frozen", "unfrozen", "superseded"), number),
        "content_id": content_key(world, number // 3),
        "version": "1.1.0" if number % 2 else "1.0.0",
        "timestamp": times.seconds(world.when("content_audit_log", number)),
        "operator": None,
        "metadata": escaped({"说明": "sample"}) if number % 2 else None,
    }
