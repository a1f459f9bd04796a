"""By when a step is due: what its limit counts from, as far as that is known, and what has ended when."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any, TypedDict
from zoneinfo import ZoneInfo

from sqlalchemy import bindparam
from sqlmodel import Session, col, select

from actions.breaches.facts import facts_of
from actions.breaches.moving import protocol_of
from actions.breaches.procedures import procedure_of
from actions.breaches.statutory import statutory_duties_of
from actions.breaches.step_times import corrections_in
from actions.policy import allowance_after, allowance_of, zone_of
from models.breach import Awareness, Breach, BreachDuty, FollowUp, StepEnd, StepRecord
from models.protocol import Party, Protocol
from models.remembering import remembered
from rules.breach_facts import FactName, instant_of
from rules.deadlines import Due
from rules.instants import OutsideTheCalendar, elapsed
from rules.procedure_limits import due_of, step_key
from rules.procedure_steps import StepEnded
from rules.procedures import Limit, Moment, Procedure, ProcedureStep, Urgency
from rules.working_days import BeyondPublishedHolidays

LONGEST_WHAT = 300  # characters, as an obligation keeps it
IN_WORDS = {
    None: "",
    Urgency.IMMEDIATELY: " at once",
    Urgency.UNDUE_DELAY: " without undue delay",
    Urgency.DELAY: " without delay",
}


class Limited(TypedDict, total=False):
    due_at: datetime
    due_on: date


def limited_to(due: datetime | date) -> Limited:
    """As `open_obligation` takes it."""
    return {"due_at": due} if isinstance(due, datetime) else {"due_on": due}


@remembered(FollowUp)
def ended_in(session: Session, follow_up: FollowUp) -> Mapping[str, StepEnded]:
    """The newest end of each step. One that restates a statutory duty ends when that duty is answered."""
    rows = records_of(session, follow_up)
    corrected = corrections_in(session, f"breach:{follow_up.breach_id}") if rows else {}
    ended = {
        row.step: StepEnded(
            at=corrected.get(row.id or 0, row.at), provisional=row.end is StepEnd.PROVISIONAL,
            skipped=row.end is StepEnd.SKIPPED, round=row.round,
        )
        for row in rows
    }  # fmt: skip
    return ended | dict(_answered(session, follow_up, procedure_of(session, follow_up)))


@remembered(StepRecord)
def records_of(session: Session, follow_up: FollowUp) -> Sequence[StepRecord]:
    """How its steps have ended, the newest round of each last."""
    return session.exec(_RECORDS, params={"of": follow_up.id}).all()


_RECORDS = (
    select(StepRecord)
    .where(StepRecord.follow_up_id == bindparam("of"))
    .order_by(col(StepRecord.round), col(StepRecord.id))
)


def _answered(session: Session, follow_up: FollowUp, procedure: Procedure) -> Iterator[tuple[str, StepEnded]]:
    return answered_by(procedure, statutory_duties_of(session, follow_up))


def answered_by(procedure: Procedure, duties: Iterable[BreachDuty]) -> Iterator[tuple[str, StepEnded]]:
    """Steps that restate one of these duties, where that has been done, or need not be."""
    answers = {duty.kind.value: duty for duty in duties}
    for step in procedure.steps.values():
        duty = answers.get(step.duty) if step.duty else None
        if duty is not None and duty.done_at is not None:
            yield step.id, StepEnded(at=duty.done_at)
        elif duty is not None and duty.required is False and duty.decided_at is not None:
            yield step.id, StepEnded(at=duty.decided_at, skipped=True)


def due_of_step(
    session: Session, now: datetime, breach: Breach, follow_up: FollowUp, step: ProcedureStep
) -> Due | None:
    """The first time it is done; `due_of_limit` for the limit of any round. `now` is when the step was opened."""
    ended = ended_in(session, follow_up)
    moments = moments_of(session, breach, follow_up, facts_of(session, breach), ended)
    return due_of_limit(session, now, breach, follow_up, step.limit, moments)


def due_of_limit(
    session: Session, now: datetime, breach: Breach, follow_up: FollowUp, limit: Limit | None,
    moments: Mapping[str, datetime],
) -> Due | None:  # fmt: skip
    """By its figure and the moment it counts from.

    None where there is no figure, where nobody knows the moment yet, and where the day lies beyond the published
    bank holidays: no step waits for those.
    """
    if limit is None:
        return None
    protocol, party = protocol_of(session, breach), session.get_one(Party, follow_up.party_id)
    try:
        return due_of(limit, {**moments, Moment.OPENED.value: now}, party.nation, zone_of(protocol))
    except (BeyondPublishedHolidays, OutsideTheCalendar):
        return None


def asked_again(protocol: Protocol, limit: Limit | None, now: datetime) -> datetime | date:
    """When Concordat asks again for a step that has no date of its own. It is nobody's deadline."""
    urgency = limit.urgency if limit else None
    if urgency is Urgency.DELAY:
        urgency = Urgency.UNDUE_DELAY
    try:
        return allowance_after(protocol, urgency, now)
    except BeyondPublishedHolidays:
        return elapsed(now, 0, allowance_of(protocol, "undue_delay").count)


def asked_again_for_step(protocol: Protocol, opened_at: datetime, *, in_days: bool) -> Collection[datetime | date]:
    """The times that a step whose figure could not be counted may be kept with: see `asked_again`."""
    if not in_days:
        return (elapsed(opened_at, 0, allowance_of(protocol, "undue_delay").count),)
    try:
        return (allowance_after(protocol, None, opened_at),)
    except BeyondPublishedHolidays:
        return ()


def moments_of(
    session: Session, breach: Breach, follow_up: FollowUp, facts: Mapping[FactName, Any],
    ended: Mapping[str, StepEnded],
) -> dict[str, datetime]:  # fmt: skip
    """The instants that limits count from, as they are known of one follow-up."""
    zone = zone_of(protocol_of(session, breach))
    return moments_from(zone, breach, follow_up, facts, aware_at(session, follow_up), ended)


def moments_from(
    zone: ZoneInfo, breach: Breach, follow_up: FollowUp, facts: Mapping[FactName, Any], aware: datetime | None,
    ended: Mapping[str, StepEnded],
) -> dict[str, datetime]:  # fmt: skip
    """What nobody has stated is not later than what is known to have followed."""
    detected = instant_of(facts.get(FactName.DETECTED), zone) or breach.reported_at
    known = {
        Moment.OCCURRED: instant_of(facts.get(FactName.OCCURRED_FROM), zone),
        Moment.SUSPECTED: instant_of(facts.get(FactName.SUSPECTED), zone) or detected,
        Moment.DETECTED: detected,
        Moment.REPORTED: breach.reported_at,
        Moment.NOTIFIED: follow_up.opened_at,
        Moment.AWARE: aware,
    }
    steps = {step_key(key): end.at for key, end in ended.items()}
    return {moment.value: at for moment, at in known.items() if at is not None} | steps


@remembered(Awareness)
def aware_at(session: Session, follow_up: FollowUp) -> datetime | None:
    """Since when the party has been aware, as last corrected."""
    return session.exec(_AWARE, params={"of": follow_up.id}).first()


_AWARE = (
    select(Awareness.aware_at)
    .where(Awareness.follow_up_id == bindparam("of"))
    .order_by(col(Awareness.id).desc())
    .limit(1)
)


def in_words(step: ProcedureStep) -> str:
    """Completes "please …"."""
    words = f"{step.do}{IN_WORDS[step.limit.urgency if step.limit else None]}"
    return words if len(words) <= LONGEST_WHAT else f"{words[: LONGEST_WHAT - 1]}…"
