"""Breaches one below the other: how far each is, what is owed in it, and the next of the law's own instants.

A few questions, however many breaches there are.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import NamedTuple

from sqlmodel import Session, col, func, select

from actions.breaches.shown import BreachLine, Statutory
from actions.cast import known_id
from actions.describing import without_figure
from models.breach import Awareness, Breach, BreachDuty, FollowUp
from models.obligation import Obligation, overdue_at
from models.protocol import Party, Protocol
from rules.breach import Stage
from rules.breach_duties import Capacity, DutyKind
from rules.limits import is_over, time_left


class _Followed(NamedTuple):
    slug: str
    unaware: bool  # and still asked


def breach_lines(
    session: Session, now: datetime, protocol: Protocol | None = None, *, ended: bool = True, number: int | None = None
) -> list[BreachLine]:
    """Newest last; without `ended` those that are open."""
    statement = select(Breach, Protocol.slug).join(Protocol, col(Protocol.id) == Breach.protocol_id)
    if protocol is not None:
        statement = statement.where(Breach.protocol_id == protocol.id)
    if number is not None:
        statement = statement.where(Breach.id == number)
    if not ended:
        statement = statement.where(Breach.stage != Stage.CLOSED)
    found = session.exec(statement.order_by(col(Breach.id))).all()
    numbers = [known_id(breach) for breach, _ in found]
    followed, owed = _followed(session, numbers), _owed(session, now, numbers)
    next_ones = _statutory(session, now, numbers)
    return [_line(breach, slug, followed, owed, next_ones) for breach, slug in found]


def _line(
    breach: Breach, protocol: str, followed: Mapping[int, list[_Followed]], owed: Mapping[str, tuple[int, int]],
    next_ones: Mapping[int, Statutory],
) -> BreachLine:  # fmt: skip
    number = known_id(breach)
    still_owed, overdue = owed.get(breach.case, (0, 0))
    parties = followed.get(number, [])
    return BreachLine(
        number=number, protocol=protocol, stage=breach.stage.value,
        outcome=breach.outcome.value if breach.outcome else None, reported_at=breach.reported_at,
        ended_at=breach.ended_at, parties=tuple(each.slug for each in parties), owed=still_owed, overdue=overdue,
        not_aware=tuple(each.slug for each in parties if each.unaware), next_statutory=next_ones.get(number),
    )  # fmt: skip


def _followed(session: Session, numbers: Iterable[int]) -> Mapping[int, list[_Followed]]:
    aware = select(Awareness.id).where(Awareness.follow_up_id == FollowUp.id).exists()
    statement = (
        select(FollowUp.breach_id, Party.slug, FollowUp.ended_at, aware)
        .join(Party, col(Party.id) == FollowUp.party_id)
        .where(col(FollowUp.breach_id).in_(list(numbers)))
        .order_by(col(FollowUp.id))
    )
    found: dict[int, list[_Followed]] = defaultdict(list)
    for breach_id, slug, ended_at, is_aware in session.exec(statement):
        found[breach_id].append(_Followed(slug, ended_at is None and not is_aware))
    return found


def _owed(session: Session, now: datetime, numbers: Iterable[int]) -> Mapping[str, tuple[int, int]]:
    """How much is owed, and how much of that is overdue, by case."""
    still = (
        col(Obligation.case).in_([f"breach:{number}" for number in numbers]), col(Obligation.outcome).is_(None),
    )  # fmt: skip
    owed = session.exec(select(Obligation.case, func.count()).where(*still).group_by(col(Obligation.case))).all()
    over = session.exec(select(Obligation).where(*still, overdue_at(now)).order_by(col(Obligation.id))).all()
    none = without_figure(session, over)
    late = Counter(duty.case for duty in over if duty.key not in none)
    return {case: (count, late[case]) for case, count in owed}


def _statutory(session: Session, now: datetime, numbers: Iterable[int]) -> Mapping[int, Statutory]:
    """The 72 hours of whoever has not told the regulator yet, and need not say that nobody has to be told."""
    statement = (
        select(FollowUp.breach_id, BreachDuty.due_at, Party.slug)
        .join(Party, col(Party.id) == FollowUp.party_id)
        .join(BreachDuty, col(BreachDuty.follow_up_id) == FollowUp.id)
        .where(col(FollowUp.breach_id).in_(list(numbers)), col(FollowUp.ended_at).is_(None))
        .where(FollowUp.capacity == Capacity.CONTROLLER, BreachDuty.kind == DutyKind.REGULATOR)
        .where(col(BreachDuty.required).is_not(False), col(BreachDuty.done_at).is_(None))
        .where(col(BreachDuty.due_at).is_not(None))
        .order_by(col(BreachDuty.due_at), col(BreachDuty.id))
    )
    found: dict[int, Statutory] = {}
    for breach_id, due, slug in session.exec(statement):
        assert due is not None
        late = is_over(due, now, exact=True)
        found.setdefault(breach_id, Statutory(party=slug, due_at=due, left=time_left(due, now), overdue=late))
    return found
