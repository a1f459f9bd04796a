"""Delivery over real SMTP, with everything that goes wrong there."""

import asyncio
import socket
import ssl
import threading
import time
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlmodel import select

from models import away, fail_points
from models.outbox import Delivery
from models.outbox import Message as OutboxRow
from models.protocol import Contact, Matter, MatterKind
from models.store import engine, transaction
from notifications.delivery import PAUSE, DeliveryCount, deliver
from notifications.post_office import MailSettings
from tests.faults.fail_points import DatabaseGone
from tests.notifications.outbox_world import NOW, World, make_world
from tests.notifications.smtp_server import DROP, STALL, PostOffice, mail, serving


@pytest.fixture
def world(store: sa.Engine) -> World:
    return make_world(store)


@pytest.fixture
def one_store(sqlite_store: sa.Engine) -> World:
    """For what SMTP does, whatever the database."""
    return make_world(sqlite_store)


def clock() -> datetime:
    return NOW


async def sent(world: World, post_office: MailSettings, **how: object) -> DeliveryCount:
    return await deliver(world.store, clock=clock, post_office=post_office, **how)  # type: ignore[arg-type]


def queued(world: World, count: int) -> None:
    for number in range(count):
        assert world.queue(number % 3, key=f"reminder:{number}")


async def test_what_is_due_is_accepted_and_says_so(world: World) -> None:
    queued(world, 25)
    office = PostOffice()
    with serving(office) as port:
        count = await sent(world, mail(port, connections=3))
        again = await sent(world, mail(port))
    assert (count.accepted, count.left_out, count.closed) == (25, 0, None)
    assert again == DeliveryCount()
    assert sorted(office.ids) == sorted(row.message_id for row in world.rows())
    assert {row.answer for row in world.rows()} == {"250 2.0.0 Ok: queued as 4F1"}
    assert set(world.states()) == {Delivery.ACCEPTED}


async def test_what_arrives_is_whole(one_store: World) -> None:
    from notifications.links import filled, own_page
    from notifications.messages import FeedbackInvited
    from notifications.outbox import queue
    from tests.notifications.examples import EXAMPLES

    assert isinstance(EXAMPLES[0], FeedbackInvited)
    with transaction(one_store.store) as session:
        row = queue(
            session, NOW, EXAMPLES[0], to=one_store.contacts[0], key="k", case="review:12", protocol=one_store.protocol
        )
    assert row is not None
    office = PostOffice()
    with serving(office) as port:
        await sent(one_store, mail(port, sender="Concordat <concordat@isp-bedfordshire.example>"))
    [message], [envelope] = office.taken, office.envelopes
    assert [part.defects for part in message.walk()] == [[]] * 5
    assert envelope.mail_from == "bounces@isp-bedfordshire.example"
    assert message["From"] == "Concordat <concordat@isp-bedfordshire.example>"
    assert message["To"] == "lead@party-0.example"
    assert message["Reply-To"] == "secretary@isp-bedfordshire.example"
    assert message["Message-ID"] == row.message_id
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Date"] == "Fri, 26 Feb 2027 09:00:00 +0000"
    assert message["List-Unsubscribe"] is None
    alternatives, entry = message.get_payload()
    text, html = alternatives.get_payload()
    assert text.get_payload(decode=True).decode() == filled(row, row.text)
    assert html.get_payload(decode=True).decode() == filled(row, row.html)
    assert entry.get_content_type() == "text/calendar"
    assert entry.get_param("method") == "PUBLISH"
    assert entry.get_content_disposition() == "attachment"
    said = entry.get_payload(decode=True).decode()
    assert row.calendar is not None
    assert said.replace("\r\n ", "") == filled(row, row.calendar.replace("\r\n ", ""))
    for form in (text.get_payload(decode=True).decode(), said.replace("\r\n ", "")):
        assert own_page(row) in form
        assert "⟦" not in form


