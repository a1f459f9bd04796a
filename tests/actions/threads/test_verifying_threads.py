"""Every invariant of the thread can fail: a consistent store, altered in one thing behind its triggers, is found."""

from collections.abc import Callable
from typing import NamedTuple

import pytest
import sqlalchemy as sa

from actions import verifying as everything
from actions.threads import verifying
from tests.actions.thread_world import INADEQUACY, NEITHER, SIGNED, complaint, effect, finding, tamper, with_the_story
from tests.actions.world import World


@pytest.fixture
def story(small_world: World) -> World:
    return with_the_story(small_world)


class Tampered(NamedTuple):
    what: str
    invariant: Callable[..., verifying.Broken]
    statements: tuple[str, ...]
    sentence: str


MADE = "(SELECT id FROM version WHERE label = '5.0')"
BEFORE = "(SELECT id FROM version WHERE label = '4.2')"


def words_of(clause: str, version: str = MADE) -> str:
    return f"version_id = {version} AND clause_id = (SELECT id FROM clause WHERE key = '{clause}')"


TAMPERED = (
    Tampered(
        "an accepted wording that is not in the version", verifying.accepted_proposals_are_a_difference,
        (f"UPDATE versionclause SET text = 'Records are kept.' WHERE {words_of('12-security')}",),
        "version 5.0: lacks the wording accepted with proposal 2",
    ),
    Tampered(
        "an accepted wording that stands at another clause", verifying.accepted_proposals_are_a_difference,
        (f"UPDATE versionclause SET clause_id = clause_id + 10 WHERE {words_of('12-security')}",
         "INSERT INTO clause (id, protocol_id, key, section, position) SELECT id + 10, protocol_id, 'x', 1, 9 "
         "FROM clause WHERE key = '12-security'"),
        "version 5.0: lacks the wording accepted with proposal 2",
    ),
    Tampered(
        "an acceptance that changed nothing", verifying.accepted_proposals_are_a_difference,
        (f"UPDATE versionclause SET text = 'Records are kept locked, day and night.' "
         f"WHERE {words_of('12-security', BEFORE)}",),
        "version 5.0: proposal 2 was accepted, and clause 12-security reads as before",
    ),
    Tampered(
        "a version of which nothing was accepted", verifying.accepted_proposals_are_a_difference,
        ("UPDATE decision SET outcome = 'rejected'",), "version 5.0: made by review 1, which accepted nothing",
    ),
    Tampered(
        "a difference that nobody decided", verifying.differences_were_decided,
        (f"UPDATE versionclause SET text = 'Nobody is asked.' WHERE {words_of('7-consent')}",),
        "version 5.0: clause 7-consent differs, and no decision of its review says so",
    ),
    Tampered(
        "a heading that nobody decided", verifying.differences_were_decided,
        (f"UPDATE versionclause SET heading = 'Anything' WHERE {words_of('7-consent')}",),
        "version 5.0: clause 7-consent differs, and no decision of its review says so",
    ),
    Tampered(
        "a clause that is gone", verifying.differences_were_decided,
        (f"DELETE FROM versionclause WHERE {words_of('13-breaches')}",),
        "version 5.0: clause 13-breaches differs, and no decision of its review says so",
    ),
    Tampered(
        "a decision that was taken back", verifying.differences_were_decided,
        ("UPDATE decision SET outcome = 'deferred' WHERE proposal_id = 2",),
        "version 5.0: clause 12-security differs, and no decision of its review says so",
    ),
    Tampered(
        "a version without its hash", verifying.versions_made_here_have_a_hash,
        ("UPDATE version SET sha256 = NULL WHERE label = '5.0'",),
        "version 5.0: was made by a review, and has no hash to sign under",
    ),
    Tampered(
        "a signature under nothing", verifying.signatures_are_under_the_text_they_name,
        ("UPDATE signature SET version_sha256 = NULL WHERE id = 1",), "names no text",
    ),
    Tampered(
        "a signature under nothing, and no hash to compare it with", verifying.signatures_are_under_the_text_they_name,
        ("UPDATE signature SET version_sha256 = NULL WHERE id = 1", "UPDATE version SET sha256 = NULL"),
        "names no text",
    ),
    Tampered(
        "a signature under another text", verifying.signatures_are_under_the_text_they_name,
        ("UPDATE signature SET version_sha256 = lower(hex(zeroblob(32))) WHERE id = 1",),
        "names another text than its version’s",
    ),
    Tampered(
        "an effect that is gone", verifying.answered_complaints_have_their_effects,
        ("DELETE FROM complainteffect WHERE complaint_id = 1 AND effect = 'gap'",),
        "complaint:1: finding 1 is both, and lacks what follows (gap)",
    ),
    Tampered(
        "a breakdown of which nothing followed", verifying.answered_complaints_have_their_effects,
        ("DELETE FROM complainteffect WHERE complaint_id = 1 AND effect = 'local action'",),
        "complaint:1: finding 1 is both, and lacks what follows (breach or local action)",
    ),
    Tampered(
        "a “no change” that does not say why", verifying.answered_complaints_have_their_effects,
        ("DELETE FROM complainteffect WHERE complaint_id = 4",),
        "complaint:4: finding 4 is neither, and lacks what follows (no change)",
    ),
)  # fmt: skip


