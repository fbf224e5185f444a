"""Sparkle: subjects, the knowledge galaxy, and what learners do with it."""

from apps.samples import times
from apps.samples.concepts import CONCEPTS, CROSSINGS, SUBJECTS, concept, following
from apps.samples.embedding import as_text, embed
from apps.samples.sparkle.common import at_or_none, node, stamped, task, user, users_task
from apps.samples.text import escaped, plain
from apps.samples.world import Row, World, pick

#: Edges inside a subject lead from one concept to the next; the last has none.
CHAINS = tuple((n, n + 1, "prerequisite") for n in range(len(CONCEPTS)) if n % 6 < 5)
EDGES = CHAINS + CROSSINGS
WIDTH = 1536

THOUGHTS = (
    ("又拖延了一小时才开始做{zh}的题。", "anxious", ("procrastination",), ("planning.underestimate",)),
    ("{zh}的例题看懂了，自己做还是卡住 😵", "frustrated", ("stuck",), ("transfer.weak", "concept.vague")),
    ("I finally understand {en}! 🎉", "happy", ("insight",), ()),
    ("图书馆太吵，换到教室后专注多了。", "calm", ("focus", "环境"), ()),
    ("Skipped the review of {en} again.", "guilty", ("review",), ("habit.skip",)),
)


def subjects(world: World, number: int) -> Row:
    subject = SUBJECTS[number % len(SUBJECTS)]
    moment = times.micros(times.START + number * times.MINUTE)
    return {
        "id": number + 1,
        "name": world.tagged(subject.name),
        "aliases": escaped(subject.aliases),
        "category": subject.category,
        "sector_code": subject.sector,
        "hex_color": subject.colour,
        "glow_color": None if number % 3 == 0 else subject.colour,
        "position_angle": number * 45.0,
        "icon_name": None,
        "is_active": 1,
        "sort_order": number,
        "created_at": moment,
        "updated_at": moment,
    }


def parent(world: World, number: int) -> str | None:
    """Concepts hang from their subject's first, later nodes from their concept or from the node after."""
    if number < len(CONCEPTS):
        return None if number % 6 == 0 else node(world, number - number % 6)
    if number % 5 == 3 and number + 1 < world.count("knowledge_nodes"):
        return node(world, number + 1)
    return node(world, number % len(CONCEPTS))


def knowledge_nodes(world: World, number: int) -> Row:
    this, level = concept(number), number // len(CONCEPTS)
    named = f"{this.zh}：专题 {level}" if level else this.zh
    has_vector = number % 9 != 7
    vector = as_text(embed(WIDTH, this.subject, number % len(CONCEPTS), number)) if has_vector else None
    return {
        **stamped(world, "knowledge_nodes", number, deleted=number % 41 == 40),
        "subject_id": this.subject + 1,
        "parent_id": parent(world, number),
        "name": named,
        "name_en": this.en if number % 4 else None,
        "description": f"{this.gloss_zh}。{this.gloss_en.capitalize()}." if has_vector else None,
        "keywords": escaped([this.zh, this.en, SUBJECTS[this.subject].name]),
        "importance_level": 5 - number % 5,
        "is_seed": int(level == 0),
        "source_type": pick(("llm_generated", "user_created", "manual_seed"), number) if level else "seed",
        "source_task_id": task(world, number) if level else None,
        "embedding": vector,
    }


def node_relations(world: World, number: int) -> Row:
    turn, place = divmod(number, len(EDGES))
    source, target, relation = EDGES[place]
    if turn:  # a later edge binds a topic to the concept that it drills
        topic = number % (world.count("knowledge_nodes") - len(CONCEPTS))
        source, target, relation = len(CONCEPTS) + topic, topic % len(CONCEPTS), "composition"
    return {
        **stamped(world, "node_relations", number),
        "source_node_id": node(world, source),
        "target_node_id": node(world, target),
        "relation_type": relation,
        "strength": round(0.5 + number % 6 / 10, 2),
        "created_by": pick(("seed", "seed", "user", "llm"), number),
    }


