"""A quarantined row's raw content, as a person reads it: stored types named, the column at fault marked."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from typing import Any

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from apps.core.inspection.cells import EMPTY
from apps.core.inspection.secrets import HIDDEN, is_secret
from apps.core.inspection.text import folded, visible

LONGEST = 20_000
HEX = 256


@dataclass(frozen=True)
class Cell:
    """A column of the raw row: how SQLite stored it, its value as HTML, and whether it is the one at fault."""

    column: str
    stored: str
    value: SafeString
    at_fault: bool


def cells(raw: Any, at_fault: str | None) -> list[Cell]:
    """Return the cells of a raw row, or none where the raw content is not of that form."""
    if not isinstance(raw, dict):
        return []
    return [_cell(column, stored, column == at_fault) for column, stored in raw.items()]


def _cell(column: str, stored: Any, at_fault: bool) -> Cell:
    if stored is None:
        return Cell(column, "NULL", EMPTY, at_fault)
    kind, value = next(iter(stored.items())) if isinstance(stored, dict) and stored else ("?", str(stored))
    if is_secret(column):
        return Cell(column, _kind(kind), format_html('<span class="quiet">{}</span>', HIDDEN), at_fault)
    return Cell(column, _kind(kind), _value(kind, value), at_fault)


def readable(extras: dict[str, Any]) -> dict[str, Any]:
    """Return encoded values as plain JSON, for reading: text as text, numbers as their digits."""
    return {
        name: next(iter(value.values())) if isinstance(value, dict) else value
        for name, value in extras.items()
    }


def _kind(kind: str) -> str:
    names = {
        "i": _("integer"),
        "r": _("real"),
        "t": _("text"),
        "tb": _("text that is no clean UTF-8"),
        "b": _("binary"),
        "too_large": _("too large to keep"),
    }
    return names.get(kind, kind)


def _value(kind: str, value: Any) -> SafeString:
    text = str(value)
    if kind == "t":
        return (
            folded(text[:LONGEST])
            if text
            else format_html('<span class="quiet">{}</span>', _("(empty text)"))
        )
    if kind in ("tb", "b"):
        return _bytes(kind, text)
    if kind == "too_large" and isinstance(value, dict):
        return format_html("{} · SHA-256 <code>{}</code>", _size(value.get("size")), str(value.get("sha256")))
    return format_html("<code>{}</code>", visible(text[:LONGEST]))


def _bytes(kind: str, text: str) -> SafeString:
    try:
        content = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return visible(text[:LONGEST])
    shown = content[:HEX].hex(" ") + (" …" if len(content) > HEX else "")
    size = _size(len(content))
    readable = visible(content[:HEX].decode("utf-8", "replace")) if kind == "tb" else SafeString("")
    return format_html('<span class="quiet">{}</span> {} <code>{}</code>', size, readable, shown)


def _size(count: Any) -> str:
    return _("%(count)s bytes") % {"count": count}
