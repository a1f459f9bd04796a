"""When it began: nothing that was done about it, and nobody's awareness of it, can lie before."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from actions.breaches.facts import facts_of
from actions.breaches.moving import protocol_of
from actions.breaches.step_times import done_at
from actions.policy import zone_of
from models.breach import Awareness, Breach, BreachDuty, FollowUp, RegulatorNotice, StepEnd, StepRecord
from rules.breach_facts import FactName, instant_of
from rules.errors import Refused
from rules.sentences import written_instant

DONE = (StepEnd.DONE, StepEnd.PROVISIONAL)


class BeforeItBegan(Refused):
    def __init__(self, breach: Breach, what: str, instant: str) -> None:
        super().__init__(
            f"{what} before it began ({instant}): check the instant, or correct when it began first "
            f"(`concordat breach fact {breach.id} occurred-from=WHEN`)."
        )


class AwareBeforeThat(Refused):
    """Names no party and no instant: since when each has been aware is its own, and reporters read this too."""

    def __init__(self) -> None:
        super().__init__(
            f"A party was aware of it before that: check “{FactName.OCCURRED_FROM}”, or have that party's instant of "
            "becoming aware corrected first."
        )


class DoneBeforeThat(Refused):
    """Names no party and nothing that it did: reporters read this too."""

    def __init__(self) -> None:
        super().__init__(
            f"Something about it was recorded as done before that, and it cannot have begun later: check "
            f"“{FactName.OCCURRED_FROM}”."
        )


def require_begun(session: Session, breach: Breach, at: datetime, what: str) -> None:
    """`what` completes “… before it began”. Of a day on which it began, its first moment counts. Where nobody knows
    when, nothing is in the way. Raises BeforeItBegan."""
    zone = zone_of(protocol_of(session, breach))
    began = instant_of(facts_of(session, breach).get(FactName.OCCURRED_FROM), zone)
    if began is not None and at < began:
        raise BeforeItBegan(breach, what, written_instant(began, zone))


def require_nobody_aware_before(session: Session, breach: Breach, facts: Mapping[FactName, Any]) -> None:
    """Of those that follow it up still: nobody can correct the awareness of another. Raises AwareBeforeThat."""
    began = instant_of(facts.get(FactName.OCCURRED_FROM), zone_of(protocol_of(session, breach)))
    if began is None:
        return
    statement = (
        select(Awareness.follow_up_id, Awareness.aware_at)
        .join(FollowUp, col(FollowUp.id) == Awareness.follow_up_id)
        .where(FollowUp.breach_id == breach.id, col(FollowUp.ended_at).is_(None))
        .order_by(col(Awareness.id))  # the newest of each stands
    )
    if any(aware_at < began for aware_at in dict(session.exec(statement).all()).values()):
        raise AwareBeforeThat


def require_nothing_done_before(session: Session, breach: Breach, facts: Mapping[FactName, Any]) -> None:
    """By whomever, also where the follow-up has ended: what is done stays done. Raises DoneBeforeThat."""
    began = instant_of(facts.get(FactName.OCCURRED_FROM), zone_of(protocol_of(session, breach)))
    if began is None:
        return
    done = (
        _done(breach, BreachDuty.follow_up_id).where(col(BreachDuty.done_at) < began),
        _done(breach, RegulatorNotice.follow_up_id).where(RegulatorNotice.given_at < began),
    )
    if session.execute(sa.union_all(*done).limit(1)).first() or _step_done_before(session, breach, began):
        raise DoneBeforeThat


def _step_done_before(session: Session, breach: Breach, began: datetime) -> bool:
    steps = select(StepRecord).join(FollowUp, col(FollowUp.id) == StepRecord.follow_up_id)
    rows = session.exec(steps.where(FollowUp.breach_id == breach.id, col(StepRecord.end).in_(DONE))).all()
    return any(done_at(session, breach.case, row) < began for row in rows)


def _done(breach: Breach, of: Any) -> Any:
    return sa.select(of).join(FollowUp, col(FollowUp.id) == of).where(col(FollowUp.breach_id) == breach.id)
