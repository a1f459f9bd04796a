"""Every invariant of gaps can fail: a consistent store, altered in one thing behind its triggers, is found."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from typing import NamedTuple

import pytest
import sqlalchemy as sa

from actions.gaps import verifying
from actions.gaps.living import assign, close_gap, mark_urgent, open_gap_for
from actions.review_concluding import conclude
from actions.review_deciding import decide
from actions.review_drafting import begin_deciding, classify, propose
from actions.review_feedback import give_feedback
from actions.review_opening import open_extraordinary
from models.review import DecisionOutcome, Magnitude
from tests.actions.world import LOCKED, NOVEMBER, SECRETARY, WRITTEN, World, party, played_once, protocol

RESOLVED, OPEN, CLOSED, PROPOSED = 1, 2, 3, 4  # the gaps


@pytest.fixture
def consistent(small_world: World) -> World:
    return story(small_world)


@played_once
def story(world: World) -> None:
    """Gap 1 is resolved in version 4.3; 2 is open, urgent, a party's own and of a feedback; 3 is closed; 4 is named by
    a proposal on the table of the second review."""
    world.drafting()
    with world.act() as session:
        give_feedback(session, NOVEMBER, 1, party(session, "fire"), "fire", comments="Who asks?")
        for words in ("Nobody locks.", "Who asks?", "Who reads?", "Who writes?"):
            origin = "feedback:1" if words == "Who asks?" else None
            open_gap_for(session, NOVEMBER, protocol(session), "7-consent", words, origin, SECRETARY)
        propose(session, NOVEMBER, 1, LOCKED, SECRETARY, ["gap:1", "feedback:1"])
        classify(session, NOVEMBER, 1, Magnitude.MINOR, SECRETARY, "A word.")
        begin_deciding(session, NOVEMBER, 1, SECRETARY)
        decide(session, NOVEMBER, 1, DecisionOutcome.ACCEPTED, SECRETARY, because="Yes.")
        conclude(session, NOVEMBER, 1, SECRETARY)
        mark_urgent(session, NOVEMBER, OPEN, SECRETARY, "Now.")
        assign(session, NOVEMBER, OPEN, "fire", SECRETARY)
        close_gap(session, NOVEMBER, CLOSED, SECRETARY, "Nobody does.")
        review = open_extraordinary(session, NOVEMBER, protocol(session), SECRETARY, "Again.")
        propose(session, NOVEMBER, review.id or 0, WRITTEN, SECRETARY, ["gap:4"])


class Tampered(NamedTuple):
    what: str
    invariant: Callable[..., verifying.Broken]
    statement: str
    sentence: str


PATH, SAID = verifying.every_gap_took_a_path_of_the_lifecycle, verifying.gaps_are_what_history_says
NAMED = verifying.what_a_proposal_answers_is_what_history_says
ANSWERED, PROPOSAL = verifying.a_resolved_gap_was_answered_in_its_version, verifying.a_proposed_gap_has_its_proposal
COUNTS, WHEN = verifying.a_resolved_gap_is_answered_by_what_counts, verifying.every_ended_gap_says_when

TAMPERED = (
    Tampered("a stage without a move", PATH, "UPDATE gap SET stage = 'proposed' WHERE id = 2",
             "gap:2: is proposed, its history ends at open"),
    Tampered("a move that leads nowhere", PATH,
             "UPDATE history SET moved_to = 'closed' WHERE \"case\" = 'gap:1' AND moved_to = 'proposed'",
             "gap:1: history says it moved from proposed to resolved while it was closed"),
    Tampered("a gap whose chain is gone", PATH, "DELETE FROM history WHERE \"case\" = 'gap:2'",
             "gap:2: is open, its history ends at None"),
    Tampered("a gap that is gone", PATH, "DELETE FROM gap WHERE id = 2", "gap:2: has a history, and is gone"),
    Tampered("words that nobody wrote", SAID, "UPDATE gap SET words = 'Nothing.' WHERE id = 2",
             "gap:2: its text is not what history says"),
    Tampered("another clause", SAID, "UPDATE gap SET clause_id = NULL WHERE id = 2",
             "gap:2: its clause is not what history says"),
    Tampered("an urgency that is gone", SAID, "UPDATE gap SET urgent = 0 WHERE id = 2",
             "gap:2: its urgency is not what history says"),
    Tampered("another owner", SAID, "UPDATE gap SET owner_id = NULL WHERE id = 2",
             "gap:2: its owner is not what history says"),
    Tampered("an origin that is gone", SAID, "DELETE FROM gaporigin WHERE gap_id = 2",
             "gap:2: its list of origins is not what history says"),
    Tampered("an origin that nobody named", SAID, "UPDATE gaporigin SET gap_id = 3",
             "gap:3: its list of origins is not what history says"),
    Tampered("another reason", SAID, "UPDATE gap SET closed_because = 'Because.' WHERE id = 3",
             "gap:3: its reason is not what history says"),
    Tampered("another version", SAID, "UPDATE gap SET resolved_in_id = 1 WHERE id = 1",
             "gap:1: its version is not what history says"),
    Tampered("a version that made nothing of it", ANSWERED, "UPDATE gap SET resolved_in_id = 1 WHERE id = 1",
             "gap:1: is resolved in version 4, whose review accepted nothing that answers it"),
    Tampered("a version that is not there", ANSWERED, "UPDATE gap SET resolved_in_id = 99 WHERE id = 1",
             "gap:1: is resolved, in no version"),
    Tampered("a decision that was another", ANSWERED, "UPDATE decision SET outcome = 'rejected'",
             "gap:1: is resolved in version 4.3, whose review accepted nothing that answers it"),
    Tampered("a version that never came into force", COUNTS,
             "UPDATE version SET in_force_from = NULL WHERE label = '4.3'",
             "gap:1: is resolved in version 4.3, which never came into force"),
    Tampered("a proposal that was withdrawn", PROPOSAL, "UPDATE proposal SET withdrawn_why = 'No.' WHERE id = 2",
             "gap:4: is proposed, and no proposal on any review's table answers it"),
    Tampered("a gap that is taken off the table", PROPOSAL, "UPDATE gap SET stage = 'open' WHERE id = 4",
             "gap:4: is open, and proposal 2 answers it"),
    Tampered("an answer that is gone", NAMED, "DELETE FROM proposalanswer WHERE answers = 'feedback:1'",
             "proposal 1: that it answers feedback:1 is gone"),
    Tampered("an answer that nobody named", NAMED,
             "UPDATE proposalanswer SET answers = 'breach:7' WHERE answers = 'feedback:1'",
             "proposal 1: nobody has said that it answers breach:7"),
    Tampered("an answer to another gap", NAMED, "UPDATE proposalanswer SET gap_id = 2 WHERE answers = 'gap:4'",
             "proposal 2: answers gap:4, and names another gap"),
    Tampered("an end without an instant", WHEN, "UPDATE gap SET closed_at = NULL WHERE id = 3",
             "gap:3: is closed, and the instant at which it ended does not agree"),
)  # fmt: skip


@pytest.mark.parametrize("tampered", TAMPERED, ids=lambda each: each.what)
def test_what_somebody_has_altered_is_found_by_its_invariant(consistent: World, tampered: Tampered) -> None:
    consistent.store.dispose()
    with closing(sqlite3.connect(consistent.store.url.database or "")) as file:
        for (trigger,) in file.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            file.execute(f"DROP TRIGGER {trigger}")
        assert file.execute(tampered.statement).rowcount > 0, "altered nothing"
        file.commit()
    with consistent.read() as session:
        found = list(tampered.invariant(session, NOVEMBER))
    assert tampered.sentence in found
    assert set(found) <= set(consistent.broken(NOVEMBER))


def test_what_nobody_has_altered_is_consistent(consistent: World) -> None:
    assert consistent.broken(NOVEMBER) == []


def test_no_invariant_is_left_out() -> None:
    assert {each.invariant for each in TAMPERED} == set(verifying.INVARIANTS)


def test_more_gaps_are_proved_by_as_many_queries(consistent: World) -> None:
    def asked() -> int:
        count: list[int] = []
        with consistent.read() as session:
            sa.event.listen(session.connection(), "before_cursor_execute", lambda *_: count.append(1))
            for invariant in verifying.INVARIANTS:
                assert list(invariant(session, NOVEMBER)) == []
        return len(count)

    few = asked()
    with consistent.act() as session:
        for number in range(5):
            open_gap_for(session, NOVEMBER, protocol(session), None, f"Number {number}.", "feedback:1", SECRETARY)
    assert asked() == few


def test_a_purged_reason_leaves_the_gap_as_it_was(consistent: World) -> None:
    with consistent.act() as session:
        session.connection().exec_driver_sql("UPDATE narrative SET text = NULL WHERE text = 'Now.'")
    assert consistent.broken(NOVEMBER) == []


def test_words_that_retention_has_emptied_are_no_longer_compared(consistent: World) -> None:
    with consistent.act() as session:
        gap = open_gap_for(session, NOVEMBER, protocol(session), None, "It names nobody.", None, SECRETARY)
        close_gap(session, NOVEMBER, gap.id or 0, SECRETARY, "It is said elsewhere.")
    with consistent.act() as session:
        session.connection().exec_driver_sql("UPDATE gap SET words = ''")
        session.connection().exec_driver_sql("UPDATE gap SET closed_because = '' WHERE stage = 'closed'")
    assert consistent.broken(NOVEMBER) == []
