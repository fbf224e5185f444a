"""What a new data folder is given."""

from pathlib import Path

import pytest

from apps.embedded_pg import creation

GIB = 2**30


@pytest.mark.parametrize(
    ("memory", "megabytes"),
    [(GIB // 4, 128), (GIB // 2, 128), (GIB, 256), (2 * GIB, 512), (8 * GIB, 2048), (64 * GIB, 2048)],
)
def test_a_quarter_of_the_memory_is_for_buffers_within_bounds(memory: int, megabytes: int) -> None:
    assert creation.buffers(memory) == megabytes


def test_a_container_has_the_memory_that_it_may_use(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    limit = tmp_path / "memory.max"
    monkeypatch.setattr(creation, "CONTAINER_MEMORY", limit)
    whole = creation.memory()
    assert whole > GIB // 4
    limit.write_text("max\n")
    assert creation.memory() == whole
    limit.write_text(f"{GIB // 4}\n")
    assert creation.memory() == GIB // 4


def test_a_new_data_folder_is_made_with_them(tmp_path: Path) -> None:
    command = [str(word) for word in creation.initdb(tmp_path)]
    assert f"shared_buffers={creation.buffers(creation.memory())}MB" in command
