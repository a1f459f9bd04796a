"""A simulated year: the clock's sweeps and what people do, from instant to instant, with the real actions."""

import heapq
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from itertools import count
from random import Random

import sqlalchemy as sa
from sqlmodel import Session, select

from actions.cast import active_parties, contact_at, known_id, lead_of, protocol_named
from actions.clauses import clause_headings
from actions.policy import zone_of
from cli.clockwork import next_clock_instant, run_clock
from cli.rehearse import group
from cli.rehearse.breach_cast import Body, cases_of
from cli.rehearse.breach_plans import BreachPlans
from cli.rehearse.calendar import Calendar
from cli.rehearse.cast import cast
from cli.rehearse.complaint_plans import ComplaintPlans, complaints_of
from cli.rehearse.intentions import Act, Intention
from cli.rehearse.plans import Plans
from cli.rehearse.post import Post
from cli.rehearse.said import Said
from models.protocol import Party, Protocol, Role
from models.store import reading, transaction
from rules.errors import Refused
from rules.instants import local_day

SAME_INSTANT = timedelta(seconds=1)


@dataclass
class World:
    """`moments` plays it; nothing in it reads a clock, and nothing leaves the scratch store."""

    engine: sa.Engine
    slug: str
    begin: datetime
    end: datetime
    seed: int
    people: int = 0  # acts of theirs so far
    sweeps: int = 0
    refusals: dict[str, None] = field(default_factory=dict)  # each sentence once, in their order

    def __post_init__(self) -> None:
        self._intended: list[tuple[datetime, int, Act]] = []
        self._numbers = count()
        rng = Random(self.seed)  # noqa: S311 - play, not secrets: the same seed has to give the same year
        with reading(self.engine) as session:
            protocol = protocol_named(session, self.slug)
            self._plans = self._engage(session, protocol, rng)
            self._breaches = self._befall(session, protocol)
            self._complaints = self._complain(session, protocol)
            self.post = Post(self.engine, self._bouncing(session, protocol))
        beginning = partial(group.begin_the_year, protocol_id=self._plans.protocol_id)
        self._intend((self._plans.calendar.later(self.begin, 1), beginning))
        for scene in (*self._breaches.scenes(), *self._complaints.scenes()):
            self._intend(scene)

    def moments(self) -> Iterator[tuple[datetime, list[Said]]]:
        """Each instant at which anything happened, with the sentences of those who acted."""
        now: datetime | None = self.begin
        while now is not None and now <= self.end:
            sentences = self._act(now)
            swept = run_clock(self.engine, now)
            self.sweeps += 1
            self.refusals |= dict.fromkeys(swept.refused.values())
            for contact_id, address in self.post.deliver(now):
                self._intend(self._plans.after_bounce(now, contact_id, address))
            yield now, sentences
            now = self._next(now)

    def _engage(self, session: Session, protocol: Protocol, rng: Random) -> Plans:
        zone = zone_of(protocol)
        parties = active_parties(session, protocol, local_day(self.begin, zone))
        deputies = [contact_at(session, party, Role.DEPUTY) is not None for party in parties]
        players = [(party.slug, party.name, has) for party, has in zip(parties, deputies, strict=True)]
        calendar = Calendar(protocol.nation, zone, rng)
        plans = Plans(known_id(protocol), cast(sorted(players), rng), rng, calendar)
        plans.choose_clauses(session)
        return plans

    def _befall(self, session: Session, protocol: Protocol) -> BreachPlans:
        """With dice of their own: the review goes as it would without them."""
        rng, zone = Random(f"{self.seed}:breaches"), zone_of(protocol)  # noqa: S311 - play, as above
        calendar, day = Calendar(protocol.nation, zone, rng), local_day(self.begin, zone)
        parties = active_parties(session, protocol, day)
        bodies = sorted((Body(each.slug, each.name, each.kind) for each in parties), key=lambda body: body.slug)
        cases = cases_of(bodies, clause_headings(session, protocol), day, local_day(self.end, zone), calendar)
        return BreachPlans(known_id(protocol), cases, calendar, rng)

    def _complain(self, session: Session, protocol: Protocol) -> ComplaintPlans:
        """With dice of their own, too."""
        rng, zone = Random(f"{self.seed}:complaints"), zone_of(protocol)  # noqa: S311 - play, as above
        parties = active_parties(session, protocol, local_day(self.begin, zone))
        told = complaints_of(sorted((party.slug, party.name) for party in parties), rng)
        calendar = Calendar(protocol.nation, zone, rng)
        return ComplaintPlans(known_id(protocol), told, calendar, self.begin, self.end)

    def _bouncing(self, session: Session, protocol: Protocol) -> set[str]:
        slugs = [character.slug for character in self._plans.cast.values() if character.bounces]
        parties = session.exec(select(Party).where(Party.protocol_id == protocol.id))
        return {lead_of(session, party).address for party in parties if party.slug in slugs}

    def _act(self, now: datetime) -> list[Said]:
        sentences: list[Said] = []
        while self._intended and self._intended[0][0] <= now:
            _, _, act = heapq.heappop(self._intended)
            sentences += self._perform(act, now)
        return sentences

    def _perform(self, act: Act, now: datetime) -> list[Said]:
        try:
            with transaction(self.engine) as session:
                said = list(act(session, now))
        except Refused as refusal:
            self.refusals[str(refusal)] = None
            return [f"Refused: {refusal}"]
        self.people += bool(said)
        return said

    def _next(self, now: datetime) -> datetime | None:
        with reading(self.engine) as session:
            for intention in self._new(session, now):
                self._intend(intention)
            swept = next_clock_instant(session, after=now)
        acts = max(self._intended[0][0], now + SAME_INSTANT) if self._intended else None
        return min((at for at in (swept, acts) if at is not None), default=None)

    def _new(self, session: Session, now: datetime) -> Iterator[Intention]:
        for plans in (self._plans, self._breaches, self._complaints):
            yield from plans.new(session, now)

    def _intend(self, intention: Intention) -> None:
        heapq.heappush(self._intended, (intention[0], next(self._numbers), intention[1]))
