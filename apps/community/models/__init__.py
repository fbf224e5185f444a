"""Learners among themselves: friends and groups, what they say, what they share, and the public feed."""

from .feed import Post, PostLike
from .groups import Group, GroupMember, GroupTask, GroupTaskClaim
from .messages import GroupMessage, PrivateMessage
from .sharing import Friendship, SharedResource

__all__ = [
    "Friendship",
    "Group",
    "GroupMember",
    "GroupMessage",
    "GroupTask",
    "GroupTaskClaim",
    "Post",
    "PostLike",
    "PrivateMessage",
    "SharedResource",
]
