"""The secretary's first page: what is urgent, asked so that the answer costs the same however large the store is.

Everything is limited, and counting stops at `MOST`: more than that is said as “more than”. Only what may have no
deadline (steps and words of breaches) is looked at row by row, in as many statements however many. Reads only.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, and_, col, func, not_, select

from actions.cast import known_id
from actions.describing import owed_without_figure, without_figure
from actions.duties import said_of
from actions.first_page_reviews import RunningReview, running_reviews
from actions.matters_listed import ListedMatter, listed
from actions.overview import SOON
from actions.watching import SWEEP, last_ended, sweep_is_late
from models.lists import one_of
from models.obligation import Obligation
from models.outbox import Message, is_queued
from models.protocol import Contact, Matter, Party, Protocol
from models.review import Review
from models.store import is_postgres
from rules.instants import LONDON, end_of_day, local_day

MOST = 20_000  # about 5 ms of counting on SQLite
ROWS = 50
MATTERS = 5


@dataclass(frozen=True, kw_only=True)
class Number:
    """`more`: counting stopped there."""

    count: int
    more: bool = False


@dataclass(frozen=True, kw_only=True)
class Numbers:
    """`waiting`: what parties owe; `failed`: messages that the mail server refused for good."""

    overdue: Number
    due_7_days: Number
    waiting: Number
    failed: Number


@dataclass(frozen=True, kw_only=True)
class OwedLine:
    """`due_at` is the limit, `exact` where hours were counted; with `asked_at` there is none: it has been asked for
    since then. Without a party it is owed by `role` of the group."""

    number: int
    case: str
    kind: str
    what: str
    due_on: date
    due_at: datetime
    exact: bool
    overdue: bool
    party: str | None
    name: str | None
    role: str
    reachable: bool
    asked_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Runs:
    """`silent_since`: from when nothing has run, where that is too long; `queued_since`: the oldest message that
    should have been sent by now."""

    swept_at: datetime | None
    silent_since: datetime | None
    queued_since: datetime | None


@dataclass(frozen=True, kw_only=True)
class FirstPage:
    numbers: Numbers
    owed: tuple[OwedLine, ...]
    reviews: tuple[RunningReview, ...]
    runs: Runs
    matters: tuple[ListedMatter, ...]
    matters_open: Number
    begun: bool  # a review is or was on the calendar, or somebody owes something

    @property
    def all_clear(self) -> bool:
        numbers = self.numbers
        waits = (numbers.overdue, numbers.due_7_days, numbers.failed, self.matters_open)
        return self.begun and not any(each.count for each in waits) and self.runs.silent_since is None


def first_page(session: Session, now: datetime) -> FirstPage:
    owed = tuple(_owed(session, now))
    return FirstPage(
        numbers=numbers_of(session, now), owed=owed, reviews=tuple(running_reviews(session)),
        runs=_runs(session, now), matters=tuple(_matters(session)),
        matters_open=_number(session, select(Matter.id).where(col(Matter.closed_at).is_(None))),
        begun=bool(owed) or session.exec(select(Review.id).limit(1)).first() is not None,
    )  # fmt: skip


def numbers_of(session: Session, now: datetime) -> Numbers:
    """The conditions are those of `overdue_at`, written so that an index on the limit bounds them. What has no deadline
    is not late, and falls due on no day."""
    soon = end_of_day(local_day(now, LONDON) + SOON, LONDON)
    due_at, owed = col(Obligation.due_at), select(Obligation.id).where(col(Obligation.outcome).is_(None))
    none = owed_without_figure(session, due_at <= soon)
    by_deadline = owed.where(not_(one_of(session, Obligation.id, none))) if none else owed
    in_time_now = and_(due_at == now, col(Obligation.exact))
    not_over = and_(due_at >= now, not_(and_(due_at == now, not_(col(Obligation.exact)))))
    return Numbers(
        overdue=_number(session, by_deadline.where(due_at <= now, not_(in_time_now))),
        due_7_days=_number(session, by_deadline.where(not_over, due_at <= soon)),
        waiting=_number(session, owed.where(col(Obligation.party_id).is_not(None))),
        # Written out: SQLite takes a partial index only where the condition stands there word for word.
        failed=_number(session, select(Message.id).where(sa.text("state = 'failed'"))),
    )


def _number(session: Session, statement: Any) -> Number:
    found = session.exec(select(func.count()).select_from(statement.limit(MOST + 1).subquery())).one()
    return Number(count=min(found, MOST), more=found > MOST)


def _owed(session: Session, now: datetime) -> list[OwedLine]:
    """What is due first; the rows are chosen before anything is joined to them."""
    first = (
        select(Obligation.id)
        .where(col(Obligation.outcome).is_(None))
        .order_by(col(Obligation.due_at), col(Obligation.id))
        .limit(ROWS)
        .subquery()
    )
    rows = session.exec(
        select(Obligation, Contact, Party)
        .join(first, first.c.id == Obligation.id)
        .join(Contact, col(Contact.id) == Obligation.contact_id)
        .outerjoin(Party, col(Party.id) == Obligation.party_id)
        .order_by(col(Obligation.due_at), col(Obligation.id))
    ).all()
    none = without_figure(session, (duty for duty, _, _ in rows))
    return [_owed_line(now, *row, figure=row[0].key not in none) for row in rows]


def _owed_line(now: datetime, duty: Obligation, contact: Contact, party: Party | None, *, figure: bool) -> OwedLine:
    return OwedLine(
        number=known_id(duty), case=duty.case, kind=duty.kind.value, what=said_of(duty), due_on=duty.due_on,
        due_at=duty.due_at, exact=duty.exact, overdue=figure and duty.is_overdue(now),
        asked_at=None if figure else duty.opened_at, party=party.slug if party else None,
        name=party.name if party else None, role=contact.role.value, reachable=contact.bounced_at is None,
    )  # fmt: skip


def _matters(session: Session) -> list[ListedMatter]:
    """The newest first: an address that bounced today does not hide behind what a protocol was loaded with."""
    statement = select(Matter, Protocol.slug).join(Protocol, col(Protocol.id) == Matter.protocol_id)
    statement = statement.where(col(Matter.closed_at).is_(None)).order_by(col(Matter.opened_at).desc(), col(Matter.id))
    found = session.exec(statement.limit(MATTERS))
    return listed(session, found)


def _runs(session: Session, now: datetime) -> Runs:
    swept_at, loaded = last_ended(session, SWEEP), select(Protocol.loaded_at).order_by(col(Protocol.loaded_at))
    queued = session.exec(
        select(Message.next_attempt_at)
        .where(is_queued(is_postgres(session)), col(Message.next_attempt_at) <= now)
        .order_by(col(Message.next_attempt_at))
        .limit(1)
    ).first()
    since = swept_at or session.exec(loaded.limit(1)).first()
    return Runs(
        swept_at=swept_at, silent_since=since if sweep_is_late(session, now) else None, queued_since=queued
    )  # fmt: skip
