import sqlite3

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlmodel import func, select

from actions.access.forgetting import KEPT_AFTER_THE_END
from actions.access.sessions import LASTS, begin_session
from actions.watching import last_ended
from cli.clockwork import CLOCKS
from models.access import WebSession
from models.obligation import Obligation, Reminder
from models.outbox import Message
from models.protocol import Contact, Matter, MatterKind
from notifications.post_office import NoPostOffice
from settings import settings
from tests.notifications.smtp_server import PostOffice, serving


def test_a_sweep_by_hand_takes_what_is_due_and_the_next_one_nothing(collecting):
    collecting.clock.goes_on(days=200)
    assert collecting.does("sweep")["steps"] == 1
    assert collecting.does("sweep") == {
        "done": "Swept: no steps taken, no duties looked at.",
        "steps": 0,
        "looked_at": 0,
        "refused": {},
    }


@pytest.mark.parametrize(
    "mistake", [KeyError("x"), IntegrityError("a statement", {}, ValueError("a constraint"))], ids=type
)
def test_a_case_that_meets_a_mistake_holds_up_no_reminder_and_the_secretary_is_told(
    collecting, monkeypatch, caplog, mistake
):
    def broken(*_):
        raise mistake

    clock = CLOCKS["review"]._replace(due=lambda *_: [1], next_step=broken)
    monkeypatch.setitem(CLOCKS, "review", clock)
    collecting.clock.goes_on(days=114)
    said = collecting.does("sweep")
    assert [*said["refused"]] == ["review:1"]
    assert said["looked_at"] == 17
    assert said["refused"]["review:1"].startswith(type(mistake).__name__)
    assert [(record.message, record.exc_info[1]) for record in caplog.records] == [
        ("review:1 could not go on", mistake)
    ]
    assert collecting.does("sweep")["looked_at"] == 0
    stuck = select(Matter.sentence).where(Matter.kind == MatterKind.CASE_STUCK)
    assert collecting.read(lambda session: session.exec(stuck).all()) == [
        "Review 1 could not take the step that is due."
    ]


def test_a_stuck_duty_of_the_protocols_own_case_ends_no_sweep_and_an_unknown_case_loses_no_other(
    collecting,
):
    """`protocol:bedfordshire` is the case of signatures that are asked for between reviews."""

    def spoil(session):
        duties = session.exec(select(Obligation).order_by(Obligation.id)).all()
        for duty, case in zip(duties, ("meeting:1", "protocol:bedfordshire", "review:1"), strict=False):
            duty.case, duty.zone = case, "Europe/Lundon"

    collecting.act(spoil)
    collecting.clock.goes_on(days=114)
    assert [*collecting.does("sweep")["refused"]] == ["meeting:1", "protocol:bedfordshire", "review:1"]
    stuck = select(Matter.sentence).where(Matter.kind == MatterKind.CASE_STUCK).order_by(Matter.id)
    assert collecting.read(lambda session: session.exec(stuck).all()) == [
        "The protocol could not take the step that is due.", "Review 1 could not take the step that is due.",
    ]  # fmt: skip
    assert collecting.read(last_ended) == collecting.clock.now


def test_reminders_have_their_turn_however_much_comes_in_meanwhile(collecting, monkeypatch):
    monkeypatch.setitem(CLOCKS, "breach", CLOCKS["breach"]._replace(due=lambda *_: [1], next_step=lambda *_: None))
    collecting.clock.goes_on(days=114)
    assert collecting.does("sweep")["looked_at"] == 17


def test_a_database_that_is_locked_ends_the_sweep_by_hand(collecting, monkeypatch):
    def locked(*_):
        raise OperationalError("a statement", {}, sqlite3.OperationalError("database is locked"))

    monkeypatch.setitem(CLOCKS, "review", CLOCKS["review"]._replace(due=lambda *_: [1], next_step=locked))
    collecting.clock.goes_on(days=114)
    assert collecting("sweep").code == 1
    reminded = select(func.count()).select_from(Reminder)
    assert collecting.read(lambda session: session.exec(reminded).one()) == 0


