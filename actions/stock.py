"""Taking stock of a protocol from the data alone: what is due, what lacks, what has changed under it."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import count

from sqlmodel import Session, col, select

from actions.cast import active_parties
from actions.clauses import current_version
from actions.law.register import register_of as law_of
from actions.overview import MatterLine, ReviewLine, matter_lines, running_review
from actions.policy import policies_of, zone_of
from actions.register import register_of
from actions.versions import text_of
from models.protocol import Contact, Party, Protocol, Succession
from rules.anchors import anniversary, corresponding_day, counted, notice_day
from rules.instants import local_day
from rules.periods import Period, Unit
from rules.sentences import written_day, written_month
from rules.working_days import BeyondPublishedHolidays, published

QUARTER_END, QUARTER, YEAR = date(2000, 3, 31), Period(3, Unit.MONTHS), Period(12, Unit.MONTHS)
FORTNIGHT = timedelta(days=14)
IN_FORCE = "in force"
REPEALED = "repealed"


@dataclass(frozen=True, kw_only=True)
class ReviewDue:
    """Since when (or, not `overdue`, when) it is due, in words as precise as what is known of the last review."""

    kind: str  # “annual review” where it is held every year
    words: str
    last_words: str
    overdue: bool


@dataclass(frozen=True, kw_only=True)
class Suggestion:
    """A review date that leaves everybody time: the end of a quarter, a month or more after notice can be given."""

    review_on: date
    asked_on: date | None


@dataclass(frozen=True, kw_only=True)
class LawChanged:
    """`marked`: how many clauses wait for an answer to a change of it that is recorded; None where none is."""

    key: str
    title: str
    status: str
    since: date | None
    successor: str | None
    clauses: int
    marked: int | None


@dataclass(frozen=True, kw_only=True)
class Stock:
    slug: str
    name: str
    parties: int
    clauses: int
    version: str | None
    review: ReviewLine | None
    review_due: ReviewDue | None
    suggestion: Suggestion
    undated: tuple[str, ...]
    without_row: tuple[str, ...]
    repealed: tuple[LawChanged, ...]
    replaced: tuple[LawChanged, ...]
    succeeded: tuple[str, ...]
    made_up: int  # addresses under .example, where nothing can be delivered (RFC 2606)
    bounced: tuple[str, ...]
    matters: tuple[MatterLine, ...]


def stock_of(session: Session, now: datetime, protocol: Protocol) -> Stock:
    today = local_day(now, zone_of(protocol))
    parties, register = active_parties(session, protocol, today), register_of(session, now, protocol)
    changed = _law(session, protocol)
    running, version = running_review(session, now, protocol), current_version(session, protocol)
    contacts = session.exec(select(Contact).where(Contact.protocol_id == protocol.id).order_by(col(Contact.id))).all()
    return Stock(
        slug=protocol.slug, name=protocol.name, parties=len(parties), clauses=len(text_of(session, version)),
        version=version.label if version else None, review=running,
        review_due=None if running else review_due_at(protocol, today), suggestion=_suggestion(protocol, today),
        undated=register.undated, without_row=register.without_row,
        repealed=tuple(law for law in changed if law.status == REPEALED),
        replaced=tuple(law for law in changed if law.status != REPEALED),
        succeeded=tuple(_succeeded(session, protocol, {party.id for party in parties})),
        bounced=tuple(contact.address for contact in contacts if contact.bounced_at),
        made_up=sum(contact.address.endswith(".example") for contact in contacts),
        matters=tuple(matter_lines(session, protocol)),
    )  # fmt: skip


def _suggestion(protocol: Protocol, today: date) -> Suggestion:
    notice = policies_of(protocol).notice_period()
    earliest = corresponding_day(_notice_from(today, notice, protocol), 1)
    quarters = (anniversary(QUARTER_END, QUARTER, nth) for nth in count((earliest.year - QUARTER_END.year) * 4))
    review_on = next(day for day in quarters if day >= earliest)
    try:
        return Suggestion(review_on=review_on, asked_on=notice_day(review_on, notice, protocol.nation))
    except BeyondPublishedHolidays:
        return Suggestion(review_on=review_on, asked_on=None)


def _notice_from(today: date, notice: Period, protocol: Protocol) -> date:
    """Beyond the published bank holidays every weekday counts: it is a date to choose from, of which nobody is told."""
    try:
        return counted(notice, today, nation=protocol.nation)
    except BeyondPublishedHolidays:
        weekdays = published().weekdays_until(today + FORTNIGHT * (notice.count + 1))
        return counted(notice, today, nation=protocol.nation, holidays=weekdays)


def review_due_at(protocol: Protocol, today: date) -> ReviewDue | None:
    """Where nothing is scheduled; counted from what is known of the last review. None where that is nothing."""
    policies, last = policies_of(protocol), protocol.last_reviewed_from
    if last is None or policies.review.interval is None:
        return None
    interval = policies.review_interval()
    words, end = _as_precise(anniversary(last, interval), last, protocol.last_reviewed_words)
    kind = "annual review" if interval == YEAR else "review"
    last_words = protocol.last_reviewed_words or written_day(last)
    return ReviewDue(kind=kind, words=words, last_words=last_words, overdue=end < today)


def _as_precise(due: date, last: date, last_words: str | None) -> tuple[str, date]:
    """“October 2016” and its last day, where no more than a month is known of the last review."""
    if last_words == written_month(last):
        return written_month(due), corresponding_day(due.replace(day=1), 1) - timedelta(days=1)
    if last_words == str(last.year):
        return str(due.year), date(due.year, 12, 31)
    return f"{due.day} {written_month(due)}", due


def _law(session: Session, protocol: Protocol) -> list[LawChanged]:
    """What is no longer in force as it is cited; what most of the clauses rest on first. A change that was withdrawn is
    not recorded."""
    found = [
        LawChanged(
            key=act.key, title=act.title, status=act.status, since=act.since, successor=act.successor,
            clauses=len(act.clauses),
            marked=act.marked if any(not change.withdrawn for change in act.changes) else None,
        )
        for act in law_of(session, protocol)
        if act.key is not None and act.status != IN_FORCE
    ]  # fmt: skip
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
