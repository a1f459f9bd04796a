from sqlmodel import func, select

from models.outbox import Message
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
