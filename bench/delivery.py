"""Messages a second into Postfix's `smtp-sink`: ours from queued row to `accepted`, beside two peers.

`smtp-source` is Postfix's own load generator in C, with as many sessions as we have connections and messages of
our size: the most that this sink takes. The plain way is what the aiosmtplib manual shows: one client, one
`EmailMessage` after another, no store. The sink and the senders share the machine's cores.
"""

import asyncio
import subprocess
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from email.message import EmailMessage
from functools import cache, partial
from statistics import median
from typing import Any

import aiosmtplib
import sqlalchemy as sa
from sqlmodel import Session

from bench._smtp_sink import postfix_program, smtp_sink
from models.outbox import Message as OutboxRow
from models.protocol import Contact, Protocol, Role
from models.store import engine, transaction
from models.upgrading import upgrade
from notifications.delivery import deliver
from notifications.messages import FeedbackInvited
from notifications.mime import mime
from notifications.outbox import queue
from notifications.post_office import MailSettings
from notifications.render import Rendered, render
from rules.working_days import Nation

NOW = datetime(2027, 2, 26, 9, tzinfo=UTC)
MESSAGES = 2_000
CONNECTIONS = (4, 10)
SENDER = "concordat@isp-bedfordshire.example"
INVITATION = FeedbackInvited(
    protocol="Information sharing protocol between partner organisations",
    party="Bedfordshire Police",
    role="lead member",
    secretary="secretary@isp-bedfordshire.example",
    reference="review:12",
    review_on=date(2027, 3, 31),
    due_on=date(2027, 3, 31),
    extraordinary=False,
    reasons=("The annual review is due (protocol §14).",),
    clauses=tuple((f"{number}-clause", f"Heading of clause {number}") for number in range(1, 21)),
)


def run(repeats: int) -> list[dict[str, Any]]:
    """`per_second` is messages a second; `ratio` is to the plain way."""
    with smtp_sink() as port:
        size = len(mime(_row(0), NOW, SENDER))
        plain = _row_of("plain aiosmtplib: one client, EmailMessage", repeats, lambda: _plain(port))
        peers = [_row_of(f"smtp-source -s {n}", repeats, partial(_source, port, n, size)) for n in CONNECTIONS]
        ours = [row for url in _stores() for row in _ours(url, port, repeats)]
    rows = [*ours, plain, *peers, _row_of("render and queue only, SQLite", repeats, _queueing)]
    return [row | {"ratio": row["per_second"] / plain["per_second"], "bytes": size} for row in rows]


def _row_of(what: str, repeats: int, measure: Callable[[], float]) -> dict[str, Any]:
    seconds = median(measure() for _ in range(repeats))
    return {"bench": "delivery", "what": what, "seconds": seconds, "per_second": MESSAGES / seconds}


def _ours(store: sa.Engine, port: int, repeats: int) -> Iterator[dict[str, Any]]:
    name = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}[store.dialect.name]
    for connections in CONNECTIONS:
        what = f"outbox on {name}, {connections} connections"
        yield _row_of(what, repeats, partial(_deliver, store, port, connections))


def _deliver(store: sa.Engine, port: int, connections: int) -> float:
    with transaction(store) as session:
        session.execute(sa.delete(OutboxRow))
        session.execute(sa.insert(OutboxRow), [_row(number).model_dump(exclude={"id"}) for number in range(MESSAGES)])
    post_office = MailSettings(host="127.0.0.1", port=port, connections=connections, sender=SENDER, bounces_to=SENDER)
    began = time.perf_counter()
    count = asyncio.run(deliver(store, clock=lambda: NOW, post_office=post_office, limit=MESSAGES))
    seconds = time.perf_counter() - began
    assert count.accepted == MESSAGES, count
    return seconds