async def test_a_subject_in_any_letters_arrives(one_store: World) -> None:
    from email.header import decode_header, make_header

    one_store.queue(0)
    with transaction(one_store.store) as session:
        session.exec(select(OutboxRow)).one().subject = "Bwrdd Iechyd Prifysgol Betsi Cadwaladr: ŵ “x” " + "é" * 90
    office = PostOffice()
    with serving(office) as port:
        await sent(one_store, mail(port))
    assert str(make_header(decode_header(office.taken[0]["Subject"]))) == one_store.rows()[0].subject


async def test_lines_that_begin_with_a_dot_arrive_as_they_are(one_store: World) -> None:
    from notifications.mime import mime

    one_store.queue(0)
    office = PostOffice()
    with serving(office) as port:
        from notifications.line import Line

        line = Line(mail(port))
        row = one_store.rows()[0]
        raw = mime(row, NOW, "a@b.example").split(b"\r\n\r\n")[0] + b"\r\n\r\n.\r\n..\r\n.hidden\r\nend"
        await line.post(row, raw)
        await line.close()
    assert office.envelopes[0].content.endswith(b"\r\n\r\n.\r\n..\r\n.hidden\r\nend\r\n")  # type: ignore[union-attr]


async def test_a_busy_mailbox_is_tried_again_later_and_the_others_go(world: World) -> None:
    queued(world, 3)
    office = PostOffice()
    office.answers["RCPT"] = lambda about, _: "451 4.7.1 Greylisted, try again" if "party-1" in about else None
    with serving(office) as port:
        count = await sent(world, mail(port))
    assert (count.accepted, count.queued) == (2, 1)
    row = world.rows()[1]
    assert (row.state, row.attempts, row.answer) == (Delivery.QUEUED, 1, "451 4.7.1 Greylisted, try again")
    assert row.next_attempt_at > NOW + timedelta(minutes=3)


async def test_an_address_that_does_not_exist_becomes_work_and_the_others_go(world: World) -> None:
    queued(world, 3)
    office = PostOffice()
    office.answers["RCPT"] = lambda about, _: "550 5.1.1 No such user here" if "party-1" in about else None
    with serving(office) as port:
        count = await sent(world, mail(port))
        told = await sent(world, mail(port))
    assert (count.accepted, count.failed, told.accepted) == (2, 1, 1)
    with transaction(world.store) as session:
        assert session.get_one(Contact, world.contacts[1].id).bounced_at == NOW
        assert session.exec(select(Matter)).one().kind is MatterKind.BOUNCE
    assert office.taken[-1]["To"] == "secretary@isp-bedfordshire.example"


@pytest.mark.parametrize(
    ("at", "answer", "address_is_to_blame"),
    [
        ("RCPT", "550 Unknown user", True),
        ("RCPT", "550 5.1.1 Unknown user", True),
        ("RCPT", "553 5.1.3 Bad address", True),
        ("RCPT", "550 5.2.1 Mailbox disabled", True),
        ("RCPT", "550 5.7.1 Relaying denied", False),
        ("RCPT", "552 5.2.2 Mailbox full", False),
        ("RCPT", "550 5.1.8 Bad sender", False),
        ("RCPT", "554 Refused", False),
        ("CONTENT", "550 5.1.1 Unknown user", True),
        ("CONTENT", "550 Looks like spam", False),
        ("CONTENT", "554 5.7.1 Looks like spam", False),
        ("DATA", "554 5.5.1 No valid recipients", False),
        ("DATA", "550 Administrative prohibition", False),
        ("DATA", "550 5.1.1 Unknown user", True),
    ],
)
async def test_only_a_refusal_of_the_address_blames_the_address(
    one_store: World, at: str, answer: str, address_is_to_blame: bool
) -> None:
    queued(one_store, 1)
    office = PostOffice()
    office.answers[at] = lambda _about, _times: answer
    with serving(office) as port:
        count = await sent(one_store, mail(port))
    assert count.failed == 1
    assert one_store.rows()[0].answer == answer
    with transaction(one_store.store) as session:
        assert (session.get_one(Contact, one_store.contacts[0].id).bounced_at is not None) == address_is_to_blame


