"""The smallest step away from a stored value, for each type of PostgreSQL.

A step takes a value as PostgreSQL writes it and gives another that is as near as can be, or None where it
finds none.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

import numpy

Step = Callable[[str, Random], "str | list[str] | None"]


@dataclass(frozen=True)
class Form:
    """How a type's value is read, changed and written; ``{}`` stands for the column, then for the parameter."""

    step: Step
    read: str = "{}::text"
    write: str = "%s::{}"


class Literal(str):
    """A number of a JSON document, digit by digit."""

    __slots__ = ()


def text(value: str, chance: Random) -> str | None:
    """One character more, less, or another."""
    place = chance.randrange(len(value)) if value else 0
    one = value[place : place + 1]
    found = [f"{value} ", value[:-1] if len(value) > 1 else None]
    found += [
        value[:place] + other + value[place + 1 :] for other in (one.swapcase(), chr(ord(one or "a") ^ 1))
    ]
    found = [other for other in found if other not in (None, value) and is_storable(str(other))]
    return chance.choice(found)


def is_storable(value: str) -> bool:
    """Whether PostgreSQL takes a text."""
    return "\0" not in value and not any("\ud800" <= c <= "\udfff" for c in value)


def whole(value: str, chance: Random) -> str:
    """The last digit."""
    return str(int(value) + chance.choice((-1, 1)))


def floating(value: str, chance: Random) -> str | None:
    """One unit in the last place, or the sign of a zero."""
    number = float(value)
    if number == 0 and chance.random() < 0.5:
        return repr(-number)
    near = math.nextafter(number, chance.choice((-math.inf, math.inf)))
    return None if near == number else repr(near)


def moment(value: str, chance: Random) -> str:
    """One microsecond."""
    return (datetime.fromisoformat(value) + timedelta(microseconds=chance.choice((-1, 1)))).isoformat()


def day(value: str, chance: Random) -> str:
    """One day."""
    return (date.fromisoformat(value) + timedelta(chance.choice((-1, 1)))).isoformat()


def flag(value: str, chance: Random) -> str:
    """The other of two."""
    return "false" if value == "true" else "true"


def bit(value: str, chance: Random) -> str | None:
    """One bit of hexadecimal digits; a uuid's dashes stay."""
    if not value:
        return None
    place = chance.choice([n for n, digit in enumerate(value) if digit != "-"])
    return f"{value[:place]}{int(value[place], 16) ^ 1 << chance.randrange(4):x}{value[place + 1 :]}"


def component(value: str, chance: Random) -> str | None:
    """One bit of a component of a vector."""
    floats = numpy.array(json.loads(value), dtype=numpy.float32)
    floats.view(numpy.uint32)[chance.randrange(len(floats))] ^= numpy.uint32(1 << chance.randrange(32))
    return f"[{','.join(map(str, floats))}]" if numpy.isfinite(floats).all() else None


def element(value: str, chance: Random) -> list[str]:
    """One element of a list of texts: another, one more, one less, or two that change places."""
    found: list[str] = json.loads(value)
    kind = chance.randrange(4)
    if not found or kind == 0:
        return [*found, "" if not found else found[-1]]
    if kind == 1:
        return found[:-1]
    if kind == 2 and found != found[::-1]:
        return found[::-1]
    place = chance.randrange(len(found))
    return [text(one, chance) or "x" if n == place else one for n, one in enumerate(found)]


# -- JSON


def document(value: str, chance: Random) -> str:
    """One value within a document: a digit, a character, a key, the order of a list."""
    return write(_changed(parse(value), chance))


def parse(value: str) -> Any:
    """Read a document with its numbers as they are written."""
    return json.loads(value, parse_int=Literal, parse_float=Literal)


def write(found: Any) -> str:
    """Write what ``parse`` read."""
    if isinstance(found, Literal):
        return str(found)
    if isinstance(found, dict):
        return "{" + ", ".join(f"{json.dumps(k)}: {write(v)}" for k, v in found.items()) + "}"
    if isinstance(found, list):
        return f"[{', '.join(map(write, found))}]"
    return json.dumps(found)


def _changed(found: Any, chance: Random) -> Any:
    if isinstance(found, dict) and found:
        key = chance.choice(list(found))
        if chance.random() < 0.2:
            return {k: v for k, v in found.items() if k != key}
        return {**found, key: _changed(found[key], chance)}
    if isinstance(found, list) and found:
        if found != found[::-1] and chance.random() < 0.3:
            return found[::-1]
        place = chance.randrange(len(found))
        return [_changed(v, chance) if n == place else v for n, v in enumerate(found)]
    return _other_scalar(found, chance)


def _other_scalar(found: Any, chance: Random) -> Any:
    if isinstance(found, Literal):
        return Literal(f"{found}0" if "." in found and "e" not in found.lower() else f"{found}1")
    if isinstance(found, str):
        return text(found, chance)
    return {True: False, False: None, None: False}[found] if not isinstance(found, dict | list) else None


def reordered(value: str) -> str:
    """The same document with its keys the other way round, and with blanks: no change at all."""
    return " " + write(_reordered(parse(value))) + "\n"


def _reordered(found: Any) -> Any:
    if isinstance(found, dict):
        return {key: _reordered(found[key]) for key in reversed(found)}
    return [_reordered(one) for one in found] if isinstance(found, list) else found


FORMS = {
    "text": Form(text),
    "varchar": Form(text),
    "integer": Form(whole),
    "bigint": Form(whole),
    "smallint": Form(whole),
    "double precision": Form(floating),
    "timestamp with time zone": Form(moment),
    "date": Form(day),
    "boolean": Form(flag),
    "uuid": Form(bit),
    "bytea": Form(bit, "encode({}, 'hex')", "decode(%s, 'hex')"),
    "vector": Form(component),
    "text[]": Form(element, "array_to_json({})::text"),
    "jsonb": Form(document),
}
"""By type, without its modifier."""
