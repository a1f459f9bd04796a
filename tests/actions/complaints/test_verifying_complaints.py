"""Every invariant of complaints can fail: a consistent store, altered in one thing behind its triggers, is found."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from typing import NamedTuple

import pytest
import sqlalchemy as sa

from actions.complaints import verifying
from actions.complaints.closing import close
from actions.complaints.determining import correct
from actions.complaints.following_up import act_locally, open_breach, open_gap
from actions.complaints.referring import refer
from actions.complaints.telling_complainant import tell_outcome
from actions.gaps.answering import name_answers
from actions.membership import leave
from actions.review_deciding import conclude, decide
from actions.review_drafting import begin_deciding, classify
from models.review import DecisionOutcome, Magnitude
from tests.actions.complaint_world import (
    HANDLER,
    UNKNOWN,
    WEDNESDAY,
    N,
    Y,
    acknowledged,
    done,
    found,
    given,
    received,
    sweep_complaints,
    with_nations,
)
from tests.actions.world import LOCKED, SECRETARY, World, party, put_back, saved

NOW = WEDNESDAY + timedelta(days=1)
FRESH, CLOSED, CORRECTED, OPEN, LEFT = 1, 2, 3, 4, 5  # the complaints
KEPT: list[bytes] = []


@pytest.fixture
def consistent(small_world: World) -> World:
    """One just received and referred across nations and back; one closed, with a gap that a version has answered; one
    that was corrected; one that is undetermined; one whose party has left."""
    if KEPT:
        put_back(small_world.store, KEPT[0])
        return small_world
    world = with_nations(small_world.drafting(LOCKED))
    with world.act() as session:
        received(session, received_by="fire")
    for slug in ("belfast", "police"):
        done(world, refer, FRESH, slug, HANDLER, "Theirs.")
    _closed(world)
    acknowledged(world)
    done(world, correct, found(world, CORRECTED), given(clear=N), HANDLER, "Nobody can read it.")
    for step in (act_locally, open_breach):
        done(world, step, 3, "What is to be done.", HANDLER)
    acknowledged(world)
    found(world, OPEN, given(followed=UNKNOWN))
    acknowledged(world, received_by="trust")
    with world.act() as session:
        leave(session, NOW, party(session, "trust"), SECRETARY, "Dissolved.")
    KEPT.append(saved(world.store))
    return world


def _closed(world: World) -> None:
    acknowledged(world)
    finding = found(world, CLOSED, given(followed=Y))
    done(world, open_gap, finding, "Nobody says when records are locked.", HANDLER)
    done(world, tell_outcome, CLOSED, HANDLER, "by letter")
    done(world, close, CLOSED, HANDLER)
    with world.act() as session:
        name_answers(session, WEDNESDAY, 1, ["gap:1"], SECRETARY)
        classify(session, WEDNESDAY, 1, Magnitude.MINOR, SECRETARY, "Because.")
        begin_deciding(session, WEDNESDAY, 1, SECRETARY)
        decide(session, WEDNESDAY, 1, DecisionOutcome.ACCEPTED, SECRETARY, because="Agreed.")
        conclude(session, WEDNESDAY, 1, SECRETARY)
    sweep_complaints(world, WEDNESDAY)


class Tampered(NamedTuple):
    what: str
    invariant: Callable[..., verifying.Broken]
    statements: tuple[str, ...]
    sentence: str


def of(complaint: int, kind: str) -> str:
    return f"\"case\" = 'complaint:{complaint}' AND kind = '{kind}'"


TAMPERED = (
    Tampered(
        "a stage without a move", verifying.every_complaint_took_a_path_of_the_lifecycle,
        (f"UPDATE complaint SET stage = 'closed' WHERE id = {OPEN}",),
        "complaint:4: is closed, its history ends at analysing",
    ),
    Tampered(
        "a move that leads nowhere", verifying.every_complaint_took_a_path_of_the_lifecycle,
        ("UPDATE history SET moved_to = 'closed' WHERE \"case\" = 'complaint:3' AND moved_to = 'acknowledged'",),
        "complaint:3: history says it moved from acknowledged to analysing while it was closed",
    ),
    Tampered(
        "a complaint without any move", verifying.every_complaint_took_a_path_of_the_lifecycle,
        ("DELETE FROM history WHERE \"case\" = 'complaint:1'",), "complaint:1: is received, its history ends at None",
    ),
    Tampered(
        "another day of its end", verifying.what_is_closed_ended_then,
        ("UPDATE complaint SET ended_at = datetime(ended_at, '-90 days') || '.000000' WHERE id = 2",),
        "and history says that it was closed otherwise",
    ),
    Tampered(
        "an end of what is open", verifying.what_is_closed_ended_then,
        (f"UPDATE complaint SET ended_at = received_at WHERE id = {OPEN}",),
        "complaint:4: is analysing, and has an end",
    ),
    Tampered(
        "words that nobody wrote", verifying.what_was_received_is_kept,
        (f"UPDATE narrative SET sha256 = '{'0' * 64}' WHERE id = (SELECT what_id FROM complaint WHERE id = 1)",),
        "complaint:1: is not what was received, or not when",
    ),
    Tampered(
        "another complaint's words", verifying.what_was_received_is_kept,
        ("INSERT INTO narrative (id, text, sha256) VALUES (999, 'x', 'x')",
         "UPDATE complaint SET what_id = 999 WHERE id = 2"),
        "complaint:2: is not what was received, or not when",
    ),
    Tampered(
        "another day of receipt", verifying.what_was_received_is_kept,
        ("UPDATE complaint SET received_at = datetime(received_at, '+1 days') || '.000000' WHERE id = 1",),
        "complaint:1: is not what was received, or not when",
    ),
    Tampered(
        "answered by somebody else", verifying.referrals_lead_to_whoever_answers,
        ("UPDATE complaint SET handler_id = 1 WHERE id = 1",),
        "complaint:1: is answered by party 1, and was last referred to 3",
    ),
    Tampered(
        "left to the secretary while nobody has left", verifying.referrals_lead_to_whoever_answers,
        ("UPDATE complaint SET handler_id = NULL WHERE id = 3",),
        "complaint:3: is answered by party None, and was last referred to 3",
    ),
    Tampered(
        "a hop that is gone", verifying.referrals_lead_to_whoever_answers,
        ("DELETE FROM referral WHERE id = 1",), "complaint:1: was referred by party 6, while party 2 had it",
    ),
    Tampered(
        "a hop that gave a day", verifying.no_hop_has_stopped_the_clock,
        (f"UPDATE obligation SET due_on = '2026-12-30' WHERE {of(FRESH, 'acknowledgement')} AND outcome IS NULL",),
        "complaint:1: its acknowledgement had 2 last days in england-and-wales",
    ),
    Tampered(
        "a day beyond the law's", verifying.no_hop_has_stopped_the_clock,
        (f"UPDATE obligation SET due_on = '2027-01-15' WHERE {of(CLOSED, 'acknowledgement')}",),
        "is due on 2027-01-15, more than thirty days after 2026-11-25",
    ),
    Tampered(
        "an acknowledgement that nobody owes", verifying.what_its_stage_brings_is_owed,
        (f"UPDATE obligation SET outcome = 'lapsed', discharged_at = opened_at WHERE {of(FRESH, 'acknowledgement')}",),
        "complaint:1: is received, and no acknowledgement is owed",
    ),
    Tampered(
        "progress that nobody owes", verifying.what_its_stage_brings_is_owed,
        (f"UPDATE obligation SET outcome = 'superseded', discharged_at = opened_at WHERE {of(OPEN, 'progress')}",),
        "complaint:4: is analysing, and no progress is owed",
    ),
    Tampered(
        "an analysis that is owed twice", verifying.what_its_stage_brings_is_owed,
        (f"UPDATE obligation SET outcome = NULL, discharged_at = NULL WHERE {of(LEFT, 'analysis')}",),
        "complaint:5: is analysing, and 2 analysis is owed",
    ),
    Tampered(
        "a closed one that owes", verifying.what_is_closed_owes_nothing,
        (f"UPDATE obligation SET outcome = NULL, discharged_at = NULL WHERE {of(CLOSED, 'progress')}",),
        "complaint:2:progress:1: still owed, although the complaint is closed",
    ),
    Tampered(
        "one that waits to be closed and is closed", verifying.what_waits_to_be_closed_is_determined,
        ("UPDATE matter SET closed_at = NULL, outcome = NULL WHERE source = 'complaint:2'",),
        "complaint:2:determined:1: is on the list as determined, and is closed",
    ),
    Tampered(
        "a question that nobody owes", verifying.whoever_is_asked_again_owes_an_answer,
        (f"UPDATE obligation SET outcome = 'lapsed', discharged_at = opened_at WHERE {of(CLOSED, 'recheck')}",),
        "complaint:2: whether version 4.3 covers it was asked, and nobody owes an answer",
    ),
    Tampered(
        "an answer that is still owed", verifying.whoever_is_asked_again_owes_an_answer,
        ("UPDATE recheck SET answer = 'yes'",), "complaint:2: whether version 4.3 covers it was answered and is still",
    ),
    Tampered(
        "a result that nobody found", verifying.findings_are_what_the_table_makes_of_the_answers,
        ("UPDATE finding SET result = 'neither' WHERE id = 2",),
        "finding 2: is neither; by the table its answers are breakdown",
    ),
    Tampered(
        "an observation that nobody made", verifying.findings_are_what_the_table_makes_of_the_answers,
        ("UPDATE finding SET observation = 'Hm.' WHERE id = 2",), "finding 2: is breakdown; by the table",
    ),
    Tampered(
        "an answer that was never asked", verifying.findings_are_what_the_table_makes_of_the_answers,
        ("UPDATE finding SET covered = 'no' WHERE id = 2",), "finding 2: Where no clause covers it, “followed” is not",
    ),
    Tampered(
        "an answer without a reason", verifying.findings_are_what_the_table_makes_of_the_answers,
        ("UPDATE finding SET reasons = '{}' WHERE id = 3",), "finding 3: not every answer has its reason",
    ),
    Tampered(
        "an answer turned round", verifying.findings_are_what_history_says,
        ("UPDATE finding SET harm = 'no' WHERE id = 2",), "finding 2: is not the one that was recorded",
    ),
    Tampered(
        "by the text of another version", verifying.findings_are_what_history_says,
        ("UPDATE finding SET version_id = 4 WHERE id = 3",), "finding 3: is not the one that was recorded",
    ),
    Tampered(
        "a finding that is gone", verifying.findings_are_what_history_says,
        ("DELETE FROM finding WHERE id = 2",), "finding 2: was recorded and is gone",
    ),
    Tampered(
        "a correction of nothing", verifying.one_finding_stands_for_each_issue,
        ("UPDATE finding SET corrects_id = NULL WHERE id = 3",), "complaint:3: 2 findings stand for issue 1",
    ),
    Tampered(
        "an issue that was answered twice", verifying.one_finding_stands_for_each_issue,
        ("INSERT INTO narrative (id, text, sha256) VALUES (997, 'The delay.', 'x'), (998, ' the DELAY.', 'x')",
         "UPDATE finding SET issue_id = 997 WHERE id = 1",
         "UPDATE finding SET issue_id = 998, complaint_id = 2, issue = 2 WHERE id = 4"),
        "complaint:2: 2 findings stand for one issue, by its words",
    ),
    Tampered(
        "an outcome told before it was found", verifying.whoever_complained_was_told,
        (f"UPDATE complaint SET told_at = received_at WHERE id = {CLOSED}",
         "UPDATE finding SET determined_at = datetime(determined_at, '+1 days') || '.000000' WHERE id = 1",),
        "complaint:2: its outcome was told before it was determined",
    ),
    Tampered(
        "a correction of another issue", verifying.one_finding_stands_for_each_issue,
        ("UPDATE finding SET corrects_id = 1 WHERE id = 3",), "finding 3: corrects one of another issue",
    ),
    Tampered(
        "determined with nothing found", verifying.what_is_determined_has_its_findings,
        ("DELETE FROM finding WHERE complaint_id = 3",),
        "complaint:3: is determined, and not every issue is determined",
    ),
    Tampered(
        "closed while it is undetermined", verifying.what_is_determined_has_its_findings,
        ("UPDATE finding SET result = 'undetermined' WHERE complaint_id = 2",),
        "complaint:2: is closed, and not every issue is determined",
    ),
    Tampered(
        "an effect of nothing", verifying.effects_are_there,
        ("UPDATE complainteffect SET breach_id = NULL WHERE effect = 'breach'",), "a breach that is not there",
    ),
    Tampered(
        "an action that nobody owes", verifying.effects_are_there,
        ("UPDATE complainteffect SET obligation_id = NULL WHERE effect = 'local action'",),
        "a local action that is not there",
    ),
    Tampered(
        "a gap that does not know where it came from", verifying.effects_are_there,
        ("DELETE FROM gaporigin",), "gap 1: does not know that it came from complaint 2",
    ),
    Tampered(
        "acknowledged by nothing", verifying.whoever_complained_was_told,
        ("DELETE FROM complaintnotice WHERE complaint_id = 4",), "complaint:4: is acknowledged, and nobody recorded",
    ),
    Tampered(
        "an outcome that nobody told", verifying.whoever_complained_was_told,
        ("DELETE FROM complaintnotice WHERE complaint_id = 2 AND kind = 'outcome'",),
        "complaint:2: its outcome was told, and nobody recorded how",
    ),
    Tampered(
        "closed behind somebody's back", verifying.whoever_complained_was_told,
        ("UPDATE complaint SET told_at = NULL WHERE id = 2",),
        "complaint:2: is closed, and whoever complained was not told",
    ),
)  # fmt: skip


def tamper(world: World, statements: tuple[str, ...]) -> None:
    """As somebody with the file in their hands does: without triggers, and without foreign keys."""
    world.store.dispose()
    with closing(sqlite3.connect(world.store.url.database or "")) as file:
        for (trigger,) in file.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            file.execute(f"DROP TRIGGER {trigger}")
        for statement in statements:
            assert file.execute(statement).rowcount > 0, f"altered nothing: {statement}"
        file.commit()


def test_what_nobody_has_altered_is_consistent(consistent: World) -> None:
    assert consistent.broken(NOW) == []


@pytest.mark.parametrize("tampered", TAMPERED, ids=lambda each: each.what)
def test_what_somebody_has_altered_is_found_by_its_invariant(consistent: World, tampered: Tampered) -> None:
    tamper(consistent, tampered.statements)
    with consistent.read() as session:
        said = list(tampered.invariant(session, NOW))
    assert [each for each in said if tampered.sentence in each], said
    assert set(said) <= set(consistent.broken(NOW))


def test_no_invariant_is_left_out() -> None:
    assert {each.invariant for each in TAMPERED} == set(verifying.INVARIANTS)


def test_more_complaints_are_proved_by_as_many_queries(consistent: World) -> None:
    def asked() -> int:
        count: list[int] = []
        with consistent.read() as session:
            sa.event.listen(session.connection(), "before_cursor_execute", lambda *_: count.append(1))
            for invariant in verifying.INVARIANTS:
                assert list(invariant(session, NOW)) == []
        return len(count)

    few = asked()
    for _ in range(3):
        done(consistent, refer, acknowledged(consistent), "fire", HANDLER, "Theirs.")
    found(consistent, 6)
    assert asked() == few <= 3 * len(verifying.INVARIANTS)


def test_a_purged_text_is_proved_by_its_own_hash(consistent: World) -> None:
    with consistent.act() as session:
        purged = "UPDATE narrative SET text = NULL WHERE id IN (SELECT what_id FROM complaint)"
        session.connection().exec_driver_sql(purged)
    assert consistent.broken(NOW) == []
