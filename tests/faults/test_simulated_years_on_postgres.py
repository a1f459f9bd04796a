"""The same years on PostgreSQL; a file of its own, so that another process plays them meanwhile."""

from collections.abc import Iterator

import pytest

from tests.faults.test_simulated_years import SEEDS, hold
from tests.faults.world import Played, play
from tests.faults.world_store import Theatre
from tests.postgres import postgres_server

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def theatre() -> Iterator[Theatre]:
    if postgres_server() is None:
        pytest.skip("PostgreSQL is not installed here")
    with Theatre("postgresql") as built:
        yield built


@pytest.fixture(scope="module")
def years(theatre: Theatre) -> list[Played]:
    return [play(theatre, seed) for seed in SEEDS]


def test_in_whatever_year_nothing_is_lost_and_nothing_is_there_twice(years: list[Played]) -> None:
    hold(years)


def test_the_same_seed_plays_the_same_year(theatre: Theatre, years: list[Played]) -> None:
    assert play(theatre, years[0].seed) == years[0]  # once more, after all the others
