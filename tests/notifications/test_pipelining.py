"""MAIL, RCPT and DATA in one group: what goes wrong within it comes out as where each waits for the last."""

from collections import Counter
from datetime import datetime

import pytest
import sqlalchemy as sa

from models.outbox import Delivery
from notifications.conversation import Conversation
from notifications.delivery import DeliveryCount, deliver
from tests.notifications.outbox_world import NOW, World, make_world
from tests.notifications.smtp_server import DROP, STALL, PostOffice, mail, serving

BOTH_WAYS = pytest.mark.parametrize("pipelining", [True, False])


@pytest.fixture
def world(sqlite_store: sa.Engine) -> World:
    return make_world(sqlite_store)


def clock() -> datetime:
    return NOW


def office_that(pipelining: bool, **answers: object) -> PostOffice:
    office = PostOffice()
    office.pipelining = pipelining
    office.answers.update(answers)  # type: ignore[arg-type]
    return office


async def sent(world: World, office: PostOffice, count: int, **how: object) -> DeliveryCount:
    for number in range(count):
        assert world.queue(number % 3, key=f"reminder:{number}")
    with serving(office) as port:
        return await deliver(world.store, clock=clock, post_office=mail(port, **how))


@BOTH_WAYS
async def test_a_server_is_asked_in_groups_only_where_it_says_that_it_takes_them(
    world: World, pipelining: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    groups = Counter[int]()
    say = Conversation.say

    def counted(self: Conversation, *commands: bytes) -> None:
        groups[len(commands)] += 1
        say(self, *commands)

    monkeypatch.setattr(Conversation, "say", counted)
    assert (await sent(world, office_that(pipelining), 4)).accepted == 4
    assert groups == ({3: 4, 1: 5} if pipelining else {1: 17})  # beside them the contents, and QUIT


@BOTH_WAYS
async def test_a_refused_recipient_costs_nobody_else_their_message(world: World, pipelining: bool) -> None:
    """The server answers DATA, which it had by then, with 503."""
    office = office_that(pipelining, RCPT=lambda about, _: "550 5.1.1 No such user" if "party-1" in about else None)
    count = await sent(world, office, 6)
    assert (count.accepted, count.failed, count.closed) == (4, 2, None)
    assert world.rows()[1].answer == "550 5.1.1 No such user"
    assert office.connections == 1
    assert not any(row.in_doubt_at for row in world.rows())


@BOTH_WAYS
async def test_a_server_that_takes_data_for_a_refused_recipient_gets_an_empty_message_to_nobody(
    world: World, pipelining: bool
) -> None:
    office = office_that(pipelining, RCPT=lambda about, _: "450 4.2.1 Busy" if "party-1" in about else None)
    office.takes_data_for_nobody = True
    count = await sent(world, office, 3)
    assert (count.accepted, count.queued) == (2, 1)
    assert [message["To"] for message in office.taken] == ["lead@party-0.example", "lead@party-2.example"]
    assert office.to_nobody == ([b""] if pipelining else [])
    assert office.connections == 1
    assert world.rows()[1].in_doubt_at is None


@BOTH_WAYS
@pytest.mark.parametrize("at", ["MAIL", "RCPT", "DATA"])
async def test_a_connection_dropped_in_the_middle_of_a_group_is_no_doubt(
    world: World, pipelining: bool, at: str
) -> None:
    hits = iter(range(100))
    office = office_that(pipelining, **{at: lambda _about, _times: DROP if next(hits) == 2 else None})
    count = await sent(world, office, 6)
    assert (count.accepted, count.closed, office.connections) == (6, None, 2)
    assert {(row.attempts, row.in_doubt_at) for row in world.rows()} == {(1, None)}
    assert len(set(office.ids)) == len(office.ids) == 6


@BOTH_WAYS
@pytest.mark.parametrize("at", ["MAIL", "RCPT", "DATA"])
async def test_421_in_the_middle_of_a_group_is_another_connection(world: World, pipelining: bool, at: str) -> None:
    hits = iter(range(100))
    office = office_that(pipelining, **{at: lambda _about, _times: "421 4.7.0 Enough" if next(hits) == 2 else None})
    count = await sent(world, office, 6)
    assert (count.accepted, count.closed, office.connections) == (6, None, 2)
    assert {(row.attempts, row.in_doubt_at) for row in world.rows()} == {(1, None)}


@BOTH_WAYS
@pytest.mark.parametrize("at", ["MAIL", "RCPT", "DATA"])
async def test_a_group_that_is_never_answered_costs_one_timeout(world: World, pipelining: bool, at: str) -> None:
    hits = iter(range(100))
    office = office_that(pipelining, **{at: lambda _about, _times: STALL if next(hits) == 0 else None})
    count = await sent(world, office, 3, timeout_seconds=0.4)
    assert (count.accepted, count.queued) == (2, 1)
    assert {row.in_doubt_at for row in world.rows()} == {None}


@BOTH_WAYS
async def test_a_server_that_stalls_later_costs_one_timeout_too(world: World, pipelining: bool) -> None:
    """The watch was set when the first answer was waited for."""
    hits = iter(range(100))
    office = office_that(pipelining, RCPT=lambda _about, _times: STALL if next(hits) == 3 else None)
    count = await sent(world, office, 6, timeout_seconds=0.4)
    assert (count.accepted, count.queued) == (5, 1)
    assert office.connections == 2


@BOTH_WAYS
async def test_a_server_that_counts_messages_gets_more_connections(world: World, pipelining: bool) -> None:
    """It says goodbye before it has read what came after its last 250."""
    office = office_that(
        pipelining, CONTENT=lambda _about, _times: "take and close" if len(office.taken) % 4 == 3 else None
    )
    count = await sent(world, office, 10)
    assert (count.accepted, count.closed, office.connections) == (10, None, 3)
    assert {(row.attempts, row.in_doubt_at) for row in world.rows()} == {(1, None)}


@BOTH_WAYS
async def test_what_was_accepted_before_the_server_died_stays_accepted(world: World, pipelining: bool) -> None:
    """250 and the end of the connection may come together; of the next message nothing was handed over."""
    office = office_that(pipelining, CONTENT=lambda _about, _times: "take and die")
    count = await sent(world, office, 5)
    assert (count.accepted, count.in_doubt, count.closed) == (5, 0, None)
    assert office.connections == 5
    assert set(world.states()) == {Delivery.ACCEPTED}


@BOTH_WAYS
async def test_only_the_message_that_was_handed_over_is_in_doubt(world: World, pipelining: bool) -> None:
    contents = iter(range(100))
    office = office_that(
        pipelining, CONTENT=lambda _about, _times: "drop after taking" if next(contents) == 1 else None
    )
    count = await sent(world, office, 5)
    assert (count.accepted, count.queued) == (4, 1)
    assert [row.in_doubt_at for row in world.rows()] == [None, NOW, None, None, None]


@BOTH_WAYS
async def test_two_answers_to_one_question_are_never_taken_for_the_next_ones(world: World, pipelining: bool) -> None:
    """A server out of step is left: what it says of one message must not settle another."""
    office = office_that(pipelining, MAIL=lambda _about, times: "twice" if times == 2 else None)
    count = await sent(world, office, 4)
    assert (count.accepted, count.closed) == (4, None)
    assert sorted(office.ids) == sorted(row.message_id for row in world.rows())


@pytest.mark.parametrize("nonsense", ["hello", "25", "\x00\xff", "2" * 40_000])
async def test_an_answer_that_is_none_ends_the_connection(world: World, nonsense: str) -> None:
    office = office_that(True, RCPT=lambda about, _times: nonsense if "party-1" in about else None)
    count = await sent(world, office, 3)
    assert (count.accepted, count.queued, count.in_doubt) == (2, 1, 0)
