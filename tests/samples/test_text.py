"""Conversations keep their order and their subject."""

import pytest

from apps.samples.concepts import CONCEPTS, CROSSINGS, SUBJECTS, WORDS, concept, following
from apps.samples.text import LENGTHS, ODD_TEXTS, escaped, opening, place, plain, sessions, tutoring


def test_messages_fill_conversations_of_the_given_lengths() -> None:
    found = [place(number) for number in range(sum(LENGTHS) * 2)]

    assert [at.length for at in found if at.turn == 0] == list(LENGTHS) * 2
    assert [at.session for at in found] == sorted(at.session for at in found)
    assert all(at.turn < at.length for at in found)


@pytest.mark.parametrize("session", [0, 1, 7, 8, 1000])
def test_a_conversation_opens_where_its_first_message_is(session: int) -> None:
    assert place(opening(session))[:2] == (session, 0)


def test_so_many_messages_make_so_many_conversations() -> None:
    assert [sessions(messages) for messages in (0, 1, 4, 5, 60, 61)] == [1, 1, 1, 2, 8, 9]


def test_a_conversation_stays_with_one_concept() -> None:
    said = [tutoring(number, place(number)) for number in range(60)]

    assert said[1].startswith("函数（Function）")
    assert "Derivative" in said[13]
    assert all("{" not in text for text in said if text not in ODD_TEXTS)
    assert sum(text in ODD_TEXTS for text in said) == 3


def test_concepts_lie_six_to_a_subject() -> None:
    assert [c.subject for c in CONCEPTS] == [n // 6 for n in range(6 * len(SUBJECTS))]
    assert following(5) == concept(0)
    assert following(6) == concept(7)
    assert all(CONCEPTS[a].subject != CONCEPTS[b].subject or a + 1 == b for a, b, _ in CROSSINGS)


def test_words_are_different_and_have_senses() -> None:
    assert len({word.head for word in WORDS}) == len(WORDS)
    assert all(word.senses for word in WORDS)


def test_json_is_ascii_or_not() -> None:
    assert escaped({"键": "值"}) == '{"\\u952e": "\\u503c"}'
    assert plain({"键": "值"}) == '{"键": "值"}'
