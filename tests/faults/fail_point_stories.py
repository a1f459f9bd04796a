"""Short stories that between them pass every fail point of the product, each told by a process that may die in it.

What a story does may be done again from its beginning: whoever was killed does that. The time is that of the story and
so many minutes, which stand in a file beside the store: they go on when a test says so, also for a process that is
standing still meanwhile.
"""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import sqlalchemy as sa
from sqlmodel import Session, col, select

import protocols
from actions.breaches.reporting import Report, report_breach
from actions.cast import known_id
from actions.complaints.receiving import Received, receive
from actions.complaints.settling import complaints_due, take_complaint_step, take_due_steps
from actions.complaints.telling_complainant import acknowledge
from actions.loading import load_protocol
from actions.reminding import remind_batch
from actions.restoring import account_for_restore
from actions.review_opening import set_review_date
from cli.clockwork import run_clock
from models.backup import backup
from models.breach import ReporterKind
from models.outbox import ON_THEIR_WAY, Message
from models.protocol_file import read_protocol
from models.restore import restore
from models.restore_sqlite import StillRunning
from models.store import reading, transaction
from models.upgrading import upgrade
from notifications.delivery import deliver
from notifications.messages import DutyReminder
from notifications.outbox import queue
from rules.breach_facts import FactName
from rules.complaint import ComplaintKind, Step
from tests.actions.world import World, contact_of, protocol
from tests.notifications.examples import FEEDBACK, LEAD
from tests.notifications.smtp_server import mail

SLUGS = {"council": "Westshire Council", "police": "Westshire Police"}
REVIEW_ON = date(2027, 3, 31)
SCHEDULED = datetime(2026, 11, 23, 9, tzinfo=UTC)
OPENS = datetime(2027, 2, 26, 9, tzinfo=UTC)
REMINDED = datetime(2027, 3, 17, 9, tzinfo=UTC)
CLOSED = datetime(2027, 3, 31, 23, tzinfo=UTC)
LATEST = CLOSED + timedelta(days=7)
NOTICE = "notice:1"
HAPPENED = "A referral went to the wrong family."
COMPLAINED = "In May the police passed my address to my former husband, who should not have had it."
SOME = 3  # of the messages: enough for two handfuls
SMALL_BATCH = 4
ASKS_AGAIN = 3000


@dataclass(frozen=True)
class Place:
    """Where a story is told: its store, its folder, and the mail server's port."""

    store: sa.Engine
    folder: Path
    port: int
    connections: int = 1

    def file(self, name: str) -> Path:
        return self.folder / name

    def late(self) -> timedelta:
        """How much later it is than it would have been without the kills."""
        found = self.file("minutes")
        return timedelta(minutes=found.stat().st_size) if found.exists() else timedelta()

    def answered(self) -> int:
        found = self.file("answered")
        return int(found.read_text() or 0) if found.exists() else 0

    def go_on(self, minutes: int) -> None:
        with self.file("minutes").open("ab") as file:
            file.write(b"." * minutes)


Part = Callable[[Place], None]


# ---- what people and the clock do


def people_write(at: Place) -> None:
    now = OPENS + at.late()
    with transaction(at.store) as session:
        _a_breach_is_reported(session, now)
        _complaints_come_in(session, now)
        _a_notice_is_queued(session, now)


def complaints_are_taken(at: Place) -> None:
    """The first by itself, as its own flow does, the others together."""
    now = OPENS + at.late()
    with reading(at.store) as session:
        first, *others = complaints_due(session, now) or [None]
    if first is not None:
        with transaction(at.store) as session:
            take_complaint_step(session, now, first, Step.BEGIN_ANALYSIS)
    with transaction(at.store) as session:
        take_due_steps(session, now, others)


def sweep(day: datetime) -> Part:
    def play(at: Place) -> None:
        run_clock(at.store, day + at.late())

    return play


def remind_in_small_batches(at: Place) -> None:
    """A sweep takes hundreds in one: here a process can die between two of them."""
    looked_at = SMALL_BATCH
    while looked_at:
        with transaction(at.store) as session:
            looked_at = remind_batch(session, REMINDED + at.late(), limit=SMALL_BATCH)


def deliver_some(at: Place) -> None:
    _deliver(at, OPENS, SOME)


def clock_and_mail(day: datetime) -> Part:
    def play(at: Place) -> None:
        sweep(day)(at)
        _deliver(at, day)

    return play


def quiet(day: datetime) -> Part:
    """What was put off is due within hours; what a dead worker held, when its lease is over."""

    def play(at: Place) -> None:
        clock_and_mail(day)(at)
        while _is_waiting(at.store):
            at.go_on(30)
            clock_and_mail(day)(at)

    return play


