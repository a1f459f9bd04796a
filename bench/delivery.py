"""Messages a second into Postfix's `smtp-sink`: reminders from queued row to `accepted`, beside four peers.

What is delivered has been queued by the product: each reminder is to another party and about a duty of its own, and
whether that is still owed is asked again before it leaves. Claiming, building and settling are in the time. Rendering
is done when a message is queued: “rendered and queued too” has that time as well, from the plain values to the 250.

`smtp-source` is Postfix's own load generator in C, with as many sessions as we have connections, which it keeps, and
messages of our size: the most that this sink takes. The plain way is what the aiosmtplib manual shows: one client, one
`EmailMessage` after another, no store. Procrastinate on PostgreSQL is a job a message, Prefect alone a flow with a task
a message. Each run measures everything in turn, so that what else the machine does falls on all alike. The sink and the
senders share its cores.
"""

import asyncio
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from statistics import median
from typing import Any

import sqlalchemy as sa
from sqlmodel import col, select

from bench import NotHere
from bench._mail_peers import SENDER, plain, procrastinate, source
from bench._prefect_alone import prefect_alone
from bench._smtp_sink import smtp_sink
from bench._stores import DATABASES, store_on
from models.obligation import Obligation
from models.outbox import Message as OutboxRow
from models.protocol import Contact, Protocol
from models.store import transaction
from notifications.delivery import deliver
from notifications.messages import DutyReminder
from notifications.mime import mime
from notifications.outbox import Letter, queue_many
from notifications.post_office import MailSettings
from tests.notifications.examples import FEEDBACK, LEAD
from tests.notifications.outbox_world import CASE, NOW, make_world

MESSAGES = 2_000
BY_PREFECT = BY_PROCRASTINATE = 300  # Prefect takes a quarter of a minute for them
CONNECTIONS = (4, 10)
IN_ONE_TRANSACTION = 500
NAMES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
PLAIN = "plain aiosmtplib: one client, EmailMessage"
PREFECT = "Prefect alone: a task a message, sent and recorded by its server"
PROCRASTINATE = "Procrastinate, PostgreSQL: a job a message, deferred, sent and recorded"

Times = dict[str, list[float]]  # seconds a message, of each run


def run(repeats: int) -> list[dict[str, Any]]:
    """`per_second` is messages a second; the other figures say how many times as fast as that peer."""
    times: Times = defaultdict(list)
    with ExitStack() as stack:
        port = stack.enter_context(smtp_sink())
        stores = {NAMES[name]: stack.enter_context(store_on(name)) for name in DATABASES}
        for store in stores.values():
            make_world(store, MESSAGES)
        example, missing = _example(stores["SQLite"]), list[dict[str, Any]]()
        for number in range(repeats):
            for name, store in stores.items():
                _measure_ours(times, name, store, port, number)
            _measure_peers(times, port, example)
            missing = _measure_procrastinate(times, port, example)
        sent, recorded = prefect_alone(port, BY_PREFECT, max(CONNECTIONS))
        times["Prefect alone: a task a message, only sent"], times[PREFECT] = [sent], [recorded]
    return [*_rows(times, len(mime(example, NOW, SENDER))), *missing]


def _rows(times: Times, size: int) -> Iterator[dict[str, Any]]:
    seconds = {what: median(each) for what, each in times.items()}
    peers = {"times_plain": PLAIN, "times_procrastinate": PROCRASTINATE, "times_prefect": PREFECT}
    for what, each in seconds.items():
        at_most = seconds[f"smtp-source -s {4 if ' 4 ' in what else 10}"]
        ratios = {name: seconds[peer] / each for name, peer in peers.items() if peer in seconds}
        yield {
            "bench": "delivery", "what": what, "seconds": each * MESSAGES, "per_second": 1 / each, "bytes": size,
            "of_smtp_source": at_most / each, **ratios,
        }  # fmt: skip


