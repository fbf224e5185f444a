"""AgentOS: tables that only some files have, those of a hand upgrade and the log store's."""

from apps.samples import times
from apps.samples.agentos.common import job, real_task, slug, task_key
from apps.samples.text import escaped, plain
from apps.samples.world import Row, World, pick


def repos(world: World, number: int) -> Row:
    moment = times.aware(world.when("repos", number))
    project = slug(world, number)
    return {
        "repo_id": world.ulid("repos", number),
        "project_id": project,
        "name": f"main-{number // world.count('projects')}",
        "local_path": f"/home/dev/{project}",
        "vcs_type": pick(("git", "git", "none"), number),
        "remote_url": f"https://git.example.com/{project}.git" if number % 3 else None,
        "default_branch": "main",
        "created_at": moment,
        "updated_at": moment,
        "metadata": escaped({"语言": "python"}) if number % 2 else None,
    }


def task_specs(world: World, number: int) -> Row:
    task, version = number // 2, 1 + number % 2
    return {
        "spec_id": world.ulid("task_specs", number),
        "task_id": real_task(world, task),
        "spec_version": version,
        "title": job(task).title,
        "intent": job(task).intent,
        "constraints": escaped({"不可修改": ["docs/"]}) if version == 2 else None,
        "acceptance_criteria": escaped(["tests pass", "文档已更新"]),
        "inputs": None,
        "created_at": times.aware(world.when("task_specs", number)),
        "metadata": "{}",
    }


def task_artifacts(world: World, number: int) -> Row:
    kind = pick(("file", "dir", "url", "log", "report"), number)
    path = f"https://ci.example.com/runs/{number}" if kind == "url" else f"out/{number}/{job(number).path}"
    return {
        "artifact_id": world.ulid("task_artifacts", number),
        "task_id": real_task(world, number),
        "kind": kind,
        "path": path,
        "display_name": f"产物 {number}" if number % 2 else None,
        "hash": world.sha("task_artifacts", number) if kind == "file" else None,
        "size_bytes": 5_000_000_000 + number if kind == "log" else 100 + number,
        "created_at": times.aware(world.when("task_artifacts", number)),
        "metadata": None,
    }


def task_event_seq_counters(world: World, number: int) -> Row:
    tasks = world.count("task_event_seq_counters")
    events = world.count("task_events")
    return {
        "task_id": task_key(world, 1 + number),
        "next_seq": 1 + len(range(number, events, tasks)),
        "updated_at": times.seconds(times.START + times.SPAN),
    }


def task_events(world: World, number: int) -> Row:
    tasks = world.count("task_event_seq_counters")
    task, seq = number % tasks, 1 + number // tasks
    span = f"span-{world.hex('spans', task, 16)}"
    return {
        "event_id": number + 1,
        "task_id": task_key(world, 1 + task),
        "event_type": pick(("runner_spawn", "phase_enter", "work_item_start", "work_item_complete"), seq - 1),
        "phase": pick((None, "planning", "executing", "verifying", "execution"), seq),
        "actor": pick(("runner", "supervisor", "worker"), seq),
        "span_id": span if seq == 1 else f"{span}-{seq}",
        "parent_span_id": None if seq == 1 else span,
        "seq": seq,
        "payload": plain({"explanation": "进入下一阶段", "progress": {"current": seq, "total": 8}}),
        "created_at": times.seconds(world.when("task_events", number)),
    }


def log_lines(world: World, number: int) -> Row:
    moment = world.when("task_audits", number)
    return {
        "id": world.uuid("task_audits", number),
        "level": pick(("INFO", "DEBUG", "WARNING", "ERROR"), number),
        "timestamp": times.aware(moment),
        "task_id": real_task(world, number) if number % 3 else None,
        "session_id": None,
        "span_id": f"span-{world.hex('spans', number, 16)}" if number % 2 else None,
        "message": pick(("request served", "队列为空", "cache warmed 🔥", job(number).title), number),
        "metadata": escaped({"路径": "/api/tasks", "ms": number % 90}),
        "created_at": times.seconds(moment),
    }
