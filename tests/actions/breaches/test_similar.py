"""Earlier breaches that say the same."""

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import Session

from actions.breaches.learning import learn
from actions.breaches.merging import merge
from actions.breaches.shown_to_party import view_of_party
from actions.breaches.similar import Similar, similar_breaches
from cli.breach_text import breach_text
from models.breach import Breach, LessonEffect
from rules.breach import Stage
from tests.actions.breach_world import COORDINATOR, FRIDAY, begun, follow_procedure, procedure
from tests.actions.databases import on_postgres_among_the_slow
from tests.actions.world import SECRETARY, World, played_once

DAY = timedelta(days=1)


@pytest.fixture
def six(world: World) -> World:
    return play_six(world)


@played_once
def play_six(world: World) -> None:
    """Of the sixth: one at the same party, one at another, one from the same cause, one of nothing, one later."""
    with world.act() as session:
        follow_procedure(session, FRIDAY, procedure(parties=("council", "police", "fire")))
        report(session, 0, "council", CLAUSES=["12-security", "7-consent"])
        report(session, 1, "police", CLAUSES=["12-security"])
        report(session, 2, "fire", CLAUSES=["7-consent"], CAUSE="Shared Mailbox")
        report(session, 3, "council", CLAUSES=["7-consent"])
        report(session, 4, "council", "fire", CLAUSES=["12-security"], CAUSE="shared mailbox")
        report(session, 5, "council", CLAUSES=["12-security"])
        for number, slug in ((1, "council"), (2, "police")):
            learn(session, FRIDAY + 9 * DAY, number, slug, f"cause {slug}", "Words.", LessonEffect.NONE, COORDINATOR,
                  none_because="Rare.")  # fmt: skip


def report(session: Session, days: int, *slugs: str, **facts: Any) -> None:
    begun(session, FRIDAY + days * DAY, *slugs, **facts)


def similar(world: World, number: int = 5, slug: str | None = None) -> list[Similar]:
    with world.read() as session:
        return similar_breaches(session, session.get_one(Breach, number), slug)


def test_the_same_clause_at_the_same_party_comes_first_then_at_others_then_the_same_cause(six: World) -> None:
    found = similar(six)
    assert [(each.breach_id, each.party, each.clause, each.cause) for each in found] == [
        (1, "council", "12-security", "cause council"),
        (2, "police", "12-security", "cause police"),
        (3, "fire", None, ""),
    ]
    assert found[0].at == FRIDAY
    assert (found[0].stage, found[0].outcome) == (Stage.ASSESSING, None)


@on_postgres_among_the_slow
def test_a_cause_is_the_same_in_capitals_and_whatever_its_letters_and_signs(world: World) -> None:
    with world.act() as session:
        follow_procedure(session, FRIDAY, procedure())
        for days, cause in enumerate(("STRASSE Ä_1", "straße ä_1", "straße äx1", "100% Straße", "Straße Ä_1")):
            report(session, days, "council", CAUSE=cause)
        report(session, 5, "council", CAUSE="100% strasse")
    assert [each.breach_id for each in similar(world, 5)] == [2, 1]
    assert [each.breach_id for each in similar(world, 6)] == [4]


def rows_read(world: World, number: int) -> tuple[list[int], int]:
    with world.read() as session:
        breach, read = session.get_one(Breach, number), list[object]()
        sa.event.listen(session, "loaded_as_persistent", lambda _, row: read.append(row))
        found = similar_breaches(session, breach)
        return [each.breach_id for each in found], len(read)


def test_no_row_more_is_read_for_earlier_breaches_that_are_not_alike(six: World) -> None:
    found, read = rows_read(six, 6)
    assert found == [5, 1, 5, 2]
    with six.act() as session:
        for _ in range(10):
            report(session, 4, "fire", CLAUSES=["13-breaches"], CAUSE="An open door")
            report(session, 4, "council")
    assert rows_read(six, 6) == (found, read)
    with six.act() as session:
        report(session, 4, "police", CLAUSES=["12-security"])
    assert rows_read(six, 6)[1] > read, "one that is alike is read"


def test_a_party_reads_the_causes_of_its_own_lessons_alone(six: World) -> None:
    assert [(each.breach_id, each.causes, each.same_party) for each in similar(six, slug="police")] == [
        (2, ("cause police",), True), (1, (), False), (3, (), False)
    ]  # fmt: skip


def test_a_party_is_told_of_its_own_breaches_and_of_others_only_how_many_there_are(six: World) -> None:
    with six.read() as session:
        view = view_of_party(session, FRIDAY + 9 * DAY, session.get_one(Breach, 5), "fire")
    assert [(each.breach, each.party, each.clause) for each in view.similar] == [(3, "fire", None)]
    assert [(each.clause, each.breaches) for each in view.similar_elsewhere] == [("12-security", 2)]
    said = breach_text(view)
    assert "two breaches elsewhere: clause 12-security" in said
    assert "Breach 2" not in said


def test_what_came_later_or_was_merged_is_not_earlier(six: World) -> None:
    assert similar(six, 1) == []
    with six.act() as session:
        merge(session, FRIDAY + 9 * DAY, 1, 4, SECRETARY, "The same.")
    assert 1 not in [each.breach_id for each in similar(six)]


@on_postgres_among_the_slow
def test_a_lesson_s_cause_is_compared_with_others(six: World) -> None:
    with six.act() as session:
        learn(session, FRIDAY + 9 * DAY, 4, "council", "Cause Police", "Words.", LessonEffect.NONE, COORDINATOR,
              none_because="Rare.")  # fmt: skip
    assert (2, None) in [(each.breach_id, each.clause) for each in similar(six, 4)]


@on_postgres_among_the_slow
def test_the_newest_statement_counts(six: World) -> None:
    from actions.breaches.stating import state_facts
    from rules.breach_facts import FactName

    with six.act() as session:
        state_facts(session, FRIDAY + 9 * DAY, 1, {FactName.CLAUSES: ["13-breaches"]}, COORDINATOR, "Not that one.")
    assert 1 not in [each.breach_id for each in similar(six)]
