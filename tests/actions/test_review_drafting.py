"""Drafting and advice: proposals are sorted, their origins stay linked, and major ones are advised on."""

from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlmodel import col

from actions.cast import NotThere
from actions.owing import waive
from actions.proposals import AlreadyDecided, NotStanding, standing_proposals
from actions.reasons import ReasonNeeded
from actions.review_advising import AdviceMissing, NotBeingDrafted, NotClassified, NothingMajor
from actions.review_closing import close_feedback
from actions.review_deciding import cancel, conclude, decide
from actions.review_drafting import (
    NotOneClause,
    OneAndTheSame,
    begin_deciding,
    classify,
    give_advice,
    merge,
    propose,
    return_to_drafting,
    seek_advice,
    withdraw,
)
from actions.review_opening import open_extraordinary
from actions.review_overview import review_view
from models.access import Standing
from models.obligation import Obligation, ObligationKind, Outcome
from models.outbox import Message
from models.protocol import Role
from models.review import Advice, DecisionOutcome, Magnitude, Proposal, Review
from rules.review import Stage, StepNotAllowed
from tests.actions.world import (
    LOCKED,
    NOVEMBER,
    SECRETARY,
    WRITTEN,
    Proposed,
    World,
    at_once,
    contact_of,
    duty_of,
    protocol,
)
from web.console.reviews_offers import offers

AGAIN = Proposed(clause="12-security", wording="Records are locked up.")
THIRD = Proposed(clause="12-security", wording="Every record is locked up.")
MAJOR, MINOR = Magnitude.MAJOR, Magnitude.MINOR


def act(world: World, what: Callable[..., object], *arguments: object, **more: object) -> None:
    with world.act() as session:
        what(session, NOVEMBER, *arguments, **more)


def standing(world: World) -> list[int | None]:
    with world.read() as session:
        return [proposal.id for proposal in standing_proposals(session, session.get_one(Review, 1))]


# Proposals


def test_the_group_may_propose_too_and_the_same_twice_is_one(small_world: World) -> None:
    small_world.drafting(LOCKED)
    act(small_world, propose, 1, LOCKED, SECRETARY)
    proposal = small_world.only(Proposal)
    assert (proposal.party_id, proposal.feedback_id, proposal.wording) == (None, None, LOCKED.wording)
    assert small_world.moves().count("proposal raised") == 1


def test_merged_proposals_point_at_the_one_that_stands_along_any_chain(world: World) -> None:
    world.drafting(LOCKED, AGAIN, THIRD)
    act(world, merge, 1, 2, SECRETARY, "The same.")
    act(world, merge, 2, 3, SECRETARY, "The same.")
    assert [row.merged_into_id for row in world.every(Proposal)] == [3, 3, None]
    assert standing(world) == [3]
    before = world.rows()
    act(world, merge, 1, 3, SECRETARY, "Once more.")
    assert world.rows() == before, "it stands for the first already"


@pytest.mark.parametrize(
    ("one", "other", "error"),
    [(1, 1, OneAndTheSame), (1, 2, NotOneClause), (1, 9, NotThere), (3, 1, NotStanding), (1, 3, NotStanding)],
)
def test_what_cannot_be_merged(small_world: World, one: int, other: int, error: type[Exception]) -> None:
    small_world.drafting(LOCKED, WRITTEN, AGAIN)
    act(small_world, withdraw, 3, SECRETARY, "They changed their mind.")
    before = small_world.rows()
    with pytest.raises(error):
        act(small_world, merge, one, other, SECRETARY, "The same.")
    assert small_world.rows() == before


def test_two_that_are_merged_into_each_other_at_once_leave_one(world: World) -> None:
    world.drafting(LOCKED, AGAIN)
    ways = iter([(1, 2), (2, 1)])
    found = at_once(2, lambda: act(world, merge, *next(ways), SECRETARY, "The same."))
    assert sorted(type(each).__name__ for each in found) == ["NoneType", "NotStanding"]
    assert len(standing(world)) == 1


def test_minor_or_major_with_the_reason_and_history_keeps_a_change_of_mind(world: World) -> None:
    world.drafting(LOCKED)
    for magnitude, why in ((MINOR, "A word."), (MINOR, "A word."), (MAJOR, "It costs money.")):
        act(world, classify, 1, magnitude, SECRETARY, why)
    assert (world.only(Proposal).magnitude, world.only(Proposal).magnitude_why) == (MAJOR, "It costs money.")
    assert [what for what in world.moves() if "marked" in what] == ["proposal marked minor", "proposal marked major"]
    with pytest.raises(ReasonNeeded, match="minor or major is recorded with why"):
        act(world, classify, 1, MAJOR, SECRETARY, " ")


