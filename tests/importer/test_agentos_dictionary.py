"""Every fact known of AgentOS's tables has a counterpart, or a reason why not.

``agentos/`` beside this module has the facts, a file for each app; ``hand.txt`` is the one table that an
upgrade by hand makes anew, ``indexes.txt`` those indexes that are partial or descend. Twin indexes are named
once. Keys called ULIDs are written as strings: nothing enforces their form, and some are words.
"""

import re
from pathlib import Path

import pytest
from django.apps import apps
from django.db import connection

from apps.agents.models import LogLine
from apps.importer.mapping import ResolvedTable
from apps.importer.systems.agentos import HAND_UPGRADED, STUCK_AT_V05, SYSTEM
from tests.importer.dictionary import TableFact, parse, unmet

APPS = (
    "agents",
    "projects",
    "runs",
    "governance",
    "memory",
    "library",
    "dialogs",
    "content",
    "workspace",
)
FOLDER = Path(__file__).parent / "agentos"
FACTS = parse("\n".join((FOLDER / f"{app}.txt").read_text() for app in APPS))
HAND_FACTS = parse((FOLDER / "hand.txt").read_text())
LOG_FACTS = parse("""
table task_audits
    id string key
    level string
    timestamp datetime
    task_id string null
    session_id string null
    span_id string null
    message text
    metadata text null
    created_at datetime null default=now
    index timestamp
    index task_id
    index level
""")

HAND = SYSTEM.of_variant(HAND_UPGRADED)
LOG = SYSTEM.of_variant(STUCK_AT_V05)

CLOSED = {
    "agentos_tasks.exit_reason": "blocked done fatal_error max_iterations unknown user_cancelled",
    "task_dependency.dependency_type": "blocks requires suggests",
    "task_repo_scope.scope": "full paths read_only",
    "task_artifact_ref.ref_type": "branch commit file patch pr tag",
    "projects.status": "active archived deleted",
    "projects_backup_v30.status": "active archived deleted",
    "project_repos.role": "code docs infra mono-subdir",
    "auth_profiles.profile_type": "netrc pat_token ssh_key",
    "auth_profiles.token_provider": "bitbucket gitea github gitlab other",
    "auth_profiles.validation_status": "expired invalid unknown valid",
    "auth_profile_usage.operation": "clone pull push validate",
    "auth_profile_usage.status": "failure success",
    "encryption_keys.key_type": "derived master",
    "work_items.status": "completed expired failed in_progress pending",
    "checkpoints.checkpoint_type": "approval_point error_boundary iteration_end iteration_start llm_response"
    " manual_checkpoint state_transition tool_executed",
    "agentos_idempotency_keys.status": "completed failed pending",
    "guardian_reviews.target_type": "decision finding task",
    "guardian_reviews.review_type": "AUTO MANUAL",
    "guardian_reviews.verdict": "FAIL NEEDS_REVIEW PASS",
    "content_registry.status": "active deprecated draft frozen",
    "content_audit_log.event": "activated deprecated frozen registered superseded unfrozen",
    "content_items.content_type": "agent skill tool workflow",
    "content_items.status": "active deprecated draft frozen",
    "answer_packs.status": "active archived draft",
    "answer_pack_links.entity_type": "intent task",
}
"""Target columns with a list that a check or a trigger of the legacy file enforces, and its members."""

