"""Generated source is laid out as the project's formatter lays it out."""

from __future__ import annotations

import ast
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.importer.scaffold import code
from apps.importer.scaffold.code import Named, call, literal


def ruff(text: str) -> str:
    run = subprocess.run(
        [sys.executable, "-m", "ruff", "format", "--line-length", "110", "-"],
        input=text,
        capture_output=True,
        text=True,
        check=True,
    )
    return run.stdout


LONG = "x" * 50
PIECES = [
    call("f"),
    call("f", "a", b="1"),
    call("f", literal(LONG), literal(LONG), b="1"),
    call(
        "f", code.sequence(map(literal, "abc")), named=call("g", literal(LONG), literal(LONG), literal("z"))
    ),
    code.tuple_of([literal("a")]),
    code.tuple_of([]),
    code.tuple_of([call("Table", literal(LONG), literal(LONG)), call("Table", "x")]),
    code.mapping([(LONG, literal(LONG)), ("b", code.tuple_of([literal("c")]))]),
    call("f", literal("姓名" * 25), b=literal("名")),
    call("f", literal("姓名" * 30), b=literal("名")),
]


def test_the_formatter_has_nothing_to_change() -> None:
    lines = [line for piece in PIECES for line in code.lines(Named("x = ", piece))]
    text = "\n".join(lines) + "\n"
    assert ruff(text) == text
    assert any(len(line) < 20 for line in lines)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("a", '"a"'),
        ('a"b', "'a\"b'"),
        ("a\"b'c", '"a\\"b\'c"'),
        ("a\\b\n", '"a\\\\b\\n"'),
        ("姓名", '"姓名"'),
        ("\u202e\x00", '"\\u202e\\x00"'),
    ],
)
def test_literals(text: str, written: str) -> None:
    assert literal(text) == written


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=40))
def test_any_text_survives_as_literal_comment_and_docstring(text: str) -> None:
    assert ast.literal_eval(literal(text)) == text
    assert literal(text).isprintable()
    assert ast.parse("\n".join(code.remark(text * 20))).body == []
    assert all(code.width(line) <= code.LINE for line in code.remark(text * 20))
    (only,) = ast.parse(code.docstring(f"Table {text}.")).body
    assert isinstance(only, ast.Expr)


def test_a_long_remark_has_a_line_for_each_part() -> None:
    assert code.remark("a; b", 1) == ["    # a; b"]
    assert code.remark(f"{LONG}; {LONG}; 示例源") == [f"# {LONG}", f"#   {LONG}", "#   示例源"]
    (cut,) = code.remark("示" * 80)
    assert (code.width(cut), cut[-1]) == (code.LINE - 1, "…")
