"""What many messages say is kept once, and each of them is read whole."""

from datetime import datetime

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import select

from actions.contacts import correct_address
from models.obligation import Obligation
from models.outbox import GAP, Delivery, SharedText, in_full
from models.outbox import Message as OutboxRow
from models.protocol import Contact, Protocol
from models.store import transaction
from notifications.delivery import deliver
from notifications.links import filled
from notifications.messages import DutyReminder
from notifications.outbox import Letter, queue_many
from notifications.render import render
from tests.notifications.examples import FEEDBACK, LEAD
from tests.notifications.outbox_world import CASE, NOW, World, make_world
from tests.notifications.smtp_server import PostOffice, mail, serving

PARTIES = ("Westshire Council", "Ärzte & Söhne <b>GmbH</b>", f"{'A very long name of a body ' * 5}of the West")


@pytest.fixture
def world(store: sa.Engine) -> World:
    return make_world(store)


def clock() -> datetime:
    return NOW


def reminder(number: int) -> DutyReminder:
    return DutyReminder(**(LEAD | {"party": PARTIES[number]}), duties=(FEEDBACK,))


def queued(world: World, *numbers: int, run: str = "first") -> list[OutboxRow]:
    """In one transaction."""
    with transaction(world.store) as session:
        letters = [
            Letter(
                message=reminder(number), to=session.get_one(Contact, world.contacts[number].id),
                key=f"{run}:{number}", case=CASE, protocol=session.get_one(Protocol, world.protocol.id),
                about=[session.get_one(Obligation, world.duties[number].id)],
            )
            for number in numbers
        ]  # fmt: skip
        queue_many(session, NOW, letters)
    return world.rows()


def texts(world: World) -> list[SharedText]:
    with transaction(world.store) as session:
        return list(session.exec(select(SharedText)))


def test_what_many_say_is_kept_once_and_each_is_read_whole(world: World) -> None:
    rows = queued(world, 0, 1, 2)
    [shared] = texts(world)
    assert {row.shared_text_id for row in rows} == {shared.id}
    for number, row in enumerate(rows):
        whole = render(reminder(number), key="k", now=NOW)
        assert (row.text, row.html) == (whole.text, whole.html)
        assert PARTIES[number] in " ".join(row.text.split())
        assert len(row.own_text + row.own_html) < len(row.text + row.html) / 4
        assert GAP not in row.text + row.html


def test_what_one_says_is_in_its_row(world: World) -> None:
    [row] = queued(world, 0)
    assert (row.shared_text_id, row.own_text, row.own_html) == (None, row.text, row.html)
    assert texts(world) == []


def test_each_transaction_keeps_its_own_so_that_none_waits_for_another(world: World) -> None:
    queued(world, 0, 1)
    queued(world, 0, 1, run="second")
    assert len(texts(world)) == 2


async def test_a_row_whose_words_fit_no_gap_holds_up_no_other(world: World) -> None:
    """Nothing of ours makes one: it is made with a database's tools here."""
    rows = queued(world, 0, 1, 2)
    with transaction(world.store) as session:
        torn = session.get_one(OutboxRow, rows[1].id)
        torn.own_text = "one word"
    office = PostOffice()
    with serving(office) as port:
        count = await deliver(world.store, clock=clock, post_office=mail(port))
    assert count.accepted == len(office.taken) == 2
    assert [row.state for row in world.rows()] == [Delivery.ACCEPTED, Delivery.FAILED, Delivery.ACCEPTED]
    assert "verify" in (world.rows()[1].answer or "")


async def test_whole_messages_arrive_whoever_shares_their_words(world: World) -> None:
    queued(world, 0)
    queued(world, 1, 2, run="second")
    queued(world, 0, 1, 2, run="third")
    office = PostOffice()
    with serving(office) as port:
        count = await deliver(world.store, clock=clock, post_office=mail(port))
    assert count.accepted == 6
    read = {message["Message-ID"]: message for message in office.taken}
    for row in world.rows():
        assert row.state is Delivery.ACCEPTED
        text, html = (part.get_payload(decode=True).decode() for part in read[row.message_id].get_payload())  # type: ignore[union-attr]
        assert (text, html) == (filled(row, row.text), filled(row, row.html))


def test_a_copy_to_a_corrected_address_says_the_same(world: World) -> None:
    lost = queued(world, 0, 1)[0]
    with transaction(world.store) as session:
        session.get_one(OutboxRow, lost.id).bounced_at = NOW
        contact = session.get_one(Contact, world.contacts[0].id)
        contact.bounced_at = NOW
    with transaction(world.store) as session:
        correct_address(
            session, NOW, session.get_one(Contact, world.contacts[0].id), "new@party-0.example", "secretary"
        )
    copy = world.rows()[-1]
    assert copy.id != lost.id
    assert (copy.address, copy.text, copy.html) == ("new@party-0.example", lost.text, lost.html)


@given(st.lists(st.text("ab\n ", max_size=5), min_size=1, max_size=5), st.data())
def test_a_gap_holds_any_words(pieces: list[str], data: st.DataObject) -> None:
    own = data.draw(st.lists(st.text("xé\n", max_size=5), min_size=len(pieces) - 1, max_size=len(pieces) - 1))
    whole = pieces[0] + "".join(word + piece for word, piece in zip(own, pieces[1:], strict=True))
    assert in_full(GAP.join(pieces), "".join(word + GAP for word in own)) == whole
