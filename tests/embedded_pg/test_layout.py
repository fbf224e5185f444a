from pathlib import Path

import pytest

from apps.embedded_pg.layout import LONGEST_SOCKET_PATH, Layout, binary, fits_socket, program_folders

NAME = len("/.s.PGSQL.5432")


@pytest.mark.parametrize(
    ("folder", "fits"),
    [
        ("/" + "x" * (LONGEST_SOCKET_PATH - NAME - 1), True),
        ("/" + "x" * (LONGEST_SOCKET_PATH - NAME), False),
        ("/" + "知" * 30, False),
        ("/a,b", False),
        ("/two words/100%", True),
    ],
)
def test_a_socket_path_is_short_in_bytes_and_has_no_comma(folder: str, fits: bool) -> None:
    assert fits_socket(Path(folder)) is fits


def test_a_deep_home_has_its_socket_in_the_temporary_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", "/tmp")
    deep = [Layout(Path("/") / ("d" * 150) / name).socket_folder for name in ("a", "b")]
    assert {folder.parent for folder in deep} == {Path("/tmp")}
    assert deep[0] != deep[1]
    assert all(fits_socket(folder) for folder in deep)
    assert Layout(Path("/short")).socket_folder == Path("/short")


def test_the_programs_are_those_of_the_wheel() -> None:
    assert binary("postgres").is_file()
    assert binary("initdb").is_file()
    assert all(folder.is_dir() for folder in program_folders())
