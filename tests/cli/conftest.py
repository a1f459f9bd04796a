"""The command line as somebody meets it, in this process: arguments in, exit code and both outputs back."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session

from actions.loading import load_protocol
from cli import opening
from cli.app import run
from models.backup import backup
from models.protocol_file import read_protocol
from models.store import engine, reading, transaction
from models.upgrading import upgrade
from settings import HERE, settings

BEDFORDSHIRE = HERE / "protocols" / "bedfordshire"
FIRST_START = datetime(2026, 11, 22, 9, tzinfo=UTC)


@dataclass
class Said:
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        assert self.code == 0, self.err
        return json.loads(self.out)

    @property
    def refusal(self) -> str:
        """The sentence of a refusal: exit 1, one line on standard error, nothing on standard output."""
        assert (self.code, self.out) == (1, ""), self
        assert "Traceback" not in self.err
        assert self.err.count("\n") == 1
        return self.err.rstrip()


@dataclass
class Clock:
    now: datetime = FIRST_START

    def goes_on(self, **by: float) -> None:
        self.now += timedelta(**by)


@dataclass
class Concordat:
    """`concordat("status", "--json").json`; `read` and `act` reach the store behind it."""

    data: Path
    clock: Clock
    capture: pytest.CaptureFixture[str]

    def __call__(self, *arguments: str) -> Said:
        self.capture.readouterr()
        code = run(arguments)
        return Said(code, *self.capture.readouterr())

    def does(self, *arguments: str) -> Any:
        """For the steps on the way: the command must succeed; its JSON."""
        return self(*arguments, "--json").json

    def read(self, look: Callable[[Session], Any]) -> Any:
        with reading() as session:
            found = look(session)
            session.expunge_all()
            return found

    def act(self, change: Callable[[Session], Any]) -> Any:
        with transaction() as session:
            return change(session)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def concordat(
    tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Concordat]:
    """On a data folder where the Bedfordshire protocol has been loaded, at nine on 22 November 2026."""
    data = tmp_path / "data"
    data.mkdir()
    (data / "concordat.db").write_bytes(_loaded())
    yield from _concordat(data, clock, monkeypatch, capsys)


@pytest.fixture
def fresh(
    tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Concordat]:
    """On a data folder that is not there yet."""
    yield from _concordat(tmp_path / "data", clock, monkeypatch, capsys)


def _concordat(
    data: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Concordat]:
    for name in [name for name in os.environ if name.startswith("CONCORDAT_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("CONCORDAT_DATA", str(data))
    monkeypatch.setattr(opening, "the_clock", lambda: clock.now)
    forget()
    yield Concordat(data, clock, capsys)
    forget()


def forget() -> None:
    """This process' settings and engine: the next command reads its environment anew."""
    if engine.cache_info().currsize:
        with suppress(OSError, SQLAlchemyError):  # of a data folder that cannot be, there was none
            engine().dispose()
    engine.cache_clear()
    settings.cache_clear()


@cache
def _loaded() -> bytes:
    """Migrating and loading costs a second: once for all tests."""
    with tempfile.TemporaryDirectory() as folder:
        url, copy = f"sqlite:///{Path(folder) / 'loaded.db'}", Path(folder) / "copy"
        made = engine(url)
        upgrade(made)
        with transaction(made) as session:
            load_protocol(session, FIRST_START, read_protocol(BEDFORDSHIRE), "secretary")
        made.dispose()
        backup(url, copy)
        return copy.read_bytes()


_STAGES: dict[str, bytes] = {}


def at_stage(stage: str, concordat: Concordat, *steps: Sequence[str] | timedelta) -> Concordat:
    """The store as it is after these steps and the times between them; they are taken once for all tests."""
    file = concordat.data / "concordat.db"
    for step in steps:
        if isinstance(step, timedelta):
            concordat.clock.now += step
        elif stage not in _STAGES:
            concordat.does(*step)
    if stage not in _STAGES:
        copy = concordat.data / "stage"
        backup(f"sqlite:///{file}", copy)
        _STAGES[stage] = copy.read_bytes()
        copy.unlink()
    forget()
    for beside in concordat.data.glob("concordat.db-*"):
        beside.unlink()
    file.write_bytes(_STAGES[stage])
    return concordat


@pytest.fixture
def collecting(concordat: Concordat) -> Concordat:
    """Review 1 is open: all 17 parties have been asked, for feedback by 31 March 2027."""
    return at_stage(
        "collecting", concordat,
        ("review", "schedule", "bedfordshire", "2027-03-31"),
        ("review", "open", "bedfordshire"),
    )  # fmt: skip


@pytest.fixture
def drafting(collecting: Concordat) -> Concordat:
    """Feedback has closed. Proposal 1 of the police and 2 of Luton are about security, 3 of the fire service not."""
    say = ("review", "feedback", "1")
    return at_stage(
        "drafting", collecting,
        (*say, "bedfordshire-police", "--propose", "12-security=Data is encrypted.", "--problem", "Vague."),
        (*say, "luton-borough-council", "--propose", "12-security=Data is always encrypted."),
        (*say, "bedfordshire-fire-and-rescue-service", "--propose", "1=The partners have changed."),
        ("review", "close-feedback", "1"),
    )  # fmt: skip


@pytest.fixture
def deciding(drafting: Concordat) -> Concordat:
    """Proposal 2 is merged into 1, which is major and advised on; 3 is minor."""
    return at_stage(
        "deciding", drafting,
        ("proposal", "merge", "2", "1", "--because", "the same"),
        ("proposal", "classify", "1", "major", "--because", "it asks for money"),
        ("proposal", "classify", "3", "minor", "--because", "a fact"),
        ("review", "seek-advice", "1"),
        ("proposal", "advise", "1", "--text", "It is what the regulator expects."),
        ("review", "begin-deciding", "1"),
    )  # fmt: skip


@pytest.fixture
def signing(deciding: Concordat) -> Concordat:
    """Version 5.0 waits for 17 signatures."""
    return at_stage(
        "signing", deciding,
        ("proposal", "decide", "1", "accepted", "--because", "all agree"),
        ("proposal", "decide", "3", "rejected", "--because", "said elsewhere"),
        ("review", "conclude", "1"),
    )  # fmt: skip


@pytest.fixture
def adopted(signing: Concordat) -> Concordat:
    """Version 5.0 is adopted with the signature of the police alone."""
    return at_stage(
        "adopted", signing,
        ("version", "sign", "5.0", "bedfordshire-police", "--position", "Chief Constable"),
        ("review", "adopt", "1", "--because", "signing goes on"),
    )  # fmt: skip


COMMAND = [sys.executable, "-c", "from cli.app import main; main()"]


def in_a_process(*arguments: str, data: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """The command as the shell starts it."""
    whole = whole_environment(data, **environment)
    return subprocess.run([*COMMAND, *arguments], env=whole, cwd=HERE, capture_output=True, text=True, timeout=120)


def whole_environment(data: Path, **environment: str) -> dict[str, str]:
    """This process', with the settings of nobody else."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("CONCORDAT_")}
    return inherited | {"CONCORDAT_DATA": str(data), "PYTHONPATH": str(HERE), "PYTHONUTF8": "1"} | environment
