"""Converter of embeddings: a JSON list of numbers, packed 32-bit floats, or a saved NumPy array.

NumPy is imported with the first vector, not with this module: most files hold none.
"""

import json as jsonlib
import math
import re
import struct
from array import array
from collections.abc import Sequence
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Any, cast

import orjson

from apps.importer.convert.base import Converter, Invalid, Stored, refusal, shown, trimmed
from apps.importer.convert.numbers import EXACT_IN_DOUBLE

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MOST_DIMENSIONS = 16_000
"""Dimensions that pgvector's `vector` has room for."""

LONGEST_NUMBER = 64
"""Characters that a number and what parts it from the next one have on average, at most, to be read at once."""

NUMPY_MAGIC = b"\x93NUMPY"
NUMPY_LENGTHS = {1: "<H", 2: "<I", 3: "<I"}
NUMPY_HEADER_LIMIT = 1000
NUMPY_HEADER = re.compile(
    rb"\{'descr': '([^']*)', 'fortran_order': (?:True|False), 'shape': \(([0-9, ]*)\),? ?\} *\n?"
).fullmatch
NUMPY_TYPES = ("<f4", ">f4", "<f8", ">f8")

PICKLE = re.compile(rb"\x80(?:[\x02\x03][c(\])}GJKMUX]|[\x04\x05]\x95).*\.", re.DOTALL).fullmatch
"""Opening bytes and full stop of a pickle. By chance a BLOB of floats has them once in a hundred million."""

INTEGER_ZERO_WITH_SIGN = re.compile(r"(?<![eE])-0(?![.eE0-9])").search
"""Finds the integer -0, whose sign counts here and is lost by a reader of JSON."""

SMALLEST_NORMAL = 2.0**-126
BETWEEN_FLOATS, LOW_BITS = 0x1000_0000, 0x1FFF_FFFF
"""Of a double's bits those that a 32-bit float lacks, and their value half-way between two floats."""


@cache
def vector(width: int | None = None) -> Converter:
    """Read an embedding of `width` dimensions, or of any; each element becomes the nearest float32."""

    def read(value: Stored) -> str:
        floats = read_floats(value, width)
        return orjson.dumps(floats, option=orjson.OPT_SERIALIZE_NUMPY).decode()

    return Converter("vector" if width is None else f"vector({width})", read)


def read_floats(value: Stored, width: int | None = None) -> "NDArray[np.float32]":
    """Read an embedding as a one-dimensional array of finite float32, or raise `Invalid`.

    A text is a JSON list of numbers. A BLOB is little-endian float32, bit for bit, or a file as
    `numpy.save` writes it, of float32 or float64.
    """
    if type(value) is str:
        floats = _floats_of_text(value)
    elif type(value) is bytes:
        floats = _floats_of_file(value) if value.startswith(NUMPY_MAGIC) else _floats_of_bytes(value, width)
    else:
        raise refusal(value, "vector_invalid", "a list of numbers")
    return _checked(floats, width)


def read_column(values: Sequence[Any], width: int) -> "NDArray[np.float32] | None":
    """Read a column of embeddings at once, as one row of floats each; None where one is not plain.

    Plain are BLOBs of just so many floats, and JSON lists whose numbers double precision tells from one another.
    """
    import numpy as np

    kinds = set(map(type, values))
    if kinds == {str}:
        numbers = _doubles_of_texts(values, width)
        floats = None if numbers is None else _narrowed(numbers)
    elif kinds == {bytes} and not any(len(v) != 4 * width or v.startswith(NUMPY_MAGIC) for v in values):
        floats = _narrowed(np.frombuffer(b"".join(values), dtype="<f4"))
    else:
        return None
    return floats.reshape(-1, width) if floats is not None and np.isfinite(floats).all() else None


def _doubles_of_texts(texts: Sequence[str], width: int) -> "NDArray[np.float64] | None":
    """Read JSON lists of as many numbers; None where one is something else, or where its literals decide."""
    import numpy as np
    import simdjson

    parser, packed = simdjson.Parser(), bytearray()
    for number, text in enumerate(texts, 1):
        # the parser lets a byte order mark pass, and makes one list of nested ones
        if text[:1] != "[" or text.find("[", 1) > 0 or len(text) > LONGEST_NUMBER * width:
            return None
        try:
            packed += cast(simdjson.Array, parser.parse(text)).as_buffer(of_type="d")
        except (ValueError, TypeError, RuntimeError):  # no JSON, no number, a number beyond 64 bits
            return None
        if len(packed) != 8 * width * number:
            return None
    doubles = np.frombuffer(packed, dtype=np.float64)
    if _needs_literals(doubles) or (not doubles.all() and any(map(INTEGER_ZERO_WITH_SIGN, texts))):
        return None
    return doubles


def _checked(floats: "NDArray[np.float32]", width: int | None) -> "NDArray[np.float32]":
    import numpy as np

    if len(floats) != width and (width is not None or not 1 <= len(floats) <= MOST_DIMENSIONS):
        wanted = f"1 to {MOST_DIMENSIONS}" if width is None else str(width)
        raise Invalid("vector_dimension", f"{len(floats)} numbers where {wanted} are wanted")
    finite = np.isfinite(floats)
    if not finite.all():
        raise Invalid("vector_value", f"element {int(finite.argmin()) + 1} is not a finite 32-bit float")
    return floats


