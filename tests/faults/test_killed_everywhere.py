"""Killed at every fail point, at every hit of it, and told on: nothing lost, nothing twice, the end the same.

The points are those that `reached` is called with; how often each is hit, a first run says. So a new one is killed
at without a word here. `CONCORDAT_SEED` (printed; otherwise the day's ordinal) replays the random kills, of which
`CONCORDAT_KILLS_AT_RANDOM` (50 on each database) are done.
"""

import os
import random
import shutil
import signal
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from itertools import cycle
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import Envelope

from models.backup_postgres import dump_revision
from models.store import engine, reading
from notifications.claiming import LEASE
from tests.faults.copies import wrong_copies
from tests.faults.fail_point_stories import LATEST, STORIES, Place
from tests.faults.fail_points import in_the_product
from tests.faults.fork_server import FAILED_AS_TOLD, STANDS_STILL, Forks
from tests.faults.killed_stores import EMPTY, GOLDEN, Kept, kept_store
from tests.faults.left_behind import Left, count_on, left_behind, sent_before
from tests.notifications.smtp_server import PostOffice, serving

pytestmark = pytest.mark.slow

POINTS = sorted(in_the_product())
SEED = int(os.environ.get("CONCORDAT_SEED", date.today().toordinal()))  # noqa: DTZ011 - any day of the machine's
AT_RANDOM = int(os.environ.get("CONCORDAT_KILLS_AT_RANDOM", "50"))
WAITS_SECONDS = 0.5  # for another who may be waiting itself; what comes of it does not hang on it
LEASE_MINUTES = int(LEASE.total_seconds() / 60) + 1

BY_FILE = ("a backup", "a restore")  # nothing half done is left of what was killed, once it has been told on

# Each begins from what another has left: as told, or when all was quiet after it.
BEGINS_FROM = {
    "a protocol": EMPTY,
    "an upgrade": GOLDEN,
    "a load": EMPTY,
    "a backup": "a protocol, quiet",
    "an opening": "a protocol, quiet",
    "a restore": "an opening, told",
    "a delivery": "an opening, told",
    "reminders": "an opening, quiet",
    "a closing": "reminders, quiet",
    "a year": "a protocol, quiet",
}


def kills_by_run(kills: int) -> Iterator[int]:
    """Four in the first, then three, two, one, and four again, until that many are done."""
    for most in cycle((4, 3, 2, 1)):
        if kills <= 0:
            return
        yield min(most, kills)
        kills -= most


class CountingOffice(PostOffice):
    """Leaves a byte in a file for each message it took, before it answers."""

    def __init__(self, taken: Path) -> None:
        super().__init__()
        self.file = taken

    def _take(self, envelope: Envelope) -> None:
        super()._take(envelope)
        with self.file.open("ab") as file:
            file.write(b".")


@dataclass
class Undisturbed:
    """How each story ends when nobody is killed, and which points it passes, how often."""

    kept: Kept
    forks: Forks
    folder: Path
    ends: dict[str, Left] = field(default_factory=dict)
    passes: dict[str, Counter[str]] = field(default_factory=dict)

    def tell_all(self) -> None:
        for story in BEGINS_FROM:
            with self.telling(story) as telling:
                self.forks.tell_here(telling.at, story, "tell", hook=["note"])
                self.kept.keep(f"{story}, told")
                self.forks.tell_here(telling.at, story, "quiet")
                self.kept.keep(f"{story}, quiet")
                self.passes[story] = Counter((self.folder / "passed").read_text().splitlines())
                self.ends[story] = telling.end(kills=0)

    @contextmanager
    def telling(self, story: str, connections: int = 1) -> Iterator["Telling"]:
        self.kept.put_back(BEGINS_FROM[story])
        for name in ("minutes", "answered", "taken", "passed", "said", "backup", "earlier"):
            (self.folder / name).unlink(missing_ok=True)
        office = CountingOffice(self.folder / "taken")
        before = sent_before(self.kept.store)
        self.kept.alone()  # nothing is brought back while anybody has the store open
        with serving(office) as port:
            yield Telling(self, story, Place(self.kept.store, self.folder, port, connections), office, before)

    def hits_of(self, point: str) -> list[tuple[str, int]]:
        """Every one, by story; what a year passes, the shorter ones pass."""
        return [
            (story, number)
            for story, passed in self.passes.items()
            if story not in ("a protocol", "a year")
            for number in range(1, passed[point] + 1)
        ]


