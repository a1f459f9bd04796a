"""`python -m tests.faults.years 1000 [--from SEED] [--database sqlite|postgresql]`: plays years, prints broken ones."""

import argparse
import sys
import time
from collections import Counter

from tests.faults.world import play
from tests.faults.world_store import Theatre

DATABASES = ("sqlite", "postgresql")


def main() -> int:
    said = argparse.ArgumentParser(description=__doc__)
    said.add_argument("years", type=int)
    said.add_argument("--from", dest="first", type=int, default=1)
    said.add_argument("--database", choices=DATABASES)
    asked = said.parse_args()
    broken = 0
    for database in [asked.database] if asked.database else DATABASES:
        began, did = time.monotonic(), Counter[str]()
        with Theatre(database) as theatre:
            for seed in range(asked.first, asked.first + asked.years):
                played = play(theatre, seed)
                did.update(played.did)
                broken += bool(played.broken)
                for sentence in played.broken:
                    print(f"{database}, seed {seed}: {sentence}", flush=True)
        print(f"{database}: {asked.years} years in {time.monotonic() - began:.0f} s", file=sys.stderr)
        for what, number in sorted(did.items()):
            print(f"  {number:8} {what}", file=sys.stderr)
    print(f"{broken} broken")
    return min(broken, 1)


if __name__ == "__main__":
    sys.exit(main())
