"""Strategies for stored values: what each type is made of, whole, damaged, and values of any other kind."""

import datetime as dt
import json
import struct
from typing import Any

from hypothesis import strategies as st

STATUS = {"OPEN": "open", "IN_PROGRESS": "in-progress", "DONE": "done", "Odd": "DONE"}
ZONES = ["UTC", "Asia/Shanghai", "America/New_York", "Europe/London", "Australia/Lord_Howe"]
PALETTE = list("0123456789abefTtZz+-.,:;_/'\"\\[]{}()nul \t\r\n\x00\x0b\xa0\ufeff０１ıK中😀\udc80\ud800")

Texts = st.SearchStrategy[str]
one_of, sampled, form = st.one_of, st.sampled_from, st.from_regex

integers = one_of(st.integers(-(2**63), 2**63 - 1), st.integers(-5, 5), sampled([2**31, 2**53, 2**53 + 1]))
doubles = one_of(st.floats(allow_nan=False), st.integers(-(2**54), 2**54).map(float), st.floats(-2, 2))
undecoded = st.binary(max_size=20).map(lambda data: data.decode("utf-8", "surrogateescape"))
characters = st.text(st.characters(), max_size=12)
anything = one_of(
    integers, doubles, characters, undecoded, st.binary(max_size=40), st.text("\0 \t,[]", max_size=4)
)
blanks = st.text(" \t\r\n", max_size=2)


@st.composite
def damaged(draw: st.DrawFn, texts: Texts) -> str:
    """A text with up to two characters put in, left out or replaced."""
    text = draw(texts)
    for _ in range(draw(st.integers(0, 2))):
        start = draw(st.integers(0, len(text)))
        end = min(len(text), start + draw(st.integers(0, 1)))
        text = text[:start] + draw(sampled(["", *PALETTE])) + text[end:]
    return text


