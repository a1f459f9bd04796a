"""When a review opens, whom it asks, and what joins it (protocol §14)."""

from datetime import UTC, date, datetime, timedelta

import pytest
import sqlalchemy as sa

from actions.clockwork import take_clock_step
from actions.membership import leave
from actions.policy import policies_of, window_of
from actions.reasons import ReasonNeeded
from actions.review_deciding import cancel, conclude
from actions.review_not_held import what_is_left_of_the_year
from actions.review_opening import (
    ReviewDateHasPassed,
    ReviewIsOpen,
    open_annual,
    open_extraordinary,
    schedule_next,
    set_review_date,
)
from models.obligation import Obligation, ObligationKind, Outcome
from models.outbox import MessageAbout
from models.protocol import Matter, MatterKind, Party, Protocol
from models.review import ReasonKind, Review, ReviewReason
from rules.instants import LONDON
from rules.review import ReviewKind, Stage, Step
from rules.review_dates import dates_on_opening
from rules.working_days import BeyondPublishedHolidays
from tests.actions.world import (
    CLOSES,
    NOVEMBER,
    OPENS,
    PARTIES,
    REVIEW_ON,
    SECRETARY,
    WRITTEN,
    World,
    at_once,
    party,
    protocol,
)

FEEDBACK = ObligationKind.FEEDBACK
THE_ACT = "The Act has been amended."


def extraordinary(world: World, at: datetime, because: str = THE_ACT) -> None:
    with world.act() as session:
        open_extraordinary(session, at, protocol(session), SECRETARY, because, ReasonKind.LEGISLATION)


def test_a_review_date_puts_the_review_on_the_calendar(world: World) -> None:
    review = world.scheduled().review()
    assert (review.stage, review.review_on, review.opens_at, review.due_at) == (
        Stage.SCHEDULED, REVIEW_ON, OPENS, CLOSES
    )  # fmt: skip
    assert world.only(Protocol).review_anchor == REVIEW_ON
    assert world.moves() == ["annual review scheduled"]
    assert world.said() == []


def test_the_same_date_given_twice_is_one_review(world: World) -> None:
    world.scheduled()
    before = world.rows()
    assert world.scheduled().rows() == before


def test_another_date_moves_the_review_and_history_keeps_both(small_world: World) -> None:
    small_world.scheduled().scheduled(date(2027, 4, 29))
    review = small_world.review()
    assert (review.review_on, review.opens_at) == (date(2027, 4, 29), datetime(2027, 3, 25, 9, tzinfo=UTC))
    assert small_world.moves() == ["annual review scheduled", "review date changed"]


def test_the_date_of_a_review_that_is_open_can_be_given_again_without_effect(small_world: World) -> None:
    """It once made a second review of the same day, which then joined the first as another reason."""
    small_world.collecting()
    before = small_world.rows()
    with small_world.act() as session:
        set_review_date(session, OPENS + timedelta(days=3), protocol(session), REVIEW_ON, SECRETARY)
    assert small_world.rows() == before


@pytest.mark.parametrize("day", [date(2026, 11, 23), date(2016, 10, 1)])
def test_a_day_that_has_passed_is_refused(small_world: World, day: date) -> None:
    with pytest.raises(ReviewDateHasPassed, match="has passed: give a day to come"):
        small_world.scheduled(day)
    assert small_world.rows()["review"] == 0


def test_a_day_beyond_the_published_bank_holidays_is_refused_and_nothing_changes(small_world: World) -> None:
    with pytest.raises(BeyondPublishedHolidays):
        small_world.scheduled(date(2035, 3, 31))
    assert small_world.only(Protocol).review_anchor is None


def test_a_date_closes_the_matter_that_the_review_is_overdue(small_world: World) -> None:
    with small_world.act() as session:
        session.add(
            Matter(
                key="westshire:review-overdue", protocol_id=1, kind=MatterKind.REVIEW_OVERDUE, sentence="Overdue.",
                todo="Set a date.", opened_at=NOVEMBER,
            )
        )  # fmt: skip
    small_world.scheduled()
    assert small_world.matters() == []


