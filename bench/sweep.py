"""A sweep with 10,000 reminders due among a million open obligations, on SQLite and on PostgreSQL; its peak memory.

Only due rows should cost anything: the ratio to the same among ten million says how far that holds. Filling those takes
some minutes, so they are measured where CONCORDAT_BENCH_BIG is set; without it, the 10,000 are due among a tenth as
many: a hundred thousand, and a million.

The time begins when all is imported, and there is no Prefect in it: not what its server and worker take, nor the start
of a flow's process.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterable
from datetime import UTC, date, datetime
from datetime import time as time_of_day
from pathlib import Path
from statistics import median
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, func, select

from actions.cast import known_id
from actions.loading import load_protocol
from actions.policy import ladder_of
from bench import NotHere
from bench._stores import DATABASES, store_on
from models.columns import Instant
from models.inserting import insert_all
from models.obligation import Obligation, ObligationKind
from models.outbox import Message
from models.protocol import Contact, Party, Protocol, Role
from models.protocol_file import read_protocol
from models.store import reading, transaction
from rules.instants import LONDON, at_local, end_of_day
from rules.ladders import rung_instant
from rules.working_days import Nation
from settings import HERE

BEDFORDSHIRE = Path(__file__).parent.parent / "protocols" / "bedfordshire"
LOADED_AT = datetime(2026, 11, 2, 9, tzinfo=UTC)
DUE_ON = date(2027, 3, 31)
PARTIES = 1_000
DUE = 10_000
LATER = at_local(date(2027, 3, 30), time_of_day(9), LONDON)
SIZES = (1_000_000, 10_000_000) if os.environ.get("CONCORDAT_BENCH_BIG") else (100_000, 1_000_000)

# One series of numbers, each database's own way. A party owes one thing in each of many cases.
SERIES = {
    "sqlite": "(WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < :size) SELECT i FROM n)",
    "postgresql": "generate_series(0, :size - 1)",
}
CASE = f"'review:' || (100000 + n.i / {PARTIES})"
FILL = """
    INSERT INTO obligation (key, protocol_id, "case", kind, party_id, contact_id, nation, zone, ladder, opened_at,
                            due_on, due_at, exact, next_at)
    SELECT {case} || ':feedback:' || (100000000 + n.i), :protocol, {case}, 'feedback', :party + n.i % {parties},
           :contact + n.i % {parties}, :nation, 'Europe/London', 'feedback', :opened, :due_on, :due_at, :exact, :later
    FROM {series} AS n{columns}