@pytest.mark.parametrize(
    ("at", "answer", "state"),
    [
        ("RCPT", "550 5.1.1 no\0such", Delivery.FAILED),
        ("CONTENT", "550 5.1.1 no\0such", Delivery.FAILED),
        ("RCPT", "451 4.7.1 not\0now", Delivery.QUEUED),
        ("CONTENT", "250 2.0.0 queued\0as", Delivery.ACCEPTED),
    ],
)
async def test_a_zero_byte_in_an_answer_costs_no_other_message_its_own(
    world: World, at: str, answer: str, state: Delivery
) -> None:
    queued(world, 3)
    office = PostOffice()
    office.answers[at] = lambda about, _times: answer if "party-1" in about else None
    with serving(office) as port:
        await sent(world, mail(port))
    rows = world.rows()[:3]
    assert [row.state for row in rows] == [Delivery.ACCEPTED, state, Delivery.ACCEPTED]
    assert rows[1].answer == answer.replace("\0", "\ufffd")


async def test_a_server_that_greets_in_no_letters_pauses_the_outbox_all_the_same(world: World) -> None:
    async def greet(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"554 go\0away\xff\r\n")
        writer.close()

    queued(world, 2)
    async with await asyncio.start_server(greet, "127.0.0.1", 0) as server:
        count = await sent(world, mail(server.sockets[0].getsockname()[1]))
    assert (count.closed or "").endswith("554 go\ufffdaway\ufffd")
    assert {(row.state, row.answer) for row in world.rows()} == {(Delivery.QUEUED, count.closed)}


async def test_a_server_that_takes_so_many_messages_a_connection_gets_more_connections(world: World) -> None:
    queued(world, 12)
    office = PostOffice()
    office.answers["MAIL"] = lambda _about, times: "421 4.7.0 Too many messages" if times % 5 == 0 else None
    with serving(office) as port:
        count = await sent(world, mail(port))
    assert (count.accepted, count.closed) == (12, None)
    assert office.connections == 3
    assert {row.attempts for row in world.rows()} == {1}


async def test_a_connection_that_was_dropped_between_messages_is_replaced(one_store: World) -> None:
    queued(one_store, 6)
    office = PostOffice()
    office.answers["MAIL"] = lambda _about, times: DROP if times == 3 else None
    with serving(office) as port:
        count = await sent(one_store, mail(port))
    assert count.accepted == 6
    assert not any(row.in_doubt_at for row in one_store.rows())


async def test_a_connection_lost_before_the_content_is_no_doubt(world: World) -> None:
    queued(world, 1)
    office = PostOffice()
    office.answers["DATA"] = lambda _about, _times: DROP
    with serving(office) as port:
        count = await sent(world, mail(port))
    assert (count.queued, count.in_doubt) == (1, 0)
    row = world.rows()[0]
    assert (row.state, row.in_doubt_at, row.attempts) == (Delivery.QUEUED, None, 1)


@pytest.mark.parametrize("fault", [DROP, "drop after taking"])
async def test_a_connection_lost_after_the_content_is_a_doubt(world: World, fault: str) -> None:
    world.queue(0, key="reminder")
    world.queue(1, key="notice", resend_in_doubt=False)
    office = PostOffice()
    office.answers["CONTENT"] = lambda _about, _times: fault
    with serving(office) as port:
        count = await sent(world, mail(port))
    assert (count.queued, count.in_doubt, count.accepted) == (1, 1, 0)
    reminder, notice = world.rows()
    assert (reminder.state, reminder.in_doubt_at) == (Delivery.QUEUED, NOW)
    assert (notice.state, notice.in_doubt_at) == (Delivery.IN_DOUBT, NOW)
    with transaction(world.store) as session:
        assert session.exec(select(Matter)).one().kind is MatterKind.IN_DOUBT


