"""The settings under the variables of a laptop, and of a production server."""

import json
import os
import subprocess
import sys

import pytest
from django.conf import settings

from tests.commands import DECIDED, manage

PRODUCTION = {
    "DATABASE_URL": "postgres://rehome:long-enough@127.0.0.1:1/rehome",
    "DJANGO_SECRET_KEY": "k9" * 30 + "".join(map(chr, range(65, 91))),
    "DJANGO_ALLOWED_HOSTS": "rehome.example.org",
}
SHOWN = (
    "DEBUG",
    "EMBEDDED",
    "HTTPS",
    "SECURE_SSL_REDIRECT",
    "SESSION_COOKIE_SECURE",
    "SECURE_HSTS_SECONDS",
    "ALLOWED_HOSTS",
    "CSRF_TRUSTED_ORIGINS",
)


def read(*names: str, **environment: str) -> dict[str, object]:
    """Settings as a fresh process has them."""
    code = "import json, sys; from config import settings\n"
    code += "print(json.dumps({name: getattr(settings, name, None) for name in sys.argv[1:]}))"
    run = subprocess.run(
        [sys.executable, "-W", "error", "-c", code, *names],
        cwd=settings.BASE_DIR,
        env={"PATH": os.environ["PATH"], **DECIDED, "EMBEDDED_PG_DATA": "", **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    found: dict[str, object] = json.loads(run.stdout)
    return found


def test_nothing_set_is_a_laptop() -> None:
    assert read(*SHOWN) == {
        "DEBUG": False,
        "EMBEDDED": True,
        "HTTPS": False,
        "SECURE_SSL_REDIRECT": False,
        "SESSION_COOKIE_SECURE": False,
        "SECURE_HSTS_SECONDS": 0,
        "ALLOWED_HOSTS": ["localhost", "127.0.0.1", "[::1]"],
        "CSRF_TRUSTED_ORIGINS": [],
    }
    base = str(settings.BASE_DIR)
    assert read("EMBEDDED_PG_DATA", "LEGACY_SQLITE") == {
        "EMBEDDED_PG_DATA": f"{base}/.data/pg",
        "LEGACY_SQLITE": [f"{base}/.data/samples"],
    }


def test_a_database_of_ones_own_is_served_over_https() -> None:
    found = read(*SHOWN, **PRODUCTION, DJANGO_TRUSTED_ORIGINS="https://a.example,https://b.example")
    assert found == {
        "DEBUG": False,
        "EMBEDDED": False,
        "HTTPS": True,
        "SECURE_SSL_REDIRECT": True,
        "SESSION_COOKIE_SECURE": True,
        "SECURE_HSTS_SECONDS": 3600,
        "ALLOWED_HOSTS": ["rehome.example.org"],
        "CSRF_TRUSTED_ORIGINS": ["https://a.example", "https://b.example"],
    }


@pytest.mark.parametrize("variables", [{"DJANGO_DEBUG": "on"}, {"DJANGO_HTTPS": "off"}])
def test_plain_http_for_trying_things_out(variables: dict[str, str]) -> None:
    assert read("HTTPS", **PRODUCTION, **variables) == {"HTTPS": False}


def test_a_proxy_is_believed_only_when_it_is_said_to_be_there() -> None:
    assert read("SECURE_PROXY_SSL_HEADER", **PRODUCTION) == {"SECURE_PROXY_SSL_HEADER": None}
    assert read("SECURE_PROXY_SSL_HEADER", **PRODUCTION, DJANGO_BEHIND_PROXY="on") == {
        "SECURE_PROXY_SSL_HEADER": ["HTTP_X_FORWARDED_PROTO", "https"]
    }


def test_the_deployment_checks_find_nothing_in_production() -> None:
    run = manage("check", "--deploy", "--fail-level", "WARNING", **PRODUCTION)
    assert (run.returncode, run.stdout) == (0, "System check identified no issues (0 silenced).\n")


def test_the_deployment_checks_refuse_the_embedded_database() -> None:
    run = manage("check", "--deploy")
    assert run.returncode == 1
    assert "core.E003" in run.stderr


def test_every_variable_is_explained_in_the_example() -> None:
    example = (settings.BASE_DIR / ".env.example").read_text()
    source = (settings.BASE_DIR / "config" / "settings.py").read_text()
    compose = (settings.BASE_DIR / "docker-compose.yml").read_text()
    names = {part.split('"')[1] for part in source.split("ENV.") if '("' in part.split("\n")[0]}
    names |= {part.split("}")[0].split(":")[0] for part in compose.split("${")[1:]}
    assert {name for name in names if f"\n# {name}=" not in example} == set()
    assert len(names) > 10
