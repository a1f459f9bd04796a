"""What parties say of a proposal: the newest counts, nothing is changed, and nothing decides."""

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from actions.membership import leave
from actions.proposals import AlreadyDecided, NotStanding
from actions.review_concluding import cancel
from actions.review_deciding import NotBeingDecided, decide
from actions.review_drafting import return_to_drafting, withdraw
from actions.review_feedback import NotAParty
from actions.voices import (
    NotOpenToViews,
    PartiesDoNotVote,
    Stance,
    WordsNeeded,
    give_view,
    give_vote,
    voices_of,
    votes_of,
)
from models.history import History, Narrative
from models.review import DecisionOutcome, Proposal, ProposalVoice, VoiceKind
from rules.decisions import Vote
from tests.actions.world import LOCKED, NOVEMBER, PARTIES, SECRETARY, World, at_once, party

SUPPORTS, OBJECTS, COMMENTS = Stance.SUPPORTS, Stance.OBJECTS, Stance.COMMENTS
UNANIMITY = {"decision_rule": "unanimity"}


def view(world: World, slug: str, stance: Stance = SUPPORTS, words: str = "", hours: int = 0) -> bool:
    with world.act() as session:
        at = NOVEMBER + timedelta(hours=hours)
        return give_view(session, at, 1, party(session, slug), stance, words, f"lead of {slug}")


def vote(world: World, slug: str, chosen: Vote = Vote.FOR, words: str = "") -> bool:
    with world.act() as session:
        return give_vote(session, NOVEMBER, 1, party(session, slug), chosen, words, f"lead of {slug}")


def heard(world: World, kind: VoiceKind = VoiceKind.VIEW) -> list[tuple[str, str, str]]:
    with world.read() as session:
        proposal = session.get_one(Proposal, 1)
        return [(each.party, each.stance, each.words) for each in voices_of(session, proposal, kind)]


def test_the_newest_view_of_each_party_counts_and_the_earlier_stays(world: World) -> None:
    world.drafting(LOCKED)
    assert view(world, "police", OBJECTS, "  It costs too much. ")
    assert view(world, "fire")
    assert view(world, "police", SUPPORTS, "We were wrong.", hours=1)
    assert heard(world) == [("fire", "supports", ""), ("police", "supports", "We were wrong.")]
    assert len(world.every(ProposalVoice)) == 3
    assert world.broken(NOVEMBER) == []


def test_history_says_who_and_what_and_not_the_words(world: World) -> None:
    world.drafting(LOCKED)
    view(world, "police", OBJECTS, "It costs too much.")
    row = world.only(History, History.what == "view given")
    assert row.details == {"party": "police", "proposal": 1, "stance": "objects"}
    assert row.why_id is None
    assert "It costs too much." in [each.text for each in world.every(Narrative)]


def test_the_same_view_twice_or_at_once_is_one_and_an_earlier_one_may_be_taken_up_again(world: World) -> None:
    world.drafting(LOCKED)
    assert sorted(at_once(3, lambda: view(world, "police", COMMENTS, "Hm."))) == [False, False, True]  # type: ignore[type-var]
    assert view(world, "police", SUPPORTS)
    assert view(world, "police", COMMENTS, "Hm.")
    assert heard(world) == [("police", "comments", "Hm.")]
    assert len(world.every(ProposalVoice)) == 3


@pytest.mark.parametrize("stance", [OBJECTS, COMMENTS])
def test_an_objection_and_a_comment_say_something(small_world: World, stance: Stance) -> None:
    small_world.drafting(LOCKED)
    with pytest.raises(WordsNeeded):
        view(small_world, "police", stance, "  ")
    assert heard(small_world) == []


def test_views_end_with_the_decision_with_the_proposal_and_with_the_review(small_world: World) -> None:
    small_world.deciding()
    view(small_world, "fire")
    with small_world.act() as session:
        decide(session, NOVEMBER, 1, DecisionOutcome.REJECTED, SECRETARY, because="No.")
    with pytest.raises(AlreadyDecided):
        view(small_world, "police")
    with small_world.act() as session:
        cancel(session, NOVEMBER, 1, SECRETARY, "Not needed.")
    with pytest.raises(NotOpenToViews, match="cancelled"):
        view(small_world, "police")
    assert heard(small_world) == [("fire", "supports", "")]


def test_a_withdrawn_proposal_and_a_party_that_left_have_no_view(small_world: World) -> None:
    small_world.drafting(LOCKED)
    with small_world.act() as session:
        leave(session, NOVEMBER, party(session, "fire"), SECRETARY, "Merged.")
    with pytest.raises(NotAParty):
        view(small_world, "fire")
    with small_world.act() as session:
        withdraw(session, NOVEMBER, 1, SECRETARY, "Moot.")
    with pytest.raises(NotStanding):
        view(small_world, "police")


def test_where_the_protocol_states_no_rule_nobody_votes(small_world: World) -> None:
    small_world.deciding()
    with pytest.raises(PartiesDoNotVote):
        vote(small_world, "police")


@pytest.mark.parametrize("rule", ["unanimity", "majority"])
def test_votes_are_what_a_decision_starts_from(sqlite_store: sa.Engine, rule: str) -> None:
    stated: dict[str, Any] = {"decision_rule": rule, "quorum": 2} if rule == "majority" else {"decision_rule": rule}
    world = World(sqlite_store, changes=stated)
    world.deciding()
    assert vote(world, "police", Vote.AGAINST, "Not yet.")
    assert [vote(world, slug) for slug in PARTIES] == [True] * 4
    assert not vote(world, "fire")
    with world.act() as session:
        votes = votes_of(session, session.get_one(Proposal, 1))
        assert votes == dict.fromkeys(PARTIES, "for")
        chosen = {slug: Vote(each) for slug, each in votes.items()}
        decision = decide(
            session, NOVEMBER, 1, DecisionOutcome.ACCEPTED, SECRETARY, because="Agreed.", votes=chosen
        )  # fmt: skip
        assert decision.votes == votes
    assert heard(world) == [], "a vote is no view"
    with pytest.raises(AlreadyDecided):
        vote(world, "police", Vote.AGAINST)


def test_votes_are_given_while_it_is_being_decided(sqlite_store: sa.Engine) -> None:
    world = World(sqlite_store, changes=UNANIMITY)
    world.deciding()
    with world.act() as session:
        return_to_drafting(session, NOVEMBER, 1, SECRETARY, "Once more.")
    with pytest.raises(NotBeingDecided):
        vote(world, "police")
