"""Sparkle: mistakes and words."""

from apps.samples import times
from apps.samples.concepts import SUBJECTS, WORDS, Word, concept, following
from apps.samples.sparkle.common import at_or_none, stamped, user, users_task
from apps.samples.text import escaped
from apps.samples.world import Row, World, pick


def error_records(world: World, number: int) -> Row:
    this = concept(number * 11)
    solved = number % 3 == 0
    row = stamped(world, "error_records", number)
    return {
        **row,
        "user_id": user(world, number),
        "task_id": users_task(world, number, number) if number % 2 else None,
        "subject_id": this.subject + 1 if number % 5 else None,
        "subject": SUBJECTS[this.subject].name,
        "topic": this.zh,
        "error_type": pick(("概念", "计算", "审题", "careless"), number),
        "description": f"把{this.zh}和{following(number * 11).zh}弄混了。",
        "correct_approach": f"记住：{this.gloss_zh}。" if number % 3 else None,
        "image_urls": pick(("null", "[]", escaped([f"https://files.example.com/err/{number}.jpg"])), number),
        "frequency": 1 + number % 4,
        "last_occurred_at": row["created_at"],
        "is_resolved": int(solved),
        "resolved_at": row["updated_at"] if solved else None,
    }


def word(world: World, number: int) -> Word:
    """Headword of a number: beyond the list, homographs with a number."""
    turn, index = divmod(number % world.count("dictionary_entries"), len(WORDS))
    this = WORDS[index]
    return this._replace(head=f"{this.head} ({turn + 1})") if turn else this


def dictionary_entries(world: World, number: int) -> Row:
    head, phonetic, kind, senses = word(world, number)
    return {
        **stamped(world, "dictionary_entries", number),
        "word": world.tagged(head),
        "phonetic": phonetic,
        "pos": kind if number % 4 else None,
        "definitions": escaped([{"pos": kind, "zh": s} for s in senses] if number % 5 == 0 else senses),
        "examples": escaped([f"An example with “{head}”."] if number % 3 else [""]),
        "source": pick(("Oxford", "import", None), number),
    }


def word_books(world: World, number: int) -> Row:
    owner = number % world.count("users")
    head, phonetic, _kind, senses = word(world, number // world.count("users") + owner * 3)
    moment = world.when("word_books", number)
    return {
        **stamped(world, "word_books", number),
        "user_id": user(world, owner),
        "word": head,
        "phonetic": phonetic,
        "definition": "；".join(senses),
        "mastery_level": number % 8,
        "next_review_at": times.micros(moment + number % 8 * times.DAY),
        "last_review_at": at_or_none(moment, number % 3),
        "review_count": number % 9,
        "context_sentence": f"I met the word {head} in class." if number % 2 else None,
        "source_task_id": users_task(world, owner, number) if number % 5 == 0 else None,
        "tags": escaped(["四级"] if number % 2 else []),
    }
