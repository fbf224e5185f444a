"""Embeddings. Expected is what pgvector reads; the elements are compared bit by bit elsewhere too."""

import base64
import pickle
import struct

from apps.importer import convert
from tests.importer.cases import refuses, takes

VECTOR = convert.vector(3)
ANY = convert.vector()
ONE = convert.vector(1)

INFINITY, NAN = float("inf"), float("nan")
BLANK = ("", " ", "\t\r\n ")
LARGEST = "3.4028235e+38"


def packed(*numbers: float) -> bytes:
    return struct.pack(f"<{len(numbers)}f", *numbers)


def saved(kind: str, shape: str, body: bytes, version: int = 1) -> bytes:
    """A file as `numpy.save` writes it, header padded to a multiple of 64 bytes."""
    header = f"{{'descr': '{kind}', 'fortran_order': False, 'shape': {shape}, }}".encode()
    length = "<H" if version == 1 else "<I"
    start = 8 + struct.calcsize(length)
    header = header.ljust(-(start + len(header) + 1) % 64 + len(header)) + b"\n"
    return b"\x93NUMPY" + bytes([version, 0]) + struct.pack(length, len(header)) + header + body


IN_TEXT = [
    *takes(VECTOR, "[0.1,-2.5,3.0]", "[0.1,-2.5,3.0]", "[0.1, -2.5, 3.0]", " [ 0.1 ,\n-2.5\t, 3.0 ]\r\n"),
    *takes(VECTOR, "[0.1,-2.5,3.0]", "[0.1,-2.5,3]"),
    *takes(VECTOR, "[0.1,-2.5,3.0]", "[1e-1, -25e-1, 0.3e+1]", "[0.10000000149011612, -2.50, 3E0]"),
    # zeros, their sign, subnormals, what is too small for a float32
    *takes(VECTOR, "[0.0,0.0,0.0]", "[0,0,0]", "[0.0,0,0e5]", "[1e-46, 7e-46, 1e-400]"),
    *takes(VECTOR, "[-0.0,-0.0,-0.0]", "[-0, -0.0, -1e-400]"),
    *takes(VECTOR, "[1e-45,-1e-45,1.1754942e-38]", "[1e-45, -1.4e-45, 1.1754942e-38]"),
    *takes(VECTOR, "[1e-45,-1e-45,1.1754942e-38]", "[8e-46, -2e-45, 1.17549421069e-38]"),
    # the nearest float32 of the digits, not of their double
    *takes(ONE, "[16777216.0]", "[16777217]", "[16777217.0]", "[16777216.9999999999]"),
    *takes(ONE, "[16777218.0]", "[16777217.000000001]", "[16777217.00000000000000000001]", "[16777218]"),
    *takes(ONE, "[-16777218.0]", "[-16777217.00000000000000000001]"),
    *takes(ONE, "[1.0000001]", "[1.00000005960464477540]", "[1.0000001]"),
    *takes(ONE, "[1.0]", "[1.00000005960464477539]", "[1.000000059604644775390625]"),
    *takes(ONE, "[1e-45]", "[7.0064923216240853546186479164495806564013097093825788587854e-46]"),
    *takes(ONE, "[0.0]", "[7.0064923216240853546186479164495806564013097093825788587853e-46]"),
    *takes(ONE, f"[{LARGEST}]", f"[{LARGEST}]", "[3.40282356779733661637e38]"),
    *takes(ONE, f"[{LARGEST}]", "[340282346638528859811704183484516925440]"),
    *refuses(ONE, "vector_value", "[3.40282356779733661638e38]", "[3.5e38]", "[-1e39]", "[1e400]"),
    *refuses(ONE, "vector_value", "[-1e400]", "[" + "9" * 5000 + "]"),
    *refuses(VECTOR, "vector_value", "[NaN,0,0]", "[0,Infinity,0]", "[0.5,0.5,-Infinity]", "[0.5,0.5,1e39]"),
    # another number of elements
    *takes(ANY, "[1.0]", "[1]"),
    *takes(ANY, "[1.0,2.0]", "[1.0, 2.0]"),
    *refuses(VECTOR, "vector_dimension", "[]", "[1]", "[1.0,2.0]", "[1,2,3,4]"),
    *refuses(ANY, "vector_dimension", "[]", "[" + "0.5," * 16_000 + "0.5]"),
    # no list of numbers
    *refuses(VECTOR, "vector_invalid", "[0.1 0.2 0.3]", "0.1,0.2,0.3", "{0.1,0.2,0.3}", "(0.1,0.2,0.3)"),
    *refuses(VECTOR, "vector_invalid", "[1,2,3", "[1,2,3,]"),
    *refuses(VECTOR, "vector_invalid", '["1",2,3]', "[true,2,3]", "[null,2,3]", "[[1,2,3]]", "[[1],2,3]"),
    *refuses(VECTOR, "vector_invalid", '[{"a":1},2,3]'),
    *refuses(VECTOR, "vector_invalid", "null", "1", "true", '"[1,2,3]"', "{}", '{"a":[1,2,3]}', "[1,2,3]]"),
    *refuses(VECTOR, "vector_invalid", "[1,2,3] x", "\ufeff[1,2,3]"),
    *refuses(VECTOR, "vector_invalid", "[+1,2,3]", "[.5,2,3]", "[1.,2,3]", "[01,2,3]", "[0x1,2,3]"),
    *refuses(VECTOR, "vector_invalid", "[1_0,2,3]", "[１,2,3]", "[nan,1,2]"),
    *refuses(VECTOR, "vector_invalid", "[" * 5000, "\udcff", "[1,2,3\udcff]", "[1,2,3]\x00"),
    *refuses(VECTOR, "vector_invalid", base64.b64encode(packed(1, 2, 3)).decode()),
    *refuses(VECTOR, "vector_invalid", 1, 0, 1.5, INFINITY),
    *refuses(VECTOR, "empty_value", *BLANK),
]

