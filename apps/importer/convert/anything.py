"""Converter of columns that hold whatever a writer put there: every stored value in a JSON form of its own."""

import base64
import json as jsonlib
import math
from functools import cache

from apps.importer.convert.base import Converter, Stored, refusal


@cache
def anything() -> Converter:
    """Keep any value as JSON from which it can be rebuilt: numbers as numbers, text as text, the rest tagged.

    Objects stand for what JSON has no form for: ``{"b": ...}`` bytes and ``{"tb": ...}`` text that is no clean
    UTF-8, both as base64; ``{"r": ...}`` a number that is infinite or minus zero.
    """
    return Converter("any", _read_anything)


def _read_anything(value: Stored) -> str:
    if type(value) is str:
        return jsonlib.dumps(_text(value), ensure_ascii=False)
    if type(value) is bytes:
        return jsonlib.dumps({"b": base64.b64encode(value).decode()})
    if type(value) is int:
        return str(value)
    if type(value) is float:
        odd = not math.isfinite(value) or (value == 0 and math.copysign(1, value) < 0)
        return jsonlib.dumps({"r": repr(value)}) if odd else repr(value)
    raise refusal(value, "type_mismatch", "a value")


def _text(value: str) -> str | dict[str, str]:
    stored = value.encode("utf-8", "surrogateescape")
    if "\x00" not in value and stored == value.encode("utf-8", "replace"):
        return value
    return {"tb": base64.b64encode(stored).decode()}
