"""Things people write in the sample systems: scripted conversations, and texts that trip programs up."""

import json
from typing import Any, NamedTuple

from apps.samples.concepts import concept, following
from apps.samples.world import pick

Exchange = tuple[str, str]

#: Lengths of successive conversations, in messages; they repeat.
LENGTHS = (4, 8, 2, 12, 6, 10, 2, 16)
PLACES = tuple((session, turn) for session, length in enumerate(LENGTHS) for turn in range(length))

#: bcrypt's form with nothing behind it: no password fits.
HOLLOW_HASH = "$2b$12$" + "NotARealHash".ljust(53, "x")

ODD_TEXTS = (
    "制表符\t换行\n第二行\r\nWindows 换行",
    "反斜杠 C:\\temp\\new，还有 \\N 和 \\. 都只是普通文字",
    "مرحبا بالعالم — من اليمين إلى اليسار",
    "שלום עולם (right to left)",
    "👩‍👩‍👧‍👦 🇨🇳 1️⃣ 🧑🏽‍🚀 family, flag, keycap, astronaut",
    "e\u0301 is not é, and \uffff is a noncharacter",
    "<script>alert('x')</script> =SUM(A1:A9) \"quoted\" 'single' %s %(name)s {braces}",
    "  blanks before and behind   ",
    "zero\u200bwidth, \u202eoverride\u202c, non\u00a0breaking",
    "$$ and $1, `backticks`, NULL, null, 'null', \\x00 as text",
)

TUTORING_ZH: tuple[Exchange, ...] = (
    ("什么是{zh}？课本上的定义我没看懂。", "{zh}（{en}）就是{gloss_zh}。先记住它解决什么问题，再去看公式。"),
    ("能举个具体的例子吗？", "好的。看第 {n} 题：先找出其中的{zh}，再一步一步写下依据，最后检查单位和范围。"),
    ("它和{next_zh}有什么关系？", "{next_zh}建立在{zh}之上：{zh}学扎实了，{next_zh}会容易很多 🌟"),
    (
        "我总是在这里出错，怎么办？",
        "把错题写进错题本，隔 1 天、3 天、7 天各复习一次：\n- 先遮住答案\n- 口述思路\n- 再对照",
    ),
    ("帮我安排今晚 {m} 分钟的学习。", "建议：10 分钟回顾{zh}，{m2} 分钟做题，10 分钟总结。加油 💪"),
    ("考考我吧。", "第一问：用自己的话解释{zh}。第二问：它在什么条件下不成立？"),
    ("我的答案：{gloss_zh}。", "很接近了 👍 再补充一点：说明它的适用范围。"),
    ("谢谢！明天继续学{next_zh}。", "好，已经记下：明天 20:00 学习{next_zh}。"),
)
TUTORING_EN: tuple[Exchange, ...] = (
    (
        "What is {en}? I don't get the textbook.",
        "{en} ({zh}) means: {gloss_en}. Ask first what problem it solves.",
    ),
    ("Can you give me an example?", "Sure. In exercise {n}, find the {en} first, then justify every step."),
    (
        "How does it relate to {next_en}?",
        "{next_en} builds on it: once {en} feels natural, {next_en} is a small step.",
    ),
    ("I keep making the same mistake.", "Put it in your error book and review it after 1, 3 and 7 days 📒"),
    (
        "Plan {m} minutes for tonight, please.",
        "10 min recap of {en}, {m2} min exercises, 10 min summary. You can do it!",
    ),
    ("Quiz me.", "1) Explain {en} in your own words.\n2) When does it not apply?"),
    ("My answer: {gloss_en}.", "Very close 👍 Say also where it stops being true."),
    ("Thanks! Tomorrow {next_en}.", "Noted: {next_en}, tomorrow at 20:00."),
)


class Turn(NamedTuple):
    """Place of a message: which conversation, which turn in it, and of how many."""

    session: int
    turn: int
    length: int


def place(number: int) -> Turn:
    """Where message `number` stands."""
    block, offset = divmod(number, len(PLACES))
    session, turn = PLACES[offset]
    return Turn(block * len(LENGTHS) + session, turn, LENGTHS[session])


def sessions(messages: int) -> int:
    """How many conversations so many messages make."""
    return place(max(messages, 1) - 1).session + 1


def opening(session: int) -> int:
    """Number of a conversation's first message."""
    block, index = divmod(session, len(LENGTHS))
    return block * len(PLACES) + sum(LENGTHS[:index])


def tutoring(number: int, at: Turn) -> str:
    """Message `number` of the tutor: a conversation stays with one concept and one language."""
    if number % 24 == 10:
        return pick(ODD_TEXTS, number // 24)
    script = TUTORING_EN if at.session % 3 == 2 else TUTORING_ZH
    this, after = concept(at.session), following(at.session)
    minutes = 40 + at.session % 5 * 10
    return script[at.turn // 2 % len(script)][at.turn % 2].format(
        **this._asdict(), next_zh=after.zh, next_en=after.en, n=number % 40 + 1, m=minutes, m2=minutes - 20
    )


def escaped(value: Any) -> str:
    """JSON as most writers of the legacy systems store it: ASCII, `\\u` for the rest."""
    return json.dumps(value)


def plain(value: Any) -> str:
    """JSON as the others store it: UTF-8 as it is."""
    return json.dumps(value, ensure_ascii=False)
