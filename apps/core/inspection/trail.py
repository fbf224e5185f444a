"""Pieces of a whole in their order: on the whole's page all of them, on a piece's page those around it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import F, Model, QuerySet
from django.db.models.functions import Left
from django.http import HttpRequest
from django.utils.http import urlencode
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from apps.core.inspection.cells import link_to
from apps.core.inspection.describe import label_field
from apps.core.inspection.keys import list_url, row_url
from apps.core.inspection.panels import Panel
from apps.core.inspection.text import folded, one_line

MOST = 200
AROUND = 2
READ = 600


@dataclass(frozen=True)
class Pieces:
    """How pieces make up a whole: their model, the reference to the whole, their order, their text.

    ``heading`` names a piece, ``above`` are references of the whole that lead further up.
    """

    model: type[Model]
    whole: str
    order: str
    text: str
    heading: str | None = None
    above: tuple[str, ...] = ()

    def of(self, whole: Any) -> QuerySet[Any]:
        """Return a whole's pieces in their order, the beginnings of their texts with them."""
        pieces = self.model._base_manager.filter(**{self.whole: whole}).order_by(self.order, "pk")
        names = ["pk", self.order, self.whole, *([self.heading] if self.heading else [])]
        return pieces.only(*names).annotate(beginning=Left(F(self.text), READ))


@dataclass(frozen=True)
class Piece:
    """A piece as its line in a trail."""

    link: str
    place: Any
    heading: SafeString
    text: SafeString
    here: bool


def _piece(how: Pieces, row: Any, here: Any = None) -> Piece:
    heading = one_line(str(getattr(row, how.heading) or ""), 80) if how.heading else SafeString("")
    text = folded(row.beginning or "", 300)
    return Piece(row_url(how.model, row.pk), getattr(row, how.order), heading, text, row.pk == here)


def pieces_panel(how: Pieces) -> Any:
    """Return a maker of panels that shows a whole's pieces on its page."""

    def panel(request: HttpRequest, own: Any, row: Model) -> Panel | None:
        found = [_piece(how, piece) for piece in how.of(row.pk)[: MOST + 1]]
        every = f"{list_url(how.model)}?{urlencode({how.whole: row.pk})}"
        context = {"pieces": found[:MOST], "more": len(found) > MOST, "every": every}
        title = str(how.model._meta.verbose_name_plural).capitalize()
        return Panel("pieces", title, "core/inspection/pieces.html", context, first=True) if found else None

    return panel


def around_panel(how: Pieces) -> Any:
    """Return a maker of panels that shows, on a piece's page, the way down to it and the pieces around it."""

    def panel(request: HttpRequest, own: Any, row: Any) -> Panel:
        place = getattr(row, how.order)
        whole = getattr(row, f"{how.whole}_id")
        before = list(how.of(whole).filter(**{f"{how.order}__lt": place}).reverse()[:AROUND])[::-1]
        after = list(how.of(whole).filter(**{f"{how.order}__gte": place})[: AROUND + 1])
        context = {
            "way": way(row, (how.whole, *how.above)),
            "pieces": [_piece(how, piece, row.pk) for piece in (*before, *after)],
        }
        return Panel("trail", _("Where it stands"), "core/inspection/trail.html", context, first=True)

    return panel


def way(row: Any, names: tuple[str, ...]) -> list[SafeString]:
    """Return links from the top down to a row: its parents by these references, one after the other."""
    links: list[SafeString] = []
    at: Any = row
    for name in names:
        at = getattr(at, name, None)
        if at is None:
            break
        label = label_field(type(at))
        text = getattr(at, label.attname) if label is not None else None
        links.append(link_to(type(at), at.pk, one_line(str(text or at.pk), 60)))
    return links[::-1]
