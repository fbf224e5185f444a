"""Sparkle: accounts, their days, what they are told, and the jobs run for them."""

from hashlib import md5

from apps.samples import times
from apps.samples.concepts import concept
from apps.samples.sparkle.common import at_or_none, stamped, user, users_task
from apps.samples.text import HOLLOW_HASH, escaped
from apps.samples.world import Row, World, pick

FAMILIES = ("李", "王", "张", "陈", "Ada", "Noor", "Mika", "Tomás")
GIVEN = ("星河", "小雨", "明远", "思齐", "Sample", "Learner", "Novák", "Øst")


def users(world: World, number: int) -> Row:
    draw = world.draw("users", number)
    name = f"learner{number:03d}{world.tag}" if number % 4 else f"学员{number:03d}{world.tag}"
    source = pick(("email", "email", "email", "wechat", "google"), number)
    row = stamped(world, "users", number)
    return {
        **row,
        "username": name,
        "email": f"learner{number:03d}{world.tag}@example.com",
        "hashed_password": HOLLOW_HASH,
        "full_name": None if number % 3 == 2 else pick(FAMILIES, number) + pick(GIVEN, draw),
        "nickname": pick(("小火苗", "Stargazer", "夜猫子 🦉", None), draw),
        "avatar_url": f"https://files.example.com/avatars/{number}.png" if number % 2 else None,
        "avatar_status": pick(("APPROVED", "APPROVED", "PENDING", "REJECTED"), number),
        "pending_avatar_url": f"https://files.example.com/pending/{number}.png" if number % 4 == 2 else None,
        "flame_level": 1 + draw % 20,
        "flame_brightness": draw % 100 / 100,
        "depth_preference": 0.5,
        "curiosity_preference": draw % 11 / 10,
        "schedule_preferences": escaped({"通勤": ["08:00", "09:00"]}) if number % 3 == 0 else None,
        "weather_preferences": pick(("null", None, escaped({"雨": "indoor"})), number),
        "is_active": 1,
        "is_superuser": int(number == 0),
        "status": pick(("OFFLINE", "ONLINE", "INVISIBLE"), draw),
        "google_id": f"google-{number}{world.tag}" if source == "google" else None,
        "apple_id": None,
        "wechat_unionid": f"union-{number}{world.tag}" if source == "wechat" else None,
        "registration_source": source,
        "last_login_at": row["updated_at"] if number % 5 else None,
    }


def user_daily_metrics(world: World, number: int) -> Row:
    owner, days = number % world.count("users"), number // world.count("users")
    draw = world.draw("user_daily_metrics", number)
    return {
        **stamped(world, "user_daily_metrics", number),
        "user_id": user(world, owner),
        "date": times.day(times.START + days * times.DAY),
        "total_focus_minutes": draw % 180,
        "tasks_completed": draw % 6,
        "tasks_created": draw % 8,
        "nodes_studied": draw % 10,
        "mastery_gained": draw % 200 / 10,
        "review_count": draw % 12,
        "average_mood": 1 + draw % 40 / 10 if number % 3 else None,
        "anxiety_score": draw % 100 / 100,
        "chat_messages_count": draw % 30,
    }


def notifications(world: World, number: int) -> Row:
    this, read = concept(number), number % 2
    row = stamped(world, "notifications", number)
    data = escaped({"task_id": users_task(world, number, number), "提醒": this.zh})
    return {
        **row,
        "user_id": user(world, number),
        "title": pick(("碎片时间", "Time to review", "系统通知"), number),
        "content": f"有 10 分钟吗？复习一下{this.zh}吧 ⏰",
        "type": pick(("fragmented_time", "review_reminder", "system", "reminder"), number),
        "is_read": read,
        "read_at": row["updated_at"] if read else None,
        "data": pick((data, "null", None), number),
    }


def push_preferences(world: World, number: int) -> Row:
    return {
        **stamped(world, "push_preferences", number),
        "user_id": user(world, number),
        "active_slots": escaped([{"start": "08:00", "end": "09:00"}, {"start": "20:00", "end": "22:30"}]),
        "timezone": pick(("Asia/Shanghai", "Europe/Paris", "UTC"), number),
        "enable_curiosity": int(number % 4 > 0),
        "persona_type": pick(("coach", "anime"), number),
        "daily_cap": 3 + number % 5,
        "last_push_time": at_or_none(world.when("push_preferences", number), number % 2),
        "consecutive_ignores": number % 3,
    }


def push_histories(world: World, number: int) -> Row:
    content = md5(f"push {number % 40}".encode(), usedforsecurity=False).hexdigest()
    return {
        **stamped(world, "push_histories", number),
        "user_id": user(world, number),
        "trigger_type": pick(("memory", "sprint", "inactivity", "curiosity"), number),
        "content_hash": content if number % 6 else None,
        "status": pick(("sent", "clicked", "snoozed", "dismissed"), number // 2),
    }


def jobs(world: World, number: int) -> Row:
    moment = world.when("jobs", number)
    status = pick(("completed", "pending", "running", "failed", "completed"), number)
    ended = status in ("completed", "failed")
    return {
        **stamped(world, "jobs", number),
        "user_id": user(world, number),
        "type": pick(("generate_tasks", "execute_actions", "analyze_error", "generate_plan"), number),
        "status": status,
        "params": escaped({"主题": concept(number).zh, "count": number % 5 + 1}),
        "result": escaped({"created": number % 5}) if status == "completed" else None,
        "error_message": "model did not answer in time" if status == "failed" else None,
        "progress": 100 if status == "completed" else number % 90,
        "started_at": at_or_none(moment, status != "pending"),
        "completed_at": at_or_none(moment + times.MINUTE, ended),
        "timeout_at": times.micros(moment + 5 * times.MINUTE),
    }


def idempotency_keys(world: World, number: int) -> Row:
    moment = world.when("idempotency_keys", number)
    return {
        "key": f"idem-{world.hex('idempotency_keys', number, 24)}",
        "user_id": user(world, number),
        "response": escaped({"user_id": user(world, number), "ok": True, "消息": "已创建"}),
        "created_at": times.seconds(moment),
        "expires_at": times.micros(moment + times.DAY),
    }
