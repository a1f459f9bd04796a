"""Breaches from report to close, by a procedure of six steps, beside DBOS given a workflow of six steps.

Ours is the whole work: facts, awareness, conclusion, six steps of the party's own procedure, lesson, end; obligations,
history chained by hash, messages rendered and queued. One commit an act, as people do it; and a hundred breaches an
act and commit, as the clock could. The peer writes a row a step, and keeps its own record of it.
"""

import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, select

from actions.breaches.awareness import record_awareness
from actions.breaches.closing import close, finish_follow_up
from actions.breaches.concluding import conclude
from actions.breaches.learning import learn
from actions.breaches.moving import follow_up_at
from actions.breaches.procedures import keep_procedures
from actions.breaches.reporting import Report, report_breach
from actions.breaches.settling import next_breach_step, take_breach_step
from actions.breaches.stating import state_facts
from actions.breaches.stepping import skip_step
from actions.breaches.steps import standing_of
from actions.cast import known_id
from actions.loading import load_protocol
from bench import NotHere
from bench._peers_python import run_by_peers
from models.breach import Breach, LessonEffect, ReporterKind
from models.protocol import Protocol
from models.protocol_file import read_protocol
from models.store import engine, transaction
from models.upgrading import upgrade
from rules.breach_duties import Risk
from rules.breach_facts import FactName
from rules.procedures import Procedure, ProcedureRole, ProcedureStep, Standing
from settings import HERE
from tests.postgres import create_database, drop_database, postgres_server

NOW = datetime(2026, 10, 23, 15, tzinfo=UTC)
PARTY, BY = "bedford-borough-council", "coordinator"
CASES, BATCH, STEPS = 100, 100, 6
OFFICER = ProcedureRole(id="officer", name="data protection officer", contact="data protection officer")
PROCEDURE = Procedure(
    id="six-steps", title="A procedure of six steps", version=1, standing=Standing.OWN, kinds=(), parties=(PARTY,),
    covers=("breach",), roles={"officer": OFFICER},
    steps={
        f"step-{n}": ProcedureStep(
            id=f"step-{n}", do=f"do the {n}. thing", by="officer", after=(f"step-{n - 1}",) if n > 1 else ()
        )
        for n in range(1, STEPS + 1)
    },
)  # fmt: skip
Act = Callable[[Session, int], None]


def run(repeats: int = 3) -> list[dict[str, Any]]:
    """`per_second` counts the procedure's six steps of each case; `ratio` is to DBOS on the same database."""
    rows: list[dict[str, Any]] = []
    for database in ("SQLite", "PostgreSQL"):
        peer = statistics.median(_of_a_new_store(database, _dbos) for _ in range(repeats))
        one = statistics.median(_of_a_new_store(database, lambda url: _ours(url, 1)) for _ in range(repeats))
        many = statistics.median(_of_a_new_store(database, lambda url: _ours(url, BATCH)) for _ in range(repeats))
        rows += [
            _row(f"{database}: ours, a commit an act", one, peer),
            _row(f"{database}: ours, {BATCH} breaches a commit", many, peer),
            _row(f"{database}: DBOS, a workflow of {STEPS} steps", peer, peer),
        ]
    return rows


def _row(what: str, seconds: float, peer: float) -> dict[str, Any]:
    """`seconds` of `CASES` cases."""
    return {
        "bench": "cases", "what": what, "seconds": seconds, "per_second": CASES * STEPS / seconds,
        "ratio": peer / seconds,
    }  # fmt: skip


def _of_a_new_store(database: str, measure: Callable[[str], float]) -> float:
    with _new_store(database) as url:
        return measure(url)


@contextmanager
def _new_store(database: str) -> Iterator[str]:
    if database == "SQLite":
        with tempfile.TemporaryDirectory() as folder:
            yield f"sqlite:///{Path(folder).resolve() / 'bench.db'}"
        return
    server, name = postgres_server(), f"bench_cases_{os.getpid()}"
    if server is None:
        raise NotHere("PostgreSQL is not installed")
    url = create_database(server, name).replace("postgresql://", "postgresql+psycopg://", 1)
    try:
        yield url
    finally:
        drop_database(server, name)


def _dbos(url: str) -> float:
    [seconds] = run_by_peers("DBOS", "_dbos_cases.py", url, str(CASES))
    return seconds


def _ours(url: str, at_once: int) -> float:
    store = engine(url)
    upgrade(store)
    with transaction(store) as session:
        load_protocol(session, NOW, read_protocol(HERE / "protocols" / "bedfordshire"), "bench")
        keep_procedures(session, NOW, session.exec(select(Protocol)).one(), (PROCEDURE,), BY)
    _played(store, at_once)  # what is read once a process is read
    began = time.perf_counter()
    for _ in range(CASES // at_once):
        _played(store, at_once)
    seconds = time.perf_counter() - began
    with store.connect() as connection:
        ended = connection.execute(sa.text("SELECT count(*) FROM breach WHERE stage = 'closed'")).scalar_one()
    store.dispose()
    if ended != CASES + at_once:
        raise RuntimeError(f"{ended} of {CASES + at_once} breaches were closed")
    return seconds


def _played(store: sa.Engine, at_once: int) -> None:
    with transaction(store) as session:
        numbers = [_reported(session) for _ in range(at_once)]
    for act in (_taken_up, _known, _concluded, *([_next_step] * STEPS), _learnt, _finished, _closed):
        with transaction(store) as session:
            for number in numbers:
                act(session, number)


def _reported(session: Session) -> int:
    facts = {FactName.HAPPENED: "A letter went to the wrong family.", FactName.PARTIES: [PARTY]}
    report = Report(facts=facts, reporter_kind=ReporterKind.ANONYMOUS)
    return known_id(report_breach(session, NOW, session.exec(select(Protocol)).one(), report, "reporter").breach)


def _taken_up(session: Session, number: int) -> None:
    while step := next_breach_step(session, NOW, number):
        take_breach_step(session, NOW, number, step)


def _known(session: Session, number: int) -> None:
    facts = {FactName.CONSEQUENCES: "Distress.", FactName.DONE: "It was brought back.", FactName.PEOPLE: 2}
    state_facts(session, NOW, number, facts, BY)
    record_awareness(session, NOW + timedelta(hours=1), number, PARTY, NOW, "DPO", BY, "The letter was read.")


def _concluded(session: Session, number: int) -> None:
    conclude(session, NOW + timedelta(hours=1), number, PARTY, Risk.UNLIKELY, BY, "It was handed back unopened.")


def _next_step(session: Session, number: int) -> None:
    breach = session.get_one(Breach, number)
    follow_up, _ = follow_up_at(session, breach, PARTY)
    if owed := sorted(standing_of(session, breach, follow_up).owed):
        skip_step(session, NOW + timedelta(hours=2), number, PARTY, owed[0], BY, "Nothing is left to do.")


def _learnt(session: Session, number: int) -> None:
    learn(
        session, NOW + timedelta(hours=3), number, PARTY, "wrong recipient", "Two families of one name.",
        LessonEffect.NONE, BY, none_because="It is unlikely again.",
    )  # fmt: skip


def _finished(session: Session, number: int) -> None:
    finish_follow_up(session, NOW + timedelta(hours=3), number, PARTY, BY)


def _closed(session: Session, number: int) -> None:
    close(session, NOW + timedelta(hours=3), number, BY)
