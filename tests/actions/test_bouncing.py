"""What follows from a delivery report."""

import pytest
import sqlalchemy as sa
from sqlmodel import select

from actions.bouncing import record_bounce
from actions.contacts import correct_address
from models.history import History, Narrative, broken_links
from models.outbox import Message as OutboxRow
from models.protocol import Contact, Matter, MatterKind
from models.store import transaction
from notifications.bounces import bounce_report
from tests.notifications.outbox_world import NOW, World, make_world
from tests.notifications.reports import DELAYED, EXPIRED, POSTFIX, about


@pytest.fixture
def world(store: sa.Engine) -> World:
    made = make_world(store)
    made.queue(0)
    return made


def recorded(world: World, report: bytes, message_id: str | None = None) -> str:
    with transaction(world.store) as session:
        about_id = message_id or world.rows_in(session)[0].message_id
        return record_bounce(session, NOW, bounce_report(about(report, about_id)), "secretary")


def count(world: World, table: type) -> int:
    with transaction(world.store) as session:
        return len(session.exec(select(table)).all())


def test_a_bounce_stops_the_address_and_becomes_work_for_the_secretary(world: World) -> None:
    said = recorded(world, POSTFIX)
    assert said.startswith("Recorded: lead@party-0.example takes no mail.")
    with transaction(world.store) as session:
        matter = session.exec(select(Matter)).one()
        told = session.exec(select(OutboxRow).where(OutboxRow.kind == "address_bounced")).one()
        [line] = session.exec(select(History))
        assert session.get_one(Contact, world.contacts[0].id).bounced_at == NOW
        assert session.get_one(Narrative, line.why_id).text == (
            "550 5.1.1 <lead@party-0.example>: Recipient address rejected: User unknown"
        )
        assert list(broken_links(session)) == []
    assert matter.kind is MatterKind.BOUNCE
    assert "`concordat contact correct party-0 lead-member ADDRESS`" in matter.todo
    assert "User unknown" in " ".join(told.text.split("\n> "))
    assert (line.what, line.who, line.case) == ("bounced", "secretary", "review:12")
    assert world.rows()[0].bounced_at == NOW
    assert world.queue(0, key="the next rung") is None


def test_the_same_report_twice_changes_nothing_the_second_time(world: World) -> None:
    recorded(world, POSTFIX)
    before = [count(world, table) for table in (Matter, History, OutboxRow)]
    assert recorded(world, POSTFIX).startswith("This bounce was recorded before")
    assert [count(world, table) for table in (Matter, History, OutboxRow)] == before


def test_a_second_message_to_the_dead_address_adds_no_work(world: World) -> None:
    world.queue(0, key="other")
    recorded(world, POSTFIX)
    said = recorded(world, POSTFIX, world.rows()[1].message_id)
    assert said == "Recorded. That lead@party-0.example takes no mail is known since Friday 26 February 2027."
    assert count(world, Matter) == 1
    assert all(row.bounced_at for row in world.rows()[:2])


def test_a_bounce_of_an_address_corrected_since_leaves_the_new_one_alone(world: World) -> None:
    with transaction(world.store) as session:
        session.get_one(Contact, world.contacts[0].id).address = "new.lead@party-0.example"
    said = recorded(world, POSTFIX)
    assert said == (
        "Recorded. The address of Party 0 (lead member) has been corrected since, "
        "from lead@party-0.example to new.lead@party-0.example. "
        "Whether it is sent there too is on the secretary's list."
    )
    with transaction(world.store) as session:
        assert session.get_one(Contact, world.contacts[0].id).bounced_at is None
        [matter] = session.exec(select(Matter)).all()
    assert (matter.kind, "`concordat outbox again 1`" in matter.todo) == (MatterKind.UNREACHABLE, True)
    assert count(world, History) == 1


def test_a_delay_is_history_and_nothing_else_and_only_once(world: World) -> None:
    for _ in range(2):
        assert recorded(world, DELAYED).startswith("Noted: the mail server has not given up")
    assert (count(world, History), count(world, Matter), count(world, OutboxRow)) == (1, 0, 1)
    with transaction(world.store) as session:
        assert session.get_one(Contact, world.contacts[0].id).bounced_at is None


def test_a_delay_that_ends_in_failure_is_a_bounce(world: World) -> None:
    recorded(world, DELAYED)
    assert recorded(world, EXPIRED).startswith("Recorded:")
    assert count(world, Matter) == 1


def test_a_report_about_somebody_else_s_message_changes_nothing(world: World) -> None:
    said = recorded(world, POSTFIX, "<unknown@elsewhere.example>")
    assert said == "No message <unknown@elsewhere.example> was sent from here: nothing was changed."
    assert (count(world, History), count(world, Matter)) == (0, 0)


def test_an_address_that_bounced_while_its_correction_waited_is_corrected_and_written_to_again(world: World) -> None:
    """On PostgreSQL two meet; on SQLite nobody reads while somebody writes."""
    if world.store.dialect.name == "sqlite":
        return
    with transaction(world.store) as session:
        contact = session.get_one(Contact, world.contacts[0].id)
        assert contact.bounced_at is None
        recorded(world, POSTFIX)
        correct_address(session, NOW, contact, "new@party-0.example", "secretary")
    with transaction(world.store) as session:
        corrected = session.get_one(Contact, world.contacts[0].id)
        assert (corrected.address, corrected.bounced_at) == ("new@party-0.example", None)
