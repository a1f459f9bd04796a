"""Is it alive? The database, the sweep, the outbox, the worker: each with a sentence when it fails."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlmodel import Session, col, select

from actions.watching import last_ended, sweep_is_late
from models.outbox import Message, is_queued
from models.store import is_postgres, reading
from web.runs import worker_is_online

WAITED_TOO_LONG = timedelta(minutes=30)  # a message that is due; the post office pauses for five minutes at most


@dataclass(frozen=True, kw_only=True)
class Part:
    ok: bool
    said: str


def health(engine: sa.Engine, now: datetime, worker: Callable[[], bool | None] = worker_is_online) -> dict[str, Part]:
    """What is not asked because the database is away is not well either."""
    try:
        with reading(engine) as session:
            parts = {"database": Part(ok=True, said="answers")} | _of_the_store(session, now)
    except (sa.exc.SQLAlchemyError, OSError) as error:
        away = Part(ok=False, said=f"cannot be read ({type(error).__name__})")
        unknown = Part(ok=False, said="not known while the database is away")
        parts = {"database": away, "sweep": unknown, "outbox": unknown}
    return parts | {"worker": _worker(worker())}


def _of_the_store(session: Session, now: datetime) -> dict[str, Part]:
    return {"sweep": _sweep(session, now), "outbox": _outbox(session, now)}


def _sweep(session: Session, now: datetime) -> Part:
    since = last_ended(session)
    said = f"ended {since:%Y-%m-%dT%H:%M:%SZ}" if since else "has not ended yet"
    return Part(ok=not sweep_is_late(session, now), said=said)


def _outbox(session: Session, now: datetime) -> Part:
    """By the index of what is due: nothing else is touched."""
    waiting = select(Message.next_attempt_at).where(is_queued(is_postgres(session)))
    oldest = session.exec(waiting.order_by(col(Message.next_attempt_at)).limit(1)).first()
    late = oldest is not None and now - oldest > WAITED_TOO_LONG
    return Part(ok=not late, said=f"something has been due since {oldest:%Y-%m-%dT%H:%M:%SZ}" if late else "leaves")


def _worker(online: bool | None) -> Part:
    """None: this process knows no Prefect to ask; whoever runs it elsewhere watches it there."""
    if online is None:
        return Part(ok=True, said="not asked: no Prefect server is known here")
    return Part(ok=online, said="online" if online else "no worker has been seen for a minute and a half")
