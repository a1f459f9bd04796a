"""Which duties of a breach are due by a figure: one of the protocol or of the party's procedure, that can be counted.

Where there is none the time that the duty is kept with is when Concordat asks again (decision 7). A few statements,
however many duties are looked at.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import NamedTuple

import sqlalchemy as sa
from sqlmodel import Session, col, select

from actions.breaches.moments import moments_of_many
from actions.breaches.own_limits import TELLS, asked_again_for
from actions.breaches.procedures import in_version
from actions.breaches.step_limits import asked_again_for_step
from actions.policy import zone_of
from models.breach import BreachDuty, FollowUp, StepEnd, StepRecord
from models.lists import one_of
from models.obligation import Obligation, ObligationKind
from models.procedure import ProcedureVersion
from models.protocol import Party, Protocol
from rules.breach_duties import DutyKind
from rules.instants import OutsideTheCalendar
from rules.procedure_limits import due_of
from rules.procedures import Limit, Moment, Procedure
from rules.working_days import BeyondPublishedHolidays, Nation

BREACH = "breach:"
KNOWN_LATER = (Moment.OCCURRED, Moment.AWARE, Moment.STEP)  # perhaps: every other moment is known from the start
Opening = tuple[str, int | None, ObligationKind]  # case, party, kind


class Owed(NamedTuple):
    """Of an obligation what is looked at: thousands are read at once, for a count."""

    id: int
    key: str
    protocol_id: int
    case: str
    kind: ObligationKind
    subject: str | None
    party_id: int | None
    opened_at: datetime
    due_on: date
    due_at: datetime
    exact: bool
    what: str | None
    discharged_at: datetime | None

    @property
    def kept(self) -> datetime | date:
        return self.due_at if self.exact else self.due_on


OWED = tuple(getattr(Obligation, name) for name in Owed._fields)


class _Given(NamedTuple):
    """`limits`: the figures that its procedure gives it. `opened`: since when it has been owed, each time, for letters
    that have waited are asked for anew."""

    duty: Owed
    follow_up: int
    nation: Nation
    limits: tuple[Limit, ...]
    opened: tuple[datetime, ...]


def without(session: Session, duties: Sequence[Owed]) -> list[Owed]:
    """Those of these steps and tellings that have no figure."""
    given, ours = _given(session, duties), _Ours(session)
    none = [each.duty for each in given if not each.limits]
    unsure = [each for each in given if each.limits and (ours.keep(each) or any(map(_may_wait, each.limits)))]
    moments = moments_of_many(session, {each.follow_up for each in unsure})
    return none + [each.duty for each in unsure if not _is_due_by_one(each, moments[each.follow_up], ours)]


def _may_wait(limit: Limit) -> bool:
    return limit.moment in KNOWN_LATER


def _is_due_by_one(given: _Given, moments: Mapping[str, datetime], ours: "_Ours") -> bool:
    """A figure that counts from what nobody has recorded yet is none, nor is one that nobody can count yet. What was
    kept with a time of ours, and could be counted only later, is no more due by it than before."""
    counted = list(_counted(given, moments, ours.protocol(given.duty)))
    return bool(counted) and (given.duty.kept in counted or not ours.keep(given))


def _counted(given: _Given, moments: Mapping[str, datetime], protocol: Protocol) -> Iterator[datetime | date]:
    """A step counts from when it was opened; a telling from when it was first owed."""
    opened, zone = {Moment.OPENED.value: given.opened[0]}, zone_of(protocol)
    for limit in given.limits:
        try:
            due = due_of(limit, {**moments, **opened}, given.nation, zone)
        except (BeyondPublishedHolidays, OutsideTheCalendar):
            continue
        if due is not None:
            yield due.due


class _Ours:
    """Whether a duty is kept with the time at which Concordat asks again: what that is at one time, is counted once."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.protocols = dict[int, Protocol]()
        self.times = dict[tuple[int, ObligationKind, bool, datetime], Collection[datetime | date]]()

    def protocol(self, duty: Owed) -> Protocol:
        if duty.protocol_id not in self.protocols:
            self.protocols[duty.protocol_id] = self.session.get_one(Protocol, duty.protocol_id)
        return self.protocols[duty.protocol_id]

    def keep(self, given: _Given) -> bool:
        opened = given.opened if given.duty.kind in TELLS else (given.duty.opened_at,)
        return any(given.duty.kept in self._times(given.duty, each) for each in opened)

    def _times(self, duty: Owed, opened_at: datetime) -> Collection[datetime | date]:
        of = duty.protocol_id, duty.kind, duty.exact, opened_at
        if of not in self.times:
            protocol = self.protocol(duty)
            self.times[of] = (
                asked_again_for(protocol, duty.kind, opened_at) if duty.kind in TELLS
                else asked_again_for_step(protocol, opened_at, in_days=not duty.exact)
            )  # fmt: skip
        return self.times[of]


