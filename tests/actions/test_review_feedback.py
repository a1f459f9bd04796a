"""What the parties answer, and what is written down of those who do not."""

import re
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlmodel import col

from actions.cast import NotThere
from actions.clockwork import take_clock_step
from actions.contacts import correct_address
from actions.membership import leave
from actions.owing import extend
from actions.proposals import Proposed, WordingMissing
from actions.reasons import ReasonNeeded
from actions.review_closing import close_feedback
from actions.review_drafting import begin_deciding
from actions.review_feedback import BothSaid, FeedbackIsClosed, NotAParty, NothingSaid, give_feedback
from actions.review_opening import open_extraordinary
from actions.review_overview import review_view
from actions.review_parties import Answer, Standing
from models.history import History, Narrative
from models.obligation import Obligation, ObligationKind, Outcome
from models.outbox import Message, MessageAbout
from models.review import Feedback, Proposal
from rules.review import Stage, Step, StepNotAllowed
from tests.actions.world import (
    CLOSES,
    LOCKED,
    NOVEMBER,
    OPENS,
    SECRETARY,
    WRITTEN,
    World,
    at_once,
    contact_of,
    duty_of,
    party,
    protocol,
)

FEEDBACK = ObligationKind.FEEDBACK
TUESDAY = OPENS + timedelta(days=4)
DAY = timedelta(days=1)


def answer(world: World, slug: str = "police", at: datetime = TUESDAY, **said: Any) -> Feedback | None:
    with world.act() as session:
        return give_feedback(session, at, 1, party(session, slug), f"lead of {slug}", **said)


def test_no_comments_is_an_answer(world: World) -> None:
    world.collecting()
    assert answer(world, no_comments=True)
    duty = world.only(Obligation, Obligation.key == "review:1:feedback:police")
    assert (duty.outcome, duty.discharged_at, duty.next_at) == (Outcome.ANSWERED, TUESDAY, None)
    assert len(world.duties(FEEDBACK, col(Obligation.outcome).is_(None))) == 3
    assert world.counts()["feedback_received"] == 1
    assert world.every(Narrative) == [], "nothing was said"


def test_comments_and_proposals_are_kept_with_their_clause_and_problem(world: World) -> None:
    world.collecting()
    feedback = answer(world, comments="It works.", proposals=[LOCKED, WRITTEN])
    assert feedback is not None
    rows = world.every(Proposal)
    assert [(row.wording, row.feedback_id, row.raised_by) for row in rows] == [
        (LOCKED.wording, feedback.id, "lead of police"), (WRITTEN.wording, feedback.id, "lead of police")
    ]  # fmt: skip
    assert [row.text for row in world.every(Narrative)] == ["It works.", LOCKED.problem]
    details = world.only(History, History.what == "feedback given").details
    assert details == {"party": "police", "no_comments": False, "proposals": 2, "late": False}


@pytest.mark.parametrize(
    ("said", "error", "sentence"),
    [
        ({}, NothingSaid, "Say something"),
        ({"comments": " \n "}, NothingSaid, "Say something"),
        ({"no_comments": True, "comments": "But it is good."}, BothSaid, "choose one"),
        ({"no_comments": True, "proposals": [LOCKED]}, BothSaid, "choose one"),
        ({"proposals": [LOCKED, Proposed(clause="99", wording="New.")]}, NotThere, "no clause “99”.*7-consent"),
        ({"proposals": [Proposed(clause="7-consent", wording=" ")]}, WordingMissing, "Say how clause 7-consent"),
        ({"no_comments": True, "on_behalf_because": " "}, ReasonNeeded, "an answer on behalf is recorded with why"),
    ],
)  # fmt: skip
def test_what_says_nothing_or_too_much_is_refused_and_nothing_written(
    world: World, said: dict[str, Any], error: type[Exception], sentence: str
) -> None:
    world.collecting()
    before = world.rows()
    with pytest.raises(error, match=sentence):
        answer(world, **said)
    assert world.rows() == before


