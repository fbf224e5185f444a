"""Converters of JSON documents and of lists of texts. The document itself goes on, never a re-dumped copy."""

import json as jsonlib
import math
import re
from collections import Counter
from collections.abc import Sequence
from functools import cache
from itertools import accumulate
from typing import Any, cast

import orjson

from apps.importer.convert.base import (
    BLANKS,
    Converter,
    Invalid,
    Stored,
    refusal,
    require_utf8,
    shown,
    trimmed,
)
from apps.importer.convert.numbers import DECIMAL, read_exponent, significant

DEEPEST = 500
NUMERIC_WHOLE_DIGITS = 131_072
NUMERIC_PLACES = 16_383
NUMERIC_EXPONENT = 1_073_741_823
"""What PostgreSQL's numeric takes: digits before the point, after it, and the exponent of a literal."""

SHORT_NUMBER = 300
"""A literal of up to so many characters, without exponent, is inside every limit of numeric."""

MANY = 256 * 1024
"""Bytes of documents that are proved together: what they hold is in memory at once."""

_BRACKETS = b"[]{}"
_NOT_BRACKETS = bytes(set(range(256)) - set(_BRACKETS))
_STEPS = bytes.maketrans(_BRACKETS, b"\x01\xff\x01\xff")

UNSURE = ("\\u0000", "\\ud", "\\uD")
"""How escapes begin of what may be no character of a text."""
ESCAPE = re.compile(
    r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"
    r"|(?P<unstorable>\\u0000|\\u[dD][89a-fA-F][0-9a-fA-F]{2})"
    r"|\\."
)

_BLANK = r"[ \t\r\n]*"
_LITERAL = r"""'[^'\\\r\n]*(?:\\.[^'\\\r\n]*)*'|"[^"\\\r\n]*(?:\\.[^"\\\r\n]*)*\""""
LITERAL = re.compile(_LITERAL)
LITERAL_LIST = re.compile(
    rf"\[{_BLANK}(?:(?:{_LITERAL}){_BLANK}(?:,{_BLANK}(?:{_LITERAL}){_BLANK})*(?:,{_BLANK})?)?\]"
).fullmatch
LITERAL_ESCAPE = re.compile(
    r"\\(?:(['\"\\abfnrtv])|([0-7]{1,3})|(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U(00(?:0[0-9a-fA-F]|10)[0-9a-fA-F]{4}))|(.))"
)
LITERAL_CHARACTERS = dict(zip("'\"\\abfnrtv", "'\"\\\a\b\f\n\r\t\v", strict=True))


@cache
def json() -> Converter:
    """Take a JSON document over as it is written, once it is strict RFC 8259 and jsonb can hold it."""
    return Converter("json", _read_json, _prove_json)


def _read_json(value: Stored) -> str:
    if type(value) is str:
        _check_json(value)
        return value
    if type(value) is int or (type(value) is float and math.isfinite(value)):
        return repr(value)
    raise refusal(value, "json_invalid", "a JSON document")


def _check_json(text: str) -> None:
    if not text.isascii():
        require_utf8(text)
    if text.count("[") + text.count("{") > DEEPEST and _depth(text) > DEEPEST:
        raise Invalid("json_too_deep", f"nested deeper than {DEEPEST} levels: {shown(text)}")
    try:
        _decode(text)
    except jsonlib.JSONDecodeError as error:
        trimmed(text, "a JSON document")
        raise Invalid("json_invalid", f"{error.msg} at character {error.pos} of {shown(text)}") from None
    if any(escape in text for escape in UNSURE):
        _check_escapes(text)


def _decode(text: str) -> None:
    try:
        _DECODE(text)
    except jsonlib.JSONDecodeError:
        raise
    except ValueError:  # Python's own limit on the digits of an integer
        _DECODE_LONG_INTEGERS(text)


def _depth(text: str) -> int:
    """Deepest level of brackets outside of strings. Right at least up to the first error in the text."""
    data = text.encode()
    if b"\\" in data:
        data = data.replace(b"\\\\", b"").replace(b'\\"', b"")
    brackets = b"".join(data.split(b'"')[::2]).translate(_STEPS, _NOT_BRACKETS)
    return max(accumulate(memoryview(brackets).cast("b")), default=0)


def _check_keys(pairs: list[tuple[str, object]]) -> None:
    if len(dict(pairs)) != len(pairs):
        [(twice, _)] = Counter(key for key, _ in pairs).most_common(1)
        raise Invalid("json_duplicate_key", f"the key {shown(twice)} stands twice in one object")


def _check_number(text: str) -> None:
    """Refuse a number that PostgreSQL's numeric has no room for."""
    if len(text) <= SHORT_NUMBER and "e" not in text and "E" not in text:
        return
    literal = cast("re.Match[str]", DECIMAL(text))
    digits, power = significant(literal)
    exponent = read_exponent(literal[5] or "", literal[6] or "")
    places = len(literal[3] or "") - exponent
    whole = len(digits) + power if digits else 0
    if whole > NUMERIC_WHOLE_DIGITS or places > NUMERIC_PLACES or abs(exponent) > NUMERIC_EXPONENT:
        raise Invalid("json_unstorable", f"the number {shown(text)} is beyond numeric")


def _refuse_constant(name: str) -> None:
    raise Invalid("json_invalid", f"{name} is no JSON number")


def _check_escapes(text: str) -> None:
    """Refuse escapes, in a valid document, of characters that PostgreSQL has no text for."""
    for escape in ESCAPE.finditer(text):
        if escape["unstorable"]:
            raise Invalid(
                "json_unstorable", f"{escape[0]} at character {escape.start()} is no character of a text"
            )


