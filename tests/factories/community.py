"""Friends, groups, messages, shares and the public feed."""

import factory

from apps.community.models import (
    Friendship,
    Group,
    GroupMember,
    GroupMessage,
    GroupTask,
    GroupTaskClaim,
    Post,
    PostLike,
    PrivateMessage,
    SharedResource,
)
from apps.community.models.groups import GroupType
from tests.factories import DomainFactory
from tests.factories.learners import UserFactory


class FriendshipFactory(DomainFactory):
    class Meta:
        model = Friendship

    user = factory.SubFactory(UserFactory)
    friend = factory.SubFactory(UserFactory)
    initiated_by = factory.SelfAttribute("user")


class GroupFactory(DomainFactory):
    class Meta:
        model = Group

    name = factory.Sequence("Squad {}".format)
    type = GroupType.SQUAD


class GroupMemberFactory(DomainFactory):
    class Meta:
        model = GroupMember

    group = factory.SubFactory(GroupFactory)
    user = factory.SubFactory(UserFactory)


class GroupMessageFactory(DomainFactory):
    class Meta:
        model = GroupMessage

    group = factory.SubFactory(GroupFactory)
    sender = factory.SubFactory(UserFactory)
    content = "今天谁来打卡？"


class GroupTaskFactory(DomainFactory):
    class Meta:
        model = GroupTask

    group = factory.SubFactory(GroupFactory)
    created_by = factory.SubFactory(UserFactory)
    title = "Solve ten exercises"


class GroupTaskClaimFactory(DomainFactory):
    class Meta:
        model = GroupTaskClaim

    group_task = factory.SubFactory(GroupTaskFactory)
    user = factory.SubFactory(UserFactory)


class PrivateMessageFactory(DomainFactory):
    class Meta:
        model = PrivateMessage

    sender = factory.SubFactory(UserFactory)
    receiver = factory.SubFactory(UserFactory)
    content = "加油！"


class SharedResourceFactory(DomainFactory):
    class Meta:
        model = SharedResource

    group = factory.SubFactory(GroupFactory)
    shared_by = factory.SubFactory(UserFactory)


class PostFactory(DomainFactory):
    class Meta:
        model = Post

    user = factory.SubFactory(UserFactory)
    content = "First week done"


class PostLikeFactory(DomainFactory):
    class Meta:
        model = PostLike

    user = factory.SubFactory(UserFactory)
    post = factory.SubFactory(PostFactory)
