"""What has failed goes again, and may fail again: then the secretary is told again."""

from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlmodel import Session, col, select

from actions.contacts import correct_address
from actions.resolving import close_by_hand, try_again
from models.outbox import Delivery
from models.outbox import Message as OutboxRow
from models.protocol import Contact, Matter, MatterKind
from models.store import transaction
from notifications.claiming import begin_sending, claim
from notifications.settling import Failed, settle
from tests.notifications.outbox_world import NOW, World, make_world

BY = "secretary"
SOON, LATER = NOW + timedelta(hours=1), NOW + timedelta(hours=2)


@pytest.fixture
def world(store: sa.Engine) -> World:
    """A message whose duty has been answered meanwhile; it tells, and does not only remind."""
    made = make_world(store)
    made.queue(0)
    made.answer(0)
    return made


def refused(world: World, at: datetime, *, address: bool) -> None:
    with transaction(world.store) as session:
        going = begin_sending(session, at, claim(session, at, "worker", 10), "worker")
    said = "550 5.1.1 No such user" if address else "550 5.7.1 Not such words"
    with transaction(world.store) as session:
        results = [Failed(id=row.id, attempts=row.attempts, said=said, address_refused=address) for row in going]
        assert settle(session, at, "worker", results) == {"failed": len(going)}


def tried_again(world: World, at: datetime) -> None:
    with transaction(world.store) as session:
        try_again(session, at, world.rows_in(session)[0].id or 0, BY)


def matters(session: Session) -> list[Matter]:
    return list(session.exec(select(Matter).where(col(Matter.closed_at).is_(None))))


@pytest.mark.parametrize("closed_by_hand", [True, False], ids=["closed by hand", "left open"])
def test_a_message_that_fails_a_second_time_is_on_the_list_once_more_and_once(
    world: World, closed_by_hand: bool
) -> None:
    refused(world, NOW, address=False)
    if closed_by_hand:
        with transaction(world.store) as session:
            [matter] = matters(session)
            close_by_hand(session, SOON, matter.id or 0, BY, "The provider allows such words now.")
    tried_again(world, SOON)
    with transaction(world.store) as session:
        assert matters(session) == []
    refused(world, LATER, address=False)
    assert world.states() == [Delivery.FAILED]
    with transaction(world.store) as session:
        [matter] = matters(session)
    assert (matter.kind, matter.opened_at) == (MatterKind.UNREACHABLE, LATER)


def test_what_an_older_version_put_on_the_list_is_closed_when_its_message_goes_again(world: World) -> None:
    refused(world, NOW, address=False)
    with transaction(world.store) as session:
        [matter] = matters(session)
        matter.key = f"bedfordshire:not-delivered:message-{world.rows_in(session)[0].id}"
    world.queue(1)
    refused(world, SOON, address=False)
    tried_again(world, SOON)
    with transaction(world.store) as session:
        assert [matter.opened_at for matter in matters(session)] == [SOON], "of another message"


def test_an_address_said_to_work_that_refuses_again_is_on_the_list_again_and_the_secretary_is_told(
    world: World,
) -> None:
    refused(world, NOW, address=True)
    with transaction(world.store) as session:
        contact = session.get_one(Contact, world.contacts[0].id)
        correct_address(session, SOON, contact, contact.address, BY)
        [offered] = matters(session)
        assert (offered.kind, "That address works again" in offered.sentence) == (MatterKind.UNREACHABLE, True)
    tried_again(world, SOON)
    with transaction(world.store) as session:
        session.execute(sa.update(OutboxRow).where(col(OutboxRow.kind) == "address_bounced").values(state="accepted"))
    refused(world, LATER, address=True)
    with transaction(world.store) as session:
        assert session.get_one(Contact, world.contacts[0].id).bounced_at == LATER
        [matter] = matters(session)
        told = session.exec(select(OutboxRow).where(OutboxRow.kind == "address_bounced")).all()
    assert (matter.kind, matter.opened_at) == (MatterKind.BOUNCE, LATER)
    assert [row.queued_at for row in told] == [NOW, LATER]
    assert len({row.message_id for row in told}) == 2


def test_two_messages_to_one_bad_address_are_one_matter_in_one_round_and_over_two(world: World) -> None:
    world.queue(0, key="in the same handful")
    refused(world, NOW, address=True)
    with transaction(world.store) as session:
        on_its_way = world.rows_in(session)[0]
        on_its_way.state, on_its_way.next_attempt_at = Delivery.QUEUED, LATER
        session.execute(sa.update(OutboxRow).where(col(OutboxRow.kind) == "address_bounced").values(state="accepted"))
    refused(world, LATER, address=True)
    with transaction(world.store) as session:
        assert [matter.opened_at for matter in matters(session)] == [NOW]
        told = session.exec(select(OutboxRow).where(OutboxRow.kind == "address_bounced")).all()
    assert len(told) == 1