def stored(texts: Texts, *others: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Mostly such texts, whole or damaged, some with blanks around; now and then anything else."""
    return one_of(texts, joined(blanks, texts, blanks), damaged(texts), *others, anything)


def joined(*parts: Texts) -> Texts:
    return st.tuples(*parts).map("".join)


def listed(items: Texts, most: int = 6) -> Texts:
    return st.lists(items, max_size=most).map(lambda chosen: f"[{', '.join(chosen)}]")


# closed lists, uuids

members = sampled([spelling for pair in STATUS.items() for spelling in pair])
enums = members.flatmap(lambda word: sampled([word, word.lower(), word.upper(), word.title()]))
digits_of_uuid = st.uuids().flatmap(lambda u: sampled([str(u), u.hex, str(u).upper(), u.hex.upper()]))
frames = sampled(["{}", "urn:uuid:{}", "URN:uuid:{}", "{{{}}}", "({})", "{{{}"])
uuids = st.builds(str.format, frames, digits_of_uuid)

# numbers

digits = st.text("0123456789", min_size=1, max_size=22)
whole_numbers = joined(sampled(["", "+", "-", "00"]), one_of(integers.map(abs).map(str), digits))
written_numbers = form(r"\A[+-]?(?:[0-9]{1,12}(?:\.[0-9]{0,12})?|\.[0-9]{1,8})(?:[eE][+-]?[0-9]{1,3})?\Z")
literals = one_of(written_numbers, doubles.map(repr), whole_numbers)
cents = st.integers(-(10**9), 10**9).map(lambda number: number / 100)
truths = sampled(["1", "true", "T", "yes", "Y", "on", "0", "False", "f", "NO", "n", "oFF", "of", "tr", "2"])
flags = one_of(st.integers(-1, 2), sampled([0.0, 1.0, -0.0, 0.5]))

# times

offsets = one_of(
    sampled(["", "", "", "Z", " z", "+00:00Z", "+08:00", "-0530", " +15", "+15:59", "-16:00", "+05:60"]),
    form(r"\A ?[+-][01][0-9](?::?[0-5][0-9])?\Z"),
)
fractions = one_of(st.just(""), form(r"\A[.,][0-9]{1,7}0{0,3}\Z"))
days = one_of(st.dates().map(str), form(r"\A(?:000[01]|9999|20[0-2][0-9])-[01][0-9]-[0-3][0-9]\Z"))
clocks = one_of(
    st.times().map(lambda time: f"{time:%H:%M:%S}"), form(r"\A[0-2][0-9]:[0-6][0-9](?::[0-6][0-9])?\Z")
)
midnights = joined(days, sampled([" 00:00", "T00:00:00", "t00:00:00.000", " 00:00:00Z"]))
moments = one_of(joined(days, sampled(" Tt"), clocks, fractions, offsets), days, midnights)

seconds = st.integers(946_684_800 - 100, 4_102_444_800 + 100)
scaled = st.builds(
    lambda n, power, rest: n * 10**power + rest, seconds, sampled([0, 3, 6, 9]), st.integers(0, 999)
)
tails = one_of(st.just(""), form(r"\A\.[0-9]{1,7}0{0,3}\Z"))
epoch_texts = joined(sampled(["", "", "+", "-", "0"]), scaled.map(str), tails)
epoch_numbers = one_of(
    scaled, scaled.map(float), scaled.map(lambda n: n / 8), st.floats(946_684_800, 4_102_444_800)
)
times_of_day = one_of(moments, epoch_texts)

months_of_change = st.builds(dt.datetime, st.just(2025), sampled([3, 4, 10, 11]), st.integers(1, 30))
near_changes = st.builds(
    lambda day, n: str(day + dt.timedelta(minutes=n)), months_of_change, st.integers(0, 1440)
)

# JSON and lists

pieces = st.text(sampled('ab"\\/\n\x00\x7f中😀\ud83d\ude00'), max_size=4)
leaves = one_of(st.none(), st.booleans(), integers, st.floats(), pieces, st.just(10**400))
trees = st.recursive(
    leaves, lambda t: st.lists(t, max_size=4) | st.dictionaries(pieces, t, max_size=4), max_leaves=12
)
dumped = st.builds(
    lambda tree, escaped, indent: json.dumps(tree, ensure_ascii=escaped, indent=indent),
    *(trees, st.booleans(), sampled([None, 1, "\t"])),
)
keys = st.lists(sampled(['"a"', '"\\u0061"', '"b"', '"\\ud83d\\ude00"', '"😀"', '"\\n"']), max_size=4)
objects = keys.map(lambda chosen: "{" + ",".join(f"{key}:1" for key in chosen) + "}")
json_numbers = form(r"\A-?(?:0|[1-9][0-9]{0,3})(?:\.[0-9]{1,3})?(?:[eE][+-]?[0-9]{1,7})?\Z")
escapes = sampled(
    ["\\\\", "\\u0000", "\\ud83d", "\\ude00", "\\uD83D\\uDE00", "\\u0041", "\\n", "u0000", "ud83d", "x"]
)
strings = st.lists(escapes).map(lambda parts: f'"{"".join(parts)}"')
nests = st.builds(
    lambda depth, inner: "[" * depth + inner + "]" * depth,
    st.integers(480, 510),
    sampled(["", "1", "{}", '"[["']),
)
documents = one_of(dumped, objects, json_numbers, strings, listed(one_of(strings, json_numbers)))
dumped_lists = st.lists(pieces, max_size=4).map(json.dumps)
lists = one_of(dumped_lists, listed(strings), st.just("null"), st.text("ab, \"\\'中", max_size=8), documents)
reprs = st.lists(st.text(sampled("ab'\"\\\n\t\x00\x7f\x9f中😀\ud83d\u200b"), max_size=5), max_size=4).map(
    repr
)

# embeddings


def float_of(bits: int) -> float:
    return float(struct.unpack("<f", struct.pack("<I", bits))[0])


singles = st.floats(width=32, allow_nan=False, allow_infinity=False)
finite = st.floats(allow_nan=False, allow_infinity=False)
between = st.integers(0, 0x7F7F_FFFE).map(lambda bits: (float_of(bits) + float_of(bits + 1)) / 2)
beside = between.map(lambda number: f"{number:.60f}1" if number > 1e-30 else repr(number))
elements = one_of(
    singles.map(repr), finite.map(repr), json_numbers, between.map(repr), beside, sampled(["0", "-0", "1"])
)
others = sampled(["NaN", "-Infinity", "true", "null", '"1"', "[1]", "{}", "1e39"])
embeddings = one_of(
    listed(elements, most=4),
    st.tuples(elements, elements, one_of(elements, others)).map(", ".join).map("[{}]".format),
)
packed = st.lists(singles, max_size=4).map(lambda numbers: struct.pack(f"<{len(numbers)}f", *numbers))
twelve_bytes = st.binary(min_size=12, max_size=12)
