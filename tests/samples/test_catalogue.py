"""What there is to write, and what is planted in it."""

import pytest

from apps.samples.catalogue import PLANTED, SAMPLES, SYSTEMS, sample, select
from apps.samples.writer import SampleError

EXPECTED = {
    "sparkle": {
        ("users", "duplicate_key"): 1,
        ("tasks", "missing_parent"): 1,
        ("tasks", "enum_unknown"): 1,
        ("chat_messages", "parent_quarantined"): 1,
        ("chat_messages", "text_encoding"): 1,
        ("knowledge_nodes", "vector_dimension"): 1,
        ("knowledge_nodes", "parent_quarantined"): 1,
        ("group_messages", "text_nul"): 1,
        ("study_records", "number_invalid"): 1,
        ("focus_sessions", "datetime_invalid"): 1,
        ("behavior_patterns", "json_invalid"): 1,
        ("notifications", "json_duplicate_key"): 1,
    },
    "atlas": {
        ("data_sources", "boolean_invalid"): 1,
        ("raw_documents", "duplicate_key"): 1,
        ("raw_documents", "uuid_invalid"): 1,
        ("raw_documents", "text_encoding"): 1,
        ("raw_documents", "text_nul"): 1,
        ("raw_documents", "datetime_invalid"): 1,
        ("raw_documents", "json_invalid"): 1,
        ("processed_documents", "missing_parent"): 1,
        ("processed_documents", "array_invalid"): 1,
        ("processed_documents", "number_invalid"): 1,
        ("system_metrics", "datetime_ambiguous"): 1,
        ("duplicate_group_members", "parent_quarantined"): 1,
    },
    "agentos": {
        ("tasks", "json_invalid"): 1,
        ("task_audits", "missing_parent"): 1,
        ("task_lineage", "parent_quarantined"): 1,
        ("resource_usage", "number_invalid"): 1,
        ("kb_chunks", "missing_parent"): 1,
        ("kb_embeddings", "parent_quarantined"): 1,
        ("kb_embeddings", "vector_dimension"): 1,
        ("chat_messages", "text_encoding"): 1,
        ("command_history", "datetime_invalid"): 1,
        ("snippets", "duplicate_key"): 1,
        ("lead_findings", "text_nul"): 1,
        ("work_items", "enum_unknown"): 1,
        ("checkpoints", "parent_quarantined"): 1,
        ("webui_messages", "missing_parent"): 1,
    },
    "voice_agent": {
        ("users", "duplicate_key"): 1,
        ("users", "boolean_invalid"): 1,
        ("sessions", "text_nul"): 1,
        ("messages", "missing_parent"): 1,
        ("messages", "text_encoding"): 1,
        ("messages", "json_duplicate_key"): 1,
        ("tool_calls", "parent_quarantined"): 1,
        ("tool_calls", "json_invalid"): 1,
        ("rag_documents", "number_invalid"): 1,
        ("rag_chunks", "parent_quarantined"): 1,
        ("langgraph_checkpoints", "datetime_invalid"): 1,
        ("langgraph_checkpoints", "type_mismatch"): 1,
    },
}


def test_the_faults_of_the_standard_files_are_known() -> None:
    assert PLANTED == EXPECTED


def test_every_system_has_a_standard_file_first() -> None:
    firsts = {system: next(s for s in SAMPLES if s.system == system) for system in SYSTEMS}

    assert set(firsts) == {"sparkle", "atlas", "agentos", "voice_agent"}
    assert {s.variant for s in firsts.values()} == {"standard"}


def test_file_names_differ() -> None:
    assert len({s.filename for s in SAMPLES}) == len(SAMPLES)


def test_the_agentos_variants_are_all_there() -> None:
    assert {s.variant for s in select(["agentos"], None)} == {
        "standard",
        "stuck_v05",
        "stuck_v23",
        "stuck_v23_shifted",
        "stuck_v24",
        "shifted_audits",
        "hand_v32",
        "v31_direct",
    }


def test_selecting_a_variant_leaves_out_systems_without_it() -> None:
    assert [s.system for s in select(variant="old_chain")] == ["sparkle"]
    assert sample("sparkle", "old_chain") == select(["sparkle"], "old_chain")[0]


def test_a_variant_that_is_none_is_told_with_those_that_are() -> None:
    with pytest.raises(SampleError, match=r"no variant nope; there are: standard, seed_migration_002\."):
        select(["voice_agent"], "nope")
