"""From what is owed to what somebody means to do, and when: drawn once, when an obligation is first seen."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from random import Random

from sqlmodel import Session, col, select

from actions.cast import known_id
from actions.clauses import clause_headings
from cli.rehearse import acts, group
from cli.rehearse.calendar import Calendar
from cli.rehearse.cast import Character, Idea
from cli.rehearse.intentions import Intention, Mind
from models.obligation import Obligation, ObligationKind
from models.protocol import Party, Protocol
from models.review import Review
from rules.review import Stage


@dataclass
class Plans:
    """What everybody means to do. Each obligation is planned once: what is newer than `newest` has not been seen."""

    protocol_id: int
    cast: dict[str, Character]
    rng: Random
    calendar: Calendar
    newest: int = 0
    advised: set[str] = field(default_factory=set)  # rounds of advice that have been seen to end
    clauses: dict[Idea, str] = field(default_factory=dict)
    heard: set[str] = field(default_factory=set)  # who has had the chance to say its idea

    def choose_clauses(self, session: Session) -> None:
        """Every idea is about a clause of its own, so that no two accepted wordings meet in one."""
        keys = [key for key, _ in clause_headings(session, session.get_one(Protocol, self.protocol_id))]
        chosen = self.rng.sample(keys, min(len(keys), len(Idea)))
        self.clauses = dict(zip(Idea, chosen, strict=False))

    def new(self, session: Session, now: datetime) -> list[Intention]:
        """What follows from the obligations and stages that have not been seen before."""
        seen = select(Obligation).where(Obligation.protocol_id == self.protocol_id, col(Obligation.id) > self.newest)
        intended: list[Intention] = []
        for duty in session.exec(seen.where(col(Obligation.outcome).is_(None)).order_by(col(Obligation.id))):
            self.newest = known_id(duty)
            intended += self._for(session, now, duty)
        return intended + list(self._after_advice(session, now))

    def after_bounce(self, now: datetime, contact_id: int, address: str) -> Intention:
        local, _, domain = address.partition("@")
        correct = partial(acts.correct_bounced, contact_id=contact_id, address=f"office.{local}@{domain}")
        return self.calendar.later(now, 3), correct

    def _for(self, session: Session, now: datetime, duty: Obligation) -> list[Intention]:
        match duty.kind:
            case ObligationKind.DRAFTING:
                return [self._drafting(session, now, duty)]
            case ObligationKind.ADVICE:
                return [
                    (self.calendar.within(now, duty.due_on, 0.4, 0.8), partial(group.advise, duty_id=known_id(duty)))
                ]
            case ObligationKind.DECISION:
                return self._deciding(now, duty)
            case _:
                return self._of_party(session, now, duty)

    def _of_party(self, session: Session, now: datetime, duty: Obligation) -> list[Intention]:
        party = session.get(Party, duty.party_id) if duty.party_id else None
        character = self.cast.get(party.slug) if party else None
        if character is None:
            return []
        clause = None
        if duty.kind is ObligationKind.FEEDBACK and character.slug not in self.heard:
            self.heard.add(character.slug)
            clause = self.clauses.get(character.idea) if character.idea else None
        return Mind(session, now, duty, character, self.calendar, clause).intends()

    def _drafting(self, session: Session, now: datetime, duty: Obligation) -> Intention:
        """After the answers that were given more time."""
        extended = session.exec(
            select(Obligation.due_at).where(
                Obligation.case == duty.case, Obligation.kind == ObligationKind.FEEDBACK,
                col(Obligation.outcome).is_(None),
            )
        ).all()  # fmt: skip
        begin = max([now, *extended])
        drafting = partial(group.draft, review_id=_number(duty), cast=self.cast)
        return self.calendar.later(begin, self.rng.randint(4, 6)), drafting

    def _deciding(self, now: datetime, duty: Obligation) -> list[Intention]:
        meeting = self.calendar.within(now, duty.due_on, 0.4, 0.7)
        minutes = self.calendar.later(meeting, 2)
        return [
            (meeting, partial(group.meet, review_id=_number(duty), cast=self.cast)),
            (minutes, partial(group.close_the_meeting, review_id=_number(duty))),
        ]

    def _after_advice(self, session: Session, now: datetime) -> Iterator[Intention]:
        """The adviser has answered: it is the secretary's turn, although nothing is owed."""
        statement = select(Review).where(Review.protocol_id == self.protocol_id, Review.stage == Stage.ADVISING)
        for review in session.exec(statement):
            waiting = session.exec(
                select(Obligation.id).where(
                    Obligation.case == review.case, Obligation.kind == ObligationKind.ADVICE,
                    col(Obligation.outcome).is_(None),
                )
            ).first()  # fmt: skip
            key = f"{review.case}:advised:round-{review.round}"
            if waiting is None and key not in self.advised:
                self.advised.add(key)
                yield self.calendar.later(now, 1), partial(group.go_to_the_group, review_id=known_id(review))


def _number(duty: Obligation) -> int:
    """Of the review in whose course it is owed."""
    return int(duty.case.partition(":")[2])
