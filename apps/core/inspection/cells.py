"""One value of a row as HTML: short for a list's cell, whole for a row's page."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from html import escape
from typing import Any
from urllib.parse import quote_plus

from django.db.models import Model
from django.urls import NoReverseMatch
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from apps.core.inspection.describe import AnyField, is_light, kind, label_field
from apps.core.inspection.keys import row_urls
from apps.core.inspection.reading import HEAD, JSON, SIZE, TEXT, is_partial
from apps.core.inspection.secrets import HIDDEN, shows_no_secret
from apps.core.inspection.text import folded, grouped, one_line, visible
from apps.core.inspection.tree import Mark, loads, tree

CELL = 90
EXCERPT = "excerpt_"
"""Prefix of the annotations that hold the beginning of a long text."""

EMPTY = format_html('<span class="quiet">{}</span>', "—")


Show = Callable[[Any], SafeString]
"""What shows a value, or a field of a row."""


def moment(value: datetime.datetime, exact: bool = False) -> SafeString:
    """Return a point in time in the current zone: to the second, or as it is; its full form on hovering."""
    try:
        local = timezone.localtime(value) if timezone.is_aware(value) else value
    except OverflowError:
        local = value
    shown = local.replace(tzinfo=None).isoformat(sep=" ", timespec="auto" if exact else "seconds")
    return SafeString(f'<time title="{local.isoformat()}">{shown}</time>')


def number(value: float) -> SafeString:
    """Return a number: whole ones grouped, others to six significant digits, the exact one on hovering."""
    if isinstance(value, int):
        return SafeString(value)
    return SafeString(f'<span title="{value!r}">{value:.6g}</span>')


def boolean(value: bool) -> SafeString:
    """Return yes or no as a sign, which is told apart without colour."""
    text = _("Yes") if value else _("No")
    return format_html(
        '<span class="{}" title="{}">{}</span>', "yes" if value else "no", text, "✓" if value else "✗"
    )


def short_key(value: Any) -> SafeString:
    """Return a key in few characters; a UUID by its first eight."""
    text = str(value)
    if len(text) == 36 and text.count("-") == 4:
        return SafeString(f'<code title="{escape(text)}">{escape(text[:8])}…</code>')
    return SafeString(f"<code>{key_text(text)}</code>")


def key_text(text: str) -> SafeString:
    """Return a text key on one line; an empty one is named, so that a link has something to click."""
    return one_line(text, 32) if text.strip() else format_html("<i>{}</i>", _("(empty)"))


def references(field: AnyField) -> Show:
    """Return what links to the row that a foreign key points at, by its label where the page has read it."""
    label, link = label_field(field.related_model), linker(field.related_model)

    def show(row: Model) -> SafeString:
        key = getattr(row, field.attname)
        if key is None:
            return EMPTY
        parent = row._state.fields_cache.get(field.name) if label else None
        name = getattr(parent, label.attname) if parent is not None and label is not None else None
        text = short_key(key) if name in (None, "") else one_line(str(name), 40)
        return link(getattr(parent, "pk", key), text)

    return show


def linker(model: type[Model]) -> Callable[[Any, SafeString], SafeString]:
    """Return what makes links to a model's rows, or leaves their texts alone where the model has no pages."""
    try:
        address = row_urls(model)
    except NoReverseMatch:
        return lambda _key, text: text
    return lambda key, text: SafeString(f'<a href="{escape(address(key))}">{text}</a>')


def link_to(model: type[Model], key: Any, text: SafeString) -> SafeString:
    """Return a link to a row's page, or the text alone where the model has no pages."""
    return linker(model)(key, text)


def filtering(start: str) -> Callable[[str], SafeString]:
    """Return what makes the sign that filters a list by a value; ``start`` is its address up to the value."""
    before = f' <a class="pick" href="{escape(start)}'
    after = f'" title="{escape(_("Only rows with this value"))}">⊂</a>'
    return lambda value: SafeString(before + quote_plus(value) + after)


def cells_of(field: AnyField) -> Show:
    """Return what shows a field in a list's lines, on one line each; what all lines share is settled once."""
    what = kind(field)
    if what == "reference":
        return references(field)
    if not is_light(field):
        return lambda _row: EMPTY
    show = short_key if field.primary_key or what == "uuid" else _scalar(what)
    excerpt, name = EXCERPT + field.name, field.attname
    names = {value: str(title) for value, title in field.flatchoices or ()}

    def shown(row: Model) -> SafeString:
        value = row.__dict__.get(excerpt, row.__dict__.get(name))
        if value is None:
            return EMPTY
        return one_line(names[value], CELL) if value in names else show(value)

    return shown


def _scalar(what: str) -> Show:
    known: dict[str, Show] = {"boolean": boolean, "datetime": moment, "number": number}
    return known.get(what, lambda value: one_line(str(value), CELL))


def whole(row: Model, field: AnyField, mark: Mark | None = None) -> SafeString:
    """Return a field's value for its row's page, read by ``reading.for_page``; ``mark`` is for a tree's scalars."""
    if is_partial(field):
        head, size = row.__dict__[HEAD + field.name], row.__dict__[SIZE + field.name]
        if size is None:
            return EMPTY
        return json_part(head, size, mark) if kind(field) == "json" else _PARTIAL[kind(field)](head, size)
    value = getattr(row, field.attname)
    if value is None:
        return EMPTY
    what = kind(field)
    if what == "reference":
        return format_html(
            '{} <code class="quiet">{}</code>', references(field)(row), one_line(str(value), 64)
        )
    if what in ("string", "text"):
        return _whole_text(row, field, str(value))
    if what == "datetime":
        return moment(value, exact=True)
    if what == "vector":
        return vector(value)
    return format_html("<code>{}</code>", value) if what == "uuid" else _scalar(what)(value)


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


def json_part(head: str, size: int, mark: Mark | None = None) -> SafeString:
    """Return a JSON value as a tree; one that is too long or too deep for it as the beginning of its text."""
    try:
        if size <= JSON:
            return tree(loads(head), mark=mark)
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
    "array": array_part,
    "blob": blob_part,
    "secret": secret_part,
}
