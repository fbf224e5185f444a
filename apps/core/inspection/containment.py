"""Rows whose JSON holds a value at a path: what an address says of it, and where it is quick enough to offer.

``metadata__contains={"tags":["x"]}`` is PostgreSQL's containment: a list on the path matches by any element.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import connection
from django.db.models import JSONField, Model, Q, TextField, Value
from django.db.models.expressions import RawSQL
from django.db.models.functions import Cast
from django.utils.safestring import SafeString

from apps.core.inspection.cells import filtering
from apps.core.inspection.describe import AnyField
from apps.core.inspection.indexes import OptionalIndex
from apps.core.inspection.keys import list_url
from apps.core.inspection.secrets import is_secret
from apps.core.inspection.tree import DEEPEST, Mark, Path, loads

CONTAINS = "contains"
"""The lookup that stands behind the field's name in the address."""
LONGEST = 240
"""Characters of a document up to which it is made a link."""
MOST = 200
"""Values of one column that are made links, so that a long list does not make the page large."""
DIGITS = 1000
"""Digits of a number, before or after its point, that PostgreSQL is asked about; it takes 16,383."""
SMALL = 8 * 1024 * 1024
"""Stored bytes of a table up to which a filter by its JSON may read all of it.

Reading takes 1 to 22 ms a megabyte, 180 ms at most: 1 to 3 for a million chat messages (370 MB, 0.4 to 1.3 s),
10 for lists of thirty objects, 22 for lists of four hundred that are stored at a fifteenth of their length.
With an index the million is asked in 6 to 80 ms.
"""


@dataclass(frozen=True)
class Contained:
    """A scalar and the path to it from the top of a JSON value."""

    path: Path
    value: str | Decimal | bool | None

    @classmethod
    def read(cls, text: str) -> Contained:
        """Return what a document with one scalar in it says. Raises ValueError for any other text."""
        try:
            value, path = loads(text), []
        except (ArithmeticError, RecursionError) as error:
            raise ValueError(text) from error
        while isinstance(value, (dict, list)):
            if len(value) != 1 or len(path) > DEEPEST:
                raise ValueError(text)
            [(step, value)] = value.items() if isinstance(value, dict) else [(None, value[0])]
            path.append(step)
        if not all(map(_storable, (*path, value))):
            raise ValueError(text)
        return cls(tuple(path), value)

    @property
    def is_secret(self) -> bool:
        """Whether the path leads through a key that holds a secret."""
        return any(is_secret(step) for step in self.path if step is not None)

    @property
    def text(self) -> str:
        """The scalar as JSON."""
        return str(self.value) if isinstance(self.value, Decimal) else _json(self.value)

    @property
    def document(self) -> str:
        """The smallest JSON value that holds the scalar at the path."""
        found = self.text
        for step in reversed(self.path):
            found = f"[{found}]" if step is None else f"{{{_json(step)}:{found}}}"
        return found

    @property
    def place(self) -> str:
        """The path for a reader: ``.tags[]``, ``["a key"].b``."""
        return "".join(map(_step, self.path))

    def __str__(self) -> str:
        return f"{self.place} = {self.text}".strip()

    def condition(self, name: str) -> Q:
        """Return the condition that a field holds the scalar at the path."""
        return Q((f"{name}__{CONTAINS}", Cast(Value(self.document), JSONField())))


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _step(step: str | None) -> str:
    if step is None:
        return "[]"
    return f".{step}" if step.isidentifier() else f"[{_json(step)}]"


def _storable(part: Any) -> bool:
    """Tell whether PostgreSQL can hold a part: no NUL or lone surrogate, no NaN, no number of any length."""
    if isinstance(part, str):
        return "\0" not in part and not any("\ud800" <= character <= "\udfff" for character in part)
    if not isinstance(part, Decimal):
        return not isinstance(part, float)
    _sign, digits, exponent = part.as_tuple()
    return len(digits) <= DIGITS and abs(int(exponent)) <= DIGITS


def is_guess(text: str) -> bool:
    """Tell whether a document asks for what stands under a key that holds a secret."""
    try:
        return Contained.read(text).is_secret
    except ValueError:
        return False


def marker(model: type[Model], name: str) -> Mark:
    """Return what links a scalar of a field's JSON to the rows that hold it at the same path."""
    link, left = filtering(f"{list_url(model)}?{name}__{CONTAINS}="), iter(range(MOST))

    def mark(path: Path, value: Any) -> SafeString:
        document = Contained(path, value).document
        worth = len(document) <= LONGEST and next(left, None) is not None
        return link(document) if worth else SafeString("")

    return mark


@dataclass(frozen=True)
class JsonIndex(OptionalIndex):
    """The index of a model's JSON columns, by which PostgreSQL finds what holds a value."""

    suffix = "json"

    @property
    def source(self) -> str:
        """SQL for the columns, each with the paths to its values."""
        return ", ".join(f"{connection.ops.quote_name(column)} jsonb_path_ops" for column in self.columns)


QUICK = "quick_json"
"""The annotation that holds the names of a row's JSON columns by which its table is filtered quickly."""
_QUICK = """
SELECT CASE WHEN pg_relation_size(c.oid) + coalesce(pg_relation_size(nullif(c.reltoastrelid, 0)), 0) <= %s
    THEN %s::text[]
    ELSE ARRAY(SELECT a.attname::text FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid
        JOIN pg_am m ON m.oid = x.relam AND m.amname = 'gin'
        JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = ANY(i.indkey)
        WHERE i.indrelid = c.oid AND i.indisvalid AND i.indpred IS NULL) END
FROM pg_class c
WHERE c.relname = %s AND c.relnamespace = current_schema()::regnamespace AND c.relkind = 'r'
"""


def quick(model: type[Model], fields: Sequence[AnyField]) -> RawSQL:
    """Return the names of those JSON columns that are filtered quickly: in a small table all, else indexed ones."""
    values = [SMALL, [str(field.column) for field in fields], model._meta.db_table]
    return RawSQL(_QUICK, values, output_field=ArrayField(TextField()))  # noqa: S611 - nothing in it is a reader's


def markers(row: Model, fields: Sequence[AnyField]) -> dict[str, Mark]:
    """Return what stands beside the scalars of those JSON fields of a row that are filtered quickly."""
    columns = row.__dict__.get(QUICK) or ()
    return {field.name: marker(type(row), field.name) for field in fields if field.column in columns}
