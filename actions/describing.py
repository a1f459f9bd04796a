"""A duty as a message speaks of it. Where the law or a procedure gives no figure, the time that it is kept with is when
Concordat asks again: nobody's deadline, and nobody is late by it (decision 7)."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlmodel import Session, col, select

from actions.breaches.procedures import in_version
from actions.duties import kind_as_said, said_of
from models.breach import FollowUp, StepEnd, StepRecord
from models.history import History
from models.lists import one_of
from models.obligation import Obligation, ObligationKind
from models.procedure import ProcedureVersion
from models.protocol import Party
from notifications.messages import Duty
from rules.limits import time_left
from rules.procedures import ProcedureStep

WITHOUT_UNDUE_DELAY = (ObligationKind.TELLING_PEOPLE.value, "telling the controller")  # as messages call them
BREACH = "breach:"


def described(session: Session, duty: Obligation, now: datetime) -> Duty:
    """Overdue is computed here, never stored."""
    party = session.get(Party, duty.party_id) if duty.party_id else None
    return described_at(
        duty, party.name if party else None, now, figure=duty.key not in without_figure(session, [duty])
    )


def described_at(duty: Obligation, party: str | None, now: datetime, *, figure: bool) -> Duty:
    """The same, where the party's name is known, and whether there is a figure."""
    exact = figure and duty.exact
    return Duty(
        kind=kind_as_said(duty),
        party=party or "the steering group",
        due_on=duty.due_on,
        overdue=figure and duty.is_overdue(now),
        what=said_of(duty),
        due_at=duty.counted_to if exact else None,
        left=time_left(duty.due_at, now) if exact else None,
        asked_at=None if figure else duty.opened_at,
    )


def without_figure(session: Session, duties: Iterable[Obligation]) -> frozenset[str]:
    """The keys of those that have none. What somebody has extended is due on the day that they gave."""
    every = list(duties)
    by_law = [duty.key for duty in every if kind_as_said(duty) in WITHOUT_UNDUE_DELAY and duty.exact]
    of_breaches = [duty for duty in every if duty.kind is ObligationKind.STEP and duty.case.startswith(BREACH)]
    steps = _steps_without(session, of_breaches)
    extended = _extended(session, steps) if steps else frozenset()
    return frozenset([*by_law, *(duty.key for duty in steps if duty.key not in extended)])


def _steps_without(session: Session, steps: Sequence[Obligation]) -> list[Obligation]:
    """By the procedures that their follow-ups are pinned to."""
    if not steps:
        return []
    numbers = {duty.key: int(duty.case.removeprefix(BREACH)) for duty in steps}
    followed = session.exec(
        select(FollowUp, ProcedureVersion)
        .join(ProcedureVersion, col(ProcedureVersion.id) == FollowUp.procedure_version_id)
        .where(one_of(session, FollowUp.breach_id, sorted(set(numbers.values()))))
    ).all()  # fmt: skip
    of = {(follow_up.breach_id, follow_up.party_id): (follow_up, version) for follow_up, version in followed}
    found = []
    for duty in steps:
        if (there := of.get((numbers[duty.key], duty.party_id or 0))) is None:
            continue
        step = in_version(there[1]).steps.get(duty.subject or "")
        if step is not None and _has_none(session, there[0], step):
            found.append(duty)
    return found


def _has_none(session: Session, follow_up: FollowUp, step: ProcedureStep) -> bool:
    """In the round that it is in (`rules.procedure_steps`): what is done again has a figure always."""
    newest = None
    if step.final is not None or step.repeat is not None:
        ends = select(StepRecord.end).where(StepRecord.follow_up_id == follow_up.id, StepRecord.step == step.id)
        newest = session.exec(ends.order_by(col(StepRecord.round).desc(), col(StepRecord.id).desc()).limit(1)).first()
    if newest is not None and newest is not StepEnd.PROVISIONAL:
        return False
    limit = step.limit if newest is None else step.final
    return limit is None or limit.urgency is not None


def _extended(session: Session, duties: Iterable[Obligation]) -> frozenset[str]:
    cases = sorted({duty.case for duty in duties})
    rows = select(History.details).where(one_of(session, History.case, cases), History.what == "extended")
    return frozenset(str(details.get("obligation")) for details in session.exec(rows))