def test_delivery_by_hand_sends_the_outbox_once(collecting, monkeypatch):
    office = PostOffice()
    queued = collecting.read(lambda session: session.exec(select(func.count()).select_from(Message)).one())
    with serving(office) as port:
        monkeypatch.setenv("CONCORDAT_SMTP_HOST", "127.0.0.1")
        monkeypatch.setenv("CONCORDAT_SMTP_PORT", str(port))
        settings.cache_clear()
        collecting.clock.goes_on(hours=1)
        assert collecting.does("deliver")["accepted"] == queued == 17
        assert collecting.does("deliver")["accepted"] == 0
    assert len(office.ids) == len(set(office.ids)) == 17


def test_delivery_without_a_mail_server_says_which_setting_is_missing(collecting):
    assert collecting("deliver").refusal == str(NoPostOffice())


def test_delivery_to_a_server_that_is_down_puts_everything_off(collecting, monkeypatch):
    with serving(PostOffice()) as port:
        pass  # nobody listens there now
    monkeypatch.setenv("CONCORDAT_SMTP_HOST", "127.0.0.1")
    monkeypatch.setenv("CONCORDAT_SMTP_PORT", str(port))
    settings.cache_clear()
    said = collecting("deliver")
    assert said.code == 1
    assert "no messages" in said.out


def visits(concordat):
    return concordat.read(lambda session: session.exec(select(WebSession.id).order_by(WebSession.id)).all())


def test_the_night_by_hand_forgets_a_visit_that_is_long_over(concordat):
    for _ in range(2):  # the newest stays
        concordat.act(
            lambda session: begin_session(session, concordat.clock.now, contact=session.exec(select(Contact)).first())
        )
    concordat.clock.now += KEPT_AFTER_THE_END
    assert concordat.does("nightly")["forgotten"] == 0
    concordat.clock.now += LASTS
    concordat.does("sweep")
    night = concordat.does("nightly")
    assert (night["forgotten"], night["sweep_late"], night["broken"]) == (1, False, [])
    assert visits(concordat) == [2]
    said = concordat("nightly")
    assert said.code == 0
    assert said.out.splitlines()[:3] == [
        "The sweep runs.", "Forgotten: no rows of old answers, visits, links and codes.",
        "Overlooked by the sweep and taken now: no steps.",
    ]  # fmt: skip


def test_the_night_by_hand_raises_one_alarm_about_a_silent_sweep(concordat):
    concordat.clock.goes_on(days=1)
    assert [concordat.does("nightly")["sweep_late"] for _ in range(2)] == [True, True]
    alarms = select(func.count()).select_from(Message).where(Message.kind == "sweep_alarm")
    assert concordat.read(lambda session: session.exec(alarms).one()) == 1


def test_the_night_by_hand_takes_what_the_sweep_has_overlooked(concordat, monkeypatch):
    concordat.does("breach", "report", "--what", "A letter went astray.", "--party", "bedfordshire-police")
    monkeypatch.setattr("actions.breaches.settling.may_be_due", lambda *_: [])
    assert concordat.does("sweep")["steps"] == 0
    night = concordat.does("nightly")
    assert (night["steps"], night["refused"]) == (1, {})
    assert concordat.does("nightly")["steps"] == 0


def test_the_night_by_hand_says_which_gaps_are_open_again(concordat, monkeypatch):
    monkeypatch.setattr("tasks.gaps.reopen_what_nothing_answers", lambda now: 2)
    concordat.does("sweep")
    assert "Resolved in a text that never came into force, and open again: two gaps." in concordat("nightly").out


def test_the_night_by_hand_fails_where_the_records_are_broken(collecting):
    collecting.act(lambda session: session.execute(text("UPDATE review SET stage = 'signing'")))
    said = collecting("nightly")
    assert said.code == 1
    assert "Review 1" in said.out or "review:1" in said.out
