"""A large database for the pages: chats in English and Chinese, and concepts with embeddings that have neighbours."""

from __future__ import annotations

import io
import struct
from dataclasses import dataclass

import numpy as np
from django.core.management import call_command
from django.db import connection

WIDTH = 1536
CENTRES = 40
BLOCK = 2000
LONG = 5000
"""Messages of the longest session."""


@dataclass(frozen=True)
class Size:
    """How many rows: messages in sessions of fifty, people, and concepts."""

    messages: int
    nodes: int

    @property
    def people(self) -> int:
        """One for each session."""
        return max(self.messages // 50, 1)


ROWS = """
INSERT INTO users (id, created_at, updated_at, username, email, hashed_password, flame_level, flame_brightness,
    depth_preference, curiosity_preference, is_active, is_superuser, status, avatar_status, registration_source)
SELECT uuid_of('8000', n), at(n * 400), at(n * 400), 'learner' || n, 'learner' || n || '@example.org', '!', n % 9,
    0.5, 0.5, 0.5, n % 10 <> 0, false, (ARRAY['ONLINE', 'OFFLINE', 'INVISIBLE'])[1 + n % 3], 'APPROVED', 'email'
FROM generate_series(1, %(people)s) AS n;

INSERT INTO tasks (id, created_at, updated_at, user_id, title, type, tags, status, estimated_minutes, difficulty,
    energy_cost, priority, auto_expand_enabled)
SELECT uuid_of('9000', n), at(n * 400), at(n * 400), uuid_of('8000', n), '任务 task ' || n, 'LEARNING', '[]',
    'PENDING', 30, 1, 1, 1, false FROM generate_series(1, %(people)s) AS n;

INSERT INTO chat_messages (id, created_at, updated_at, user_id, task_id, session_id, role, content, actions,
    tokens_used, model_name, parse_degraded)
SELECT gen_random_uuid(), at(n * 25), at(n * 25), uuid_of('8000', 1 + (n - 1) / 50), uuid_of('9000', 1 + (n - 1) / 50),
    uuid_of('a000', CASE WHEN n <= %(long)s THEN 0 ELSE (n - 1) / 50 END), (ARRAY['USER', 'ASSISTANT'])[1 + n % 2],
    (ARRAY['用户登录失败，请检查网络连接。', '今天我们学习微积分的基本定理。', 'How fast does a function change?',
        'Please summarise chapter three for me.', '梯度下降是一种优化算法 gradient descent', '好的，我来解释一下。'])
        [1 + (n * 7) % 6] || ' ' || md5(n::text) || ' '
        || repeat((ARRAY['知识图谱', 'lorem ipsum '])[1 + n % 2], 3 + n % 20),
    CASE WHEN n % 7 = 0 THEN jsonb_build_array(jsonb_build_object('type', 'create_task', 'minutes', n % 60)) END,
    n % 900, (ARRAY['gpt-4', 'qwen-max', NULL])[1 + n % 3], n % 50 = 0
FROM generate_series(1, %(messages)s) AS n;

INSERT INTO subjects (id, name, created_at, updated_at, is_active)
SELECT n, '学科 ' || n, at(0), at(0), true FROM generate_series(1, 8) AS n;

INSERT INTO knowledge_nodes (id, created_at, updated_at, subject_id, parent_id, name, name_en, description, keywords,
    importance_level, is_seed, source_type)
SELECT uuid_of('b000', n), at(n * 400), at(n * 400), 1 + n % 8,
    CASE WHEN n > 7 THEN uuid_of('b000', 1 + n / 7) END, '概念 ' || n, 'Concept ' || n, '概念的说明 description ' || n,
    jsonb_build_array('关键', 'key' || n), 1 + n % 5, n % 2 = 0, 'seed' FROM generate_series(1, %(nodes)s) AS n;

INSERT INTO node_relations (id, created_at, updated_at, source_node_id, target_node_id, relation_type, strength)
SELECT gen_random_uuid(), at(n), at(n), uuid_of('b000', 1 + n % %(nodes)s), uuid_of('b000', 1 + (n * 31) % %(nodes)s),
    (ARRAY['prerequisite', 'related', 'contains'])[1 + n % 3], 0.5 FROM generate_series(1, %(nodes)s * 2) AS n;
"""
HELPERS = """
CREATE FUNCTION pg_temp.uuid_of(kind text, n bigint) RETURNS uuid LANGUAGE sql IMMUTABLE AS
    $$ SELECT ('00000000-0000-4000-' || kind || '-' || lpad(to_hex(n), 12, '0'))::uuid $$;
CREATE FUNCTION pg_temp.at(seconds bigint) RETURNS timestamptz LANGUAGE sql IMMUTABLE AS
    $$ SELECT '2025-01-01 00:00+00'::timestamptz + seconds * interval '1 second' $$;
"""
INDEX = "idx_knowledge_nodes_embedding_hnsw"


def key(number: int, kind: str = "b000") -> str:
    """Return the key of a concept, or of what else has keys by number."""
    return f"00000000-0000-4000-{kind}-{number:012x}"


def fill(size: Size) -> None:
    """Fill an empty, migrated database, build its indexes and let the planner know it."""
    sql = ROWS.replace("uuid_of(", "pg_temp.uuid_of(").replace(" at(", " pg_temp.at(")
    for name in ("people", "messages", "nodes"):
        sql = sql.replace(f"%({name})s", str(getattr(size, name)))
    sql = sql.replace("%(long)s", str(LONG))
    with connection.cursor() as cursor:
        cursor.execute("SET maintenance_work_mem = '1GB'")
        cursor.execute("SELECT pg_get_indexdef(%s::regclass)", [INDEX])
        ((graph,),) = cursor.fetchall()
        cursor.execute(f"DROP INDEX {INDEX}")
        cursor.execute(HELPERS)
        cursor.execute(sql)
        embed(cursor, size.nodes)
        cursor.execute(graph)
        cursor.execute("VACUUM ANALYZE")
    call_command("search_index", "build", verbosity=0)


def embed(cursor: object, nodes: int) -> None:
    """Give every concept an embedding of length 1 near one of a few centres."""
    chance = np.random.default_rng(7)
    centres = chance.normal(size=(CENTRES, WIDTH))
    cursor.execute("CREATE TEMP TABLE embeddings (number bigint, embedding vector)")  # type: ignore[attr-defined]
    for first in range(1, nodes + 1, BLOCK):
        numbers = np.arange(first, min(first + BLOCK, nodes + 1))
        vectors = centres[numbers % CENTRES] + chance.normal(size=(len(numbers), WIDTH)) * 0.8
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        packed = io.BytesIO(b"".join(binary(numbers, vectors.astype(">f4"))))
        cursor.copy_expert("COPY embeddings FROM STDIN (FORMAT binary)", packed)  # type: ignore[attr-defined]
    cursor.execute(  # type: ignore[attr-defined]
        "UPDATE knowledge_nodes SET embedding = e.embedding FROM embeddings e"
        " WHERE id = pg_temp.uuid_of('b000', e.number)"
    )


def binary(numbers: object, vectors: object) -> list[bytes]:
    """Return rows of a number and a vector in COPY's binary format."""
    rows = [b"PGCOPY\n\xff\r\n\0" + bytes(8)]
    for number, vector in zip(numbers, vectors, strict=True):  # type: ignore[call-overload]
        head = struct.pack(">hiqihh", 2, 8, int(number), 4 + 4 * WIDTH, WIDTH, 0)
        rows.append(head + vector.tobytes())
    return [*rows, struct.pack(">h", -1)]