def _given(session: Session, duties: Sequence[Owed]) -> list[_Given]:
    numbers = {duty.case: int(duty.case.removeprefix(BREACH)) for duty in duties}
    columns = FollowUp.id, FollowUp.breach_id, FollowUp.party_id, FollowUp.procedure_version_id, Party.nation
    followed = session.exec(
        sa.select(*columns)  # type: ignore[call-overload]
        .join(Party, col(Party.id) == FollowUp.party_id)
        .where(one_of(session, FollowUp.breach_id, sorted(set(numbers.values()))))
    ).all()
    pinned = select(ProcedureVersion).where(one_of(session, ProcedureVersion.id, sorted({row[3] for row in followed})))
    procedures = {version.id: in_version(version) for version in session.exec(pinned)} if followed else {}
    of = {row[1:3]: (row[0], procedures[row[3]], Nation(row[4])) for row in followed}
    ids = [row[0] for row in followed]
    ends, clocked = _ends(session, ids), _with_a_clock(session, ids)
    opened, found = _openings(session, {duty.case for duty in duties if duty.kind in TELLS}), []
    for duty in duties:
        if (there := of.get((numbers[duty.case], duty.party_id or 0))) is None:
            continue
        number, procedure, nation = there
        if duty.kind in TELLS:
            limits = None if (duty.kind, number) in clocked else _limits_of_telling(procedure, TELLS[duty.kind])
        else:
            before = ends.get((number, duty.subject or ""), ())
            newest = next((end for at, end in before if duty.discharged_at is None or at < duty.discharged_at), None)
            limits = _limits_of_step(procedure, duty.subject or "", newest)
        if limits is not None:
            figures = tuple(limit for limit in limits if limit is not None and limit.urgency is None)
            since = opened.get((duty.case, duty.party_id, duty.kind), (duty.opened_at,))
            found.append(_Given(duty, number, nation, figures, since))
    return found


def _limits_of_telling(procedure: Procedure, kind: DutyKind) -> tuple[Limit | None, ...]:
    return tuple(step.limit for step in procedure.steps.values() if step.duty == kind)


def _limits_of_step(procedure: Procedure, name: str, newest: StepEnd | None) -> tuple[Limit | None, ...] | None:
    """In the round that it is in (`rules.procedure_steps`): what is done again has a figure always."""
    if (step := procedure.steps.get(name)) is None or newest not in (None, StepEnd.PROVISIONAL):
        return None
    return (step.limit if newest is None else step.final,)


def _openings(session: Session, cases: Collection[str]) -> Mapping[Opening, tuple[datetime, ...]]:
    """By case, party and kind, the earliest first."""
    found: dict[Opening, tuple[datetime, ...]] = {}
    if not cases:
        return found
    statement = (
        select(Obligation.case, Obligation.party_id, Obligation.kind, Obligation.opened_at)
        .where(one_of(session, Obligation.case, sorted(cases)), col(Obligation.kind).in_(list(TELLS)))
        .order_by(col(Obligation.id))
    )
    for case, party, kind, opened_at in session.exec(statement):
        of = case, party, ObligationKind(kind)
        found[of] = (*found.get(of, ()), opened_at)
    return found


def _ends(session: Session, follow_ups: Sequence[int]) -> Mapping[tuple[int, str], Sequence[tuple[datetime, StepEnd]]]:
    """By follow-up and step, with when each was recorded; the newest first."""
    found = defaultdict[tuple[int, str], list[tuple[datetime, StepEnd]]](list)
    statement = (
        select(StepRecord.follow_up_id, StepRecord.step, StepRecord.recorded_at, StepRecord.end)
        .where(one_of(session, StepRecord.follow_up_id, follow_ups))
        .order_by(col(StepRecord.round).desc(), col(StepRecord.id).desc())
    )
    for number, step, at, end in session.exec(statement):
        found[number, step].append((at, StepEnd(end)))
    return found


def _with_a_clock(session: Session, follow_ups: Sequence[int]) -> set[tuple[ObligationKind, int]]:
    """Those whose protocol gives a figure of its own between partners."""
    statement = select(BreachDuty.follow_up_id).where(
        one_of(session, BreachDuty.follow_up_id, follow_ups), BreachDuty.kind == DutyKind.PARTNERS,
        col(BreachDuty.due_at).is_not(None),
    )  # fmt: skip
    return {(ObligationKind.TELLING_PARTNERS, number) for number in session.exec(statement)}
