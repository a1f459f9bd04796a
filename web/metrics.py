"""Numbers for Prometheus: what is owed, what waits in the outbox, when the clock last ran."""

from collections.abc import Iterator
from datetime import datetime

import sqlalchemy as sa
from prometheus_client import REGISTRY, CollectorRegistry
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import generate_latest
from sqlmodel import Session, func, select

from actions.overview import obligation_counts, outbox_counts
from models.breach import Breach
from models.complaint import Complaint
from models.outbox import Heartbeat
from models.review import Review
from models.store import reading


class OfTheStore:
    """Asked anew whenever somebody looks."""

    def __init__(self, engine: sa.Engine, now: datetime) -> None:
        self.engine, self.now = engine, now

    def collect(self) -> Iterator[Metric]:
        with reading(self.engine) as session:
            yield from _owed(session, self.now)
            yield from _outbox(session)
            yield from _cases(session)
            yield from _clock(session, self.now)


def metrics(engine: sa.Engine, now: datetime) -> bytes:
    own = CollectorRegistry()
    own.register(OfTheStore(engine, now))
    return generate_latest(own) + generate_latest(REGISTRY)


def _owed(session: Session, now: datetime) -> Iterator[Metric]:
    counts = obligation_counts(session, now)
    owed = GaugeMetricFamily("concordat_obligations", "What is owed.", labels=["state"])
    for state, number in (("open", counts.open), ("due_7_days", counts.due_7_days), ("overdue", counts.overdue)):
        owed.add_metric([state], number)
    yield owed


def _outbox(session: Session) -> Iterator[Metric]:
    counts = outbox_counts(session)
    messages = GaugeMetricFamily("concordat_messages", "Messages by state.", labels=["state"])
    for state in ("queued", "claimed", "sending", "accepted", "in_doubt", "failed", "withdrawn", "bounced"):
        messages.add_metric([state], getattr(counts, state))
    yield messages


def _cases(session: Session) -> Iterator[Metric]:
    cases = GaugeMetricFamily("concordat_cases", "Cases by stage.", labels=["kind", "stage"])
    for kind, table in (("review", Review), ("breach", Breach), ("complaint", Complaint)):
        stage = sa.inspect(table).columns["stage"]
        for name, number in session.execute(sa.select(stage, func.count()).group_by(stage)):
            cases.add_metric([kind, name.value], number)
    yield cases


def _clock(session: Session, now: datetime) -> Iterator[Metric]:
    silent = GaugeMetricFamily("concordat_clock_silent_seconds", "Since a flow last ended.", labels=["flow"])
    for name, ended_at in session.exec(select(Heartbeat.name, Heartbeat.ended_at)):
        if ended_at is not None:
            silent.add_metric([name], (now - ended_at).total_seconds())
    yield silent
