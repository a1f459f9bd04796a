"""Complaints of the year: each story at its hours, and what is still owed after it was closed."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from functools import partial
from random import Random

from sqlmodel import Session, col, select

from actions.cast import known_id
from cli.rehearse import complaint_acts as scenes
from cli.rehearse.calendar import Calendar
from cli.rehearse.complaint_acts import Told
from cli.rehearse.complaint_stories import YEAR
from cli.rehearse.intentions import Act, Intention
from models.obligation import Obligation, ObligationKind
from rules.anchors import corresponding_day
from rules.instants import at_local, local_day

IN_TIME_FOR = 8  # working days between a determination and what follows from it
AFTERWARDS = {
    ObligationKind.LOCAL_ACTION: scenes.put_in_place,
    ObligationKind.RECHECK: scenes.say_whether_covered,
}


@dataclass
class ComplaintPlans:
    """With a calendar and dice of their own: the rest of the year goes as it would without them."""

    protocol_id: int
    told: list[Told]
    calendar: Calendar
    begin: datetime
    end: datetime
    newest: int = 0

    def scenes(self) -> Iterator[Intention]:
        """Everything that happens at an hour of its own; what the year has no room for is left out."""
        for place, told in enumerate(self.told):
            like = told.story.like
            received = self.calendar.later(self.begin, told.story.day)
            if self._later(received, told.story.determined + 2 * IN_TIME_FOR) <= self.end:
                earlier = self.told[like - 1] if like and like <= place else None
                yield received, partial(
                    scenes.come_in, told=told, protocol_id=self.protocol_id, earlier=earlier
                )  # fmt: skip
                yield from self._course(received, told)
        yield from self._papers()

    def _course(self, received: datetime, told: Told) -> Iterator[Intention]:
        story = told.story
        if story.elsewhere:
            yield self._later(received, 1), partial(scenes.pass_on, told=told)
        if story.acknowledged is not None:
            yield self._later(received, story.acknowledged + story.elsewhere), partial(scenes.acknowledge_it, told=told)
        determined = self._later(received, story.determined)
        if story.end is not None:
            yield determined, partial(scenes.end, told=told)
            return
        yield determined, partial(scenes.decide, told=told)
        yield self._later(determined, 2), partial(scenes.find_out, told=told)
        yield self._later(determined, 3), partial(scenes.read_it_again, told=told)
        yield self._later(determined, 4), partial(scenes.follow, told=told)

    def _papers(self) -> Iterator[Intention]:
        """On the first of every month, early."""
        first, months = local_day(self.begin, self.calendar.zone).replace(day=1), 1
        while (at := at_local(corresponding_day(first, months), time(5, 30), self.calendar.zone)) <= self.end:
            yield at, partial(scenes.write_the_paper, protocol_id=self.protocol_id)
            months += 1

    def new(self, session: Session, now: datetime) -> list[Intention]:
        """What was agreed is put in place; whether a new version would cover it is answered."""
        statement = select(Obligation).where(
            Obligation.protocol_id == self.protocol_id, col(Obligation.id) > self.newest,
            col(Obligation.case).startswith("complaint:"), col(Obligation.kind).in_(AFTERWARDS),
            col(Obligation.outcome).is_(None),
        )  # fmt: skip
        intended: list[Intention] = []
        for duty in session.exec(statement.order_by(col(Obligation.id))).all():
            self.newest = known_id(duty)
            act: Act = partial(AFTERWARDS[duty.kind], duty_id=known_id(duty))
            intended.append((self.calendar.within(now, duty.due_on, 0.2, 0.8), act))
        return intended

    def _later(self, now: datetime, working_days: int) -> datetime:
        return self.calendar.later(now, working_days)


def complaints_of(bodies: Sequence[tuple[str, str]], rng: Random) -> list[Told]:
    """About whom each is, drawn so that no body has two while another has none; `bodies` as short name and name."""
    if not bodies:
        return []
    drawn: list[tuple[str, str]] = []
    while len(drawn) < len(YEAR):
        drawn += rng.sample(list(bodies), len(bodies))
    told = []
    for story, about in zip(YEAR, drawn, strict=False):
        others = [body for body in bodies if body != about]
        told.append(Told(story, about, rng.choice(others) if story.elsewhere and others else about))
    return told
