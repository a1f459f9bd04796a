"""What a party has stated stands until a party or the secretary corrects it: a reporter who says otherwise is noted."""

from typing import Any

import pytest

from actions.breaches.confirming_facts import sentence_of
from actions.breaches.reporters import add_facts, reader_of
from actions.breaches.said_otherwise import SAID_SINCE, STATED_SINCE, TAKEN_BACK, Added
from actions.breaches.showing_facts import fact_lines
from actions.breaches.stating import state_facts
from actions.breaches.stepping import finish_step
from actions.matters import close_matter
from models.breach import Breach, BreachFact
from models.history import History, Narrative
from models.obligation import Obligation
from models.outbox import Message
from models.protocol import Matter, MatterKind
from rules.breach_facts import UNKNOWN, FactName
from tests.actions.breach_world import FRIDAY
from tests.actions.merger_world import HOUR, LATER, Codes, broken, did, facts, merged, report
from tests.actions.world import World

PARTY = "coordinator of council"
BEFORE, AFTER = (FRIDAY - 20 * HOUR).isoformat(), (FRIDAY - HOUR).isoformat()
# What a party has stated, and what the reporter says then.
OTHERWISE: dict[FactName, tuple[Any, Any]] = {
    FactName.OCCURRED_FROM: (BEFORE, AFTER),
    FactName.DETECTED: (BEFORE, AFTER),
    FactName.SUSPECTED: (BEFORE, AFTER),
    FactName.PEOPLE: (5, 3),
    FactName.DONE: ("It was fetched back.", "Nothing."),
    FactName.HAPPENED: ("A referral was seen by a stranger.", "Nobody has seen it."),
    FactName.NATURE: (["confidentiality"], ["integrity"]),
}


def party_states(world: World, name: FactName, value: Any, because: str = "They have been counted.") -> None:
    did(world, lambda s: state_facts(s, LATER, 1, {name: value}, PARTY, because))


def reporter_says(world: World, codes: Codes, found: dict[FactName, Any], more: str | None = None) -> Added:
    added: Added = did(world, lambda s: add_facts(s, LATER + HOUR, reader_of(s, *codes), found, more))
    assert broken(world, LATER + HOUR) == []
    return added


def owed(world: World) -> list[tuple[object, ...]]:
    return [(each.key, each.due_at, each.due_on, each.outcome) for each in world.every(Obligation)]


@pytest.mark.parametrize("name", OTHERWISE)
def test_what_a_party_has_stated_since_stands_and_no_limit_moves(world: World, name: FactName) -> None:
    stated, said = OTHERWISE[name]
    codes = report(world, PEOPLE=2)
    party_states(world, name, stated)
    known, asked = facts(world), owed(world)
    assert reporter_says(world, codes, {name: said}) == ([], [name])
    assert (facts(world), owed(world)) == (known, asked)
    [matter] = world.every(Matter, Matter.kind == MatterKind.BREACH)
    assert f"says otherwise of “{name}” than the {PARTY} has stated" in matter.sentence
    assert f"concordat breach fact 1 {name.replace(' ', '-')}=VALUE" in matter.todo
    [row] = world.every(History, History.what == "reporter says otherwise")
    assert (row.who, row.details) == (f"reporter of {codes[0]}", {"reference": codes[0], "fact": name.value})
    assert world.only(Narrative, Narrative.id == row.why_id).text


def test_the_same_said_twice_is_noted_once_and_again_once_a_party_has_stated_anew(small_world: World) -> None:
    codes = report(small_world, PEOPLE=2)
    party_states(small_world, FactName.PEOPLE, 5)
    for _ in range(2):
        assert reporter_says(small_world, codes, {FactName.PEOPLE: 3}).noted == [FactName.PEOPLE]
    noted = small_world.only(Matter, Matter.kind == MatterKind.BREACH).id
    did(small_world, lambda s: close_matter(s, LATER + HOUR, s.get_one(Matter, noted), "They are five."))
    reporter_says(small_world, codes, {FactName.PEOPLE: 3})
    assert len(small_world.every(History, History.what == "reporter says otherwise")) == 1
    party_states(small_world, FactName.PEOPLE, 6)
    reporter_says(small_world, codes, {FactName.PEOPLE: 3})
    assert [each.outcome for each in small_world.every(Matter, Matter.kind == MatterKind.BREACH)] == [
        "They are five.", None,
    ]  # fmt: skip
    assert facts(small_world)[FactName.PEOPLE] == 6


