"""`python -m tests.faults.postgres_restarts --minutes 5 [--seed N]`: PostgreSQL is restarted every 5–40 s under load.

Two report breaches and complaints and say everything again that was not answered; two sweep, two deliver. A minute of
the day is a second here. Ended now in good order, now at once; what it has said is committed must be there. At the end
everything answered is kept once, everything has left, and `verify` finds nothing.
"""

import argparse
import asyncio
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError
from sqlmodel import col, select

from actions.breaches.reporting import Report, report_breach
from actions.complaints.receiving import Received, receive
from actions.verifying import verify
from actions.verifying_quiet import left_over, not_sent
from cli.clockwork import run_clock
from models.breach import BreachReport, ReporterKind
from models.complaint import Complaint
from models.outbox import ON_THEIR_WAY, Message
from models.store import engine, reading, transaction
from models.upgrading import upgrade
from notifications.delivery import deliver
from rules.breach_facts import FactName
from rules.complaint import ComplaintKind
from tests import postgres
from tests.actions.world import NOVEMBER, SLUG, World, protocol
from tests.faults.copies import wrong_copies
from tests.faults.world_faults import leaves
from tests.notifications.smtp_server import PostOffice, mail, serving

MINUTE = 1.0  # so many seconds here
# Nothing here survives a power cut; that what was committed survives the server's end is the point.
OPTIONS = ("fsync=off", "synchronous_commit=on", "max_connections=60")
ROUNDS_AT_MOST = 30
AT_ONCE, IN_ORDER = signal.SIGQUIT, signal.SIGINT


class Restarted:
    """A PostgreSQL server of our own, at one address for as long as it is wanted."""

    def __init__(self) -> None:
        self.binaries = postgres._binaries()
        assert self.binaries is not None, "PostgreSQL is not installed here"
        self.account, self.folder = postgres._account(), Path(tempfile.mkdtemp(prefix="concordat-restarts-"))
        if self.account is not None:
            shutil.chown(self.folder, self.account.pw_uid, self.account.pw_gid)
        postgres._initdb(self.binaries, self.folder / "data", self.account)
        self.port = postgres._free_port()
        self.url = f"postgresql+psycopg://concordat@127.0.0.1:{self.port}/postgres"
        self.start()

    def start(self) -> None:
        assert self.binaries is not None
        options = [f"port={self.port}", "listen_addresses=127.0.0.1", "unix_socket_directories=", *OPTIONS]
        command = [str(self.binaries / "postgres"), "-D", str(self.folder / "data"), *(f"--{each}" for each in options)]
        with (self.folder / "log").open("ab") as log:
            self.server = subprocess.Popen(
                [*postgres._ending_with_parent(), *command], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True, **postgres._as(self.account),
            )  # fmt: skip
        postgres._wait_until_ready(self.server, self.folder)

    def stop(self, how: signal.Signals) -> None:
        self.server.send_signal(how)
        self.server.wait(timeout=60)

    def close(self) -> None:
        self.stop(AT_ONCE)
        shutil.rmtree(self.folder, ignore_errors=True)


@dataclass
class Load:
    url: str
    port: int
    over: threading.Event = field(default_factory=threading.Event)
    answered: list[str] = field(default_factory=list)  # keys of what somebody was told is kept
    did: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    began: float = field(default_factory=time.monotonic)

    def now(self) -> datetime:
        return NOVEMBER + timedelta(minutes=(time.monotonic() - self.began) / MINUTE)

    def again_and_again(self, what: str, do: Callable[[], None]) -> threading.Thread:
        """Until it is over. The database may be away; nothing else may happen."""

        def run() -> None:
            while not self.over.is_set():
                try:
                    do()
                    self.did[what] += 1
                except BaseException as error:
                    self._note(what, error)
                    time.sleep(0.2)

        thread = threading.Thread(target=run, name=what, daemon=True)
        thread.start()
        return thread

    def _note(self, what: str, error: BaseException) -> None:
        if all(isinstance(each, DBAPIError) for each in leaves(error)):
            self.did[f"{what}, while the database was away"] += 1
        else:
            self.wrong.append(f"{what}: {error!r}")

    def say(self, on: sa.Engine, rng: Random) -> None:
        """Said under one key until it was answered."""
        key = f"key-{rng.getrandbits(60)}"
        while not self.over.is_set():
            with suppress(DBAPIError):
                with transaction(on) as session:
                    if rng.random() < 0.3:
                        facts = {FactName.HAPPENED: f"A list went astray, {key}.", FactName.PARTIES: ["council"]}
                        given = Report(facts=facts, reporter_kind=ReporterKind.ANONYMOUS, key=key)
                        report_breach(session, self.now(), protocol(session), given, "reporter")
                    else:
                        came = Received(kind=ComplaintKind.PERSON, what="My address was passed on.", about="police",
                                        received_by="fire", key=key)  # fmt: skip
                        receive(session, self.now(), protocol(session), came, "front desk")
                self.answered.append(key)
                time.sleep(0.05)
                return
            time.sleep(0.1)

    def deliver(self, on: sa.Engine) -> None:
        asyncio.run(deliver(on, clock=self.now, post_office=mail(self.port, connections=2)))
        time.sleep(0.1)


