"""The second step of a signature: six digits, few attempts, half an hour, once."""

from datetime import datetime, timedelta

import pytest
from sqlmodel import select

from actions.access.signing_codes import CodesSentOften, Said, check_code, send_code
from models.access import SigningCode
from models.outbox import Message
from models.protocol import Contact, Role
from models.secret_key import digits
from notifications.links import filled, hidden
from tests.actions.world import NOVEMBER, World

SUBJECT = "version:5.0"


def lead(session: object, address: str = "lead.member@police.example") -> Contact:
    found = session.exec(select(Contact).where(Contact.role == Role.LEAD_MEMBER, Contact.address == address))  # type: ignore[attr-defined]
    return found.one()


def sent(world: World, at: datetime = NOVEMBER, subject: str = SUBJECT) -> str:
    with world.act() as session:
        code = send_code(session, at, lead(session), subject, "review:1")
        assert code.id is not None
        return digits("signing-code", code.id, code.mark)


def tried(world: World, said: str, at: datetime = NOVEMBER, subject: str = SUBJECT, **whose: str) -> Said:
    with world.act() as session:
        return check_code(session, at, lead(session, **whose), subject, said)


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06d}"


def test_a_code_works_once(world: World) -> None:
    code = sent(world)
    assert tried(world, f" {code[:3]} {code[3:]} ") is Said.RIGHT
    assert tried(world, code) is Said.OVER


def test_the_record_holds_a_sign_and_the_message_that_travels_the_code(world: World) -> None:
    code = sent(world)
    row = world.only(Message, Message.kind == "signing_code_sent")
    assert row.address == "lead.member@police.example"
    for form in (row.text, row.html):
        assert code not in form
        assert code not in hidden(row, form)
        assert code in filled(row, form)


def test_the_sixth_attempt_fails_even_with_the_right_code_also_in_another_process(world: World) -> None:
    code = sent(world)
    found = [tried(world, wrong(code)) for _ in range(5)]
    assert found == [Said.WRONG] * 4 + [Said.OVER]
    world.store.dispose()  # what counts is the row: whoever opens the store anew finds it
    assert world.only(SigningCode).attempts == 5
    assert tried(world, code) is Said.OVER
    assert world.only(SigningCode).used_at is None


def test_it_expires_after_half_an_hour_to_the_second(world: World) -> None:
    code = sent(world)
    assert tried(world, code, NOVEMBER + timedelta(minutes=30)) is Said.OVER
    assert tried(world, code, NOVEMBER + timedelta(minutes=30, seconds=-1)) is Said.RIGHT


def test_a_newer_code_ends_the_one_before(world: World) -> None:
    first, second = sent(world), sent(world)
    assert tried(world, first) is (Said.RIGHT if first == second else Said.WRONG)
    assert tried(world, second) is Said.RIGHT


def test_a_code_signs_nothing_else_and_for_nobody_else(world: World) -> None:
    code = sent(world)
    assert tried(world, code, subject="version:5.1") is Said.OVER
    assert tried(world, code, address="lead.member@fire.example") is Said.OVER
    assert tried(world, "") is Said.WRONG
    assert tried(world, "١٢٣٤٥٦") is Said.WRONG


def test_five_are_sent_in_an_hour_and_a_sixth_after_it(world: World) -> None:
    for minute in range(5):
        sent(world, NOVEMBER + timedelta(minutes=minute))
    with pytest.raises(CodesSentOften, match="within an hour"):
        sent(world, NOVEMBER + timedelta(minutes=59))
    assert sent(world, NOVEMBER + timedelta(hours=1))
    assert len(world.every(Message, Message.kind == "signing_code_sent")) == 6
