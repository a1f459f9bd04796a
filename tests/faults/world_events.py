"""What comes up in a simulated year by itself: breaches, complaints, reviews out of turn, people who come and go."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import partial
from random import Random
from typing import Any, TypeVar

from sqlmodel import Session, SQLModel, col, select

from actions.away import set_away
from actions.breaches.affecting import affect, not_affected
from actions.breaches.closing import reopen
from actions.breaches.holding import place_hold
from actions.breaches.merging import merge
from actions.breaches.reporting import Report, report_breach
from actions.cast import active_parties, known_id
from actions.complaints.receiving import Received, receive
from actions.complaints.referring import refer
from actions.contacts import correct_address
from actions.membership import join, leave
from actions.owing import delegate, extend, waive
from actions.resolving import resolve_in_doubt, try_again
from actions.review_deciding import cancel
from actions.review_opening import open_extraordinary, set_review_date
from models.breach import Breach, ReporterKind
from models.complaint import Complaint
from models.obligation import Obligation
from models.outbox import Delivery, Message
from models.protocol import Contact, Party, Protocol, Role
from models.review import Review
from rules.breach_facts import FactName
from rules.complaint import ComplaintKind
from rules.errors import Refused
from rules.review import ENDED
from rules.working_days import Nation
from tests.actions.world import SECRETARY

Row = TypeVar("Row", bound=SQLModel)
Event = Callable[[Session, datetime, Random], object]


class NothingThere(Refused):
    def __init__(self) -> None:
        super().__init__("There is nothing that could be done about.")


def _protocol(session: Session) -> Protocol:
    return session.exec(select(Protocol)).one()


def _parties(session: Session, now: datetime) -> list[Party]:
    return list(active_parties(session, _protocol(session), now.date()))


def _one(session: Session, rng: Random, table: type[Row], *where: Any) -> Row:
    rows = session.exec(select(table).where(*where).order_by(table.id)).all()  # type: ignore[attr-defined]
    if not rows:
        raise NothingThere
    return rng.choice(rows)


def the_date_is_set(session: Session, now: datetime, rng: Random, on: date | None = None) -> None:
    set_review_date(
        session, now, _protocol(session), on or now.date() + timedelta(days=rng.randint(30, 120)), SECRETARY
    )


def a_breach(session: Session, now: datetime, rng: Random) -> None:
    named = rng.sample(sorted(party.slug for party in _parties(session, now)), rng.choice((1, 2, 2)))
    facts = {FactName.HAPPENED: "A list went to the wrong address.", FactName.PARTIES: named}
    if rng.random() < 0.7:
        facts |= {FactName.PEOPLE: rng.choice((1, 5, 400)), FactName.DATA: ["health"]}
    key = f"breach-{rng.getrandbits(40)}"
    given = Report(facts=facts, reporter_kind=ReporterKind.ANONYMOUS, party=named[0], key=key)
    report_breach(session, now, _protocol(session), given, "reporter", entropy=rng.randbytes)


def a_complaint(session: Session, now: datetime, rng: Random) -> None:
    about, by = (rng.choice(sorted(party.slug for party in _parties(session, now))) for _ in range(2))
    given = Received(
        kind=rng.choice([*ComplaintKind]), what="My address was passed on to somebody who should not have had it.",
        about=about, received_by=by, happened_from=now.date() - timedelta(days=rng.randint(1, 200)),
        key=f"complaint-{rng.getrandbits(40)}",
    )  # fmt: skip
    receive(session, now, _protocol(session), given, SECRETARY)


def an_extraordinary_review(session: Session, now: datetime, rng: Random) -> None:
    open_extraordinary(session, now, _protocol(session), SECRETARY, f"Act {rng.randint(1, 99)} has changed.")


def a_review_is_cancelled(session: Session, now: datetime, rng: Random) -> None:
    review = _one(session, rng, Review, col(Review.stage).not_in(ENDED))
    cancel(session, now, known_id(review), SECRETARY, "The bodies are being reorganised.")


def a_breach_grows(session: Session, now: datetime, rng: Random) -> None:
    about = known_id(_one(session, rng, Breach)), rng.choice(_parties(session, now)).slug
    rng.choice((affect, affect, not_affected))(session, now, *about, SECRETARY, "Its records say so.")


def two_breaches_are_one(session: Session, now: datetime, rng: Random) -> None:
    one, other = (known_id(_one(session, rng, Breach)) for _ in range(2))
    merge(session, now, one, other, SECRETARY, "It is one list.")


def letters_are_held(session: Session, now: datetime, rng: Random) -> None:
    breach = known_id(_one(session, rng, Breach))
    place_hold(session, now, breach, "police", SECRETARY, "An arrest is planned.")


def a_breach_goes_on(session: Session, now: datetime, rng: Random) -> None:
    reopen(session, now, known_id(_one(session, rng, Breach)), SECRETARY, "There is more.")


def a_complaint_is_referred(session: Session, now: datetime, rng: Random) -> None:
    to = rng.choice([*(party.slug for party in _parties(session, now)), "secretary"])
    refer(session, now, known_id(_one(session, rng, Complaint)), to, "front desk", "It is about them.")


def a_duty_is_changed(session: Session, now: datetime, rng: Random) -> None:
    duty, because = _one(session, rng, Obligation, col(Obligation.outcome).is_(None)), "They asked for it."
    match rng.randint(0, 3):
        case 0:
            waive(session, now, duty, SECRETARY, because)
        case 1:
            delegate(session, now, duty, SECRETARY, because)
        case _:
            extend(session, now, duty, now.date() + timedelta(days=rng.randint(1, 40)), SECRETARY, because)


def somebody_is_away(session: Session, now: datetime, rng: Random) -> None:
    party, until = rng.choice(_parties(session, now)), now.date() + timedelta(days=rng.randint(1, 20))
    set_away(session, now, _protocol(session), party, rng.choice((Role.LEAD_MEMBER, Role.DEPUTY)), until, SECRETARY)


def somebody_leaves(session: Session, now: datetime, rng: Random) -> None:
    party = rng.choice(_parties(session, now))
    if party.slug not in ("council", "police"):
        leave(session, now, party, SECRETARY, "It was dissolved.")


def somebody_joins(session: Session, now: datetime, rng: Random) -> None:
    slug = f"school-{rng.randint(1, 3)}"
    nation = rng.choice([*Nation])
    join(session, now, _protocol(session), slug, slug, "education", nation, f"head@{slug}.example", SECRETARY)


def an_address_is_corrected(session: Session, now: datetime, rng: Random) -> None:
    contact = _one(session, rng, Contact, col(Contact.bounced_at).is_not(None))
    correct_address(session, now, contact, f"new{rng.randint(1, 99)}.{contact.address}", SECRETARY)


def a_doubt_is_settled(session: Session, now: datetime, rng: Random) -> None:
    doubt = _one(session, rng, Message, Message.state == Delivery.IN_DOUBT)
    resolve_in_doubt(session, now, known_id(doubt), SECRETARY, arrived=rng.random() < 0.7)


def a_failure_is_tried_again(session: Session, now: datetime, rng: Random) -> None:
    failed = _one(session, rng, Message, Message.state == Delivery.FAILED)
    try_again(session, now, known_id(failed), SECRETARY)


# How often in a year, about.
EVENTS: dict[Event, float] = {
    a_breach: 1, a_complaint: 1, an_extraordinary_review: 0.4, a_review_is_cancelled: 0.1, a_breach_grows: 0.6,
    two_breaches_are_one: 0.3, letters_are_held: 0.3, a_breach_goes_on: 0.2, a_complaint_is_referred: 0.4,
    a_duty_is_changed: 1.2, somebody_is_away: 0.6, somebody_leaves: 0.3, somebody_joins: 0.3,
    an_address_is_corrected: 0.8, a_doubt_is_settled: 0.6, a_failure_is_tried_again: 0.5, the_date_is_set: 0.2,
}  # fmt: skip


def drawn(rng: Random, begin: datetime, days: int, turning_points: list[datetime]) -> list[tuple[datetime, Event]]:
    """When each happens: one in four just around a night in which something turns, or 72 hours before."""
    happens = []
    for event, times in EVENTS.items():
        for _ in range(int(times) + (rng.random() < times % 1)):
            at = begin + timedelta(minutes=rng.randint(60, days * 24 * 60))
            if rng.random() < 0.25:
                at = rng.choice(turning_points) + timedelta(minutes=rng.randint(-180, 180), hours=rng.choice((0, -72)))
            happens.append((at, event))
    return happens


def first_review(on: date) -> Event:
    return partial(the_date_is_set, on=on)
