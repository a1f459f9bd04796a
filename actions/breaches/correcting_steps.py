"""When a step was done was recorded wrongly: corrected with a reason, and all that counts from it follows."""

from datetime import datetime

from sqlmodel import Session

from actions.breaches.beginning import require_begun
from actions.breaches.counting_anew import count_anew, limits_by_steps
from actions.breaches.moving import open_breach_locked, open_follow_up_at, protocol_of
from actions.breaches.notice_dates import date_notices_earlier
from actions.breaches.procedures import procedure_of
from actions.breaches.settling import settle
from actions.breaches.step_times import CORRECTED, done_at
from actions.breaches.stepping import DoneAhead, newest_record, step_of
from actions.policy import zone_of
from actions.reasons import reason
from models import history
from models.breach import StepEnd
from rules.errors import Refused
from rules.instants import require_aware
from rules.procedures import ProcedureStep


class NotDone(Refused):
    def __init__(self, step: ProcedureStep) -> None:
        super().__init__(f"Step “{step.id}” has not been done: there is no time of it to correct.")


def correct_step(
    session: Session, now: datetime, breach_id: int, slug: str, step_id: str, at: datetime, by: str, because: str
) -> datetime:  # fmt: skip
    """Of what was done more than once, the last time. Answers what stood before; the same instant again does nothing.

    What was sent stays sent, and what has ended stays ended. Raises NotThere, BreachHasEnded, NoFollowUp,
    FollowUpHasEnded, IsADuty, NotDone, DoneAhead, BeforeItBegan, ReasonNeeded, NotAnInstant.
    """
    breach = open_breach_locked(session, breach_id)
    follow_up, party = open_follow_up_at(session, breach, slug)
    step = step_of(procedure_of(session, follow_up), step_id)
    at, why, record = require_aware(at), reason(because, "a corrected time"), newest_record(session, follow_up, step)
    if record is None or record.end is StepEnd.SKIPPED:
        raise NotDone(step)
    before = done_at(session, breach.case, record)
    if at == before:
        return before
    if at > now:
        raise DoneAhead(at, zone_of(protocol_of(session, breach)))
    require_begun(session, breach, at, "No step can have been done")
    limits = limits_by_steps(session, now, breach, follow_up)
    history.write(
        session, breach.case, now, by, CORRECTED, why=why, party=party.slug, step=step.id, record=record.id,
        at=at.isoformat(), before=before.isoformat(),
    )  # fmt: skip
    count_anew(session, now, breach, follow_up, limits)
    date_notices_earlier(session, now, breach)
    settle(session, now, breach)
    return before
