"""What the importer remembers: sources, runs, checkpoints, provenance, quarantine.

No table here uses a sequence: numbers are allocated as max + 1 under a lock, so that a dry run, which is
rolled back, leaves no trace at all.
"""

from __future__ import annotations

import uuid
from functools import cache
from typing import Any, ClassVar

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import connection, models
from django.db.models import Q
from django.utils import timezone


class ImportSource(models.Model):
    """One legacy file's identity across runs: the system and a name, not a path.

    ``number`` counts the sources of one system from 0; integer keys of source n are shifted by
    n * KEY_STRIDE, so that the integer keys of two files never mean the same row.
    """

    id = models.IntegerField(primary_key=True)
    system = models.CharField(max_length=64)
    name = models.TextField()
    number = models.IntegerField()
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["system", "name"], name="importer_source_name"),
            models.UniqueConstraint(fields=["system", "number"], name="importer_source_number"),
        ]

    def __str__(self) -> str:
        return f"{self.system}: {self.name}"


class ImportRun(models.Model):
    """One call of an importing command, from its first file to its balance."""

    class Kind(models.TextChoices):
        IMPORT = "import"
        RETRY = "retry"
        REPAIR = "repair"
        UNDO = "undo"

    class Status(models.TextChoices):
        RUNNING = "running"
        COMPLETED = "completed"
        INTERRUPTED = "interrupted"
        STOPPED = "stopped"
        FAILED = "failed"
        ABANDONED = "abandoned"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    number = models.IntegerField(unique=True)
    kind = models.CharField(max_length=16, choices=Kind, default=Kind.IMPORT)
    status = models.CharField(max_length=16, choices=Status, default=Status.RUNNING)
    batch = models.IntegerField()
    options = models.JSONField(default=dict)
    undoes = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="undos")
    resumed = models.IntegerField(default=0)
    message = models.TextField(default="", blank=True)
    started_at = models.DateTimeField(default=timezone.now, db_index=True)
    finished_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.kind} {self.number}"


class RunFile(models.Model):
    """One file of a run: what it was recognised as, or why it was refused."""

    class Status(models.TextChoices):
        PENDING = "pending"
        DONE = "done"
        REFUSED = "refused"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    run = models.ForeignKey(ImportRun, on_delete=models.CASCADE, related_name="files")
    source = models.ForeignKey(ImportSource, on_delete=models.PROTECT, null=True, related_name="files")
    position = models.IntegerField()
    path = models.TextField()
    source_name = models.TextField()
    sha256 = models.CharField(max_length=64, null=True)
    fingerprint = models.CharField(max_length=64, null=True)
    mapping = models.CharField(max_length=64, null=True)
    system = models.CharField(max_length=64, null=True)
    variant = models.CharField(max_length=64, null=True)
    status = models.CharField(max_length=16, choices=Status, default=Status.PENDING)
    reason = models.CharField(max_length=32, null=True)
    message = models.TextField(null=True)
    unmapped = models.JSONField(default=list)
    indexes = models.JSONField(default=list)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["run", "position"], name="importer_runfile_position"),
        ]

    def __str__(self) -> str:
        return self.source_name


class Progress(models.Model):
    """What the rows read so far came to, and the checkpoint from which an interrupted run goes on."""

    class Stage(models.TextChoices):
        READING = "reading"
        SETTLING = "settling"
        DONE = "done"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    stage = models.CharField(max_length=16, choices=Stage, default=Stage.READING)
    checkpoint = models.JSONField(null=True)
    imported = models.BigIntegerField(default=0)
    updated = models.BigIntegerField(default=0)
    unchanged = models.BigIntegerField(default=0)
    quarantined = models.BigIntegerField(default=0)
    skipped = models.BigIntegerField(default=0)
    reasons = models.JSONField(default=dict)
    unmapped = models.JSONField(default=dict)
    seconds = models.FloatField(default=0)

    class Meta:
        abstract = True

    @classmethod
    @cache
    def _keeping(cls) -> str:
        """The statement that writes the progress down."""
        name = connection.ops.quote_name
        assigned = ", ".join(f"{name(str(field.column))} = %s" for field in cls._progress())
        return f"UPDATE {name(cls._meta.db_table)} SET {assigned} WHERE id = %s RETURNING 1"

    @classmethod
    def _progress(cls) -> list[models.Field[Any, Any]]:
        return [field for field in Progress._meta.local_fields if not field.primary_key]

    def keep(self) -> None:
        """Write the progress down, as each batch does: the ORM takes longer to make the statement than to run it."""
        values = [
            field.get_db_prep_save(getattr(self, field.attname), connection) for field in self._progress()
        ]
        with connection.cursor() as cursor:
            cursor.execute(self._keeping(), [*values, self.pk])
            if not cursor.fetchall():
                raise AssertionError(f"{self._meta.db_table} has no row {self.pk}")