def test_a_withdrawn_proposal_is_off_the_table(small_world: World) -> None:
    small_world.drafting(LOCKED)
    for _ in range(2):
        act(small_world, withdraw, 1, SECRETARY, "Out of date.")
    assert standing(small_world) == []
    assert small_world.moves().count("proposal withdrawn") == 1
    for what in (classify, give_advice):
        with pytest.raises(NotStanding, match="Proposal 1 was withdrawn"):
            act(small_world, what, 1, *([MAJOR, SECRETARY, "x"] if what is classify else ["x", "adviser"]))


@pytest.mark.parametrize("stage", [Stage.COLLECTING, Stage.DECIDING])
def test_proposals_are_sorted_while_they_are_drafted(small_world: World, stage: Stage) -> None:
    if stage is Stage.DECIDING:
        small_world.deciding()
    else:
        small_world.collecting()
        act(small_world, propose, 1, LOCKED, SECRETARY)
    for what, arguments in (
        (merge, (1, 1, SECRETARY, "x")), (classify, (1, MINOR, SECRETARY, "x")), (withdraw, (1, SECRETARY, "x"))
    ):  # fmt: skip
        with pytest.raises(NotBeingDrafted, match="while review 1 is being drafted"):
            act(small_world, what, *arguments)


def test_what_has_been_decided_is_not_sorted_again(small_world: World) -> None:
    """It once could be withdrawn after it was accepted, and was in the version all the same."""
    small_world.decided()
    act(small_world, return_to_drafting, 1, SECRETARY, "One more idea.")
    act(small_world, propose, 1, AGAIN, SECRETARY)
    for what, arguments in (
        (merge, (1, 2, SECRETARY, "x")), (merge, (2, 1, SECRETARY, "x")), (withdraw, (1, SECRETARY, "x")),
        (classify, (1, MAJOR, SECRETARY, "x")),
    ):  # fmt: skip
        with pytest.raises(AlreadyDecided, match="Proposal 1 was decided on 2026-11-23: accepted"):
            act(small_world, what, *arguments)


# What an earlier review put off


def deferred(world: World) -> None:
    world.deciding()
    act(world, decide, 1, DecisionOutcome.DEFERRED, SECRETARY, because="Next year.")
    act(world, conclude, 1, SECRETARY)


def another_review(world: World) -> int:
    with world.act() as session:
        review = open_extraordinary(session, NOVEMBER, protocol(session), SECRETARY, "The law.")
        close_feedback(session, NOVEMBER, review.id or 0, SECRETARY)
        return review.id or 0


def test_what_was_put_off_lies_on_the_next_table_once_with_its_origin(world: World) -> None:
    deferred(world)
    second = another_review(world)
    carried = world.only(Proposal, Proposal.review_id == second)
    assert (carried.carried_from_id, carried.wording, carried.magnitude) == (1, LOCKED.wording, None)
    assert carried.problem_id is not None, "why it was proposed is carried with it"
    act(world, classify, 2, MINOR, SECRETARY, "A word.")
    act(world, begin_deciding, second, SECRETARY)
    act(world, decide, 2, DecisionOutcome.DEFERRED, SECRETARY, because="The year after.")
    act(world, conclude, second, SECRETARY)
    third = another_review(world)
    assert [row.carried_from_id for row in world.every(Proposal, Proposal.review_id == third)] == [2]


def test_what_was_carried_into_a_review_that_is_not_held_is_carried_on(world: World) -> None:
    """It once was lost with it."""
    deferred(world)
    second = another_review(world)
    act(world, cancel, second, SECRETARY, "Too early.")
    third = another_review(world)
    assert [row.carried_from_id for row in world.every(Proposal, Proposal.review_id == third)] == [1]


# Advice


def test_every_major_proposal_is_put_to_the_adviser(world: World) -> None:
    world.drafting(LOCKED, WRITTEN)
    act(world, classify, 1, MAJOR, SECRETARY, "It costs money.")
    act(world, classify, 2, MINOR, SECRETARY, "A word.")
    act(world, seek_advice, 1, SECRETARY)
    [duty] = world.duties(ObligationKind.ADVICE)
    assert (duty.key, duty.subject) == ("review:1:advice:proposal-1:1", "proposal:1")
    asked = world.only(Message, Message.kind == "advice_requested")
    assert asked.address == "adviser@westshire.example"
    assert "It costs money." in asked.text
    assert LOCKED.wording in asked.text
    assert [duty.outcome for duty in world.duties(ObligationKind.DRAFTING)] == [Outcome.ANSWERED]
    with pytest.raises(StepNotAllowed, match="waiting for advice"):
        act(world, seek_advice, 1, SECRETARY)


