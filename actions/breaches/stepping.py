"""A step of a party's procedure is done, done for now, or skipped: by a person, with what shows it or why."""

from datetime import datetime
from zoneinfo import ZoneInfo

from sqlmodel import Session

from actions.breaches.beginning import require_begun
from actions.breaches.moving import open_breach_locked, open_follow_up_at, protocol_of
from actions.breaches.notice_dates import date_notices_earlier
from actions.breaches.procedures import procedure_of
from actions.breaches.settling import settle
from actions.breaches.step_limits import records_of
from actions.breaches.step_times import done_at as done_at_of
from actions.breaches.steps import open_steps_of, views_of
from actions.cast import NotThere, known_id
from actions.duties import discharge
from actions.policy import zone_of
from actions.reasons import reason
from models import history
from models.breach import Breach, FollowUp, StepEnd, StepRecord
from models.obligation import Outcome
from models.protocol import Party
from rules.errors import Refused
from rules.procedure_steps import StepState, StepView
from rules.procedures import Procedure, ProcedureStep
from rules.sentences import written_instant
from rules.texts import plain, shown


class EvidenceNeeded(Refused):
    def __init__(self, step: ProcedureStep) -> None:
        super().__init__(f"The procedure asks what shows that this was done: {step.evidence} (`--evidence`).")


class IsADuty(Refused):
    def __init__(self, step: ProcedureStep) -> None:
        command = {
            "regulator": "breach notify", "people": "breach people", "partners": "breach partners",
            "controller": "breach notify",
        }[step.duty or "regulator"]  # fmt: skip
        super().__init__(
            f"Step “{step.id}” restates what the law asks: it ends when that is recorded with `concordat {command}`."
        )


class HasEnded(Refused):
    def __init__(self, step: ProcedureStep, view: StepView) -> None:
        super().__init__(f"Step “{step.id}” is {view.state}: what is done stays done.")


class NotProvisional(Refused):
    def __init__(self, step: ProcedureStep) -> None:
        super().__init__(f"The procedure has no provisional answer for step “{step.id}”: say how it was done.")


class AlreadyProvisional(Refused):
    """A second one would begin the time for the final answer anew."""

    def __init__(self, step: ProcedureStep) -> None:
        super().__init__(f"Step “{step.id}” has a provisional answer already: what is owed now is the final one.")


class DoneAhead(Refused):
    def __init__(self, at: datetime, zone: ZoneInfo) -> None:
        super().__init__(f"A step was done by now or before: {written_instant(at, zone)} has not come yet.")


def finish_step(
    session: Session, now: datetime, breach_id: int, slug: str, step_id: str, by: str, outcome: str,
    evidence: str | None = None, done_at: datetime | None = None, provisional: bool = False,
) -> None:  # fmt: skip
    """Done, perhaps before its turn: what was done early is done. The same again does nothing.

    Raises NotThere, BreachHasEnded, NoFollowUp, FollowUpHasEnded, IsADuty, HasEnded, EvidenceNeeded, DoneAhead,
    BeforeItBegan, NotProvisional, ReasonNeeded (an outcome without words).
    """
    breach = open_breach_locked(session, breach_id)
    follow_up, party = open_follow_up_at(session, breach, slug)
    step = step_of(procedure_of(session, follow_up), step_id)
    said, shown_by = reason(outcome, "what a step brought"), plain(evidence or "") or None
    end = StepEnd.PROVISIONAL if provisional else StepEnd.DONE
    if _said_already(session, now, breach, follow_up, step, (end, said, shown_by), done_at):
        return
    if step.evidence and shown_by is None:
        raise EvidenceNeeded(step)
    if provisional and not step.may_be_provisional:
        raise NotProvisional(step)
    if done_at is not None and done_at > now:
        raise DoneAhead(done_at, zone_of(protocol_of(session, breach)))
    if done_at is not None:
        require_begun(session, breach, done_at, "No step can have been done")
    _end(session, now, breach, follow_up, party, step, end, by, said, shown_by, done_at or now)


def skip_step(
    session: Session, now: datetime, breach_id: int, slug: str, step_id: str, by: str, because: str
) -> None:  # fmt: skip
    """Not done, and why. Skipping twice does nothing."""
    breach = open_breach_locked(session, breach_id)
    follow_up, party = open_follow_up_at(session, breach, slug)
    step = step_of(procedure_of(session, follow_up), step_id)
    why = reason(because, "a skipped step")
    if views_of(session, breach, follow_up)[step.id].state is StepState.SKIPPED:
        return
    _end(session, now, breach, follow_up, party, step, StepEnd.SKIPPED, by, why, None, now)


def step_of(procedure: Procedure, step_id: str) -> ProcedureStep:
    step = procedure.steps.get(step_id)
    if step is None:
        known = ", ".join(procedure.steps)
        raise NotThere(f"“{procedure.title}” has no step “{shown(step_id)}”: its steps are {known}.")
    if step.duty:
        raise IsADuty(step)
    return step


def _said_already(
    session: Session, now: datetime, breach: Breach, follow_up: FollowUp, step: ProcedureStep,
    answer: tuple[StepEnd, str, str | None], done_at: datetime | None,
) -> bool:  # fmt: skip
    """The newest record says just this: the same order given twice.

    What is done again and again may bring the same each time: it is said anew when half the time to the next has
    gone by, or with another instant.
    """
    newest = newest_record(session, follow_up, step)
    if newest is None or newest.outcome_id is None:
        return False
    text = session.get_one(history.Narrative, newest.outcome_id).text
    if (newest.end, text, newest.evidence) != answer:
        return False
    again = open_steps_of(session, breach, follow_up).get(step.id) if step.repeat else None
    if again is None:
        return True
    before = done_at_of(session, breach.case, newest)
    return before == done_at if done_at is not None else now - before < (again.due_at - before) / 2


def newest_record(session: Session, follow_up: FollowUp, step: ProcedureStep) -> StepRecord | None:
    of_it = [record for record in records_of(session, follow_up) if record.step == step.id]
    return of_it[-1] if of_it else None


def _end(
    session: Session, now: datetime, breach: Breach, follow_up: FollowUp, party: Party, step: ProcedureStep,
    end: StepEnd, by: str, said: str, evidence: str | None, at: datetime,
) -> None:  # fmt: skip
    view, newest = views_of(session, breach, follow_up)[step.id], newest_record(session, follow_up, step)
    if view.state in (StepState.DONE, StepState.SKIPPED):
        raise HasEnded(step, view)
    if end is StepEnd.PROVISIONAL and newest is not None and newest.end is StepEnd.PROVISIONAL:
        raise AlreadyProvisional(step)
    record = StepRecord(
        follow_up_id=known_id(follow_up), step=step.id, round=newest.round + 1 if newest else 1, end=end,
        outcome_id=history.narrate(session, said), evidence=evidence, at=at, recorded_at=now, recorded_by=by,
    )  # fmt: skip
    session.add(record)
    duty = open_steps_of(session, breach, follow_up).get(step.id)
    if duty is not None:
        discharge(session, now, [duty], Outcome.WAIVED if end is StepEnd.SKIPPED else Outcome.ANSWERED, by)
    history.write(
        session, breach.case, now, by, f"step {end.value}", why=said if end is StepEnd.SKIPPED else None,
        party=party.slug, step=step.id, at=at.isoformat(), evidence=bool(evidence),
    )  # fmt: skip
    date_notices_earlier(session, now, breach)
    settle(session, now, breach)