def test_nobody_is_asked_a_moment_too_early(world: World) -> None:
    world.scheduled().sweep(OPENS - timedelta(seconds=1))
    assert world.review().stage is Stage.SCHEDULED
    assert world.said() == []


def test_on_the_day_every_party_owes_feedback_and_is_asked_once(world: World) -> None:
    world.collecting()
    duties = world.duties(FEEDBACK)
    assert {duty.key for duty in duties} == {f"review:1:feedback:{slug}" for slug in PARTIES}
    assert {(duty.due_on, duty.due_at, duty.opened_at) for duty in duties} == {(REVIEW_ON, CLOSES, OPENS)}
    assert sorted(world.said()) == sorted(f"review:1:feedback:{slug}:invite" for slug in PARTIES)
    assert {about.obligation_id for about in world.every(MessageAbout)} == {duty.id for duty in duties}
    world.sweep(OPENS + timedelta(minutes=5))
    assert world.counts() == {"feedback_invited": 4}


def test_two_clocks_at_once_ask_everybody_once(world: World) -> None:
    world.scheduled()

    def step() -> bool:
        with world.act() as session:
            return take_clock_step(session, OPENS, 1, Step.INVITE_FEEDBACK)

    assert sorted(map(str, at_once(4, step))) == ["False", "False", "False", "True"]
    assert world.counts() == {"feedback_invited": 4}
    assert world.moves().count("invite feedback") == 1
    assert world.broken(OPENS) == []


def test_a_party_that_has_left_is_not_asked_nor_one_that_has_yet_to_join(small_world: World) -> None:
    small_world.scheduled()
    with small_world.act() as session:
        leave(session, NOVEMBER, party(session, "fire"), SECRETARY, "It merged.")
        party(session, "trust").joined_on = date(2027, 2, 27)
    small_world.sweep(OPENS)
    assert {duty.key for duty in small_world.duties(FEEDBACK)} == {
        "review:1:feedback:council",
        "review:1:feedback:police",
    }


def test_the_next_review_is_on_the_calendar_as_soon_as_one_opens(world: World) -> None:
    """From the anchor: however long this one takes, its successor's day does not wait for it."""
    world.collecting()
    following = world.review(2)
    assert (following.stage, following.review_on) == (Stage.SCHEDULED, date(2028, 3, 31))
    assert following.opens_at == datetime(2028, 2, 29, 9, tzinfo=UTC)


def test_a_next_review_beyond_the_published_holidays_is_kept_for_the_clock_to_settle(small_world: World) -> None:
    """Adopting once failed where the next date lay beyond them: with a two-year interval, always."""
    small_world.scheduled(date(2028, 3, 31)).sweep(datetime(2028, 2, 29, 9, tzinfo=UTC))
    following = small_world.review(2)
    assert (following.stage, following.review_on) == (Stage.SCHEDULED, date(2029, 3, 31))
    assert following.opens_at == datetime(2029, 2, 18, 9, tzinfo=UTC), "early enough to look"
    with small_world.act() as session, pytest.raises(BeyondPublishedHolidays):
        take_clock_step(session, datetime(2029, 2, 18, 9, tzinfo=UTC), 2, Step.INVITE_FEEDBACK)


def test_a_provisional_date_is_settled_when_the_holidays_are_known_and_opens_on_its_day(small_world: World) -> None:
    small_world.scheduled()
    with small_world.act() as session:
        session.get_one(Review, 1).opens_at = OPENS - timedelta(days=8)
    small_world.sweep(OPENS - timedelta(days=7))
    review = small_world.review()
    assert (review.stage, review.opens_at) == (Stage.SCHEDULED, OPENS)
    assert small_world.moves()[-1] == "review dates settled"
    small_world.sweep(OPENS)
    assert small_world.review().stage is Stage.COLLECTING


