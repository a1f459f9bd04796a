"""What was counted from an instant that was wrong is counted from the right one, whether that is earlier or later."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime

from sqlmodel import Session

from actions.breaches.following import owed_at
from actions.breaches.moving import protocol_of
from actions.breaches.notice_dates import due_of_duty, notice_limit, opened_before
from actions.breaches.own_limits import TELLS, asked_again_at, ends_of
from actions.breaches.statutory import duty_of
from actions.breaches.step_limits import aware_at, due_of_limit
from actions.breaches.steps import extended, standing_of
from actions.breaches.telling_dates import telling_limit
from actions.breaches.windows import partners_clock
from actions.duties import set_due
from actions.policy import zone_of
from models import history
from models.breach import Breach, FollowUp
from models.obligation import Obligation, ObligationKind
from rules.breach_duties import Capacity, DutyKind
from rules.procedures import Moment

Limits = Mapping[str, datetime | date]

CORRECTED = "when a step was done that it counts from was corrected"


def limits_by_steps(session: Session, now: datetime, breach: Breach, follow_up: FollowUp) -> Limits:
    """By when what the party owes is due, by its key, where that may follow from when a step was done."""
    return {duty.key: limit for duty, limit in _limits(session, now, breach, follow_up) if limit is not None}


def count_anew(session: Session, now: datetime, breach: Breach, follow_up: FollowUp, before: Limits) -> None:
    """`before`: the limits as they were. What was due by another date than that was dated by something else, such as
    another end of the step, and stays; what somebody has extended stays extended."""
    for duty, limit in list(_limits(session, now, breach, follow_up)):
        was = before.get(duty.key)
        counts = was is not None and was == due_of_duty(duty) and duty.key not in extended(session, breach)
        if counts and limit is not None and limit != was:
            set_due(session, now, protocol_of(session, breach), duty, limit)
            history.write(session, breach.case, now, history.CLOCK, "due anew", obligation=duty.key, because=CORRECTED)


def _limits(
    session: Session, now: datetime, breach: Breach, follow_up: FollowUp
) -> Iterator[tuple[Obligation, datetime | date | None]]:
    standing = standing_of(session, breach, follow_up)
    for key, duty in standing.owed.items():
        limit = standing.views[key].limit
        if limit is not None and limit.moment is Moment.STEP:
            due = due_of_limit(session, now, breach, follow_up, limit, standing.moments)
            yield duty, due.due if due is not None else None
    if follow_up.capacity is Capacity.CONTROLLER and aware_at(session, follow_up) is not None:
        for duty in owed_at(session, breach, follow_up, ObligationKind.NOTICE):
            yield duty, notice_limit(session, now, breach, follow_up)
    for kind in TELLS:
        for duty in owed_at(session, breach, follow_up, kind):
            yield duty, _of_telling(session, now, breach, follow_up, kind)


def _of_telling(
    session: Session, now: datetime, breach: Breach, follow_up: FollowUp, kind: ObligationKind
) -> datetime | date | None:
    """Partners are told by the protocol's own clock at the latest; letters to people that have waited keep their
    date. Where there is neither a clock nor a figure, it is when Concordat asks again."""
    first = opened_before(session, breach, follow_up, kind)
    if not first or (kind is ObligationKind.TELLING_PEOPLE and len(first) > 1):
        return None
    limit, protocol = telling_limit(session, now, breach, follow_up, kind), protocol_of(session, breach)
    clocked = duty_of(session, follow_up, DutyKind.PARTNERS) if kind is ObligationKind.TELLING_PARTNERS else None
    if clocked is None or clocked.due_at is None:
        return asked_again_at(protocol, first[0].opened_at) if limit is None else limit
    clock = partners_clock(protocol, first[0].opened_at)
    later = limit is None or ends_of(zone_of(protocol), limit) > clocked.due_at
    return clock.due if clock is not None and later else limit
