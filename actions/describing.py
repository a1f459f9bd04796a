"""A duty as messages, pages and lists speak of it. Where law, protocol and procedure give no figure, the time that it
is kept with is when Concordat asks again: nobody's deadline, and nobody is late by it (decision 7)."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlmodel import Session, col, select

from actions.breaches.facts import facts_of
from actions.breaches.looking_ahead import look_ahead
from actions.breaches.procedures import in_version
from actions.breaches.step_limits import ended_in, moments_of
from actions.cast import known_id
from actions.duties import extended_in, kind_as_said, said_of
from models.breach import Breach, BreachDuty, FollowUp, StepEnd, StepRecord
from models.history import History
from models.lists import one_of
from models.obligation import Obligation, ObligationKind
from models.procedure import ProcedureVersion
from models.protocol import Party
from notifications.messages import Duty
from rules.breach_duties import DutyKind
from rules.limits import time_left
from rules.procedure_limits import start_of
from rules.procedures import Limit, Moment, Procedure

TELLING_THE_CONTROLLER = "telling the controller"  # as messages call a processor's notice
TELLS = {
    ObligationKind.TELLING_PEOPLE: DutyKind.PEOPLE,
    ObligationKind.TELLING_PARTNERS: DutyKind.PARTNERS,
}
KNOWN_LATER = (Moment.OCCURRED, Moment.AWARE, Moment.STEP)  # perhaps: every other moment is known from the start
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
    by_nothing = [duty.key for duty in every if _is_by_nothing(duty)]
    by_procedure = [duty for duty in every if duty.case.startswith(BREACH) and _is_procedures(duty)]
    none = _without(session, by_procedure) if by_procedure else []
    cases = one_of(session, History.case, sorted({duty.case for duty in none}))
    extended = extended_in(session, cases) if none else frozenset()
    return frozenset([*by_nothing, *(duty.key for duty in none if duty.key not in extended)])


def asked_since(session: Session, duties: Sequence[Obligation]) -> Mapping[str, datetime]:
    """Of those that have none, by their keys: since when they have been asked for."""
    none = without_figure(session, duties)
    return {duty.key: duty.opened_at for duty in duties if duty.key in none}


def _is_by_nothing(duty: Obligation) -> bool:
    """No law, protocol or procedure can give one: where it is due by a day, somebody has given that."""
    return duty.exact and (duty.kind is ObligationKind.ASSESSMENT or kind_as_said(duty) == TELLING_THE_CONTROLLER)


def _is_procedures(duty: Obligation) -> bool:
    """Whose figure, if there is one, stands in the party's procedure: a telling in days has been given its day."""
    return duty.kind is ObligationKind.STEP or (duty.kind in TELLS and duty.exact)


class _Given(NamedTuple):
    """What its procedure gives a duty: None for a step, or a telling, without a limit."""

    duty: Obligation
    follow_up: FollowUp
    limits: tuple[Limit | None, ...]


def _without(session: Session, duties: Sequence[Obligation]) -> list[Obligation]:
    """By the procedures that their follow-ups are pinned to; a few statements, however many they are."""
    given = _given(session, duties)
    moments = _moments(session, [each.follow_up for each in given if any(map(_may_wait, each.limits))])
    return [
        each.duty
        for each in given
        if all(_is_without(limit, moments.get(known_id(each.follow_up))) for limit in each.limits)
    ]


def _given(session: Session, duties: Sequence[Obligation]) -> list[_Given]:
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
        follow_up, procedure = there[0], in_version(there[1])
        number = known_id(follow_up)
        if duty.kind in TELLS:
            limits = None if (duty.kind, number) in clocked else _limits_of_telling(procedure, TELLS[duty.kind])
        else:
            newest = ends.get((number, duty.subject or "")) if duty.outcome is None else None
            limits = _limits_of_step(procedure, duty.subject or "", newest)
        found += [_Given(duty, follow_up, limits)] if limits is not None else []
    return found


def _limits_of_telling(procedure: Procedure, kind: DutyKind) -> tuple[Limit | None, ...]:
    return tuple(step.limit for step in procedure.steps.values() if step.duty == kind)


def _limits_of_step(procedure: Procedure, name: str, newest: StepEnd | None) -> tuple[Limit | None, ...] | None:
    """In the round that it is in (`rules.procedure_steps`): what is done again has a figure always."""
    if (step := procedure.steps.get(name)) is None or newest not in (None, StepEnd.PROVISIONAL):
        return None
    return (step.limit if newest is None else step.final,)


def _may_wait(limit: Limit | None) -> bool:
    return limit is not None and limit.urgency is None and limit.moment in KNOWN_LATER


def _is_without(limit: Limit | None, moments: Mapping[str, datetime] | None) -> bool:
    """A figure that counts from what nobody has recorded yet is none either."""
    if limit is None or limit.urgency is not None:
        return True
    return moments is not None and start_of(limit, moments) is None


def _moments(session: Session, follow_ups: Sequence[FollowUp]) -> Mapping[int, Mapping[str, datetime]]:
    """The instants that limits count from, by follow-up; of many looked at together."""
    each_once = list({known_id(follow_up): follow_up for follow_up in follow_ups}.values())
    numbers = sorted({follow_up.breach_id for follow_up in each_once})
    breaches = {known_id(breach): breach for breach in session.exec(select(Breach).where(col(Breach.id).in_(numbers)))}
    if len(each_once) > 1:
        look_ahead(session, list(breaches.values()), each_once)
    return {known_id(each): _moments_of(session, breaches[each.breach_id], each) for each in each_once}


def _moments_of(session: Session, breach: Breach, follow_up: FollowUp) -> Mapping[str, datetime]:
    opened = {Moment.OPENED.value: follow_up.opened_at}
    ended = ended_in(session, follow_up)
    return moments_of(session, breach, follow_up, facts_of(session, breach), ended) | opened


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
