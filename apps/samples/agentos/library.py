"""AgentOS: the knowledge base, snippets, content and answers."""

from apps.samples import times
from apps.samples.agentos.common import job, real_task
from apps.samples.embedding import as_floats, embed
from apps.samples.text import ODD_TEXTS, escaped, plain
from apps.samples.world import Row, World, pick

#: Documents: path, kind, tags, and the passages under their headings.
DOCUMENTS = (
    ("docs/adr/001-storage.md", "adr", ("architecture", "db"), (
        ("# Storage", "We keep orders in PostgreSQL because two services read them at once."),
        ("## 取舍", "文件更简单，但无法并发写入；数据库需要备份。"),
    )),
    ("docs/runbook/import.md", "runbook", ("ops", "导入"), (
        ("# Failed imports", "Look at the quarantine first; nothing is lost, only set aside."),
        ("## 重试", "修好数据后运行一次重试，等待的行会一起进来。"),
    )),
    ("docs/spec/search.md", "spec", ("search", "api"), (
        ("# Search API", "The query may be Chinese or English; two characters are enough."),
        ("## 分页", "按键值翻页，不用偏移量，翻到最后一页也一样快。"),
    )),
    ("docs/guide/style.md", "guide", ("style", "it's short"), (
        ("# Style", "Short functions, plain words, no comments that repeat the code."),
        ("## 命名", "名字说明用途，不说明类型。"),
    )),
    ("docs/index.md", "index", (), (
        ("# Index", "Start here: storage, imports, search, style."),
        ("## 目录", "存储、导入、搜索、风格。"),
    )),
    ("README.md", "default", ("首页",), (
        ("# Demo shop", "A shop that sells nothing and tests everything 🛒"),
        ("## 安装", "一条命令即可启动。"),
    )),
)  # fmt: skip
MODELS = (("sentence-transformers/all-MiniLM-L6-v2", 384), ("sample/wide-encoder", 768))

SNIPPETS = (
    ("python", "def add(a: int, b: int) -> int:\n    return a + b\n", "两数相加"),
    ("sql", "SELECT status, count(*)\nFROM tasks\nGROUP BY status;\n", "Tasks by status"),
    ("bash", "set -euo pipefail\ngrep -rn 'TODO' src/ | wc -l\n", "统计待办"),
    ("regex", r"^\\N\s+C:\\temp\\(\w+)\.txt$", "Backslashes everywhere"),
)


def source_key(world: World, number: int) -> str:
    return f"src_{world.hex('kb_sources', number, 16)}"


def chunk_key(world: World, number: int) -> str:
    return f"chunk_{world.hex('kb_chunks', number, 16)}"


def kb_sources(world: World, number: int) -> Row:
    path, kind, tags, _passages = pick(DOCUMENTS, number)
    moment = world.when("kb_sources", number)
    return {
        "source_id": source_key(world, number),
        "repo_id": world.tagged("workspace"),
        "path": path if number < len(DOCUMENTS) else f"part{number // len(DOCUMENTS)}/{path}",
        "file_hash": world.sha("kb_sources", number),
        "mtime": times.epoch(moment),
        "doc_type": kind,
        "language": "markdown",
        "tags": repr(list(tags)),
        "created_at": times.aware(moment),
        "updated_at": times.aware(moment + times.DAY),
    }


