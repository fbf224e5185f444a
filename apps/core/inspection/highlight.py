"""The passage of a text in which searched words stand, with the words marked."""

from __future__ import annotations

import re
from collections.abc import Sequence

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from apps.core.inspection.text import visible

AROUND = 40
LONGEST = 160


def marked(text: str, terms: Sequence[str], length: int = LONGEST) -> SafeString:
    """Return the part of ``text`` around the first term, on one line, every term within it in ``<mark>``."""
    pattern = re.compile(
        "|".join(re.escape(term) for term in sorted(terms, key=len, reverse=True)), re.IGNORECASE
    )
    line = " ".join(text.split())
    found = pattern.search(line)
    start = max(found.start() - AROUND, 0) if found else 0
    part = line[start : start + length]
    shown = mark_safe("".join(_pieces(part, pattern)))  # noqa: S308 - each piece is escaped
    before, after = "…" if start else "", "…" if start + length < len(line) else ""
    return format_html("{}{}{}", before, shown, after)


def _pieces(text: str, pattern: re.Pattern[str]) -> list[str]:
    pieces, end = [], 0
    for found in pattern.finditer(text):
        pieces += [visible(text[end : found.start()]), format_html("<mark>{}</mark>", visible(found[0]))]
        end = found.end()
    return [*pieces, visible(text[end:])]
