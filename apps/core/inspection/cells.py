"""One value of a row as HTML: short for a list's cell, whole for a row's page."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.db.models import Model
from django.urls import NoReverseMatch
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from apps.core.inspection.describe import AnyField, is_light, kind, label_field
from apps.core.inspection.keys import row_url
from apps.core.inspection.reading import HEAD, JSON, SIZE, TEXT, is_partial
from apps.core.inspection.secrets import HIDDEN, shows_no_secret
from apps.core.inspection.text import folded, grouped, one_line, visible
from apps.core.inspection.tree import loads, tree

CELL = 90
EXCERPT = "excerpt_"
"""Prefix of the annotations that hold the beginning of a long text."""

EMPTY = format_html('<span class="quiet">{}</span>', "—")


def moment(value: datetime.datetime, exact: bool = False) -> SafeString:
    """Return a point in time in the current zone: to the second, or as it is; its full form on hovering."""
    try:
        local = timezone.localtime(value) if timezone.is_aware(value) else value
    except OverflowError:
        local = value
    shown = local.replace(tzinfo=None).isoformat(sep=" ", timespec="auto" if exact else "seconds")
    return format_html('<time title="{}">{}</time>', local.isoformat(), shown)


def number(value: float) -> SafeString:
    """Return a number: whole ones grouped, others to six significant digits, the exact one on hovering."""
    if isinstance(value, int):
        return format_html("{}", value)
    return format_html('<span title="{}">{}</span>', repr(value), f"{value:.6g}")


def boolean(value: bool) -> SafeString:
    """Return yes or no as a sign, which is told apart without colour."""
    text = _("Yes") if value else _("No")
    return format_html(
        '<span class="{}" title="{}">{}</span>', "yes" if value else "no", text, "✓" if value else "✗"
    )


def short_key(value: Any) -> SafeString:
    """Return a key in few characters; a UUID by its first eight."""
    text = str(value)
    cut = text[:8] + "…" if len(text) == 36 and text.count("-") == 4 else None
    return (
        format_html('<code title="{}">{}</code>', text, cut)
        if cut
        else format_html("<code>{}</code>", key_text(text))
    )


def key_text(text: str) -> SafeString:
    """Return a text key on one line; an empty one is named, so that a link has something to click."""
    return one_line(text, 32) if text.strip() else format_html("<i>{}</i>", _("(empty)"))


def reference(row: Model, field: AnyField) -> SafeString:
    """Return a link to the row that a foreign key points at, by its label where the list has read it."""
    key = getattr(row, field.attname)
    if key is None:
        return EMPTY
    target = field.related_model
    label = label_field(target)
    parent = row._state.fields_cache.get(field.name) if label else None
    name = getattr(parent, label.attname) if parent is not None and label is not None else None
    text = short_key(key) if name in (None, "") else one_line(str(name), 40)
    return link_to(target, getattr(parent, "pk", key), text)


def link_to(model: type[Model], key: Any, text: SafeString) -> SafeString:
    """Return a link to a row's page, or the text alone where the model has no pages."""
    if not admin.site.is_registered(model):
        return text
    try:
        return format_html('<a href="{}">{}</a>', row_url(model, key), text)
    except NoReverseMatch:
        return text


def cell(row: Model, field: AnyField) -> SafeString:
    """Return a field's value for a list: one line, never more than its column needs."""
    what = kind(field)
    if what == "reference":
        return reference(row, field)
    if what in ("string", "text"):
        return _text_cell(row, field)
    value = getattr(row, field.attname) if is_light(field) else None
    if value is None:
        return EMPTY
    if field.primary_key or what == "uuid":
        return short_key(value)
    return _scalar(what, value)


def _text_cell(row: Model, field: AnyField) -> SafeString:
    if field.choices:
        value = getattr(row, f"get_{field.name}_display")()
    else:
        value = row.__dict__.get(EXCERPT + field.name, row.__dict__.get(field.attname))
    if value is None:
        return EMPTY
    if field.primary_key:
        return short_key(value)
    return one_line(str(value), CELL)


def _scalar(what: str, value: Any) -> SafeString:
    if what == "boolean":
        return boolean(value)
    if what == "datetime":
        return moment(value)
    if what == "date":
        return format_html("{}", value.isoformat())
    return number(value) if what == "number" else one_line(str(value), CELL)


def whole(row: Model, field: AnyField) -> SafeString:
    """Return a field's value for its row's page, read by ``reading.for_page``."""
    if is_partial(field):
        size = row.__dict__[SIZE + field.name]
        return EMPTY if size is None else _PARTIAL[kind(field)](row.__dict__[HEAD + field.name], size)
    value = getattr(row, field.attname)
    if value is None:
        return EMPTY
    what = kind(field)
    if what == "reference":
        return format_html(
            '{} <code class="quiet">{}</code>', reference(row, field), one_line(str(value), 64)
        )
    if what in ("string", "text"):
        return _whole_text(row, field, str(value))
    if what == "datetime":
        return moment(value, exact=True)
    if what == "vector":
        return vector(value)
    return format_html("<code>{}</code>", value) if what == "uuid" else _scalar(what, value)


def _whole_text(row: Model, field: AnyField, value: str) -> SafeString:
    if field.choices:
        display = getattr(row, f"get_{field.name}_display")()
        note = format_html(' <span class="quiet">{}</span>', visible(value)) if str(display) != value else ""
        return format_html("{}{}", visible(str(display)), note)
    return text_part(value, len(value))


def text_part(head: str, size: int) -> SafeString:
    """Return a text of ``size`` characters of which ``head`` is the beginning."""
    if not size:
        return format_html('<span class="quiet">{}</span>', _("(empty text)"))
    note = _("The first %(shown)s of %(size)s characters.") % {"shown": len(head), "size": size}
    cut = format_html('<p class="quiet">{}</p>', note) if len(head) < size else ""
    return format_html("{}{}", folded(head), cut)


def json_part(head: str, size: int) -> SafeString:
    """Return a JSON value as a tree; one that is too long or too deep for it as the beginning of its text."""
    try:
        if size <= JSON:
            return tree(loads(head))
    except (RecursionError, ValueError):
        pass
    return text_part(head[:TEXT] if shows_no_secret(head) else "", size)


def array_part(head: str, size: int) -> SafeString:
    """Return the items of an array, written as PostgreSQL writes them."""
    return format_html(
        "{} {}", format_html('<span class="quiet">[{}]</span>', size), text_part(head[:TEXT], len(head))
    )


def vector(value: Any) -> SafeString:
    """Return a vector's width; its numbers are for the vectors' panel."""
    text = _("%(count)s dimensions") % {"count": grouped(len(value))}
    return format_html('<a href="#vectors">{}</a>', text)


def blob_part(head: bytes, size: int) -> SafeString:
    """Return the size of binary content and its first bytes, which nothing here interprets."""
    text = _("%(count)s bytes") % {"count": grouped(size)}
    first = bytes(head).hex(" ") + (" …" if size > len(head) else "")
    return format_html('{} <code class="quiet">{}</code>', text, first)


def secret_part(head: None, size: int) -> SafeString:
    """Return the sign for a value that is never shown."""
    return format_html(
        '<span class="quiet" title="{}">{}</span>', _("Secret values are never shown."), HIDDEN
    )


_PARTIAL: dict[str, Callable[[Any, int], SafeString]] = {
    "text": text_part,
    "json": json_part,
    "array": array_part,
    "blob": blob_part,
    "secret": secret_part,
}
