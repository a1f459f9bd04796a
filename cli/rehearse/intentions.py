"""What a party means to do about what it owes, by its character."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial

from sqlmodel import Session

from actions.cast import known_id
from actions.clauses import clause_named, clause_text
from actions.proposals import Proposed
from cli.rehearse import acts
from cli.rehearse.acts import Part
from cli.rehearse.calendar import Calendar
from cli.rehearse.cast import Character, Idea, Manner
from cli.rehearse.said import Said
from models.obligation import Obligation, ObligationKind
from models.protocol import Protocol
from rules.anchors import corresponding_day
from rules.instants import local_day

Act = Callable[[Session, datetime], Iterator[Said]]
Intention = tuple[datetime, Act]

POSITIONS = ("Chief Executive", "Caldicott Guardian", "Director", "Senior Information Risk Owner")
COMMENTS = ("", "", "", "The flow chart would help our new staff.", "It has served us well this year.")
ADDED = {
    Idea.MAJOR: "A partner may pass such information to a body that is not a party, where it records why.",
    Idea.MINOR: "A partner answers such a request within five working days.",
    Idea.SAME: "Each partner names one person who is asked about this.",
}
LATE_BY = {Manner.LATE: 2, Manner.SILENT: 8}  # working days after the last day


@dataclass(frozen=True)
class Mind:
    """One party before one obligation."""

    session: Session
    now: datetime
    duty: Obligation
    character: Character
    calendar: Calendar
    clause: str | None  # what it has an idea about, and has not said yet

    def intends(self) -> list[Intention]:
        match self.duty.kind:
            case ObligationKind.FEEDBACK:
                return self._feedback()
            case ObligationKind.SIGNATURE:
                return [(self._when(), self._signing())]
            case ObligationKind.CONFIRMATION:
                return [(self._when(), partial(acts.confirm_procedures, part=self._part(), not_yet_by=self._not_yet()))]
            case ObligationKind.IMPLEMENTATION:
                in_place = partial(acts.put_in_place, part=self._part())
                return [(self._share(0.88, 0.96), in_place)]
            case _:
                return []

    def _feedback(self) -> list[Intention]:
        answer = self._answer()
        match self.character.manner:
            case Manner.SILENT:
                return []
            case Manner.AWAY:
                handing = partial(acts.hand_to_deputy, part=self._part())
                return [(self.calendar.later(self.now, 2), handing), (self._share(0.5, 0.7), answer)]
            case Manner.EXTENDED:
                until = self.calendar.day_after(self.duty.due_on, 5)
                asking = partial(acts.ask_for_time, part=self._part(), until=until)
                return [(self._share(0.8, 0.9), asking), (self.calendar.on(until), answer)]
            case _:
                return [(self._when(), answer)]

    def _when(self) -> datetime:
        match self.character.manner:
            case Manner.PROMPT:
                return self._share(0.05, 0.25)
            case Manner.LAST_DAY:
                return self.calendar.on(max(self.duty.due_on, local_day(self.now, self.calendar.zone)))
            case Manner.LATE | Manner.SILENT as manner:
                return self.calendar.later(max(self.now, self.duty.due_at), LATE_BY[manner])
            case _:
                return self._share(0.3, 0.8)

    def _share(self, least: float, most: float) -> datetime:
        return self.calendar.within(self.now, self.duty.due_on, least, most)

    def _part(self) -> Part:
        return Part(protocol_id=self.duty.protocol_id, duty_id=known_id(self.duty))

    def _answer(self) -> Act:
        proposed = self._proposed()
        comment = "" if proposed else self.calendar.rng.choice(COMMENTS)
        return partial(acts.answer_feedback, part=self._part(), proposed=proposed, comment=comment)

    def _proposed(self) -> Proposed | None:
        """The present words and one sentence more."""
        idea = self.character.idea
        if idea is None or self.clause is None:
            return None
        protocol = self.session.get_one(Protocol, self.duty.protocol_id)
        _, text = clause_text(self.session, protocol, clause_named(self.session, protocol, self.clause))
        return Proposed(clause=self.clause, wording=f"{text} {ADDED[idea]}".strip(), problem="It is asked every month.")

    def _signing(self) -> Act:
        if self.character.declines:
            return partial(acts.decline_version, part=self._part())
        return partial(acts.sign_version, part=self._part(), position=self.calendar.rng.choice(POSITIONS))

    def _not_yet(self) -> date | None:
        """In a quarter of a year, on a working day."""
        if not self.character.not_yet:
            return None
        later = corresponding_day(local_day(self._when(), self.calendar.zone), 3)
        return self.calendar.day_after(later, 1)
