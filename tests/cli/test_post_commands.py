"""What was said, by its commands: outbox, one message, a bounce, history."""

import io
from types import SimpleNamespace

import pytest
from sqlmodel import select

from models.outbox import Delivery, Message
from models.protocol import Matter, MatterKind
from tests.cli.conftest import Concordat


def test_the_outbox_can_be_narrowed(collecting: Concordat) -> None:
    assert len(collecting.does("outbox")) == 17
    assert len(collecting.does("outbox", "--state", "queued")) == 17
    assert collecting.does("outbox", "--state", "in-doubt") == []
    assert collecting.does("outbox", "--case", "review:2") == []
    assert "queued" in collecting("outbox").out
    assert "No message." in collecting("outbox", "--state", "failed").out


def test_message_show_is_word_for_word(collecting: Concordat) -> None:
    stored = collecting.read(lambda session: session.get_one(Message, 1))
    shown = collecting("message", "show", "1").out
    assert f"To: {stored.address}" in shown
    assert f"Subject: {stored.subject}" in shown
    assert f"Message-ID: {stored.message_id}" in shown
    assert stored.text.strip() in shown
    assert "BEGIN:VCALENDAR" in shown
    assert collecting.does("message", "show", "1")["html"] == stored.html


def put_in_doubt(concordat: Concordat) -> None:
    from notifications.doubt import put_in_doubt

    def change(session) -> None:  # type: ignore[no-untyped-def]
        message = session.get_one(Message, 1)
        message.resend_in_doubt, message.attempts = False, 3
        put_in_doubt(session, concordat.clock.now, message, "no answer", again_at=concordat.clock.now)

    concordat.act(change)


@pytest.mark.parametrize(("fate", "state"), [("sent", Delivery.ACCEPTED), ("send-again", Delivery.QUEUED)])
def test_a_message_in_doubt_is_settled_by_hand(collecting: Concordat, fate: str, state: Delivery) -> None:
    put_in_doubt(collecting)
    assert collecting.does("status")["outbox"]["in_doubt"] == 1
    assert "1 in doubt: see `concordat outbox --state in-doubt`" in collecting("status").out
    assert collecting.does("outbox", "resolve", "1", fate)["state"] == state.value
    message = collecting.read(lambda session: session.get_one(Message, 1))
    assert (message.settled_at is None) == (state is Delivery.QUEUED)
    assert message.attempts == (0 if state is Delivery.QUEUED else 3)  # with three behind it, it would not be tried
    assert message.in_doubt_at is not None
    assert doubts(collecting, open_only=True) == 0
    assert collecting.does("history", "review:1")[-1]["what"].startswith("message in doubt")
    assert "only one that is in doubt" in collecting("outbox", "resolve", "1", fate).refusal
    assert collecting("verify").code == 0


def doubts(concordat: Concordat, *, open_only: bool) -> int:
    matters = concordat.read(lambda session: session.exec(select(Matter)).all())
    found = [matter for matter in matters if matter.kind is MatterKind.IN_DOUBT]
    return len([matter for matter in found if matter.closed_at is None] if open_only else found)


def test_a_message_that_falls_in_doubt_again_is_on_the_list_again(collecting: Concordat) -> None:
    put_in_doubt(collecting)
    collecting.does("outbox", "resolve", "1", "send-again")
    collecting.clock.goes_on(hours=1)
    put_in_doubt(collecting)
    assert (doubts(collecting, open_only=True), doubts(collecting, open_only=False)) == (1, 2)


def test_what_failed_or_came_back_is_sent_again_and_where_to_is_said(collecting: Concordat) -> None:
    def fails(session) -> None:  # type: ignore[no-untyped-def]
        message = session.get_one(Message, 1)
        message.state, message.settled_at = Delivery.FAILED, collecting.clock.now

    assert "only one that has failed, or has come back" in collecting("outbox", "again", "1").refusal
    collecting.act(fails)
    address = collecting.read(lambda session: session.get_one(Message, 1)).address
    assert collecting("outbox", "again", "1").out.split() == f"Message 1 is sent again, to {address}.".split()
    assert collecting.read(lambda session: session.get_one(Message, 1)).state is Delivery.QUEUED
    assert collecting("verify").code == 0


REPORT = """\
From: mailer-daemon@example.net
Content-Type: multipart/report; report-type=delivery-status; boundary=b

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; example.net

Final-Recipient: rfc822; {address}
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 no such user

--b
Content-Type: text/rfc822-headers

Message-ID: {message_id}

--b--
"""


def test_bounce_reads_a_report_on_standard_input(collecting: Concordat, monkeypatch: pytest.MonkeyPatch) -> None:
    message = collecting.read(lambda session: session.get_one(Message, 1))
    report = REPORT.format(address=message.address, message_id=message.message_id).encode()
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(report)))
    told = collecting.does("bounce")
    assert (told["recipient"], told["permanent"]) == (message.address, True)
    assert "bounce" in {matter["kind"] for matter in collecting.does("matters")}
    assert collecting.does("status")["outbox"]["bounced"] == 1


def test_what_is_no_report_is_refused(concordat: Concordat, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(b"Subject: hello\n\nhello")))
    assert "This is not a delivery report" in concordat("bounce").refusal


def test_history_tells_who_what_when_and_why(collecting: Concordat) -> None:
    collecting.does("review", "cancel", "1", "--because", "the law will change", "--by", "the chair")
    words = " ".join(collecting("history", "review:1").out.split())
    assert "2026-11-22 09:00 GMT the chair: cancel (collecting → cancelled) Why: the law will change" in words
    rows = collecting.does("history", "review:1")
    assert [row["seq"] for row in rows] == list(range(1, len(rows) + 1))
    assert all(len(row["hash"]) == 64 for row in rows)