def node_expansion_queue(world: World, number: int) -> Row:
    this, after = concept(number), following(number)
    done = number % 3 != 0
    grown = [{"id": node(world, number + 1), "name": after.zh, "relation": "prerequisite"}]
    row = stamped(world, "node_expansion_queue", number)
    return {
        **row,
        "trigger_node_id": node(world, number),
        "trigger_task_id": task(world, number) if number % 2 else None,
        "user_id": user(world, number),
        "expansion_context": plain({"名称": this.zh, "name": this.en, "depth": number % 3 + 1}),
        "status": "completed" if done else pick(("pending", "processing", "failed"), number // 3),
        "expanded_nodes": escaped(escaped(grown)) if done else None,
        "error_message": None,
        "processed_at": row["updated_at"] if done else None,
    }


def user_node_status(world: World, number: int) -> Row:
    users = world.count("users")
    owner = number % users
    draw = world.draw("user_node_status", number)
    studied = draw % 4 > 0
    moment = world.when("user_node_status", number)
    return {
        "user_id": user(world, owner),
        "node_id": node(world, number // users + owner * 7),
        "mastery_score": draw % 1000 / 10 if studied else 0.0,
        "total_minutes": 0,
        "total_study_minutes": draw % 240 if studied else 0,
        "study_count": draw % 9 if studied else 0,
        "is_unlocked": int(studied),
        "is_collapsed": 0,
        "is_favorite": draw % 5 // 4,
        "last_study_at": at_or_none(moment, studied),
        "last_interacted_at": times.micros(moment),
        "decay_paused": 0,
        "next_review_at": at_or_none(moment + draw % 7 * times.DAY, studied),
        "first_unlock_at": at_or_none(moment - times.DAY, studied),
        "created_at": times.micros(moment - times.DAY),
        "updated_at": times.micros(moment),
    }


def study_records(world: World, number: int) -> Row:
    draw = world.draw("study_records", number)
    return {
        **stamped(world, "study_records", number),
        "user_id": user(world, number),
        "node_id": node(world, draw),
        "task_id": users_task(world, number, draw) if number % 3 else None,
        "study_minutes": 5 + draw % 50,
        "mastery_delta": draw % 80 / 10,
        "record_type": pick(("task_complete", "task_complete", "review", "exploration", "practice"), number),
    }


def cognitive_fragments(world: World, number: int) -> Row:
    this = concept(number * 5)
    content, mood, tags, errors = pick(THOUGHTS, number)
    topic = number % len(THOUGHTS)
    vector = as_text(embed(WIDTH, 100 + topic, this.subject, number)) if number % 4 != 3 else None
    return {
        **stamped(world, "cognitive_fragments", number),
        "user_id": user(world, number),
        "task_id": users_task(world, number, number) if number % 2 else None,
        "source_type": pick(("capsule", "interceptor", "behavior"), number),
        "resource_type": "audio" if number % 11 == 5 else "text",
        "resource_url": f"https://files.example.com/audio/{number}.m4a" if number % 11 == 5 else None,
        "content": content.format(**this._asdict()),
        "sentiment": mood,
        "tags": escaped(tags),
        "error_tags": escaped(errors),
        "context_tags": escaped({"地点": pick(("图书馆", "宿舍", "教室"), number), "hour": number % 24}),
        "severity": 1 + number % 5,
        "embedding": vector,
    }


def behavior_patterns(world: World, number: int) -> Row:
    fragments = world.count("cognitive_fragments")
    evidence = [world.uuid("cognitive_fragments", (number + step * 5) % fragments) for step in range(3)]
    name, kind, advice = pick(
        (
            ("Planning fallacy", "cognitive", "把任务拆成 25 分钟的小块，再乘以 1.5 估时。"),
            ("考前焦虑", "emotional", "先做一道有把握的题，让自己进入状态。"),
            ("睡前拖延", "execution", "把手机放在房间外，22:30 自动提醒。"),
        ),
        number,
    )
    return {
        **stamped(world, "behavior_patterns", number),
        "user_id": user(world, number),
        "pattern_name": name,
        "pattern_type": kind,
        "description": "根据最近的片段归纳。" if number % 2 else None,
        "solution_text": advice,
        "evidence_ids": escaped(evidence),
        "confidence_score": round(0.5 + number % 5 / 10, 2),
        "frequency": 1 + number % 6,
        "is_archived": number % 7 // 6,
    }


def curiosity_capsules(world: World, number: int) -> Row:
    this, after = concept(number * 7), following(number * 7)
    return {
        **stamped(world, "curiosity_capsules", number),
        "user_id": user(world, number),
        "title": f"从{this.zh}到{after.zh}" if number % 2 else f"Did you know? {this.en}",
        "content": f"# {this.zh}\n\n{this.gloss_zh}。\n\n> {this.gloss_en}\n\n- 下一站：**{after.zh}**\n",
        "related_subject": SUBJECTS[this.subject].name,
        "related_task_id": users_task(world, number, number) if number % 3 == 0 else None,
        "is_read": number % 2,
    }