def test_a_clock_that_stood_still_past_the_review_date_leaves_time_to_answer(world: World) -> None:
    """It once asked everybody and closed in the same breath, and wrote down that all were silent."""
    world.scheduled().sweep(datetime(2027, 5, 4, 10, tzinfo=UTC))
    review = world.review()
    assert (review.stage, review.review_on, review.due_on) == (Stage.COLLECTING, REVIEW_ON, date(2027, 5, 18))
    assert {duty.due_on for duty in world.duties(FEEDBACK)} == {date(2027, 5, 18)}
    assert world.review(2).review_on == date(2028, 3, 31)


def test_a_person_opens_the_scheduled_review_early(small_world: World) -> None:
    small_world.scheduled()
    with small_world.act() as session:
        assert open_annual(session, NOVEMBER, protocol(session), SECRETARY).id == 1
    assert {duty.due_on for duty in small_world.duties(FEEDBACK)} == {REVIEW_ON}
    small_world.sweep(OPENS)
    assert small_world.moves().count("invite feedback") == 1


def test_without_a_date_a_review_opens_with_full_notice_and_its_day_is_the_anchor(small_world: World) -> None:
    small_world.drafting()
    assert small_world.review().review_on == small_world.only(Protocol).review_anchor == date(2026, 12, 23)


def test_a_second_annual_review_waits_for_the_first_to_end(small_world: World) -> None:
    small_world.collecting()
    with pytest.raises(ReviewIsOpen, match="Review 1 is open"), small_world.act() as session:
        open_annual(session, OPENS, protocol(session), SECRETARY)


def test_a_protocol_without_an_interval_has_no_next_review(sqlite_store: sa.Engine) -> None:
    world = World(sqlite_store, review={"interval": None}).collecting()
    assert len(world.every(Review)) == 1
    with world.act() as session:
        assert schedule_next(session, OPENS, protocol(session), SECRETARY) is None


def test_the_next_date_is_counted_from_the_anchor_not_from_the_end_of_the_last(small_world: World) -> None:
    small_world.collecting()
    late = datetime(2027, 12, 20, 9, tzinfo=UTC)
    small_world.sweep(late)
    with small_world.act() as session:
        conclude(session, late, 1, SECRETARY)
    assert small_world.review(2).review_on == date(2028, 3, 31)
    assert small_world.counts()["review_concluded_unchanged"] == 4


# Extraordinary reviews


def test_a_change_of_the_law_opens_a_review_at_once_with_a_window_of_its_own(world: World) -> None:
    world.scheduled()
    extraordinary(world, NOVEMBER)
    review = world.review(2)
    assert (review.kind, review.stage, review.due_on) == (ReviewKind.EXTRAORDINARY, Stage.COLLECTING, date(2026, 12, 7))
    assert world.review(1).stage is Stage.SCHEDULED, "the annual one stays on its day"
    assert world.counts() == {"feedback_invited": 4}
    assert world.broken(NOVEMBER) == []


def test_an_extraordinary_review_needs_its_reason(small_world: World) -> None:
    with pytest.raises(ReasonNeeded, match="an extraordinary review is recorded with why"):
        extraordinary(small_world, NOVEMBER, "  ")


def test_the_same_reason_twice_is_one_review_and_one_request(world: World) -> None:
    extraordinary(world, NOVEMBER)
    before = world.rows()
    extraordinary(world, NOVEMBER, f"  {THE_ACT} ")
    assert world.rows() == before


@pytest.mark.parametrize("reasons", [[THE_ACT] * 3, [f"Reason {n}." for n in range(3)]], ids=["the same", "different"])
def test_reasons_that_come_at_once_are_one_review(world: World, reasons: list[str]) -> None:
    left = iter(reasons)
    assert [error for error in at_once(3, lambda: extraordinary(world, NOVEMBER, next(left))) if error] == []
    assert len(world.every(Review)) == 1
    assert len(world.duties(FEEDBACK)) == 4
    assert len(world.every(ReviewReason)) == len(set(reasons))
    assert world.broken(NOVEMBER) == []


