import pytest
from django.db import IntegrityError

from tests.factories.knowledge import SubjectFactory
from tests.factories.practice import DictionaryEntryFactory, ErrorRecordFactory, WordBookFactory

pytestmark = pytest.mark.django_db


def test_a_mistake_has_a_subject_and_the_words_for_it_side_by_side():
    record = ErrorRecordFactory(subject=SubjectFactory(name="Mathematics"), subject_name="数学")
    record.refresh_from_db()
    assert (record.subject.name, record.subject_name) == ("Mathematics", "数学")
    columns = {field.name: field.column for field in record._meta.fields}
    assert (columns["subject"], columns["subject_name"]) == ("subject_id", "subject")


def test_words_are_told_apart_by_case():
    DictionaryEntryFactory(word="polish")
    DictionaryEntryFactory(word="Polish")
    with pytest.raises(IntegrityError):
        DictionaryEntryFactory(word="Polish")


def test_a_learner_saves_a_word_once():
    entry = WordBookFactory()
    WordBookFactory(word=entry.word)
    with pytest.raises(IntegrityError):
        WordBookFactory(user=entry.user, word=entry.word)
