"""Sparkle: plans, tasks, hours of focus."""

from apps.samples import times
from apps.samples.concepts import SUBJECTS, concept
from apps.samples.sparkle.common import at_or_none, stamped, user, users_task
from apps.samples.text import escaped
from apps.samples.world import Row, World, pick


def plans(world: World, number: int) -> Row:
    this = concept(number * 6)
    sprint = number % 2 == 0
    return {
        **stamped(world, "plans", number),
        "user_id": user(world, number),
        "name": f"{SUBJECTS[this.subject].name}期末冲刺" if sprint else f"Grow in {this.en}",
        "type": "SPRINT" if sprint else "GROWTH",
        "description": "先补基础，再刷真题。" if number % 3 else None,
        "target_date": times.day(times.START + times.SPAN + number % 30 * times.DAY) if sprint else None,
        "daily_available_minutes": 30 + number % 4 * 30,
        "total_estimated_hours": 12.5 + number % 20 if number % 4 else None,
        "subject": SUBJECTS[this.subject].name,
        "mastery_level": number % 10 / 10,
        "progress": number % 11 / 10,
        "is_active": int(number % 6 > 0),
    }


def tasks(world: World, number: int) -> Row:
    draw = world.draw("tasks", number)
    this = concept(draw)
    moment = world.when("tasks", number)
    status = pick(("PENDING", "IN_PROGRESS", "COMPLETED", "COMPLETED", "ABANDONED"), draw >> 8)
    done = status == "COMPLETED"
    nodes, plans_count = world.count("knowledge_nodes"), world.count("plans")
    return {
        **stamped(world, "tasks", number),
        "user_id": user(world, number),
        "plan_id": world.uuid("plans", draw % plans_count) if number % 3 else None,
        "title": f"练习{this.zh}第 {draw % 12 + 1} 组" if number % 3 else f"Review {this.en}",
        "type": pick(("LEARNING", "TRAINING", "ERROR_FIX", "REFLECTION", "SOCIAL", "PLANNING"), draw >> 16),
        "tags": escaped([this.zh, SUBJECTS[this.subject].name]),
        "estimated_minutes": 10 + draw % 5 * 10,
        "difficulty": 1 + draw % 5,
        "energy_cost": 1 + (draw >> 4) % 5,
        "guide_content": f"1. 读定义：{this.gloss_zh}\n2. 做 3 题\n3. 写一句总结" if number % 2 else None,
        "status": status,
        "started_at": at_or_none(moment + times.HOUR, status != "PENDING"),
        "completed_at": at_or_none(moment + 2 * times.HOUR, done),
        "actual_minutes": 8 + draw % 60 if done else None,
        "user_note": pick(("还行", "Took longer than planned…", "👍", None), draw >> 24),
        "priority": draw % 4,
        "due_date": times.day(moment + 3 * times.DAY) if number % 2 else None,
        "knowledge_node_id": world.uuid("knowledge_nodes", draw % nodes) if number % 4 else None,
        "auto_expand_enabled": 1,
    }


def focus_sessions(world: World, number: int) -> Row:
    draw = world.draw("focus_sessions", number)
    start = world.when("focus_sessions", number) + times.HOST_OFFSET
    minutes = 25 if draw % 3 else 10 + draw % 40
    return {
        **stamped(world, "focus_sessions", number),
        "user_id": user(world, number),
        "task_id": users_task(world, number, draw) if number % 4 else None,
        "start_time": times.micros(start),
        "end_time": times.micros(start + minutes * times.MINUTE),
        "duration_minutes": minutes,
        "focus_type": "POMODORO" if draw % 3 else "STOPWATCH",
        "status": "INTERRUPTED" if draw % 6 == 5 else "COMPLETED",
        "white_noise_type": pick((None, 1, 2, 3), draw >> 8),
    }