def kb_chunks(world: World, number: int) -> Row:
    sources = world.count("kb_sources")
    source, place = number % sources, number // sources
    heading, passage = pick(pick(DOCUMENTS, source)[3], place)
    text = pick(ODD_TEXTS, number // 24) if number % 24 == 10 else f"{passage} ({number})"
    return {
        "chunk_id": chunk_key(world, number),
        "source_id": source_key(world, source),
        "heading": heading if number % 7 else None,
        "start_line": place * 20 + 1,
        "end_line": place * 20 + 18,
        "content": text,
        "content_hash": world.sha("kb_chunks", number),
        "token_count": 12 + number % 300,
        "created_at": times.aware(world.when("kb_chunks", number)),
    }


def kb_embeddings(world: World, number: int) -> Row:
    source = number % world.count("kb_sources")
    model, width = MODELS[1] if number % 10 == 9 else MODELS[0]
    vector = embed(width, 200 + source % len(DOCUMENTS), number // world.count("kb_sources") % 2, number)
    return {
        "chunk_id": chunk_key(world, number),
        "model": model,
        "dims": width,
        "vector": as_floats(vector),
        "content_hash": world.sha("kb_chunks", number),
        "built_at": times.epoch(world.when("kb_embeddings", number)),
    }


def kb_index_meta(world: World, number: int) -> Row:
    key, value = (
        ("kb_schema_version", "0.7.0"),
        ("chunking_policy", "heading_based_300_800"),
        ("last_refresh", times.aware(times.START + times.SPAN)),
        ("fts_mode", "contentless"),
        ("fts_columns", "path,heading,content"),
    )[number]
    seeded = number < 2
    return {
        "key": key,
        "value": value,
        "updated_at": times.seconds(times.START) if seeded else times.aware(times.START + times.SPAN),
    }


def kb_embedding_meta(world: World, number: int) -> Row:
    key, value = (("active_model", MODELS[0][0]), ("last_build", "completed"))[number]
    return {"key": key, "value": value, "updated_at": times.epoch(times.START + times.SPAN)}


def snippets(world: World, number: int) -> Row:
    language, code, title = pick(SNIPPETS, number)
    moment = times.epoch(world.when("snippets", number))
    return {
        "id": world.uuid("snippets", number),
        "title": f"{title} {number}" if number % 5 else None,
        "language": language,
        "code": code,
        "tags_json": escaped([language, "片段"]) if number % 3 else None,
        "source_type": pick(("chat", "task", "manual"), number),
        "source_session_id": None,
        "source_message_id": None,
        "source_model": pick((None, "qwen2.5:14b"), number),
        "created_at": moment,
        "updated_at": moment + number % 3 * 3600,
    }


def snippet_notes(world: World, number: int) -> Row:
    return {
        "snippet_id": world.uuid("snippets", number),
        "summary": f"{pick(SNIPPETS, number)[2]}：要点",
        "usage": "paste and run" if number % 2 else None,
    }


def content_items(world: World, number: int) -> Row:
    kind = pick(("agent", "workflow", "skill", "tool"), number)
    moment = world.when("content_items", number)
    return {
        "id": f"item-{world.hex('content_items', number, 12)}",
        "content_type": kind,
        "name": world.tagged(f"{kind}-{number}"),
        "version": "1.0.0",
        "status": pick(("draft", "active", "deprecated", "frozen"), number),
        "source_uri": f"https://git.example.com/content/{kind}-{number}" if number % 2 else None,
        "metadata_json": plain({"作者": "示例", "steps": number % 5}),
        "release_notes": "" if number % 3 else "首次发布",
        "created_at": times.doubled(moment),
        "updated_at": times.doubled(moment + times.DAY),
    }


def pack_key(world: World, number: int) -> str:
    return f"pack-{world.hex('answer_packs', number % world.count('answer_packs'), 12)}"


def answer_packs(world: World, number: int) -> Row:
    moment = world.when("answer_packs", number)
    items = [
        {"question": "Which database?", "answer": "PostgreSQL"},
        {"question": "部署在哪里？", "answer": "本地"},
    ]
    return {
        "id": pack_key(world, number),
        "name": world.tagged(f"answers {number}"),
        "status": pick(("draft", "active", "archived"), number),
        "items_json": escaped(items),
        "metadata_json": escaped({"n": number}) if number % 2 else None,
        "created_at": times.doubled(moment),
        "updated_at": times.doubled(moment),
    }


def answer_pack_links(world: World, number: int) -> Row:
    return {
        "id": f"link-{world.hex('answer_pack_links', number, 12)}",
        "pack_id": pack_key(world, number),
        "entity_type": pick(("task", "intent"), number),
        "entity_id": real_task(world, number) if number % 2 == 0 else f"intent-{job(number).path}",
        "created_at": times.doubled(world.when("answer_pack_links", number)),
    }