def noted(world: World) -> list[str | None]:
    """What became of each matter, the oldest first; None where it is on the list."""
    return [each.outcome for each in world.every(Matter, Matter.kind == MatterKind.BREACH)]


def test_what_the_reporter_said_last_is_on_the_list_whatever_they_said_before(small_world: World) -> None:
    codes = report(small_world, PEOPLE=2)
    party_states(small_world, FactName.PEOPLE, 5)
    for said, on_the_list in ((3, 1), (4, 2), (3, 3), (3, 3), (4, 4)):
        assert reporter_says(small_world, codes, {FactName.PEOPLE: said}).noted == [FactName.PEOPLE]
        rows = small_world.every(History, History.what == "reporter says otherwise")
        assert len(rows) == on_the_list
        assert small_world.only(Narrative, Narrative.id == rows[-1].why_id).text == str(said)
        assert noted(small_world) == [SAID_SINCE] * (on_the_list - 1) + [None]


def test_of_each_fact_the_last_word_is_on_the_list(small_world: World) -> None:
    codes = report(small_world, PEOPLE=2, RECORDS=1)
    party_states(small_world, FactName.PEOPLE, 5)
    party_states(small_world, FactName.RECORDS, 6)
    reporter_says(small_world, codes, {FactName.PEOPLE: 3, FactName.RECORDS: 3})
    reporter_says(small_world, codes, {FactName.RECORDS: 4})
    assert noted(small_world) == [None, SAID_SINCE, None]


@pytest.mark.parametrize("by", [PARTY, "secretary (user 1)"])
@pytest.mark.parametrize("name", OTHERWISE)
def test_what_a_party_has_confirmed_the_reporter_does_not_replace(world: World, name: FactName, by: str) -> None:
    reported, said = OTHERWISE[name]
    codes = report(world, **{name.name: reported})
    messages, asked = world.every(Message), owed(world)
    first, again = (did(world, lambda s: state_facts(s, LATER, 1, {name: reported}, by)) for _ in range(2))
    assert sentence_of(first) == f"Confirmed as the reporter said it: “{name}”."
    assert (again, sentence_of(again)) == ([], "That was known already: nothing has changed.")
    rows = world.every(BreachFact, BreachFact.name == name)
    assert [(each.report_id, each.stated_by) for each in rows[1:]] == [(None, by)]
    assert len(world.every(History, History.what == "facts confirmed")) == 1
    assert (len(world.every(Message)), owed(world)) == (len(messages), asked)
    assert reporter_says(world, codes, {name: said}) == ([], [name])
    assert facts(world)[name] == reported
    with world.read() as session:
        line = next(each for each in fact_lines(session, session.get_one(Breach, 1)) if each.name == name)
    assert (line.stated_by, line.corrected) == (by, 0)


def test_what_was_reported_in_several_words_is_confirmed_where_it_is_stated_with_something_new(
    small_world: World,
) -> None:
    codes = report(small_world, PEOPLE=2)
    found = {FactName.PEOPLE: 2, FactName.RECORDS: 4}
    changed = did(small_world, lambda s: state_facts(s, LATER, 1, found, PARTY))
    assert [each.name for each in changed if each.value != each.before] == [FactName.RECORDS]
    assert (
        sentence_of(changed)
        == f"Recorded: “{FactName.RECORDS}”. Confirmed as the reporter said it: “{FactName.PEOPLE}”."
    )
    assert reporter_says(small_world, codes, {FactName.PEOPLE: 3}).noted == [FactName.PEOPLE]


