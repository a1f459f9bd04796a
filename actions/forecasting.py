"""The forecast of a store: its state read as plain values in a few queries, and the messages to come as rows."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from typing import Any, TypeVar

from sqlmodel import Session, col, func, select

from actions.cast import NoContact, known_id
from actions.forecasting_stand_ins import could_ask
from actions.looking import person_of
from actions.policy import ladder_of, operating_of, policies_of, who_confirms, zone_of
from actions.review_asked import IN_PLACE_OF_THE_LEAD
from actions.review_asking import asked_in
from actions.signatures import carried_by, version_of
from models.obligation import Obligation, ObligationKind, Reminder
from models.outbox import Message, MessageAbout
from models.protocol import ChecklistItem, Contact, Party, Protocol, Role
from models.review import ReasonKind, Review, ReviewReason
from rules.forecast import forecast
from rules.forecast_state import (
    Forecasted,
    ForecastState,
    Member,
    OpenDuty,
    OpenReview,
    ProtocolState,
    ReviewCalendar,
    obligation_named,
)
from rules.instants import LONDON, zone_named
from rules.reminding import Person
from rules.review import ENDED, Stage

Row = TypeVar("Row")


def forecast_rows(session: Session, now: datetime, protocol: Protocol | None, until: datetime) -> list[dict[str, Any]]:
    """What will be sent until then if nobody answers, as `as_rows` shows it."""
    return as_rows(forecast_of(session, now, protocol, until))


def as_rows(messages: Iterable[Forecasted]) -> list[dict[str, Any]]:
    """`at` with London's offset; `party` is the one written to, null for the secretary and the adviser."""
    return [
        {
            "at": message.at.astimezone(LONDON).isoformat(),
            "to": message.address,
            "party": message.party,
            "message": message.kind,
            "obligation": message.obligation,
        }
        for message in messages
    ]


def forecast_of(session: Session, now: datetime, protocol: Protocol | None, until: datetime) -> list[Forecasted]:
    return forecast(state_of(session, protocol), now, until)


def state_of(session: Session, protocol: Protocol | None = None) -> ForecastState:
    """Everything the clock has to do with, of one protocol or of all. Reads only."""
    protocols = [protocol] if protocol else list(session.exec(select(Protocol).order_by(col(Protocol.id))))
    newest = session.exec(select(func.max(Review.id))).one()
    read = _Read(session, [known_id(each) for each in protocols])
    return ForecastState(
        protocols=tuple(read.protocol(each) for each in protocols), next_review_id=(newest or 0) + 1
    )  # fmt: skip


def obligations_named(session: Session, messages: Sequence[Message]) -> dict[int, str]:
    """What each message is about, in the forecast's words, by the message's id."""
    about: dict[int, list[Obligation]] = defaultdict(list)
    statement = select(MessageAbout.message_id, Obligation).join(
        Obligation, col(Obligation.id) == MessageAbout.obligation_id
    )
    ids = [message.id for message in messages]
    for number, duty in session.exec(statement.where(col(MessageAbout.message_id).in_(ids))):
        about[number].append(duty)
    return {known_id(message): _named(message, about[known_id(message)]) for message in messages}


def _named(message: Message, duties: Sequence[Obligation]) -> str:
    kind = duties[0].kind.value if duties else None
    return obligation_named(message.case, kind, tuple(duty.key for duty in duties))