def _floats_of_text(text: str) -> "NDArray[np.float32]":
    import numpy as np

    try:
        numbers = orjson.loads(text)
    except orjson.JSONDecodeError:
        return _floats_of_literals(text)
    if type(numbers) is not list or "u" in text or "l" in text:  # as in true, false and null
        return _floats_of_literals(text)
    try:
        doubles = np.frombuffer(array("d", numbers), dtype=np.float64)
    except (TypeError, OverflowError):
        return _floats_of_literals(text)
    if _needs_literals(doubles) or (not doubles.all() and INTEGER_ZERO_WITH_SIGN(text)):
        return _floats_of_literals(text)
    return _narrowed(doubles)


def _needs_literals(doubles: "NDArray[np.float64]") -> bool:
    """Tell whether a double is half-way between two float32, or may be, or stands for a long integer.

    Then the literal decides.
    """
    import numpy as np

    if not doubles.size:
        return False
    if ((doubles.view(np.uint64) & LOW_BITS) == BETWEEN_FLOATS).any():
        return True
    sizes = np.abs(doubles)
    if sizes.max() > EXACT_IN_DOUBLE:
        return True
    return bool(sizes.min() < SMALLEST_NORMAL and ((sizes < SMALLEST_NORMAL) & (sizes > 0)).any())


def _floats_of_literals(text: str) -> "NDArray[np.float32]":
    """Read a list number by number: exactly, and with the reason where it is no list of numbers."""
    import numpy as np

    body = trimmed(text, "a list of numbers")[1:-1]
    if any(bracket in body for bracket in '[]{}"'):
        raise refusal(text, "vector_invalid", "a flat list of numbers")
    try:
        numbers = _LITERALS(text)
    except jsonlib.JSONDecodeError as error:
        raise Invalid("vector_invalid", f"{error.msg} at character {error.pos} of {shown(text)}") from None
    if type(numbers) is not list or not all(type(number) is _Literal for number in numbers):
        raise refusal(text, "vector_invalid", "a list of numbers")
    return _narrowed(np.array([_beside_half_way(number) for number in numbers], dtype=np.float64))


def _narrowed(floats: "NDArray[Any]") -> "NDArray[np.float32]":
    """Round to the nearest float32, in the machine's byte order; what is beyond becomes infinite."""
    import numpy as np

    with np.errstate(over="ignore", invalid="ignore"):
        return floats.astype(np.float32, copy=False)


class _Literal(str):
    """A number as the document spells it."""


def _beside_half_way(literal: str) -> float:
    """The nearest double; half-way between two float32, moved to the side on which the literal lies."""
    double = float(literal)
    if double == 0 or math.isinf(double) or not _is_half_way(double):
        return double
    exact = Decimal(literal)
    if exact == double:
        return double
    return math.nextafter(double, math.inf if exact > double else -math.inf)


def _is_half_way(double: float) -> bool:
    """Tell a double with one bit more than the float32 of its size holds."""
    _, exponent = math.frexp(double)
    unit = max(exponent - 24, -149)
    return math.ldexp(double, 1 - unit) % 2 == 1


def _refuse_constant(name: str) -> Any:
    raise Invalid("vector_value", f"{name} is no finite number")


_LITERALS = jsonlib.JSONDecoder(
    parse_int=_Literal, parse_float=_Literal, parse_constant=_refuse_constant
).decode


def _floats_of_bytes(data: bytes, width: int | None) -> "NDArray[np.float32]":
    import numpy as np

    if len(data) != 4 * (width or 0) and PICKLE(data):
        raise Invalid("vector_invalid", f"{shown(data)} is a pickle, which is never opened")
    if len(data) % 4:
        raise Invalid("vector_dimension", f"{shown(data)} is no whole number of 32-bit floats")
    return _narrowed(np.frombuffer(data, dtype="<f4"))


def _floats_of_file(data: bytes) -> "NDArray[np.float32]":
    """Read what `numpy.save` wrote, without NumPy's own reader: that one can be told to unpickle."""
    import numpy as np

    kind, shape, body = _numpy_header(data)
    if kind not in NUMPY_TYPES:
        raise Invalid("vector_invalid", f"a NumPy array of type {shown(kind)}, not of 32- or 64-bit floats")
    if not re.fullmatch("[0-9]{1,9},", shape):
        raise Invalid("vector_dimension", f"a NumPy array of shape ({shape}), not of one dimension")
    if len(body) != int(shape[:-1]) * int(kind[-1]):
        raise Invalid("vector_invalid", f"a NumPy array of {len(body)} bytes with shape ({shape})")
    return _narrowed(np.frombuffer(body, dtype=kind))


def _numpy_header(data: bytes) -> tuple[str, str, bytes]:
    """Split a saved array into the type, the shape between its brackets, and the bytes of its elements."""
    length_format = NUMPY_LENGTHS.get(data[6] if len(data) > 6 else 0)
    if length_format is None or len(data) < 12:
        raise Invalid("vector_invalid", f"{shown(data)} is no NumPy array of a known version")
    start = 8 + struct.calcsize(length_format)
    (length,) = struct.unpack_from(length_format, data, 8)
    header = NUMPY_HEADER(data[start : start + min(length, NUMPY_HEADER_LIMIT)])
    if header is None:
        raise Invalid("vector_invalid", f"{shown(data)} has no header of a NumPy array")
    return header[1].decode("latin-1"), header[2].decode("ascii").strip(), data[start + length :]