@pytest.mark.parametrize(
    "said", [{"no_comments": True}, {"comments": "Good.", "proposals": [LOCKED]}], ids=["no comments", "something"]
)
def test_the_same_answer_twice_or_at_once_is_recorded_once(world: World, said: dict[str, Any]) -> None:
    world.collecting()
    found = at_once(3, lambda: answer(world, **said))
    assert sorted(type(each).__name__ for each in found) == ["Feedback", "NoneType", "NoneType"]
    before = world.rows()
    assert answer(world, at=TUESDAY + timedelta(hours=1), **said) is None
    assert world.rows() == before
    assert world.counts()["feedback_received"] == 1


def test_a_party_may_add_to_its_answer(small_world: World) -> None:
    small_world.collecting()
    answer(small_world, no_comments=True)
    assert answer(small_world, proposals=[LOCKED])
    assert len(small_world.every(Feedback)) == 2
    assert len(small_world.duties(FEEDBACK, Obligation.outcome == Outcome.ANSWERED)) == 1


def test_the_same_proposal_twice_in_one_answer_is_one(small_world: World) -> None:
    small_world.collecting()
    spaced = Proposed(clause=LOCKED.clause, wording=f" {LOCKED.wording}\n", problem=LOCKED.problem)
    answer(small_world, proposals=[LOCKED, spaced])
    assert len(small_world.every(Proposal)) == 1


def test_an_answer_on_behalf_says_why_and_the_party_is_told(world: World) -> None:
    world.collecting()
    with world.act() as session:
        give_feedback(
            session, TUESDAY, 1, party(session, "fire"), SECRETARY, no_comments=True,
            on_behalf_because="They telephoned.",
        )  # fmt: skip
    [duty] = world.duties(FEEDBACK, col(Obligation.outcome).is_not(None))
    with world.read() as session:
        assert session.get_one(Narrative, duty.why_id).text == "They telephoned."
    told = world.only(Message, Message.kind == "feedback_received")
    assert told.address == "lead.member@fire.example"


def test_a_message_that_asks_is_withdrawn_once_its_duty_has_been_answered(world: World) -> None:
    """Answered between selection and sending: the message hangs on duties of which none is owed any more."""
    world.collecting().sweep(datetime(2027, 3, 16, 9, tzinfo=CLOSES.tzinfo))
    answer(world, at=datetime(2027, 3, 16, 10, tzinfo=CLOSES.tzinfo), no_comments=True)
    with world.read() as session:
        police = contact_of(session, "police").id
    asking = world.every(Message, Message.contact_id == police, col(Message.only_while_owed))
    assert [message.kind for message in asking] == ["feedback_invited", "duty_reminder"]
    for message in asking:
        about = world.every(MessageAbout, MessageAbout.message_id == message.id)
        owed = [world.only(Obligation, Obligation.id == each.obligation_id).outcome for each in about]
        assert owed == [Outcome.ANSWERED]
    world.sweep(datetime(2027, 3, 24, 9, tzinfo=CLOSES.tzinfo))
    later = world.every(Message, Message.contact_id == police)
    assert [message.kind for message in later][-1] == "feedback_received", "and no reminder after it"


def test_a_late_answer_is_kept_as_late_while_it_is_drafted(world: World) -> None:
    world.collecting().sweep(CLOSES)
    assert answer(world, at=CLOSES + timedelta(days=1), proposals=[LOCKED])
    assert world.only(History, History.what == "feedback given").details["late"] is True
    receipt = world.words(world.said("feedback_received")[-1])
    assert "by the end of" not in receipt, "that day is over"
    assert "considered as long as the changes are still being drafted" in receipt
    [duty] = world.duties(FEEDBACK, Obligation.key == "review:1:feedback:police")
    assert duty.outcome is Outcome.LAPSED, "that it came late stays visible"
    assert len(world.every(Proposal)) == 1


def test_the_last_second_is_in_time_and_the_next_one_late(small_world: World) -> None:
    small_world.collecting()
    answer(small_world, "police", CLOSES - timedelta(seconds=1), no_comments=True)
    answer(small_world, "fire", CLOSES, no_comments=True)
    late = [row.details["late"] for row in small_world.every(History, History.what == "feedback given")]
    assert late == [False, True]


