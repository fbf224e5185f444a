"""Atlas: rows of its tables, by the two writers that real files have.

The repository class writes UTC with a blank and escaped JSON; the web app and its collector write raw JSON,
and the clock of the host with a T.
"""

from hashlib import sha256
from typing import Any

from apps.samples import times
from apps.samples.atlas.articles import FEEDS, Feed, body, title
from apps.samples.text import ODD_TEXTS, escaped, plain
from apps.samples.world import Row, World, pick


def data_sources(world: World, number: int) -> Row:
    feed = FEEDS[number % len(FEEDS)]
    moment = times.START + number * times.MINUTE + number
    failing = number % 5 == 3
    tags = [feed.category, "新闻" if feed.language == "zh" else "feed"]
    return {
        "id": feed.key if number < len(FEEDS) else f"{feed.key}-{number}",
        "name": feed.name if number < len(FEEDS) else f"{feed.name} {number}",
        "description": f"Sample feed: {feed.category}" if number % 3 else None,
        "source_type": feed.kind,
        "url": f"https://{feed.key.replace('_', '-')}.example.com/feed/",
        "config": escaped({"selectors": {"title": "h1", "正文": "article"}}) if number % 2 else "{}",
        "enabled": int(number % 6 > 0),
        "collection_interval": 3600 if number % 2 else 1800,
        "max_items_per_run": 100,
        "retry_count": 3,
        "timeout": 30,
        "tags": ",".join(tags) if number == 9 else escaped(tags if number % 4 else []),
        "category": feed.category,
        "language": feed.language,
        "created_at": times.short(moment),
        "updated_at": times.short(moment + number % 2 * times.DAY),
        "last_collected_at": None,
        "last_success_at": times.local(times.START + times.SPAN - number * times.HOUR)
        if not failing
        else None,
        "collection_count": number if failing else 0,
        "success_count": 0 if failing else 40 + number,
        "error_count": number if failing else 0,
        "last_error": "未获取到数据" if failing else None,
    }


def article(number: int) -> int:
    """Number of the article in a document: every run collects some articles again."""
    return number - 1 if number % 10 == 9 else number


def feed_of(number: int) -> Feed:
    return FEEDS[article(number) * 7 % len(FEEDS)]


def source_reference(number: int, feed: Feed) -> str:
    """What stands for the source: its key by the repository class, its name or unknown by the web app."""
    if number % 5 == 0:
        return feed.key
    return "unknown" if number % 5 > 2 else feed.name


