"""What is planned: an app, its models and their fields. Plain data, which one module fills and another writes."""

from __future__ import annotations

from dataclasses import dataclass, field

from apps.importer.scaffold.survey import ColumnSurvey, TableSurvey


@dataclass(eq=False)
class FieldPlan:
    """A column of the file as a field; ``reference`` where it is a foreign key that every row keeps."""

    survey: ColumnSurvey
    name: str = ""
    column: str = ""
    primary: bool = False
    reference: ReferencePlan | None = None
    indexed: bool = True
    notes: list[str] = field(default_factory=list)

    @property
    def attname(self) -> str:
        """The name under which Django keeps the column's own value."""
        return f"{self.name}_id" if self.reference else self.name


@dataclass(eq=False)
class ReferencePlan:
    """A foreign key: the model and field that it points at, what a deletion does, and the way back."""

    model: ModelPlan
    target: FieldPlan
    on_delete: str
    related: str = ""


@dataclass(frozen=True)
class Ordered:
    """An index, or a unique set: fields in order with ``-`` before those that descend, and its name."""

    fields: tuple[str, ...]
    name: str


@dataclass(eq=False)
class ModelPlan:
    """A table of the file as a model.

    ``key`` names the columns by which a row is told (none: by its rowid), or is None where they are the
    primary key; ``surrogate`` is the name of a primary key that the legacy table does not have.
    """

    survey: TableSurvey
    name: str
    table: str
    fields: list[FieldPlan]
    key: tuple[str, ...] | None = None
    null_key: bool = False
    surrogate: str | None = None
    sets: list[list[FieldPlan]] = field(default_factory=list)
    uniques: list[Ordered] = field(default_factory=list)
    indexes: list[Ordered] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def field_of(self, column: ColumnSurvey | None) -> FieldPlan | None:
        """Find the field of a column."""
        return next((f for f in self.fields if f.survey is column), None)

    @property
    def primary(self) -> FieldPlan | None:
        """The field that is the primary key, where the legacy table has one that serves."""
        return next((f for f in self.fields if f.primary), None)


@dataclass
class Plan:
    """An app: its models, and the tables that are left to the archive, each with the reason."""

    app: str
    title: str
    source: str
    models: list[ModelPlan]
    archived: dict[str, str]