def test_the_reporter_confirms_nothing_and_neither_does_who_says_that_nobody_knows(small_world: World) -> None:
    codes = report(small_world, PEOPLE=2, RECORDS=UNKNOWN)
    reporter_says(small_world, codes, {FactName.PEOPLE: 2})
    party_states(small_world, FactName.RECORDS, UNKNOWN)
    assert small_world.every(History, History.what == "facts confirmed") == []
    assert reporter_says(small_world, codes, {FactName.PEOPLE: 3, FactName.RECORDS: 1}).noted == []


@pytest.mark.parametrize("by", [PARTY, "secretary"])
def test_the_matter_is_closed_once_somebody_states_what_the_reporter_says(small_world: World, by: str) -> None:
    codes = report(small_world, PEOPLE=2)
    party_states(small_world, FactName.PEOPLE, 5)
    reporter_says(small_world, codes, {FactName.PEOPLE: 3})
    did(small_world, lambda s: state_facts(s, LATER + HOUR, 1, {FactName.PEOPLE: 4}, by, "Counted anew."))
    assert noted(small_world) == [None], "the reporter says otherwise still"
    did(small_world, lambda s: state_facts(s, LATER + HOUR, 1, {FactName.PEOPLE: 3}, by, "They were right."))
    assert noted(small_world) == [STATED_SINCE]
    did(small_world, lambda s: state_facts(s, LATER + HOUR, 1, {FactName.PEOPLE: 5}, by, "They were not."))
    reporter_says(small_world, codes, {FactName.PEOPLE: 3})
    assert noted(small_world) == [STATED_SINCE, None]


@pytest.mark.parametrize("instead", [5, UNKNOWN])
def test_the_matter_is_closed_once_the_reporter_takes_it_back(small_world: World, instead: Any) -> None:
    codes = report(small_world, PEOPLE=2)
    party_states(small_world, FactName.PEOPLE, 5)
    reporter_says(small_world, codes, {FactName.PEOPLE: 3})
    assert reporter_says(small_world, codes, {FactName.PEOPLE: instead}) == ([], [])
    assert noted(small_world) == [TAKEN_BACK]
    reporter_says(small_world, codes, {FactName.PEOPLE: 3})
    assert noted(small_world) == [TAKEN_BACK, None], "said anew"


def test_the_matter_is_closed_once_what_the_reporter_says_now_stands(small_world: World) -> None:
    codes = report(small_world, PEOPLE=2)
    party_states(small_world, FactName.PEOPLE, 5)
    reporter_says(small_world, codes, {FactName.PEOPLE: 3})
    party_states(small_world, FactName.PEOPLE, UNKNOWN)
    assert reporter_says(small_world, codes, {FactName.PEOPLE: 4}).noted == []
    assert (noted(small_world), facts(small_world)[FactName.PEOPLE]) == ([TAKEN_BACK], 4)


def test_what_one_reporter_takes_back_another_says_still(small_world: World) -> None:
    first = report(small_world, PEOPLE=2)
    second = report(small_world, FRIDAY + HOUR, "police", PEOPLE=3)
    merged(small_world)
    party_states(small_world, FactName.PEOPLE, 5)
    for codes in (first, second):
        reporter_says(small_world, codes, {FactName.PEOPLE: 4})
    reporter_says(small_world, first, {FactName.PEOPLE: 5})
    assert noted(small_world)[-2:] == [TAKEN_BACK, None]
    party_states(small_world, FactName.PEOPLE, 4, "They are four.")
    assert noted(small_world)[-2:] == [TAKEN_BACK, STATED_SINCE]


def test_what_the_reporter_has_stated_last_they_may_still_correct(small_world: World) -> None:
    codes = report(small_world, PEOPLE=2, DETECTED=AFTER)
    reporter_says(small_world, codes, {FactName.PEOPLE: 3})
    party_states(small_world, FactName.RECORDS, 1)
    assert reporter_says(small_world, codes, {FactName.PEOPLE: 4, FactName.DETECTED: BEFORE}).noted == []
    assert facts(small_world)[FactName.PEOPLE] == 4
    assert facts(small_world)[FactName.DETECTED] == BEFORE
    assert small_world.every(Matter, Matter.kind == MatterKind.BREACH) == []


