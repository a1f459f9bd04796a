"""A story killed after any write and told on ends as it would have: whole, nothing lost, nothing twice.

`CONCORDAT_KILLS` writes of each story (1), evenly spread, and others every day: in time every write is tried. A number
as high as the writes tries each of them (hours); `CONCORDAT_KILL_DAY` (the day's ordinal, printed) tries a day's again.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import func, select

from actions.loading import load_protocol
from actions.verifying import verify
from cli.clockwork import run_clock
from models.breach import (
    Awareness,
    Breach,
    BreachDuty,
    BreachFact,
    BreachOutcome,
    BreachReport,
    Conclusion,
    FollowUp,
    FollowUpEnd,
    Lesson,
    LetterHold,
    RegulatorNotice,
    StepRecord,
)  # fmt: skip
from models.complaint import Complaint, ComplaintEffect, ComplaintNotice, Finding, Recheck, Referral
from models.gap import Gap, GapOrigin, ProposalAnswer
from models.history import History
from models.obligation import Obligation, Reminder
from models.outbox import Message, MessageAbout
from models.procedure import ProcedureVersion
from models.protocol import Party, Signature
from models.protocol_file import read_protocol
from models.review import Decision, Proposal
from models.store import engine, reading, transaction
from models.upgrading import upgrade
from rules.breach_duties import DutyKind
from tests.breach_story import COUNCIL, POLICE
from tests.breach_turns import BEDFORD, FIRE, LUTON
from tests.conftest import TEMPLATE, postgres_template, psycopg_url
from tests.faults.killed_storyteller import STORIES, tell
from tests.faults.left_behind import count_on
from tests.postgres import create_database, drop_database

pytestmark = pytest.mark.slow

CHECKOUT = Path(__file__).parents[2]
LOADED_AT = datetime(2026, 10, 1, 9, tzinfo=UTC)
KILLS = int(os.environ.get("CONCORDAT_KILLS", "1"))
DAY = int(os.environ.get("CONCORDAT_KILL_DAY", date.today().toordinal()))  # noqa: DTZ011 - any day of the machine's

Left = dict[str, list[str]]  # by table

COMPARED: dict[type[Any], tuple[str, ...]] = {
    Breach: ("stage", "outcome", "ended_at"),
    BreachReport: ("key", "breach_id", "reporter_kind"),
    BreachFact: ("name", "value"),
    FollowUp: ("party_id", "regime", "opened_at", "assessed_at", "ended_at", "end"),
    Awareness: ("follow_up_id", "aware_at"),
    Conclusion: ("follow_up_id", "risk"),
    BreachDuty: ("follow_up_id", "kind", "required", "due_at", "done_at"),
    RegulatorNotice: ("follow_up_id", "number", "kind", "given_at"),
    StepRecord: ("follow_up_id", "step", "round", "end", "at"),
    LetterHold: ("placed_at", "released_at"),
    Lesson: ("cause", "effect"),
    Gap: ("words", "urgent", "stage", "owner_id", "resolved_in_id"),
    GapOrigin: ("gap_id", "case"),
    ProposalAnswer: ("proposal_id", "answers"),
    Complaint: ("key", "kind", "stage", "outcome", "handler_id", "acknowledged_at", "told_at", "ended_at"),
    Referral: ("complaint_id", "from_id", "to_id"),
    ComplaintNotice: ("complaint_id", "kind", "number", "given_at"),
    Finding: ("key", "issue", "result", "corrects_id"),
    ComplaintEffect: ("key", "effect", "obligation_id", "breach_id", "gap_id"),
    Recheck: ("complaint_id", "version_id", "asked_at", "answer"),
    Proposal: ("key", "merged_into_id", "magnitude"),
    Decision: ("proposal_id", "outcome"),
    Signature: ("key", "kind", "signed_on", "version_sha256"),
    Obligation: ("key", "outcome", "due_at", "next_at", "discharged_at"),
    Reminder: ("rung", "outcome", "taken_at"),
    Message: ("key", "kind", "address", "subject"),
    History: ("case", "seq", "at", "what", "moved_from", "moved_to"),
}  # fmt: skip


def begun(store: sa.Engine) -> None:
    with transaction(store) as session:
        load_protocol(session, LOADED_AT, read_protocol(CHECKOUT / "protocols" / "bedfordshire"), "secretary")


def everything(store: sa.Engine) -> Left:
    """What the story has left, but for numbers that a rolled-back transaction may have used up, and the reference."""
    found = {}
    with reading(store) as session:
        assert verify(session, session.exec(select(func.max(History.at))).one()).broken == []
        for table, columns in COMPARED.items():
            rows = session.exec(select(table)).all()
            found[table.__name__] = sorted(repr([getattr(row, column) for column in columns]) for row in rows)
        found["about"] = [str(len(session.exec(select(MessageAbout)).all()))]
    return found


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str, str], tuple[int, Left]]]:
    """A story's writes on a database of that kind, and what it has left when nothing is killed."""
    with ExitStack() as opened:

        @cache
        def told(story: str, kind: str) -> tuple[int, Left]:
            folder = tmp_path_factory.mktemp("undisturbed")
            store = opened.enter_context(another_store(kind, folder, story))
            begun(store)
            writes = tell(store.url.render_as_string(hide_password=False), folder / "answered", story)
            return writes, everything(store)

        yield told


