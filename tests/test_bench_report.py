"""The benchmark's arithmetic and what it prints and draws; the measuring itself is for ``make bench``."""

import json
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.bench import chart, columns, measure, queries, report
from tests.bench.outcome import Figure, Line, Outcome, from_json

COPY = Line("copy", r"psql \copy", seconds=[4.0, 9.0, 5.0], peak=10.0, other=0.25)
OURS = Line("import_sqlite", "import_sqlite", ours=True, seconds=[2.0, 2.5, 8.0], peak=90.4)
WRONG = Line("pgloader", "pgloader", seconds=[10.0], peak=217.0, verdict="wrong: tasks: 0 rows of 5")
FAILED = Line("bulk_create", "Django bulk_create", verdict="failed: out of memory")


@pytest.fixture
def outcome() -> Outcome:
    figures = [Figure("times as fast", 2.0, least=1.5), Figure("peak", 104.2, "MB", most=100)]
    return Outcome("chat", "chat messages", 1_000_000, "copy", [COPY, OURS, WRONG, FAILED], figures)


def test_a_ratio_compares_medians_and_is_above_one_for_whoever_is_faster(outcome: Outcome) -> None:
    assert [outcome.ratio(line) for line in outcome.lines] == [1.0, 2.0, 0.5, None]


def test_without_its_reference_a_workload_has_no_ratios(outcome: Outcome) -> None:
    alone = Outcome("chat", "chat messages", 10, "copy", [OURS])
    failed = Outcome("chat", "chat messages", 10, "bulk_create", [OURS, FAILED])
    assert alone.ratio(OURS) is failed.ratio(OURS) is None


@pytest.mark.parametrize(
    ("figure", "kept"),
    [
        (Figure("", 1.5, least=1.5), True),
        (Figure("", 1.49, least=1.5), False),
        (Figure("", 100, most=100), True),
        (Figure("", 101, most=100), False),
        (Figure("", 588, least=588, most=588), True),
        (Figure("", 587, least=588, most=588), False),
        (Figure("", 3), None),
        (Figure("", 3, least=5).unbound(), None),
    ],
)
def test_a_figure_knows_whether_it_keeps_its_bound(figure: Figure, kept: bool | None) -> None:
    assert figure.kept is kept


def test_the_table_names_every_peer_with_its_ratio_memory_and_verdict(outcome: Outcome) -> None:
    lines = report.as_text(outcome).splitlines()
    assert lines[0] == "chat: chat messages, 1,000,000 rows"
    assert lines[1].split("  ")[-1] == "content"
    assert lines[2].split() == ["psql", r"\copy", "1.00", "5.00", "4.00", "9.00", "10", "0.25", "right"]
    assert lines[3].split() == ["import_sqlite", "2.00", "2.50", "2.00", "8.00", "90", "right"]
    assert lines[4].endswith("wrong: tasks: 0 rows of 5")
    assert lines[5].split() == ["Django", "bulk_create", "failed:", "out", "of", "memory"]
    assert lines[6:] == [
        "  times as fast: 2 (at least 1.5: kept)",
        "  peak: 104 MB (at most 100: MISSED)",
    ]


def test_the_columns_of_the_table_stand_under_one_another() -> None:
    rows = [("", "ratio", "content"), ("a", "1.00", "right"), ("long name", "12.34", "wrong")]
    assert report.table(rows).splitlines() == [
        "             ratio  content",
        "  a           1.00  right",
        "  long name  12.34  wrong",
    ]


def test_results_come_back_from_their_file_and_carry_their_ratios(outcome: Outcome, tmp_path: Path) -> None:
    path = tmp_path / "results.json"
    assert report.read(path) == {}
    report.write(path, {"chat": outcome})
    assert report.read(path) == {"chat": outcome}
    stored = json.loads(path.read_text())["chat"]
    assert [line["ratio"] for line in stored["lines"]] == [1.0, 2.0, 0.5, None]
    assert [figure["kept"] for figure in stored["figures"]] == [True, False]
    assert from_json(stored) == outcome


def drawn(*outcomes: Outcome) -> ElementTree.Element:
    return ElementTree.fromstring(chart.draw(outcomes))  # noqa: S314 - what this project drew