class RunTable(Progress):
    """One legacy table within a run: its progress, with the rows that SQLite counts in it.

    ``deleted`` counts rows taken out of PostgreSQL, which are rows of no source and so stand beside the
    balance; ``details`` holds what else the report says of the table: rows kept, repairs, deletions refused.
    """

    class Kind(models.TextChoices):
        ROWS = "rows"
        ARCHIVED = "archived"
        SKIPPED = "skipped"

    file = models.ForeignKey(RunFile, on_delete=models.CASCADE, related_name="tables")
    position = models.IntegerField()
    source_table = models.TextField()
    target_table = models.TextField(null=True)
    kind = models.CharField(max_length=16, choices=Kind, default=Kind.ROWS)
    skip_reason = models.CharField(max_length=32, null=True)
    source_rows = models.BigIntegerField(default=0)
    deleted = models.BigIntegerField(default=0)
    details = models.JSONField(default=dict)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["file", "source_table"], name="importer_runtable_name"),
        ]

    def __str__(self) -> str:
        return self.source_table


class RunPiece(Progress):
    """A range of rowids of a legacy table that is read beside others: what its rows came to, and its checkpoint.

    It holds the rows after ``start`` up to ``stop``; either is null at the ends of the table. The pieces of a
    table add up to its ``RunTable`` when all are done, and go.
    """

    table = models.ForeignKey(RunTable, on_delete=models.CASCADE, related_name="pieces")
    number = models.IntegerField()
    start = models.BigIntegerField(null=True)
    stop = models.BigIntegerField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["table", "number"], name="importer_runpiece_number"),
        ]

    def __str__(self) -> str:
        return f"{self.table}: {self.number}"


class WaitingRow(models.Model):
    """A row read before the row it refers to; settled at the end of its tables, never left behind.

    ``handles`` are the names under which others refer to it, ``needs`` those it waits for, both as
    ``table.column=value``.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    table = models.ForeignKey(RunTable, on_delete=models.CASCADE, related_name="waiting")
    ordinal = models.BigIntegerField()
    position = models.JSONField()
    identity = models.TextField(db_collation="C")
    handles = ArrayField(models.TextField())
    needs = ArrayField(models.TextField())
    doomed = models.BooleanField(default=False)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["table", "ordinal"], name="importer_waiting_ordinal"),
        ]
        indexes: ClassVar = [models.Index(fields=["table", "identity"], name="importer_waiting_identity")]


class Stream(models.Model):
    """One legacy table of one source, numbered, so that provenance rows stay narrow."""

    id = models.IntegerField(primary_key=True)
    source = models.ForeignKey(ImportSource, on_delete=models.PROTECT, related_name="streams")
    source_table = models.TextField()
    target_table = models.TextField()
    key = ArrayField(models.TextField())

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["source", "source_table"], name="importer_stream_name"),
        ]
        indexes: ClassVar = [models.Index(fields=["target_table"], name="importer_stream_target")]

    def __str__(self) -> str:
        return f"{self.source}: {self.source_table}"


class Provenance(models.Model):
    """Where a row came from, one narrow row for each imported row; read it through ``ImportedRow``.

    ``identity`` is the canonical legacy key (a JSON list where the key has several columns, ``rowid:n``
    where the row has none); ``target_pk`` is null where it equals the identity. ``digest`` covers the
    converted row. The row is written in the same subtransaction as its target, so that equal ``xmin``
    means: not edited since.
    """

    class Outcome(models.IntegerChoices):
        IMPORTED = 1
        UPDATED = 2
        SHARED = 3

    pk = models.CompositePrimaryKey("stream_id", "identity")
    stream = models.ForeignKey(Stream, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False)
    identity = models.TextField(db_collation="C")
    source_rowid = models.BigIntegerField(null=True)
    digest = models.UUIDField()
    target_pk = models.TextField(null=True, db_collation="C")
    outcome = models.SmallIntegerField(choices=Outcome)
    extras = models.JSONField(null=True)
    first_run = models.IntegerField()
    last_run = models.IntegerField()

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=["stream", "target_pk"],
                name="importer_prov_target",
                condition=Q(target_pk__isnull=False),
            ),
        ]


class ArchivedRow(models.Model):
    """A row of a legacy table that no mapping knows, kept as it was stored, beside where it came from.

    ``place`` is the row's place in its table, by which the next run finds it again: the rowid, or the key
    of a WITHOUT ROWID table. The primary key is made from stream and place, so no row is kept twice.
    ``raw`` holds every stored value exactly; of one that is too large, its size and hash. ``first_run`` and
    ``last_run`` are the numbers of the runs that brought the row and that last changed it.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    stream = models.ForeignKey(Stream, on_delete=models.PROTECT, related_name="archived")
    source_table = models.TextField()
    source_rowid = models.BigIntegerField(null=True)
    place = models.TextField(db_collation="C")
    raw = models.JSONField()
    digest = models.UUIDField()
    first_run = models.IntegerField()
    last_run = models.IntegerField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["source_table", "id"], name="importer_archived_table")]

    def __str__(self) -> str:
        return f"{self.source_table} {self.place}"


