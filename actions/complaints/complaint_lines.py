"""Complaints one below the other: how far each is, who answers it, what is owed in it. Five questions, however many."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, func, or_, select

from actions.cast import known_id
from actions.clauses import clause_named
from actions.complaints.shown import ComplaintLine
from actions.complaints.standing import nobody_corrected, overall_of
from models.complaint import Complaint, Finding
from models.history import History
from models.obligation import Obligation, overdue_at
from models.protocol import Clause, Party, Protocol
from rules.complaint import ComplaintKind, Stage

ACKNOWLEDGING = ("acknowledge", "outcome told")  # moves that say whether whoever complained heard of it too late


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Which complaints. `party`: it is about that one, or that one answers it. `clause`: a finding that stands is
    about it. Without `ended`, those that are open; a stage that is asked for is shown whichever it is."""

    stage: Stage | None = None
    kind: ComplaintKind | None = None
    party: Party | None = None
    clause: str | None = None
    ended: bool = True
    number: int | None = None


EVERY = Wanted()


class _Owed(NamedTuple):
    owed: int
    overdue: int
    next_on: date | None


NOTHING_OWED = _Owed(0, 0, None)


@dataclass(frozen=True, kw_only=True)
class ComplaintCounts:
    """`overdue`: complaints in which something is. A local action goes on after its complaint was closed."""

    open: int
    overdue: int


def complaint_counts(session: Session, now: datetime) -> ComplaintCounts:
    still_open = select(func.count()).select_from(Complaint).where(col(Complaint.ended_at).is_(None))
    late = select(func.count(func.distinct(Obligation.case))).where(
        col(Obligation.case).startswith("complaint:"), col(Obligation.outcome).is_(None), overdue_at(now)
    )
    return ComplaintCounts(open=session.exec(still_open).one(), overdue=session.exec(late).one())


def complaint_lines(
    session: Session, now: datetime, protocol: Protocol | None = None, wanted: Wanted = EVERY
) -> list[ComplaintLine]:
    """Newest last. Raises NotThere for a clause that the protocol does not have."""
    about, handler = aliased(Party), aliased(Party)
    statement = (
        select(Complaint, Protocol.slug, about.slug, handler.slug)
        .join(Protocol, col(Protocol.id) == Complaint.protocol_id)
        .join(about, col(about.id) == Complaint.party_id)
        .outerjoin(handler, col(handler.id) == Complaint.handler_id)
        .order_by(col(Complaint.id))
    )
    if protocol is not None and wanted.clause is not None:
        clause_named(session, protocol, wanted.clause)
    conditions = tuple(_conditions(protocol, wanted))
    found = session.exec(statement.where(*conditions)).all()
    # Asked for by the same conditions, not by number: a database takes only so many numbers in a question.
    numbers = select(Complaint.id).where(*conditions)
    findings, owed, late = _findings(session, numbers), _owed(session, now, numbers), _late(session, numbers)
    lines = [
        _line(complaint, (of, whom, answers), findings, owed, late) for complaint, of, whom, answers in found
    ]  # fmt: skip
    return [line for line in lines if wanted.clause is None or wanted.clause in line.clauses]


def _conditions(protocol: Protocol | None, wanted: Wanted) -> Iterable[bool]:
    if protocol is not None:
        yield Complaint.protocol_id == protocol.id
    if wanted.number is not None:
        yield Complaint.id == wanted.number
    if wanted.stage is not None:
        yield Complaint.stage == wanted.stage
    elif not wanted.ended:
        yield Complaint.stage != Stage.CLOSED
    if wanted.kind is not None:
        yield Complaint.kind == wanted.kind
    if wanted.party is not None:
        yield or_(Complaint.party_id == wanted.party.id, Complaint.handler_id == wanted.party.id)  # type: ignore[misc]


def _line(
    complaint: Complaint, names: tuple[str, str, str | None], findings: Mapping[int, list[tuple[Finding, str | None]]],
    owed: Mapping[str, _Owed], late: Mapping[str, bool],
) -> ComplaintLine:  # fmt: skip
    number, (protocol, about, handler) = known_id(complaint), names
    standing, due = findings.get(number, []), owed.get(complaint.case, NOTHING_OWED)
    return ComplaintLine(
        number=number, protocol=protocol, kind=complaint.kind.value, stage=complaint.stage.value,
        outcome=complaint.outcome.value if complaint.outcome else None, received_at=complaint.received_at,
        party=about, handler=handler,
        result=overall_of([finding for finding, _ in standing]).value if standing else None,
        clauses=tuple(dict.fromkeys(key for _, key in standing if key)),
        owed=due.owed, overdue=due.overdue, next_due_on=due.next_on, late=late.get(complaint.case, False),
        ended_at=complaint.ended_at,
    )  # fmt: skip


def _findings(session: Session, numbers: Any) -> Mapping[int, list[tuple[Finding, str | None]]]:
    """Those that stand."""
    statement = select(Finding, Clause.key).outerjoin(Clause, col(Clause.id) == Finding.clause_id)
    statement = statement.where(col(Finding.complaint_id).in_(numbers), nobody_corrected())
    found: dict[int, list[tuple[Finding, str | None]]] = defaultdict(list)
    for finding, key in session.exec(statement.order_by(col(Finding.issue))):
        found[finding.complaint_id].append((finding, key))
    return found


def _owed(session: Session, now: datetime, numbers: Any) -> Mapping[str, _Owed]:
    statement = (
        select(
            Obligation.case, func.count(), func.count().filter(overdue_at(now)), func.min(col(Obligation.due_on))
        )
        .where(col(Obligation.case).in_(_cases(numbers)))
        .where(col(Obligation.outcome).is_(None))
        .group_by(col(Obligation.case))
    )  # fmt: skip
    return {case: _Owed(owed, overdue, due_on) for case, owed, overdue, due_on in session.exec(statement)}


def _late(session: Session, numbers: Any) -> Mapping[str, bool]:
    """As history says of what acknowledged it."""
    statement = select(History.case, History.details).where(
        col(History.case).in_(_cases(numbers)), col(History.what).in_(ACKNOWLEDGING)
    )
    found: dict[str, bool] = {}
    for case, details in session.exec(statement):
        found[case] = found.get(case, False) or bool(details.get("late"))
    return found


def _cases(numbers: Any) -> Any:
    chosen = numbers.subquery()
    return select(sa.literal("complaint:") + sa.cast(chosen.c.id, sa.String))
