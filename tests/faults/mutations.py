"""Builds broken on purpose: single lines of the product's source, taken out or turned round, and the years that notice.

`python -m tests.faults.mutations NAME [YEARS [FIRST]]` plays years with that one in a process of its own and prints the
first sentence that says so; exit 1 where no year has noticed.
"""

import importlib
import inspect
import sys
from dataclasses import dataclass


@dataclass(frozen=True)
class Mutation:
    changes: tuple[tuple[str, str, str], ...]  # module, what stands there once, what stands there instead
    years: int  # within so many it has to be noticed
    first: int = 1  # the seed of the first of them: the earliest that has noticed, as those before it prove nothing
    without_keys: tuple[str, ...] = ()  # tables that are made without their unique keys


MUTATIONS = {
    "the unique key": Mutation(
        (("actions.complaints.receiving", "Complaint.key == key", "Complaint.key == key + '?'"),
         ("actions.breaches.reporting", "BreachReport.key == key", "BreachReport.key == key + '?'")),
        10, first=6, without_keys=("complaint", "breachreport"),  # 6 and 8 notice
    ),
    "the last question": Mutation(
        # asked at the claim and again before sending: without the second alone, ten years have noticed nothing
        (("notifications.claiming", "IS_DONE = TABLE.c.only_while_owed & ~STILL_OWED", "IS_DONE = sa.false()"),),
        10,
    ),
    "the lease": Mutation(
        (("notifications.settling", "if not (_is_ours(row, worker, result) or", "if not (True or"),),
        20, first=13,  # 13, 15 and 20 notice
    ),
}  # fmt: skip


def mutate(mutation: Mutation) -> None:
    """Before anything else of the product is imported, so that everybody has the changed one."""
    for name, before, after in mutation.changes:
        module = importlib.import_module(name)
        source = inspect.getsource(module)
        made = getattr(module, "_mutated", source)
        assert made.count(before) == 1, f"{name} does not say {before!r} once any more"
        module._mutated = made.replace(before, after)  # type: ignore[attr-defined]
        exec(compile(module._mutated, name, "exec"), module.__dict__)


def main(name: str, years: str | None = None, first: str | None = None) -> int:
    mutation = MUTATIONS[name]
    mutate(mutation)
    from tests.faults.world import play
    from tests.faults.world_store import Theatre

    with Theatre("sqlite") as theatre:
        for table in mutation.without_keys:
            theatre.drop_unique_keys(table)
        begin = int(first or mutation.first)
        for seed in range(begin, begin + int(years or mutation.years)):
            if broken := play(theatre, seed).broken:
                print(f"seed {seed}: {broken[0]}")
                return 0
    print("nothing was noticed")
    return 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
