"""One of several processes that write as fast as they can, by the machine's own clock, until they are killed.

`python -m tests.faults.busy_writer STORE-URL SMTP-PORT sweep|deliver|report`. Run by test_backup_amid_writers only.
"""

import asyncio
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from itertools import count

import sqlalchemy as sa

from actions.breaches.reporting import Report, report_breach
from actions.cast import protocol_named
from cli.clockwork import run_clock
from models.breach import ReporterKind
from models.store import engine, transaction
from notifications.delivery import deliver
from rules.breach_facts import FactName
from tests.notifications.smtp_server import mail

PARTIES = ["bedfordshire-police", "luton-borough-council", "central-bedfordshire-council"]
NUMBERS = count(1)


def the_clock() -> datetime:
    return datetime.now(UTC)


def report(store: sa.Engine) -> None:
    number = next(NUMBERS)
    facts = {FactName.HAPPENED: f"Letter {number} lay open in the post room.", FactName.PARTIES: PARTIES}
    said = Report(facts=facts, reporter_kind=ReporterKind.ANONYMOUS, key=f"letter-{number}")
    with transaction(store) as session:
        report_breach(session, the_clock(), protocol_named(session, "bedfordshire"), said, "reporter")
    time.sleep(0.2)  # people are not faster, and what they report has to be delivered before the test can end


def send(store: sa.Engine, port: int) -> None:
    asyncio.run(
        deliver(store, clock=the_clock, post_office=mail(port, connections=2, timeout_seconds=60), handful=4, limit=40)
    )


def main(url: str, port: str, what: str) -> None:
    store = engine(url)
    works: dict[str, Callable[[], object]] = {
        "sweep": lambda: run_clock(store, the_clock()),
        "deliver": partial(send, store, int(port)),
        "report": partial(report, store),
    }
    while True:
        works[what]()


if __name__ == "__main__":
    main(*sys.argv[1:])
