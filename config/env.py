"""What the settings take from the environment and ``.env``: each function turns variables into settings.

Nothing here starts a server or connects to one. Mistakes are told in a sentence, as ImproperlyConfigured.
"""

import os
import secrets
import sys
import tempfile
from collections.abc import Collection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

SCHEMES = ("postgres", "postgresql", "psql", "pgsql")
FORM = "postgres://USER:PASSWORD@HOST:5432/NAME"
EMBEDDED = "apps.embedded_pg.backend"
CONNECT_TIMEOUT = 10
"""Seconds to wait for a server that does not answer."""


class WrongURL(ImproperlyConfigured):
    """DATABASE_URL names nothing that this project can use."""


def read(base: Path) -> environ.Env:
    """The environment, completed from the checkout's ``.env`` where there is one."""
    environ.Env.read_env(base / ".env")
    return environ.Env()


def database(url: str) -> dict[str, Any]:
    """Django's description of the database: the server of the URL, or the embedded one for an empty URL."""
    if not url and sys.platform == "win32":
        raise WrongURL(f"The embedded PostgreSQL runs on Linux and macOS: set DATABASE_URL to {FORM}.")
    if not url:
        return {"ENGINE": EMBEDDED, "NAME": "rehome", "USER": "rehome", "CONN_HEALTH_CHECKS": True}
    scheme = url.partition(":")[0]
    if "://" not in url or scheme not in SCHEMES:
        named = scheme if "://" in url else "no scheme"
        raise WrongURL(
            f"DATABASE_URL has {named}, but only PostgreSQL with pgvector will do: write {FORM}, or leave it "
            "empty for the embedded PostgreSQL."
        )
    return {**_parse(url), "ENGINE": "django.db.backends.postgresql", "CONN_HEALTH_CHECKS": True}


def data_folder(base: Path) -> Path:
    """The checkout's folder for what git is not to see, made when missing.

    Made by root, it belongs to the owner of the checkout.
    """
    folder = base / ".data"
    if not (folder / ".gitignore").exists():
        folder.mkdir(exist_ok=True)
        (folder / ".gitignore").write_text("*\n")
        _give(folder, base)
        _give(folder / ".gitignore", base)
    return folder


def secret_key(given: str, url: str, base: Path) -> str:
    """The key that signs sessions: the one given, or for the embedded PostgreSQL one made once a checkout."""
    if given:
        return given
    if url:
        raise ImproperlyConfigured(
            "DJANGO_SECRET_KEY is missing, which a database of your own needs: set it to a long random text, "
            'for example from python -c "import secrets; print(secrets.token_urlsafe(50))".'
        )
    try:
        return _kept_key(data_folder(base) / "secret_key")
    except OSError as error:
        raise ImproperlyConfigured(
            f"The secret key cannot be kept in {base / '.data'} ({error.strerror}): set DJANGO_SECRET_KEY, "
            "or make that folder yours."
        ) from None


def paths(value: str, default: Path) -> list[str]:
    """Paths separated as in PATH; the default when there are none."""
    return [part for part in value.split(os.pathsep) if part] or [str(default)]


def added_apps(folder: Path, named: Collection[str]) -> list[str]:
    """The apps in a folder that the settings do not name: those that scaffold_legacy wrote."""
    found = sorted(f"{folder.name}.{path.parent.name}" for path in folder.glob("*/apps.py"))
    return [name for name in found if name not in named]


def _parse(url: str) -> dict[str, Any]:
    try:
        urlsplit(url).port  # noqa: B018 - raises where the port is no number
        config = environ.Env.db_url_config(url)
    except ValueError as error:
        raise WrongURL(f"DATABASE_URL cannot be read ({error}): write {FORM}.") from None
    options = dict(config.get("OPTIONS", {}))
    for name in ("host", "port"):
        if name in options:
            config[name.upper()] = options.pop(name)
    if not config["NAME"]:
        raise WrongURL(f"DATABASE_URL names no database: write {FORM}.")
    return {**config, "OPTIONS": {"connect_timeout": CONNECT_TIMEOUT, **options}}


def _kept_key(path: Path) -> str:
    """The key in the file, which is made whole under another name: of several processes one wins."""
    if not path.exists():
        descriptor, name = tempfile.mkstemp(dir=path.parent, prefix="secret_key-")
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(50))
        _give(Path(name), path.parent)
        try:
            os.link(name, path)
        except FileExistsError:
            pass
        finally:
            os.unlink(name)
    return path.read_text()


def _give(path: Path, like: Path) -> None:
    if sys.platform != "win32" and os.geteuid() == 0:
        owner = like.stat()
        os.chown(path, owner.st_uid, owner.st_gid)