class DeferredIndex(models.Model):
    """An index or foreign key that a run dropped while it fills an empty table, and has to build again.

    Also a setting of the table that it made for as long.
    """

    class Kind(models.TextChoices):
        INDEX = "index"
        FOREIGN_KEY = "foreign key"
        SETTING = "setting"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    run = models.ForeignKey(ImportRun, on_delete=models.PROTECT, related_name="deferred")
    table = models.TextField()
    name = models.TextField()
    kind = models.CharField(max_length=16, choices=Kind)
    statement = models.TextField()

    def __str__(self) -> str:
        return self.name


class Verification(models.Model):
    """What the last verification of a legacy table found; only the newest is kept."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    source = models.ForeignKey(ImportSource, on_delete=models.CASCADE, related_name="verifications")
    source_table = models.TextField()
    target_table = models.TextField()
    checked_at = models.DateTimeField(default=timezone.now)
    compared = models.BigIntegerField()
    different = models.BigIntegerField()
    missing = models.BigIntegerField()
    extra = models.BigIntegerField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["source", "source_table"], name="importer_verification_table"),
        ]

    def __str__(self) -> str:
        return self.source_table


class FormerRow(models.Model):
    """What a row held before a run updated or deleted it: composite literals of the row and its provenance.

    A row of the archive has no provenance beside it: that literal is empty, and ``identity`` is its key.
    ``former`` is empty where only the provenance was deleted: the row is another source's, or was gone.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    run = models.ForeignKey(ImportRun, on_delete=models.CASCADE, related_name="former_rows")
    stream = models.ForeignKey(Stream, on_delete=models.CASCADE)
    identity = models.TextField(db_collation="C")
    former = models.TextField()
    provenance = models.TextField()
    deleted = models.BooleanField(default=False, db_default=False)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["run", "stream", "identity"], name="importer_former_row"),
        ]


class ImportedRow(models.Model):
    """Where each imported row came from: a view over provenance, streams and runs."""

    id = models.TextField(primary_key=True)
    system = models.TextField()
    source_name = models.TextField()
    source_table = models.TextField()
    source_rowid = models.BigIntegerField(null=True)
    source_key = models.JSONField()
    target_table = models.TextField()
    target_pk = models.TextField()
    outcome = models.TextField()
    first_run = models.ForeignKey(ImportRun, on_delete=models.DO_NOTHING, related_name="+")
    last_run = models.ForeignKey(ImportRun, on_delete=models.DO_NOTHING, related_name="+")
    extras = models.JSONField(null=True)

    class Meta:
        managed = False
        db_table = "importer_importedrow"

    def __str__(self) -> str:
        return f"{self.source_table} {self.source_key}"


class QuarantinedRow(models.Model):
    """A row that was not imported: why, and its raw content, from which it can be rebuilt exactly.

    ``repairs`` are those that a person chose, in order: of an open entry they were not enough yet, of a
    closed one they brought the row in (under ``identity``), or set it aside for good (status ``ignored``).
    """

    class Status(models.TextChoices):
        OPEN = "open"
        RESOLVED = "resolved"
        IGNORED = "ignored"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    run = models.ForeignKey(ImportRun, on_delete=models.PROTECT, related_name="quarantined")
    last_run = models.ForeignKey(ImportRun, on_delete=models.PROTECT, related_name="+")
    stream = models.ForeignKey(Stream, on_delete=models.PROTECT, related_name="quarantined")
    system = models.CharField(max_length=64)
    source_name = models.TextField()
    source_sha256 = models.CharField(max_length=64)
    source_table = models.TextField()
    source_rowid = models.BigIntegerField(null=True)
    source_key = models.JSONField(null=True)
    place = models.TextField(db_collation="C")
    handles = ArrayField(models.TextField(), default=list)
    reason = models.CharField(max_length=32)
    column_name = models.TextField(null=True)
    message = models.TextField()
    sqlstate = models.CharField(max_length=5, null=True)
    raw = models.JSONField()
    status = models.CharField(max_length=16, choices=Status, default=Status.OPEN)
    created_at = models.DateTimeField(default=timezone.now, db_index=True)
    resolved_run = models.ForeignKey(ImportRun, on_delete=models.PROTECT, null=True, related_name="+")
    repairs = models.JSONField(null=True)
    identity = models.TextField(null=True, db_collation="C")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["stream", "place"],
                name="importer_quarantine_place",
                condition=~Q(status="resolved"),
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["source_table", "reason"], name="importer_quarantine_group"),
            GinIndex(fields=["handles"], name="importer_quarantine_handles", condition=~Q(status="resolved")),
            models.Index(
                fields=["stream", "place"],
                name="importer_quarantine_repaired",
                condition=Q(repairs__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source_table} {self.place}: {self.reason}"


class FormerEntry(models.Model):
    """What a quarantine entry held before a run changed it; ``former`` is null where it was only met again."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    run = models.ForeignKey(ImportRun, on_delete=models.CASCADE, related_name="former_entries")
    entry = models.ForeignKey(QuarantinedRow, on_delete=models.CASCADE, related_name="former")
    last_run = models.ForeignKey(ImportRun, on_delete=models.PROTECT, related_name="+")
    source_sha256 = models.CharField(max_length=64)
    former = models.JSONField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["run", "entry"], name="importer_former_entry"),
        ]