def found(world: World, *invariants: Callable[..., verifying.Broken]) -> list[str]:
    with world.read() as session:
        return [said for invariant in invariants for said in invariant(session, SIGNED)]


def test_what_nobody_has_altered_is_consistent(story: World) -> None:
    assert found(story, *verifying.INVARIANTS) == []


@pytest.mark.parametrize("tampered", TAMPERED, ids=lambda each: each.what)
def test_what_somebody_has_altered_is_found_by_its_invariant(story: World, tampered: Tampered) -> None:
    tamper(story, tampered.statements)
    assert [said for said in found(story, tampered.invariant) if tampered.sentence in said]


def test_no_invariant_is_left_out() -> None:
    assert {each.invariant for each in TAMPERED} == set(verifying.INVARIANTS)
    assert set(verifying.INVARIANTS) <= set(everything.INVARIANTS)


def test_a_complaint_that_waits_or_was_withdrawn_needs_no_effect(story: World) -> None:
    with story.act() as session:
        finding(session, complaint(session, stage="determined", outcome=None), INADEQUACY)
        finding(session, complaint(session, outcome="withdrawn"), INADEQUACY)
        corrected = complaint(session)
        wrong = finding(session, corrected, INADEQUACY)
        finding(session, corrected, INADEQUACY, corrects_id=wrong.id)
        effect(session, wrong, "gap", gap_id=1)
    assert found(story, *verifying.INVARIANTS) == []


def test_that_nothing_changes_does_not_hold_for_a_correction(story: World) -> None:
    with story.act() as session:
        corrected = complaint(session)
        wrong = finding(session, corrected, NEITHER, "7-consent")
        effect(session, wrong, "no change")
        finding(session, corrected, INADEQUACY, corrects_id=wrong.id)
    assert found(story, *verifying.INVARIANTS) == ["complaint:5: finding 6 is inadequacy, and lacks what follows (gap)"]


def test_more_cases_are_proved_by_as_many_queries(story: World) -> None:
    def asked() -> int:
        count: list[int] = []
        with story.read() as session:
            sa.event.listen(session.connection(), "before_cursor_execute", lambda *_: count.append(1))
            for invariant in verifying.INVARIANTS:
                assert list(invariant(session, SIGNED)) == []
        return len(count)

    few = asked()
    with story.act() as session:
        for _ in range(5):
            effect(session, finding(session, complaint(session), INADEQUACY), "gap", gap_id=1)
    assert asked() == few <= 3 * len(verifying.INVARIANTS)
