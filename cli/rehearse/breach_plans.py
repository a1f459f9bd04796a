"""Breaches of the year: the scenes of each plot at their hours, and whatever the parties owe in between."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from random import Random

from sqlmodel import Session, col, func, select

from actions.breaches.moving import follow_ups_of
from actions.cast import known_id
from cli.rehearse import breach_acts as scenes
from cli.rehearse import breach_work as work
from cli.rehearse.breach_cast import Body, Case
from cli.rehearse.calendar import Calendar
from cli.rehearse.intentions import Act, Intention
from cli.rehearse.plots import Course
from models.breach import Breach
from models.obligation import Obligation, ObligationKind
from models.protocol import Party
from rules.breach import Stage
from rules.breach_duties import Regime

ONE_IN = 8  # of the steps is taken late
A_MOMENT = timedelta(minutes=10)
SCENES = (ObligationKind.ASSESSMENT, ObligationKind.HOLD)  # in a plot, they have hours of their own


@dataclass
class BreachPlans:
    """Each obligation is planned when it is first seen, and again where it is due at another time since: what is done
    by then is moot. With a calendar and dice of their own."""

    protocol_id: int
    cases: list[Case]
    calendar: Calendar
    rng: Random
    seen: set[tuple[int, datetime]] = field(default_factory=set)  # obligations with their due instants
    sittings: dict[tuple[str, int | None], datetime] = field(default_factory=dict)  # the next one at a party
    ended: set[str] = field(default_factory=set)  # what has been seen to wait for its end

    def scenes(self) -> Iterator[Intention]:
        """Everything that happens at an hour of its own."""
        for case in self.cases:
            plot, first = case.plot, case.bodies[0]
            report = partial(scenes.report, case=case, protocol_id=self.protocol_id, rng=self.rng)
            yield case.at(plot.reported_at), report
            for body, course in zip(case.bodies, plot.courses, strict=False):
                yield from self._course(case, body, course)
            if plot.near_miss:
                near = partial(scenes.end_as_near_miss, case=case, body=first, near=plot.near_miss)
                yield case.at(plot.near_miss.at), near
            if plot.away:
                yield case.at(plot.away), partial(scenes.go_on_leave, case=case, body=first)
            yield from self._change(case)
            yield from self._hold(case)

    def _course(self, case: Case, body: Body, course: Course) -> Iterator[Intention]:
        yield case.at(course.recorded), partial(scenes.become_aware, case=case, body=body, course=course)
        yield case.at(course.concludes), partial(scenes.assess_and_conclude, case=case, body=body, course=course)

    def _change(self, case: Case) -> Iterator[Intention]:
        if change := case.plot.change:
            yield case.at(change.at), partial(scenes.change_facts, case=case, change=change)
            yield case.at(change.concludes), partial(scenes.conclude_again, case=case, change=change)

    def _hold(self, case: Case) -> Iterator[Intention]:
        enforcing = [body for body in case.bodies if body.regime is Regime.LAW_ENFORCEMENT]
        if (hold := case.plot.hold) and enforcing:
            yield case.at(hold.at), partial(scenes.place, case=case, body=enforcing[-1], hold=hold)
            yield case.at(hold.released), partial(scenes.release, case=case, body=enforcing[-1], hold=hold)

    def new(self, session: Session, now: datetime) -> list[Intention]:
        """What follows from the obligations that have not been seen so before, and from there being none left."""
        statement = (
            select(Obligation, Party.slug)
            .join(Party, col(Party.id) == Obligation.party_id)
            .where(Obligation.protocol_id == self.protocol_id, col(Obligation.outcome).is_(None))
            .where(col(Obligation.case).startswith("breach:"))
            .order_by(col(Obligation.id))
        )
        intended: list[Intention] = []
        for duty, slug in session.exec(statement).all():
            if (known_id(duty), duty.due_at) not in self.seen:
                self.seen.add((known_id(duty), duty.due_at))
                intended += self._for(now, duty, slug)
        return intended + list(self._endings(session, now))

    def _for(self, now: datetime, duty: Obligation, slug: str) -> list[Intention]:
        case, course = self._played(duty.case, slug)
        act = self._act(duty, case, course)
        if act is None or (case and duty.kind in SCENES):
            return []
        return [(self._when(now, duty, course), act)]

    def _when(self, now: datetime, duty: Obligation, course: Course | None) -> datetime:
        if duty.kind is ObligationKind.NOTICE and course:
            return max(now + A_MOMENT, duty.due_at + course.notice)
        if duty.kind is ObligationKind.STEP:
            return self._step(now, duty)
        return self._soon(now, duty)

    def _soon(self, now: datetime, duty: Obligation) -> datetime:
        if duty.exact:
            return self.calendar.before(now, duty.due_at, 0.25, 0.75)
        return self.calendar.within(now, duty.due_on, 0.25, 0.75)

    def _step(self, now: datetime, duty: Obligation) -> datetime:
        """Some late; others together with the last one there, if that is in time for them too."""
        if self.rng.randrange(ONE_IN) == 0:
            return self._late(now, duty)
        sitting = self.sittings.get((duty.case, duty.party_id))
        if sitting is None or not now < sitting < duty.due_at:
            sitting = self._soon(now, duty)
        self.sittings[duty.case, duty.party_id] = sitting
        return sitting

    def _late(self, now: datetime, duty: Obligation) -> datetime:
        """After the reminders of the day, and before the secretary hears of it."""
        due = max(now, duty.due_at)
        if not duty.exact:
            return self.calendar.later(due, 2)
        return self.calendar.awake(due + timedelta(minutes=self.rng.randint(270, 400)))

    def _act(self, duty: Obligation, played: Case | None, course: Course | None) -> Act | None:
        match duty.kind:
            case ObligationKind.ASSESSMENT:
                act = work.assess
            case ObligationKind.STEP:
                act = work.take_step
            case ObligationKind.NOTICE:
                act = partial(work.give_notice, late_because=course.late_because if course else None)
            case ObligationKind.TELLING_PEOPLE:
                act = work.tell_people
            case ObligationKind.TELLING_PARTNERS:
                act = work.tell_partners
            case ObligationKind.HOLD:
                act = work.release
            case ObligationKind.LEARNING:
                learnt, clause = course.learnt if course else None, played.clause if played else None
                act = partial(work.draw_lesson, learnt=learnt, clause=clause)
            case ObligationKind.LOCAL_ACTION:
                act = work.put_in_place
            case _:
                return None
        return partial(act, duty_id=known_id(duty))

    def _played(self, case: str, slug: str) -> tuple[Case | None, Course | None]:
        """None for a breach, or a party in it, that was there before the rehearsal."""
        for each in self.cases:
            if case == f"breach:{each.number}":
                courses = zip(each.bodies, each.plot.courses, strict=False)
                return each, next((course for body, course in courses if body.slug == slug), None)
        return None, None

    def _endings(self, session: Session, now: datetime) -> Iterator[Intention]:
        """A follow-up in which nothing is left to do is finished; a breach without any open one is closed."""
        going_on = select(Breach).where(Breach.protocol_id == self.protocol_id, Breach.stage != Stage.CLOSED)
        for breach in session.exec(going_on.order_by(col(Breach.id))).all():
            newest = session.exec(select(func.max(Obligation.id)).where(Obligation.case == breach.case)).one() or 0
            followed = follow_ups_of(session, breach, still_open=True)
            for follow_up in followed:
                if work.is_over(session, breach, follow_up):
                    act = partial(work.finish, follow_up_id=known_id(follow_up))
                    yield from self._once(f"follow-up:{follow_up.id}:{newest}", now, act)
            if breach.stage is Stage.LEARNING and not followed:
                act = partial(work.close_case, breach_id=known_id(breach))
                yield from self._once(f"{breach.case}:{newest}", now, act)

    def _once(self, key: str, now: datetime, act: Act) -> Iterator[Intention]:
        """Again where something has been owed since."""
        if key not in self.ended:
            self.ended.add(key)
            yield self.calendar.later(now, 1), act