def test_advice_ends_the_duty_and_the_secretary_is_told_once(world: World) -> None:
    world.drafting(LOCKED)
    act(world, classify, 1, MAJOR, SECRETARY, "It costs money.")
    act(world, seek_advice, 1, SECRETARY)
    for text in ("It is lawful.", " It is lawful.\n", "It is lawful."):
        act(world, give_advice, 1, text, "adviser")
    assert world.only(Advice).waived is False
    assert [duty.outcome for duty in world.duties(ObligationKind.ADVICE)] == [Outcome.ANSWERED]
    assert world.counts()["advice_received"] == 1
    act(world, begin_deciding, 1, SECRETARY)
    act(world, give_advice, 1, "It is lawful.", "adviser")
    with pytest.raises(NotBeingDrafted):
        act(world, give_advice, 1, "On second thoughts, it is not.", "adviser")


def test_from_the_last_advice_on_the_secretary_owes_the_decision_once(small_world: World) -> None:
    small_world.drafting(LOCKED, WRITTEN)
    for number in (1, 2):
        act(small_world, classify, number, MAJOR, SECRETARY, "It costs money.")
    act(small_world, seek_advice, 1, SECRETARY)
    act(small_world, give_advice, 1, "It is lawful.", "adviser")
    assert small_world.duties(ObligationKind.DECISION) == []
    act(small_world, give_advice, 2, "So is this.", "adviser")
    act(small_world, begin_deciding, 1, SECRETARY)
    [duty] = small_world.duties(ObligationKind.DECISION)
    assert duty.outcome is None


def test_a_major_proposal_is_not_decided_without_advice_or_the_reason_why_none_is_taken(world: World) -> None:
    world.drafting(LOCKED)
    with pytest.raises(NotClassified, match="Mark these proposals minor or major first, with a reason: 1"):
        act(world, begin_deciding, 1, SECRETARY)
    act(world, classify, 1, MAJOR, SECRETARY, "It costs money.")
    sentence = r"^Proposal 1 is major: record advice, or waive it with a reason, before deciding\.$"
    with pytest.raises(AdviceMissing, match=sentence):
        act(world, begin_deciding, 1, SECRETARY)
    with pytest.raises(ReasonNeeded):
        act(world, give_advice, 1, "", SECRETARY, waived=True)
    act(world, give_advice, 1, "The adviser wrote it.", SECRETARY, waived=True)
    act(world, begin_deciding, 1, SECRETARY)
    assert world.review().stage is Stage.DECIDING
    assert world.only(Advice).waived is True


def test_waiving_what_the_adviser_owes_is_doing_without_advice(small_world: World) -> None:
    small_world.drafting(LOCKED)
    act(small_world, classify, 1, MAJOR, SECRETARY, "It costs money.")
    act(small_world, seek_advice, 1, SECRETARY)
    with small_world.act() as session:
        waive(session, NOVEMBER, duty_of(session, ObligationKind.ADVICE), SECRETARY, "The post is vacant.")
    act(small_world, begin_deciding, 1, SECRETARY)
    assert small_world.review().stage is Stage.DECIDING


def test_a_protocol_that_wants_no_advice_gets_none(sqlite_store: sa.Engine) -> None:
    world = World(sqlite_store, changes={"advice": "none"}).drafting(LOCKED)
    act(world, classify, 1, MAJOR, SECRETARY, "It costs money.")
    with pytest.raises(NothingMajor):
        act(world, seek_advice, 1, SECRETARY)
    act(world, begin_deciding, 1, SECRETARY)
    assert world.review().stage is Stage.DECIDING


@pytest.mark.parametrize("magnitude", [None, MINOR])
def test_nothing_major_needs_no_adviser(small_world: World, magnitude: Magnitude | None) -> None:
    small_world.drafting(*([LOCKED] if magnitude else []))
    if magnitude:
        act(small_world, classify, 1, magnitude, SECRETARY, "A word.")
    with pytest.raises(NothingMajor, match="begin-deciding"):
        act(small_world, seek_advice, 1, SECRETARY)


