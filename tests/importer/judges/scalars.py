"""Judges of texts, closed lists, bytes, uuids, numbers and truth values."""

import math
import uuid as uuidlib
from decimal import Decimal, InvalidOperation

from apps.importer.convert import Stored
from tests.importer.judges import BLANKS, DIGITS, Verdict, because

HEX = frozenset("0123456789abcdefABCDEF")
DASHES = [8, 13, 18, 23]


def text(value: Stored, most: int | None) -> Verdict:
    if not isinstance(value, str):
        return because("type_mismatch")
    reasons = set()
    if 0 in map(ord, value):
        reasons.add("text_nul")
    if value.encode("utf-8", "replace").decode() != value:
        reasons.add("text_encoding")
    if most is not None and sum(1 for _ in value) > most:
        reasons.add("text_too_long")
    return frozenset(reasons) or value


def enum(value: Stored, members: dict[str, str]) -> Verdict:
    if isinstance(value, bytes):
        return because("type_mismatch")
    if not isinstance(value, str):
        return because("enum_unknown")
    word = value.strip(BLANKS)
    if word == "":
        return because("empty_value")
    found = {member for name, member in members.items() if same(name, word) or same(member, word)}
    return found.pop() if len(found) == 1 else because("enum_unknown")


def same(one: str, other: str) -> bool:
    """Equal but for the case of ASCII letters; the members that are tried have no others."""
    fold = {ord(letter): ord(letter) + 32 for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"}
    return one.translate(fold) == other.translate(fold)


def blob(value: Stored) -> Verdict:
    if not isinstance(value, bytes):
        return because("type_mismatch")
    return "\\x" + "".join(f"{byte:02x}" for byte in value)


def uuid(value: Stored) -> Verdict:
    if isinstance(value, bytes) and len(value) == 16:
        return str(uuidlib.UUID(bytes=value))
    if not isinstance(value, str):
        return because("uuid_invalid")
    word = value.strip(BLANKS)
    if word == "":
        return because("empty_value")
    if word[:9].encode("ascii", "replace").lower() == b"urn:uuid:":
        word = word[9:]
    elif word[0] == "{" and word[-1] == "}":
        word = word[1:-1]
    if len(word) == 36 and [at for at, letter in enumerate(word) if letter == "-"] == DASHES:
        word = word.replace("-", "")
    if len(word) != 32 or not HEX.issuperset(word):
        return because("uuid_invalid")
    return str(uuidlib.UUID(hex=word))


def integer(value: Stored, bits: int) -> Verdict:
    if isinstance(value, bytes):
        return because("type_mismatch")
    if isinstance(value, float):
        if not math.isfinite(value) or value != math.floor(value) or abs(value) > 2**53:
            return because("number_invalid")
        value = int(value)
    if isinstance(value, str):
        word = value.strip(BLANKS)
        if word == "":
            return because("empty_value")
        digits = word[1:] if word[0] in "+-" else word
        if digits == "" or not DIGITS.issuperset(digits):
            return because("number_invalid")
        value = int(Decimal(word))
    assert isinstance(value, int)
    return because("number_range") if value != wrapped(value, bits) else f"{value:d}"


def wrapped(value: int, bits: int) -> int:
    """What is left of a number in two's complement of so many bits."""
    half = 1 << (bits - 1)
    return (value + half) % (2 * half) - half


def boolean(value: Stored) -> Verdict:
    if isinstance(value, bytes):
        return because("type_mismatch")
    if isinstance(value, str):
        word = value.strip(BLANKS)
        if word == "":
            return because("empty_value")
        spelled = word.encode("utf-8", "surrogatepass").upper()
        if spelled in (b"1", b"TRUE", b"T", b"YES", b"Y", b"ON"):
            return "t"
        return "f" if spelled in (b"0", b"FALSE", b"F", b"NO", b"N", b"OFF") else because("boolean_invalid")
    if value not in (0, 1):
        return because("boolean_invalid")
    return "t" if value else "f"


def literal(word: str) -> Decimal | None:
    """The exact value of a decimal literal; Decimal itself also reads NaN, underscores and other digits."""
    if not set(word) <= DIGITS | set("+-.eE"):
        return None
    try:
        return Decimal(word)
    except InvalidOperation:
        return None


def real(value: Stored) -> Verdict:
    if isinstance(value, bytes):
        return because("type_mismatch")
    if isinstance(value, float):
        return {math.inf: "Infinity", -math.inf: "-Infinity"}.get(value, repr(value))
    if isinstance(value, str):
        word = value.strip(BLANKS)
        if word == "":
            return because("empty_value")
        exact = literal(word)
        if exact is None:
            return because("number_invalid")
        double = float(exact)
        return because("number_range") if math.isinf(double) or (exact and not double) else repr(double)
    assert isinstance(value, int)
    return repr(float(value)) if int(float(value)) == value else because("number_range")


def decimal(value: Stored, digits: int, places: int) -> Verdict:
    if isinstance(value, bytes):
        return because("type_mismatch")
    if isinstance(value, float) and math.isinf(value):
        return because("number_range")
    word = value.strip(BLANKS) if isinstance(value, str) else str(value)
    if word == "":
        return because("empty_value")
    exact = literal(word)
    if exact is None:
        return because("number_invalid")
    if exact == 0:
        return "0"
    if abs(exact.adjusted()) > 100:
        return because("number_range")
    whole, _, fraction = f"{exact.copy_abs():f}".partition(".")
    whole, fraction = whole.lstrip("0"), fraction.rstrip("0")
    if len(whole) > digits - places or len(fraction) > places:
        return because("number_range")
    return ("-" if exact < 0 else "") + (whole or "0") + ("." + fraction if fraction else "")
