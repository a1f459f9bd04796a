"""A follow-up ends when nothing is left to do, a breach when all of them have; either early, with why."""

from datetime import datetime

from sqlmodel import Session

from actions.breaches.affecting import end_follow_up
from actions.breaches.asking_secretary import ask_how_it_goes_on, close_matters_about
from actions.breaches.duties import decide
from actions.breaches.early_ends import ConcludedOtherwise, NobodyFollowedUp, stands_against, told, was_followed_up
from actions.breaches.finishing import StillToDo, leave_the_notice, still_to_do
from actions.breaches.moving import (
    BreachHasEnded,
    FollowUpHasEnded,
    breach_locked,
    follow_up_at,
    follow_ups_of,
    open_breach_locked,
    take_step,
)
from actions.breaches.reopening import reopen, reopen_follow_up
from actions.breaches.settling import settle
from actions.breaches.statutory import open_duties_of
from actions.breaches.telling import tell_of_end
from actions.duties import discharge, owed
from actions.reasons import reason, reason_if_any
from models import history
from models.breach import Breach, BreachOutcome, FollowUp, FollowUpEnd
from models.obligation import ObligationKind, Outcome
from models.protocol import Party
from rules.breach import Stage, Step
from rules.errors import Refused
from rules.sentences import listed

__all__ = ["close", "end_early", "finish_follow_up", "reopen", "reopen_follow_up"]

EARLY = (BreachOutcome.NEAR_MISS, BreachOutcome.NOT_A_BREACH)


class FollowUpsGoOn(Refused):
    def __init__(self, breach: Breach, parties: list[str]) -> None:
        super().__init__(
            f"Breach {breach.id} is followed up by {listed(parties)}: it closes when each has finished "
            f"(`concordat breach finish {breach.id} PARTY`)."
        )


class NotAnEarlyEnd(Refused):
    def __init__(self, outcome: BreachOutcome) -> None:
        super().__init__(f"A breach ends early as {listed(EARLY)}, not as “{outcome}”.")


class WasABreach(Refused):
    def __init__(self, breach: Breach, outcome: BreachOutcome, told: list[str]) -> None:
        super().__init__(
            f"Breach {breach.id} cannot end as “{outcome}” any more: {listed(told)}. Record what is left, and finish "
            f"each follow-up (`concordat breach finish {breach.id} PARTY`)."
        )


def finish_follow_up(
    session: Session, now: datetime, breach_id: int, slug: str, by: str, no_supplement_because: str | None = None
) -> None:  # fmt: skip
    """Everything is done, decided, documented and learnt; a local action goes on after it. Twice does nothing.

    Raises ReasonNeeded, StillToDo, NotThere, NoFollowUp, FollowUpHasEnded, BreachHasEnded.
    """
    breach = breach_locked(session, breach_id)
    follow_up, party = follow_up_at(session, breach, slug)
    if follow_up.end is FollowUpEnd.COMPLETE:
        return
    if follow_up.ended_at is not None:
        raise FollowUpHasEnded(party, follow_up)
    if breach.stage is Stage.CLOSED:
        raise BreachHasEnded(breach)
    why_not = reason_if_any(no_supplement_because, "a supplement that is not given")
    if todo := still_to_do(session, breach, follow_up, party, no_supplement=why_not is not None):
        raise StillToDo(breach, party, todo)
    if why_not is not None:
        leave_the_notice(session, now, breach, follow_up, by, why_not)
    learning = [d for d in owed(session, breach.case, ObligationKind.LEARNING) if d.party_id == party.id]
    discharge(session, now, learning, Outcome.ANSWERED, by)
    end_follow_up(session, now, breach, follow_up, FollowUpEnd.COMPLETE, by, "everything was done")
    history.write(
        session, breach.case, now, by, "follow-up ended", party=party.slug, end=FollowUpEnd.COMPLETE.value
    )  # fmt: skip
    tell_of_end(session, now, breach, follow_up)
    settle(session, now, breach)
    ask_how_it_goes_on(session, now, breach, follow_up)


def close(session: Session, now: datetime, breach_id: int, by: str) -> None:
    """Twice does nothing.

    Raises FollowUpsGoOn, NobodyFollowedUp, StepNotAllowed, NotThere; BreachHasEnded where it ended otherwise.
    """
    breach = breach_locked(session, breach_id)
    if breach.outcome is BreachOutcome.FOLLOWED_UP:
        return
    if breach.stage is Stage.CLOSED:
        raise BreachHasEnded(breach)
    if going_on := follow_ups_of(session, breach, still_open=True):
        raise FollowUpsGoOn(breach, [session.get_one(Party, each.party_id).name for each in going_on])
    if not was_followed_up(session, breach):
        raise NobodyFollowedUp(breach)
    take_step(session, now, breach, Step.CLOSE, by)
    breach.outcome = BreachOutcome.FOLLOWED_UP
    close_matters_about(session, now, breach, "the breach was closed")
    tell_of_end(session, now, breach, None)


def end_early(
    session: Session, now: datetime, breach_id: int, outcome: BreachOutcome, by: str, because: str
) -> None:  # fmt: skip
    """A near miss, or no breach after all: recorded with why, and it can be reopened. Twice the same does nothing.

    Raises NotAnEarlyEnd, WasABreach, ConcludedOtherwise, ReasonNeeded, NotThere, BreachHasEnded.
    """
    if outcome not in EARLY:
        raise NotAnEarlyEnd(outcome)
    why, breach = reason(because, f"a {outcome}"), breach_locked(session, breach_id)
    if breach.outcome is outcome:
        return
    breach = open_breach_locked(session, breach_id)
    if tellings := told(session, breach):
        raise WasABreach(breach, outcome, tellings)
    if stands := list(stands_against(session, now, breach)):
        raise ConcludedOtherwise(breach, outcome, stands)
    for follow_up in follow_ups_of(session, breach, still_open=True):
        _end(session, now, breach, follow_up, outcome, by, why)
    take_step(session, now, breach, Step.END_EARLY, by, why, outcome=outcome.value)
    breach.outcome = outcome
    close_matters_about(session, now, breach, f"it was a {outcome}")
    tell_of_end(session, now, breach, None)


def _end(
    session: Session, now: datetime, breach: Breach, follow_up: FollowUp, outcome: BreachOutcome, by: str, why: str
) -> None:  # fmt: skip
    """What nobody has answered is not required, and `reopen` undoes that; what was done stays done."""
    for duty in open_duties_of(session, follow_up):
        decide(session, now, breach, follow_up, duty.kind, False, f"it was a {outcome}: {why}", by)
    end_follow_up(session, now, breach, follow_up, FollowUpEnd.NOT_A_BREACH, by, why)
    slug = session.get_one(Party, follow_up.party_id).slug
    history.write(
        session, breach.case, now, by, "follow-up ended", party=slug, end=FollowUpEnd.NOT_A_BREACH.value
    )  # fmt: skip
