"""Which duties of a breach are due by a figure: one of the protocol or of the party's procedure, that can be counted.

Where there is none the time that the duty is kept with is when Concordat asks again (decision 7). A few statements,
however many duties are looked at.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import NamedTuple

from sqlmodel import Session, col, select

from actions.breaches.facts import facts_of
from actions.breaches.looking_ahead import look_ahead
from actions.breaches.own_limits import TELLS, asked_again_for
from actions.breaches.procedures import in_version
from actions.breaches.step_limits import asked_again_for_step, ended_in, moments_of
from actions.cast import known_id
from actions.policy import zone_of
from models.breach import Breach, BreachDuty, FollowUp, StepEnd, StepRecord
from models.lists import one_of
from models.obligation import Obligation, ObligationKind
from models.procedure import ProcedureVersion
from models.protocol import Party, Protocol
from rules.breach_duties import DutyKind
from rules.instants import OutsideTheCalendar
from rules.periods import Unit
from rules.procedure_limits import due_of
from rules.procedures import Limit, Moment, Procedure
from rules.working_days import BeyondPublishedHolidays, Nation

BREACH = "breach:"
KNOWN_LATER = (Moment.OCCURRED, Moment.AWARE, Moment.STEP)  # perhaps: every other moment is known from the start


class _Given(NamedTuple):
    """`limits`: what its procedure gives the duty, None for a step, or a telling, without one. `opened`: since when it
    has been owed, each time: letters that have waited are asked for anew."""

    duty: Obligation
    protocol: Protocol
    follow_up: FollowUp
    nation: Nation
    limits: tuple[Limit, ...]
    opened: tuple[datetime, ...]


def without(session: Session, duties: Sequence[Obligation]) -> list[Obligation]:
    """Those of these steps and tellings that have no figure."""
    given = _given(session, duties)
    by_figure = [each for each in given if each.limits]
    unsure = [each for each in by_figure if _is_ours(each) or any(map(_may_wait, each.limits))]
    moments = _moments(session, [each.follow_up for each in unsure])
    without_any = [each.duty for each in given if not each.limits]
    return without_any + [each.duty for each in unsure if not _is_due_by_one(each, moments[known_id(each.follow_up)])]


def _is_due_by_one(given: _Given, moments: Mapping[str, datetime]) -> bool:
    """A figure that counts from what nobody has recorded yet is none, nor is one that nobody can count yet. What was
    kept with a time of ours, and could be counted only later, is no more due by it than before."""
    counted = list(_counted(given, moments))
    return bool(counted) and (_kept(given.duty) in counted or not _is_ours(given))


def _counted(given: _Given, moments: Mapping[str, datetime]) -> Iterator[datetime | date]:
    """A step counts from when it was opened; a telling from when it was first owed."""
    opened, zone = {Moment.OPENED.value: given.opened[0]}, zone_of(given.protocol)
    for limit in given.limits:
        try:
            due = due_of(limit, {**moments, **opened}, given.nation, zone)
        except (BeyondPublishedHolidays, OutsideTheCalendar):
            continue
        if due is not None:
            yield due.due


def _kept(duty: Obligation) -> datetime | date:
    return duty.due_at if duty.exact else duty.due_on


def _is_ours(given: _Given) -> bool:
    """Whether it is kept with the time at which Concordat asks again."""
    duty, kept = given.duty, _kept(given.duty)
    if duty.kind in TELLS:
        return any(kept in asked_again_for(given.protocol, duty.kind, opened) for opened in given.opened)
    return kept in asked_again_for_step(given.protocol, given.opened[0], in_days=not duty.exact)


def _may_wait(limit: Limit) -> bool:
    in_working_time = limit.working_minutes is not None or (
        limit.period is not None and limit.period.unit is Unit.WORKING_DAYS
    )
    return in_working_time or limit.moment in KNOWN_LATER


def _given(session: Session, duties: Sequence[Obligation]) -> list[_Given]:
    numbers = {duty.key: int(duty.case.removeprefix(BREACH)) for duty in duties}
    followed = session.exec(
        select(FollowUp, ProcedureVersion, Party.nation)
        .join(ProcedureVersion, col(ProcedureVersion.id) == FollowUp.procedure_version_id)
        .join(Party, col(Party.id) == FollowUp.party_id)
        .where(one_of(session, FollowUp.breach_id, sorted(set(numbers.values()))))
    ).all()
    of = {(each[0].breach_id, each[0].party_id): each for each in followed}
    ids = [known_id(follow_up) for follow_up, _, _ in followed]
    ends, clocked = _newest_ends(session, ids), _with_a_clock(session, ids)
    opened, found = _openings(session, [duty for duty in duties if duty.kind in TELLS]), []
    for duty in duties:
        if (there := of.get((numbers[duty.key], duty.party_id or 0))) is None:
            continue
        follow_up, procedure, number = there[0], in_version(there[1]), known_id(there[0])
        if duty.kind in TELLS:
            limits = None if (duty.kind, number) in clocked else _limits_of_telling(procedure, TELLS[duty.kind])
        else:
            newest = ends.get((number, duty.subject or "")) if duty.outcome is None else None
            limits = _limits_of_step(procedure, duty.subject or "", newest)
        if limits is not None:
            protocol = session.get_one(Protocol, duty.protocol_id)
            figures = tuple(limit for limit in limits if limit is not None and limit.urgency is None)
            since = opened.get((duty.case, duty.party_id, duty.kind), (duty.opened_at,))
            found.append(_Given(duty, protocol, follow_up, Nation(there[2]), figures, since))
    return found


def _limits_of_telling(procedure: Procedure, kind: DutyKind) -> tuple[Limit | None, ...]:
    return tuple(step.limit for step in procedure.steps.values() if step.duty == kind)


def _limits_of_step(procedure: Procedure, name: str, newest: StepEnd | None) -> tuple[Limit | None, ...] | None:
    """In the round that it is in (`rules.procedure_steps`): what is done again has a figure always."""
    if (step := procedure.steps.get(name)) is None or newest not in (None, StepEnd.PROVISIONAL):
        return None
    return (step.limit if newest is None else step.final,)


def _openings(
    session: Session, tellings: Sequence[Obligation]
) -> Mapping[tuple[str, int | None, ObligationKind], tuple[datetime, ...]]:
    """By case, party and kind, the earliest first."""
    found: dict[tuple[str, int | None, ObligationKind], tuple[datetime, ...]] = {}
    if not tellings:
        return found
    cases = one_of(session, Obligation.case, sorted({duty.case for duty in tellings}))
    statement = (
        select(Obligation.case, Obligation.party_id, Obligation.kind, Obligation.opened_at)
        .where(cases, col(Obligation.kind).in_(list(TELLS)))
        .order_by(col(Obligation.id))
    )
    for case, party, kind, opened_at in session.exec(statement):
        of = case, party, ObligationKind(kind)
        found[of] = (*found.get(of, ()), opened_at)
    return found


def _moments(session: Session, follow_ups: Sequence[FollowUp]) -> Mapping[int, Mapping[str, datetime]]:
    """The instants that limits count from, by follow-up; of many looked at together."""
    each_once = list({known_id(follow_up): follow_up for follow_up in follow_ups}.values())
    numbers = sorted({follow_up.breach_id for follow_up in each_once})
    of = select(Breach).where(one_of(session, Breach.id, numbers))
    breaches = {known_id(breach): breach for breach in session.exec(of)} if numbers else {}
    if len(each_once) > 1:
        look_ahead(session, list(breaches.values()), each_once)
    return {known_id(each): _moments_of(session, breaches[each.breach_id], each) for each in each_once}


def _moments_of(session: Session, breach: Breach, follow_up: FollowUp) -> Mapping[str, datetime]:
    return moments_of(session, breach, follow_up, facts_of(session, breach), ended_in(session, follow_up))


def _newest_ends(session: Session, follow_ups: Sequence[int]) -> dict[tuple[int, str], StepEnd]:
    statement = (
        select(StepRecord.follow_up_id, StepRecord.step, StepRecord.end)
        .where(one_of(session, StepRecord.follow_up_id, follow_ups))
        .order_by(col(StepRecord.round), col(StepRecord.id))
    )
    return {(number, step): StepEnd(end) for number, step, end in session.exec(statement)}


def _with_a_clock(session: Session, follow_ups: Sequence[int]) -> set[tuple[ObligationKind, int]]:
    """Those whose protocol gives a figure of its own between partners."""
    statement = select(BreachDuty.follow_up_id).where(
        one_of(session, BreachDuty.follow_up_id, follow_ups), BreachDuty.kind == DutyKind.PARTNERS,
        col(BreachDuty.due_at).is_not(None),
    )  # fmt: skip
    return {(ObligationKind.TELLING_PARTNERS, number) for number in session.exec(statement)}