def test_of_several_what_is_new_is_stated_and_only_the_rest_is_noted(small_world: World) -> None:
    codes = report(small_world, PEOPLE=2)
    party_states(small_world, FactName.PEOPLE, 5)
    added = reporter_says(small_world, codes, {FactName.PEOPLE: 3, FactName.RECORDS: 1})
    assert ([each.name for each in added.stated], added.noted) == ([FactName.RECORDS], [FactName.PEOPLE])
    assert (facts(small_world)[FactName.PEOPLE], facts(small_world)[FactName.RECORDS]) == (5, 1)


def test_what_nobody_knows_the_reporter_may_say_and_who_does_not_know_contradicts_nobody(small_world: World) -> None:
    codes = report(small_world, PEOPLE=2)
    party_states(small_world, FactName.PEOPLE, UNKNOWN)
    assert reporter_says(small_world, codes, {FactName.PEOPLE: 3}).noted == []
    party_states(small_world, FactName.PEOPLE, 5)
    assert reporter_says(small_world, codes, {FactName.PEOPLE: UNKNOWN}) == ([], [])
    assert facts(small_world)[FactName.PEOPLE] == 5


def test_what_is_only_added_stands_beside_what_a_party_has_stated(small_world: World) -> None:
    codes = report(small_world, DATA=["health"])
    party_states(small_world, FactName.HAPPENED, "A referral was seen by a stranger.")
    party_states(small_world, FactName.DATA, ["contact details"])
    assert reporter_says(small_world, codes, {FactName.DATA: ["health"]}, "It was opened.").noted == []
    assert facts(small_world)[FactName.HAPPENED] == "A referral was seen by a stranger.\n\nIt was opened."
    assert facts(small_world)[FactName.DATA] == ["contact details", "health"]


def test_of_two_reporters_neither_replaces_what_the_other_has_stated(small_world: World) -> None:
    report(small_world, PEOPLE=2)
    second = report(small_world, FRIDAY + HOUR, "police", PEOPLE=3)
    merged(small_world)
    assert reporter_says(small_world, second, {FactName.PEOPLE: 4}).noted == [FactName.PEOPLE]
    assert facts(small_world)[FactName.PEOPLE] == 2


def test_a_matter_about_a_reporter_says_nothing_of_what_was_said(small_world: World) -> None:
    codes = report(small_world)
    party_states(small_world, FactName.DONE, "It was fetched back.")
    reporter_says(small_world, codes, {FactName.DONE: "SECRET"})
    [matter] = small_world.every(Matter, Matter.kind == MatterKind.BREACH)
    assert "SECRET" not in matter.sentence + matter.todo + str(small_world.every(History)[-1].details)
    assert small_world.every(BreachFact, BreachFact.stated_by == f"reporter of {codes[0]}") == []


def test_a_step_that_the_partys_facts_ask_for_is_not_withdrawn(small_world: World) -> None:
    codes = report(small_world, PEOPLE=2)
    party_states(small_world, FactName.PEOPLE, 5)
    asked = [each for each in small_world.every(Obligation) if each.subject == "many"]
    reporter_says(small_world, codes, {FactName.PEOPLE: 1})
    [still] = [each for each in small_world.every(Obligation) if each.subject == "many"]
    assert (still.id, still.outcome) == (asked[0].id, None)
    did(small_world, lambda s: finish_step(s, LATER + HOUR, 1, "council", "many", PARTY, "Told."))


def test_when_it_occurred_is_noted_as_a_whole_where_only_together_it_is_in_order(small_world: World) -> None:
    """Its end alone would lie before the beginning that a party has stated: all that the reporter said was refused."""
    codes = report(small_world)
    party_states(small_world, FactName.OCCURRED_FROM, AFTER)
    said = {FactName.OCCURRED_FROM: BEFORE, FactName.OCCURRED_TO: BEFORE, FactName.PEOPLE: 4}
    added = reporter_says(small_world, codes, said)
    assert [each.name for each in added.stated] == [FactName.PEOPLE]
    assert set(added.noted) == {FactName.OCCURRED_FROM, FactName.OCCURRED_TO}
    assert FactName.OCCURRED_TO not in facts(small_world)
