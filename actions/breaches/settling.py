"""What the clock does with breaches. People's actions end with `settle`, so that what follows from them follows at
once; the flow takes the same steps, and finds what was left."""

from datetime import datetime
from typing import assert_never

from sqlmodel import Session

from actions.breaches.asking_lessons import ask_what_was_learnt
from actions.breaches.asking_partners import ask_for_partners
from actions.breaches.following import open_follow_ups, unfollowed
from actions.breaches.handing_over import hand_over, to_hand_over
from actions.breaches.may_be_due import may_be_due, still_open
from actions.breaches.moving import breach_locked, follow_ups_of, take_step
from actions.breaches.statutory import open_duties_of
from actions.breaches.steps import redate_steps, standing_of, update_steps
from actions.breaches.telling import tell_of_steps
from actions.breaches.telling_dates import date_tellings
from models.breach import Breach
from models.fail_points import reached
from models.history import CLOCK
from models.protocol import Party
from rules.breach import BreachClock, ClockStep, Stage, Step, due_step


def breaches_due(session: Session, now: datetime) -> list[int]:
    """Breaches for which the clock has a step to take; only those that may have one are looked at."""
    return [number for number in may_be_due(session, now) if next_breach_step(session, now, number)]


def overlooked_breaches(session: Session, now: datetime) -> list[int]:
    """Those that a sweep passes over although the clock has a step for them: none, if we are right. Every open breach
    is looked at."""
    return [number for number in still_open(session) if next_breach_step(session, now, number)]


def next_breach_step(session: Session, now: datetime, breach_id: int) -> ClockStep | None:
    return _due(session, now, session.get_one(Breach, breach_id))


def _due(session: Session, now: datetime, breach: Breach) -> ClockStep | None:
    return due_step(clock_of(session, now, breach))


def take_breach_step(session: Session, now: datetime, breach_id: int, step: ClockStep) -> bool:
    """Take it if it is still due; False where another worker was here first."""
    breach = breach_locked(session, breach_id)
    if _due(session, now, breach) is not step:
        return False
    _take(session, now, breach, step)
    ask_what_was_learnt(session, now, breach)
    reached("breach step taken")
    return True


def settle(session: Session, now: datetime, breach: Breach) -> None:
    """Everything that follows from what has just been recorded. The caller holds the case."""
    if breach.stage is Stage.REPORTED:
        return  # the flow opens the follow-ups, woken by the report
    redate_steps(session, now, breach)
    ask_for_partners(session, now, breach)
    date_tellings(session, now, breach)
    while step := _due(session, now, breach):
        _take(session, now, breach, step)
    ask_what_was_learnt(session, now, breach)


def _take(session: Session, now: datetime, breach: Breach, step: ClockStep) -> None:
    match step:
        case Step.OPEN_FOLLOW_UPS:
            parties = open_follow_ups(session, now, breach)
            take_step(session, now, breach, step, CLOCK, parties=parties)
        case Step.HAND_OVER:
            take_step(session, now, breach, step, CLOCK, obligations=hand_over(session, now, breach))
        case Step.UPDATE_STEPS:
            _update(session, now, breach)
        case Step.RETURN_TO_ASSESSING | Step.BEGIN_FOLLOWING_UP | Step.BEGIN_REPORTING_OUT | Step.BEGIN_LEARNING:
            take_step(session, now, breach, step, CLOCK)
        case _:
            assert_never(step)


def _update(session: Session, now: datetime, breach: Breach) -> None:
    changed = []
    for follow_up in follow_ups_of(session, breach, still_open=True):
        slug = session.get_one(Party, follow_up.party_id).slug
        changed += [f"{slug}:{step}" for step in standing_of(session, breach, follow_up).to_update]
        opened = update_steps(session, now, breach, follow_up)
        tell_of_steps(session, now, breach, follow_up, opened)
    take_step(session, now, breach, Step.UPDATE_STEPS, CLOCK, steps=changed)


def clock_of(session: Session, now: datetime, breach: Breach) -> BreachClock:
    """The breach as the rules see it; of one just reported they look at the stage alone, of one that is closed at what
    goes on after its end."""
    if breach.stage is Stage.REPORTED:
        return BreachClock(stage=breach.stage)
    if breach.stage is Stage.CLOSED:
        return BreachClock(stage=breach.stage, to_hand_over=len(to_hand_over(session, now, breach)))
    followed = follow_ups_of(session, breach)
    going_on = [each for each in followed if each.ended_at is None]
    standings = [standing_of(session, breach, each) for each in going_on]
    return BreachClock(
        stage=breach.stage,
        follow_ups=len(followed),
        unfollowed=len(unfollowed(session, now, breach)),
        unassessed=sum(each.assessed_at is None for each in going_on),
        to_hand_over=len(to_hand_over(session, now, breach)),
        steps_to_update=sum(len(each.to_update) for each in standings),
        steps_pending=sum(len(each.pending) for each in standings),
        duties_open=sum(len(open_duties_of(session, each)) for each in going_on),
    )