def _measure_procrastinate(times: Times, port: int, example: OutboxRow) -> list[dict[str, Any]]:
    """It is no dependency of ours: where it is missing, a row says so."""
    try:
        took = procrastinate(port, BY_PROCRASTINATE, max(CONNECTIONS), example)
    except NotHere as missing:
        return [{"bench": "delivery", "what": f"not measured: {missing}"}]
    times[PROCRASTINATE].append(took)
    return []


def _measure_ours(times: Times, name: str, store: sa.Engine, port: int, run: int) -> None:
    for connections in CONNECTIONS:
        what = f"{name}, {connections} connections"
        queued = _queue(store, f"{run}:{connections}")
        delivered = _deliver(store, port, connections)
        times[what].append(delivered)
        times[f"{what}, rendered and queued too"].append(queued + delivered)
    _queue(store, f"{run}:two")
    times[f"{name}, two deliverers with 5 connections each"].append(_two_deliver(store, port))


def _queue(store: sa.Engine, run: str) -> float:
    with transaction(store) as session:
        duties = session.exec(select(Obligation).order_by(col(Obligation.id))).all()
        contacts = {contact.id: contact for contact in session.exec(select(Contact))}
        protocol = session.exec(select(Protocol)).one()
    began = time.perf_counter()
    for at in range(0, MESSAGES, IN_ONE_TRANSACTION):
        some = duties[at : at + IN_ONE_TRANSACTION]
        with transaction(store) as session:
            letters = [_letter(duty, contacts[duty.contact_id], protocol, run) for duty in some]
            assert len(queue_many(session, NOW, letters)) == len(some)
    return (time.perf_counter() - began) / MESSAGES


def _letter(duty: Obligation, to: Contact, protocol: Protocol, run: str) -> Letter:
    party = f"Borough Council number {duty.party_id}"
    message = DutyReminder(**(LEAD | {"party": party}), duties=(replace(FEEDBACK, party=party),))
    key = f"{CASE}:reminder:{run}:party-{duty.party_id}"
    return Letter(
        message=message, to=to, key=key, case=CASE, protocol=protocol, about=[duty], only_while_owed=True
    )  # fmt: skip


def _deliver(store: sa.Engine, port: int, connections: int) -> float:
    began = time.perf_counter()
    accepted = deliver_all(store, port, connections)
    seconds = time.perf_counter() - began
    assert accepted == MESSAGES
    return seconds / MESSAGES


def deliver_all(store: sa.Engine, port: int, connections: int) -> int:
    post_office = MailSettings(host="127.0.0.1", port=port, connections=connections, sender=SENDER, bounces_to=SENDER)
    return asyncio.run(deliver(store, clock=lambda: NOW, post_office=post_office, limit=MESSAGES)).accepted


def _two_deliver(store: sa.Engine, port: int) -> float:
    """Two processes on the one outbox, as two workers are. They have started before the time begins."""
    url = store.url.render_as_string(hide_password=False)
    command = [sys.executable, "-m", "bench._deliverer", url, str(port), "5"]
    pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, **pipes) as one, subprocess.Popen(command, **pipes) as other:
        both = (one, other)
        assert [_line_of(each) for each in both] == ["ready\n"] * 2
        began = time.perf_counter()
        for each in both:
            assert each.stdin is not None
            each.stdin.write("go\n")
            each.stdin.flush()
        accepted = [int(_line_of(each)) for each in both]
        seconds = time.perf_counter() - began
    assert sum(accepted) == MESSAGES, accepted
    return seconds / MESSAGES


def _line_of(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline()


def _example(store: sa.Engine) -> OutboxRow:
    _queue(store, "example")
    with transaction(store) as session:
        row = session.exec(select(OutboxRow)).first()
        session.execute(sa.update(OutboxRow).values(state="withdrawn"))
    if row is None:
        raise NotHere("no message was queued")
    return row


def _measure_peers(times: Times, port: int, example: OutboxRow) -> None:
    times[PLAIN].append(plain(port, MESSAGES, example))
    for sessions in CONNECTIONS:
        times[f"smtp-source -s {sessions}"].append(source(port, sessions, MESSAGES, len(mime(example, NOW, SENDER))))
