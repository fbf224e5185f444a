"""A JSON value as a tree of folds, secrets hidden, as deep as PostgreSQL stores it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from apps.core.inspection.secrets import HIDDEN, is_secret
from apps.core.inspection.text import one_line, visible

DEEPEST = 40
MOST = 200


def loads(text: str) -> Any:
    """Read JSON text with every digit of its numbers. Raises ValueError, or RecursionError where it is too deep."""
    return json.loads(text, parse_float=Decimal, parse_int=Decimal)


def tree(value: Any, depth: int = 0, opened: int = 2) -> SafeString:
    """Return a JSON value as HTML. Objects and lists fold; long ones and deep ones are cut, and say so."""
    if depth > DEEPEST:
        return format_html('<span class="quiet">… {}</span>', "deeper")
    if isinstance(value, dict) and value:
        return _fold(
            ((key, _member(key, item, depth, opened)) for key, item in value.items()), value, depth < opened
        )
    if isinstance(value, list) and value:
        items = ((str(n), tree(item, depth + 1, opened)) for n, item in enumerate(value))
        return _fold(items, value, depth < opened)
    return leaf(value)


def _member(key: str, value: Any, depth: int, opened: int) -> SafeString:
    if is_secret(key) and value not in (None, ""):
        return format_html('<span class="quiet">{}</span>', HIDDEN)
    return tree(value, depth + 1, opened)


def _fold(items: Iterator[tuple[str, SafeString]], value: Any, is_open: bool) -> SafeString:
    shown = [pair for pair, _ in zip(items, range(MOST), strict=False)]
    rest = len(value) - len(shown)
    return format_html(
        '<details class="json"{}><summary>{}</summary><dl>{}{}</dl></details>',
        format_html("{}", " open") if is_open and len(value) <= 30 else "",
        f"{{{len(value)}}}" if isinstance(value, dict) else f"[{len(value)}]",
        format_html_join(
            "", "<div><dt>{}</dt><dd>{}</dd></div>", ((visible(key), item) for key, item in shown)
        ),
        format_html('<div class="quiet">… +{}</div>', rest) if rest else "",
    )


def leaf(value: Any) -> SafeString:
    """Return a scalar of JSON, each type in its own class."""
    if isinstance(value, str):
        shown = visible(value) if len(value) <= 400 else one_line(value, 400)
        return format_html('<span class="js">{}</span>', shown)
    if value is None or isinstance(value, bool):
        return format_html('<span class="jk">{}</span>', json.dumps(value))
    if isinstance(value, (dict, list)):
        return format_html('<span class="jn">{}</span>', "{}" if isinstance(value, dict) else "[]")
    return format_html('<span class="jn">{}</span>', value)
