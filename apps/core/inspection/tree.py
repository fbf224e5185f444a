"""A JSON value as a tree of folds, secrets hidden, as deep as PostgreSQL stores it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from apps.core.inspection.secrets import HIDDEN, is_secret
from apps.core.inspection.text import one_line, visible

DEEPEST = 40
MOST = 200
Path = tuple[str | None, ...]
"""The keys from the top of a value to a part of it; None for any element of a list."""
Mark = Callable[[Path, Any], SafeString]
"""What stands beside a scalar, told its path."""


def loads(text: str) -> Any:
    """Read JSON text with every digit of its numbers. Raises ValueError, or RecursionError where it is too deep."""
    return json.loads(text, parse_float=Decimal, parse_int=Decimal)


def tree(value: Any, opened: int = 2, mark: Mark | None = None, path: Path = ()) -> SafeString:
    """Return a JSON value as HTML. Objects and lists fold; long ones and deep ones are cut, and say so.

    ``mark`` stands beside every scalar that is shown, except what a secret key holds.
    """
    if len(path) > DEEPEST:
        return format_html('<span class="quiet">… {}</span>', "deeper")
    if isinstance(value, dict) and value:
        members = ((key, _member(item, opened, mark, (*path, key))) for key, item in value.items())
        return _fold(members, value, len(path) < opened)
    if isinstance(value, list) and value:
        items = ((str(n), tree(item, opened, mark, (*path, None))) for n, item in enumerate(value))
        return _fold(items, value, len(path) < opened)
    return leaf(value) + mark(path, value) if mark and not isinstance(value, (dict, list)) else leaf(value)


def _member(value: Any, opened: int, mark: Mark | None, path: Path) -> SafeString:
    if not is_secret(str(path[-1])):
        return tree(value, opened, mark, path)
    return leaf(value) if value in (None, "") else format_html('<span class="quiet">{}</span>', HIDDEN)


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
