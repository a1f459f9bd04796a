"""A review with 5,000 parties opened: each owes feedback, and is asked for it, in one transaction."""

import time
from datetime import UTC, datetime
from statistics import median
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, func, select

from actions.cast import known_id
from actions.loading import load_protocol
from actions.review_opening import open_annual
from bench import NotHere
from bench._stores import DATABASES, store_on
from bench.sweep import BEDFORDSHIRE, add_parties
from models.outbox import Message
from models.protocol import Protocol
from models.protocol_file import read_protocol
from models.store import reading, transaction

NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)
PARTIES = 5_000


def run(repeats: int = 3) -> list[dict[str, Any]]:
    """`per_second` is parties asked a second."""
    rows: list[dict[str, Any]] = []
    for database in DATABASES:
        try:
            seconds = median(_opened(database) for _ in range(repeats))
        except NotHere as missing:
            rows.append({"bench": "review", "what": f"not measured on {database}: {missing}"})
            continue
        what = f"{PARTIES:,} parties asked, {database}"
        rows.append({"bench": "review", "what": what, "seconds": seconds, "per_second": PARTIES / seconds})
    return rows


def _opened(database: str) -> float:
    with store_on(database) as store:
        with transaction(store) as session:
            load_protocol(session, NOW, read_protocol(BEDFORDSHIRE), "bench")
            add_parties(session, known_id(_protocol(session)), PARTIES)
        began = time.perf_counter()
        with transaction(store) as session:
            open_annual(session, NOW, _protocol(session), "secretary")
        seconds = time.perf_counter() - began
        assert _asked(store) > PARTIES
        return seconds


def _protocol(session: Session) -> Protocol:
    return session.exec(select(Protocol)).one()


def _asked(store: sa.Engine) -> int:
    with reading(store) as session:
        return session.exec(select(func.count()).select_from(Message)).one()