CHECKS = {
    "projects_tags_check": "CHECK ((jsonb_typeof(tags) = 'array'::text))",
    "projects_settings_check": "CHECK ((jsonb_typeof(settings) = 'object'::text))",
    "projects_metadata_check": "CHECK ((jsonb_typeof(metadata) = 'object'::text))",
    "task_templates_name_check": "CHECK ((TRIM(BOTH FROM name) > ''::text))",
    "task_templates_title_template_check": "CHECK ((TRIM(BOTH FROM title_template) > ''::text))",
    "task_templates_metadata_template_json_check": (
        "CHECK ((jsonb_typeof(metadata_template_json) = 'object'::text))"
    ),
    "task_templates_use_count_check": "CHECK ((use_count >= 0))",
    "task_dependency_other_check": "CHECK ((NOT (task_id = depends_on_task_id)))",
    "task_events_seq_check": "CHECK ((seq > 0))",
    "task_events_named_check": (
        "CHECK (((actor > ''::text) AND (event_type > ''::text) AND (span_id > ''::text)))"
    ),
    "guardian_reviews_confidence_check": (
        "CHECK (((confidence >= (0.0)::double precision) AND (confidence <= (1.0)::double precision)))"
    ),
    "content_registry_lineage_check": (
        "CHECK (((is_root AND (parent_version IS NULL)) OR "
        "((change_reason > ''::text) AND (NOT is_root) AND (parent_version IS NOT NULL))))"
    ),
}
"""Every other check of the legacy tables and triggers.

Left out: that ``projects.default_repo_id`` names a repository of the project (a rule over two tables that
refer to each other); that ``work_items.status`` is final once completed or failed (about changes, and an
import states what the file says now); that a task needs a project and a frozen specification before it runs
(only files upgraded by hand know of it).
"""

TRIGGERS = {
    "projects": "projects_touch",
    "task_templates": "task_templates_touch",
    "work_items": "work_items_touch",
    "kb_chunks": "kb_chunks_search",
    "kb_sources": "kb_sources_search",
    "snippets": "snippets_search",
    "snippet_notes": "snippet_notes_search_delete snippet_notes_search_insert snippet_notes_search_update",
}
"""The legacy triggers that kept ``updated_at`` and the text indexes; ``memory_items`` has a generated column.

Left out: ``log_task_blocked`` and ``init_task_event_seq_counter``, which write rows of their own into other
tables; an import would make rows that no source has.
"""

VIRTUAL = {
    "memory_fts": ("config", "data", "docsize", "idx"),
    "kb_chunks_fts": ("config", "content", "data", "docsize", "idx"),
    "snippets_fts": ("config", "content", "data", "docsize", "idx"),
}
"""Text indexes and the tables that SQLite keeps for them; PostgreSQL has search columns in their place."""

NO_INVENTED = (
    "a column that a file lacks is NULL where it may be: what the default would say is not known of the row"
)
BY_HAND = "the table of files upgraded by hand lacks the column"
SURROGATE = "the legacy key has two columns or more, or none; the admin shows a row by one"
NO_REFERENCE = "declared as a reference, but in fact none"

REASONS = {
    "supervisor_checkpoint unique (source_table)": "unique within each source, which the importer keeps",
    "kb_sources.tags is python list, not json": "the text of a Python list, which becomes a JSON array",
    "file_locks.locked_by_run > task_runs.id NO_ACTION": f"{NO_REFERENCE}: it holds the clock",
    "content_lineage.content_id > content_registry.id NO_ACTION": f"{NO_REFERENCE}: no id is unique",
    "projects.path may be NULL": BY_HAND,
    "content_registry: no legacy column feeds row_id": SURROGATE,
    "context_snapshot_items: no legacy column feeds id": SURROGATE,
    "project_repos_temp: no legacy column feeds id": SURROGATE,
    "project_repos_temp key ()": "it has no key at all: its rows are told by their rowids",
    "kb_chunks: no legacy column feeds search": "in the place of kb_chunks_fts",
    "snippets: no legacy column feeds search": "in the place of snippets_fts",
    "memory_items: no legacy column feeds search": "in the place of memory_fts",
}

HAND_REASONS = {
    "projects.name has default , not None": "the other shape's default",
    "projects.created_at may be NULL": "the other shape allows it",
    "projects.updated_at may be NULL": "the other shape allows it",
    "projects unique (name)": "in the other shape many projects are called nothing",
    **{
        f"projects: no legacy column feeds {name}": BY_HAND
        for name in ("added_at", "created_by", "default_workdir", "path", "settings", "status")
    },
}


def no_invented(facts: dict[str, TableFact]) -> dict[str, str]:
    """Name the defaults of columns that may be NULL, all with one reason."""
    return {
        f"{table.name}.{column.name} has default None, not {column.default}": NO_INVENTED
        for table in facts.values()
        for column in table.columns.values()
        if column.null and column.default is not None
    }


