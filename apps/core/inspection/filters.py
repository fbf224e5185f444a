"""Filters beside a list: a column's frequent values with their share, what JSON holds, a time by years and months.

What they list comes from the planner's statistics and from an index; none of them reads the table.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from typing import Any

from django.contrib.admin import ListFilter
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import ValidationError
from django.db.models import Max, Min, Model, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.core.inspection.containment import CONTAINS, Contained
from apps.core.inspection.counts import Profile, Value
from apps.core.inspection.describe import AnyField, kind
from apps.core.inspection.text import grouped, named

PERIOD = "_period"
TRUE = ("1", "True", "true")
"""Values of the address that mean yes."""
Choice = dict[str, Any]


class ValueFilter(ListFilter):
    """Rows with one value of a column: its choices, or the values that the statistics call frequent."""

    template = "core/inspection/filter.html"

    def __init__(self, field: AnyField, profile: Profile, *args: Any) -> None:
        self.title = field.verbose_name  # type: ignore[assignment]
        super().__init__(*args)
        _request, params, _model, _admin = args
        self.field = field
        self.common = {value.text: value for value in profile.values.get(str(field.column), ())}
        self.nulls = profile.nulls.get(str(field.column), 0.0)
        self.chosen = params.pop(field.name, [None])[-1]
        self.empty = params.pop(f"{field.name}__isnull", [None])[-1]

    def expected_parameters(self) -> list[str]:
        """Return the parameters of the address that this filter reads."""
        return [self.field.name, f"{self.field.name}__isnull"]

    def options(self) -> list[tuple[str, str, Value | None]]:
        """Return what can be chosen: the parameter's value, its name to a reader, its frequency if known."""
        if kind(self.field) == "boolean":
            return [("True", _("Yes"), self.common.get("t")), ("False", _("No"), self.common.get("f"))]
        if self.field.choices:
            return [(str(v), str(name), self.common.get(str(v))) for v, name in self.field.flatchoices]
        return [(text, named(text[:60]) or _("(empty)"), value) for text, value in self.common.items()]

    def has_output(self) -> bool:
        """Tell whether there is anything to choose."""
        return len(self.options()) > 1 or self.chosen is not None or self.empty is not None

    def queryset(self, request: HttpRequest, queryset: QuerySet[Model]) -> QuerySet[Model] | None:
        """Return the rows with the chosen value."""
        if self.empty is not None:
            return queryset.filter(**{f"{self.field.name}__isnull": self.empty in TRUE})
        if self.chosen is None:
            return queryset
        try:
            return queryset.filter(**{self.field.name: self.field.to_python(self.chosen)})
        except (ValueError, ValidationError) as error:
            raise IncorrectLookupParameters(error) from error

    def choices(self, changelist: ChangeList) -> Iterator[Choice]:
        """Yield the lines of the filter."""
        gone = self.expected_parameters()
        query = changelist.get_query_string
        yield _choice(self.chosen is None and self.empty is None, query(remove=gone), _("All"))
        for text, name, value in self.options():
            yield _choice(self.chosen == text, query({self.field.name: text}, gone), name, value)
        if self.nulls > 0 or self.empty is not None:
            yield _choice(
                self.empty is not None, query({f"{self.field.name}__isnull": "1"}, gone), _("(null)")
            )


def _choice(selected: bool, query: str, display: str, value: Value | None = None) -> Choice:
    count = "≈ " + grouped(value.rows) if value is not None else ""
    return {"selected": selected, "query_string": query, "display": display, "count": count}


