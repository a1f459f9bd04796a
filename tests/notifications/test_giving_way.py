"""What waits gives way to a newer message; what a worker has in its hands is left to it, and nobody waits for that."""

import pytest
import sqlalchemy as sa
from sqlmodel import Session, col, select

from models.outbox import Delivery
from models.outbox import Message as OutboxRow
from models.protocol import Contact
from models.store import is_postgres, transaction
from notifications.claiming import begin_sending, claim
from notifications.giving_way import SAID_BY_A_NEWER, give_way
from tests.notifications.outbox_world import NOW, World, make_world

ABOUT = "news:7:"


@pytest.fixture
def world(store: sa.Engine) -> World:
    """To one contact: a message on its way, and two that wait."""
    made = make_world(store)
    assert made.queue(0, key=f"{ABOUT}1:first")
    with transaction(store) as session:
        assert begin_sending(session, NOW, claim(session, NOW, "worker", 1), "worker")
    for number in (2, 3):
        assert made.queue(0, key=f"{ABOUT}{number}:next")
    return made


def withdrawn(world: World, session: Session) -> list[str]:
    to = session.get_one(Contact, world.contacts[0].id)
    return [row.key for row in give_way(session, NOW, to, ABOUT, unless=f"{ABOUT}4:")]


def test_what_waits_is_withdrawn_and_what_is_being_sent_is_left(world: World) -> None:
    with transaction(world.store) as session:
        assert withdrawn(world, session) == [f"{ABOUT}3:next", f"{ABOUT}2:next"]
    assert world.states() == [Delivery.SENDING, Delivery.WITHDRAWN, Delivery.WITHDRAWN]
    assert {row.answer for row in world.rows()} == {None, SAID_BY_A_NEWER}


def test_nothing_gives_way_to_what_was_said_before(world: World) -> None:
    assert world.queue(0, key=f"{ABOUT}4:newest")
    with transaction(world.store) as session:
        assert withdrawn(world, session) == []


def test_nobody_waits_for_whoever_settles(world: World) -> None:
    """Whoever settles may wait for what we hold."""
    with transaction(world.store) as settling:
        if not is_postgres(settling):
            pytest.skip("SQLite has one writer")
        on_its_way = select(OutboxRow).where(col(OutboxRow.state) == Delivery.SENDING)
        assert settling.exec(on_its_way.with_for_update()).one()
        with transaction(world.store) as session:
            session.execute(sa.text("SET LOCAL lock_timeout = '200ms'"))
            assert len(withdrawn(world, session)) == 2