def test_the_bars_of_the_chart_are_as_long_as_the_ratios(outcome: Outcome) -> None:
    svg = drawn(outcome)
    name = "{http://www.w3.org/2000/svg}"
    bars = [bar for bar in svg.iter(f"{name}rect") if bar.get("x")]
    widths = [float(bar.get("width", 0)) for bar in bars]
    assert [width / widths[0] for width in widths] == pytest.approx([1.0, 2.0, 0.5], abs=0.01)
    colours = [chart.PEER_COLOUR, chart.OURS_COLOUR, chart.WRONG_COLOUR]
    assert [bar.get("fill") for bar in bars] == colours
    line = next(svg.iter(f"{name}line"))
    assert float(line.get("x1", 0)) == pytest.approx(chart.LABELS + widths[0], abs=0.1)
    words = [text.text or "" for text in svg.iter(f"{name}text")]
    assert {"chat messages, 1,000,000 rows", "2.00, 90 MB", "0.50, 217 MB, wrong content", "failed"} <= {
        *words
    }


def test_the_chart_leaves_out_what_has_no_ratios_and_spells_names_for_xml(outcome: Outcome) -> None:
    without = Outcome("page", "a page", 10, "page", [Line("page", "by the index", seconds=[1.0])])
    odd = Outcome("odd", "a < b & c", 10, "copy", [COPY, OURS])
    words = [text.text for text in drawn(without, odd).iter() if text.text]
    assert "a < b & c, 10 rows" in words
    assert not any(word.startswith("a page") for word in words)
    assert drawn().tag.endswith("svg")


@pytest.mark.parametrize(
    ("stored", "text"),
    [
        ("2025-09-01 08:00:00.000123", "2025-09-01 08:00:00.000123+00"),
        ("2025-09-01T08:00:00+00:00", "2025-09-01T08:00:00+00:00"),
        (1_756_713_600, "2025-09-01T08:00:00+00:00"),
    ],
)
def test_a_moment_is_the_same_for_copy_and_for_python(stored: str | int, text: str) -> None:
    assert columns.moment_text(stored) == text
    assert columns.moment(stored) == columns.moment(text)


def test_a_line_for_copy_tells_null_from_text_and_keeps_to_one_line() -> None:
    assert columns.line([None, "", r"\N", "a\tb\nc\r\\"]) == "\\N\t\t\\\\N\ta\\tb\\nc\\r\\\\\n"


def test_a_packed_vector_reads_as_the_floats_in_it() -> None:
    packed = columns.floats("[0.1,-2]").tobytes()
    assert columns.vector_text(packed) == "[0.1,-2.0]"
    assert columns.floats(packed).tolist() == columns.floats("[0.1,-2]").tolist()


def test_a_plan_is_read_for_rows_and_pages_and_cut_short() -> None:
    before = {"Parent Relationship": "InitPlan", "Actual Rows": 1, "Actual Loops": 1}
    scan = {"Node Type": "Seq Scan", "Actual Rows": 40, "Actual Loops": 3, "Plans": [before]}
    plan = {
        "Node Type": "Limit",
        "Plans": [{"Plans": [scan]}],
        "Shared Hit Blocks": 7,
        "Shared Read Blocks": 2,
    }
    assert queries.rows_compared(plan) == 120
    assert queries.pages(plan) == 9
    assert queries.shortened({"Filter": "x" * 200, "Plans": [1]}, 5) == {"Filter": "xxxxx…", "Plans": [1]}


def test_a_measured_command_tells_its_time_its_memory_and_how_it_ended(tmp_path: Path) -> None:
    program = "import time; block = b'x' * 60_000_000; time.sleep(0.2); print('last words'); exit(3)"
    run = measure.run([sys.executable, "-c", program], {}, tmp_path, 20, lambda: 0.0)
    assert (run.code, run.last) == (3, "last words")
    assert 0.2 <= run.seconds < 20
    assert 60 < run.peak < 120


def test_a_command_over_its_limit_is_ended_with_its_children(tmp_path: Path) -> None:
    run = measure.run(["/bin/sh", "-c", "sleep 60 & sleep 60"], {}, tmp_path, 0.3, lambda: 0.0)
    assert (run.code, run.last) == (-1, "given up after 0.3 s")
