"""Messages a second into Postfix's `smtp-sink`: reminders from queued row to `accepted`, beside four peers.

What is delivered has been queued by the product: each reminder is to another party and about a duty of its own, and
whether that is still owed is asked again before it leaves. Claiming, building and settling are in the time. Rendering
is done when a message is queued: “rendered and queued too” has that time as well, from the plain values to the 250, one
after the other.

“One process queues, another delivers” is how it runs: the sweep's process renders and queues, 500 in a transaction
(100 on SQLite), and leaves SQLite's one writer to others in between as the sweep does, while a deliverer takes what
is queued in rounds of a thousand as its flow does, with connections of its own for each. Five times as many messages,
from before the first is rendered until the last is accepted. The deliverer has started before and is told when the
first are there: the minute until its schedule has it look is not in the time. Where it has sent all that there was,
it looks again at once.

`smtp-source` is Postfix's own load generator in C, with as many sessions as we have connections, which it keeps, and
messages of our size; it waits for each answer, where we send MAIL, RCPT and DATA as one group. The plain way is what
the aiosmtplib manual shows: one client, one `EmailMessage` after another, no store. Procrastinate on PostgreSQL is a
job a message. Its jobs are deferred in the time, so it is compared with what we render and queue too, on PostgreSQL.
Prefect alone is a flow with a task a message.

Each run measures everything in turn, so that what else the machine does falls on all alike; only Prefect, which takes a
quarter of a minute for its 300 messages, runs once, after all the others. The sink and the senders share the cores.
"""

import asyncio
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from statistics import median
from typing import Any

import sqlalchemy as sa
from sqlmodel import select

from bench import NotHere
from bench._mail_peers import SENDER, plain, procrastinate, source, words_of
from bench._prefect_alone import prefect_alone
from bench._reminders import MESSAGES, batches
from bench._smtp_sink import smtp_sink
from bench._stores import DATABASES, store_on
from models.outbox import Message as OutboxRow
from models.store import giving_way, transaction
from notifications.delivery import deliver
from notifications.mime import mime
from notifications.post_office import MailSettings
from tests.notifications.outbox_world import NOW, make_world

BY_PREFECT = BY_PROCRASTINATE = 300  # Prefect takes a quarter of a minute for them
SIDE_BY_SIDE = 5  # times as many: so the beginning and the end, when one of the two waits, weigh little
CONNECTIONS = (4, 10)
NAMES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
PLAIN = "plain aiosmtplib: one client, EmailMessage"
PREFECT = "Prefect alone: a task a message, sent and recorded by its server"
PROCRASTINATE = "Procrastinate, PostgreSQL: a job a message, deferred, sent and recorded"

Times = dict[str, list[float]]  # seconds a message, of each run


def run(repeats: int) -> list[dict[str, Any]]:
    """`per_second` is messages a second; the other figures say how many times as fast as that peer, where the work
    is alike."""
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
        sent, recorded = prefect_alone(port, BY_PREFECT, max(CONNECTIONS), words_of(example))
        times["Prefect alone: a task a message, only sent"], times[PREFECT] = [sent], [recorded]
    return [*_rows(times, len(mime(example, NOW, SENDER))), *missing]


def _rows(times: Times, size: int) -> Iterator[dict[str, Any]]:
    seconds = {what: median(each) for what, each in times.items()}
    peers = {"times_plain": PLAIN, "times_procrastinate": PROCRASTINATE, "times_prefect": PREFECT}
    for what, each in seconds.items():
        at_most = seconds[f"smtp-source -s {4 if ' 4 ' in f'{what} ' else 10}"]
        ratios = {
            name: seconds[peer] / each for name, peer in peers.items()
            if peer in seconds and (peer != PROCRASTINATE or _does_as_much(what))
        }  # fmt: skip
        yield {
            "bench": "delivery", "what": what, "seconds": each * MESSAGES, "per_second": 1 / each, "bytes": size,
            "of_smtp_source": at_most / each, **ratios,
        }  # fmt: skip


def _does_as_much(what: str) -> bool:
    """As Procrastinate: on PostgreSQL, and what is sent has been queued in the time."""
    return what == PROCRASTINATE or (what.startswith("PostgreSQL") and "rendered" in what)


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
        both = _side_by_side(store, port, connections, f"{run}:{connections}:beside")
        times[f"{what}, rendered too: one process queues, another delivers"].append(both)
    _queue(store, f"{run}:two")
    times[f"{name}, two deliverers with 5 connections each"].append(_two_deliver(store, port))


def _queue(store: sa.Engine, run: str) -> float:
    parts = batches(store, run)
    began = time.perf_counter()
    for queue in parts:
        queue()
    return (time.perf_counter() - began) / MESSAGES


def _deliver(store: sa.Engine, port: int, connections: int) -> float:
    began = time.perf_counter()
    accepted = deliver_all(store, port, connections)
    seconds = time.perf_counter() - began
    assert accepted == MESSAGES
    return seconds / MESSAGES


def deliver_all(store: sa.Engine, port: int, connections: int, limit: int = MESSAGES) -> int:
    post_office = MailSettings(host="127.0.0.1", port=port, connections=connections, sender=SENDER, bounces_to=SENDER)
    return asyncio.run(deliver(store, clock=lambda: NOW, post_office=post_office, limit=limit)).accepted


def _side_by_side(store: sa.Engine, port: int, connections: int, run: str) -> float:
    """We queue, another process delivers."""
    messages = SIDE_BY_SIDE * MESSAGES
    parts = [queue for part in range(SIDE_BY_SIDE) for queue in batches(store, f"{run}:{part}")]
    with _deliverer(store, port, connections, messages) as deliverer:
        began = time.perf_counter()
        with giving_way():
            parts[0]()
            _go(deliverer)
            for queue in parts[1:]:
                queue()
        accepted = int(_line_of(deliverer))
        seconds = time.perf_counter() - began
    assert accepted == messages, accepted
    return seconds / messages


def _two_deliver(store: sa.Engine, port: int) -> float:
    """Two processes on the one outbox, as two workers are."""
    with _deliverer(store, port, 5) as one, _deliverer(store, port, 5) as other:
        began = time.perf_counter()
        _go(one)
        _go(other)
        accepted = [int(_line_of(each)) for each in (one, other)]
        seconds = time.perf_counter() - began
    assert sum(accepted) == MESSAGES, accepted
    return seconds / MESSAGES


@contextmanager
def _deliverer(store: sa.Engine, *load: int) -> Iterator[subprocess.Popen[str]]:
    """A process that has started, and waits."""
    url = store.url.render_as_string(hide_password=False)
    command = [sys.executable, "-m", "bench._deliverer", url, *map(str, load)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert _line_of(process) == "ready\n"
        yield process


def _go(process: subprocess.Popen[str]) -> None:
    assert process.stdin is not None
    process.stdin.write("go\n")
    process.stdin.flush()


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