def _a_breach_is_reported(session: Session, now: datetime) -> None:
    report = Report(
        facts={
            FactName.HAPPENED: HAPPENED, FactName.PARTIES: ["council"], FactName.DETECTED: "2027-02-26T08:30",
            FactName.KIND: "breach",
        },
        reporter_kind=ReporterKind.ANONYMOUS, key="the-referral",
    )  # fmt: skip
    report_breach(session, now, protocol(session), report, "reporter")


def _complaints_come_in(session: Session, now: datetime) -> None:
    for number in (1, 2):
        came = Received(
            kind=ComplaintKind.CONCERN, what=f"{COMPLAINED} {number}", about="police", key=f"complaint-{number}",
            received_at=OPENS,
        )  # fmt: skip
        row = receive(session, now, protocol(session), came, "secretary")
        if row.acknowledged_at is None:
            acknowledge(session, now, known_id(row), "secretary", "by e-mail")


def _a_notice_is_queued(session: Session, now: datetime) -> None:
    """It is never sent twice by the machine; everything else is, where it is in doubt."""
    queue(
        session, now, DutyReminder(**LEAD, duties=(FEEDBACK,)), to=contact_of(session, "police"), key=NOTICE,
        case="review:1", protocol=protocol(session), resend_in_doubt=False,
    )  # fmt: skip


def _deliver(at: Place, day: datetime, limit: int = 1000) -> None:
    post_office = mail(at.port, connections=at.connections)
    asyncio.run(
        deliver(at.store, clock=lambda: day + at.late(), post_office=post_office, limit=limit, handful=2)
    )  # fmt: skip


def _is_waiting(store: sa.Engine) -> bool:
    with reading(store) as session:
        return session.exec(select(Message.id).where(col(Message.state).in_(ON_THEIR_WAY))).first() is not None


# ---- what the operator does


def upgraded(at: Place) -> None:
    upgrade(at.store)


def loaded(at: Place) -> None:
    with transaction(at.store) as session:
        load_protocol(session, SCHEDULED, read_protocol(Path(protocols.__file__).parent / "bedfordshire"), "secretary")


def backed_up(at: Place) -> None:
    backup(_url(at), at.file("backup"))


def backed_up_before(at: Place) -> None:
    """And the world goes on: what is reported now will be lost."""
    backup(_url(at), at.file("earlier"))
    people_write(at)


def brought_back(at: Place) -> None:
    at.store.dispose()
    for _ in range(ASKS_AGAIN):
        if _restored(at):
            break
        time.sleep(0.01)  # somebody else is at it
    with transaction(at.store) as session:
        account_for_restore(session, OPENS + at.late(), "operator")


def _restored(at: Place) -> bool:
    try:
        restore(_url(at), at.file("earlier"), at.folder, OPENS + at.late(), replace=True)
    except StillRunning:
        return False
    return True


def _url(at: Place) -> str:
    return at.store.url.render_as_string(hide_password=False)


def scheduled(at: Place) -> None:
    world = World(at.store, SLUGS)
    with world.act() as session:
        set_review_date(session, SCHEDULED, protocol(session), REVIEW_ON, "secretary")


# ---- the stories


@dataclass(frozen=True)
class Story:
    """`tell` is what may be killed. Where there is a clock, `quiet` is what it does afterwards, and `take_over` what it
    does once, meanwhile."""

    parts: tuple[Part, ...]
    day: datetime | None = None
    end: datetime = LATEST

    def tell(self, at: Place) -> None:
        """On from the first part that was not answered."""
        for number, part in enumerate(self.parts[at.answered() :], at.answered() + 1):
            part(at)
            at.file("answered").write_text(str(number))

    def take_over(self, at: Place) -> None:
        if self.day:
            clock_and_mail(self.day)(at)

    def quiet(self, at: Place) -> None:
        if self.day:
            quiet(self.day)(at)


BEGINNING = (people_write, complaints_are_taken)
STORIES = {
    "a protocol": Story((scheduled,)),
    "an upgrade": Story((upgraded,), end=datetime(2026, 3, 25, 9, 30, tzinfo=UTC)),
    "a load": Story((loaded,)),
    "a backup": Story((backed_up,)),
    "a restore": Story((backed_up_before, brought_back)),
    "an opening": Story((*BEGINNING, sweep(OPENS)), OPENS),
    "a delivery": Story((deliver_some,), OPENS),
    "reminders": Story((remind_in_small_batches, sweep(REMINDED)), REMINDED),
    "a closing": Story((sweep(CLOSED),), CLOSED),
    "a year": Story((*BEGINNING, quiet(OPENS), quiet(REMINDED), quiet(CLOSED)), CLOSED),
}
