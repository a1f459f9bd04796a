"""Whole years with every fault: nothing lost, nothing twice, and a seed that fails can be played again.

`CONCORDAT_YEARS` says how many (20), `CONCORDAT_SEED` plays that one alone. On PostgreSQL: the file beside this one.
"""

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from tests.faults.mutations import MUTATIONS
from tests.faults.world import Played, play
from tests.faults.world_proof import missing
from tests.faults.world_store import Theatre

pytestmark = pytest.mark.slow

CHECKOUT = Path(__file__).parents[2]
YEARS = int(os.environ.get("CONCORDAT_YEARS", "20"))
SEEDS = [int(os.environ["CONCORDAT_SEED"])] if "CONCORDAT_SEED" in os.environ else range(1, YEARS + 1)


@pytest.fixture(scope="module")
def theatre() -> Iterator[Theatre]:
    with Theatre("sqlite") as built:
        yield built


@pytest.fixture(scope="module")
def years(theatre: Theatre) -> list[Played]:
    return [play(theatre, seed) for seed in SEEDS]


def hold(years: Sequence[Played]) -> None:
    """Every year holds, and everything came up that has to."""
    wrong = [f"CONCORDAT_SEED={year.seed}: {sentence}" for year in years for sentence in year.broken]
    assert not wrong, "\n".join(wrong)
    assert missing(years) == []


def test_in_whatever_year_nothing_is_lost_and_nothing_is_there_twice(years: list[Played]) -> None:
    hold(years)


def test_the_same_seed_plays_the_same_year(theatre: Theatre, years: list[Played]) -> None:
    again = years[:2]  # played once more, after all the others
    assert [play(theatre, year.seed) for year in again] == again
    assert len({year.print for year in years}) == len(years)


@pytest.mark.parametrize("name", MUTATIONS)
def test_a_build_that_is_broken_on_purpose_is_noticed(name: str) -> None:
    command = [sys.executable, "-m", "tests.faults.mutations", name]
    done = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.startswith("seed "), done.stdout