class ContainsFilter(ListFilter):
    """Rows whose JSON holds a value at a path; there is nothing to list but what a row's page led to."""

    template = "core/inspection/filter.html"

    def __init__(self, field: AnyField, *args: Any) -> None:
        self.title = field.verbose_name  # type: ignore[assignment]
        super().__init__(*args)
        _request, params, _model, _admin = args
        self.field, self.parameter = field, f"{field.name}__{CONTAINS}"
        text = params.pop(self.parameter, [None])[-1]
        try:
            self.chosen = None if text is None else Contained.read(text)
        except ValueError as error:
            raise IncorrectLookupParameters(error) from error

    def expected_parameters(self) -> list[str]:
        """Return the parameter of the address that this filter reads."""
        return [self.parameter]

    def has_output(self) -> bool:
        """Tell whether a value is chosen."""
        return self.chosen is not None

    def queryset(self, request: HttpRequest, queryset: QuerySet[Model]) -> QuerySet[Model] | None:
        """Return the rows that hold the chosen value."""
        return queryset.filter(self.chosen.condition(self.field.name)) if self.chosen else queryset

    def choices(self, changelist: ChangeList) -> Iterator[Choice]:
        """Yield all, and the chosen value."""
        query = changelist.get_query_string
        yield _choice(False, query(remove=[self.parameter]), _("All"))
        if self.chosen is not None:
            yield _choice(True, query(), named(str(self.chosen)[:60]))


class PeriodFilter(ListFilter):
    """Rows of one year or one month of the date column by which the list is ordered."""

    template = "core/inspection/period.html"

    def __init__(self, field: AnyField, *args: Any) -> None:
        self.title = field.verbose_name  # type: ignore[assignment]
        super().__init__(*args)
        _request, params, model, _admin = args
        self.field = field
        self.chosen = params.pop(PERIOD, [""])[-1]
        ends = model._default_manager.aggregate(first=Min(field.name), last=Max(field.name))
        self.first, self.last = _local(ends["first"]), _local(ends["last"])

    def expected_parameters(self) -> list[str]:
        """Return the parameter of the address that this filter reads."""
        return [PERIOD]

    def has_output(self) -> bool:
        """Tell whether there is a span of time to choose from."""
        return self.first is not None

    def queryset(self, request: HttpRequest, queryset: QuerySet[Model]) -> QuerySet[Model] | None:
        """Return the rows of the chosen year or month."""
        if not self.chosen:
            return queryset
        start, end = bounds(self.chosen)
        rows = queryset.filter(**{f"{self.field.name}__gte": start})
        return rows.filter(**{f"{self.field.name}__lt": end}) if end else rows

    def choices(self, changelist: ChangeList) -> Iterator[Choice]:
        """Yield all, the years, and the months of the chosen or only year."""
        query = changelist.get_query_string
        yield _choice(not self.chosen, query(remove=[PERIOD]), _("All"))
        if self.first is None or self.last is None:
            return
        years = range(self.last.year, self.first.year - 1, -1)
        for year in list(years)[:MOST_YEARS]:
            text = f"{year:04d}"
            yield _choice(self.chosen == text, query({PERIOD: text}), text)
            if self.chosen[:4] == text or len(years) == 1:
                yield from self._months(year, query)

    def _months(self, year: int, query: Any) -> Iterator[Choice]:
        for month in range(1, 13):
            if (self.first.year, self.first.month) <= (year, month) <= (self.last.year, self.last.month):  # type: ignore[union-attr]
                text = f"{year:04d}-{month:02d}"
                yield _choice(self.chosen == text, query({PERIOD: text}), text) | {"month": True}


MOST_YEARS = 40
"""The most years that the filter lists: one wrong date must not make it a thousand lines long."""


def _local(value: datetime.datetime | None) -> datetime.datetime | None:
    try:
        return timezone.localtime(value) if value is not None else None
    except OverflowError:
        return value


def bounds(period: str) -> tuple[datetime.datetime, datetime.datetime | None]:
    """Return the first moment of a year (``2025``) or month (``2025-03``), and that of the next.

    The end is None after the last year that a date can hold. Raises IncorrectLookupParameters.
    """
    year, dash, month = period.partition("-")
    try:
        first = datetime.datetime(
            int(year), int(month) if dash else 1, 1, tzinfo=timezone.get_current_timezone()
        )
        if not dash:
            return first, first.replace(year=first.year + 1)
        return first, (first + datetime.timedelta(days=32)).replace(day=1)
    except OverflowError:
        return first, None
    except ValueError as error:
        if year == "9999" and not dash:
            return first, None
        raise IncorrectLookupParameters(error) from error
