"""Every deadline of the year and how it was kept. What was done counts from when it was done, not when it was recorded.

The clocks of breaches and the acknowledgements of complaints are read where they are kept (what is told to a regulator
before anybody owes it is in time); everything else from the obligations.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta

from sqlmodel import col, select

from actions.annual_report_shapes import Deadline, Kept
from actions.breaches.duties import is_late
from actions.breaches.step_times import corrections_in_all
from actions.complaints.counting import Register, acknowledgements, register_of
from actions.describing import without_figure
from actions.year_span import Year
from models.breach import Breach, BreachDuty, BreachReport, FollowUp, FollowUpEnd, StepRecord
from models.obligation import Obligation, ObligationKind, Outcome
from models.protocol import Party
from rules.breach_duties import DutyKind
from rules.instants import end_of_day
from rules.limits import is_over, time_left

REGULATOR = "telling the regulator (72 hours)"
PARTNERS = ObligationKind.TELLING_PARTNERS.value
ACKNOWLEDGEMENT = ObligationKind.ACKNOWLEDGEMENT.value
ELSEWHERE = (ObligationKind.NOTICE, ObligationKind.TELLING_PARTNERS, ObligationKind.ACKNOWLEDGEMENT)
CLOCKS = {DutyKind.REGULATOR: REGULATOR, DutyKind.PARTNERS: PARTNERS}
FOR_NOTHING = (FollowUpEnd.NOT_AFFECTED, FollowUpEnd.NOT_A_BREACH, FollowUpEnd.MERGED, FollowUpEnd.LEFT)
SECRETARY = "the secretary"


def deadlines_of(year: Year) -> list[Deadline]:
    """Whose limit lies in the year, by limit."""
    register = register_of(year.session, year.protocol)
    references = _references(year)
    found = [
        *_obligations(year, register, references), *_clocks(year, register, references),
        *_acknowledgements(year, register),
    ]  # fmt: skip
    return sorted(found, key=lambda each: (each.due_at, each.case, each.kind, each.who))


def _obligations(year: Year, register: Register, references: Mapping[str, str]) -> Iterator[Deadline]:
    statement = select(Obligation).where(
        Obligation.protocol_id == year.protocol.id, col(Obligation.due_on) >= year.first_day,
        col(Obligation.due_on) <= year.last_day, col(Obligation.kind).not_in(ELSEWHERE),
    )  # fmt: skip
    steps, duties = _steps_done(year), year.session.exec(statement.order_by(col(Obligation.id))).all()
    none = without_figure(year.session, duties)
    for duty in duties:
        if duty.outcome is Outcome.SUPERSEDED or duty.key in none:
            continue
        done = steps.get(duty.key) or duty.discharged_at
        kept = _kept(year, duty, done)
        party = register.parties.get(duty.party_id or 0)
        yield Deadline(
            kind=duty.kind.value, case=duty.case, reference=_reference(duty.case, references),
            who=party.name if party else SECRETARY, due_at=duty.due_at,
            due_on=None if duty.exact else duty.due_on, kept=kept,
            done_at=done if duty.outcome is Outcome.ANSWERED else None,
            late_by=_late_by(duty.due_at, done or year.now) if kept in (Kept.LATE, Kept.NEVER) else "",
        )  # fmt: skip


def _kept(year: Year, duty: Obligation, done: datetime | None) -> Kept:
    over = is_over(duty.due_at, done or year.now, exact=duty.exact)
    match duty.outcome:
        case None:
            return Kept.LATE if over else Kept.RUNNING
        case Outcome.ANSWERED:
            return Kept.LATE if over else Kept.IN_TIME
        case Outcome.LAPSED:
            return Kept.NEVER if over else Kept.NOT_NEEDED
        case _:
            return Kept.NOT_NEEDED


def _steps_done(year: Year) -> Mapping[str, datetime]:
    """By the obligation's key: when a step of a procedure was really done."""
    statement = (
        select(FollowUp.breach_id, Party.slug, StepRecord)
        .join(FollowUp, col(FollowUp.id) == StepRecord.follow_up_id)
        .join(Party, col(Party.id) == FollowUp.party_id)
        .where(Party.protocol_id == year.protocol.id)
    )
    corrected = corrections_in_all(year.session)
    return {
        f"breach:{breach}:step:{slug}:{record.step}:{record.round}": corrected.get(record.id or 0, record.at)
        for breach, slug, record in year.session.exec(statement)
    }