def test_going_back_to_drafting_takes_back_what_was_asked_and_the_secretary_owes_it_again(world: World) -> None:
    world.drafting(LOCKED)
    act(world, classify, 1, MAJOR, SECRETARY, "It costs money.")
    act(world, seek_advice, 1, SECRETARY)
    with pytest.raises(ReasonNeeded):
        act(world, return_to_drafting, 1, SECRETARY, "")
    act(world, return_to_drafting, 1, SECRETARY, "One was overlooked.")
    assert world.review().stage is Stage.DRAFTING
    owed = world.every(Obligation, col(Obligation.outcome).is_(None))
    assert [duty.key for duty in owed] == ["review:1:drafting:round-1:1"]
    act(world, seek_advice, 1, SECRETARY)
    assert [duty.outcome for duty in world.duties(ObligationKind.ADVICE)] == [Outcome.SUPERSEDED, None]
    assert world.counts()["advice_requested"] == 2
    assert world.broken(NOVEMBER) == []


def test_begin_deciding_gives_the_secretary_a_duty_of_its_own_each_time(small_world: World) -> None:
    small_world.deciding()
    act(small_world, return_to_drafting, 1, SECRETARY, "One was overlooked.")
    act(small_world, begin_deciding, 1, SECRETARY)
    assert [(duty.key, duty.outcome) for duty in small_world.duties(ObligationKind.DECISION)] == [
        ("review:1:decision:1", Outcome.SUPERSEDED), ("review:1:decision:2", None)
    ]  # fmt: skip


def test_an_adviser_whose_address_has_bounced_owes_it_all_the_same(small_world: World) -> None:
    small_world.drafting(LOCKED)
    with small_world.act() as session:
        contact_of(session, None, Role.ADVISER).bounced_at = NOVEMBER
    act(small_world, classify, 1, MAJOR, SECRETARY, "It costs money.")
    act(small_world, seek_advice, 1, SECRETARY)
    assert small_world.counts()["advice_requested"] == 0
    small_world.sweep(NOVEMBER + timedelta(days=20))
    assert ("after-2-secretary", "sent") in small_world.rungs()


def test_a_review_or_proposal_that_does_not_exist_is_named(small_world: World) -> None:
    with pytest.raises(NotThere, match="There is no review 7"):
        act(small_world, begin_deciding, 7, SECRETARY)
    with pytest.raises(NotThere, match="There is no proposal 7"):
        act(small_world, classify, 7, MINOR, SECRETARY, "A word.")


# What is offered next is not refused


def offered(world: World) -> tuple[tuple[str, ...], list[str]]:
    """The commands, and the console's next steps."""
    with world.read() as session:
        view = review_view(session, NOVEMBER, 1)
        return view.next, [offer.path for offer in offers(view, Standing.SECRETARY) if offer.first]


def test_what_was_accepted_before_it_was_drafted_again_is_decided_anew_and_not_concluded(world: World) -> None:
    world.decided()
    act(world, return_to_drafting, 1, SECRETARY, "One was overlooked.")
    assert offered(world) == (("concordat review begin-deciding 1",), ["/console/reviews/1/begin-deciding"])
    act(world, begin_deciding, 1, SECRETARY)
    assert offered(world) == (("concordat review conclude 1",), ["/console/reviews/1/conclude"])
    act(world, conclude, 1, SECRETARY)


def test_what_was_rejected_before_it_was_drafted_again_may_end_the_review(world: World) -> None:
    world.deciding()
    act(world, decide, 1, DecisionOutcome.REJECTED, SECRETARY, because="No.")
    act(world, return_to_drafting, 1, SECRETARY, "One was overlooked.")
    assert offered(world) == (("concordat review conclude 1",), ["/console/reviews/1/conclude"])
    act(world, conclude, 1, SECRETARY)


def test_where_the_advisers_duty_was_waived_nobody_is_led_to_ask_the_adviser(world: World) -> None:
    world.drafting(LOCKED)
    act(world, classify, 1, Magnitude.MAJOR, SECRETARY, "All have to act.")
    act(world, seek_advice, 1, SECRETARY)
    with world.act() as session:
        waive(session, NOVEMBER, duty_of(session, ObligationKind.ADVICE), SECRETARY, "There is no adviser.")
    step = (("concordat review begin-deciding 1",), ["/console/reviews/1/begin-deciding"])
    assert offered(world) == step
    act(world, return_to_drafting, 1, SECRETARY, "One was overlooked.")
    assert offered(world) == step
    act(world, begin_deciding, 1, SECRETARY)
