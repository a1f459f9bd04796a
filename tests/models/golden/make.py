"""Write a golden file: `PYTHONPATH=CODE python make.py FILE.sql.gz`, with the code of the release it is of.

Everything is done by the release's own commands, clock and deliverer: a year that has closed with a version not
everybody has signed, and the next review in flight. Nothing here may need what only a later release has.
"""

import asyncio
import contextlib
import gzip
import io
import json
import os
import socket
import sqlite3
import sys
import tempfile
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")
REFUSED, PUT_OFF, CUT_OFF = (
    f"lead.member@{party}.example" for party in ("luton-ccg", "virgin-health", "bedfordshire-ccg")
)
CLOCK = {"now": datetime(2024, 11, 22, 9, tzinfo=LONDON)}


def does(*arguments: str) -> object:
    from cli.app import run

    said, wrong = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(wrong):
        code = run([*arguments, "--json"])
    if code != 0:
        sys.exit(f"{' '.join(arguments)}: {wrong.getvalue()}")
    return json.loads(said.getvalue())


def at(*parts: int) -> None:
    """The clock comes to that moment in London, sweeping every morning on the way, and delivers what is due."""
    end = datetime(*parts, tzinfo=LONDON)  # type: ignore[arg-type]
    while CLOCK["now"] < end:
        morning = CLOCK["now"].replace(hour=9, minute=0) + timedelta(days=CLOCK["now"].hour >= 9)
        CLOCK["now"] = min(morning, end)
        does("sweep")
        deliver()


class MailServer:
    """Takes what is sent, but for three addresses."""

    async def handle_RCPT(self, _server, _session, envelope, address, _options):  # type: ignore[no-untyped-def]  # noqa: N802
        if address == REFUSED:
            return "550 5.1.1 no such user"
        if address == PUT_OFF:
            return "451 4.7.1 try again later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, _session, envelope):  # type: ignore[no-untyped-def]  # noqa: N802
        if CUT_OFF in envelope.rcpt_tos:
            server.transport.abort()
        return "250 taken"


def deliver() -> None:
    from models.store import engine
    from notifications.delivery import deliver
    from notifications.post_office import mail_settings

    asyncio.run(deliver(engine(), clock=lambda: CLOCK["now"], post_office=mail_settings()))


def parties() -> list[str]:
    return [party["party"] for party in does("parties")["bedfordshire"]["parties"] if not party["left_on"]]  # type: ignore[index]


def duty_of(party: str, review: int) -> str:
    return str(does("obligation", "list", "--party", party, "--review", str(review))[0]["number"])  # type: ignore[index]


def a_year_that_has_closed() -> None:
    """Version 5.0 is adopted; some have signed it, one declined, and most have not answered."""
    does("review", "schedule", "bedfordshire", "2025-03-31")
    at(2025, 3, 3, 10)
    first, second, third, *others = parties()
    feedback = ("review", "feedback", "1")
    does(*feedback, first, "--propose", "12-security=Data is encrypted.", "--problem", "Vague.")
    does(*feedback, second, "--propose", "12-security=Data is always encrypted.")
    for party in [third, *others[:8]]:
        does(*feedback, party, "--no-comments")
    at(2025, 4, 2, 10)
    does("proposal", "merge", "2", "1", "--because", "the same")
    does("proposal", "classify", "1", "major", "--because", "it asks for money")
    does("review", "seek-advice", "1")
    does("proposal", "advise", "1", "--text", "It is what the regulator expects.")
    does("review", "begin-deciding", "1")
    does("proposal", "decide", "1", "accepted", "--because", "all agree")
    does("review", "conclude", "1")
    for party in others[:5]:
        does("version", "sign", "5.0", party, "--position", "Chief Executive")
    does("version", "decline", "5.0", others[5], "--because", "our board says no")
    at(2025, 7, 9, 10)
    does("review", "adopt", "1", "--because", "signing goes on")
    does("confirm", "1", others[0], "--all-in-place")


def a_review_in_flight() -> None:
    """Three weeks into feedback: answers, proposals, more time, a deputy, a bounce, reminders, and mail on its way."""
    if not any(review["review_on"] == "2026-03-31" for review in does("review", "list")):  # type: ignore[attr-defined]
        does("review", "schedule", "bedfordshire", "2026-03-31")
    at(2026, 3, 5, 14)
    first, second, third, fourth, fifth, *others = [party for party in parties() if f"@{party}." not in CUT_OFF]
    feedback = ("review", "feedback", "2")
    does(*feedback, first, "--propose", "9-complaints=Complaints are acknowledged in 30 days.", "--problem", "The law.")
    does(*feedback, second, "--no-comments")
    at(2026, 3, 17, 9, 30)
    does("obligation", "extend", duty_of(third, 2), "2026-04-15", "--because", "Its group meets in April.")
    does("obligation", "delegate", duty_of(fourth, 2), "--because", "The lead member is away.")
    does("obligation", "waive", duty_of(fifth, 2), "--because", "It is merging.")
    deliver()
    bounce(others[0])
    at(2026, 3, 25, 9, 30)
    for party in others[1:3]:
        does("obligation", "extend", duty_of(party, 2), "2026-04-20", "--because", "It asked for it.")
    leave_mail_on_its_way()


def bounce(party: str) -> None:
    [message, *_] = [found for found in does("outbox", "--state", "accepted") if party in found["address"]]  # type: ignore[attr-defined]
    shown = does("message", "show", str(message["number"]))
    parts = (
        "From: mailer-daemon@example.net\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\n",
        "--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; example.net\n",
        f"Final-Recipient: rfc822; {message['address']}\nAction: failed\nStatus: 5.1.1\n",
        f"--b\nContent-Type: text/rfc822-headers\n\nMessage-ID: {shown['message_id']}\n\n--b--\n",  # type: ignore[index]
    )
    sys.stdin = SimpleNamespace(buffer=io.BytesIO("\n".join(parts).encode()))  # type: ignore[assignment]
    does("bounce")


def leave_mail_on_its_way() -> None:
    """A deliverer died: one message was claimed, one was being sent, others wait."""
    from models.store import engine, transaction
    from notifications.claiming import begin_sending, claim

    with transaction(engine()) as session:
        taken = claim(session, CLOCK["now"], "died", 2)
        begin_sending(session, CLOCK["now"], taken[:1], "died")


def dump(store: Path, to: Path) -> None:
    with contextlib.closing(sqlite3.connect(store)) as connection:
        lines = "\n".join(connection.iterdump())
        states = connection.execute("SELECT state, count(*) FROM message GROUP BY state").fetchall()
    to.write_bytes(gzip.compress(lines.encode(), 9, mtime=0))
    print(f"{to}: {to.stat().st_size:,} bytes; messages: {dict(states)}")


def main(to: Path) -> None:
    from aiosmtpd.controller import Controller

    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    server = Controller(MailServer(), hostname="127.0.0.1", port=port)
    server.start()
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {
            "CONCORDAT_DATA": folder,
            "CONCORDAT_SMTP_HOST": "127.0.0.1",
            "CONCORDAT_SMTP_PORT": str(port),
        }
        from cli import opening

        opening.the_clock = lambda: CLOCK["now"]
        import settings

        does("load", str(settings.HERE / "protocols" / "bedfordshire"))
        a_year_that_has_closed()
        a_review_in_flight()
        broken = does("verify")["broken"]  # type: ignore[index]
        if broken:
            sys.exit("\n".join(broken))
        dump(Path(folder) / "concordat.db", to)
    server.stop()


if __name__ == "__main__":
    main(Path(sys.argv[1]).absolute())
