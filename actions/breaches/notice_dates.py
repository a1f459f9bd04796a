"""By when the notice is asked for: the law's 72 hours, or earlier where the party's own procedure says so.

Whatever order things become known in, it is the same date. Only an awareness, or a corrected time of a step,
makes it later.
"""

from collections.abc import Sequence
from datetime import date, datetime

from sqlmodel import Session, col, select

from actions.breaches.following import owed_at
from actions.breaches.moving import follow_ups_of, protocol_of
from actions.breaches.own_limits import earlier, own_limits
from actions.breaches.statutory import duty_of
from actions.breaches.steps import aware_at
from actions.duties import set_due
from actions.policy import zone_of
from models import history
from models.breach import Breach, FollowUp
from models.obligation import Obligation, ObligationKind
from rules.breach_duties import Capacity, DutyKind, notice_due

KNOWN_BETTER = "what the party's own procedure counts from is known better: the notice is asked for earlier"


def date_notice(session: Session, now: datetime, breach: Breach, follow_up: FollowUp) -> None:
    """The awareness is known, or another: what has been counted from it is counted again, from it."""
    duty, aware = duty_of(session, follow_up, DutyKind.REGULATOR), aware_at(session, follow_up)
    if duty is None or aware is None:
        return
    duty.due_at = notice_due(aware).instant
    session.add(duty)
    session.flush()
    if follow_up.capacity is Capacity.PROCESSOR:
        return
    for owed in owed_at(session, breach, follow_up, ObligationKind.NOTICE):
        due = notice_limit(session, now, breach, follow_up)
        if due != due_of_duty(owed):
            set_due(session, now, protocol_of(session, breach), owed, due)


def date_notices_earlier(session: Session, now: datetime, breach: Breach) -> None:
    """Facts are known better: what is asked for already is never asked for later because of them."""
    zone = zone_of(protocol_of(session, breach))
    for follow_up in follow_ups_of(session, breach, still_open=True):
        if follow_up.capacity is Capacity.PROCESSOR or aware_at(session, follow_up) is None:
            continue
        for owed in owed_at(session, breach, follow_up, ObligationKind.NOTICE):
            before = due_of_duty(owed)
            due = earlier(zone, before, notice_limit(session, now, breach, follow_up))
            if due != before:
                set_due(session, now, protocol_of(session, breach), owed, due)
                history.write(
                    session, breach.case, now, history.CLOCK, "due anew", obligation=owed.key, because=KNOWN_BETTER
                )


def notice_limit(session: Session, now: datetime, breach: Breach, follow_up: FollowUp) -> datetime | date:
    """The 72 hours, or what the party's own procedure gives for the notice where that ends earlier."""
    duty, zone = duty_of(session, follow_up, DutyKind.REGULATOR), zone_of(protocol_of(session, breach))
    assert duty is not None
    assert duty.due_at is not None
    limits: list[datetime | date] = [duty.due_at, *_own_limits(session, now, breach, follow_up)]
    return earlier(zone, *limits)


def _own_limits(session: Session, now: datetime, breach: Breach, follow_up: FollowUp) -> list[datetime | date]:
    before = opened_before(session, breach, follow_up, ObligationKind.NOTICE)
    opened = before[0].opened_at if before else now
    return own_limits(session, breach, follow_up, DutyKind.REGULATOR, opened)


def due_of_duty(duty: Obligation) -> datetime | date:
    return duty.due_at if duty.exact else duty.due_on


def opened_before(session: Session, breach: Breach, follow_up: FollowUp, kind: ObligationKind) -> Sequence[Obligation]:
    statement = select(Obligation).where(
        Obligation.case == breach.case, Obligation.party_id == follow_up.party_id, Obligation.kind == kind,
        col(Obligation.what).is_(None),
    )  # fmt: skip
    return session.exec(statement.order_by(col(Obligation.id))).all()
