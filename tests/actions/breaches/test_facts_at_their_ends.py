"""What a report can hold at the very ends of what is possible, and what follows from it still follows."""

from typing import Any

import pytest
import sqlalchemy as sa

from actions.breaches.affecting import affect, not_affected
from actions.breaches.facts import parties_in
from actions.breaches.reporting import Report, report_breach
from models.breach import Breach, ReporterKind
from rules.breach_facts import UNKNOWN, FactName, NotAFact, Reading, read_value
from rules.instants import LONDON, OutsideTheCalendar
from rules.procedure_conditions import Asked, ask
from rules.procedures import Test
from tests.actions.breach_world import FRIDAY, HAPPENED, begun, follow_procedure
from tests.actions.world import World, protocol

MANY = {f"p{number}": f"Party {number}" for number in range(201)}


@pytest.mark.parametrize("day", ["0001-01-01", "0001-01-01T00:00"])
def test_a_day_from_which_nothing_can_be_counted_is_refused_with_the_report(small_world: World, day: str) -> None:
    found: dict[FactName, Any] = {FactName.HAPPENED: HAPPENED, FactName.DETECTED: day}
    before = small_world.rows()
    given = Report(facts=found, reporter_kind=ReporterKind.ANONYMOUS)
    with pytest.raises(OutsideTheCalendar), small_world.act() as session:
        report_breach(session, FRIDAY, protocol(session), given, "reporter")
    assert small_world.rows() == before


@pytest.mark.parametrize("nothing", [[], ",", ["  "], ()])
@pytest.mark.parametrize("name", [FactName.DATA, FactName.PARTIES, FactName.CLAUSES])
def test_a_list_of_nothing_is_not_known_rather_than_known_to_be_none(name: FactName, nothing: Any) -> None:
    kept = read_value(name, nothing, Reading(LONDON, FRIDAY))
    assert kept == UNKNOWN
    assert ask(Test(name.value, "any of", ("health",)), {name.value: kept}) == Asked(None, (name.value,))


def test_however_many_are_named_one_more_is_added_and_one_taken_out(sqlite_store: sa.Engine) -> None:
    world = World(sqlite_store, parties=MANY | {"council": "Westshire Council"})
    first, last = list(MANY)[:200], list(MANY)[200]
    with world.act() as session:
        follow_procedure(session, FRIDAY)
        begun(session, FRIDAY, *first)
        affect(session, FRIDAY, 1, last, "x", "It too.")
        not_affected(session, FRIDAY, 1, first[0], "x", "Not theirs.")
        assert parties_in(session, session.get_one(Breach, 1)) == [*first[1:], last]


def test_one_statement_names_so_many_at_most() -> None:
    at, named = Reading(LONDON, FRIDAY), frozenset(MANY)
    with pytest.raises(NotAFact, match="at most 200 words at once"):
        read_value(FactName.PARTIES, list(MANY), at)
    assert read_value(FactName.PARTIES, list(MANY), Reading(LONDON, FRIDAY, named)) == list(MANY)
