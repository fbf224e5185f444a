"""What an import leaves behind, for the pages that show it."""

import datetime
import uuid

import factory

from apps.importer.models import (
    ArchivedRow,
    DeferredIndex,
    ImportRun,
    ImportSource,
    QuarantinedRow,
    RunFile,
    RunTable,
    Stream,
)
from tests.factories import DomainFactory

START = datetime.datetime(2025, 12, 27, 9, 30, tzinfo=datetime.UTC)


class ImportSourceFactory(DomainFactory):
    class Meta:
        model = ImportSource

    id = factory.Sequence(int)
    system = "sparkle"
    name = factory.Sequence("sparkle-{}.db".format)
    number = factory.Sequence(int)


class ImportRunFactory(DomainFactory):
    class Meta:
        model = ImportRun

    number = factory.Sequence(int)
    status = ImportRun.Status.COMPLETED
    batch = 1000
    started_at = START
    finished_at = START + datetime.timedelta(seconds=2)


class RunFileFactory(DomainFactory):
    class Meta:
        model = RunFile

    run = factory.SubFactory(ImportRunFactory)
    source = factory.SubFactory(ImportSourceFactory)
    position = factory.Sequence(int)
    path = "/somewhere/sparkle.db"
    source_name = factory.SelfAttribute("source.name")
    sha256 = "ab" * 32
    system = "sparkle"
    variant = "standard"
    status = RunFile.Status.DONE


class RunTableFactory(DomainFactory):
    class Meta:
        model = RunTable

    file = factory.SubFactory(RunFileFactory)
    position = factory.Sequence(int)
    source_table = "users"
    target_table = "users"
    stage = RunTable.Stage.DONE


class StreamFactory(DomainFactory):
    class Meta:
        model = Stream

    id = factory.Sequence(int)
    source = factory.SubFactory(ImportSourceFactory)
    source_table = "users"
    target_table = "users"
    key = ["id"]


class QuarantinedRowFactory(DomainFactory):
    class Meta:
        model = QuarantinedRow

    run = factory.SubFactory(ImportRunFactory)
    last_run = factory.SelfAttribute("run")
    stream = factory.SubFactory(StreamFactory)
    system = "sparkle"
    source_name = "sparkle.db"
    source_sha256 = "ab" * 32
    source_table = "users"
    source_rowid = factory.Sequence(int)
    place = factory.Sequence("rowid:{}".format)
    reason = "datetime_invalid"
    column_name = "created_at"
    message = "'yesterday' is no date and time"
    raw = factory.LazyFunction(lambda: {"id": {"t": "x"}, "created_at": {"t": "yesterday"}})


class ArchivedRowFactory(DomainFactory):
    class Meta:
        model = ArchivedRow

    id = factory.LazyFunction(uuid.uuid4)
    stream = factory.SubFactory(StreamFactory)
    source_table = "holiday_plans"
    source_rowid = factory.Sequence(int)
    place = factory.Sequence('{{"i": "{}"}}'.format)
    raw = factory.LazyFunction(lambda: {"where": {"t": "海边"}, "token": {"t": "tok-1"}})
    digest = factory.LazyFunction(uuid.uuid4)
    first_run = 0
    last_run = 0


class DeferredIndexFactory(DomainFactory):
    class Meta:
        model = DeferredIndex

    run = factory.SubFactory(ImportRunFactory)
    table = "chat_messages"
    name = factory.Sequence("index_{}".format)
    kind = DeferredIndex.Kind.INDEX
    statement = "CREATE INDEX …"
