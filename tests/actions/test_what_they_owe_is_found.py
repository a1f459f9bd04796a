"""Whoever is away, or is reached at a new address: what they owe is found by its index, however much others owe."""

from collections.abc import Callable
from datetime import date

import pytest
from sqlmodel import Session

from actions.absences import absences_due
from actions.away import set_away
from actions.breaches.may_be_due import may_be_due
from actions.contacts import correct_address
from actions.party_requests import owed_outside_breaches
from models.inserting import insert_all
from models.obligation import Obligation, ObligationKind
from models.protocol import Role
from tests.actions.world import OPENS, SECRETARY, World, contact_of, duty_of, party, protocol
from tests.statements import selects

OPEN = 5_000
UNTIL = date(2027, 3, 12)


@pytest.fixture
def much_open(world: World) -> World:
    """Thousands of duties are owed by one party, and its own lead member is there."""
    world.collecting()
    with world.act() as session:
        owed = duty_of(session, ObligationKind.FEEDBACK, "fire").model_dump(exclude={"id"})
        insert_all(session, Obligation, [owed | {"key": f"review:1:feedback:{n}"} for n in range(OPEN)])
        for slug in ("council", "police"):
            contact_of(session, slug, Role.LEAD_MEMBER).away_until = UNTIL
        contact_of(session, None, Role.SECRETARY).away_until = UNTIL
        contact_of(session, None, Role.ADVISER).bounced_at = OPENS
    if world.store.dialect.name == "postgresql":
        with world.store.begin() as connection:
            connection.exec_driver_sql("ANALYZE obligation")
    return world


def of_contacts(statement: str) -> bool:
    """It looks for what somebody owes."""
    return "FROM obligation" in statement and "obligation.contact_id" in statement.partition("WHERE")[2]


def _sweep(session: Session) -> None:
    assert absences_due(session, OPENS)


def _sweep_of_breaches(session: Session) -> None:
    may_be_due(session, OPENS)


def _back(session: Session) -> None:
    set_away(session, OPENS, protocol(session), party(session, "council"), Role.LEAD_MEMBER, None, SECRETARY)


def _corrected(session: Session) -> None:
    correct_address(session, OPENS, contact_of(session, "trust", Role.LEAD_MEMBER), "new@trust.example", SECRETARY)


def _on_their_page(session: Session) -> None:
    owed_outside_breaches(session, contact_of(session, "trust", Role.LEAD_MEMBER))


@pytest.mark.parametrize("ask", [_sweep, _sweep_of_breaches, _back, _corrected, _on_their_page])
def test_by_the_index_of_who_owes_what(much_open: World, ask: Callable[[Session], None]) -> None:
    with selects(much_open.store, of_contacts) as asked, much_open.act() as session:
        ask(session)
    assert asked
    with much_open.store.connect() as connection:
        on_postgres = much_open.store.dialect.name == "postgresql"
        explain = "EXPLAIN" if on_postgres else "EXPLAIN QUERY PLAN"
        for statement, values in asked:
            plan = [str(row[-1]) for row in connection.exec_driver_sql(f"{explain} {statement}", values)]
            assert any("ix_obligation_contact" in step for step in plan), plan
            assert not any(step.strip().startswith(("SCAN obligation", "Seq Scan on obligation")) for step in plan), (
                plan
            )