def _plain(port: int) -> float:
    row = _row(0)

    async def send() -> None:
        async with aiosmtplib.SMTP(hostname="127.0.0.1", port=port, start_tls=False) as client:
            for number in range(MESSAGES):
                await client.send_message(_email(row, number))

    began = time.perf_counter()
    asyncio.run(send())
    return time.perf_counter() - began


def _email(row: OutboxRow, number: int) -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = SENDER, row.address, row.subject
    message["Message-ID"] = f"<{number}@isp-bedfordshire.example>"
    message.set_content(row.text)
    message.add_alternative(row.html, subtype="html")
    message.add_attachment((row.calendar or "").encode(), maintype="text", subtype="calendar", filename="due.ics")
    return message


def _source(port: int, sessions: int, size: int) -> float:
    load = ["-s", str(sessions), "-m", str(MESSAGES), "-l", str(size)]
    options = ["-d", *load, "-f", SENDER, "-t", "lead@party.example"]
    began = time.perf_counter()
    subprocess.run([postfix_program("smtp-source"), *options, f"127.0.0.1:{port}"], check=True)
    return time.perf_counter() - began


def _queueing() -> float:
    """In one transaction: what a flow does that opens a review with very many parties."""
    with tempfile.TemporaryDirectory() as folder:
        store = engine(f"sqlite:///{folder}/bench.db")
        upgrade(store)
        with transaction(store) as session:
            protocol, contact = _parents(session)
        began = time.perf_counter()
        with transaction(store) as session:
            for number in range(MESSAGES):
                queue(session, NOW, INVITATION, to=contact, key=f"k{number}", case="review:12", protocol=protocol)
        seconds = time.perf_counter() - began
        store.dispose()
        return seconds


@cache
def _rendered() -> Rendered:
    return render(INVITATION, key="review:12:feedback:police", now=NOW)


def _row(number: int) -> OutboxRow:
    rendered = _rendered()
    return OutboxRow.model_validate(
        {
            "key": f"review:12:invite:party-{number}",
            "kind": INVITATION.folder,
            "protocol_id": 1,
            "case": "review:12",
            "contact_id": 1,
            "address": f"lead@party-{number}.example",
            "reply_to": INVITATION.secretary,
            "message_id": f"<{number}.{uuid.uuid4().hex}@isp-bedfordshire.example>",
            "subject": rendered.subject,
            "text": rendered.text,
            "html": rendered.html,
            "calendar": rendered.calendar,
            "queued_at": NOW,
            "next_attempt_at": NOW,
        }
    )


def _stores() -> Iterator[sa.Engine]:
    """Both keep what they commit: WAL with synchronous=FULL, and fsync on."""
    from tests import postgres

    with tempfile.TemporaryDirectory() as folder:
        yield from _prepared(f"sqlite:///{folder}/bench.db")
    setattr(postgres, "OPTIONS", ("max_connections=100",))  # noqa: B010 - without the tests' fsync=off
    server = postgres.postgres_server()
    if server is not None:
        name = f"concordat_bench_{uuid.uuid4().hex[:8]}"
        url = postgres.create_database(server, name).replace("postgresql://", "postgresql+psycopg://")
        yield from _prepared(url)
        postgres.drop_database(server, name)


def _prepared(url: str) -> Iterator[sa.Engine]:
    store = engine(url)
    upgrade(store)
    with transaction(store) as session:
        _parents(session)
    yield store
    store.dispose()


def _parents(session: Session) -> tuple[Protocol, Contact]:
    protocol = Protocol(
        slug="bedfordshire",
        name=INVITATION.protocol,
        short_name=INVITATION.protocol,
        zone="Europe/London",
        nation=Nation.ENGLAND_AND_WALES,
        policies={},
        operating={},
        loaded_at=NOW,
    )
    session.add(protocol)
    session.flush()
    contact = Contact(protocol_id=protocol.id or 0, role=Role.SECRETARY, address=INVITATION.secretary)
    session.add(contact)
    session.flush()
    return protocol, contact