@contextmanager
def another_store(kind: str, folder: Path, story: str) -> Iterator[sa.Engine]:
    if kind == "sqlite":
        made = engine(f"sqlite:///{folder}/concordat.db")
        upgrade(made)
        yield made
        made.dispose()
        return
    server, name = postgres_template(), f"concordat_undisturbed_{story}_{os.getpid()}"
    drop_database(server, name)
    made = engine(psycopg_url(create_database(server, name, template=TEMPLATE)))
    yield made
    made.dispose()
    drop_database(server, name)


def write_of(number: int, writes: int) -> int:
    """The kills lie a stretch apart; every day each is one write further on in its own."""
    stretch = -(-writes // KILLS)
    return min(1 + number * stretch + DAY % stretch, writes)


@pytest.mark.parametrize("story", STORIES)
@pytest.mark.parametrize("number", range(KILLS))
def test_killed_after_any_write_and_told_on_it_ends_as_it_would_have(store, undisturbed, tmp_path, story, number):
    (writes, _), (_, whole) = undisturbed(story, store.dialect.name), undisturbed(story, "sqlite")
    at = write_of(number, writes)
    print(f"day {DAY}: “{story}” on {store.dialect.name} killed after write {at} of {writes}")
    begun(store)
    url, answered = store.url.render_as_string(hide_password=False), tmp_path / "answered"
    command = [sys.executable, "-m", "tests.faults.killed_storyteller", url, str(answered), str(at), story]
    killed = subprocess.run(command, cwd=CHECKOUT, timeout=120, capture_output=True, text=True)
    assert killed.returncode == -signal.SIGKILL, killed.stderr or "the write was never reached"
    count_on(store)
    tell(url, answered, story)
    assert everything(store) == whole


@pytest.mark.parametrize("writes", [1, 6, 7, 8, 560])
def test_in_time_every_write_is_tried(writes, monkeypatch):
    tried = set()
    for day in range(writes):
        monkeypatch.setattr(sys.modules[__name__], "DAY", day)
        tried |= {write_of(number, writes) for number in range(KILLS)}
    assert tried == set(range(1, writes + 1))


@pytest.mark.parametrize("story", STORIES)
def test_told_twice_chapter_by_chapter_each_story_is_told_once(sqlite_store, story):
    begun(sqlite_store)
    for name, now, chapter in STORIES[story]:
        left = []
        for _ in range(2):
            with transaction(sqlite_store) as session:
                chapter(session, now)
            run_clock(sqlite_store, now)
            left.append(everything(sqlite_store))
        assert left[0] == left[1], f"“{name}” told twice"


def test_the_turns_are_taken(sqlite_store, tmp_path):
    begun(sqlite_store)
    tell(sqlite_store.url.render_as_string(hide_password=False), tmp_path / "answered", "turns")
    with reading(sqlite_store) as session:
        first, second = session.exec(select(Breach).order_by(Breach.id)).all()
        assert (first.outcome, second.outcome) == (BreachOutcome.NEAR_MISS, BreachOutcome.MERGED)
        rows = session.exec(
            select(Party.slug, FollowUp, ProcedureVersion)
            .join(Party, Party.id == FollowUp.party_id)
            .join(ProcedureVersion, ProcedureVersion.id == FollowUp.procedure_version_id)
            .where(FollowUp.breach_id == first.id)
        ).all()
        ends = {slug: follow_up.end for slug, follow_up, _ in rows}
        versions = {slug: version.number for slug, _, version in rows}
        what = set(session.exec(select(History.what)))
        regimes = [duty.kind for duty in session.exec(select(BreachDuty)) if duty.kind is DutyKind.CONTROLLER]
    assert ends == {
        COUNCIL: FollowUpEnd.NOT_A_BREACH, BEDFORD: FollowUpEnd.NOT_A_BREACH, POLICE: FollowUpEnd.LEFT,
        FIRE: FollowUpEnd.NOT_AFFECTED, LUTON: FollowUpEnd.NOT_AFFECTED,
    }  # fmt: skip
    assert versions[BEDFORD] == versions[COUNCIL] + 1, "whoever had begun goes on by the version it began with"
    assert {"code replaced", "regime set", "merged from", "follow-up reopened", "procedure kept"} <= what
    assert len(regimes) == 1, "the fire service had a controller to tell"
