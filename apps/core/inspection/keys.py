"""A primary key as a part of an address: the admin's quoting, and the two keys it cannot write.

An empty key and a key of dots alone (which browsers fold away) are legal text; ``_`` and ``_2E`` are free
to stand for them, since the admin writes an underscore of the key as ``_5F``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import quote as percent

from django.contrib.admin.utils import quote, unquote
from django.db.models import Model
from django.urls import reverse

LITERAL = "!$&'()*+,;=/~:@"
"""Characters that an address has as they are."""


def encode(key: object) -> str:
    """Return the part of an address that stands for a primary key."""
    text = quote(str(key))
    if not text:
        return "_"
    return text if text.strip(".") else text.replace(".", "_2E")


def decode(text: str) -> str:
    """Return the primary key that a part of an address stands for."""
    return "" if text == "_" else unquote(text.replace("_2E", "."))


def row_urls(model: type[Model]) -> Callable[[Any], str]:
    """Return what tells the address of a row's page from its key, for pages with many rows."""
    meta = model._meta
    before, _key, after = reverse(f"admin:{meta.app_label}_{meta.model_name}_change", args=("0",)).rpartition(
        "0"
    )
    return lambda key: before + percent(encode(key), safe=LITERAL) + after


def row_url(model: type[Model], key: Any) -> str:
    """Return the address of a row's page."""
    return row_urls(model)(key)


def list_url(model: type[Model]) -> str:
    """Return the address of a model's list."""
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
