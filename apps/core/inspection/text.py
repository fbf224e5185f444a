"""Text as text: escaped, with the characters that deceive a reader made visible."""

from __future__ import annotations

import re
from html import escape

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

_UNSEEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff"
    "\ufff9-\ufffc\U000e0000-\U000e007f]"
)
_BLANKS = re.compile(r"\s+")


def named(text: str) -> str:
    """Return the text for a place that takes no markup: control and direction characters stand as their numbers."""
    return _UNSEEN.sub(lambda found: f"[U+{ord(found[0]):04X}]", text)


def _mark(found: re.Match[str]) -> str:
    return f'<span class="unseen" title="U+{ord(found[0]):04X}">U+{ord(found[0]):04X}</span>'


def visible(text: str) -> SafeString:
    """Return the text as HTML: nothing in it is markup; control and direction characters show their numbers."""
    return mark_safe(_UNSEEN.sub(_mark, escape(text)))  # noqa: S308 - escaped just before


def one_line(text: str, length: int) -> SafeString:
    """Return the beginning of a text on one line, cut at ``length`` characters with an ellipsis."""
    line = _BLANKS.sub(" ", text[: length * 4]).strip()
    cut = len(line) > length or len(text) > length * 4
    return visible(line[:length] + ("…" if cut else ""))


def folded(text: str, length: int = 600) -> SafeString:
    """Return a whole text with its line ends; a long one is folded behind its beginning."""
    if len(text) <= length:
        return format_html('<div class="longtext">{}</div>', visible(text))
    return format_html(
        '<details class="longtext"><summary>{} <span class="quiet">{}</span></summary><div>{}</div></details>',
        one_line(text, 200),
        f"{len(text):,}",
        visible(text),
    )


def grouped(number: float) -> str:
    """Return a number with its digits in groups of three, in every language."""
    return f"{number:,}"
