"""What each repair makes of a stored value: one line for each case."""

from __future__ import annotations

from typing import Any

import pytest

from apps.importer import mend
from apps.importer.mend import Chosen, Useless

GB = "数学".encode("gb18030")
BROKEN = GB.decode("utf-8", "surrogateescape")

CASES: list[tuple[str, str | None, str, Any, Any]] = [
    ("set_null", None, "text", "x", None),
    ("set_null", None, "vector(3)", b"\x00", None),
    ("strip_nul", None, "text", "a\0b\0", "ab"),
    ("strip_nul", None, "text", r"\u0000", r"\u0000"),
    ("strip_nul", None, "json", r'{"a": "x\u0000y"}', '{"a": "xy"}'),
    ("strip_nul", None, "json", r'"\\u0000"', r'"\\u0000"'),
    ("strip_nul", None, "json", r'"\\\u0000"', r'"\\"'),
    ("decode_as", "gb18030", "text", BROKEN, "数学"),
    ("decode_as", "gb18030", "text", GB, "数学"),
    ("decode_as", "latin-1", "text", "caf\udce9", "café"),
    ("decode_as", "utf-16-le", "text", b"h\0i\0", "hi"),
    ("as_zone", "Asia/Shanghai", "datetime", "2025-11-03 08:00:00", "2025-11-03 00:00:00+00"),
    ("as_zone", "Asia/Shanghai", "datetime", "2025-11-03T08:00:00.5", "2025-11-03 00:00:00.500000+00"),
    ("as_zone", "Asia/Shanghai", "datetime", "2025-11-03T08:00:00Z", "2025-11-03 08:00:00+00"),
    ("as_unit", "s", "datetime", 1000, "1970-01-01 00:16:40+00"),
    ("as_unit", "s", "datetime", -1.5, "1969-12-31 23:59:58.500000+00"),
    ("as_unit", "ms", "datetime", "1762150830123", "2025-11-03 06:20:30.123000+00"),
    ("as_unit", "us", "epoch_s", 1762150830000000, "2025-11-03 06:20:30+00"),
    ("as_unit", "ns", "datetime", 1762150830000001000, "2025-11-03 06:20:30.000001+00"),
    ("as_unit", "s", "datetime", "1762150830.25", "2025-11-03 06:20:30.250000+00"),
    ("truncate", "3", "text", "数学abc", "数学a"),
    ("placeholder_parent", None, "uuid", "x", "x"),
]
USELESS: list[tuple[str, str | None, str, Any, str]] = [
    ("strip_nul", None, "text", b"\0", "no text"),
    ("decode_as", "utf-8", "text", BROKEN, "cannot read its byte 0"),
    ("decode_as", "gb18030", "text", 5, "neither text nor BLOB"),
    ("decode_as", "idna", "text", b"xn--a" + b"\xff", "cannot read"),
    ("as_zone", "Asia/Shanghai", "datetime", 5, "no time that a zone could tell"),
    ("as_zone", "Asia/Shanghai", "datetime", " 1762150830 ", "no time that a zone could tell"),
    ("as_zone", "Europe/Berlin", "datetime", "2025-10-26 02:30:00", "twice or never"),
    ("as_unit", "s", "datetime", "yesterday", "no number"),
    ("as_unit", "s", "datetime", float("inf"), "infinite"),
    ("as_unit", "s", "datetime", 1762150830123, "outside the years"),
    ("as_unit", "ns", "datetime", 1762150830000000001, "beyond the microsecond"),
    ("truncate", "3", "text", 12345, "no text"),
]


@pytest.mark.parametrize(("repair", "argument", "logical", "before", "after"), CASES)
def test_before_and_after(repair: str, argument: str | None, logical: str, before: Any, after: Any) -> None:
    chosen = Chosen("c", repair, argument)
    mended, changes = mend.mend({"C": before, "other": 1}, [chosen], lambda name: logical)
    assert mended == {"C": after, "other": 1}
    assert changes == [(chosen, before, after)]


@pytest.mark.parametrize(("repair", "argument", "logical", "before", "message"), USELESS)
def test_what_cannot_be_made(
    repair: str, argument: str | None, logical: str, before: Any, message: str
) -> None:
    with pytest.raises(Useless, match=message):
        mend.mend({"c": before}, [Chosen("c", repair, argument)], lambda name: logical)


def test_repairs_follow_one_another() -> None:
    repairs = [Chosen("c", "decode_as", "latin-1"), Chosen("c", "strip_nul"), Chosen("c", "truncate", "2")]
    mended, changes = mend.mend({"c": b"a\0bc"}, repairs, lambda name: "text")
    assert mended == {"c": "ab"}
    assert [change.as_json()["before"] for change in changes] == [
        {"b": "YQBiYw=="},
        {"tb": "YQBiYw=="},
        {"t": "abc"},
    ]


def test_a_repair_is_kept_and_read_again() -> None:
    chosen = Chosen("c", "decode_as", "gb18030")
    assert Chosen.from_json(chosen.as_json()) == chosen


@pytest.mark.parametrize("word", ["base64", "rot13", "no such", "", "a\0b"])
def test_no_encoding(word: str) -> None:
    with pytest.raises(ValueError, match="no encoding of texts"):
        mend.encoding(word)


def test_arguments() -> None:
    assert mend.encoding("GBK") == "gbk"
    assert mend.unit("ms") == "ms"
    with pytest.raises(ValueError, match="no unit"):
        mend.unit("days")
