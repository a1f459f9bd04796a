"""Builds broken on purpose, and how many simulated years it takes to notice.

`python -m tests.faults.mutations NAME YEARS` plays years with that mutation in a process of its own and prints the first
sentence that says so; exit 1 where no year has noticed.
"""

import sys
from collections.abc import Callable
from typing import Any

from notifications import claiming, outbox, settling
from tests.faults.world import play
from tests.faults.world_store import Theatre


def without_the_unique_key(theatre: Theatre) -> None:
    """Neither the database nor the outbox knows a key again."""
    plain = outbox.why_not_queued

    def anything_is_new(session: Any, *, to: Any, key: str) -> Any:
        why = plain(session, to=to, key=key)
        return None if why is outbox.NotQueued.ALREADY_SAID else why

    outbox.why_not_queued = anything_is_new
    theatre.drop_unique_keys("message")


def without_the_last_question(_theatre: Theatre) -> None:
    """What has been answered since it was queued is sent all the same."""
    claiming._withdraw = lambda *_: None


def without_the_lease(_theatre: Theatre) -> None:
    """Whoever comes late writes down what it knows, whoever has the message by then."""
    settling._is_ours = lambda *_: True


MUTATIONS: dict[str, tuple[Callable[[Theatre], None], int]] = {
    # and within how many years it has to be noticed
    "the unique key": (without_the_unique_key, 15),
    "the last question": (without_the_last_question, 10),
    "the lease": (without_the_lease, 40),
}


def main(name: str, years: str, first: str = "1") -> int:
    mutate, _ = MUTATIONS[name]
    with Theatre("sqlite") as theatre:
        mutate(theatre)
        for seed in range(int(first), int(first) + int(years)):
            if broken := play(theatre, seed).broken:
                print(f"seed {seed}: {broken[0]}")
                return 0
    print("nothing was noticed")
    return 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
