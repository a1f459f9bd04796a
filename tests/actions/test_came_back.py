"""What came back before an address was corrected, and what a person lets go again afterwards."""

from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlmodel import Session, col, select

from actions.access.party_links import LASTS
from actions.access.signing_codes import send_code
from actions.bouncing import record_bounce
from actions.cast import known_id
from actions.contacts import correct_address
from actions.membership import leave
from actions.owing import delegate
from actions.resolving import (
    AddressStillWrong,
    AskedForAnew,
    NotFailed,
    SentOnceMore,
    resolve_in_doubt,
    said_of_going,
    try_again,
)
from models.obligation import ObligationKind
from models.outbox import Delivery, Message
from models.protocol import Contact, Matter, MatterKind, Role
from notifications.bounces import BounceReport
from notifications.claiming import begin_sending, claim
from notifications.doubt import put_in_doubt
from notifications.messages import DutyReminder
from notifications.outbox import queue
from notifications.settling import Accepted, settle
from tests.actions.world import OPENS, SECRETARY, World, contact_of, duty_of, party, protocol
from tests.notifications.examples import FEEDBACK, LEAD

OLD, NEW = "lead.member@police.example", "right@police.example"
LATER, LAST = OPENS + timedelta(hours=1), OPENS + timedelta(hours=2)
TOLD = "told, and nothing asked"


@pytest.fixture
def told(world: World) -> World:
    """The police have been asked for feedback, and told something beside it. All of it has been accepted."""
    world.collecting()
    with world.act() as session:
        _queue(session, TOLD)
    assert len(deliver(world)) == 5
    return world


def _queue(session: Session, key: str) -> None:
    queue(
        session, OPENS, DutyReminder(**LEAD, duties=(FEEDBACK,)), to=contact_of(session, "police"), key=key,
        case="review:1", protocol=protocol(session),
    )  # fmt: skip


def deliver(world: World, now: timedelta = timedelta()) -> list[str]:
    """Where all that is due goes."""
    at = OPENS + now
    with world.act() as session:
        going = begin_sending(session, at, claim(session, at, "worker", 400), "worker")
    with world.act() as session:
        settle(session, at, "worker", [Accepted(id=row.id, attempts=row.attempts, said="250 OK") for row in going])
    return [row.address for row in going]


def message(world: World, key: str = TOLD) -> Message:
    return world.only(Message, Message.key == key)


def came_back(world: World, key: str) -> str:
    row = message(world, key)
    report = BounceReport(
        message_id=row.message_id, recipient=row.address, status="5.1.1", diagnostic="550 unknown", permanent=True
    )
    with world.act() as session:
        return record_bounce(session, OPENS, report, SECRETARY)


def corrected(world: World, address: str = NEW, at: datetime = LATER) -> None:
    with world.act() as session:
        correct_address(session, at, contact_of(session, "police"), address, SECRETARY)


def offers(world: World) -> list[Matter]:
    return [matter for matter in world.matters() if matter.kind is MatterKind.UNREACHABLE]


def tried(world: World, number: int | None) -> int:
    with world.act() as session:
        return known_id(try_again(session, LAST, number or 0, SECRETARY))


@pytest.mark.parametrize("address", [NEW, OLD], ids=["another", "the same"])
def test_what_is_owed_is_told_by_itself_and_what_only_tells_is_offered(told: World, address: str) -> None:
    for key in ("review:1:feedback:police:invite", TOLD):
        came_back(told, key)
    corrected(told, address)
    lost = message(told)
    assert deliver(told, timedelta(hours=1)).count(address) == 1, "the invitation"
    [offered] = offers(told)
    assert f"`concordat outbox again {lost.id}`" in offered.todo
    assert "Westshire Police (lead member)" in offered.sentence
    copy = tried(told, lost.id)
    assert deliver(told, timedelta(hours=2)) == [address]
    assert offers(told) == []
    sent = told.only(Message, Message.id == copy)
    assert (sent.text, sent.state) == (lost.text, Delivery.ACCEPTED)
    assert sent.message_id != lost.message_id
    kept = told.only(Message, Message.id == lost.id)
    assert (kept.state, kept.bounced_at, kept.address) == (Delivery.ACCEPTED, OPENS, OLD), "it is what it was"
    assert told.moves()[-1] == "message that came back: sent once more"
    with told.act() as session, pytest.raises(SentOnceMore):
        try_again(session, LAST, lost.id or 0, SECRETARY)
    assert told.broken(LAST) == []


def test_a_report_that_comes_after_the_correction_is_offered_and_once(told: World) -> None:
    corrected(told)
    for _ in range(2):
        came_back(told, TOLD)
    assert len(offers(told)) == 1
    said = came_back(told, "review:1:feedback:police:invite")
    assert said.endswith(f"from {OLD} to {NEW}."), "what is owed has been told there"
    assert len(offers(told)) == 1
    tried(told, message(told).id)
    assert offers(told) == []


def test_what_came_back_of_a_party_that_has_left_is_not_offered(told: World) -> None:
    came_back(told, TOLD)
    with told.act() as session:
        leave(session, LATER, party(session, "police"), SECRETARY, "It was dissolved.")
    corrected(told)
    assert offers(told) == []


def test_what_was_offered_once_and_not_wanted_is_not_offered_after_the_next_bounce(told: World) -> None:
    came_back(told, TOLD)
    corrected(told)
    with told.act() as session:
        session.execute(sa.update(Matter).values(closed_at=LATER, outcome="Not needed."))
        _queue(session, "the second")
        session.flush()
        session.execute(sa.update(Contact).where(col(Contact.address) == NEW).values(bounced_at=LAST))
        session.execute(sa.update(Message).where(col(Message.key) == "the second").values(bounced_at=LAST))
    corrected(told, "third@police.example", LAST)
    [offered] = offers(told)
    assert f"again {message(told, 'the second').id}`" in offered.todo


