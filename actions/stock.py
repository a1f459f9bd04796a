"""Taking stock of a protocol from the data alone: what is due, what lacks, what has changed under it."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session, col, select

from actions.cast import active_parties
from actions.clauses import current_version
from actions.overview import MatterLine, ReviewLine, matter_lines, running_review
from actions.policy import policies_of, zone_of
from actions.register import register_of
from models.protocol import Contact, Legislation, Party, Protocol, Succession
from rules.anchors import anniversary, counted
from rules.instants import local_day
from rules.sentences import written_day, written_month

IN_FORCE = "in force"
REPEALED = "repealed"


@dataclass(frozen=True, kw_only=True)
class ReviewDue:
    """Since when (or, not `overdue`, when) it is due, in words as precise as what is known of the last review."""

    words: str
    last_words: str
    overdue: bool


@dataclass(frozen=True, kw_only=True)
class LawChanged:
    title: str
    status: str
    since: date | None
    successor: str | None
    clauses: int


@dataclass(frozen=True, kw_only=True)
class Stock:
    slug: str
    name: str
    demonstration: bool
    parties: int
    clauses: int
    version: str | None
    review: ReviewLine | None
    review_due: ReviewDue | None
    earliest_date: date
    undated: tuple[str, ...]
    without_row: tuple[str, ...]
    repealed: tuple[LawChanged, ...]
    replaced: tuple[LawChanged, ...]
    succeeded: tuple[str, ...]
    bounced: tuple[str, ...]
    matters: tuple[MatterLine, ...]


def stock_of(session: Session, now: datetime, protocol: Protocol) -> Stock:
    today = local_day(now, zone_of(protocol))
    parties, register = active_parties(session, protocol, today), register_of(session, now, protocol)
    changed = _law(session, protocol)
    running = running_review(session, now, protocol)
    return Stock(
        slug=protocol.slug, name=protocol.name, demonstration=protocol.demonstration, parties=len(parties),
        clauses=_clauses(session, protocol), version=v.label if (v := current_version(session, protocol)) else None,
        review=running, review_due=None if running else _review_due(protocol, today),
        earliest_date=counted(policies_of(protocol).notice_period(), today, nation=protocol.nation),
        undated=register.undated, without_row=register.without_row,
        repealed=tuple(law for law in changed if law.status == REPEALED),
        replaced=tuple(law for law in changed if law.status != REPEALED),
        succeeded=tuple(_succeeded(session, protocol, {party.id for party in parties})),
        bounced=tuple(_bounced(session, protocol)), matters=tuple(matter_lines(session, protocol)),
    )  # fmt: skip


def _clauses(session: Session, protocol: Protocol) -> int:
    from actions.versions import text_of

    return len(text_of(session, current_version(session, protocol)))


def _review_due(protocol: Protocol, today: date) -> ReviewDue | None:
    """Where nothing is scheduled; counted from what is known of the last review. None where that is nothing."""
    policies, last = policies_of(protocol), protocol.last_reviewed_from
    if last is None or policies.review.interval is None:
        return None
    due = anniversary(last, policies.review_interval())
    last_words = protocol.last_reviewed_words or written_day(last)
    if last_words == written_month(last):
        overdue = (due.year, due.month) < (today.year, today.month)
        return ReviewDue(words=written_month(due), last_words=last_words, overdue=overdue)
    if last_words == str(last.year):
        return ReviewDue(words=str(due.year), last_words=last_words, overdue=due.year < today.year)
    return ReviewDue(words=f"{due.day} {written_month(due)}", last_words=last_words, overdue=due < today)


def _law(session: Session, protocol: Protocol) -> list[LawChanged]:
    """What is no longer in force as it is cited; what most of the clauses rest on first."""
    statement = select(Legislation).where(Legislation.protocol_id == protocol.id, Legislation.status != IN_FORCE)
    found = [
        LawChanged(title=r.title, status=r.status, since=r.since, successor=r.successor, clauses=len(r.clauses))
        for r in session.exec(statement.order_by(col(Legislation.id)))
    ]
    return sorted(found, key=lambda law: -law.clauses)


def _succeeded(session: Session, protocol: Protocol, active: set[int | None]) -> list[str]:
    """Names of the parties of today of which another body has taken the place, or a part, and nobody has applied it."""
    statement = (
        select(Party.id, Party.name)
        .join(Succession, col(Succession.party_id) == Party.id)
        .where(Succession.protocol_id == protocol.id, col(Succession.applied_at).is_(None))
        .order_by(col(Party.name))
    )
    return [name for party_id, name in dict.fromkeys(session.exec(statement)) if party_id in active]


def _bounced(session: Session, protocol: Protocol) -> list[str]:
    statement = select(Contact.address).where(Contact.protocol_id == protocol.id, col(Contact.bounced_at).is_not(None))
    return list(session.exec(statement.order_by(col(Contact.id))))
