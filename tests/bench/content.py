"""What a database holds after a load, as numbers that do not depend on the order of the rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from tests.bench.columns import Plan
from tests.bench.server import Server

RULES = """
SELECT conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(oid) FROM pg_constraint
 WHERE connamespace = 'public'::regnamespace
UNION ALL
SELECT pg_get_indexdef(x.indexrelid) FROM pg_index x JOIN pg_class c ON c.oid = x.indexrelid
 WHERE c.relnamespace = 'public'::regnamespace AND x.indisvalid
"""
"""The constraints and the valid indexes of a database."""


@dataclass(frozen=True)
class Content:
    """A table's rows, their digest, and where asked for that of each column beside the key."""

    rows: int
    digest: str
    columns: dict[str, str] = field(default_factory=dict)


def contents(server: Server, name: str, plans: Iterable[Plan], by_column: bool = False) -> dict[str, Content]:
    """Look at the tables of the plans, by target table."""
    return {plan.target: _content(server, name, plan, by_column) for plan in plans}


def _content(server: Server, name: str, plan: Plan, by_column: bool) -> Content:
    row = ", ".join(f'"{column}"' for column in plan.names)
    whole = total(f"ROW({row})::text")
    parts = _of_columns(plan) if by_column else []
    ((count, digest, *others),) = server.rows(
        name, f'SELECT count(*), {", ".join([whole, *parts])} FROM "{plan.target}"'
    )
    names = plan.names if by_column else []
    return Content(count, str(digest), dict(zip(names, map(str, others), strict=True)))


def _of_columns(plan: Plan) -> list[str]:
    key = f'"{plan.key}"'
    return [total(f'ROW({key}, "{column}")::text') for column in plan.names]


def total(text: str) -> str:
    """SQL of a digest over rows in any order."""
    return f"coalesce(sum(hashtextextended({text}, 0)), 0)"


def verdict(server: Server, name: str, plans: Sequence[Plan], expected: Mapping[str, Content]) -> str:
    """Compare a database with what is right: ``right``, or in a few words what is wrong."""
    found = contents(server, name, plans)
    wrong = [plan for plan in plans if not _same(found[plan.target], expected[plan.target])]
    return "; ".join(_fault(server, name, plan, expected[plan.target]) for plan in wrong) or "right"


def _same(found: Content, expected: Content) -> bool:
    return (found.rows, found.digest) == (expected.rows, expected.digest)


def _fault(server: Server, name: str, plan: Plan, expected: Content) -> str:
    found = _content(server, name, plan, by_column=True)
    if found.rows != expected.rows:
        return f"{plan.source}: {found.rows:,} rows of {expected.rows:,}"
    differ = [column for column, digest in found.columns.items() if digest != expected.columns[column]]
    return f"{plan.source}: wrong {', '.join(differ)}"


def is_empty(server: Server, name: str, plan: Plan) -> bool:
    """Whether the table of a plan has no row."""
    ((filled,),) = server.rows(name, f'SELECT EXISTS (TABLE "{plan.target}")')
    return not filled


def rules(server: Server, name: str) -> set[str]:
    """The constraints and indexes of a database, as PostgreSQL writes them."""
    return {rule for (rule,) in server.rows(name, RULES)}
