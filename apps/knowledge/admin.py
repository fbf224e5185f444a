"""The knowledge graph: a node opens with a drawing of what is around it."""

from typing import Any

from django.contrib import admin
from django.db import connection
from django.http import HttpRequest
from django.utils.translation import gettext as _

from apps.core.admin import InspectionAdmin, register_remaining
from apps.core.inspection.graph import FAR, NEAR, Edge, draw
from apps.core.inspection.keys import row_url
from apps.core.inspection.panels import Panel
from apps.knowledge.models import KnowledgeNode

# One step is every relation of the node, in both directions, its parent and its children; two steps are those of
# the nodes met so. Limits keep a hub from drawing the whole galaxy.
AROUND = """
WITH near AS (
    SELECT source_node_id AS a, target_node_id AS b, relation_type AS kind FROM node_relations
    WHERE source_node_id = %(node)s OR target_node_id = %(node)s
    UNION SELECT parent_id, id, 'parent' FROM knowledge_nodes
    WHERE parent_id IS NOT NULL AND (id = %(node)s OR parent_id = %(node)s)
    LIMIT %(near)s
), met AS (SELECT a AS id FROM near UNION SELECT b FROM near), far AS (
    SELECT r.source_node_id AS a, r.target_node_id AS b, r.relation_type AS kind FROM met
    JOIN node_relations r ON r.source_node_id = met.id OR r.target_node_id = met.id
    UNION SELECT n.parent_id, n.id, 'parent' FROM met
    JOIN knowledge_nodes n ON (n.parent_id = met.id OR n.id = met.id) AND n.parent_id IS NOT NULL
    LIMIT %(far)s
), edges AS (SELECT 1 AS step, * FROM near UNION ALL SELECT 2, * FROM far)
SELECT a, b, kind, source.name, target.name FROM edges
JOIN knowledge_nodes source ON source.id = a JOIN knowledge_nodes target ON target.id = b
ORDER BY step
"""


def around_panel(request: HttpRequest, own: InspectionAdmin, row: KnowledgeNode) -> Panel | None:
    """Draw what is related to a node, one and two steps around it."""
    with connection.cursor() as cursor:
        cursor.execute(AROUND, {"node": row.pk, "near": NEAR * 2, "far": FAR * 4})
        found = cursor.fetchall()
    if not found:
        return None
    words = {"parent": _("parent")}
    names: dict[Any, tuple[str, str]] = {}
    for a, b, _kind, source, target in found:
        names[a] = (source, row_url(KnowledgeNode, a))
        names[b] = (target, row_url(KnowledgeNode, b))
    edges = list(dict.fromkeys(Edge(a, b, words.get(kind, kind)) for a, b, kind, _source, _target in found))
    drawing = draw(row.pk, edges, names)
    return Panel("graph", _("Around this node"), "core/inspection/graph.html", {"drawing": drawing})


@admin.register(KnowledgeNode)
class KnowledgeNodeAdmin(InspectionAdmin):
    """A node opens with what is around it."""

    panels = (around_panel,)


register_remaining("knowledge")
