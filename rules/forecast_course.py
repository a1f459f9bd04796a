"""One protocol's time to come, as far as the clock alone makes it: what is owed, and what is said about it.

It follows `actions` step by step where they write rows. `tests/actions/test_forecast_is_what_is_sent.py` holds
the two together.
"""

import heapq
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime

from rules.errors import Refused
from rules.forecast_state import Forecasted, Member, OpenDuty, OpenReview, ProtocolState
from rules.forecast_words import why_reminded
from rules.instants import end_of_day, local_day
from rules.reminding import Found, Group, People, Person, grouped, look, next_instant
from rules.review import ReviewClock, Stage, first_newcomer
from rules.working_days import BeyondPublishedHolidays

Remembered = tuple[
    dict[int, OpenReview], dict[str, OpenDuty], list[tuple[datetime, int, str]], int, date | None
]  # fmt: skip


class NobodyToAsk(Refused):
    def __init__(self, member: Member) -> None:
        super().__init__(f"{member.slug} has no lead member.")


def lead_of(member: Member) -> Person:
    """Raises NobodyToAsk."""
    if member.lead is None:
        raise NobodyToAsk(member)
    return member.lead


class Course:
    """The present state of one protocol, moved on from instant to instant; `said` grows."""

    def __init__(self, protocol: ProtocolState, next_review_id: Iterator[int]) -> None:
        self.protocol = protocol
        self.next_review_id = next_review_id
        self.held_on = protocol.calendar.held_on
        self.reviews = {review.id: review for review in protocol.reviews}
        self.duties = {duty.key: duty for duty in protocol.duties}
        self.members = {member.id: member for member in protocol.members}
        self.said: list[Forecasted] = []
        self._party_of = {
            p.contact: m.slug for m in protocol.members for p in (m.lead, m.deputy, m.confirms, *m.stand_ins) if p
        } | dict(self._asked_in_cases())
        self._numbers = iter(range(1 + max((duty.id for duty in protocol.duties), default=0), 2**62))
        self._looks: list[tuple[datetime, int, str]] = []
        for duty in protocol.duties:
            self._expect(duty)

    def _asked_in_cases(self) -> Iterator[tuple[int, str]]:
        """Whom breaches and complaints ask at a party, in roles that reviews do not know."""
        for duty in self.protocol.duties:
            if (member := self.members.get(duty.party or 0)) is None:
                continue
            for person in (duty.owner, duty.escalate_to, *duty.could_ask):
                if person and person.contact != self.protocol.secretary.contact:
                    yield person.contact, member.slug

    def clock_of(self, review: OpenReview) -> ReviewClock:
        owed = len(list(self.owed(review, "signature"))) if review.stage is Stage.SIGNING else 0
        days = [m.joined_on for m in self.unasked(review, review.due_on)] if review.stage is Stage.COLLECTING else []
        return ReviewClock(
            stage=review.stage, opens_at=review.opens_at, due_at=review.due_at, signatures_owed=owed,
            signed=len(review.signed), newcomer_at=first_newcomer(days, review.opens_at, self.protocol.zone),
        )  # fmt: skip

    def unasked(self, review: OpenReview, until: date) -> list[Member]:
        """Whoever counts by that day, stays, and has not been asked in this round."""
        return [
            member
            for member in self.protocol.members
            if member.left_on is None and (member.joined_on or until) <= until and member.id not in review.asked
        ]

    def owed(self, review: OpenReview, kind: str) -> Iterator[OpenDuty]:
        return (duty for duty in self.duties.values() if duty.case == review.case and duty.kind == kind)

    def next_look(self, after: datetime) -> datetime | None:
        """The next instant at which a rung is due; what was due before is stuck and waits for nothing."""
        while self._looks and (self._looks[0][0] <= after or not self._is_current(self._looks[0])):
            heapq.heappop(self._looks)
        return self._looks[0][0] if self._looks else None

    def active(self, now: datetime) -> list[Member]:
        day = local_day(now, self.protocol.zone)
        return [member for member in self.protocol.members if member.is_active(day)]

    def open_duty(
        self, now: datetime, case: str, kind: str, key: str, owner: Person, due_on: date, member: Member | None = None
    ) -> OpenDuty | None:
        """None where it is owed already."""
        if key in self.duties:
            return None
        nation, zone = (member or self.protocol).nation, self.protocol.zone
        duty = OpenDuty(
            id=next(self._numbers), key=key, case=case, kind=kind, party=member.id if member else None, owner=owner,
            nation=nation, zone=zone, opened_at=now, due_on=due_on, due_at=end_of_day(due_on, zone), next_at=None,
        )  # fmt: skip
        return self._looking_ahead(duty)

    def set_due(self, duty: OpenDuty, due_on: date) -> None:
        """Another last day; rungs already taken are not taken again."""
        self._looking_ahead(replace(duty, due_on=due_on, due_at=end_of_day(due_on, duty.zone), exact=False))

    def _looking_ahead(self, duty: OpenDuty) -> OpenDuty:
        """With the instant of its next rung; with none where the bank holidays it needs are not published."""
        ladder = self.protocol.ladders[duty.kind]
        try:
            next_at = next_instant(
                ladder, due_day=duty.due_on, due_at=duty.counted_to, nation=duty.nation, zone=duty.zone,
                taken=duty.taken, escalate_after=duty.escalate_after,
            )  # fmt: skip
        except BeyondPublishedHolidays:
            next_at = None
        return self._expect(replace(duty, next_at=next_at))

    def discharge(self, duties: Iterator[OpenDuty]) -> list[OpenDuty]:
        return [self.duties.pop(duty.key) for duty in list(duties)]

    def say(self, now: datetime, kind: str, to: Person, case: str, because: str, *about: OpenDuty) -> None:
        """An address that has bounced is told nothing."""
        if not to.reachable:
            return
        message = Forecasted(
            at=now, kind=kind, contact=to.contact, address=to.address, party=self._party_of.get(to.contact),
            case=case, duty_kind=about[0].kind if about else None,
            obligations=tuple(duty.key for duty in about), because=because,
        )  # fmt: skip
        self.said.append(message)

    def remind(self, now: datetime) -> None:
        """Every obligation that is due for a look, grouped into messages as the sender groups them."""
        found = []
        while self._looks and self._looks[0][0] <= now:
            entry = heapq.heappop(self._looks)
            if self._is_current(entry):
                found.append(self._look_at(self.duties[entry[2]], now))
        for group in grouped(found):
            self._say_group(now, group)

    def remember(self) -> Remembered:
        return dict(self.reviews), dict(self.duties), list(self._looks), len(self.said), self.held_on

    def go_back_to(self, before: Remembered) -> None:
        """As a transaction that is rolled back."""
        self.reviews, self.duties, self._looks, said, self.held_on = before
        del self.said[said:]

    def _look_at(self, duty: OpenDuty, now: datetime) -> Found:
        ladder = self.protocol.ladders[duty.kind]
        looked = look(
            ladder, due_day=duty.due_on, due_at=duty.counted_to, nation=duty.nation, zone=duty.zone,
            opened_at=duty.opened_at, taken=duty.taken, now=now, escalate_after=duty.escalate_after,
        )  # fmt: skip
        done = {rung.key for rung in (*looked.rungs.send, *looked.rungs.skip)}
        # Holidays that are not published today are not published in the forecast either.
        self._expect(replace(duty, taken=duty.taken | done, next_at=None if looked.unknown else looked.next_at))
        member = self.members.get(duty.party) if duty.party else None
        deputy = member.deputy if member else None
        if member and deputy and member.is_away(deputy, local_day(now, self.protocol.zone)):
            deputy = None
        people = People(owner=duty.owner, deputy=duty.escalate_to or deputy, secretary=self.protocol.secretary)
        return Found(duty.key, duty.case, duty.kind, people, looked.rungs.send)

    def _say_group(self, now: datetime, group: Group) -> None:
        duties = [self.duties[key] for key in group.keys]
        because = why_reminded(duties[0], group, len(duties))
        self.say(now, group.words, group.person, group.case, because, *duties)

    def _expect(self, duty: OpenDuty) -> OpenDuty:
        self.duties[duty.key] = duty
        if duty.next_at is not None:
            heapq.heappush(self._looks, (duty.next_at, duty.id, duty.key))
        return duty

    def _is_current(self, entry: tuple[datetime, int, str]) -> bool:
        duty = self.duties.get(entry[2])
        return duty is not None and duty.next_at == entry[0]
