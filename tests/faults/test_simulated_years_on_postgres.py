"""The same years on PostgreSQL; a file of its own, so that another process plays them meanwhile."""

from collections.abc import Iterator

import pytest

from tests.faults.test_simulated_years import hold
from tests.faults.world import play
from tests.faults.world_store import Theatre
from tests.postgres import postgres_server

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def theatre() -> Iterator[Theatre]:
    if postgres_server() is None:
        pytest.skip("PostgreSQL is not installed here")
    with Theatre("postgresql") as built:
        yield built


def test_in_whatever_year_nothing_is_lost_and_nothing_is_there_twice(theatre: Theatre) -> None:
    hold(theatre)


def test_the_same_seed_plays_the_same_year(theatre: Theatre) -> None:
    assert play(theatre, 2) == play(theatre, 2)