@dataclass
class Telling:
    """One story, told by one process after another until it is at its end."""

    of: Undisturbed
    story: str
    at: Place
    office: CountingOffice
    before: set[str]

    def tell(self, *hook: Any) -> int | str | None:
        ended = self.of.forks.tell(self.at, self.story, "tell", hook=list(hook))
        self._is_noticed()
        return ended

    def tell_on(self) -> None:
        """The clock some minutes on: the leases of whoever is dead are over."""
        self.at.go_on(LEASE_MINUTES)
        self.has_ended(self.of.forks.tell(self.at, self.story, "tell", "quiet"))

    def _is_noticed(self) -> None:
        self.of.kept.alone()
        count_on(self.at.store)
        self.of.kept.alone()

    def end(self, kills: int) -> Left:
        with reading(self.at.store) as session:
            assert list(wrong_copies(session, Counter(self.office.ids), self.before, kills)) == []
        assert [each.name for each in self.at.folder.glob(".*") if self.story in BY_FILE] == []
        if self.at.file("backup").exists():
            the_backup_is_whole(self.at)
        return left_behind(self.at.store, STORIES[self.story].end)

    def ends_as_undisturbed(self, kills: int = 1) -> None:
        assert self.end(kills) == self.of.ends[self.story]

    def has_ended(self, ended: int | str | None, *how: int | str) -> None:
        """As it was to end: well, unless said otherwise. Otherwise all is shown that was said so far."""
        assert ended in (how or (0,)), f"ended with {ended}; {self.at.file('said').read_text()}"


def the_backup_is_whole(at: Place) -> None:
    backup = at.file("backup")
    if at.store.dialect.name != "sqlite":
        assert dump_revision(backup) is not None
        return
    copy = engine(f"sqlite:///{backup}")
    assert left_behind(copy, LATEST) == left_behind(at.store, LATEST)
    copy.dispose()


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def undisturbed(request: pytest.FixtureRequest) -> Iterator[Undisturbed]:
    memory = Path("/dev/shm")
    folder = Path(tempfile.mkdtemp(prefix="concordat-killed-", dir=memory if memory.is_dir() else None))
    forks = Forks()
    try:
        with kept_store(request.param, folder) as kept:
            found = Undisturbed(kept, forks, folder)
            found.tell_all()
            yield found
    finally:
        forks.end()
        shutil.rmtree(folder, ignore_errors=True)


def test_every_point_in_the_source_is_passed(undisturbed):
    passed = set().union(*undisturbed.passes.values())
    assert passed == set(POINTS)


@pytest.mark.parametrize("point", POINTS)
def test_killed_at_every_hit_and_told_on_it_ends_as_it_would_have(undisturbed, point):
    hits = undisturbed.hits_of(point)
    assert hits, f"no story passes “{point}”: let one of them do so"
    for story, number in hits:
        with undisturbed.telling(story) as telling:
            print(f"“{story}” killed at “{point}”, hit {number}")
            telling.has_ended(telling.tell("die", point, number), -signal.SIGKILL)
            telling.tell_on()
            telling.ends_as_undisturbed()


@pytest.mark.parametrize("point", POINTS)
def test_where_it_fails_the_same_comes_of_it_in_the_end(undisturbed, point):
    """The line is dead, the disk does not write, the database is gone: whether the process copes or ends."""
    story, number = undisturbed.hits_of(point)[0]
    with undisturbed.telling(story) as telling:
        telling.has_ended(telling.tell("fail", point, number), 0, FAILED_AS_TOLD)
        telling.tell_on()
        telling.ends_as_undisturbed()


@pytest.mark.parametrize("point", POINTS)
def test_whoever_stands_still_while_another_takes_over_does_nothing_twice(undisturbed, point):
    """Its lease is over when it goes on. On SQLite another may have to wait for it, who holds the only lock."""
    story, number = undisturbed.hits_of(point)[0]
    with undisturbed.telling(story) as telling:
        forks, at = undisturbed.forks, telling.at
        standing = forks.begin(at, story, "tell", hook=["stand still", point, number])
        telling.has_ended(forks.wait(standing), STANDS_STILL)
        at.go_on(LEASE_MINUTES)
        taking_over = forks.begin(at, story, "tell", "take_over")
        ended = forks.wait(taking_over, seconds=WAITS_SECONDS)
        os.kill(standing, signal.SIGCONT)
        telling.has_ended(forks.wait(standing))
        telling.has_ended(forks.wait(taking_over) if ended is None else ended)
        telling.tell_on()
        telling.ends_as_undisturbed()


@pytest.mark.parametrize(("run", "kills"), list(enumerate(kills_by_run(AT_RANDOM))))
def test_killed_at_random_again_and_again(undisturbed, run, kills):
    """A whole year, its mail over two connections."""
    chosen, hits = random.Random(f"{SEED}:{run}"), undisturbed.passes["a year"].total()
    print(f"CONCORDAT_SEED={SEED}, run {run}")
    with undisturbed.telling("a year", connections=2) as telling:
        for _ in range(kills):
            at = chosen.randint(1, hits * 4 // 5 // kills)  # not all of them are passed again
            print(f"killed at hit {at} of any point")
            telling.has_ended(telling.tell("die", None, at), -signal.SIGKILL)
            telling.at.go_on(LEASE_MINUTES)
        telling.tell_on()
        telling.ends_as_undisturbed(kills)