def test_a_request_for_what_somebody_else_is_asked_for_now_is_not_sent_once_more(world: World) -> None:
    world.collecting()
    deliver(world)
    came_back(world, "review:1:feedback:police:invite")
    with world.act() as session:
        delegate(session, OPENS, duty_of(session, ObligationKind.FEEDBACK, "police"), SECRETARY, "On leave.")
    corrected(world)
    assert [key for key in world.said() if key.endswith("once-more")] == []


def doubted(world: World, key: str = TOLD) -> int:
    """Nobody knows whether it arrived, and the secretary is asked."""
    with world.act() as session:
        row = session.exec(select(Message).where(Message.key == key)).one()
        row.state, row.settled_at, row.resend_in_doubt = Delivery.SENDING, None, False
        put_in_doubt(session, OPENS, row, "no answer", OPENS)
        return known_id(row)


def test_a_message_in_doubt_goes_to_the_address_of_today(told: World) -> None:
    number = doubted(told)
    corrected(told)
    deliver(told, timedelta(hours=1))
    with told.act() as session:
        going = resolve_in_doubt(session, LAST, number, SECRETARY, arrived=False)
        assert said_of_going(number, going) == (f"Message {number} is sent once more, as message {going.id}, to {NEW}.")
    assert deliver(told, timedelta(hours=2)) == [NEW]
    assert told.moves()[-1] == "message in doubt: sent once more"
    assert [matter.kind for matter in told.matters()] == []
    came_back(told, TOLD)
    assert told.only(Contact, Contact.address == NEW).bounced_at is None, "the old address has bounced"
    assert told.broken(LAST) == []


def test_a_message_whose_link_has_expired_meanwhile_goes_with_another(told: World) -> None:
    with told.act() as session:
        lost = session.exec(select(Message).where(Message.key == TOLD)).one()
        lost.state, lost.queued_at = Delivery.FAILED, LAST - LASTS
        number = known_id(lost)
    copy = told.only(Message, Message.id == tried(told, number))
    assert (copy.key, copy.queued_at) == (f"message-{number}:once-more", LAST)
    assert told.only(Message, Message.id == number).state is Delivery.FAILED
    assert told.moves()[-1] == "failed message: sent once more"


def test_a_message_in_doubt_is_not_sent_to_an_address_that_bounces(told: World) -> None:
    number = doubted(told)
    came_back(told, "review:1:feedback:police:invite")
    with told.act() as session, pytest.raises(AddressStillWrong, match="concordat contact correct police lead-member"):
        resolve_in_doubt(session, LATER, number, SECRETARY, arrived=False)


def test_a_message_in_doubt_that_comes_back_is_in_doubt_no_more(told: World) -> None:
    number = doubted(told)
    came_back(told, TOLD)
    assert told.only(Message, Message.id == number).state is Delivery.FAILED
    assert [matter.kind for matter in told.matters()] == [MatterKind.BOUNCE]
    corrected(told)
    copy = tried(told, number)
    assert copy != number
    assert told.broken(LAST) == []


def test_a_code_that_waits_goes_to_nobody_else(told: World) -> None:
    with told.act() as session:
        send_code(session, LATER, contact_of(session, "police"), "version:5.0", "review:1")
    code = told.only(Message, Message.kind == "signing_code_sent")
    corrected(told)
    assert told.only(Message, Message.id == code.id).state is Delivery.WITHDRAWN
    assert {row.kind for row in told.every(Message, Message.address == NEW)} == {"duty_reminder"}


@pytest.mark.parametrize("arrived", [True, False])
def test_a_code_in_doubt_is_settled_and_not_sent_again(told: World, arrived: bool) -> None:
    with told.act() as session:
        send_code(session, LATER, contact_of(session, "police"), "version:5.0", "review:1")
    number = doubted(told, told.only(Message, Message.kind == "signing_code_sent").key)
    with told.act() as session:
        settled = resolve_in_doubt(session, LAST, number, SECRETARY, arrived=arrived)
        assert settled.id == number
    assert settled.state is (Delivery.ACCEPTED if arrived else Delivery.WITHDRAWN)
    assert told.matters() == []
    assert told.broken(LAST) == []


def test_what_a_person_may_not_let_go_again_is_refused(told: World) -> None:
    number = message(told).id or 0
    with told.act() as session, pytest.raises(NotFailed, match="has come back"):
        try_again(session, LATER, number, SECRETARY)
    with told.act() as session:
        send_code(session, LATER, contact_of(session, "police"), "version:5.0", "review:1")
        code = session.exec(select(Message).where(Message.kind == "signing_code_sent")).one()
        code.state, code.settled_at = Delivery.FAILED, LATER
    with told.act() as session, pytest.raises(AskedForAnew):
        try_again(session, LATER, code.id or 0, SECRETARY)


def test_what_was_queued_while_its_address_was_corrected_goes_to_the_new_one(postgres_world: World) -> None:
    """Whoever queued had read the old address, and whoever corrected did not see what was queued."""
    with postgres_world.act() as queueing:
        _queue(queueing, TOLD)
        corrected(postgres_world)
    assert message(postgres_world).address == OLD
    assert deliver(postgres_world) == [NEW]
    assert postgres_world.only(Contact, Contact.address == NEW).role is Role.LEAD_MEMBER
