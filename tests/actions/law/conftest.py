"""Two Acts in the small world's register: one that two clauses rest on, one that none does."""

import pytest
import sqlalchemy as sa

from actions.cast import known_id
from models.protocol import Legislation
from tests.actions.world import World, protocol

ACT = "data-protection-act-1998"


def with_register(world: World) -> World:
    with world.act() as session:
        number = known_id(protocol(session))
        for key, title, clauses in (
            (ACT, "Data Protection Act 1998", ["7-consent", "12-security"]),
            ("freedom-of-information-act-2000", "Freedom of Information Act 2000", []),
        ):
            session.add(
                Legislation(
                    protocol_id=number, key=key, title=title, status="in force", source="legislation.gov.uk",
                    clauses=clauses,
                )
            )  # fmt: skip
    return world


@pytest.fixture
def world(empty_store: sa.Engine) -> World:
    return with_register(World(empty_store))


@pytest.fixture
def small_world(sqlite_store: sa.Engine) -> World:
    return with_register(World(sqlite_store))
