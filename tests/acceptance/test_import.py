"""The main job as a person does it, by commands in processes of their own."""

from __future__ import annotations

import json
import shutil
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from apps.samples.catalogue import PLANTED, SAMPLES, select
from apps.samples.writer import write_sample
from tests.commands import manage
from tests.importer import files
from tests.servers import Server

COUNTS = ("source_rows", "imported", "updated", "unchanged", "quarantined", "skipped")


def samples(folder: Path, variants: bool = False) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for sample in SAMPLES if variants else select():
        write_sample(sample, folder, rows=40, seed=1)
    return folder


def digest(folder: Path) -> dict[str, Any]:
    """Every file of a folder: its bytes and when it was changed."""
    return {p.name: (p.read_bytes(), p.stat().st_mtime_ns) for p in folder.iterdir()}


def database(server: Server, name: str) -> dict[str, str]:
    """A new database of a server, as the settings of a command."""
    server.run(f"CREATE DATABASE {name}")
    return {"DATABASE_URL": server.url(name), "DJANGO_SECRET_KEY": "for this test alone"}


@pytest.fixture(scope="module")
def environment(tcp_server: Server, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """A fresh, migrated database on a server that is reached over TCP with a password."""
    found = database(tcp_server, "acceptance")
    done = manage("migrate", "-v0", **found)
    assert (done.returncode, done.stderr) == (0, "")
    return found


def imported(path: Path, environment: dict[str, str], *options: str) -> tuple[int, dict[str, Any], str]:
    done = manage("import_sqlite", path, "--report", "-", *options, **environment)
    return done.returncode, json.loads(done.stdout) if done.stdout else {}, done.stderr


def test_the_whole_way(environment: dict[str, str], tmp_path: Path) -> None:
    folder = samples(tmp_path / "legacy files")
    before = digest(folder)
    code, report, _ = imported(folder, environment, "--batch", "1000")
    assert code == 3
    reasons = {
        (source["system"], table["source_table"], reason): count
        for source in report["sources"]
        for table in source["tables"]
        for reason, count in table["reasons"].items()
    }
    planted = {(system, *place): count for system, found in PLANTED.items() for place, count in found.items()}
    assert reasons == planted
    again = imported(folder, environment)[1]
    assert again["totals"]["unchanged"] == report["totals"]["imported"]
    assert again["totals"]["imported"] == again["totals"]["updated"] == 0
    assert manage("verify_import", folder, **environment).returncode == 0
    assert digest(folder) == before
    runs = json.loads(manage("import_runs", "--format", "json", **environment).stdout)
    assert [run["status"] for run in runs] == ["completed", "completed"]
    whole = json.loads(manage("import_runs", report["run_id"], "--format", "json", **environment).stdout)
    assert whole["totals"] == report["totals"]


def test_the_report_is_as_the_contract_has_it(environment: dict[str, str], tmp_path: Path) -> None:
    folder = samples(tmp_path / "contract")
    target = tmp_path / "report.json"
    done = manage("import_sqlite", folder / "atlas.db", "--dry-run", "--report", target, **environment)
    assert done.returncode in (0, 3)
    report = json.loads(target.read_text())
    times = {"started_at", "finished_at", "seconds"}
    assert {"run_id", "status", "dry_run", "batch", "sources", "totals"} | times <= report.keys()
    assert (report["dry_run"], report["batch"], report["status"]) == (True, 1000, "completed")
    (source,) = report["sources"]
    assert source["path"] == str(folder / "atlas.db")
    assert (source["source_name"], source["system"], source["status"]) == ("atlas.db", "atlas", "done")
    assert len(source["sha256"]) == 64
    for part in (report["totals"], source["totals"], *source["tables"]):
        assert part["source_rows"] == sum(part[name] for name in COUNTS[1:])
    assert {p.name for p in tmp_path.iterdir()} == {"contract", "report.json"}


def test_every_mapped_column_is_in_the_mapping(environment: dict[str, str]) -> None:
    done = manage("legacy_mapping", "--system", "voice_agent", **environment)
    users = json.loads(done.stdout)["systems"]["voice_agent"]["users"]
    assert (users["target_table"], users["key"]) == ("voice_users", ["user_id"])
    assert users["columns"]["created_at"] == {"column": "created_at", "type": "datetime"}


def unknown(path: Path) -> Path:
    with sqlite3.connect(path) as file:
        file.execute("CREATE TABLE something (a)")
    file.close()
    return path


FAULTS = {
    "not_a_file": lambda folder: folder / "not there.db",
    "empty_file": lambda folder: touch(folder / "empty.db", b""),
    "not_sqlite": lambda folder: touch(folder / "text.db", b"hello\n" * 500),
    "corrupt": lambda folder: touch(folder / "cut.db", (folder / "atlas.db").read_bytes()[:9000]),
    "unknown_schema": lambda folder: unknown(folder / "other.db"),
}


def touch(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("reason", FAULTS)
def test_a_file_that_cannot_be_imported_is_refused_in_one_line(
    reason: str, environment: dict[str, str], tmp_path: Path
) -> None:
    folder = samples(tmp_path / "faulty")
    path = FAULTS[reason](folder)
    code, report, told = imported(path, environment)
    assert code == 4
    (source,) = report["sources"]
    assert (source["status"], source["reason"]) == ("refused", reason)
    assert told.splitlines() == [f"{path}: refused ({reason}): {source['message']}"]
    assert manage("inspect_sqlite", path, **environment).returncode == 4


def test_one_broken_file_of_a_folder_does_not_stop_the_others(
    environment: dict[str, str], tmp_path: Path
) -> None:
    folder = tmp_path / "some 100% odd? folder;"
    folder.mkdir()
    shutil.copy(samples(tmp_path / "whole") / "atlas.db", folder / "a # file?.db")
    touch(folder / "broken.db", (folder / "a # file?.db").read_bytes()[:5000])
    code, report, told = imported(folder, environment)
    assert code == 4
    assert {s["source_name"]: s["status"] for s in report["sources"]} == {
        "a # file?.db": "done",
        "broken.db": "refused",
    }
    assert "Traceback" not in told


@pytest.mark.parametrize(
    "arguments",
    [
        ("--batch", "0"),
        ("--batch", "100001"),
        ("--local-zone", "Mars"),
        ("--system", "nope"),
        ("--limit", "-1"),
    ],
)
def test_wrong_usage_is_exit_2(arguments: tuple[str, str], environment: dict[str, str]) -> None:
    done = manage("import_sqlite", *arguments, **environment)
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1].startswith("manage.py import_sqlite: error: argument")


def test_a_locked_file_is_refused(environment: dict[str, str], tmp_path: Path) -> None:
    from apps.importer.source import Refused, open_source

    path = samples(tmp_path / "locked") / "atlas.db"
    with files.held(path, "BEGIN EXCLUSIVE"), pytest.raises(Refused) as refused:
        open_source(path, wait=0.2)
    assert refused.value.reason == "locked"


def test_no_server_is_exit_5(tmp_path: Path) -> None:
    url = {"DATABASE_URL": "postgres://nobody:x@127.0.0.1:9/none", "DJANGO_SECRET_KEY": "x"}
    done = manage("import_sqlite", tmp_path, **url)
    assert (done.returncode, len(done.stderr.splitlines())) == (5, 1)


def test_an_unmigrated_database_is_told(tcp_server: Server, tmp_path: Path) -> None:
    found = database(tcp_server, "bare")
    done = manage("import_sqlite", samples(tmp_path / "bare") / "atlas.db", **found)
    assert done.returncode == 5
    assert "manage.py migrate" in done.stderr
    assert len(done.stderr.splitlines()) == 1