@contextmanager
def restarted(server: Restarted, rng: Random, seconds: float, between: tuple[float, float]) -> Iterator[list[str]]:
    """For so long; answers how it was ended each time."""
    ended: list[str] = []
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        time.sleep(rng.uniform(*between))
        how = rng.choice((AT_ONCE, IN_ORDER))
        server.stop(how)
        time.sleep(rng.uniform(0, 1))
        server.start()
        ended.append(how.name)
    yield ended


def play(seconds: float, seed: int, between: tuple[float, float] = (5, 40)) -> tuple[list[str], Counter[str]]:
    """What was wrong, and what was done."""
    server, rng = Restarted(), Random(seed)
    office = PostOffice()
    try:
        base = engine.__wrapped__(server.url)
        upgrade(base)
        World(base, slug=SLUG)
        with serving(office) as port:
            load = Load(server.url, port)
            threads = list(_at_work(load, rng))
            with restarted(server, rng, seconds, between) as ended:
                load.did.update(f"ended by {how}" for how in ended)
            load.over.set()
            for thread in threads:
                thread.join(timeout=90)
                if thread.is_alive():
                    load.wrong.append(f"{thread.name}: hangs")
            load.did["answered"] = len(load.answered)
            _settle(load, base)
            return [*load.wrong, *_wrong_at_the_end(load, base, Counter(office.ids))], load.did
    finally:
        server.close()


def _at_work(load: Load, rng: Random) -> Iterator[threading.Thread]:
    for number in (1, 2):
        people, sweeper, deliverer = (engine.__wrapped__(load.url) for _ in range(3))
        dice = Random(rng.getrandbits(40))
        yield load.again_and_again(f"say {number}", lambda on=people, dice=dice: load.say(on, dice))
        yield load.again_and_again(f"sweep {number}", lambda on=sweeper: _sweep(load, on))
        yield load.again_and_again(f"deliver {number}", lambda on=deliverer: load.deliver(on))


def _sweep(load: Load, on: sa.Engine) -> None:
    run_clock(on, load.now())
    time.sleep(0.1)


def _settle(load: Load, on: sa.Engine) -> None:
    """Leases run out, and what was put off is tried again: an hour goes by at once, until nothing is on its way."""
    for _ in range(ROUNDS_AT_MOST):
        load.began -= 60 * MINUTE
        run_clock(on, load.now())
        load.deliver(on)
        with reading(on) as session:
            if session.exec(select(Message.id).where(col(Message.state).in_(ON_THEIR_WAY)).limit(1)).first() is None:
                return


def _wrong_at_the_end(load: Load, on: sa.Engine, copies: Counter[str]) -> Iterator[str]:
    now = load.now()
    run_clock(on, now)
    with reading(on) as session:
        yield from verify(session, now).broken
        yield from left_over(session, now)
        yield from wrong_copies(session, copies)
        keys = [*session.exec(select(BreachReport.key)), *session.exec(select(Complaint.key))]
        known = Counter(key.partition(":")[2] for key in keys if key)
        yield from (f"{key}: was answered, and is there {known[key]} times" for key in load.answered if known[key] != 1)
        yield from not_sent(session, now - timedelta(minutes=30))


def main() -> int:
    said = argparse.ArgumentParser(description=__doc__)
    said.add_argument("--minutes", type=float, default=5)
    said.add_argument("--seed", type=int, default=1)
    asked = said.parse_args()
    wrong, did = play(asked.minutes * 60, asked.seed)
    for what, number in sorted(did.items()):
        print(f"{number:8} {what}")
    for sentence in wrong:
        print(sentence)
    print(f"{len(wrong)} broken")
    return min(len(wrong), 1)


if __name__ == "__main__":
    sys.exit(main())
