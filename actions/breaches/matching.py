"""What is owed follows from the duties' rows: opened where a duty is required and not done, withdrawn where it is not.

The 72 hours are counted from the party's awareness alone. Whatever else changes, an obligation that was withdrawn
comes back with the date it had; a notice with an earlier one, where the party's own procedure asks for it earlier now.
"""

from collections.abc import Sequence
from datetime import date, datetime

from sqlmodel import Session, col, select

from actions.breaches.following import owe_counted, owed_at
from actions.breaches.moving import follow_ups_of, protocol_of
from actions.breaches.notice_dates import date_notice, due_of_duty, notice_limit, opened_before
from actions.breaches.own_limits import TELLS, asked_again_at, earlier
from actions.breaches.statutory import duty_of
from actions.breaches.steps import aware_at
from actions.breaches.telling_dates import telling_limit
from actions.breaches.windows import Counted, window_day
from actions.cast import known_id
from actions.duties import discharge
from actions.policy import zone_of
from models import history
from models.breach import Awareness, Breach, BreachDuty, FollowUp, LetterHold
from models.obligation import Obligation, ObligationKind, Outcome
from rules.breach_duties import Capacity, DutyKind

__all__ = [
    "answer", "date_notice", "first_duty", "hold_of", "holds_on", "match_obligations", "owed_at",
]  # fmt: skip

TELL_CONTROLLER = "tell the controller of the breach, without undue delay"
HELD = "held: telling the people concerned is restricted for now (DPA 2018 s.68(7))"
KINDS = (
    ObligationKind.NOTICE,
    ObligationKind.TELLING_PEOPLE,
    ObligationKind.TELLING_PARTNERS,
    ObligationKind.HOLD,
)


def holds_on(session: Session, breach: Breach) -> list[LetterHold]:
    """Those that nobody has released, whichever party's; while one stands, letters to people wait."""
    statement = select(LetterHold).where(LetterHold.breach_id == breach.id, col(LetterHold.released_at).is_(None))
    return list(session.exec(statement.order_by(col(LetterHold.id)).execution_options(populate_existing=True)))


def first_duty(session: Session, follow_up: FollowUp) -> BreachDuty:
    """Of the notice: to the regulator, or to its controller where the party is a processor."""
    processor = follow_up.capacity is Capacity.PROCESSOR
    duty = duty_of(session, follow_up, DutyKind.CONTROLLER if processor else DutyKind.REGULATOR)
    assert duty is not None
    return duty


def match_obligations(session: Session, now: datetime, breach: Breach) -> None:
    """For every party of the breach. Matching twice does nothing. The caller holds the case."""
    session.flush()
    holds = holds_on(session, breach)
    for follow_up in follow_ups_of(session, breach, still_open=True):
        for kind in KINDS:
            wanted, why = _wanted(session, follow_up, kind, holds)
            owed = owed_at(session, breach, follow_up, kind)
            if owed and not wanted:
                discharge(session, now, owed, Outcome.SUPERSEDED, history.CLOCK, why)
            elif wanted and not owed:
                _open(session, now, breach, follow_up, kind)


def answer(session: Session, now: datetime, breach: Breach, follow_up: FollowUp, kind: ObligationKind, by: str) -> None:
    discharge(session, now, owed_at(session, breach, follow_up, kind), Outcome.ANSWERED, by)


def _wanted(
    session: Session, follow_up: FollowUp, kind: ObligationKind, holds: Sequence[LetterHold]
) -> tuple[bool, str]:
    """Whether it is owed, and why not where it is not."""
    if kind is ObligationKind.HOLD:
        return any(hold.follow_up_id == follow_up.id for hold in holds), "the hold was released"
    if kind is ObligationKind.NOTICE:
        # undecided, too: the hours run from the awareness, not from anybody's conclusion
        duty: BreachDuty | None = first_duty(session, follow_up)
        wanted = duty is not None and duty.required is not False and aware_at(session, follow_up) is not None
    else:
        which = DutyKind.PEOPLE if kind is ObligationKind.TELLING_PEOPLE else DutyKind.PARTNERS
        duty = duty_of(session, follow_up, which)
        wanted = duty is not None and duty.required is True
    if duty is not None and wanted and duty.done_at is None and kind is ObligationKind.TELLING_PEOPLE and holds:
        return False, HELD
    return wanted and duty is not None and duty.done_at is None, "not required any more, or not this party's to do"


def _open(session: Session, now: datetime, breach: Breach, follow_up: FollowUp, kind: ObligationKind) -> None:
    duty = owe_counted(session, now, breach, follow_up, kind, _due(session, now, breach, follow_up, kind))
    if duty is not None and kind is ObligationKind.NOTICE and follow_up.capacity is Capacity.PROCESSOR:
        duty.what = TELL_CONTROLLER
        session.add(duty)


def _due(session: Session, now: datetime, breach: Breach, follow_up: FollowUp, kind: ObligationKind) -> Counted:
    if kind is ObligationKind.HOLD:
        return window_day(protocol_of(session, breach), "hold_review", now)
    return Counted(_due_again(session, now, breach, follow_up, kind))


def _due_again(
    session: Session, now: datetime, breach: Breach, follow_up: FollowUp, kind: ObligationKind
) -> datetime | date:
    protocol, before = protocol_of(session, breach), opened_before(session, breach, follow_up, kind)
    if kind is ObligationKind.NOTICE and follow_up.capacity is Capacity.CONTROLLER:
        if before and not _aware_anew(session, follow_up, before[-1]):
            return earlier(zone_of(protocol), due_of_duty(before[-1]), notice_limit(session, now, breach, follow_up))
        return notice_limit(session, now, breach, follow_up)
    if kind is ObligationKind.TELLING_PARTNERS and before:
        return due_of_duty(before[-1])  # the protocol's own clock, or the date by the party's procedure
    limit = telling_limit(session, now, breach, follow_up, kind) if kind in TELLS else None
    # letters that have waited, for a hold or because nobody had to be told, are not overdue at once
    return limit if limit is not None and not before else asked_again_at(protocol, now)


def _aware_anew(session: Session, follow_up: FollowUp, before: Obligation) -> bool:
    """The awareness was recorded, or corrected, when nothing was owed that could be moved."""
    recorded = select(Awareness.recorded_at).where(Awareness.follow_up_id == follow_up.id)
    newest = session.exec(recorded.order_by(col(Awareness.id).desc()).limit(1)).first()
    return newest is not None and before.discharged_at is not None and newest >= before.discharged_at


def hold_of(holds: Sequence[LetterHold], follow_up: FollowUp) -> LetterHold | None:
    """The party's own."""
    return next((hold for hold in holds if hold.follow_up_id == known_id(follow_up)), None)
