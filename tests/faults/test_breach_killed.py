"""A breach's story killed after any write and told on ends as it would have: whole, nothing lost, nothing twice.

Every 80th write by default; `CONCORDAT_KILL_EVERY=1` tries each of them (hours).
"""

import os
import signal
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import select

from actions.loading import load_protocol
from actions.verifying import verify
from models.breach import (
    Awareness,
    Breach,
    BreachDuty,
    BreachFact,
    BreachReport,
    Conclusion,
    FollowUp,
    Gap,
    Lesson,
    LetterHold,
    RegulatorNotice,
    StepRecord,
)  # fmt: skip
from models.history import History
from models.obligation import Obligation, Reminder
from models.outbox import Message, MessageAbout
from models.protocol_file import read_protocol
from models.store import engine, reading, transaction
from models.upgrading import upgrade
from tests.breach_story import NOVEMBER
from tests.faults.killed_storyteller import tell

pytestmark = pytest.mark.slow

CHECKOUT = Path(__file__).parents[2]
LOADED_AT = datetime(2026, 10, 1, 9, tzinfo=UTC)
WRITES = 560  # about as many as the story takes
EVERY = int(os.environ.get("CONCORDAT_KILL_EVERY", "80"))

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
    Gap: ("words", "urgent"),
    Obligation: ("key", "outcome", "due_at", "next_at", "discharged_at"),
    Reminder: ("rung", "outcome", "taken_at"),
    Message: ("key", "kind", "address", "subject"),
    History: ("case", "seq", "at", "what", "moved_from", "moved_to"),
}  # fmt: skip


def begun(store: sa.Engine) -> None:
    with transaction(store) as session:
        load_protocol(session, LOADED_AT, read_protocol(CHECKOUT / "protocols" / "bedfordshire"), "secretary")


def everything(store: sa.Engine) -> dict[str, list[str]]:
    """What the story has left, but for numbers that a rolled-back transaction may have used up, and the reference."""
    found = {}
    with reading(store) as session:
        assert verify(session, NOVEMBER).broken == []
        for table, columns in COMPARED.items():
            rows = session.exec(select(table)).all()
            found[table.__name__] = sorted(repr([getattr(row, column) for column in columns]) for row in rows)
        found["about"] = [str(len(session.exec(select(MessageAbout)).all()))]
    return found


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    folder = tmp_path_factory.mktemp("undisturbed")
    url = f"sqlite:///{folder}/concordat.db"
    store = engine(url)
    upgrade(store)
    begun(store)
    writes = tell(url, folder / "answered")
    assert writes == pytest.approx(WRITES, rel=0.1), "say again how many writes the story takes"
    found = everything(store)
    store.dispose()
    return found


@pytest.mark.parametrize("at", range(1, WRITES, EVERY))
def test_killed_after_any_write_and_told_on_it_ends_as_it_would_have(store, undisturbed, tmp_path, at):
    begun(store)
    url, answered = store.url.render_as_string(hide_password=False), tmp_path / "answered"
    command = [sys.executable, "-m", "tests.faults.killed_storyteller", url, str(answered), str(at)]
    killed = subprocess.run(command, cwd=CHECKOUT, timeout=120, capture_output=True, text=True)
    assert killed.returncode == -signal.SIGKILL, killed.stderr or "the write was never reached"
    tell(url, answered)
    assert everything(store) == undisturbed