async def test_a_4xx_after_the_content_is_no_doubt(one_store: World) -> None:
    queued(one_store, 1)
    office = PostOffice()
    office.answers["CONTENT"] = lambda _about, _times: "421 4.3.0 Shutting down"
    with serving(office) as port:
        await sent(one_store, mail(port))
    row = one_store.rows()[0]
    assert (row.state, row.in_doubt_at) == (Delivery.QUEUED, None)


async def test_a_server_that_stalls_before_the_content_costs_one_timeout(one_store: World) -> None:
    queued(one_store, 2)
    office = PostOffice()
    office.answers["RCPT"] = lambda about, _times: STALL if "party-0" in about else None
    with serving(office) as port:
        count = await sent(one_store, mail(port, timeout_seconds=0.4))
    assert (count.queued, count.accepted) == (1, 1)
    assert one_store.rows()[0].in_doubt_at is None


async def test_a_server_that_stalls_after_the_content_leaves_a_doubt(one_store: World) -> None:
    queued(one_store, 1)
    office = PostOffice()
    office.answers["CONTENT"] = lambda _about, _times: STALL
    with serving(office) as port:
        await sent(one_store, mail(port, timeout_seconds=0.4))
    assert one_store.rows()[0].in_doubt_at == NOW


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


async def test_when_the_server_is_down_everything_waits_and_nothing_counts_as_tried(world: World) -> None:
    queued(world, 60)
    count = await sent(world, mail(_free_port(), connections=3))
    assert count.closed is not None
    assert "cannot be used" in count.closed
    assert count.paused_until == NOW + PAUSE
    for row in world.rows():
        assert (row.state, row.attempts, row.leased_by, row.lease_until) == (Delivery.QUEUED, 0, None, None)
        assert (row.next_attempt_at, row.answer) == (NOW + PAUSE, count.closed)


async def test_a_pause_waits_for_nobody_who_holds_what_waits(world: World) -> None:
    """They may wait for what we hold, and then one of us is ended."""
    if world.store.dialect.name == "sqlite":
        pytest.skip("SQLite has one writer")
    queued(world, 3)
    impatient = engine(world.store.url.update_query_dict({"options": "-c lock_timeout=1000"}).render_as_string(False))
    with transaction(world.store) as session:
        held = session.exec(select(OutboxRow).order_by(OutboxRow.id).limit(1).with_for_update()).one()
        count = await deliver(impatient, clock=clock, post_office=mail(_free_port()))
    impatient.dispose()
    assert count.paused_until == NOW + PAUSE
    assert [row.next_attempt_at for row in world.rows()] == [NOW, NOW + PAUSE, NOW + PAUSE]
    assert world.rows()[0].id == held.id


async def test_after_the_pause_everything_goes(world: World) -> None:
    queued(world, 12)
    await sent(world, mail(_free_port()))
    office = PostOffice()
    with serving(office) as port:
        early = await sent(world, mail(port))
        late = await deliver(world.store, clock=lambda: NOW + PAUSE, post_office=mail(port))
    assert (early.accepted, late.accepted) == (0, 12)
    assert len(set(office.ids)) == len(office.ids) == 12


async def test_a_server_that_hangs_up_on_everything_is_not_hammered(one_store: World) -> None:
    queued(one_store, 30)
    office = PostOffice()
    office.answers["MAIL"] = lambda _about, _times: "421 4.3.2 Not now"
    with serving(office) as port:
        count = await sent(one_store, mail(port))
    assert count.closed is not None
    assert office.connections <= 6
    assert set(one_store.states()) == {Delivery.QUEUED}
    assert sum(row.attempts for row in one_store.rows()) == 3