class _Read:
    """The rows of some protocols, each table read once."""

    def __init__(self, session: Session, ids: Sequence[int]) -> None:
        self.session = session
        self.contacts = _by(_rows(session, Contact, ids), lambda row: row.protocol_id)
        self.parties = _by(_rows(session, Party, ids), lambda row: row.protocol_id)
        self.checklists = {item.protocol_id for item in _rows(session, ChecklistItem, ids) if item.position}
        open_reviews = [review for review in _rows(session, Review, ids) if review.stage not in ENDED]
        self.reviews = _by(open_reviews, lambda row: row.protocol_id)
        self.duties = _by(_open_duties(session, ids), lambda row: row.protocol_id)
        self.taken = _taken(session, ids)
        self.reasons = _reasons(session, [known_id(review) for review in open_reviews])
        self.held_on = _held_on(session, ids)

    def protocol(self, protocol: Protocol) -> ProtocolState:
        known = known_id(protocol)
        people = {known_id(contact): contact for contact in self.contacts[known]}
        operating = operating_of(protocol)
        return ProtocolState(
            slug=protocol.slug, nation=protocol.nation, zone=zone_of(protocol), secretary=self._secretary(known),
            windows={name: operating.window(name) for name in type(operating.windows).model_fields},
            ladders={kind.value: ladder_of(protocol, kind) for kind in ObligationKind},
            calendar=self._calendar(protocol), members=tuple(self._members(protocol)),
            checklist=known in self.checklists and who_confirms(protocol) is not None,
            reviews=tuple(self._review(review) for review in self.reviews[known]),
            duties=tuple(self._duty(duty, people) for duty in self.duties[known]), away=self._away(known)[None],
        )  # fmt: skip

    def _secretary(self, protocol: int) -> Person:
        for contact in self.contacts[protocol]:
            if contact.role is Role.SECRETARY and contact.party_id is None:
                return person_of(contact)
        raise NoContact(Role.SECRETARY, "The protocol")

    def _calendar(self, protocol: Protocol) -> ReviewCalendar:
        policies = policies_of(protocol)
        return ReviewCalendar(
            anchor=protocol.review_anchor, notice=policies.notice_period(),
            interval=policies.review_interval() if policies.review.interval else None,
            held_on=self.held_on.get(known_id(protocol)),
        )  # fmt: skip

    def _members(self, protocol: Protocol) -> Iterable[Member]:
        """By name, as they are asked."""
        known, confirms = known_id(protocol), who_confirms(protocol) or Role.LEAD_MEMBER
        at = {(contact.party_id, contact.role): person_of(contact) for contact in self.contacts[known]}
        away = self._away(known)
        for party in sorted(self.parties[known], key=lambda party: party.name):
            yield Member(
                id=known_id(party), slug=party.slug, nation=party.nation, joined_on=party.joined_on,
                left_on=party.left_on, lead=at.get((party.id, Role.LEAD_MEMBER)),
                deputy=at.get((party.id, Role.DEPUTY)), confirms=at.get((party.id, confirms)),
                stand_ins=tuple(at[party.id, role] for role in IN_PLACE_OF_THE_LEAD if (party.id, role) in at),
                away=away[party.id],
            )  # fmt: skip

    def _away(self, protocol: int) -> dict[int | None, dict[int, date]]:
        """By their party; officers by none."""
        away: dict[int | None, dict[int, date]] = defaultdict(dict)
        for contact in self.contacts[protocol]:
            if contact.away_until is not None:
                away[contact.party_id][known_id(contact)] = contact.away_until
        return away

    def _review(self, review: Review) -> OpenReview:
        signing = review.stage is Stage.SIGNING
        version = version_of(self.session, review) if signing else None
        return OpenReview(
            id=known_id(review), stage=review.stage, review_on=review.review_on, opens_at=review.opens_at,
            due_on=review.due_on, due_at=review.due_at, round=review.round,
            reasons=frozenset(self.reasons[known_id(review)]), version=version.label if version else None,
            asked=frozenset(asked_in(self.session, review)),
            signed=frozenset(carried_by(self.session, review)) if signing else frozenset(),
        )  # fmt: skip

    def _duty(self, duty: Obligation, people: dict[int, Contact]) -> OpenDuty:
        owner = people[duty.contact_id]
        return OpenDuty(
            id=known_id(duty), key=duty.key, case=duty.case, kind=duty.kind.value, party=duty.party_id,
            owner=person_of(owner), nation=duty.nation, zone=zone_named(duty.zone), opened_at=duty.opened_at,
            due_on=duty.due_on, due_at=duty.due_at, exact=duty.exact, next_at=duty.next_at,
            taken=frozenset(self.taken[known_id(duty)]), escalate_after=duty.escalate_after,
            escalate_to=person_of(people[duty.escalate_to_id]) if duty.escalate_to_id else None,
            could_ask=tuple(map(person_of, could_ask(self.session, duty, owner))),
        )  # fmt: skip


def _rows(session: Session, table: type[Row], ids: Sequence[int]) -> list[Row]:
    of_protocol: Any = table
    return list(session.exec(select(of_protocol).where(of_protocol.protocol_id.in_(ids)).order_by(of_protocol.id)))


def _by(rows: Iterable[Row], number: Callable[[Row], int]) -> dict[int, list[Row]]:
    found: dict[int, list[Row]] = defaultdict(list)
    for row in rows:
        found[number(row)].append(row)
    return found


def _open_duties(session: Session, ids: Sequence[int]) -> list[Obligation]:
    statement = select(Obligation).where(col(Obligation.protocol_id).in_(ids), col(Obligation.outcome).is_(None))
    return list(session.exec(statement.order_by(col(Obligation.id))))


def _taken(session: Session, ids: Sequence[int]) -> dict[int, set[str]]:
    taken: dict[int, set[str]] = defaultdict(set)
    statement = (
        select(Reminder.obligation_id, Reminder.rung)
        .join(Obligation, col(Obligation.id) == Reminder.obligation_id)
        .where(col(Obligation.protocol_id).in_(ids), col(Obligation.outcome).is_(None))
    )
    for number, rung in session.exec(statement):
        taken[number].add(rung)
    return taken


def _reasons(session: Session, ids: Sequence[int]) -> dict[int, set[str]]:
    reasons: dict[int, set[str]] = defaultdict(set)
    statement = select(ReviewReason.review_id, ReviewReason.words)
    for number, words in session.exec(statement.where(col(ReviewReason.review_id).in_(ids))):
        reasons[number].add(words)
    return reasons


def _held_on(session: Session, ids: Sequence[int]) -> dict[int, date]:
    """The latest date of a review that was held, or will be, because the year was round."""
    statement = (
        select(Review.protocol_id, func.max(Review.review_on))
        .join(ReviewReason, col(ReviewReason.review_id) == Review.id)
        .where(col(Review.protocol_id).in_(ids), ReviewReason.kind == ReasonKind.ANNUAL)
        .group_by(col(Review.protocol_id))
    )
    return dict(session.exec(statement).all())
