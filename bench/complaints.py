"""10,000 acknowledged complaints whose analysis begins: clauses suggested, somebody asked the four questions.

What the sweep's task does with them, a batch a transaction, in a process of its own, on SQLite and on PostgreSQL.
Half as many beside it: what each costs, in time and memory, must not grow with their number.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from statistics import median
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, select

from actions.cast import known_id
from actions.loading import load_protocol
from bench import NotHere
from bench._stores import DATABASES, store_on
from bench.suggestion import BEDFORDSHIRE, read_cases
from models import history
from models.complaint import Complaint
from models.history import Narrative
from models.inserting import insert_all
from models.protocol import Party, Protocol
from models.protocol_file import read_protocol
from models.store import transaction
from rules.complaint import ComplaintKind, Stage
from settings import HERE

LOADED_AT = datetime(2026, 11, 2, 9, tzinfo=UTC)
NOW = datetime(2027, 2, 1, 9, tzinfo=UTC)
MANY = 10_000
KINDS = tuple(ComplaintKind)


def run(repeats: int = 3) -> list[dict[str, Any]]:
    """`per_second` is complaints whose analysis has begun, a second."""
    rows: list[dict[str, Any]] = []
    for database in DATABASES:
        for count in (MANY // 2, MANY):
            try:
                rows.append(
                    _row(f"{count:,} analysed, {database}", count, [_once(database, count) for _ in range(repeats)])
                )
            except NotHere as missing:
                rows.append({"bench": "complaints", "what": f"not measured on {database}: {missing}"})
    return rows


def _row(what: str, count: int, measured: list[dict[str, float]]) -> dict[str, Any]:
    seconds = median(each["seconds"] for each in measured)
    return {
        "bench": "complaints", "what": what, "seconds": seconds, "per_second": count / seconds,
        "processor_seconds": median(each["processor_seconds"] for each in measured),
        "longest_batch": max(each["longest_batch"] for each in measured),
        "peak_mb": max(each["peak_mb"] for each in measured),
    }  # fmt: skip


def _once(database: str, count: int) -> dict[str, float]:
    with store_on(database) as store:
        fill(store, count)
        about = {"PYTHONPATH": str(HERE), "CONCORDAT_DATABASE_URL": store.url.render_as_string(hide_password=False)}
        store.dispose()
        done = subprocess.run(
            [sys.executable, "-m", "bench._complaints_once", NOW.isoformat()], cwd=HERE, env=os.environ | about,
            stdout=subprocess.PIPE, check=True,
        )  # fmt: skip
    said: dict[str, float] = json.loads(done.stdout)
    assert said["analysing"] == count
    return said


def fill(store: sa.Engine, count: int) -> None:
    """The labelled cases again and again, of every kind, about every party, over a year."""
    with transaction(store) as session:
        load_protocol(session, LOADED_AT, read_protocol(BEDFORDSHIRE), "bench")
        protocol = session.exec(select(Protocol)).one()
        told = [case.narrative for case in read_cases("cases.jsonl")]
        texts = [f"{told[number % len(told)]} It is case {number}." for number in range(count)]
        insert_all(session, Narrative, [
            {"id": number + 1, "text": text, "sha256": history.sha256_of(text)} for number, text in enumerate(texts)
        ])  # fmt: skip
        insert_all(session, Complaint, list(_complaints(session, protocol, count)))
        history.write_many(session, NOW, [
            history.Move(f"complaint:{number + 1}", "bench", "received", {}, (None, Stage.RECEIVED.value))
            for number in range(count)
        ])  # fmt: skip


def _complaints(session: Session, protocol: Protocol, count: int) -> Iterator[dict[str, Any]]:
    parties = [known_id(party) for party in session.exec(select(Party).where(Party.protocol_id == protocol.id))]
    for number in range(count):
        received = NOW - timedelta(days=1 + number % 28)
        party = parties[number % len(parties)]
        yield {
            "id": number + 1, "protocol_id": known_id(protocol), "kind": KINDS[number % len(KINDS)],
            "stage": Stage.ACKNOWLEDGED, "received_at": received, "received_by_id": party, "party_id": party,
            "handler_id": party, "happened_from": date(2026, 6, 1) + timedelta(days=number % 200),
            "happened_to": date(2026, 6, 1) + timedelta(days=number % 200), "what_id": number + 1, "attachments": [],
            "recorded_at": received, "recorded_by": "bench", "acknowledged_at": received,
        }  # fmt: skip
