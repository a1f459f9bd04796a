"""A sweep looks at few of the open breaches, and passes over none for which the clock has a step."""

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlmodel import Session, select

from actions.breaches.may_be_due import may_be_due, still_open
from actions.breaches.settling import breaches_due, next_breach_step
from actions.watching import SWEEP, begin_beat, end_beat
from models.obligation import Obligation
from models.protocol import Contact, Role
from tests.actions.breach_world import FRIDAY, begun, follow_procedure, procedure, reported, sweep_breaches
from tests.actions.world import World, kept, party

MONDAY = FRIDAY + timedelta(days=3)


@kept
def two_followed_up(world: World) -> None:
    """A sweep has ended since, so that nobody who was there before has joined since."""
    with world.act() as session:
        follow_procedure(session, FRIDAY, procedure(parties=("council", "police")))
        for _ in range(2):
            begun(session, FRIDAY, "council")
        begin_beat(session, FRIDAY, SWEEP)
        end_beat(session, FRIDAY, SWEEP)


def truly_due(session: Session, now: datetime = MONDAY) -> list[int]:
    return [number for number in still_open(session) if next_breach_step(session, now, number)]


def test_a_breach_that_waits_for_people_is_not_looked_at(world: World) -> None:
    two_followed_up(world)
    with world.read() as session:
        assert may_be_due(session, MONDAY) == truly_due(session) == []
        assert still_open(session) == [1, 2]


def test_one_just_reported_is(world: World) -> None:
    two_followed_up(world)
    with world.act() as session:
        reported(session, MONDAY, "council")
    with world.read() as session:
        assert may_be_due(session, MONDAY) == truly_due(session) == [3]


def test_one_whose_coordinator_can_no_more_be_reached_is(world: World) -> None:
    two_followed_up(world)
    with world.act() as session:
        owed = session.exec(select(Obligation).where(Obligation.case == "breach:2")).first()
        assert owed is not None
        contact = session.get_one(Contact, owed.contact_id)
        contact.bounced_at = MONDAY
        session.add(contact)
    with world.read() as session:
        assert truly_due(session) == [1, 2]
        assert breaches_due(session, MONDAY) == [1, 2]
    sweep_breaches(world, MONDAY)
    with world.read() as session:
        assert truly_due(session) == breaches_due(session, MONDAY) == []


def test_one_is_when_somebody_is_back_who_may_stand_in(world: World) -> None:
    """Nobody could be asked when the address bounced; on the day after the stand-in's last day away somebody can."""
    two_followed_up(world)
    with world.act() as session:
        roles = session.exec(select(Contact).where(Contact.party_id == party(session, "council").id)).all()
        owed = {duty.contact_id for duty in session.exec(select(Obligation).where(Obligation.case == "breach:1"))}
        for contact in roles:
            if contact.id in owed:
                contact.bounced_at = MONDAY
            else:
                contact.away_until = MONDAY.date()
            session.add(contact)
        secretary = session.exec(select(Contact).where(Contact.role == Role.SECRETARY)).one()
        secretary.away_until = MONDAY.date()
        session.add(secretary)
    tuesday = MONDAY + timedelta(days=1)
    with world.read() as session:
        assert truly_due(session) == breaches_due(session, MONDAY) == []
        assert truly_due(session, tuesday) == breaches_due(session, tuesday) == [1, 2]


def test_one_that_names_a_party_which_was_none_when_it_was_taken_up_and_has_joined_since(world: World) -> None:
    two_followed_up(world)
    with world.act() as session:
        reported(session, FRIDAY, "council", "police")
        police = party(session, "police")
        police.left_on = FRIDAY.date()
        session.add(police)
    sweep_breaches(world, FRIDAY)
    with world.act() as session:
        police = party(session, "police")
        police.left_on, police.joined_on = None, MONDAY.date()
        session.add(police)
    with world.read() as session:
        assert truly_due(session, MONDAY) == breaches_due(session, MONDAY) == [3]


def test_however_many_are_open_a_sweep_asks_as_much(world: World) -> None:
    def questions() -> int:
        asked: list[int] = []
        with world.read() as session:
            sa.event.listen(session.connection(), "before_cursor_execute", lambda *_: asked.append(1))
            assert breaches_due(session, MONDAY) == []
        return len(asked)

    two_followed_up(world)
    before = questions()
    with world.act() as session:
        for _ in range(6):
            begun(session, FRIDAY, "council", "police")
    assert questions() == before <= 8


def test_however_many_have_been_away_they_are_one_parameter(world: World) -> None:
    """Also long ago; PostgreSQL takes 65,535 of them."""
    two_followed_up(world)
    with world.act() as session:
        of = session.exec(select(Contact).where(Contact.role == Role.SECRETARY)).one().protocol_id
        away = {"protocol_id": of, "role": Role.ADVISER, "address": "a@b.example", "away_until": FRIDAY.date()}
        session.execute(sa.insert(Contact), [away] * 66_000)
    with world.read() as session:
        assert breaches_due(session, MONDAY) == []