def test_once_it_is_decided_feedback_is_refused(world: World) -> None:
    world.deciding()
    with pytest.raises(FeedbackIsClosed, match=r"^Review 1 takes no feedback: it is being decided\.$"):
        answer(world, at=NOVEMBER, no_comments=True)


def test_before_it_opens_feedback_is_refused(small_world: World) -> None:
    small_world.scheduled()
    with pytest.raises(FeedbackIsClosed, match="it is scheduled and has not opened"):
        answer(small_world, at=NOVEMBER, no_comments=True)


def test_only_parties_of_the_day_answer(small_world: World) -> None:
    small_world.collecting()
    with small_world.act() as session:
        leave(session, TUESDAY, party(session, "police"), SECRETARY, "It merged.")
    with pytest.raises(NotAParty, match="Westshire Police is not a party"):
        answer(small_world, no_comments=True)


# Closing


def test_silence_is_recorded_and_an_unreachable_party_is_not_silent(world: World) -> None:
    world.collecting()
    answer(world, "council", no_comments=True)
    with world.act() as session:
        contact_of(session, "fire").bounced_at = TUESDAY
        police = duty_of(session, FEEDBACK, "police")
        extend(session, TUESDAY, police, date(2027, 4, 9), SECRETARY, "They meet in April.")
    world.sweep(CLOSES)
    assert world.review().stage is Stage.DRAFTING
    recorded = world.only(History, History.what == "no answer recorded").details
    assert recorded == {"silent": ["West Trust"], "unreachable": ["Westshire Fire"]}
    assert {duty.key.rpartition(":")[2]: duty.outcome for duty in world.duties(FEEDBACK)} == {
        "council": Outcome.ANSWERED, "fire": Outcome.LAPSED, "police": None, "trust": Outcome.LAPSED
    }  # fmt: skip
    assert world.said("feedback_closed_unanswered") == ["review:1:feedback:trust:closed"]
    assert world.said("feedback_summary") == ["review:1:summary:round-1"]
    [drafting] = world.duties(ObligationKind.DRAFTING)
    assert drafting.party_id is None
    assert world.broken(CLOSES) == []


def test_whoever_has_more_time_answers_in_time_although_feedback_has_closed(world: World) -> None:
    world.collecting()
    with world.act() as session:
        police = duty_of(session, FEEDBACK, "police")
        extend(session, TUESDAY, police, date(2027, 4, 9), SECRETARY, "They meet in April.")
    world.sweep(CLOSES)
    answer(world, at=CLOSES + timedelta(days=5), proposals=[LOCKED])
    assert world.only(History, History.what == "feedback given").details["late"] is False
    assert world.only(Obligation, Obligation.key == "review:1:feedback:police").outcome is Outcome.ANSWERED


def test_who_had_more_time_is_told_when_the_review_goes_on_without_them(world: World) -> None:
    """Nothing of theirs could be considered any more: then nothing is owed, and no reminder says otherwise."""
    world.drafting()
    assert {duty.outcome for duty in world.duties(FEEDBACK)} == {None}, "closed early: their time is not up"
    with world.act() as session:
        begin_deciding(session, NOVEMBER, 1, SECRETARY)
    assert {duty.outcome for duty in world.duties(FEEDBACK)} == {Outcome.WAIVED}
    assert world.counts()["duty_waived"] == 6, "four lead members and two deputies"
    world.sweep(CLOSES)
    assert world.counts()["duty_reminder"] <= 1, "the secretary's decision, nobody's feedback"


def test_two_clocks_close_once(world: World) -> None:
    world.collecting()

    def step() -> bool:
        with world.act() as session:
            return take_clock_step(session, CLOSES, 1, Step.CLOSE_FEEDBACK)

    assert sorted(map(str, at_once(3, step))) == ["False", "False", "True"]
    assert world.counts()["feedback_closed_unanswered"] == 4
    with (
        pytest.raises(StepNotAllowed, match="Cannot close feedback: the review is being drafted"),
        world.act() as session,
    ):
        close_feedback(session, CLOSES, 1, SECRETARY)


