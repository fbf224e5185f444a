"""Which columns hold secrets: they are never listed, searched, filtered, exported or shown."""

from __future__ import annotations

import re
from typing import Any

HIDDEN = "••••••"
_SECRET = re.compile(
    r"(passw(or)?d|passphrase|encrypted|secret|(^|_)salt|private_?key|api_?key|access_?key|credentials?"
    r"|authorization|bearer|(^|_)token)(_(hash|value))?$|^hashed_|(^|_)(password|encrypted)(_|$)",
    re.IGNORECASE,
)
_KEY = re.compile(r'"((?:[^"\\]|\\.)*)"\s*:')
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def is_secret(name: str) -> bool:
    """Tell by its name whether a column or a JSON key holds a secret (a password's hash, a token, a key)."""
    return bool(_SECRET.search(_CAMEL.sub("_", name).replace("-", "_")))


def without_secrets(value: Any) -> Any:
    """Return a JSON value with what stands under secret keys hidden, at any depth."""
    if isinstance(value, dict):
        return {key: HIDDEN if is_secret(key) else without_secrets(item) for key, item in value.items()}
    if isinstance(value, list):
        return [without_secrets(item) for item in value]
    return value


def shows_no_secret(text: str) -> bool:
    """Tell whether JSON text, which is to be shown unread, has no key that holds a secret."""
    return not any(is_secret(key) for key in _KEY.findall(text))