async def test_a_server_that_refuses_our_sender_pauses_the_outbox(one_store: World) -> None:
    queued(one_store, 30)
    office = PostOffice()
    office.answers["MAIL"] = lambda _about, _times: "553 5.7.1 Sender address rejected: not owned by user"
    with serving(office) as port:
        count = await sent(one_store, mail(port))
    assert count.closed == "553 5.7.1 Sender address rejected: not owned by user"
    assert office.asked("MAIL") == 1
    assert {(row.state, row.attempts) for row in one_store.rows()} == {(Delivery.QUEUED, 0)}


@pytest.mark.parametrize("at", ["RCPT", "DATA"])
async def test_a_server_that_wants_a_login_blames_no_message(one_store: World, at: str) -> None:
    queued(one_store, 3)
    office = PostOffice()
    office.answers[at] = lambda _about, _times: "530 5.7.0 Authentication required"
    with serving(office) as port:
        count = await sent(one_store, mail(port))
    assert count.closed == "530 5.7.0 Authentication required"
    assert {(row.state, row.attempts) for row in one_store.rows()} == {(Delivery.QUEUED, 0)}


async def test_one_message_that_makes_the_server_hang_up_does_not_hold_up_the_others(one_store: World) -> None:
    queued(one_store, 9)
    office = PostOffice()
    office.answers["RCPT"] = lambda about, _times: DROP if "party-1" in about else None
    with serving(office) as port:
        count = await sent(one_store, mail(port))
    assert (count.accepted, count.queued, count.closed) == (6, 3, None)


async def test_who_answers_between_queueing_and_sending_gets_nothing(world: World) -> None:
    world.queue(0, only_while_owed=True)
    world.queue(1, only_while_owed=True)
    world.answer(0)
    office = PostOffice()
    with serving(office) as port:
        count = await sent(world, mail(port))
    assert count.accepted == 1
    assert [message["To"] for message in office.taken] == ["lead@party-1.example"]
    assert world.states() == [Delivery.WITHDRAWN, Delivery.ACCEPTED]


async def test_who_answers_while_a_round_is_running_gets_nothing_more(world: World) -> None:
    for number in range(3):
        world.queue(number, only_while_owed=True)
    office = PostOffice()

    def answered(about: str, _times: int) -> None:
        if "party-0" in about:
            world.answer(2)

    office.answers["RCPT"] = answered
    with serving(office) as port:
        count = await sent(world, mail(port), handful=1)
    assert (count.accepted, count.left_out) == (2, 1)
    assert world.states()[2] is Delivery.WITHDRAWN


@pytest.mark.parametrize(
    "address", ["łead@party.example", "lead at party.example", "a@b@c", "x@y\r\nRCPT TO:<z@z>", ""]
)
async def test_an_address_that_cannot_be_written_to_is_work_and_no_crash(one_store: World, address: str) -> None:
    with transaction(one_store.store) as session:
        session.get_one(Contact, one_store.contacts[0].id).address = address
    queued(one_store, 2)
    office = PostOffice()
    with serving(office) as port:
        count = await sent(one_store, mail(port))
    assert (count.failed, count.accepted) == (1, 1)
    with transaction(one_store.store) as session:
        assert session.exec(select(Matter)).one().kind is MatterKind.BOUNCE


async def test_a_message_that_cannot_be_built_fails_and_holds_up_no_other(one_store: World) -> None:
    """It was queued by a release that took a sender of such a domain."""
    queued(one_store, 2)
    with transaction(one_store.store) as session:
        session.exec(select(OutboxRow).where(OutboxRow.key == "reminder:0")).one().message_id = "<1@bücher.example>"
    office = PostOffice()
    with serving(office) as port:
        count = await sent(one_store, mail(port))
    assert (count.failed, count.accepted) == (1, 1)
    assert one_store.rows()[0].answer.startswith("It cannot be written as an e-mail: ")
    with transaction(one_store.store) as session:
        assert session.exec(select(Matter)).one().kind is MatterKind.UNREACHABLE
        assert session.get_one(Contact, one_store.contacts[0].id).bounced_at is None


