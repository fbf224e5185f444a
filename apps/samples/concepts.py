"""What the sample learners learn: eight subjects, six concepts each, and how concepts lean on one another."""

from pathlib import Path
from typing import NamedTuple


class Subject(NamedTuple):
    """A subject: its name as stored, other names, category, sector of the galaxy, colour."""

    name: str
    aliases: tuple[str, ...]
    category: str
    sector: str
    colour: str


class Concept(NamedTuple):
    """A concept of a subject (by number), in Chinese and English, each with one sentence."""

    subject: int
    zh: str
    en: str
    gloss_zh: str
    gloss_en: str


class Word(NamedTuple):
    """An English headword with its phonetics, part of speech and Chinese senses."""

    head: str
    phonetic: str
    kind: str
    senses: tuple[str, ...]


def _records(name: str) -> list[list[str]]:
    """Records of a tab separated file beside this one, comments left out."""
    lines = (Path(__file__).parent / "data" / name).read_text(encoding="utf-8").splitlines()
    return [line.split("\t") for line in lines if not line.startswith("#")]


SUBJECTS = (
    Subject("数学", ("Mathematics", "maths"), "理科", "COSMOS", "#3B82F6"),
    Subject("Physics", ("物理", "物理学"), "理科", "COSMOS", "#8B5CF6"),
    Subject("计算机科学", ("Computer Science", "CS"), "工科", "TECH", "#10B981"),
    Subject("Biology", ("生物", "生物学"), "理科", "LIFE", "#84CC16"),
    Subject("历史", ("History",), "文科", "CIVILIZATION", "#F59E0B"),
    Subject("English", ("英语", "英文"), "语言", "WISDOM", "#EF4444"),
    Subject("音乐", ("Music", "乐理"), "艺术", "ART", "#EC4899"),
    Subject("Economics", ("经济学",), "文科", "CIVILIZATION", "#14B8A6"),
)

CONCEPTS = tuple(
    Concept(int(subject), zh, en, gloss_zh, gloss_en)
    for subject, zh, en, gloss_zh, gloss_en in _records("concepts.tsv")
)

#: Edges across subjects: (source, target, relation) by number of the concept.
CROSSINGS = (
    (2, 6, "application"), (3, 9, "application"), (4, 17, "application"), (5, 46, "application"),
    (0, 14, "related"), (11, 36, "related"), (37, 11, "related"), (9, 21, "related"),
    (20, 9, "application"), (24, 42, "related"), (28, 46, "related"), (28, 9, "application"),
    (15, 22, "related"), (45, 2, "related"), (26, 40, "evolution"), (38, 39, "composition"),
)  # fmt: skip

WORDS = tuple(
    Word(head, phonetic, kind, tuple(senses.split("；")))
    for head, phonetic, kind, senses in _records("words.tsv")
)


def concept(number: int) -> Concept:
    """The concept of a number, going round."""
    return CONCEPTS[number % len(CONCEPTS)]


def following(number: int) -> Concept:
    """The next concept of the same subject."""
    place = number % len(CONCEPTS)
    return CONCEPTS[place - place % 6 + (place + 1) % 6]
