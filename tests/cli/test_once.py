import sqlite3

import pytest
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlmodel import func, select

from cli.clockwork import CLOCKS
from models.obligation import Reminder
from models.outbox import Message
from models.protocol import Matter, MatterKind
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
