"""SQLite files that nobody here designed: one by another program, one by somebody with odd ideas about names."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.importer.files import write

SITE = """
import sys
from django.conf import settings
settings.configure(
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": sys.argv[1]}},
    INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions"],
    DEFAULT_AUTO_FIELD="django.db.models.AutoField",
    PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
    SECRET_KEY="of another site",
    USE_TZ=True,
)
import django
django.setup()
from django.contrib.auth.models import Group, Permission, User
from django.contrib.sessions.backends.db import SessionStore
from django.core.management import call_command
from django.utils import timezone
call_command("migrate", verbosity=0)
group = Group.objects.create(name="编辑")
group.permissions.set(Permission.objects.all()[:5])
for n in range(30):
    user = User.objects.create_user(f"user{n}", f"u{n}@example.com", "x", is_staff=n % 3 == 0)
    user.groups.add(group)
User.objects.filter(pk__lt=9).update(last_login=timezone.now())
for n in range(3):
    SessionStore().create()
"""


def site(path: Path) -> Path:
    """Write the database of a web site, as Django's own migrations make it."""
    environment = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
    subprocess.run([sys.executable, "-c", SITE, str(path)], check=True, env=environment)
    return path


UUID = "00000000-0000-4000-8000-{:012d}"
LINE = (
    'INSERT INTO "order items" ("order", "line no", pk, "check", "id", "a%s", "x""y", "2020", "姓名", objects, xmin,'
    " _day__, customer_id, customer) VALUES (?, ?, 'p', ?, ?, ?, 'y', ?, '张三', 'o', 'm', ?, ?, 'cc')"
)


def oddities(path: Path, first: int = 1) -> Path:
    """Write tables whose names and values are a trial for whoever makes code of them.

    Texts and uuids that tell rows begin at ``first``, numbers at 1.
    """
    write(
        path,
        'CREATE TABLE customers (id INTEGER PRIMARY KEY, name VARCHAR(40) NOT NULL, email TEXT UNIQUE, "class" TEXT,'
        " created_at INTEGER, is_active INT, ref INTEGER REFERENCES customers (id))",
        'CREATE TABLE "order items" ("order" TEXT, "line no" INT, pk TEXT, "check" REAL, "id" TEXT, "a%s" TEXT,'
        ' "x""y" TEXT, "2020" INT, "姓名" TEXT, objects TEXT, xmin TEXT, _day__ TEXT, customer_id INTEGER'
        ' REFERENCES customers ON DELETE CASCADE, customer TEXT, PRIMARY KEY ("order", "line no"))',
        'CREATE TABLE "Order_Items" (x)',
        'CREATE TABLE "2020" (a UUID PRIMARY KEY, b DATETIME, c DATE, d JSON, e, f, models TEXT)',
        'CREATE TABLE "姓名 表" (k TEXT PRIMARY KEY, v) WITHOUT ROWID',
        'CREATE TABLE child (p UUID PRIMARY KEY REFERENCES "2020" (a), q INTEGER NOT NULL REFERENCES customers,'
        " r INT REFERENCES nowhere (id), s INT REFERENCES customers)",
        "CREATE TABLE grandchild (p UUID PRIMARY KEY REFERENCES child, z TEXT REFERENCES child)",
        "CREATE TABLE member (id INTEGER PRIMARY KEY REFERENCES customers, rank INT)",
        "CREATE TABLE fee (member_id INTEGER PRIMARY KEY REFERENCES member, paid BOOLEAN)",
        'CREATE TABLE "; DROP TABLE x; --" ("a\nb" TEXT, "" TEXT)',
        "CREATE TABLE kept (rowid, _rowid_, oid)",
        "CREATE INDEX i1 ON customers (name)",
        'CREATE INDEX i2 ON "order items" ("2020" DESC, "姓名")',
        "CREATE VIEW seen AS SELECT * FROM customers",
        "CREATE VIRTUAL TABLE found USING fts5(x)",
        """INSERT INTO "; DROP TABLE x; --" VALUES ('q', '')""",
        'INSERT INTO "Order_Items" VALUES (1.5)',
        "INSERT INTO kept VALUES (1, 'two', NULL)",
    )
    people = [
        (
            n,
            f"n {n}",
            f"{first + n}@x" if n % 3 else None,
            "abc"[n % 3],
            1_700_000_000 + n,
            n % 2,
            max(1, n - 1),
        )
        for n in range(1, 101)
    ]
    write(path, rows=people, insert="INSERT INTO customers VALUES (?, ?, ?, ?, ?, ?, ?)")
    days = [f"2025-01-{1 + n % 28:02d}" if n != 17 else "soon" for n in range(1, 101)]
    lines = [
        (f"o{first + n // 3}", n, n / 4, f"id{n % 2}", str(n), n, day, n) for n, day in enumerate(days, 1)
    ]
    write(path, rows=lines, insert=LINE)
    things = [
        (
            UUID.format(first + n),
            f"2025-01-02 03:04:{n:02d}",
            f"2025-02-{n:02d}",
            json.dumps({"a": n}),
            "[0.5, 1]",
            '["a"]',
            "m",
        )
        for n in range(1, 21)
    ]
    write(path, rows=things, insert='INSERT INTO "2020" VALUES (?, ?, ?, ?, ?, ?, ?)')
    children = [(UUID.format(first + n), n, 5, n if n != 7 else 1000) for n in range(1, 21)]
    write(path, rows=children, insert="INSERT INTO child VALUES (?, ?, ?, ?)")
    write(path, "INSERT INTO grandchild SELECT p, p FROM child LIMIT 4")
    write(
        path,
        "INSERT INTO member SELECT id, 1 FROM customers LIMIT 3",
        "INSERT INTO fee VALUES (1, 1), (2, 0)",
    )
    words = [(f"k{n}", n if n != 3 else "drei") for n in range(6)]
    write(path, rows=words, insert='INSERT INTO "姓名 表" VALUES (?, ?)')
    return path
