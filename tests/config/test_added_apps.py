"""Apps that the settings do not name are found by their place."""

from pathlib import Path

from config import env


def test_only_folders_with_an_app_that_is_not_named(tmp_path: Path) -> None:
    apps = tmp_path / "apps"
    for name in ("named", "added", "another", "leftover"):
        (apps / name).mkdir(parents=True)
    for name in ("named", "another", "added"):
        (apps / name / "apps.py").touch()
    assert env.added_apps(apps, ["django.contrib.auth", "apps.named"]) == ["apps.added", "apps.another"]
    assert env.added_apps(tmp_path / "nowhere", []) == []
