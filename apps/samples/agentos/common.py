"""What AgentOS tables share: keys of projects, repositories, tasks, and what the work is about."""

from typing import NamedTuple

from apps.samples import times
from apps.samples.world import World, pick


class Job(NamedTuple):
    """A piece of work: its title, the file it changes, what the change is for."""

    title: str
    path: str
    intent: str


JOBS = (
    Job("修复登录页在暗色主题下的对比度", "web/login.css", "文字在暗色背景上读不清"),
    Job("Add pagination to the order list", "api/orders.py", "the page takes ten seconds with 5,000 orders"),
    Job("把导出改成流式写出", "api/export.py", "大文件会占满内存"),
    Job("Cover the retry logic with tests", "tests/test_retry.py", "nobody dares to touch it"),
    Job("升级依赖并修掉弃用警告", "pyproject.toml", "下个版本会变成错误"),
    Job("Write a runbook for failed imports", "docs/runbook.md", "the night shift has to guess"),
    Job("给搜索接口加上缓存 ⚡", "api/search.py", "相同的查询每分钟来上百次"),
    Job("Remove the unused feature flag", "core/flags.py", "it has been on for a year"),
)
SLUGS = ("demo-shop", "知识库", "data-hub", "mobile-app", "infra", "docs-site")
MIGRATED_AT = "2026-01-29 16:56:00"


def slug(world: World, number: int) -> str:
    """Key of the project of a number, going round."""
    number %= world.count("projects")
    name = SLUGS[number % len(SLUGS)]
    return "-".join(
        [name, *([str(number)] if number >= len(SLUGS) else []), *([world.tag] if world.tag else [])]
    )


def repo_key(world: World, number: int) -> str:
    """Key of the repository of a number, going round: the migration's own form for a project's first."""
    number %= world.count("project_repos")
    if number < world.count("projects"):
        return f"{slug(world, number)}_default_repo"
    return world.ulid("project_repos", number)


def task_key(world: World, number: int) -> str:
    """Key of the task of a number, going round.

    Number 0 is the container of orphan events. Its name is a literal, which only the standard file bears: two
    files with it cannot both go into one database.
    """
    number %= world.count("tasks")
    return world.ulid("tasks", number) if number or world.tag else "ORPHAN"


def real_task(world: World, number: int) -> str:
    """As `task_key`, but never the container."""
    return task_key(world, 1 + number % (world.count("tasks") - 1))


def bad_task(world: World, which: int) -> str:
    """Key of the planted faulty task of a number."""
    return world.ulid("tasks", world.count("tasks") + which)


def session_key(world: World, number: int) -> str:
    """Key of a task session: named after its first task and that task's second."""
    first = 3 * (number % world.count("task_sessions")) + 1
    return f"auto_{world.ulid('tasks', first)[:8]}_{times.epoch(world.when('tasks', first))}"


def run_id(world: World, number: int) -> int:
    """Key of the task run of a number, going round."""
    return 1 + number % world.count("task_runs")


def job(number: int) -> Job:
    return pick(JOBS, number)
