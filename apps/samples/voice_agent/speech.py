"""What people say to the sample voice assistant, what it answers, and the tools it runs for that."""

from typing import Any, NamedTuple

from apps.samples.text import ODD_TEXTS, Turn
from apps.samples.world import pick


class Request(NamedTuple):
    """A request, the answer, and the tool between them, if any, with its parameters and result."""

    said: str
    answer: str
    tool: str | None = None
    parameters: dict[str, Any] | None = None
    result: dict[str, Any] | None = None


REQUESTS = (
    Request(
        "明天上海的天气怎么样？",
        "明天上海多云，14 到 20 度，出门带件外套 🌤️",
        "web_search",
        {"q": "上海 明天 天气"},
        {"success": True, "data": {"summary": "多云", "low": 14, "high": 20}},
    ),
    Request("谢谢，那周末呢？", "周末有小雨，适合待在家里看书。"),
    Request(
        "What is 18 percent of 240?",
        "That is 43.2.",
        "calculator",
        {"expression": "0.18 * 240"},
        {"success": True, "data": 43.2},
    ),
    Request("And with tax on top?", "With 6 % tax it comes to 45.79."),
    Request(
        "在我的文档里找一下请假流程。",
        "《员工手册》第 3 章：提前两天在系统里提交，主管同意后生效。",
        "rag_search",
        {"query": "请假流程", "top_k": 5},
        {"success": True, "data": [{"source": "handbook.pdf", "score": 0.83}]},
    ),
    Request("How long does approval take?", "Usually one working day, says the handbook."),
    Request(
        "Remind me to water the plants at six.",
        "Done: 18:00, water the plants 🌱",
        "create_reminder",
        {"time": "18:00", "text": "water the plants"},
        {"success": True, "data": {"id": 12}},
    ),
    Request(
        "播放一点轻音乐。",
        "抱歉，音乐服务暂时没有回应，要我十分钟后再试吗？",
        "media_play",
        {"genre": "轻音乐"},
        {"success": False, "error": "timeout"},
    ),
)


def request(at: Turn) -> Request:
    """What a turn of a conversation is about."""
    return REQUESTS[(at.session * 2 + at.turn // 2) % len(REQUESTS)]


def line(number: int, at: Turn) -> str:
    """Text of message `number`."""
    if number % 24 == 10:
        return pick(ODD_TEXTS, number // 24)
    this = request(at)
    return this.answer if at.turn % 2 else this.said
