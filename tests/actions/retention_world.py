"""What is kept, told whole, and the day on which its words go."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

import protocols
from actions.cast import protocol_named
from actions.loading import load_protocol
from cli.clockwork import run_clock
from models.outbox import Delivery, Message
from models.protocol import Protocol
from models.protocol_file import read_protocol
from models.protocol_file.policies import RetentionPolicy
from models.store import engine, transaction
from models.upgrading import upgrade
from tests.actions.world import SECRETARY

LOADED_AT = datetime(2026, 10, 1, 9, tzinfo=UTC)
ENDED = datetime(2027, 8, 1, 9, tzinfo=UTC)  # of both stories


def told(folder: Path, story: Any) -> sa.Engine:
    """The real protocol, and what happened, from report to close."""
    store = engine(f"sqlite:///{folder}/concordat.db")
    upgrade(store)
    with transaction(store) as session:
        load_protocol(session, LOADED_AT, read_protocol(Path(protocols.__file__).parent / "bedfordshire"), SECRETARY)
    for _, now, chapter in story:
        with transaction(store) as session:
            chapter(session, now)
        run_clock(store, now)
    return store


def kept_for(session: Session, **periods: str) -> None:
    of = session.exec(select(Protocol)).one()
    of.policies = {**of.policies, "retention": {**RetentionPolicy().model_dump(), **periods}}


def bedfordshire(session: Session) -> Protocol:
    return protocol_named(session, "bedfordshire")


def all_was_sent(session: Session, now: datetime) -> None:
    sent = {"state": Delivery.ACCEPTED, "settled_at": now, "attempts": 1}
    session.execute(sa.update(Message).where(col(Message.state) == Delivery.QUEUED).values(sent))
