"""Embeddings that have neighbours: unit vectors around a centre for each topic and each item of it."""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float64]


def _noise(width: int, *seeds: int) -> Vector:
    """A random direction of length 1."""
    direction = np.random.default_rng(seeds).standard_normal(width)
    return direction / np.linalg.norm(direction)


@lru_cache(maxsize=256)
def _centre(width: int, topic: int, item: int) -> Vector:
    return _noise(width, width, topic) + 0.6 * _noise(width, width, topic, item)


def embed(width: int, topic: int, item: int, number: int) -> Vector:
    """Vector `number` about an item of a topic.

    Cosine between two of one item is about 0.9, of one topic about 0.65, of different topics about 0.
    """
    vector = _centre(width, topic, item) + 0.4 * _noise(width, width, topic, item, number)
    return vector / np.linalg.norm(vector)


def as_text(vector: Vector, digits: int = 8) -> str:
    """`[0.1,-0.2]`: JSON without blanks."""
    return "[" + ",".join(map(repr, vector.round(digits).tolist())) + "]"


def as_floats(vector: Vector) -> bytes:
    """Little-endian float32, no header."""
    return vector.astype("<f4").tobytes()


def cosine(left: Sequence[float] | Vector, right: Sequence[float] | Vector) -> float:
    """Cosine similarity."""
    a, b = np.asarray(left), np.asarray(right)
    return float(a @ b / (np.linalg.norm(a) * np.linalg.norm(b)))