def _clocks(year: Year, register: Register, references: Mapping[str, str]) -> Iterator[Deadline]:
    """Of each party that a breach concerned: the regulator's 72 hours, and the protocol's own clock for partners."""
    statement = (
        select(BreachDuty, FollowUp, Breach)
        .join(FollowUp, col(FollowUp.id) == BreachDuty.follow_up_id)
        .join(Breach, col(Breach.id) == FollowUp.breach_id)
        .where(Breach.protocol_id == year.protocol.id, col(BreachDuty.kind).in_(list(CLOCKS)))
        .where(col(BreachDuty.due_at) > year.begins_at, col(BreachDuty.due_at) <= year.ends_at)
        .order_by(col(BreachDuty.id))
    )
    for duty, follow_up, breach in year.session.exec(statement):
        if duty.due_at is None or (duty.done_at is None and _is_for_nothing(duty, follow_up)):
            continue
        late = is_late(year.session, breach, follow_up, duty, duty.done_at or year.now)
        kept = Kept.LATE if late else Kept.IN_TIME if duty.done_at else Kept.RUNNING
        yield Deadline(
            kind=CLOCKS[duty.kind], case=breach.case, reference=_reference(breach.case, references),
            who=register.parties[follow_up.party_id].name, due_at=duty.due_at,
            due_on=None, done_at=duty.done_at, kept=kept,
            late_by=_late_by(duty.due_at, duty.done_at or year.now) if late else "",
        )  # fmt: skip


def _is_for_nothing(duty: BreachDuty, follow_up: FollowUp) -> bool:
    """Nobody has to be told: the law does not ask it, or the follow-up ended before anybody had to decide."""
    return duty.required is False or follow_up.end in FOR_NOTHING or follow_up.ended_at is not None


def _acknowledgements(year: Year, register: Register) -> Iterator[Deadline]:
    for owed in acknowledgements(year.session, register):
        said = owed.acknowledgement
        if not year.first_day <= said.due <= year.last_day:
            continue
        late = said.is_late(year.today)
        kept = Kept.LATE if late else Kept.IN_TIME if said.done else Kept.RUNNING
        days = ((said.done or year.today) - said.due).days
        case = f"complaint:{said.complaint}"
        yield Deadline(
            kind=ACKNOWLEDGEMENT, case=case, reference=_reference(case, {}),
            who=register.names[said.party] if said.party else SECRETARY, due_at=end_of_day(said.due, year.zone),
            due_on=said.due,
            done_at=register.complaints[said.complaint].acknowledged_at if said.done else None, kept=kept,
            late_by=("one day" if days == 1 else f"{days} days") if late else "",
        )  # fmt: skip


def _references(year: Year) -> Mapping[str, str]:
    """As the reporter was told; of a breach with several reports the first."""
    statement = (
        select(BreachReport.breach_id, BreachReport.reference)
        .join(Breach, col(Breach.id) == BreachReport.breach_id)
        .where(Breach.protocol_id == year.protocol.id)
        .order_by(col(BreachReport.id).desc())
    )
    return {f"breach:{number}": reference for number, reference in year.session.exec(statement)}


def _reference(case: str, references: Mapping[str, str]) -> str:
    kind, _, number = case.partition(":")
    said = references.get(case)
    return f"{kind} {number} ({said})" if said else f"{kind} {number}"


def _late_by(due_at: datetime, at: datetime) -> str:
    said = time_left(due_at, max(at.astimezone(UTC), due_at + timedelta(seconds=1)))
    return said.removeprefix("overdue by ")
