"""Converters of texts, closed lists, bytes and uuids: what is taken over as it is, or by its spelling."""

import re
from collections.abc import Mapping
from functools import cache

from apps.importer.convert import packed, plain
from apps.importer.convert.base import Converter, Invalid, Stored, refusal, require_utf8, shown, trimmed

UUID_CANONICAL = re.compile("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}").fullmatch
UUID_DIGITS = "[0-9a-f]{32}|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
UUID_SPELLED = re.compile(
    rf"(?:urn:uuid:)?({UUID_DIGITS})|\{{({UUID_DIGITS})\}}", re.ASCII | re.IGNORECASE
).fullmatch


@cache
def text(max_length: int | None = None) -> Converter:
    """Take text over unchanged; `max_length` is that of the target column, in code points."""

    def read(value: Stored) -> str:
        if type(value) is not str:
            raise refusal(value, "type_mismatch", "a text")
        if "\x00" in value:
            raise Invalid("text_nul", f"{shown(value)} contains U+0000")
        if not value.isascii():
            require_utf8(value)
        if max_length is not None and len(value) > max_length:
            raise Invalid(
                "text_too_long", f"{shown(value)} has {len(value)} characters, not {max_length} or fewer"
            )
        return value

    return Converter("text", read, plain.texts(max_length))


def enum(members: Mapping[str, str]) -> Converter:
    """Read a member of a closed list, given as name to value, by its name or value in any case.

    A spelling that fits two members is refused. Letters outside ASCII never stand for ASCII ones.
    """
    spellings: dict[str, set[str]] = {}
    for name, member in members.items():
        spellings.setdefault(name.lower(), set()).add(member)
        spellings.setdefault(member.lower(), set()).add(member)
    known = {spelling: fits.pop() for spelling, fits in spellings.items() if len(fits) == 1}
    exact = {member: member for member in members.values() if known.get(member.lower()) == member}
    wanted = f"one of {', '.join(members.values())}"

    def read(value: Stored) -> str:
        if type(value) is not str:
            raise refusal(value, "enum_unknown", wanted)
        return exact.get(value) or spelled(value)

    def spelled(value: str) -> str:
        folded = trimmed(value, wanted).lower()
        member = known.get(folded)
        if member is None or folded.isascii() != value.isascii():
            raise refusal(value, "enum_unknown", wanted)
        return member

    return Converter("enum", read, plain.one_of(exact))


@cache
def uuid() -> Converter:
    """Read a uuid in any of its common spellings, or its 16 bytes in field order."""
    return Converter("uuid", _read_uuid, plain.uuids, packed.uuids)


def _read_uuid(value: Stored) -> str:
    if type(value) is str:
        return value if UUID_CANONICAL(value) else _spelled_uuid(value)
    if type(value) is bytes:
        if len(value) == 16:
            return _dashed(value.hex())
        raise Invalid("uuid_invalid", f"{shown(value)} is not the 16 bytes of a uuid")
    raise refusal(value, "uuid_invalid", "a uuid")


def _spelled_uuid(value: str) -> str:
    spelled = UUID_SPELLED(trimmed(value, "a uuid"))
    if spelled is None:
        raise refusal(value, "uuid_invalid", "a uuid")
    return _dashed((spelled[1] or spelled[2]).replace("-", "").lower())


def _dashed(digits: str) -> str:
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


@cache
def blob() -> Converter:
    """Take bytes over unchanged, as bytea hex."""
    return Converter("blob", _read_blob, plain.blobs)


def _read_blob(value: Stored) -> str:
    if type(value) is not bytes:
        raise refusal(value, "type_mismatch", "a BLOB")
    return "\\x" + value.hex()
