"""The command: a line for each file, and one line for what it cannot do."""

from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from apps.samples.writer import APPLICATION_ID
from tests.commands import manage
from tests.samples.reading import opened

STANDARD = ["sparkle.db", "atlas.db", "agentos.sqlite", "voice_agent.db"]


def test_it_prints_a_line_for_each_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("make_samples", str(tmp_path), "--rows", "20")
    lines = capsys.readouterr().out.splitlines()

    assert [line.split("  ")[0] for line in lines] == [str(tmp_path / name) for name in STANDARD]
    assert lines[-1] == f"{tmp_path}/voice_agent.db  0.2 MiB  136 rows, 12 of them faulty"
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(STANDARD)


def test_clean_files_are_told_without_faults(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("make_samples", str(tmp_path), "--clean", "--system", "atlas", "--system", "voice_agent")

    assert capsys.readouterr().out.count(" rows\n") == 2


def test_variants_are_written_when_asked(tmp_path: Path) -> None:
    call_command("make_samples", str(tmp_path), "--variant", "stuck_v24", "--rows", "5")
    call_command("make_samples", str(tmp_path), "--all-variants", "--system", "sparkle", "--rows", "5")

    assert {path.name for path in tmp_path.iterdir()} == {
        "agentos_stuck_v24.sqlite",
        "sparkle.db",
        "sparkle_old_chain.db",
    }


def test_the_folder_is_made(tmp_path: Path) -> None:
    call_command("make_samples", str(tmp_path / "new" / "folder"), "--system", "voice_agent", "--rows", "5")

    with opened(tmp_path / "new" / "folder" / "voice_agent.db") as connection:
        assert connection.execute("PRAGMA application_id").fetchone() == (APPLICATION_ID,)


def test_without_a_folder_they_go_where_the_import_looks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "DATA_DIR", tmp_path)
    call_command("make_samples", "--system", "voice_agent", "--rows", "5")

    assert (tmp_path / "samples" / "voice_agent.db").exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["{}", "--variant", "nope"], "There is no variant nope; there are: standard, old_chain, .*"),
        (["{}/file/below"], ".*/file/below cannot be made a folder: Not a directory. Name another one."),
        (["{}/taken"], ".*/taken/sparkle.db is not a sample file; move it away or choose another folder."),
    ],
)
def test_what_cannot_be_done_is_one_line(tmp_path: Path, arguments: list[str], message: str) -> None:
    (tmp_path / "file").write_text("a file")
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / "sparkle.db").write_text("somebody's own")

    with pytest.raises(CommandError, match=f"^{message}$") as caught:
        call_command("make_samples", *(text.format(tmp_path) for text in arguments))
    assert caught.value.returncode == 2


def test_in_a_process_of_its_own_it_needs_no_database(tmp_path: Path) -> None:
    nowhere = {"DATABASE_URL": "postgres://nobody@127.0.0.1:1/none", "DJANGO_SECRET_KEY": "x" * 50}
    wrong = manage("make_samples", tmp_path, "--rows", "none", **nowhere)
    right = manage("make_samples", tmp_path, "--rows", "3", **nowhere)

    assert (wrong.returncode, wrong.stdout) == (2, "")
    assert wrong.stderr.splitlines()[-1].endswith("'none' is no number of rows; give 1 or more")
    assert (right.returncode, right.stderr) == (0, "")
    assert len(right.stdout.splitlines()) == 4