async def test_so_many_messages_a_minute_and_no_more(one_store: World) -> None:
    queued(one_store, 9)
    office = PostOffice()
    with serving(office) as port:
        began = time.monotonic()
        count = await sent(one_store, mail(port, connections=3, messages_per_minute=600), handful=3)
        took = time.monotonic() - began
    assert count.accepted == 9
    assert took >= 0.6  # 600 a minute are 10 a second; the first three are free


async def test_two_deliverers_at_once_send_everything_once(world: World) -> None:
    queued(world, 80)
    office = PostOffice()
    with serving(office) as port:
        one, other = await asyncio.gather(
            sent(world, mail(port, connections=2)), sent(world, mail(port, connections=2))
        )
    assert one.accepted + other.accepted == 80
    assert sorted(office.ids) == sorted(row.message_id for row in world.rows())


async def test_a_round_that_is_cancelled_leaves_nothing_in_its_hands(world: World) -> None:
    queued(world, 40)
    office = PostOffice()
    office.answers["CONTENT"] = lambda _about, _times: STALL if office.asked("CONTENT") > 4 else None
    with serving(office) as port:
        running = asyncio.create_task(sent(world, mail(port, timeout_seconds=60)))
        while office.asked("CONTENT") < 5:
            await asyncio.sleep(0.01)
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
    states = world.states()
    assert states.count(Delivery.ACCEPTED) == 4
    assert states.count(Delivery.QUEUED) == 36
    assert [row.in_doubt_at for row in world.rows()].count(NOW) == 1
    assert sum(row.attempts for row in world.rows()) == 5


async def test_a_round_that_is_cancelled_still_hears_the_answer_it_waited_for(world: World) -> None:
    queued(world, 3)
    office, cancelled = PostOffice(), threading.Event()
    office.answers["CONTENT"] = lambda _about, _times: None if cancelled.wait(30) else "451 Nobody cancelled"
    with serving(office) as port:
        running = asyncio.create_task(sent(world, mail(port)))
        while office.asked("CONTENT") < 1:
            await asyncio.sleep(0.01)
        running.cancel()
        for _ in range(10):  # by then the round knows
            await asyncio.sleep(0)
        cancelled.set()
        with pytest.raises(asyncio.CancelledError):
            await running
    assert world.states() == [Delivery.ACCEPTED, Delivery.QUEUED, Delivery.QUEUED]
    assert {row.in_doubt_at for row in world.rows()} == {None}


