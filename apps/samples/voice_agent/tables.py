"""Voice Agent: accounts, conversations and saved states, the same in both shapes of its files."""

from apps.samples import times
from apps.samples.text import HOLLOW_HASH, escaped, opening, place, sessions
from apps.samples.voice_agent.speech import line, request
from apps.samples.world import Row, World, pick

#: A pickled empty dict: bytes to keep, never to load.
PICKLE = b"\x80\x04}\x94."

#: Time from one turn of a conversation to the next.
TURN = 23 * times.SECOND


def user(world: World, number: int) -> str:
    return world.plain_uuid("users", number % world.count("users"))


def users(world: World, number: int) -> Row:
    carried = number % 5 == 4
    name = f"speaker{number:03d}{world.tag}" if number % 3 else f"用户{number:03d}{world.tag}"
    key = world.plain_uuid("users", number)
    moment = world.when("users", number)
    return {
        "user_id": key,
        "id": key if carried else world.plain_uuid("accounts", number),
        "username": name,
        "email": f"speaker{number:03d}{world.tag}@{'legacy.' if carried else ''}example.com",
        "hashed_password": HOLLOW_HASH,
        "full_name": None if number % 3 == 0 else pick(("Sample Speaker", "示例 用户", "Ärla Ünlü"), number),
        "is_active": int(number % 7 < 6),
        "created_at": times.seconds(moment),
        "last_active": times.seconds(moment + number % 3 * times.DAY),
        "meta_data": "{}",
    }


def session_key(world: World, number: int) -> str:
    """Key of a conversation: made by the app in two forms, or sent by a client."""
    if number % 9 == 8:
        return f"kitchen-speaker-{number}{world.tag}"
    if number % 3 == 2:
        return f"session_{world.hex('sessions', number, 16)}"
    return f"conv_{world.hex('sessions', number, 12)}"


def start(world: World, session: int) -> int:
    """Moment at which a conversation opens."""
    return times.START + session * (times.SPAN // (sessions(world.rows) + 1))


def voice_sessions(world: World, number: int) -> Row:
    anonymous = number % 3 == 2
    opened = start(world, number)
    about = {"title": request(place(0)._replace(session=number)).said} if number % 2 else {}
    return {
        "session_id": session_key(world, number),
        "user_id": None if anonymous else user(world, number),
        "created_at": times.seconds(opened),
        "last_activity": times.micros(opened + times.HOUR + number),
        "status": pick(("ACTIVE", "ACTIVE", "PAUSED", "TERMINATED"), number // 5),
        "context_summary": "聊了天气和日程。" if number % 4 == 3 else None,
        "meta_data": escaped({} if anonymous else {"created_via": "authenticated_api", **about}),
    }


def messages(world: World, number: int) -> Row:
    at = place(number)
    moment = start(world, at.session) + at.turn * TURN + number % times.SECOND
    role = "assistant" if at.turn % 2 else "user"
    return {
        "message_id": world.plain_uuid("messages", number),
        "session_id": session_key(world, at.session),
        "timestamp": times.micros(moment),
        "role": role.upper() if at.session % 11 == 10 else role,
        "content": line(number, at),
        "meta_data": "{}",
        "created_at": times.seconds(moment),
    }


def tool_calls(world: World, number: int) -> Row:
    turns, session = divmod(number, sessions(world.rows))
    at = place(opening(session))
    turn = turns * 4 % at.length
    this, message = request(at._replace(turn=turn)), opening(session) + turn
    linked = number % 5 == 0 and message < world.rows
    return {
        "call_id": world.plain_uuid("tool_calls", number),
        "session_id": session_key(world, session),
        "message_id": world.plain_uuid("messages", message) if linked else None,
        "tool_name": this.tool or "clock",
        "parameters": escaped(this.parameters or {}),
        "result": escaped(this.result) if this.result else "null",
        "execution_time_ms": 20 + number % 900 if number % 4 else None,
        "timestamp": times.seconds(start(world, session) + turn * TURN + 5 * times.SECOND),
        "webhook_url": None,
        "response_status": None,
        "response_time_ms": None,
    }


def langgraph_checkpoints(world: World, number: int) -> Row:
    session, step = divmod(number, 2)
    moment = start(world, session) + step * times.MINUTE + 4
    return {
        "thread_id": session_key(world, session % sessions(world.rows)),
        "checkpoint_id": f"{times.micros(moment, 'T')}_{number}",
        "checkpoint_data": PICKLE,
        "metadata": None,
        "created_at": times.micros(moment),
    }
