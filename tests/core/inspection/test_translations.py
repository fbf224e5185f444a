"""Simplified Chinese, complete: every word of the pages and every name of a model, field or choice."""

import ast
import gettext
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib import admin
from django.core.management import call_command
from django.test import Client
from django.utils.translation import override
from django.utils.translation.template import templatize

from apps.core.inspection.keys import list_url
from apps.core.inspection.registry import inspected_models
from apps.tutoring.models import ChatMessage

FOLDER = Path(settings.BASE_DIR) / "apps" / "core" / "locale" / "zh_Hans" / "LC_MESSAGES"
CALLS = {"_", "gettext", "gettext_lazy", "ngettext", "ngettext_lazy"}
STRING = r"""u?('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")"""


def catalogue() -> dict[Any, str]:
    with (FOLDER / "django.mo").open("rb") as file:
        return gettext.GNUTranslations(file)._catalog  # type: ignore[attr-defined]


def known() -> set[str]:
    return {key[0] if isinstance(key, tuple) else key for key in catalogue()}


def in_python() -> Iterator[str]:
    for path in (Path(settings.BASE_DIR) / "apps").rglob("*.py"):
        for found in ast.walk(ast.parse(path.read_text())):
            if isinstance(found, ast.Call) and getattr(found.func, "id", "") in CALLS and found.args:
                first = found.args[0]
                if isinstance(first, ast.Constant):
                    yield str(first.value)


def in_templates() -> Iterator[str]:
    for path in (Path(settings.BASE_DIR) / "apps").rglob("templates/**/*.html"):
        for text in re.findall(rf"n?gettext\({STRING}", templatize(path.read_text(), origin=str(path))):
            yield ast.literal_eval(text)


def names() -> Iterator[str]:
    """Names in the apps that come with the project; one that was scaffolded since speaks its file's language."""
    ours = {*settings.DOMAIN_APPS, "apps.importer"}
    with override(None):
        for model in inspected_models():
            meta = model._meta
            if meta.app_config.name not in ours:
                continue
            yield from map(str, (meta.verbose_name, meta.verbose_name_plural, meta.app_config.verbose_name))
            for field in meta.local_fields:
                yield str(field.verbose_name)
                yield from (str(label) for _value, label in field.flatchoices or [])


def test_every_word_of_the_pages_is_translated() -> None:
    words = {*in_python(), *in_templates()}
    assert len(words) > 200
    assert sorted(words - known()) == []


def test_every_name_is_translated() -> None:
    wanted = set(names())
    assert len(wanted) > 900
    assert sorted(wanted - known()) == []


def test_the_compiled_catalogue_is_that_of_the_text() -> None:
    text = (FOLDER / "django.po").read_text()
    entries = re.findall(r'^msgid "(.+)"\n(?:msgid_plural .*\n)?msgstr(?:\[0\])? "(.*)"$', text, re.M)
    written = {ast.literal_eval(f'"{key}"'): ast.literal_eval(f'"{value}"') for key, value in entries}
    compiled = {key[0] if isinstance(key, tuple) else key: value for key, value in catalogue().items()}
    assert {key: value for key, value in compiled.items() if key} == written


@pytest.mark.parametrize(
    "key", ["%(rows)s open entry", "%(done)s of %(rows)s rows would come in; %(left)s would stay."]
)
def test_placeholders_survive(key: str) -> None:
    found = catalogue()
    value = found.get(key) or found[(key, 0)]
    assert set(re.findall(r"%\((\w+)\)s", value)) == set(re.findall(r"%\((\w+)\)s", key))


def test_all_placeholders_survive() -> None:
    for key, value in catalogue().items():
        text = key[0] if isinstance(key, tuple) else key
        if text:
            assert sorted(re.findall(r"%\(\w+\)s", text)) == sorted(re.findall(r"%\(\w+\)s", value)), text


@pytest.mark.django_db
def test_pages_speak_chinese(ruling: Client, make: Callable[..., Any]) -> None:
    make(ChatMessage)
    ruling.cookies[settings.LANGUAGE_COOKIE_NAME] = "zh-hans"
    text = ruling.get(list_url(ChatMessage)).content.decode()
    for found in ("聊天消息", "创建时间", "全部", "角色", "最新", "注销"):
        assert found in text
    assert "Created at" not in text
    assert "概览" in ruling.get("/admin/").content.decode()


def test_translated_choices_are_no_change_of_the_models() -> None:
    assert isinstance(admin.site._registry[ChatMessage].opts.get_field("role").choices[0][0], str)
    with override("zh-hans"):
        call_command("makemigrations", "--check", "--dry-run", verbosity=0)
