"""AgentOS files: the standard one, and those that a failed or hand-run migration left behind.

Each is made by living through its history: schema up to the failure, rows, the statements that still went
through, and the rows that the program wrote afterwards.
"""

from collections.abc import Callable

from apps.samples import agentos
from apps.samples.agentos import upgraded
from apps.samples.world import Row, World, every, fixed
from apps.samples.writer import Fault, Indexes, Rows, Sample, Script, Table

Step = Script | Rows | Indexes


def _names(tables: tuple[Table, ...], *left_out: str) -> tuple[str, ...]:
    return tuple(table.name for table in tables if table.name not in left_out)


def _scripts(*names: str) -> tuple[Script, ...]:
    return tuple(Script(f"agentos/{name}.sql") for name in names)


def _faults(names: tuple[str, ...], *left_out: str) -> tuple[Fault, ...]:
    """The planted faults of the named tables."""
    present = set(names) - set(left_out)
    return tuple(fault for fault in agentos.FAULTS if fault.table in present)


def _stopped_at(version: int) -> tuple[Table, ...]:
    """All tables, with as many schema versions as were applied when migration stopped."""
    first, *others = ALL
    return (Table(first.name, first.row, fixed(version)), *others)


UP_TO_23: tuple[Step, ...] = _scripts("registry", "tasks", "knowledge", "governance")
UP_TO_30: tuple[Step, ...] = (
    *UP_TO_23,
    *_scripts("audits", "projects_half", "projects", "recovery", "webui"),
)

BY_23 = (*agentos.REGISTRY, *agentos.TASKS, agentos.AUDITS, *agentos.KNOWLEDGE, *agentos.GOVERNANCE)
ALL = (*BY_23, *agentos.RECOVERY, *agentos.WEB_TABLES)

#: Repositories first: the trigger on projects looks for the default repository.
ROWS = ("project_repos", *_names(ALL, "project_repos"))
ROWS_V05 = _names((*agentos.REGISTRY, *agentos.TASKS, agentos.AUDITS, *agentos.WEB_TABLES))
ROWS_V23 = _names((*BY_23, *agentos.WEB_TABLES))
BEFORE_SHIFT = _names(agentos.TASKS)


def _with_names(world: World, table: str, number: int, row: Row) -> Row:
    """The hand upgrade wants a name, and another for each project."""
    return row | {"name": f"Project {number + 1} {world.tag}"} if table == "projects" else row


def _without_payload(world: World, table: str, number: int, row: Row) -> Row:
    """One old audit without payload is what the migration to 0.24 fails on."""
    return row | {"payload": None} if table == "task_audits" and number == 1 else row


def _sample(
    variant: str,
    tables: tuple[Table, ...],
    steps: tuple[Step, ...],
    faults: tuple[Fault, ...],
    tag: str,
    adapt: Callable[[World, str, int, Row], Row] | None = None,
) -> Sample:
    return Sample("agentos", variant, f"agentos_{variant}.sqlite", tables, steps, faults, tag, adapt)


STANDARD = Sample("agentos", "standard", "agentos.sqlite", ALL, (*UP_TO_30, Rows(ROWS)), agentos.FAULTS)

LOG = Table("task_audits", upgraded.log_lines, every)
STUCK_V05 = _sample(
    "stuck_v05",
    tuple(LOG if table.name == LOG.name else table for table in _stopped_at(5)),
    (*_scripts("log_store", "registry", "tasks", "webui"), Rows(ROWS_V05)),
    _faults(ROWS_V05, "task_audits"),
    "v05",
)

V23_STEPS: tuple[Step, ...] = (
    *UP_TO_23,
    *_scripts("audits_early", "webui"),
    Rows(ROWS_V23),
    *_scripts("audits_shift", "audits_bare"),
)
STUCK_V23 = _sample(
    "stuck_v23", _stopped_at(23), V23_STEPS, _faults(ROWS_V23, "task_audits"), "v23", _without_payload
)
STUCK_V23_SHIFTED = _sample(
    "stuck_v23_shifted",
    _stopped_at(23),
    (*V23_STEPS, *_scripts("audits_shifted")),
    _faults(ROWS_V23, "task_audits"),
    "v23s",
)
STUCK_V24 = _sample(
    "stuck_v24",
    _stopped_at(24),
    (
        *UP_TO_23,
        *_scripts("audits"),
        Rows(("projects",)),
        *_scripts("projects_half", "webui"),
        Rows(tuple(name for name in ROWS_V23 if name != "projects")),
    ),
    _faults(ROWS_V23),
    "v24",
)

SHIFTED = _sample(
    "shifted_audits",
    ALL,
    (
        *UP_TO_23,
        *_scripts("audits_early"),
        Rows(BEFORE_SHIFT),
        Rows(("task_audits",), end=0.5),
        *_scripts(
            "audits_shift", "audits", "audits_shifted", "projects_half", "projects", "recovery", "webui"
        ),
        Rows(tuple(name for name in ROWS if name not in (*BEFORE_SHIFT, "task_audits"))),
        Rows(("task_audits",), start=0.5),
    ),
    agentos.FAULTS,
    "shift",
)

HAND = _sample(
    "hand_v32",
    (*ALL, *agentos.UPGRADED),
    (
        *UP_TO_30,
        Rows(ROWS),
        Indexes(),
        *_scripts("upgrade_projects", "v31", "upgrade_tasks", "v32"),
        Rows(_names(agentos.UPGRADED)),
    ),
    tuple(fault for fault in agentos.FAULTS if fault.table not in ("tasks", "task_lineage")),
    "v32",
    _with_names,
)
V31_DIRECT = _sample("v31_direct", ALL, (*UP_TO_30, Rows(ROWS), *_scripts("v31")), agentos.FAULTS, "v31")

SAMPLES = (STANDARD, STUCK_V05, STUCK_V23, STUCK_V23_SHIFTED, STUCK_V24, SHIFTED, HAND, V31_DIRECT)
