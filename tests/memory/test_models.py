import pytest
from django.db.models import ProtectedError

from apps.memory.models import MemoryAudit
from tests.factories.memory import MemoryAuditFactory, MemoryGcRunFactory, MemoryItemFactory
from tests.factories.projects import ProjectFactory

pytestmark = pytest.mark.django_db


def test_events_go_with_their_memory():
    audit = MemoryAuditFactory()
    assert str(audit) == f"created {audit.memory.pk}"
    audit.memory.delete()
    assert not MemoryAudit.objects.exists()


def test_a_project_stays_while_memories_belong_to_it():
    memory = MemoryItemFactory(project=ProjectFactory())
    with pytest.raises(ProtectedError):
        memory.project.delete()


def test_a_memory_is_found_by_a_tag():
    memory = MemoryItemFactory(tags=["db", "中文"])
    MemoryItemFactory(tags=None)
    assert type(memory).objects.get(tags__contains=["中文"]) == memory


def test_a_clean_up_counts_from_nothing():
    run = MemoryGcRunFactory()
    assert (run.memories_decayed, run.memories_deleted, run.memories_promoted) == (0, 0, 0)
