"""Sparkle: friends, groups, what they say to each other and share."""

from apps.samples import times
from apps.samples.concepts import concept, following
from apps.samples.sparkle.common import at_or_none, stamped, user, users_task
from apps.samples.text import ODD_TEXTS, escaped
from apps.samples.world import Row, World, pick

CHATTER = (
    "今晚谁一起刷{zh}？",
    "我！八点图书馆见 🙋",
    "Can someone explain {en} to me?",
    "Sure: {gloss_en}.",
    "打卡第 {n} 天 🔥",
    "大家辛苦了，明天继续{next_zh}。",
)
SHARES = ("TASK_SHARE", "PLAN_SHARE", "FRAGMENT_SHARE", "PROGRESS", "ACHIEVEMENT", "CHECKIN")


def members_of(world: World) -> int:
    """Members that each group has at least."""
    return world.count("group_members") // world.count("groups")


def member(world: World, group: int, number: int) -> str:
    """Key of the member of a number of a group, going round."""
    return user(world, group * 5 + number % members_of(world))


def chatter(number: int) -> str:
    """A line of small talk."""
    if number % 19 == 13:
        return pick(ODD_TEXTS, number // 19)
    this = concept(number // len(CHATTER))
    return pick(CHATTER, number).format(
        **this._asdict(), n=number % 60, next_zh=following(this.subject * 6).zh
    )


def friendships(world: World, number: int) -> Row:
    users = world.count("users")
    first, second = user(world, number), user(world, number + 1 + number // users)
    status = pick(("ACCEPTED", "ACCEPTED", "PENDING", "BLOCKED"), number)
    return {
        **stamped(world, "friendships", number, deleted=number % 6 == 2),
        "user_id": min(first, second),
        "friend_id": max(first, second),
        "status": status,
        "initiated_by": first,
        "match_reason": escaped({"courses": [concept(number * 6).zh]}) if number % 2 else None,
    }


def groups(world: World, number: int) -> Row:
    this = concept(number * 6)
    kind = pick(("SQUAD", "SPRINT", "OFFICIAL"), number)
    moment = world.when("groups", number)
    return {
        **stamped(world, "groups", number),
        "name": f"{this.zh}学习小队 {number + 1}" if number % 2 == 0 else f"{this.en} club {number + 1}",
        "description": "每天 20:00 打卡，互相答疑。" if number % 3 else None,
        "avatar_url": f"https://files.example.com/groups/{number}.png" if number % 2 else None,
        "type": kind,
        "focus_tags": escaped([this.zh, this.en]),
        "deadline": at_or_none(moment + 30 * times.DAY, kind == "SPRINT"),
        "sprint_goal": "期末 90 分以上" if kind == "SPRINT" else None,
        "max_members": 50,
        "is_public": int(number % 4 > 0),
        "join_requires_approval": int(number % 4 == 0),
        "total_flame_power": number * 37 % 900,
        "today_checkin_count": number % 5,
        "total_tasks_completed": number * 11 % 80,
    }


def group_members(world: World, number: int) -> Row:
    group, place = number % world.count("groups"), number // world.count("groups")
    row = stamped(world, "group_members", number, deleted=number % 13 == 12)
    return {
        **row,
        "group_id": world.uuid("groups", group),
        "user_id": user(world, group * 5 + place),
        "role": pick(("OWNER", "ADMIN"), place) if place < 2 else "MEMBER",
        "is_muted": int(number % 9 == 8),
        "notifications_enabled": int(number % 5 > 0),
        "flame_contribution": number * 7 % 200,
        "tasks_completed": number % 12,
        "checkin_streak": number % 21,
        "last_checkin_date": row["updated_at"] if number % 3 else None,
        "joined_at": row["created_at"],
        "last_active_at": row["updated_at"],
    }


def group_messages(world: World, number: int) -> Row:
    count = world.count("groups")
    group, turn = number % count, number // count
    shares = turn % 9 == 4
    answered = number - count if turn % 3 == 1 else None
    if turn % 7 == 6 and number + count < world.count("group_messages"):
        answered = number + count  # copied from another device: the answer stands before its question
    kind = pick(SHARES, number) if shares else "SYSTEM" if turn == 0 else "TEXT"
    return {
        **stamped(world, "group_messages", number),
        "group_id": world.uuid("groups", group),
        "sender_id": None if turn == 0 else member(world, group, turn),
        "message_type": kind,
        "content": None if shares else "欢迎加入！" if turn == 0 else chatter(number),
        "content_data": escaped({"flame_power": number % 90, "说明": "打卡"}) if shares else None,
        "reply_to_id": None if answered is None else world.uuid("group_messages", answered),
    }


def group_tasks(world: World, number: int) -> Row:
    group = number % world.count("groups")
    this = concept(number * 3)
    due = world.when("group_tasks", number) + 7 * times.DAY
    return {
        **stamped(world, "group_tasks", number),
        "group_id": world.uuid("groups", group),
        "created_by": member(world, group, 0),
        "title": f"一起完成{this.zh}练习" if number % 2 else f"Group work: {this.en}",
        "description": f"目标：弄懂{this.gloss_zh}。" if number % 3 else None,
        "tags": escaped([this.zh]),
        "estimated_minutes": 10 + number % 5 * 10,
        "difficulty": 1 + number % 5,
        "total_claims": number % 4,
        "total_completions": number % 3,
        "due_date": times.micros(due - due % times.DAY) if number % 2 else None,
    }


def group_task_claims(world: World, number: int) -> Row:
    tasks, groups_count = world.count("group_tasks"), world.count("groups")
    claimed = number % tasks
    place = number // tasks % members_of(world)
    owner = claimed % groups_count * 5 + place
    done = number % 3 == 0
    row = stamped(world, "group_task_claims", number)
    return {
        **row,
        "group_task_id": world.uuid("group_tasks", claimed),
        "user_id": user(world, owner),
        "personal_task_id": users_task(world, owner, number) if number % 4 else None,
        "is_completed": int(done),
        "completed_at": row["updated_at"] if done else None,
        "claimed_at": row["created_at"],
    }


def private_messages(world: World, number: int) -> Row:
    pair, turn = divmod(number, 4)
    two = (user(world, pair), user(world, pair + 1))
    read = turn < 3
    row = stamped(world, "private_messages", number, deleted=number % 19 == 18)
    replied = number - 1 if turn in (1, 3) else None
    return {
        **row,
        "sender_id": two[turn % 2],
        "receiver_id": two[1 - turn % 2],
        "message_type": "TEXT" if number % 8 != 6 else "FRAGMENT_SHARE",
        "content": chatter(number) if number % 8 != 6 else None,
        "content_data": escaped({"fragment": number}) if number % 8 == 6 else None,
        "reply_to_id": None if replied is None else world.uuid("private_messages", replied),
        "is_read": int(read),
        "read_at": row["updated_at"] if read else None,
    }


def shared_resources(world: World, number: int) -> Row:
    kind = number % 3
    fragments, plans = world.count("cognitive_fragments"), world.count("plans")
    to_group = number % 2 == 0
    return {
        **stamped(world, "shared_resources", number),
        "group_id": world.uuid("groups", number % world.count("groups")) if to_group else None,
        "target_user_id": None if to_group else user(world, number + 1),
        "shared_by": user(world, number),
        "plan_id": world.uuid("plans", number % plans) if kind == 0 else None,
        "task_id": users_task(world, number, number) if kind == 1 else None,
        "cognitive_fragment_id": world.uuid("cognitive_fragments", number % fragments) if kind == 2 else None,
        "permission": pick(("view", "comment", "edit"), number),
        "comment": "也许对你有用" if number % 2 else None,
        "view_count": number % 17,
        "save_count": number % 4,
    }