def content(number: int) -> str:
    """Text of a document."""
    what = article(number)
    if what % 31 == 30:
        return ""
    if what % 24 == 10:
        return ODD_TEXTS[what // 24 % len(ODD_TEXTS)]
    return body(feed_of(number).topic, what)


def _metadata(number: int, feed: Feed, moment: int) -> str:
    what = article(number)
    if number % 5 == 0:
        return escaped({"tags": ["标签", feed.category], "depth": number % 4})
    published = times.seconds(moment - times.DAY)
    stamps = (published, published, "Fri, 19 Dec 2025 10:00:00 GMT", "")
    return plain(
        {
            "title": title(feed.topic, what),
            "link": link(number),
            "pub_date": pick(stamps, what),
            "author": pick(("编辑部", "Sample Writer", ""), what),
            "tags": [feed.category, "示例"],
            "source_config": {},
            "collected_at": times.local(moment),
        }
    )


def link(number: int) -> str:
    feed = feed_of(number)
    return f"https://{feed.key.replace('_', '-')}.example.com/posts/{article(number)}"


def raw_documents(world: World, number: int) -> Row:
    feed, moment = feed_of(number), world.when("raw_documents", number)
    by_repository = number % 5 == 0
    text, stamp = content(number), times.short(moment)
    published = times.seconds(moment - times.DAY) + ("+00:00" if number % 2 else "")
    return {
        "id": world.uuid("raw_documents", number),
        "source_id": source_reference(number, feed),
        "source_url": link(number),
        "source_type": feed.kind if by_repository else "rss_feed",
        "document_type": pick(("html", "json", "text", "pdf", "unknown"), number // 5)
        if by_repository
        else "rss",
        "raw_content": text,
        "raw_metadata": _metadata(number, feed, moment),
        "collected_at": stamp,
        "collector_version": "0.1.0" if by_repository else "1.0.0",
        "processing_status": pick(("pending", "processing", "failed", "skipped"), number // 5)
        if by_repository
        else "completed",
        "processing_error": "timeout after 30 s" if by_repository and number // 5 % 4 == 2 else None,
        "processing_attempts": int(by_repository),
        "content_hash": sha256(text.encode()).hexdigest(),
        "title": title(feed.topic, article(number)) if text else "",
        "author": "Sample Writer" if by_repository else None,
        "published_at": published if by_repository else None,
        "language": feed.language if by_repository else None,
        "created_at": stamp,
        "updated_at": stamp,
    }


def processed_documents(world: World, number: int) -> Row:
    document = number * 2 % world.count("raw_documents")
    feed, moment = feed_of(document), world.when("processed_documents", number)
    heading, text = title(feed.topic, article(document)), content(document)
    duplicate = number % 5 == 4
    groups = world.count("duplicate_groups")
    summary = text.split("\n")[0] if number % 3 else None
    whole = " ".join(part for part in (heading, summary, text) if part)
    stamp = times.short(moment)
    return {
        "id": world.uuid("processed_documents", number),
        "raw_document_id": world.uuid("raw_documents", document),
        "title": heading if number % 11 else None,
        "summary": summary,
        "content": text,
        "structured_content": pick(("null", "{}", escaped({"headings": [heading]})), number),
        "extracted_metadata": escaped({"words": len(text.split())}) if number % 2 else "{}",
        "entities": escaped([{"text": feed.name, "type": "ORG"}]) if number % 3 else "[]",
        "keywords": escaped([feed.category, "示例"]),
        "categories": escaped([feed.category] if number % 4 else []),
        "processed_at": stamp,
        "processor_version": "0.1.0",
        "processing_time_ms": 12 + number % 90 if number % 2 else None,
        "content_hash": sha256(whole.encode()).hexdigest(),
        "similarity_group_id": group_key(world, number % groups) if duplicate else None,
        "similarity_score": round(0.85 + number % 15 / 100, 2) if duplicate else None,
        "is_duplicate": int(duplicate),
        "quality_score": round(number % 100 / 100, 2) if number % 6 else None,
        "relevance_score": None,
        "created_at": stamp,
        "updated_at": stamp,
    }


def collection_tasks(world: World, number: int) -> Row:
    feed = FEEDS[number * 5 % len(FEEDS)]
    moment = world.when("collection_tasks", number)
    if number % 4 == 0:
        return _repository_task(world, number, feed, moment)
    failed = number % 7 == 5
    row = _task_row(None, feed.name, "manual", "failed" if failed else "success")
    return row | {
        "created_at": times.local(moment),
        "started_at": times.local(moment + 19),
        "completed_at": times.local(moment + 22),
        "items_collected": 0 if failed else 3 + number % 20,
        "error_message": "未获取到数据" if failed else "",
    }


def _repository_task(world: World, number: int, feed: Feed, moment: int) -> Row:
    status = pick(("completed", "pending", "running", "failed", "cancelled"), number // 4)
    row = _task_row(world.uuid("collection_tasks", number), feed.key, "collection", status)
    return row | {
        "priority": number % 3,
        "created_at": times.short(moment),
        "started_at": times.short(moment + times.SECOND) if status != "pending" else None,
        "completed_at": times.short(moment + times.MINUTE) if status == "completed" else None,
        "worker_id": f"worker-{number % 4}",
        "error_details": escaped({"原因": "timeout"}) if status == "failed" else "{}",
        "config": escaped({"max_items": 10}),
    }


def _task_row(key: str | None, source: str, kind: str, status: str) -> dict[str, Any]:
    return {
        "id": key,
        "source_id": source,
        "task_type": kind,
        "status": status,
        "priority": 0,
        "created_at": "",
        "started_at": None,
        "completed_at": None,
        "worker_id": None,
        "retry_count": 0,
        "max_retries": 3,
        "items_collected": 0,
        "items_processed": 0,
        "items_failed": 0,
        "error_message": None,
        "error_details": "{}",
        "config": "{}",
    }


def system_metrics(world: World, number: int) -> Row:
    draw = world.draw("system_metrics", number)
    return {
        "id": world.uuid("system_metrics", number),
        "timestamp": times.short(world.when("system_metrics", number)),
        "total_raw_documents": number * 10,
        "total_processed_documents": number * 5,
        "documents_last_24h": draw % 90,
        "total_sources": len(FEEDS),
        "active_sources": len(FEEDS) - 2,
        "failed_sources": draw % 3,
        "pending_tasks": draw % 5,
        "running_tasks": draw % 2,
        "completed_tasks_last_24h": draw % 40,
        "cpu_usage_percent": draw % 1000 / 10,
        "memory_usage_mb": 180.5 + draw % 100,
        "disk_usage_mb": None if number % 3 else 2048.25,
        "avg_processing_time_ms": None,
        "avg_collection_time_ms": draw % 5000 / 4,
        "error_rate_last_24h": 1e-05 * (draw % 300),
    }


def group_key(world: World, number: int) -> str:
    """Key of a group of duplicates: free text, here and there a uuid."""
    return world.uuid("duplicate_groups", number) if number % 2 else f"grp-{number}"


def duplicate_groups(world: World, number: int) -> Row:
    moment = world.when("duplicate_groups", number)
    return {
        "group_id": group_key(world, number),
        "created_at": times.short(moment),
        "updated_at": times.short(moment),
        "representative_document_id": world.uuid("processed_documents", number * 3),
        "document_count": 2,
        "similarity_threshold": 0.85,
        "total_content_length": 400 + number % 300,
        "avg_content_length": (400 + number % 300) / 2,
        "min_published_at": times.seconds(moment - times.DAY) if number % 2 else None,
        "max_published_at": times.seconds(moment) if number % 2 else None,
        "detection_method": pick(("content_hash", "minhash"), number),
        "detection_config": escaped({"阈值": 0.85}) if number % 2 else "{}",
    }


def duplicate_group_members(world: World, number: int) -> Row:
    group, second = divmod(number, 2)
    return {
        "group_id": group_key(world, group % world.count("duplicate_groups")),
        "document_id": world.uuid("processed_documents", group * 3 + second),
        "similarity_score": round(1 - second * number % 15 / 100, 2),
        "added_at": times.short(world.when("duplicate_group_members", number)),
    }
