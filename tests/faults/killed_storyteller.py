"""A story of breaches or complaints, told by a process that kills itself.

`python -m tests.faults.killed_storyteller URL FILE N STORY`

It is SIGKILLed after its Nth write: an INSERT or UPDATE that the database has done and nobody has committed, or a
commit. FILE keeps the number of chapters whose telling was answered; told on, the story begins with the next one, so
that whoever got no answer says it again. With N = 0 nothing is killed.
"""

import os
import signal
import sys
from pathlib import Path

import sqlalchemy as sa

from cli.clockwork import run_clock
from models.store import engine, transaction
from tests.breach_story import STORY, Chapter
from tests.breach_turns import TURNS
from tests.complaint_story import STORY as COMPLAINTS

STORIES: dict[str, tuple[Chapter, ...]] = {"referral": STORY, "turns": TURNS, "complaints": COMPLAINTS}


class Killer:
    def __init__(self, at: int) -> None:
        self.at, self.writes = at, 0

    def arm(self, on: sa.Engine) -> None:
        sa.event.listen(on, "after_cursor_execute", self._after_statement)
        sa.event.listen(on, "commit", self._hit)

    def _after_statement(self, _c: object, _cursor: object, statement: str, *_: object) -> None:
        if statement.lstrip()[:6].upper() in ("INSERT", "UPDATE", "DELETE"):
            self._hit()

    def _hit(self, *_: object) -> None:
        self.writes += 1
        if self.writes == self.at:
            os.kill(os.getpid(), signal.SIGKILL)


def tell(url: str, progress: Path, story: str, at: int = 0) -> int:
    """The rest of the story, the clock running after every chapter. Answers the number of writes."""
    on, killer = engine(url), Killer(at)
    killer.arm(on)
    answered = int(progress.read_text()) if progress.exists() else 0
    for number, (_, now, chapter) in enumerate(STORIES[story][answered:], answered + 1):
        with transaction(on) as session:
            chapter(session, now)
        run_clock(on, now)
        progress.write_text(str(number))
    on.dispose()
    return killer.writes


def main(url: str, progress: str, at: str, story: str) -> None:
    print(tell(url, Path(progress), story, int(at)))


if __name__ == "__main__":
    main(*sys.argv[1:])