def test_answering_and_closing_at_once_leaves_an_answer_in_time_or_a_late_one_never_neither(world: World) -> None:
    world.collecting()
    steps = iter(["answer", "close"])

    def act() -> object:
        if next(steps) == "answer":
            return answer(world, at=CLOSES - timedelta(seconds=1), no_comments=True)
        with world.act() as session:
            return take_clock_step(session, CLOSES, 1, Step.CLOSE_FEEDBACK)

    assert not [found for found in at_once(2, act) if isinstance(found, BaseException)]
    assert len(world.every(Feedback)) == 1
    assert world.only(Obligation, Obligation.key == "review:1:feedback:police").outcome is not None
    assert world.broken(CLOSES) == []


# Asked again: a reason joins after feedback has closed


def asked_again(world: World) -> datetime:
    """A day after feedback has closed; answers when the second round ends."""
    world.sweep(CLOSES)
    with world.act() as session:
        open_extraordinary(session, CLOSES + DAY, protocol(session), SECRETARY, "A law has changed.")
    return world.review().due_at


def answers(world: World, at: datetime) -> dict[str, Answer]:
    with world.read() as session:
        return {each.party: each for each in review_view(session, at, 1).answers}


def test_what_was_said_before_feedback_was_asked_for_again_is_not_lost(world: World) -> None:
    world.collecting()
    answer(world, "fire", comments="The number in clause 13 is wrong.", proposals=[LOCKED])
    ends = asked_again(world)
    fire = answers(world, CLOSES + DAY)["fire"]
    assert (fire.standing, fire.comments) == (Standing.WAITING, ())
    [earlier] = fire.earlier
    assert (earlier.round, earlier.comments, earlier.proposals) == (1, ("The number in clause 13 is wrong.",), (1,))
    world.sweep(ends)
    assert {slug: each.standing for slug, each in answers(world, ends).items()} == {
        "council": Standing.SILENT, "fire": Standing.ANSWERED_BEFORE, "police": Standing.SILENT,
        "trust": Standing.SILENT,
    }  # fmt: skip
    summary = re.sub(r" -{3,}", "", world.words("review:1:summary:round-2"))
    assert "Nobody answered this time. Answered before: 1 Feedback was asked for again." in summary
    assert "before counts, and stands beside the other answers: - Westshire Fire Did not answer: 3" in summary
    closed = world.words("review:1:feedback:fire:round-2:closed")
    assert "We have no new answer from Westshire Fire." in closed
    assert "What Westshire Fire has said in this review before counts as it did." in closed
    assert "before" not in world.words("review:1:feedback:trust:round-2:closed")
    assert world.broken(ends) == []


def test_who_was_unreachable_and_is_corrected_is_waited_for_when_asked_again(world: World) -> None:
    world.collecting()
    with world.act() as session:
        contact_of(session, "fire").bounced_at = OPENS
    world.sweep(CLOSES)
    assert answers(world, CLOSES)["fire"].standing is Standing.UNREACHABLE
    with world.act() as session:
        correct_address(session, CLOSES, contact_of(session, "fire"), "new@fire.example", SECRETARY)
    assert answers(world, CLOSES)["fire"].standing is Standing.UNREACHABLE, "it was, in this round"
    ends = asked_again(world)
    assert answers(world, CLOSES + DAY)["fire"].standing is Standing.WAITING
    world.sweep(ends)
    assert answers(world, ends)["fire"].standing is Standing.SILENT


def test_who_has_more_time_keeps_it_when_asked_again(world: World) -> None:
    world.collecting()
    with world.act() as session:
        extend(session, OPENS, duty_of(session, FEEDBACK, "fire"), date(2027, 5, 31), SECRETARY, "Elections.")
    asked_again(world)
    with world.read() as session:
        assert duty_of(session, FEEDBACK, "fire").due_on == date(2027, 5, 31)
        assert duty_of(session, FEEDBACK, "trust").due_on == world.review().due_on
    assert "31 May 2027" in world.words("review:1:feedback:fire:round-2:invite")
    assert "31 May 2027" not in world.words("review:1:feedback:trust:round-2:invite")
    assert answers(world, CLOSES + DAY)["fire"].standing is Standing.EXTENDED
