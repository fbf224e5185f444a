"""The foreign keys that a file declares, taken over where every row keeps them."""

from __future__ import annotations

from collections.abc import Sequence

from apps.importer.scaffold.keys import Keys, keys_of
from apps.importer.scaffold.shape import FieldPlan, ModelPlan, ReferencePlan
from apps.importer.source import DeclaredReference, SourceFile

ON_DELETE = {"CASCADE": "CASCADE", "SET NULL": "SET_NULL"}


class Referrer:
    """Makes references of fields, or notes at a field why its values are none."""

    def __init__(self, file: SourceFile, models: Sequence[ModelPlan]) -> None:
        self.file = file
        self.models = models
        self._keys: dict[FieldPlan, Keys] = {}

    def choose(self) -> None:
        """Go through all that the tables declare."""
        for model in self.models:
            for declared in model.survey.declared.references:
                self._choose(model, declared)

    def _choose(self, model: ModelPlan, declared: DeclaredReference) -> None:
        found = model.field_of(model.survey.column(declared.columns[0]))
        if len(declared.columns) > 1:
            model.notes.append(f"the reference {_told(declared)} is not kept: it has several columns")
        elif found is not None and found.reference is None:
            found.reference, reason = self._find(declared, model, found)
            if _comes_back(found):
                found.reference, reason = None, "it leads back to itself"
            if reason:
                found.notes.append(f"declared as a reference {_told(declared)}, but {reason}")

    def _find(
        self, declared: DeclaredReference, model: ModelPlan, found: FieldPlan
    ) -> tuple[ReferencePlan | None, str]:
        """Return a reference whose every value finds its row, or None and what is in its way."""
        parent = self._parent(declared)
        if parent is None:
            return None, "no such table is imported"
        target = parent.field_of(parent.survey.column(declared.to[0])) if declared.to[0] else parent.primary
        if target is None or not (target.primary or [target] in parent.sets):
            return None, "what it points at is no key"
        reason = self._strangers(parent, target, model, found)
        wish = ON_DELETE.get(declared.on_delete.upper(), "PROTECT")
        on_delete = "PROTECT" if wish == "SET_NULL" and found.survey.required else wish
        return (None, reason) if reason else (ReferencePlan(parent, target, on_delete), "")

    def _parent(self, declared: DeclaredReference) -> ModelPlan | None:
        table = self.file.table(declared.parent)
        return next((m for m in self.models if table is not None and m.survey.name == table.name), None)

    def _strangers(self, parent: ModelPlan, target: FieldPlan, model: ModelPlan, found: FieldPlan) -> str:
        """Say which values point nowhere; empty where each finds its row."""
        converter = target.survey.converter()
        if converter is None:
            return f"the key it points at is of type {target.survey.verdict.kind}"
        if target not in self._keys:
            self._keys[target] = keys_of(self.file, parent.survey.table, target.survey, converter)
        count, named = self._keys[target].strangers(self.file, model.survey.table, found.survey)
        values = found.survey.facts.rows - found.survey.facts.nulls
        return f"{count:,} of {values:,} values point nowhere; {'; '.join(named)}" if count else ""


def _told(declared: DeclaredReference) -> str:
    to = ", ".join(name for name in declared.to if name)
    return f"({', '.join(declared.columns)}) to {declared.parent}" + (f" ({to})" if to else "")


def _comes_back(start: FieldPlan) -> bool:
    """Tell whether a reference to a key that is a reference itself, and so on, never ends."""
    seen: list[FieldPlan] = []
    at: FieldPlan | None = start
    while at is not None and at.reference is not None:
        if at in seen:
            return True
        seen.append(at)
        at = at.reference.target
    return False
