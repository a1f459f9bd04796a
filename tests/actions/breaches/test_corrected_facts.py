"""Who corrects a number, or whom it concerns, says why; who knows more of anything else need not."""

from typing import Any

import pytest

from actions.breaches.stating import state_facts
from actions.reasons import ReasonNeeded
from models.breach import BreachFact
from rules.breach_facts import FactName
from tests.actions.breach_world import COORDINATOR, FRIDAY, begun, follow_procedure, procedure
from tests.actions.world import World

MILD, GRAVE = ({"dpc": {"sensitive": level}, "ei": ["1"], "cb": {"intent": "0.5"}} for level in (2, 4))
CORRECTED = {
    FactName.PEOPLE: (40, 2), FactName.RECORDS: (40, 2),
    FactName.PARTIES: (["council", "police"], ["council", "police", "fire"]),
    FactName.PERSONAL_DATA: (True, False), FactName.FACTORS: (GRAVE, MILD),
}  # fmt: skip
OTHERS = {
    FactName.NATURE: (["confidentiality"], ["integrity"]), FactName.CONSEQUENCES: ("Distress.", "None."),
    FactName.LARGE_NUMBER: (True, False),
}  # fmt: skip


def state(world: World, name: FactName, value: Any, because: str | None = None) -> None:
    with world.act() as session:
        state_facts(session, FRIDAY, 1, {name: value}, COORDINATOR, because)


@pytest.fixture
def followed(small_world: World) -> World:
    with small_world.act() as session:
        follow_procedure(session, FRIDAY, procedure(parties=("council", "police")))
        begun(session, FRIDAY, "council", "police")
    return small_world


@pytest.mark.parametrize("name", CORRECTED)
def test_a_number_is_not_corrected_without_saying_why(followed: World, name: FactName) -> None:
    before, after = CORRECTED[name]
    state(followed, name, before)
    known = len(followed.every(BreachFact))
    with pytest.raises(ReasonNeeded):
        state(followed, name, after)
    assert len(followed.every(BreachFact)) == known
    state(followed, name, after, "They have been counted.")
    assert len(followed.every(BreachFact)) == known + 1


@pytest.mark.parametrize("name", OTHERS)
def test_what_is_no_number_is_known_better_without_a_reason(followed: World, name: FactName) -> None:
    for value in OTHERS[name]:
        state(followed, name, value)
    assert len(followed.every(BreachFact, BreachFact.name == name)) == 2
