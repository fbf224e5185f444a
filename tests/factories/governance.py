"""What supervisor, lead and guardians wrote down."""

import datetime

import factory

from apps.governance.models import (
    GuardianAssignment,
    GuardianReview,
    GuardianVerdict,
    LeadFinding,
    PolicyLineage,
    ReviewType,
    SupervisorCheckpoint,
    SupervisorEvent,
    TargetType,
    Verdict,
)
from tests.factories import DomainFactory
from tests.factories.agents import TaskFactory

WHEN = datetime.datetime(2026, 1, 28, 10, 0, tzinfo=datetime.UTC)


class SupervisorEventFactory(DomainFactory):
    class Meta:
        model = SupervisorEvent

    event_id = factory.Sequence("event-{}".format)
    task = factory.SubFactory(TaskFactory)
    event_type = "TASK_CREATED"
    source = "eventbus"


class SupervisorCheckpointFactory(DomainFactory):
    class Meta:
        model = SupervisorCheckpoint

    source_table = factory.Sequence("table_{}".format)
    last_seen_id = 1


class LeadFindingFactory(DomainFactory):
    class Meta:
        model = LeadFinding

    fingerprint = factory.Sequence("fingerprint-{}".format)
    code = "IDLE"
    severity = "HIGH"
    title = "任务停滞"
    window_kind = "24h"
    first_seen_at = WHEN
    last_seen_at = WHEN


class GuardianAssignmentFactory(DomainFactory):
    class Meta:
        model = GuardianAssignment

    assignment_id = factory.Sequence("assignment-{}".format)
    task = factory.SubFactory(TaskFactory)
    guardian_code = "tests"
    created_at = WHEN
    reason_json = {"rule": "tests"}


class GuardianVerdictFactory(DomainFactory):
    class Meta:
        model = GuardianVerdict

    verdict_id = factory.Sequence("verdict-{}".format)
    assignment = factory.SubFactory(GuardianAssignmentFactory)
    task = factory.SubFactory(TaskFactory)
    guardian_code = "tests"
    status = "PASS"
    created_at = WHEN
    verdict_json = {"checks": []}


class GuardianReviewFactory(DomainFactory):
    class Meta:
        model = GuardianReview

    review_id = factory.Sequence("review-{}".format)
    target_type = TargetType.TASK
    target_id = "01KG3X00000000000000000000"
    guardian_id = "guardian.v1"
    review_type = ReviewType.AUTO
    verdict = Verdict.PASS
    confidence = 0.95
    evidence = {"checks": ["a"]}
    created_at = WHEN


class PolicyLineageFactory(DomainFactory):
    class Meta:
        model = PolicyLineage

    policy_id = factory.Sequence("policy-{}".format)
    diff = {"max_retries": 3}
