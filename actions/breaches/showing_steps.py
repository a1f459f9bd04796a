"""What one party owes, by when, and where each step of its procedure stands."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from actions.breaches.shown_party import ClockLine, StepLine
from actions.breaches.steps import standing_of
from actions.cast import known_id
from actions.describing import without_figure
from actions.duties import said_of
from models.breach import Breach, FollowUp, StepEnd, StepRecord
from models.obligation import Obligation, ObligationKind
from models.protocol import Contact, Party
from rules.limits import time_left
from rules.procedure_steps import StepState, StepView
from rules.procedure_words import limit_words, words
from rules.procedures import Procedure, ProcedureStep, roles_named

STATUTORY = (ObligationKind.NOTICE,)


def clock_lines(session: Session, now: datetime, breach: Breach) -> Mapping[int | None, list[ClockLine]]:
    """What is owed in this breach, by party, the nearest limit first."""
    found: dict[int | None, list[ClockLine]] = defaultdict(list)
    for duty, line in _clocks(session, now, Obligation.case == breach.case):
        found[duty.party_id].append(line)
    return found


def clock_lines_of_party(
    session: Session, now: datetime, party: Party, cases: Collection[str]
) -> Mapping[str, list[ClockLine]]:
    """What this party owes in these cases, by case, the nearest limit first."""
    found: dict[str, list[ClockLine]] = defaultdict(list)
    for duty, line in _clocks(session, now, Obligation.party_id == party.id, col(Obligation.case).in_(cases)):
        found[duty.case].append(line)
    return found


def _clocks(session: Session, now: datetime, *of: Any) -> Iterator[tuple[Obligation, ClockLine]]:
    statement = select(Obligation, Contact).join(Contact, col(Contact.id) == Obligation.contact_id)
    still = statement.where(*of, col(Obligation.outcome).is_(None))
    owed = session.exec(still.order_by(col(Obligation.due_at), col(Obligation.id))).all()
    none = without_figure(session, (duty for duty, _ in owed))
    for duty, contact in owed:
        yield duty, _clock(now, duty, contact, figure=duty.key not in none)


def _clock(now: datetime, duty: Obligation, contact: Contact, *, figure: bool) -> ClockLine:
    return ClockLine(
        number=known_id(duty), key=duty.key, kind=duty.kind.value, what=said_of(duty),
        step=duty.subject if duty.kind is ObligationKind.STEP else None, role=contact.role.value,
        address=contact.address, reachable=contact.bounced_at is None, due_on=duty.due_on, due_at=duty.due_at,
        exact=duty.exact, statutory=duty.kind in STATUTORY, left=time_left(duty.due_at, now) if figure else "",
        overdue=figure and duty.is_overdue(now), asked_at=None if figure else duty.opened_at,
    )  # fmt: skip


def step_lines(
    session: Session, breach: Breach, follow_up: FollowUp, procedure: Procedure, clocks: Sequence[ClockLine],
    records: Sequence[StepRecord], texts: Mapping[int | None, str],
) -> Iterator[StepLine]:  # fmt: skip
    """In the procedure's own order."""
    standing = standing_of(session, breach, follow_up)
    owed = {line.step: line for line in clocks if line.step}
    newest = {record.step: record for record in records}
    for key, step in procedure.steps.items():
        ended = standing.ended[key].at if key in newest else None
        yield _step(procedure, step, standing.views[key], owed.get(key), newest.get(key), ended, texts)


def _step(
    procedure: Procedure, step: ProcedureStep, view: StepView, clock: ClockLine | None, record: StepRecord | None,
    ended_at: datetime | None, texts: Mapping[int | None, str],
) -> StepLine:  # fmt: skip
    limit = view.limit if view.state is StepState.OPEN else step.limit
    return StepLine(
        step=step.id, do=step.do, who=procedure.roles[step.by].name, state=view.state.value,
        limit=limit_words(limit) if limit else None, needed_if=words(step.when) if step.when else None,
        waits_for=view.waits_for, missing=view.missing, duty=step.duty,
        advised_by=roles_named(procedure, step.advised_by), inform=roles_named(procedure, step.inform),
        note=step.note, asks_evidence=step.evidence, clock=clock,
        ended_at=ended_at, ended_by=record.recorded_by if record else None,
        outcome=texts.get(record.outcome_id) if record else None, evidence=record.evidence if record else None,
        provisional=record is not None and record.end is StepEnd.PROVISIONAL,
    )  # fmt: skip
