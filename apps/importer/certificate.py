"""A certificate of a verified import: what was compared, of which file, by which rules, with a digest of each table.

It can be repeated later against PostgreSQL alone, long after the file is gone.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.utils import timezone

from apps.importer import archive, mapping
from apps.importer.compare import archive_digest
from apps.importer.mapping import ResolvedTable, load_systems
from apps.importer.models import ImportSource, Stream
from apps.importer.verify import table_digest

SOFTWARE = "rehome 1.0.0"
COPIED = ("source_name", "system", "variant", "sha256", "mapping")
COUNTED = ("source_table", "target_table", "source_rows", "compared", "quarantined", "digest")


class NoCertificate(Exception):
    """The file named is no certificate."""


def issue(sources: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the certificate of sources that were found equal."""
    return {
        "software": SOFTWARE,
        "issued_at": timezone.now().isoformat(),
        "sources": [
            {name: source[name] for name in COPIED}
            | {"tables": [{name: table[name] for name in COUNTED} for table in source["tables"]]}
            for source in sources
        ],
    }


def read(path: str) -> dict[str, Any]:
    """Return the certificate in a file: one of its own, or a report that holds one."""
    try:
        found = json.loads(Path(path).read_text(encoding="utf-8"))
        found = found.get("certificate") or found
        sources = found["sources"]
        assert all(table["digest"] for source in sources for table in source["tables"])  # noqa: S101 - shape
    except OSError as error:
        raise NoCertificate(
            f"{path}: {error.strerror}; name a file that verify_import --certify wrote"
        ) from error
    except (ValueError, KeyError, TypeError, AttributeError, AssertionError):
        raise NoCertificate(
            f"{path} is no certificate; name a file that verify_import --certify wrote"
        ) from None
    return dict(found)


def repeat(certificate: dict[str, Any]) -> list[dict[str, Any]]:
    """Compare PostgreSQL with a certificate; return what differs: source, table, the certified digest and today's."""
    return [difference for source in certificate["sources"] for difference in _repeat_source(source)]


def _repeat_source(source: dict[str, Any]) -> list[dict[str, Any]]:
    tables = _tables(source)
    stored = ImportSource.objects.filter(system=source["system"], name=source["source_name"]).first()
    differences = []
    for table in source["tables"]:
        stream = Stream.objects.filter(source=stored, source_table=table["source_table"]).first()
        resolved = tables.get(table["source_table"])
        today = None
        if stream and stream.target_table == archive.TARGET:
            today = archive_digest(stream)
        elif stream and resolved:
            today = table_digest(stream, resolved)
        if today != table["digest"]:
            differences.append(
                {
                    "source_name": source["source_name"],
                    "source_table": table["source_table"],
                    "certified": table["digest"],
                    "today": today,
                }
            )
    return differences


def _tables(source: dict[str, Any]) -> dict[str, ResolvedTable]:
    system = load_systems().get(source["system"])
    if system is None:
        return {}
    variant = next((v for v in system.variants if v.name == source["variant"]), None)
    return system.of_variant(variant)


def rules_changed(certificate: dict[str, Any]) -> list[str]:
    """Return the sources whose mapping is another than the one certified."""
    return [
        source["source_name"]
        for source in certificate["sources"]
        if mapping.fingerprint(_tables(source)) != source["mapping"]
    ]
