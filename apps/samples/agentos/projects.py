"""AgentOS: projects, their repositories and snapshots, the credentials for them."""

from apps.samples import times
from apps.samples.agentos.common import repo_key, slug
from apps.samples.text import escaped, plain
from apps.samples.world import Row, World, pick

#: The form of an encrypted token with nothing in it.
HOLLOW_CIPHER = "gAAAAA-not-a-real-token-" + "x" * 40


def projects(world: World, number: int) -> Row:
    by_web = number % 2 == 0
    moment = world.when("projects", number)
    stamp = times.naive(moment) if by_web else times.seconds(moment)
    return {
        "id": slug(world, number),
        "path": f"/home/dev/{slug(world, number)}",
        "added_at": times.seconds(moment),
        "name": world.tagged(f"Project {number + 1} 项目") if by_web else "",
        "description": "示例项目" if by_web else None,
        "status": pick(("active", "active", "active", "archived"), number),
        "tags": escaped(["demo", "示例"]) if by_web else None,
        "default_repo_id": repo_key(world, number) if number % 4 == 0 else None,
        "default_workdir": "src" if by_web else None,
        "settings": escaped({"runner": "local", "max_parallel": 2}) if by_web else None,
        "created_at": stamp,
        "updated_at": stamp,
        "created_by": "web" if by_web else None,
        "metadata": "{}" if by_web else None,
    }


def project_repos(world: World, number: int) -> Row:
    place = number // world.count("projects")
    name = ("default", "frontend", "docs", "infra")[place] if place < 4 else f"part-{place}"
    moment = times.seconds(world.when("project_repos", number))
    return {
        "repo_id": repo_key(world, number),
        "project_id": slug(world, number),
        "name": name,
        "remote_url": f"https://git.example.com/{slug(world, number)}/{name}.git" if number % 3 else None,
        "default_branch": "main",
        "workspace_relpath": "." if place == 0 else f"../{name}",
        "role": pick(("code", "code", "docs", "infra", "mono-subdir"), place),
        "is_writable": int(number % 5 > 0),
        "auth_profile": "sample-profile-0" if number % 4 == 1 else None,
        "created_at": moment,
        "updated_at": moment,
        "metadata": '{"created_by":"v18","自动":true}' if place == 0 else None,
    }


def project_snapshots(world: World, number: int) -> Row:
    moment = world.when("project_snapshots", number)
    project = slug(world, number)
    return {
        "snapshot_id": f"snap-{project}-{times.epoch(moment)}",
        "project_id": project,
        "data": plain(
            {"project": {"id": project, "说明": "快照"}, "repos": [repo_key(world, number)], "tasks": []}
        ),
        "created_at": times.local(moment),
    }


def auth_profiles(world: World, number: int) -> Row:
    kind = pick(("pat_token", "ssh_key", "netrc"), number)
    moment = world.when("auth_profiles", number)
    return {
        "profile_id": world.ulid("auth_profiles", number),
        "profile_name": world.tagged(f"sample-profile-{number}"),
        "profile_type": kind,
        "ssh_key_path": "/home/dev/.ssh/id_example" if kind == "ssh_key" else None,
        "ssh_passphrase_encrypted": None,
        "token_encrypted": HOLLOW_CIPHER if kind == "pat_token" else None,
        "token_provider": pick(("github", "gitlab", "gitea"), number // 3) if kind == "pat_token" else None,
        "token_scopes": escaped(["repo"]) if kind == "pat_token" else None,
        "netrc_machine": "git.example.com" if kind == "netrc" else None,
        "netrc_login": "sample" if kind == "netrc" else None,
        "netrc_password_encrypted": HOLLOW_CIPHER if kind == "netrc" else None,
        "created_at": times.local(moment),
        "updated_at": times.local(moment + times.HOUR),
        "last_validated_at": times.local(moment + times.DAY) if number % 2 else None,
        "validation_status": pick(("unknown", "valid", "invalid", "expired"), number),
        "validation_message": "令牌已过期" if number % 4 == 3 else None,
        "metadata": "{}",
    }


def auth_profile_usage(world: World, number: int) -> Row:
    failed = number % 5 == 4
    return {
        "usage_id": number + 1,
        "profile_id": world.ulid("auth_profiles", number % world.count("auth_profiles")),
        "repo_id": repo_key(world, number) if number % 3 else None,
        "operation": pick(("clone", "pull", "push", "validate"), number),
        "status": "failure" if failed else "success",
        "error_message": "remote hung up" if failed else None,
        "used_at": times.local(world.when("auth_profile_usage", number)),
        "metadata": escaped({"耗时": number % 90}) if number % 2 else None,
    }


def encryption_keys(world: World, number: int) -> Row:
    moment = world.when("encryption_keys", number)
    return {
        "key_id": world.ulid("encryption_keys", number),
        "key_type": pick(("master", "derived"), number),
        "key_encrypted": b"not a key \x00\xff " + bytes(range(16)),
        "salt": b"not a salt" if number % 2 else None,
        "algorithm": "AES-256-GCM",
        "created_at": times.seconds(moment),
        "rotated_at": times.seconds(moment + times.DAY) if number % 2 else None,
        "metadata": None,
    }
