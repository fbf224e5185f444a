"""Mistakes, dictionary entries and saved words."""

import datetime

import factory

from apps.practice.models import DictionaryEntry, ErrorRecord, WordBook
from tests.factories import DomainFactory
from tests.factories.learners import UserFactory


class ErrorRecordFactory(DomainFactory):
    class Meta:
        model = ErrorRecord

    user = factory.SubFactory(UserFactory)
    subject_name = "数学"
    topic = "Limits"
    error_type = "careless"
    description = "Lost a sign"
    last_occurred_at = datetime.datetime(2025, 12, 20, 18, tzinfo=datetime.UTC)


class DictionaryEntryFactory(DomainFactory):
    class Meta:
        model = DictionaryEntry

    word = factory.Sequence("word{}".format)
    definitions = factory.LazyFunction(lambda: ["n. 词"])


class WordBookFactory(DomainFactory):
    class Meta:
        model = WordBook

    user = factory.SubFactory(UserFactory)
    word = factory.Sequence("word{}".format)
    definition = "n. 词"