def test_a_reason_that_joins_while_feedback_comes_in_asks_nobody_twice_and_tells_everybody(world: World) -> None:
    world.collecting()
    extraordinary(world, OPENS + timedelta(days=3))
    assert [reason.words for reason in world.every(ReviewReason, ReviewReason.review_id == 1)] == [
        "The annual review is due.", THE_ACT
    ]  # fmt: skip
    assert len(world.duties(FEEDBACK)) == 4
    assert world.counts() == {"feedback_invited": 4, "review_reason_added": 4}
    assert world.review().due_on == REVIEW_ON, "its own window would have ended before"
    before = world.rows()
    extraordinary(world, OPENS + timedelta(days=4))
    assert world.rows() == before


def test_a_reason_that_joins_on_the_last_day_brings_its_own_time(world: World) -> None:
    world.collecting()
    extraordinary(world, datetime(2027, 3, 31, 10, tzinfo=UTC))
    assert world.review().due_on == date(2027, 4, 14)
    assert {duty.due_on for duty in world.duties(FEEDBACK)} == {date(2027, 4, 14)}
    world.sweep(CLOSES)
    assert world.review().stage is Stage.COLLECTING


def test_the_annual_review_joins_one_that_collects_and_keeps_its_month(world: World) -> None:
    world.scheduled()
    extraordinary(world, OPENS - timedelta(days=4))
    assert world.review(2).due_on == date(2027, 3, 8)
    world.sweep(OPENS)
    assert (world.review(1).stage, world.review(1).joined_id) == (Stage.JOINED, 2)
    assert world.review(2).due_on == REVIEW_ON, "everybody has the month that the protocol promises"
    assert {duty.case for duty in world.duties(FEEDBACK)} == {"review:2"}
    assert world.counts() == {"feedback_invited": 4, "review_reason_added": 4}
    assert world.review(3).review_on == date(2028, 3, 31), "the next one is counted from the anchor"
    assert world.broken(OPENS) == []


def test_a_reason_after_feedback_has_closed_begins_a_new_round(world: World) -> None:
    world.drafting(WRITTEN)
    later = NOVEMBER + timedelta(days=1)
    extraordinary(world, later)
    review = world.review()
    assert (review.stage, review.round, review.due_on) == (Stage.COLLECTING, 2, date(2026, 12, 8))
    old, new = (
        world.duties(FEEDBACK, Obligation.opened_at == NOVEMBER),
        world.duties(FEEDBACK, Obligation.opened_at == later),
    )
    assert {duty.outcome for duty in old} == {Outcome.SUPERSEDED}
    assert {duty.key for duty in new} == {f"review:1:feedback:{slug}:round-2" for slug in PARTIES}
    assert [duty.outcome for duty in world.duties(ObligationKind.DRAFTING)] == [Outcome.SUPERSEDED]
    assert world.counts()["feedback_invited"] == 8
    world.sweep(review.due_at)
    assert [duty.key for duty in world.duties(ObligationKind.DRAFTING)][-1] == "review:1:drafting:round-2"
    assert world.broken(review.due_at) == []


def test_while_a_version_is_signed_a_reason_opens_a_review_of_its_own(small_world: World) -> None:
    small_world.signing()
    extraordinary(small_world, NOVEMBER)
    assert [review.stage for review in small_world.every(Review)] == [Stage.SIGNING, Stage.SCHEDULED, Stage.COLLECTING]


# Opened by hand, late