def lists_enforced() -> dict[str, str]:
    """Name the columns whose facts say enum for a list that the legacy file enforces."""
    targets = {table.target: name for name, table in SYSTEM.resolved.items()}
    places = [place.split(".") for place in CLOSED]
    return {f"{targets[table]}.{column} is enum, not enum": "a closed list" for table, column in places}


def test_every_table_has_a_model_or_is_left_out_by_name():
    assert set(SYSTEM.resolved) == {*FACTS, "task_audits_backup"}
    shadows = {f"{index}_{part}" for index, parts in VIRTUAL.items() for part in parts}
    assert not {*VIRTUAL, *shadows, "sqlite_sequence"} & set(SYSTEM.resolved)


def test_every_model_has_a_table():
    models = {model for app in APPS for model in apps.get_app_config(app).get_models()}
    assert models == {table.model for table in SYSTEM.resolved.values()} | {LogLine}


@pytest.mark.django_db
def test_every_fact_has_a_counterpart_or_a_reason():
    reasons = REASONS | no_invented(FACTS) | lists_enforced()
    assert {problem for name in FACTS for problem in unmet(FACTS[name], *tables_of(name))} == set(reasons)


def tables_of(name: str) -> tuple[ResolvedTable, dict[str, ResolvedTable]]:
    """Return a table and those it may refer to; two refer to projects as an upgrade by hand made them."""
    tables = HAND if name in ("repos", "task_bindings") else SYSTEM.resolved
    return tables[name], tables


@pytest.mark.django_db
def test_the_table_made_by_hand_has_its_counterpart():
    assert unmet(HAND_FACTS["projects"], HAND["projects"], HAND) == set(HAND_REASONS)


@pytest.mark.django_db
def test_the_log_lines_of_a_stuck_file_have_their_counterpart():
    reasons = no_invented(LOG_FACTS)
    assert unmet(LOG_FACTS["task_audits"], LOG["task_audits"], LOG) == set(reasons)


@pytest.mark.django_db
@pytest.mark.parametrize(("place", "members"), CLOSED.items())
def test_postgresql_checks_closed_lists(place: str, members: str):
    table, column = place.split(".")
    definition = definitions(f"{table}_{column}_check")[f"{table}_{column}_check"]
    assert sorted(re.findall(r"'([\w-]+)'", definition)) == sorted(members.split())


@pytest.mark.django_db
def test_postgresql_checks_what_the_legacy_system_checked():
    assert definitions(*CHECKS) == CHECKS


def definitions(*names: str) -> dict[str, str]:
    """Return the checks of these names as PostgreSQL words them."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint"
            " WHERE conname = ANY(%s) AND convalidated",
            [list(names)],
        )
        return dict(cursor.fetchall())


@pytest.mark.django_db
def test_partial_and_descending_indexes_are_so_in_postgresql():
    lines = (FOLDER / "indexes.txt").read_text().splitlines()
    known = {name: f"btree {definition}" for name, _, definition in (line.partition(" ") for line in lines)}
    with connection.cursor() as cursor:
        cursor.execute("SELECT indexname, indexdef FROM pg_indexes")
        found = {name: definition.partition(" USING ")[2] for name, definition in cursor.fetchall()}
    assert {name: found.get(name) for name in known} == known


@pytest.mark.django_db
def test_postgresql_keeps_what_legacy_triggers_kept():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgrelid::regclass::text, string_agg(tgname, ' ' ORDER BY tgname) FROM pg_trigger"
            " WHERE NOT tgisinternal AND NOT starts_with(tgname, 'zz_importer_')"
            " AND tgrelid::regclass::text = ANY(%s) GROUP BY 1",
            [[table.target for table in SYSTEM.resolved.values()]],
        )
        assert dict(cursor.fetchall()) == TRIGGERS


@pytest.mark.django_db
def test_integers_are_as_wide_as_those_of_sqlite():
    kinds = {column.type for table in SYSTEM.resolved.values() for column in table.columns}
    assert "bigint" in kinds
    assert not {"integer", "smallint"} & kinds
