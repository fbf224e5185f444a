"""Embeddings lie in clusters of topics and items, and keep their value in both stored forms."""

import json
import struct

import numpy as np
import pytest

from apps.samples.embedding import as_floats, as_text, cosine, embed


@pytest.mark.parametrize("width", [384, 1536])
def test_items_lie_closer_than_topics_and_topics_closer_than_others(width: int) -> None:
    one = embed(width, 1, 1, 1)
    item, topic, other = embed(width, 1, 1, 2), embed(width, 1, 2, 3), embed(width, 2, 1, 4)

    assert cosine(one, item) > 0.8 > cosine(one, topic) > 0.5
    assert abs(cosine(one, other)) < 0.2


def test_vectors_are_of_length_one_and_repeatable() -> None:
    assert float(np.linalg.norm(embed(384, 3, 2, 1))) == pytest.approx(1)
    assert (embed(384, 3, 2, 1) == embed(384, 3, 2, 1)).all()


def test_text_is_json_without_blanks() -> None:
    vector = embed(8, 0, 0, 0)

    assert json.loads(as_text(vector)) == pytest.approx(vector.tolist(), abs=1e-8)
    assert " " not in as_text(vector)


def test_floats_are_little_endian_singles() -> None:
    vector = embed(8, 0, 0, 0)

    assert struct.unpack("<8f", as_floats(vector)) == pytest.approx(vector.tolist(), abs=1e-7)
