import subprocess

from django.conf import settings

TARGETS = ("help", "demo", "run", "test", "check", "bench", "kills", "proofs")


def make(*arguments: str) -> str:
    """What make prints."""
    command = ["make", *arguments]
    return subprocess.run(command, cwd=settings.BASE_DIR, capture_output=True, text=True, check=True).stdout


def test_make_alone_lists_all_targets() -> None:
    lines = make().splitlines()
    assert [line.split()[1] for line in lines] == list(TARGETS)
    assert lines == make("help").splitlines()


def test_every_target_is_made_of_commands_that_are_there() -> None:
    for target in TARGETS:
        assert make("--dry-run", target)


def test_the_environment_is_made_again_when_requirements_change() -> None:
    assert "pip install" in make("--dry-run", "--what-if=requirements/base.txt", "demo")
    again = make("--dry-run", "--what-if=requirements/dev.txt", "test")
    assert "-r requirements/dev.txt" in again