"""


def run(repeats: int = 3) -> list[dict[str, Any]]:
    """`seconds` for the whole sweep, `ratio` to the smaller store of the same database."""
    rows: list[dict[str, Any]] = []
    for database in DATABASES:
        try:
            rows += _rows_of(database, repeats)
        except NotHere as missing:
            rows.append({"bench": "sweep", "what": f"not measured on {database}: {missing}"})
    return rows


def _rows_of(database: str, repeats: int) -> Iterable[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    for size in SIZES:
        with store_on(database) as store:
            now = _fill(store, size)
            said = f"{DUE:,} due among {size:,}, {database}"
            rows.append(_row(said, [_sweep(store, size, now, turn) for turn in range(repeats)]))
            if database == "sqlite" and size == SIZES[0]:
                turns = range(repeats, 2 * repeats)
                paused = _row(
                    f"{said}, pausing for people", [_sweep(store, size, now, turn, "giving-way") for turn in turns]
                )  # fmt: skip
    small = rows[0]["seconds"]
    rows = [row | {"ratio": row["seconds"] / small} for row in rows]
    return [*rows, paused] if database == "sqlite" else rows


def _row(what: str, sweeps: list[dict[str, float]]) -> dict[str, Any]:
    seconds = median(each["seconds"] for each in sweeps)
    return {
        "bench": "sweep", "what": what, "seconds": seconds, "per_second": DUE / seconds,
        "processor_seconds": median(each["processor_seconds"] for each in sweeps),
        "peak_mb": max(each["peak_mb"] for each in sweeps),
    }  # fmt: skip


def _sweep(store: sa.Engine, size: int, now: datetime, turn: int, *how: str) -> dict[str, float]:
    """Each time other cases are due, whole ones, from all over the table."""
    cases = size // PARTIES
    due = [100_000 + place * cases // (DUE // PARTIES) + turn for place in range(DUE // PARTIES)]
    with transaction(store) as session:
        _look_at(session, [f"review:{case}" for case in due], now)
    url, before = store.url.render_as_string(hide_password=False), _messages(store)
    command = [sys.executable, "-m", "bench._sweep_once", url, now.isoformat(), *how]
    about = os.environ | {"PYTHONPATH": str(HERE)}
    done = subprocess.run(command, cwd=HERE, env=about, stdout=subprocess.PIPE, check=True)
    assert _messages(store) - before == DUE
    said: dict[str, float] = json.loads(done.stdout)
    return said


def _messages(store: sa.Engine) -> int:
    with reading(store) as session:
        return session.exec(select(func.count()).select_from(Message)).one()


def _look_at(session: Session, cases: list[str], now: datetime) -> None:
    """Those before are due later; these now."""
    session.execute(sa.update(Obligation).where(col(Obligation.next_at) < LATER).values(next_at=LATER))
    session.execute(sa.update(Obligation).where(col(Obligation.case).in_(cases)).values(next_at=now))


def _fill(store: sa.Engine, size: int) -> datetime:
    """Answers an instant at which they have a rung due, once somebody looks at them then."""
    with transaction(store) as session:
        load_protocol(session, LOADED_AT, read_protocol(BEDFORDSHIRE), "bench")
        protocol = session.exec(select(Protocol)).one()
        party, contact = add_parties(session, known_id(protocol), PARTIES)
    database, table = store.dialect.name, Obligation.__table__  # type: ignore[attr-defined]
    fill = FILL.format(
        case=CASE, parties=PARTIES, series=SERIES[database], columns="(i)" if database == "postgresql" else ""
    )
    given = {
        "size": size, "protocol": known_id(protocol), "party": party, "contact": contact, "exact": False,
        "nation": Nation.ENGLAND_AND_WALES.value, "opened": LOADED_AT, "due_on": DUE_ON,
        "due_at": end_of_day(DUE_ON, LONDON), "later": LATER,
    }  # fmt: skip
    typed = [sa.bindparam(name, type_=Instant) for name in ("opened", "due_at", "later")]
    with store.begin() as connection:  # built when all is there, an index takes a fraction of the time
        indexes = sorted(table.indexes, key=lambda index: str(index.name))
        for index in indexes:
            index.drop(connection)
        if database == "postgresql":
            connection.exec_driver_sql(
                "SET session_replication_role = replica"
            )  # no key is looked up ten million times
        connection.execute(sa.text(fill).bindparams(*typed, sa.bindparam("due_on", type_=sa.Date)), given)
        for index in indexes:
            index.create(connection)
    if database == "postgresql":  # as its autovacuum does by itself; nobody does it for a store on SQLite
        with store.connect() as connection:
            connection.execution_options(isolation_level="AUTOCOMMIT").exec_driver_sql("ANALYZE")
    ladder = ladder_of(protocol, ObligationKind.FEEDBACK)
    return rung_instant(ladder.in_order()[0], ladder, DUE_ON, Nation.ENGLAND_AND_WALES, LONDON)


def add_parties(session: Session, protocol: int, count: int) -> tuple[int, int]:
    """Many more than Bedfordshire has, each with a lead member. Answers the first ids: the others follow."""
    about = {"protocol_id": protocol, "kind": "council", "nation": Nation.ENGLAND_AND_WALES, "aliases": []}
    insert_all(session, Party, [about | {"slug": f"body-{n}", "name": f"Body {n}"} for n in range(count)])
    first = (session.exec(select(func.max(Party.id))).one() or 0) - count + 1
    insert_all(session, Contact, [
        {"protocol_id": protocol, "party_id": first + n, "role": Role.LEAD_MEMBER, "address": f"lead@body-{n}.example"}
        for n in range(count)
    ])  # fmt: skip
    return first, (session.exec(select(func.max(Contact.id))).one() or 0) - count + 1