IN_BYTES = [
    # little-endian float32, bit by bit
    *takes(VECTOR, "[0.1,-2.5,3.0]", packed(0.1, -2.5, 3.0)),
    *takes(VECTOR, "[0.0,-0.0,1e-45]", packed(0.0, -0.0, 1e-45)),
    *takes(
        VECTOR, f"[{LARGEST},-{LARGEST},1e-38]", packed(3.4028234663852886e38, -3.4028234663852886e38, 1e-38)
    ),
    *takes(ANY, "[0.5]", packed(0.5)),
    *refuses(VECTOR, "vector_value", packed(NAN, 0, 0), packed(0, INFINITY, 0), packed(0, 0, -INFINITY)),
    *refuses(VECTOR, "vector_dimension", b"", packed(1), packed(1, 2, 3, 4), packed(1, 2, 3)[:-1]),
    *refuses(VECTOR, "vector_dimension", packed(1, 2, 3) + b"\x00"),
    *refuses(VECTOR, "vector_dimension", struct.pack("<3d", 0.1, 0.2, 0.3), b"[0.1,0.2,0.3]"),
    *refuses(ANY, "vector_dimension", b"", b"\x00", bytes(5), bytes(4 * 16_001)),
    # what numpy.save wrote
    *takes(VECTOR, "[0.1,-2.5,3.0]", saved("<f4", "(3,)", packed(0.1, -2.5, 3.0))),
    *takes(VECTOR, "[0.1,-2.5,3.0]", saved(">f4", "(3,)", struct.pack(">3f", 0.1, -2.5, 3.0))),
    *takes(VECTOR, "[0.1,-2.5,3.0]", saved("<f8", "(3,)", struct.pack("<3d", 0.1, -2.5, 3.0))),
    *takes(VECTOR, "[0.1,-2.5,3.0]", saved(">f8", "(3,)", struct.pack(">3d", 0.1, -2.5, 3.0), version=2)),
    *takes(ANY, "[0.5]", saved("<f4", "(1,)", packed(0.5), version=3)),
    *refuses(VECTOR, "vector_dimension", saved("<f4", "(2,)", packed(1, 2)), saved("<f4", "()", packed(1))),
    *refuses(VECTOR, "vector_dimension", saved("<f4", "(3, 1)", packed(1, 2, 3))),
    *refuses(VECTOR, "vector_dimension", saved("<f4", "(1, 3)", packed(1, 2, 3))),
    *refuses(VECTOR, "vector_value", saved("<f8", "(3,)", struct.pack("<3d", 1e39, 0, 0))),
    *refuses(VECTOR, "vector_value", saved("<f4", "(3,)", packed(NAN, 0, 0))),
    *refuses(VECTOR, "vector_value", saved("<f8", "(3,)", struct.pack("<3d", NAN, 0, -INFINITY))),
    *refuses(VECTOR, "vector_invalid", saved("|O", "(3,)", pickle.dumps([1, 2, 3]))),
    *refuses(VECTOR, "vector_invalid", saved("<i4", "(3,)", packed(1, 2, 3))),
    *refuses(VECTOR, "vector_invalid", saved("<f2", "(3,)", bytes(6)), saved("<c8", "(3,)", bytes(24))),
    *refuses(VECTOR, "vector_invalid", saved("|V4", "(3,)", bytes(12))),
    *refuses(VECTOR, "vector_invalid", saved("<f4", "(3,)", packed(1, 2))),
    *refuses(VECTOR, "vector_invalid", saved("<f4", "(3,)", packed(1, 2, 3) + b"\x00")),
    *refuses(VECTOR, "vector_invalid", b"\x93NUMPY", b"\x93NUMPY\x01\x00", b"\x93NUMPY\x09\x00v\x00{}"),
    *refuses(VECTOR, "vector_invalid", saved("<f4", "(3,)", b"")[:40]),
    *refuses(VECTOR, "vector_invalid", b"\x93NUMPY\x01\x00\xff\xff" + b" " * 2000),
    *refuses(VECTOR, "vector_invalid", saved("<f4', 'x': '", "(3,)", packed(1, 2, 3))),
    # a pickle is never opened
    *refuses(
        VECTOR, "vector_invalid", *(pickle.dumps([0.1, 0.2, 0.3], protocol) for protocol in (2, 3, 4, 5))
    ),
    *refuses(ANY, "vector_invalid", pickle.dumps("a" * 101), pickle.dumps({"a": 1}), pickle.dumps((1.5,), 2)),
]

ALL = [*IN_TEXT, *IN_BYTES]
