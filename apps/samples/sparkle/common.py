"""What all Sparkle tables share: keys, the four stamps, who owns what."""

from typing import Any

from apps.samples import times
from apps.samples.world import Row, World


def stamped(world: World, table: str, number: int, deleted: bool = False) -> Row:
    """id, created_at, updated_at, deleted_at, as the models' base class fills them."""
    created = world.when(table, number)
    updated = created + world.draw(table, number) % 3 * times.HOUR
    return {
        "id": world.uuid(table, number),
        "created_at": times.micros(created),
        "updated_at": times.micros(updated),
        "deleted_at": times.micros(updated + times.DAY) if deleted else None,
    }


def user(world: World, number: int) -> str:
    """Key of the user of a number, going round."""
    return world.uuid("users", number % world.count("users"))


def task(world: World, number: int) -> str:
    """Key of the task of a number, going round."""
    return world.uuid("tasks", number % world.count("tasks"))


def users_task(world: World, owner: int, number: int) -> str:
    """Key of one of the user's own tasks: task t belongs to user t modulo the users."""
    users = world.count("users")
    return world.uuid("tasks", owner % users + users * (number % (world.count("tasks") // users)))


def node(world: World, number: int) -> str:
    """Key of the knowledge node of a number, going round."""
    return world.uuid("knowledge_nodes", number % world.count("knowledge_nodes"))


def at_or_none(moment: int, given: Any) -> str | None:
    """The moment as text where `given` is true."""
    return times.micros(moment) if given else None