_DECODE = jsonlib.JSONDecoder(
    object_pairs_hook=_check_keys, parse_float=_check_number, parse_constant=_refuse_constant
).decode
_DECODE_LONG_INTEGERS = jsonlib.JSONDecoder(
    object_pairs_hook=_check_keys,
    parse_float=_check_number,
    parse_int=_check_number,
    parse_constant=_refuse_constant,
).decode


_BETWEEN = b"7305813927461950823"
"""Stands between documents that are proved together: a number that none is likely to hold."""
_ESCAPED = b"\\u00"
_DOUBTFUL = (b"\\u0000", b"\\u003a", b"\\u003A")
"""Characters that no text of PostgreSQL has; colons that are not written as one."""
_SHAPES = bytes.maketrans(b"123456789E+", b"000000000e-")
_LONG_NUMBER = b"0" * SHORT_NUMBER
_LARGE_EXPONENTS = (b"0e00000", b"0e-00000")
_AFTER_NUMBER = b",]} \t\r\n"


def _prove_json(values: Sequence[Any]) -> list[str] | None:
    """Take strict documents, proved at once as the items of one list, with a number between them that none holds.

    Where it comes up as every second item of the list, each document began and ended on the level of the list, and is
    one item: what one leaves open, another cannot close. Of two members with one name the reader keeps one: written
    again, the list has a colon less.
    """
    if set(map(type, values)) != {str}:
        return None
    documents = dict.fromkeys(values)
    marks = len(documents) - 1
    try:
        whole = f",{_BETWEEN.decode()},".join(documents).encode()
    except UnicodeEncodeError:
        return None
    if len(whole) > MANY or whole.count(_BETWEEN) != marks or _is_doubtful(whole):
        return None
    try:
        items = orjson.loads(b"[%b]" % whole)
        again = orjson.dumps(items)
    except (orjson.JSONDecodeError, orjson.JSONEncodeError):  # the latter where they are nested by hundreds
        return None
    is_each_whole = len(items) == len(documents) + marks and items[1::2] == [int(_BETWEEN)] * marks
    return list(values) if is_each_whole and again.count(b":") == whole.count(b":") else None


def _is_doubtful(whole: bytes) -> bool:
    """Tell whether documents may hold what the fast reader takes, and ``_check_json`` would not."""
    if _ESCAPED in whole and any(part in whole for part in _DOUBTFUL):
        return True
    shape = whole.translate(_SHAPES)
    return _LONG_NUMBER in shape or any(_ends_a_number(shape, part) for part in _LARGE_EXPONENTS)


def _ends_a_number(shape: bytes, exponent: bytes) -> bool:
    """Tell whether such an exponent, which numeric may have no room for, ends a number, and is no part of a digest."""
    start = shape.find(exponent)
    while start >= 0:
        end = start + len(exponent)
        while shape[end : end + 1] == b"0":
            end += 1
        if shape[end : end + 1] in _AFTER_NUMBER:  # as is nothing: the end
            return True
        start = shape.find(exponent, end)
    return False


@cache
def string_array(commas: bool = False) -> Converter:
    """Read a JSON list of texts into a text array; the JSON text `null` is NULL.

    With `commas`, a text that does not start a JSON list holds its items between commas, untrimmed.
    """

    def read(value: Stored) -> str | None:
        if type(value) is not str:
            raise refusal(value, "type_mismatch", "a list of texts")
        if commas and not value.lstrip(BLANKS).startswith("["):
            return _split_at_commas(value)
        items = _json_list(value)
        return None if items is None else _array(items)

    return Converter("string[]", read)


def _split_at_commas(text: str) -> str | None:
    if text == "null":
        return None
    if "\x00" in text:
        raise Invalid("array_invalid", f"{shown(text)} contains U+0000")
    require_utf8(text)
    return _array(text.split(",")) if text else "{}"


def _json_list(text: str) -> list[str] | None:
    require_utf8(text)
    try:
        items = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        trimmed(text, "a list of texts")
        raise Invalid("array_invalid", f"{error.msg} at character {error.pos} of {shown(text)}") from None
    if items is None:
        return None
    if type(items) is not list or any(type(item) is not str or "\x00" in item for item in items):
        raise refusal(text, "array_invalid", "a list of texts")
    return items


def _array(items: list[str]) -> str:
    """Write an array literal with every item quoted."""
    quoted = [item.replace("\\", "\\\\").replace('"', '\\"') for item in items]
    return '{"' + '","'.join(quoted) + '"}' if quoted else "{}"


@cache
def python_list() -> Converter:
    """Read the repr of a Python list of texts into a JSON array. Nothing is evaluated."""
    return Converter("python list", _read_python_list)


def _read_python_list(value: Stored) -> str:
    if type(value) is not str:
        raise refusal(value, "type_mismatch", "a Python list of texts")
    require_utf8(value)
    text = trimmed(value, "a Python list of texts")
    if "\x00" in text or not LITERAL_LIST(text):
        raise refusal(value, "json_invalid", "a Python list of texts")
    items = [LITERAL_ESCAPE.sub(_unescaped, literal[1:-1]) for literal in LITERAL.findall(text)]
    for item in items:
        if "\x00" in item:
            raise Invalid("json_unstorable", f"{shown(item)} contains U+0000")
        require_utf8(item, "json_unstorable")
    return jsonlib.dumps(items, ensure_ascii=False)


def _unescaped(escape: re.Match[str]) -> str:
    named, octal, *hexadecimal, unknown = escape.groups("")
    if unknown:
        raise Invalid("json_invalid", f"the escape {shown(escape[0])} is none that a repr writes")
    if named:
        return LITERAL_CHARACTERS[named]
    return chr(int(octal, 8) if octal else int("".join(hexadecimal), 16))