@pytest.mark.parametrize("day", [datetime(2027, 3, 30, 9, tzinfo=UTC), datetime(2027, 4, 20, 9, tzinfo=UTC)])
def test_a_scheduled_review_that_is_opened_by_hand_late_leaves_the_time_that_the_clock_would_leave(
    small_world: World, day: datetime
) -> None:
    small_world.scheduled()
    with small_world.act() as session:
        by_hand = open_annual(session, day, protocol(session), SECRETARY).due_on
        least = dates_on_opening(
            REVIEW_ON, policies_of(protocol(session)).notice_period(),
            window_of(protocol(session), "extraordinary_feedback"), protocol(session).nation, LONDON, day,
        ).due_on  # fmt: skip
    assert by_hand == least >= day.date() + timedelta(days=14)
    assert {duty.due_on for duty in small_world.duties(FEEDBACK)} == {least}
    small_world.sweep(day + timedelta(minutes=5))
    assert small_world.review().stage is Stage.COLLECTING
    assert small_world.review().review_on == REVIEW_ON
    assert small_world.broken(day) == []


# Cancelling


def test_a_cancelled_review_is_told_and_the_next_one_scheduled(world: World) -> None:
    world.collecting()
    with world.act() as session:
        cancel(session, OPENS, 1, SECRETARY, "The group is dissolved.")
    assert world.review().stage is Stage.CANCELLED
    assert {duty.outcome for duty in world.every(Obligation)} == {Outcome.SUPERSEDED}
    assert world.counts()["review_cancelled"] == 4
    assert world.review(2).review_on == date(2028, 3, 31)
    before = world.rows()
    with world.act() as session:
        cancel(session, OPENS, 1, SECRETARY, "The group is dissolved.")
    assert world.rows() == before
    with pytest.raises(ReasonNeeded), world.act() as session:
        cancel(session, OPENS, 2, SECRETARY, "")


def test_a_cancelled_review_that_the_annual_one_had_joined_leaves_the_year_to_the_secretary(world: World) -> None:
    world.scheduled()
    extraordinary(world, datetime(2027, 2, 24, 9, tzinfo=UTC))
    world.sweep(OPENS)
    assert world.review(1).joined_id == 2
    with world.act() as session:
        cancel(session, OPENS, 2, SECRETARY, "Recorded by mistake.")
        said = what_is_left_of_the_year(session, session.get_one(Review, 2))
    assert said == "The next annual review is on Friday 31 March 2028."
    [matter] = world.matters()
    assert matter.sentence == f"The annual review was part of review 2, and was cancelled with it. {said}"
    with world.act() as session:
        set_review_date(session, OPENS, protocol(session), date(2027, 4, 30), SECRETARY)
    assert world.matters() == []
    assert world.broken(OPENS) == []


def test_cancelling_a_review_that_is_not_the_annual_one_says_nothing_of_the_year(small_world: World) -> None:
    small_world.scheduled()
    extraordinary(small_world, NOVEMBER)
    with small_world.act() as session:
        cancel(session, NOVEMBER, 2, SECRETARY, "Recorded by mistake.")
        assert what_is_left_of_the_year(session, session.get_one(Review, 2)) == ""
    assert small_world.matters() == []


def test_a_review_that_has_not_opened_is_cancelled_in_silence_and_not_scheduled_again(small_world: World) -> None:
    small_world.scheduled()
    with small_world.act() as session:
        cancel(session, NOVEMBER, 1, SECRETARY, "Not this year.")
    assert small_world.said() == []
    assert [review.review_on for review in small_world.every(Review)] == [REVIEW_ON, date(2028, 3, 31)]


def test_opening_holds_for_a_protocol_of_any_number_of_parties_even_none(small_world: World) -> None:
    with small_world.act() as session:
        for slug in PARTIES:
            leave(session, NOVEMBER, party(session, slug), SECRETARY, "Gone.")
    small_world.scheduled().sweep(OPENS)
    assert small_world.review().stage is Stage.COLLECTING
    small_world.sweep(CLOSES)
    assert small_world.review().stage is Stage.DRAFTING
    assert len(small_world.every(Party)) == 4
