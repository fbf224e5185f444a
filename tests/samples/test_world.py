"""Ids, moments and choices follow from seed, table and number alone."""

import re
import uuid

import pytest

from apps.samples import times
from apps.samples.world import World, every, fixed, per, pick

COUNTS = {"tasks": every, "users": per(10, 4), "subjects": fixed(8)}


def world(salt: str = "s", seed: int = 0, rows: int = 100, tag: str = "") -> World:
    return World(salt, seed, rows, COUNTS, tag)


def test_counts_follow_the_rows() -> None:
    assert [world(rows=n).count("users") for n in (1, 39, 40, 1000)] == [4, 4, 4, 100]
    assert [world(rows=n).count("tasks") for n in (1, 1000)] == [1, 1000]
    assert world(rows=10**6).count("subjects") == 8


def test_uuids_are_of_version_4_and_their_own() -> None:
    made = [world().uuid("tasks", number) for number in range(500)]

    assert {uuid.UUID(key).version for key in made} == {4}
    assert {uuid.UUID(key).variant for key in made} == {uuid.RFC_4122}
    assert len(set(made)) == 500
    assert world().plain_uuid("tasks", 3) == uuid.UUID(made[3]).hex


@pytest.mark.parametrize("other", [world("t"), world(seed=1)])
def test_another_file_or_seed_has_other_ids(other: World) -> None:
    assert other.uuid("tasks", 1) != world().uuid("tasks", 1)
    assert world().uuid("users", 1) != world().uuid("tasks", 1)


def test_an_id_does_not_depend_on_the_number_of_rows() -> None:
    assert world(rows=10).uuid("tasks", 5) == world(rows=10**6).uuid("tasks", 5)


def test_ulids_sort_by_their_moment() -> None:
    made = [world().ulid("tasks", number) for number in range(100)]

    assert all(re.fullmatch("[0-7][0-9A-HJKMNP-TV-Z]{25}", key) for key in made)
    assert made == sorted(made)


def test_moments_follow_one_another_within_the_span() -> None:
    moments = [world().when("tasks", number) for number in range(100)]

    assert moments == sorted(set(moments))
    assert moments[0] >= times.START
    assert moments[-1] < times.START + times.SPAN


def test_tags_mark_names_of_variants_only() -> None:
    assert world().tagged("name") == "name"
    assert world(tag="old").tagged("name") == "name old"


def test_picking_goes_round() -> None:
    assert [pick("abc", number) for number in range(4)] == ["a", "b", "c", "a"]
