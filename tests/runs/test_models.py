import pytest
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError

from apps.runs.models import Checkpoint, IdempotencyKey
from tests.factories.runs import (
    CheckpointFactory,
    CommitLinkFactory,
    FileLockFactory,
    HealingActionFactory,
    IdempotencyKeyFactory,
    RunStepFactory,
    TaskRunFactory,
    WorkItemFactory,
)

pytestmark = pytest.mark.django_db


def test_a_commit_names_its_patch_by_the_patchs_own_number():
    link = CommitLinkFactory()
    link.refresh_from_db()
    assert link.patch_id == link.patch.patch_id
    assert link.patch_id.startswith("p")


def test_a_run_stays_while_steps_belong_to_it():
    with pytest.raises(ProtectedError):
        RunStepFactory().run.delete()


def test_a_lock_holds_the_clock_and_refers_to_no_run():
    lock = FileLockFactory(locked_by_run=1_795_331_483_223)
    lock.refresh_from_db()
    assert lock.locked_by_run == 1_795_331_483_223


def test_a_file_is_locked_once():
    FileLockFactory(file_path="a.py")
    FileLockFactory(file_path="a.py", repo_root="/elsewhere")
    with pytest.raises(IntegrityError), transaction.atomic():
        FileLockFactory(file_path="a.py")


def test_what_a_repair_came_to_may_be_unknown():
    assert HealingActionFactory().success is None


def test_checkpoints_and_kept_results_outlive_their_unit_of_work():
    item = WorkItemFactory()
    CheckpointFactory(work_item=item, task=item.task)
    IdempotencyKeyFactory(work_item=item)
    item.delete()
    assert Checkpoint.objects.get().work_item is None
    assert IdempotencyKey.objects.get().work_item is None


def test_kept_results_outlive_their_task_and_checkpoints_do_not():
    checkpoint = CheckpointFactory()
    IdempotencyKeyFactory(task=checkpoint.task)
    checkpoint.task.delete()
    assert not Checkpoint.objects.exists()
    assert IdempotencyKey.objects.get().task is None


@pytest.mark.parametrize(
    ("factory", "field"),
    [(WorkItemFactory, "status"), (CheckpointFactory, "checkpoint_type"), (IdempotencyKeyFactory, "status")],
)
def test_words_of_no_list_are_refused(factory, field: str):
    with pytest.raises(IntegrityError, match=f"{field}_check"), transaction.atomic():
        factory(**{field: "other"})


def test_a_task_run_says_how_it_ended():
    assert str(TaskRunFactory(task_id="t")) == "t: SUCCEEDED"
