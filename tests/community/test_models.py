import pytest
from django.db import IntegrityError, connection
from django.db.models import ProtectedError

from apps.community.models import GroupMember, GroupMessage, GroupTaskClaim, Post, PostLike, SharedResource
from tests.factories.community import (
    FriendshipFactory,
    GroupFactory,
    GroupMemberFactory,
    GroupMessageFactory,
    GroupTaskClaimFactory,
    PostFactory,
    PostLikeFactory,
    PrivateMessageFactory,
    SharedResourceFactory,
)
from tests.factories.learners import UserFactory

pytestmark = pytest.mark.django_db


def test_a_group_takes_all_that_is_its_own_along():
    group = GroupFactory()
    for factory in (GroupMemberFactory, GroupMessageFactory, SharedResourceFactory):
        factory(group=group)
    GroupTaskClaimFactory(group_task__group=group)
    group.delete()
    for model in (GroupMember, GroupMessage, GroupTaskClaim, SharedResource):
        assert not model.objects.exists()


def test_a_learner_stays_while_messages_tell_of_them():
    message = PrivateMessageFactory()
    with pytest.raises(ProtectedError):
        message.receiver.delete()


def test_a_learner_takes_posts_and_likes_along():
    like = PostLikeFactory()
    like.post.user.delete()
    assert not Post.objects.exists()
    assert not PostLike.objects.exists()


def test_a_post_is_liked_once_by_one_learner():
    like = PostLikeFactory()
    with pytest.raises(IntegrityError):
        PostLikeFactory(user=like.user, post=like.post)


def test_postgresql_completes_a_post_written_by_another_program():
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO posts (user_id, content) VALUES (%s, 'hello')", [UserFactory().pk])
    post = Post.objects.get()
    assert post.visibility == "public"
    assert post.pk
    assert post.created_at == post.updated_at


def test_the_visibility_of_a_post_is_unknown_or_of_the_list():
    PostFactory(visibility=None)
    PostFactory(visibility="friends_only")
    with pytest.raises(IntegrityError):
        PostFactory(visibility="PUBLIC")


def test_two_learners_are_friends_once():
    friendship = FriendshipFactory()
    with pytest.raises(IntegrityError):
        FriendshipFactory(user=friendship.user, friend=friendship.friend)


def test_a_message_may_answer_another():
    question = GroupMessageFactory()
    answer = GroupMessageFactory(group=question.group, reply_to=question, sender=None, content=None)
    assert list(question.replies.all()) == [answer]
    assert str(answer) == "TEXT: "