@pytest.fixture
def database_gone(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """So many times it refuses to commit, once the mail server has accepted two."""

    def goes(times: int) -> None:
        heard, refusals = Counter[str](), iter(range(times))

        def hook(point: str) -> None:
            heard[point] += 1
            if point == "before a commit" and heard["answer read"] == 2 and next(refusals, None) is not None:
                raise DatabaseGone

        monkeypatch.setattr(fail_points, "hook", hook)
        monkeypatch.setattr(away, "PAUSE_SECONDS", 0)

    return goes


async def test_a_database_that_is_away_for_a_moment_leaves_no_doubt_about_what_was_accepted(
    world: World, database_gone: Callable[[int], None]
) -> None:
    queued(world, 4)
    database_gone(3)  # in the middle of the round, and twice at its end
    with serving(PostOffice()) as port, pytest.raises(ExceptionGroup) as ended:
        await sent(world, mail(port), handful=1)
    assert ended.group_contains(DatabaseGone)
    assert world.states() == [Delivery.ACCEPTED, Delivery.ACCEPTED, Delivery.QUEUED, Delivery.QUEUED]
    assert {(row.in_doubt_at, row.leased_by) for row in world.rows()} == {(None, None)}


async def test_a_database_that_stays_away_ends_the_round(
    one_store: World, database_gone: Callable[[int], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    queued(one_store, 4)
    database_gone(1000)
    monkeypatch.setattr(away, "PATIENCE_SECONDS", 0)
    with serving(PostOffice()) as port, pytest.raises(DatabaseGone):
        await sent(one_store, mail(port), handful=1)
    monkeypatch.setattr(fail_points, "hook", None)
    assert one_store.states() == [Delivery.ACCEPTED, Delivery.SENDING, Delivery.CLAIMED, Delivery.CLAIMED]


async def test_never_more_than_a_handful_for_each_connection_is_marked_as_sending(world: World) -> None:
    """So much a crash can leave in doubt."""
    queued(world, 20)
    office, seen = PostOffice(), list[int]()
    office.answers["RCPT"] = lambda _about, _times: seen.append(world.states().count(Delivery.SENDING))
    with serving(office) as port:
        count = await sent(world, mail(port, connections=2), handful=3)
    assert count.accepted == 20
    assert 1 < max(seen) <= 6


async def test_a_round_stops_at_its_limit(one_store: World) -> None:
    queued(one_store, 9)
    office = PostOffice()
    with serving(office) as port:
        assert (await sent(one_store, mail(port), limit=4)).accepted == 4
    assert one_store.states().count(Delivery.QUEUED) == 5


async def test_when_time_runs_out_the_rest_is_not_tried(one_store: World) -> None:
    """Before a lease ends, so that nobody else is already sending what we send."""
    queued(one_store, 5)
    office = PostOffice()
    ticks = iter(range(10_000))
    with serving(office) as port:
        count = await deliver(
            one_store.store,
            clock=lambda: NOW + timedelta(seconds=next(ticks) * 90),
            post_office=mail(port),
            handful=5,
            limit=5,
        )
    assert 0 < count.accepted < 5
    assert count.accepted + count.queued == 5
    assert set(one_store.states()) == {Delivery.ACCEPTED, Delivery.QUEUED}


# STARTTLS and login


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Self-signed, for 127.0.0.1, key and certificate in one file."""
    import ipaddress

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    today = datetime.now().astimezone()
    built = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(today - timedelta(days=1))
        .not_valid_after(today + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "server.pem"
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(secret + built.public_bytes(serialization.Encoding.PEM))
    return path


def _tls(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


async def test_starttls_and_login(one_store: World, certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    queued(one_store, 2)
    office = PostOffice()
    with serving(office, tls=_tls(certificate), password="secret") as port:
        count = await sent(one_store, mail(port, starttls=True, username="concordat", password="secret"))
    assert (count.accepted, count.closed) == (2, None)
    assert office.logins == [("concordat", True)]


async def test_a_certificate_nobody_vouches_for_is_not_trusted(one_store: World, certificate: Path) -> None:
    queued(one_store, 1)
    office = PostOffice()
    with serving(office, tls=_tls(certificate), password="secret") as port:
        count = await sent(one_store, mail(port, starttls=True, username="concordat", password="secret"))
    assert "certificate" in (count.closed or "")
    assert office.logins == []
    assert one_store.states() == [Delivery.QUEUED]


@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS:UserWarning")  # that is the test
async def test_without_starttls_at_the_server_no_password_is_sent(one_store: World) -> None:
    queued(one_store, 1)
    office = PostOffice()
    with serving(office, password="secret") as port:
        count = await sent(one_store, mail(port, starttls=True, username="concordat", password="secret"))
    assert count.closed is not None
    assert office.logins == []


@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS:UserWarning")  # that is the test
async def test_a_wrong_password_pauses_the_outbox_and_is_not_shown(one_store: World) -> None:
    queued(one_store, 3)
    office = PostOffice()
    with serving(office, password="secret") as port:
        count = await sent(one_store, mail(port, username="concordat", password="wrong-one"))
    assert count.closed is not None
    assert "535" in count.closed
    assert "wrong-one" not in repr(count) + repr(one_store.rows()) + repr(mail(port, password="wrong-one"))
    assert office.connections == 1
    assert {(row.state, row.attempts) for row in one_store.rows()} == {(Delivery.QUEUED, 0)}
