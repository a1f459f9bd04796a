"""Deciding and concluding: what the group decided, under its own rule, and the version that follows."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlmodel import col

from actions.clauses import current_version
from actions.membership import leave
from actions.proposals import AlreadyDecided, NotStanding
from actions.reasons import ReasonNeeded
from actions.review_advising import AdviceMissing
from actions.review_concluding import StillUndecided
from actions.review_deciding import (
    DecidedBeforeItWasRaised,
    DecidedInTheFuture,
    NoDifference,
    NotBeingDecided,
    TwoWordings,
    WordingNeeded,
    WordingNotExpected,
    conclude,
    decide,
)
from actions.review_drafting import begin_deciding, classify, give_advice, merge, return_to_drafting
from actions.review_table import proposal_line, proposal_named
from actions.versions import changes_of, previous_version, text_of, version_named
from models.history import Narrative
from models.obligation import Obligation, ObligationKind, Outcome
from models.outbox import Message
from models.protocol import Version
from models.review import Advice, Decision, DecisionOutcome, Magnitude, Review
from rules.decisions import RuleNotMet, Vote
from rules.review import Stage, StepNotAllowed
from rules.versions import Change, text_hash
from tests.actions.world import (
    CLAUSES,
    LOCKED,
    NOVEMBER,
    PARTIES,
    SECRETARY,
    WRITTEN,
    Proposed,
    World,
    at_once,
    party,
    protocol,
)

ACCEPTED, CHANGED = DecisionOutcome.ACCEPTED, DecisionOutcome.ACCEPTED_WITH_CHANGES
REJECTED, DEFERRED = DecisionOutcome.REJECTED, DecisionOutcome.DEFERRED
MINOR, MAJOR = Magnitude.MINOR, Magnitude.MAJOR
AGAIN = Proposed(clause="12-security", wording="Records are locked up.")
ALL_FOR = dict.fromkeys(PARTIES, Vote.FOR)


def ruling(
    world: World,
    proposal: int,
    outcome: DecisionOutcome,
    at: datetime = NOVEMBER,
    because: str = "Agreed.",
    **more: Any,
) -> Decision:
    with world.act() as session:
        return decide(session, at, proposal, outcome, SECRETARY, because=because, **more)


def concluded(world: World, review: int = 1, at: datetime = NOVEMBER) -> Stage:
    with world.act() as session:
        return conclude(session, at, review, SECRETARY)


# Decisions


def test_a_decision_is_kept_with_reason_rule_and_dissent_in_its_own_words(world: World) -> None:
    world.deciding(MINOR)
    dissent = "  “We” — the Fire Service —\n\tdo NOT agree;  <b>at all</b>. "
    decided_on = date(2026, 11, 23)
    ruling(
        world,
        1,
        ACCEPTED,
        at=NOVEMBER + timedelta(days=3),
        because=" It is clearer. ",
        dissent=dissent,
        decided_on=decided_on,
    )
    decision = world.only(Decision)
    assert (decision.outcome, decision.wording, decision.decided_on) == (ACCEPTED, None, decided_on)
    assert decision.rule.startswith("The protocol states no rule of decision")
    with world.read() as session:
        assert session.get_one(Narrative, decision.reason_id).text == "It is clearer."
        assert session.get_one(Narrative, decision.dissent_id).text == dissent


def test_the_same_decision_twice_or_at_once_is_one(world: World) -> None:
    world.deciding(MINOR)
    found = at_once(3, lambda: ruling(world, 1, CHANGED, wording="Locked, always.", dissent="No."))
    assert {getattr(each, "id", each) for each in found} == {1}
    ruling(world, 1, CHANGED, at=NOVEMBER + timedelta(days=1), wording=" Locked, always. ", dissent="No.")
    assert world.moves().count("proposal accepted with changes") == 1


@pytest.mark.parametrize(
    ("outcome", "more"),
    [
        (REJECTED, {}),
        (ACCEPTED, {"because": "For another reason."}),
        (ACCEPTED, {"dissent": "We disagree."}),
        (ACCEPTED, {"decided_on": date(2026, 11, 24)}),
        (ACCEPTED, {"votes": {"fire": Vote.FOR}}),
        (CHANGED, {"wording": "Locked twice."}),
    ],
    ids=lambda value: str(value),
)
def test_another_decision_on_what_was_decided_is_refused(
    small_world: World, outcome: DecisionOutcome, more: dict[str, Any]
) -> None:
    small_world.deciding(MINOR)
    ruling(small_world, 1, ACCEPTED)
    with pytest.raises(AlreadyDecided, match=r"^Proposal 1 was decided on 2026-11-23: accepted\.$"):
        ruling(small_world, 1, outcome, at=NOVEMBER + timedelta(days=2), **more)


def test_another_wording_under_the_same_outcome_is_another_decision(small_world: World) -> None:
    """It once passed for the same one, and the first wording stood."""
    small_world.deciding(MINOR)
    ruling(small_world, 1, CHANGED, wording="Locked twice.")
    with pytest.raises(AlreadyDecided):
        ruling(small_world, 1, CHANGED, wording="Locked three times.")


@pytest.mark.parametrize(
    ("outcome", "more", "error"),
    [
        (ACCEPTED, {"because": " "}, ReasonNeeded),
        (CHANGED, {}, WordingNeeded),
        (CHANGED, {"wording": " "}, WordingNeeded),
        (ACCEPTED, {"wording": "Locked twice."}, WordingNotExpected),
        (REJECTED, {"wording": "Locked twice."}, WordingNotExpected),
        (ACCEPTED, {"decided_on": date(2026, 11, 24)}, DecidedInTheFuture),
        (ACCEPTED, {"decided_on": date(2016, 11, 23)}, DecidedBeforeItWasRaised),
        (CHANGED, {"wording": CLAUSES["12-security"][1]}, NoDifference),
        (REJECTED, {"votes": {"a-stranger": Vote.AGAINST}}, RuleNotMet),
    ],
    ids=lambda value: str(value),
)
def test_what_cannot_be_recorded(
    small_world: World, outcome: DecisionOutcome, more: dict[str, Any], error: type[Exception]
) -> None:
    small_world.deciding(MINOR)
    before = small_world.rows()
    with pytest.raises(error):
        ruling(small_world, 1, outcome, **more)
    assert small_world.rows() == before


def test_a_decision_is_taken_while_the_review_is_at_it_on_what_stands(small_world: World) -> None:
    small_world.drafting(LOCKED, AGAIN)
    with pytest.raises(NotBeingDecided, match="review 1 is being drafted"):
        ruling(small_world, 1, ACCEPTED)
    with small_world.act() as session:
        merge(session, NOVEMBER, 2, 1, SECRETARY, "The same.")
        classify(session, NOVEMBER, 1, MINOR, SECRETARY, "A word.")
        begin_deciding(session, NOVEMBER, 1, SECRETARY)
    with pytest.raises(NotStanding, match="Proposal 2 was merged into 1"):
        ruling(small_world, 2, ACCEPTED)


def test_one_clause_gets_one_wording_and_the_sentence_names_the_clause(world: World) -> None:
    world.deciding(MINOR, LOCKED, AGAIN)
    ruling(world, 1, ACCEPTED)
    with pytest.raises(TwoWordings, match=r"^Clause 12-security has an accepted wording already, that of proposal 1"):
        ruling(world, 2, ACCEPTED)
    ruling(world, 2, REJECTED)
    assert concluded(world) is Stage.ADOPTED


def test_advice_that_is_missing_stops_the_decision_too(small_world: World) -> None:
    """Whatever way a major proposal came to be decided without: the decision asks again."""
    small_world.deciding(MAJOR)
    with small_world.act() as session:
        session.connection().exec_driver_sql("DROP TRIGGER advice_append_only_delete")
        session.connection().execute(sa.delete(Advice))
    with pytest.raises(AdviceMissing):
        ruling(small_world, 1, ACCEPTED)


# The rule that the protocol states


@pytest.mark.parametrize(
    ("policy", "refused", "met", "rule"),
    [
        (
            {"decision_rule": "unanimity"},
            {"votes": ALL_FOR | {"fire": Vote.ABSTAINED}},
            {"votes": ALL_FOR},
            "Unanimity: all 4 parties voted for it.",
        ),
        (
            {"decision_rule": "majority", "quorum": 3},
            {"votes": {"fire": Vote.FOR, "police": Vote.FOR}},
            {"votes": {"fire": Vote.FOR, "police": Vote.FOR, "trust": Vote.AGAINST}},
            "Majority with a quorum of 3: 2 for, 1 against, 3 voting.",
        ),
        (
            {"decision_rule": "named decider", "decider": "Chief Constable"},
            {},
            {"decided_by": "chief constable"},
            "Decided by the Chief Constable, as the protocol says.",
        ),
    ],
    ids=["unanimity", "majority", "named decider"],
)
def test_accepting_keeps_to_the_protocols_rule(
    sqlite_store: sa.Engine, policy: dict[str, Any], refused: dict[str, Any], met: dict[str, Any], rule: str
) -> None:
    world = World(sqlite_store, changes=policy).deciding(MINOR)
    with pytest.raises(RuleNotMet):
        ruling(world, 1, ACCEPTED, **refused)
    decision = ruling(world, 1, ACCEPTED, **met)
    assert decision.rule == rule
    assert decision.votes == {name: vote.value for name, vote in met.get("votes", {}).items()}


def test_rejecting_and_deferring_need_no_majority(sqlite_store: sa.Engine) -> None:
    world = World(sqlite_store, changes={"decision_rule": "unanimity"}).deciding(MINOR, LOCKED, WRITTEN)
    assert ruling(world, 1, REJECTED).rule == "Not accepted: no rule of decision applies."
    assert ruling(world, 2, DEFERRED, votes={"fire": Vote.AGAINST}).votes == {"fire": "against"}


def test_whoever_has_left_has_no_vote_and_is_not_waited_for(sqlite_store: sa.Engine) -> None:
    world = World(sqlite_store, changes={"decision_rule": "unanimity"}).deciding(MINOR)
    with world.act() as session:
        leave(session, NOVEMBER, party(session, "fire"), SECRETARY, "It merged.")
    with pytest.raises(RuleNotMet, match="fire cannot vote"):
        ruling(world, 1, ACCEPTED, votes=ALL_FOR)
    assert ruling(world, 1, ACCEPTED, votes={name: Vote.FOR for name in PARTIES if name != "fire"})


# Concluding


def test_nothing_accepted_is_no_change_and_everybody_hears_it_with_the_next_date(world: World) -> None:
    world.deciding(MINOR, LOCKED, WRITTEN)
    ruling(world, 1, REJECTED)
    with pytest.raises(StillUndecided, match=r"^Decide every proposal first: 2 still to go\.$"):
        concluded(world)
    ruling(world, 2, DEFERRED)
    assert concluded(world) is Stage.NO_CHANGE
    assert world.counts()["review_concluded_unchanged"] == 4
    assert "Thursday 23 December 2027" in world.only(Message, Message.key == "review:1:unchanged:fire").text
    assert [v.label for v in world.every(Version)] == ["4", "4.1", "4.2"]
    assert world.every(Obligation, col(Obligation.outcome).is_(None)) == []
    before = world.rows()
    with pytest.raises(StepNotAllowed, match="closed: reviewed with no change"):
        concluded(world)
    assert world.rows() == before


def test_a_review_without_proposals_ends_from_drafting(small_world: World) -> None:
    small_world.drafting()
    assert concluded(small_world) is Stage.NO_CHANGE
    assert {duty.outcome for duty in small_world.duties(ObligationKind.FEEDBACK)} == {Outcome.WAIVED}


def test_a_minor_version_is_announced_and_in_force(world: World) -> None:
    world.decided(MINOR)
    assert concluded(world) is Stage.ADOPTED
    with world.read() as session:
        version = version_named(session, protocol(session), "4.3")
        text = CLAUSES | {"12-security": ("Security", LOCKED.wording)}
        assert text_of(session, version) == text
        assert version.sha256 == text_hash("4.3", text)
        assert changes_of(session, version) == (Change("12-security", CLAUSES["12-security"][1], LOCKED.wording),)
        assert (version.in_force_from, version.review_id) == (date(2026, 11, 23), 1)
        assert current_version(session, protocol(session)) == version
    assert world.counts()["version_announced"] == 4
    assert world.duties(ObligationKind.SIGNATURE) == []
    assert world.duties(ObligationKind.CONFIRMATION) == []
    assert world.review().ended_at == NOVEMBER
    assert world.broken(NOVEMBER) == []


def test_a_major_version_waits_for_every_signature(world: World) -> None:
    world.signing()
    [version] = world.every(Version, Version.label == "5.0")
    assert (version.major, version.minor, version.in_force_from) == (5, 0, date(2026, 11, 23))
    duties = world.duties(ObligationKind.SIGNATURE)
    assert {duty.key for duty in duties} == {f"westshire:version:5.0:sign:{slug}" for slug in PARTIES}
    assert {duty.due_on for duty in duties} == {date(2027, 2, 23)}
    asked = world.every(Message, Message.kind == "signature_requested")
    assert len(asked) == 4
    assert all(version.sha256 and version.sha256 in message.text for message in asked)
    assert world.review(2).stage is Stage.SCHEDULED, "the next one does not wait for the last signature"
    assert world.broken(NOVEMBER) == []


def test_the_database_keeps_text_and_decisions_as_they_are(world: World) -> None:
    world.decided(MINOR)
    concluded(world)
    for change in (
        "UPDATE versionclause SET text = 'Anything goes.'",
        "DELETE FROM versionclause",
        "UPDATE version SET sha256 = '0' WHERE label = '4.3'",
        "UPDATE version SET label = '4.4' WHERE label = '4.3'",
        "DELETE FROM version WHERE label = '4.3'",
        "UPDATE decision SET outcome = 'rejected'",
        "DELETE FROM decision",
    ):
        with pytest.raises(IntegrityError, match="append-only"), world.act() as session:
            session.execute(sa.text(change))


def test_a_wording_accepted_with_changes_is_what_the_version_says(small_world: World) -> None:
    small_world.deciding(MINOR)
    ruling(small_world, 1, CHANGED, wording="Records are kept locked at night.")
    concluded(small_world)
    with small_world.read() as session:
        version = version_named(session, protocol(session), "4.3")
        assert text_of(session, version)["12-security"] == ("Security", "Records are kept locked at night.")


def test_a_proposal_goes_on_showing_what_it_changed_when_the_version_is_made(small_world: World) -> None:
    small_world.deciding(MINOR)
    with small_world.read() as session:
        before = proposal_line(session, proposal_named(session, 1)).current
    ruling(small_world, 1, CHANGED, wording="Records are kept locked at night.")
    concluded(small_world)
    with small_world.read() as session:
        line = proposal_line(session, proposal_named(session, 1))
        assert line.current == before
        assert line.current != "Records are kept locked at night."


def test_one_major_change_makes_the_version_a_major_one(small_world: World) -> None:
    small_world.drafting(LOCKED, WRITTEN)
    with small_world.act() as session:
        classify(session, NOVEMBER, 1, MAJOR, SECRETARY, "It costs money.")
        classify(session, NOVEMBER, 2, MINOR, SECRETARY, "A word.")
        give_advice(session, NOVEMBER, 1, "Lawful.", "adviser")
        begin_deciding(session, NOVEMBER, 1, SECRETARY)
    ruling(small_world, 1, ACCEPTED)
    ruling(small_world, 2, ACCEPTED)
    assert concluded(small_world) is Stage.SIGNING


def test_a_major_proposal_that_was_not_accepted_makes_no_major_version(small_world: World) -> None:
    small_world.deciding(MAJOR, LOCKED, WRITTEN)
    ruling(small_world, 1, REJECTED)
    ruling(small_world, 2, REJECTED)
    assert concluded(small_world) is Stage.NO_CHANGE


def test_a_protocol_may_have_its_minor_versions_signed(sqlite_store: sa.Engine) -> None:
    world = World(sqlite_store, changes={"minor_version": "sign"}).decided(MINOR)
    assert concluded(world) is Stage.SIGNING
    assert {duty.subject for duty in world.duties(ObligationKind.SIGNATURE)} == {"version:4.3"}


def test_a_number_that_a_draft_bears_already_is_passed_over(small_world: World) -> None:
    with small_world.act() as session:
        day = date(2016, 1, 1)
        session.add(
            Version(protocol_id=1, label="4.3", major=4, minor=3, dated_from=day, dated_to=day, dated_words="2016")
        )
    small_world.decided(MINOR)
    concluded(small_world)
    assert [version.label for version in small_world.every(Version, Version.review_id == 1)] == ["4.4"]


def test_the_difference_is_to_the_text_before_even_if_that_has_no_hash(small_world: World) -> None:
    small_world.decided(MINOR)
    concluded(small_world)
    with small_world.read() as session:
        version = version_named(session, protocol(session), "4.3")
        before = previous_version(session, version)
        assert before is not None
        assert before.label == "4.2"
        assert previous_version(session, before) is None, "4.1 has no text here"


def test_what_was_accepted_before_going_back_to_drafting_is_concluded_after_it(small_world: World) -> None:
    small_world.decided(MINOR)
    with small_world.act() as session:
        return_to_drafting(session, NOVEMBER, 1, SECRETARY, "One more idea.")
    with pytest.raises(StepNotAllowed, match="Cannot announce: the review is being drafted"):
        concluded(small_world)
    with small_world.act() as session:
        begin_deciding(session, NOVEMBER, 1, SECRETARY)
    assert concluded(small_world) is Stage.ADOPTED


def test_concluding_at_once_makes_one_version(world: World) -> None:
    world.decided(MINOR)
    found = at_once(3, lambda: concluded(world))
    assert [each for each in found if each is Stage.ADOPTED] == [Stage.ADOPTED]
    assert [type(each).__name__ for each in found if isinstance(each, Exception)] == ["StepNotAllowed"] * 2
    assert len(world.every(Version, Version.review_id == 1)) == 1
    assert world.counts()["version_announced"] == 4


def test_a_conclusion_that_breaks_off_leaves_nothing_and_can_be_done_again(world: World) -> None:
    world.decided(MINOR)
    before = world.rows()

    with pytest.raises(KeyboardInterrupt):
        _conclude_and_die(world)
    assert world.rows() == before
    assert world.review().stage is Stage.DECIDING
    assert concluded(world) is Stage.ADOPTED
    assert world.only(Review, Review.stage == Stage.ADOPTED).ended_at == NOVEMBER.astimezone(UTC)


def _conclude_and_die(world: World) -> None:
    with world.act() as session:
        conclude(session, NOVEMBER, 1, SECRETARY)
        raise KeyboardInterrupt
