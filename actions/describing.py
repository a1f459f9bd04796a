"""A duty as a message speaks of it. Where the law or a procedure gives no figure, the time that it is kept with is when
Concordat asks again: nobody's deadline, and nobody is late by it (decision 7)."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlmodel import Session, col, select

from actions.breaches.procedures import in_version
from actions.cast import known_id
from actions.duties import extended_in, kind_as_said, said_of
from models.breach import BreachDuty, FollowUp, StepEnd, StepRecord
from models.history import History
from models.lists import one_of
from models.obligation import Obligation, ObligationKind
from models.procedure import ProcedureVersion
from models.protocol import Party
from notifications.messages import Duty
from rules.breach_duties import DutyKind
from rules.limits import time_left
from rules.procedures import Limit, Procedure

TELLING_THE_CONTROLLER = "telling the controller"  # as messages call a processor's notice
TELLS = {
    ObligationKind.TELLING_PEOPLE: DutyKind.PEOPLE,
    ObligationKind.TELLING_PARTNERS: DutyKind.PARTNERS,
}
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
    to_controllers = [duty.key for duty in every if kind_as_said(duty) == TELLING_THE_CONTROLLER and duty.exact]
    by_procedure = [duty for duty in every if duty.case.startswith(BREACH) and _is_procedures(duty)]
    none = _without(session, by_procedure) if by_procedure else []
    cases = one_of(session, History.case, sorted({duty.case for duty in none}))
    extended = extended_in(session, cases) if none else frozenset()
    return frozenset([*to_controllers, *(duty.key for duty in none if duty.key not in extended)])


def _is_procedures(duty: Obligation) -> bool:
    """Whose figure, if there is one, stands in the party's procedure: a telling in days has been given its day."""
    return duty.kind is ObligationKind.STEP or (duty.kind in TELLS and duty.exact)


def _without(session: Session, duties: Sequence[Obligation]) -> list[Obligation]:
    """By the procedures that their follow-ups are pinned to; a few statements, however many they are."""
    numbers = {duty.key: int(duty.case.removeprefix(BREACH)) for duty in duties}
    followed = session.exec(
        select(FollowUp, ProcedureVersion)
        .join(ProcedureVersion, col(ProcedureVersion.id) == FollowUp.procedure_version_id)
        .where(one_of(session, FollowUp.breach_id, sorted(set(numbers.values()))))
    ).all()  # fmt: skip
    of = {(follow_up.breach_id, follow_up.party_id): (follow_up, version) for follow_up, version in followed}
    ids = [known_id(follow_up) for follow_up, _ in followed]
    ends, clocked = _newest_ends(session, ids), _with_a_clock(session, ids)
    found = []
    for duty in duties:
        if (there := of.get((numbers[duty.key], duty.party_id or 0))) is None:
            continue
        number, procedure = known_id(there[0]), in_version(there[1])
        if duty.kind in TELLS:
            none = (duty.kind, number) not in clocked and _tells_without(procedure, TELLS[duty.kind])
        else:
            none = _step_without(procedure, duty.subject or "", ends.get((number, duty.subject or "")))
        found += [duty] if none else []
    return found


def _tells_without(procedure: Procedure, kind: DutyKind) -> bool:
    return all(_is_without(step.limit) for step in procedure.steps.values() if step.duty == kind)


def _step_without(procedure: Procedure, name: str, newest: StepEnd | None) -> bool:
    """In the round that it is in (`rules.procedure_steps`): what is done again has a figure always."""
    if (step := procedure.steps.get(name)) is None or newest not in (None, StepEnd.PROVISIONAL):
        return False
    return _is_without(step.limit if newest is None else step.final)


def _is_without(limit: Limit | None) -> bool:
    return limit is None or limit.urgency is not None


def _newest_ends(session: Session, follow_ups: Sequence[int]) -> dict[tuple[int, str], StepEnd]:
    statement = (
        select(StepRecord.follow_up_id, StepRecord.step, StepRecord.end)
        .where(one_of(session, StepRecord.follow_up_id, follow_ups))
        .order_by(col(StepRecord.round), col(StepRecord.id))
    )
    return {(number, step): StepEnd(end) for number, step, end in session.exec(statement)}


def _with_a_clock(session: Session, follow_ups: Sequence[int]) -> set[tuple[ObligationKind, int]]:
    """Those whose protocol has a clock of its own between partners."""
    statement = select(BreachDuty.follow_up_id).where(
        one_of(session, BreachDuty.follow_up_id, follow_ups), BreachDuty.kind == DutyKind.PARTNERS,
        col(BreachDuty.due_at).is_not(None),
    )  # fmt: skip
    return {(ObligationKind.TELLING_PARTNERS, number) for number in session.exec(statement)}
