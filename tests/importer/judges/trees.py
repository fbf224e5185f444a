"""Judges of JSON, lists of texts and embeddings: a reader by recursive descent, and exact fractions."""

import ast
import json as jsonlib
import math
import struct
import warnings
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import Any

from apps.importer.convert import Stored
from tests.importer.judges import BLANKS, DIGITS, Verdict, because, has_surrogates, shape

ESCAPES = {'"': '"', "\\": "\\", "/": "/", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
WORDS = {"true": True, "false": False, "null": None}


class Malformed(Exception):
    """The text is no JSON."""


class Number(str):
    """A number as it is spelled."""


@dataclass
class Reader:
    """Reads one JSON text and notes what is valid but cannot be stored, or has no single meaning."""

    text: str
    at: int = 0
    faults: set[str] = field(default_factory=set)

    def document(self) -> Any:
        value = self.value(1)
        self.blanks()
        if self.at != len(self.text):
            raise Malformed
        return value

    def peek(self) -> str:
        return self.text[self.at : self.at + 1]

    def blanks(self) -> None:
        while self.peek() and self.peek() in BLANKS:
            self.at += 1

    def take(self, expected: str) -> bool:
        self.blanks()
        found = self.peek() == expected
        self.at += found
        return found

    def need(self, expected: str) -> None:
        if not self.take(expected):
            raise Malformed

    def value(self, depth: int) -> Any:
        self.blanks()
        start = self.peek()
        if start and start in "[{":
            if depth > 500:
                self.faults.add("json_too_deep")
            return self.list(depth) if self.take("[") else self.object(depth)
        if start == '"':
            return self.string()
        for word, value in WORDS.items():
            if self.text.startswith(word, self.at):
                self.at += len(word)
                return value
        return self.number()

    def list(self, depth: int) -> list[Any]:
        items: list[Any] = []
        if self.take("]"):
            return items
        while True:
            items.append(self.value(depth + 1))
            if self.take("]"):
                return items
            self.need(",")

    def object(self, depth: int) -> dict[str, Any]:
        self.need("{")
        members: dict[str, Any] = {}
        if self.take("}"):
            return members
        while True:
            self.blanks()
            key = self.string()
            self.need(":")
            if key in members:
                self.faults.add("json_duplicate_key")
            members[key] = self.value(depth + 1)
            if self.take("}"):
                return members
            self.need(",")

    def string(self) -> str:
        self.need('"')
        units: list[str] = []
        while self.peek() != '"':
            units.append(self.character())
        self.at += 1
        whole = "".join(units).encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")
        if "\x00" in whole or has_surrogates(whole):
            self.faults.add("json_unstorable")
        return whole

    def character(self) -> str:
        letter = self.peek()
        if letter == "" or ord(letter) < 32:
            raise Malformed
        self.at += 1
        if letter != "\\":
            return letter
        escape = self.peek()
        self.at += 1
        if escape != "u":
            if escape not in ESCAPES:
                raise Malformed
            return ESCAPES[escape]
        digits = self.text[self.at : self.at + 4]
        if len(digits) != 4 or not set(digits) <= DIGITS | set("abcdefABCDEF"):
            raise Malformed
        self.at += 4
        return chr(int(digits, 16))

    def number(self) -> Number:
        start = self.at
        while self.peek() and self.peek() in "+-.eE0123456789":
            self.at += 1
        token = self.text[start : self.at]
        mantissa, _, exponent = shape(token.lower()).partition("e")
        whole, _, fraction = mantissa.removeprefix("-").partition(".")
        good = whole.strip("9") == "" != whole and fraction.strip("9") == "" and not mantissa.endswith(".")
        leading = token.removeprefix("-")
        good = good and not (leading[:1] == "0" and leading[1:2] in DIGITS)
        if "e" in token.lower():
            good = good and exponent[1 if exponent[:1] in ("+", "-") else 0 :].strip(
                "9"
            ) == "" != exponent.strip("+-")
        if not good:
            raise Malformed
        if not fits_numeric(token):
            self.faults.add("json_unstorable")
        return Number(token)


def fits_numeric(token: str) -> bool:
    exponent = token.lower().partition("e")[2]
    if len(exponent.lstrip("+-0")) > 12 or int(exponent or 0) > 1_073_741_823:
        return False
    exact = Decimal(token)
    places = -int(exact.as_tuple().exponent)
    return places <= 16_383 and (exact == 0 or exact.adjusted() < 131_072)


def read(text: str) -> tuple[Any, set[str]]:
    """The value of a JSON text and what is wrong with it."""
    reader = Reader(text)
    try:
        return reader.document(), reader.faults
    except Malformed:
        return None, reader.faults | {"json_invalid"}


def json(value: Stored) -> Verdict:
    if isinstance(value, bytes):
        return because("type_mismatch")
    if not isinstance(value, str):
        return str(value) if math.isfinite(value) else because("json_invalid")  # type: ignore[arg-type]
    if value.strip(BLANKS) == "":
        return because("empty_value")
    if has_surrogates(value):
        return because("text_encoding", "json_invalid")
    _, faults = read(value)
    return frozenset(faults) or value


def array(items: list[str]) -> str:
    escaped = ("".join("\\" + letter if letter in '\\"' else letter for letter in item) for item in items)
    return "{" + ",".join(f'"{item}"' for item in escaped) + "}"


def string_array(value: Stored, commas: bool) -> Verdict:
    if not isinstance(value, str):
        return because("type_mismatch")
    word = value.strip(BLANKS)
    if commas and word[:1] != "[":
        if has_surrogates(value) or "\x00" in value:
            return because("text_encoding", "array_invalid")
        return None if value == "null" else array(value.split(",") if value else [])
    if word == "":
        return because("empty_value")
    if has_surrogates(value):
        return because("text_encoding", "array_invalid")
    items, faults = read(value)
    if faults:
        return because("array_invalid")
    if items is None:
        return None
    plain = isinstance(items, list) and all(type(item) is str for item in items)
    return array(items) if plain else because("array_invalid")


def python_list(value: Stored) -> Verdict:
    if not isinstance(value, str):
        return because("type_mismatch")
    word = value.strip(BLANKS)
    if word == "":
        return because("empty_value")
    if has_surrogates(value):
        return because("text_encoding", "json_invalid")
    try:
        with warnings.catch_warnings(action="ignore"):
            items = ast.literal_eval(word)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return because("json_invalid")
    if not isinstance(items, list) or not all(type(item) is str for item in items):
        return because("json_invalid")
    if any("\x00" in item or has_surrogates(item) for item in items):
        return because("json_unstorable", "json_invalid")
    return jsonlib.dumps(items, ensure_ascii=False)


def vector(value: Stored, width: int | None) -> bytes | frozenset[str]:
    """The elements as little-endian float32."""
    if isinstance(value, bytes):
        data = value
    elif isinstance(value, str):
        packed = pack(value)
        if isinstance(packed, frozenset):
            return packed
        data = packed
    else:
        return because("vector_invalid")
    if len(data) % 4 or len(data) == 0 or (width is not None and len(data) != 4 * width):
        return because("vector_dimension", "vector_invalid", "vector_value")
    exponents = [int.from_bytes(data[at : at + 4], "little") >> 23 & 0xFF for at in range(0, len(data), 4)]
    return because("vector_value") if 0xFF in exponents else data


def pack(text: str) -> bytes | frozenset[str]:
    if text.strip(BLANKS) == "":
        return because("empty_value")
    numbers, faults = read(text)
    if "json_invalid" in faults and any(word in text for word in ("NaN", "Infinity")):
        return because("vector_value", "vector_invalid")
    if "json_invalid" in faults or type(numbers) is not list or not all(type(n) is Number for n in numbers):
        return because("vector_invalid")
    return b"".join(map(nearest, numbers))


def nearest(token: str) -> bytes:
    """The nearest float32 of a literal, ties to even; infinity where none is near."""
    sign = 0x8000_0000 if token.startswith("-") else 0
    exact = Decimal(token).copy_abs()
    if exact == 0 or exact.adjusted() < -60:
        bits = 0
    elif exact.adjusted() > 50 or Fraction(exact) >= 2**128 - 2**103:
        bits = 0x7F80_0000
    else:
        about = (
            min(max(math.floor(float(exact) * 2.0**149), 0), 2**24)
            if exact < 2**-125
            else bits_below(float(exact))
        )
        near = [bits for bits in range(about - 2, about + 3) if 0 <= bits < 0x7F80_0000]
        bits = min(near, key=lambda bits: (abs(float_of(bits) - Fraction(exact)), bits % 2))
    return (sign | bits).to_bytes(4, "little")


def bits_below(double: float) -> int:
    return int.from_bytes(struct.pack("<f", min(double, float(float_of(0x7F7F_FFFF)))), "little")


def float_of(bits: int) -> Fraction:
    return Fraction(struct.unpack("<f", bits.to_bytes(4, "little"))[0])
