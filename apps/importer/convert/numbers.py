"""Converters of numbers and truth values. Literals are ASCII decimal; nothing is rounded into a range."""

import math
import re
from functools import cache

from apps.importer.convert import packed, plain
from apps.importer.convert.base import Converter, Invalid, Stored, refusal, shown, trimmed

INTEGER = re.compile(r"([+-]?)([0-9]+)").fullmatch
DECIMAL = re.compile(r"([+-]?)(?:([0-9]+)(?:\.([0-9]*))?|\.([0-9]+))(?:[eE]([+-]?)([0-9]+))?").fullmatch
EXACT_IN_DOUBLE = 2**53
LONGEST_INTEGER = 19
ENDLESS = 10**10
"""Stands for every exponent of more than ten digits: no text that is read has as many."""

TRUTH: dict[float, str] = {1: "t", 0: "f"}
TRUTH_WORDS = {
    **dict.fromkeys(("1", "true", "t", "yes", "y", "on"), "t"),
    **dict.fromkeys(("0", "false", "f", "no", "n", "off"), "f"),
}


@cache
def integer(bits: int = 64) -> Converter:
    """Read a whole number into a signed target column of so many bits."""
    low, high = -(2 ** (bits - 1)), 2 ** (bits - 1) - 1

    def read(value: Stored) -> str:
        number = value if type(value) is int else _whole(value)
        if low <= number <= high:
            return str(number)
        raise Invalid("number_range", f"{shown(number)} is beyond an integer of {bits} bits")

    return Converter("integer", read, plain.whole(low, high), packed.whole(low, high))


def _whole(value: Stored) -> int:
    if type(value) is float and value.is_integer() and abs(value) <= EXACT_IN_DOUBLE:
        return int(value)
    if type(value) is str:
        return whole_text(trimmed(value, "a whole number"))
    raise refusal(value, "number_invalid", "a whole number")


def whole_text(text: str) -> int:
    """Read an optional sign and ASCII digits, of a length that a bigint can have."""
    literal = INTEGER(text)
    if literal is None:
        raise refusal(text, "number_invalid", "a whole number")
    digits = literal[2].lstrip("0") or "0"
    if len(digits) > LONGEST_INTEGER:
        raise Invalid("number_range", f"{shown(text)} is beyond an integer of 64 bits")
    return int(literal[1] + digits)


@cache
def boolean() -> Converter:
    """Read 0 and 1 or a word of the usual pairs."""
    return Converter("boolean", _read_boolean, plain.booleans, packed.booleans)


def _read_boolean(value: Stored) -> str:
    if type(value) is int or type(value) is float:
        truth = TRUTH.get(value)
    elif type(value) is str:
        truth = TRUTH_WORDS.get(trimmed(value, "true or false").lower())
    else:
        truth = None
    if truth is None:
        raise refusal(value, "boolean_invalid", "true or false")
    return truth


@cache
def real() -> Converter:
    """Read a number into `double precision`; a text becomes the nearest double."""
    return Converter("real", _read_real, packed=packed.reals)


def _read_real(value: Stored) -> str:
    if type(value) is float:
        if math.isfinite(value):
            return repr(value)
        if not math.isnan(value):
            return "Infinity" if value > 0 else "-Infinity"
    if type(value) is int:
        return repr(_exact_double(value))
    if type(value) is str:
        return repr(_nearest_double(trimmed(value, "a number")))
    raise refusal(value, "number_invalid", "a number")


def _exact_double(value: int) -> float:
    try:
        nearest = float(value)
    except OverflowError:
        nearest = math.inf
    if nearest != value:
        raise Invalid("number_range", f"{shown(value)} is no double exactly")
    return nearest


def _nearest_double(text: str) -> float:
    literal = DECIMAL(text)
    if literal is None:
        raise refusal(text, "number_invalid", "a number")
    nearest = float(text)
    if math.isinf(nearest) or (nearest == 0 and significant(literal)[0]):
        raise Invalid("number_range", f"{shown(text)} is beyond the range of a double")
    return nearest


def significant(literal: re.Match[str]) -> tuple[str, int]:
    """Split a match of `DECIMAL` into digits without outer zeros and the power of ten of the last one."""
    _, whole, fraction, bare_fraction, exponent_sign, exponent_digits = literal.groups("")
    fraction = fraction or bare_fraction
    digits = (whole + fraction).lstrip("0")
    exponent = read_exponent(exponent_sign, exponent_digits)
    stripped = digits.rstrip("0")
    return stripped, exponent - len(fraction) + len(digits) - len(stripped)


def read_exponent(sign: str, digits: str) -> int:
    """Read the exponent of a literal, cutting off at ten to the tenth either way."""
    digits = digits.lstrip("0") or "0"
    size = int(digits) if len(digits) <= 10 else ENDLESS
    return -size if sign == "-" else size


@cache
def decimal(digits: int, places: int) -> Converter:
    """Read a number into `numeric(digits, places)`; a stored double means its shortest spelling."""

    def read(value: Stored) -> str:
        literal = _decimal_literal(value)
        number, power = significant(literal)
        if not number:
            return "0"
        if len(number) + power > digits - places or -power > places:
            raise Invalid("number_range", f"{shown(value)} does not fit numeric({digits}, {places})")
        return literal[1].strip("+") + _plain(number, power)

    return Converter("decimal", read)


def _decimal_literal(value: Stored) -> re.Match[str]:
    if type(value) is float and not math.isfinite(value):
        raise Invalid("number_range", f"{shown(value)} is not finite")
    literal = None
    if type(value) is str:
        literal = DECIMAL(trimmed(value, "a number"))
    elif type(value) is int or type(value) is float:
        literal = DECIMAL(repr(value))
    if literal is None:
        raise refusal(value, "number_invalid", "a number")
    return literal


def _plain(number: str, power: int) -> str:
    if power >= 0:
        return number + "0" * power
    number = number.rjust(1 - power, "0")
    return f"{number[:power]}.{number[power:]}"
