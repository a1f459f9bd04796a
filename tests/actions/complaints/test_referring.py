"""A complaint that reached the wrong body goes from hand to hand; its thirty days go on from the first receipt."""

from datetime import UTC, date, datetime, timedelta

import pytest

from actions.complaints.closing import close, end_early, look_again
from actions.complaints.following_up import change_nothing
from actions.complaints.moving import ComplaintIsClosed
from actions.complaints.receiving import NotAPartyNow
from actions.complaints.referring import AnswersItAlready, refer
from actions.complaints.telling_complainant import acknowledge, report_progress, tell_outcome
from actions.duties import owed
from actions.membership import leave
from actions.owing import extend
from actions.reasons import ReasonNeeded
from models.complaint import ComplaintOutcome, Referral
from models.obligation import ObligationKind
from models.outbox import Message
from rules.complaint import ComplaintKind, Stage, StepNotAllowed
from tests.actions.complaint_world import (
    HANDLER,
    WEDNESDAY,
    acknowledged,
    acknowledgements,
    complaint,
    determined,
    done,
    found,
    of_kind,
    owed_in,
    received,
    refused,
    sweep_complaints,
    with_nations,
)
from tests.actions.world import SECRETARY, World, party

TUESDAY = date(2026, 12, 29)
DAY = timedelta(days=1)
ELSEWHERE = "It was their officer."
IN_JUNE = datetime(2027, 6, 12, 12, tzinfo=UTC)


def came(world: World, now: datetime = WEDNESDAY, **otherwise: object) -> None:
    with world.act() as session:
        received(session, now, **otherwise)


def passed_on(world: World, to: str, now: datetime = WEDNESDAY + DAY, because: str = ELSEWHERE) -> Referral:
    return done(world, refer, 1, to, HANDLER, because, now=now)


def left(world: World, slug: str, now: datetime) -> None:
    with world.act() as session:
        leave(session, now, party(session, slug), SECRETARY, "Dissolved.")


def test_one_hop_moves_what_is_owed_and_not_the_day(world: World) -> None:
    came(world, received_by="fire")
    passed_on(world, "police")
    assert acknowledgements(world) == [(TUESDAY, "superseded"), (TUESDAY, None)]
    assert owed_in(world) == {"acknowledgement": ("lead.member@police", TUESDAY)}
    newest = world.every(Message, Message.kind == "complaint_asked")[-1]
    assert newest.address == "lead.member@police.example"
    assert "Wednesday 25 November 2026" in newest.text, "when the first one received it"
    assert ELSEWHERE not in newest.text
    assert world.broken(WEDNESDAY + DAY) == []


def test_three_hops_and_back_to_the_first(small_world: World) -> None:
    came(small_world, received_by="fire")
    for number, slug in enumerate(("police", "trust", "fire"), 1):
        passed_on(small_world, slug, WEDNESDAY + number * 10 * DAY)
    assert acknowledgements(small_world) == [*[(TUESDAY, "superseded")] * 3, (TUESDAY, None)]
    assert owed_in(small_world) == {"acknowledgement": ("lead.member@fire", TUESDAY)}
    ways = [(row.from_id, row.to_id) for row in small_world.every(Referral)]
    assert ways == [(2, 3), (3, 4), (4, 2)]
    assert small_world.broken(WEDNESDAY + 30 * DAY) == []


def test_across_nations_the_last_day_is_that_of_whoever_answers_counted_from_the_first_receipt(
    small_world: World,
) -> None:
    """12 July is a bank holiday in Northern Ireland alone."""
    with_nations(small_world)
    came(small_world, IN_JUNE, received_by="police")
    for number, slug in enumerate(("belfast", "aberdeen", "belfast", "police"), 1):
        passed_on(small_world, slug, IN_JUNE + number * DAY)
    twelfth, thirteenth = date(2027, 7, 12), date(2027, 7, 13)
    assert [day for day, _ in acknowledgements(small_world)] == [
        twelfth, thirteenth, twelfth, thirteenth, twelfth
    ]  # fmt: skip
    assert small_world.broken(IN_JUNE + 5 * DAY) == []


def test_a_hop_after_the_last_day_is_overdue_at_once(small_world: World) -> None:
    came(small_world, received_by="fire")
    now = WEDNESDAY + 40 * DAY
    passed_on(small_world, "police", now)
    assert owed_in(small_world) == {"acknowledgement": ("lead.member@police", TUESDAY)}
    assert small_world.duties(ObligationKind.ACKNOWLEDGEMENT)[-1].is_overdue(now)
    assert small_world.broken(now) == []


def test_from_the_secretary_to_a_party(small_world: World) -> None:
    came(small_world, received_by=None)
    passed_on(small_world, "police")
    assert owed_in(small_world) == {"acknowledgement": ("lead.member@police", TUESDAY)}
    assert [row.from_id for row in small_world.every(Referral)] == [None]


def test_progress_and_the_analysis_move_by_the_same_day(small_world: World) -> None:
    acknowledged(small_world, received_by="fire")
    before = owed_in(small_world)
    assert set(before) == {"progress", "analysis"}
    passed_on(small_world, "police", WEDNESDAY + 20 * DAY)
    assert owed_in(small_world) == {kind: ("lead.member@police", day) for kind, (_, day) in before.items()}
    assert acknowledgements(small_world) == [(TUESDAY, "answered")], "acknowledged once"
    assert small_world.broken(WEDNESDAY + 20 * DAY) == []


def test_referred_after_it_was_acknowledged_and_before_the_clock_came(small_world: World) -> None:
    came(small_world, received_by="fire")
    done(small_world, acknowledge, 1, HANDLER, "by letter")
    passed_on(small_world, "police")
    assert set(owed_in(small_world)) == {"progress"}
    sweep_complaints(small_world, WEDNESDAY + DAY)
    assert {who for who, _ in owed_in(small_world).values()} == {"lead.member@police"}
    assert small_world.broken(WEDNESDAY + DAY) == []


def test_twice_to_the_same_body_is_once(world: World) -> None:
    came(world, received_by="fire")
    first, before = passed_on(world, "police"), world.rows()
    assert passed_on(world, "police", because="In other words.").id == first.id
    assert world.rows() == before


def test_what_is_no_referral(small_world: World) -> None:
    came(small_world, received_by="fire")
    left(small_world, "trust", WEDNESDAY)
    for about, error in (
        (("fire", HANDLER, ELSEWHERE), AnswersItAlready),
        (("police", HANDLER, " "), ReasonNeeded),
        (("trust", HANDLER, ELSEWHERE), NotAPartyNow),
    ):
        assert isinstance(refused(small_world, refer, 1, *about), error)
    assert "There is no party “nobody”" in str(refused(small_world, refer, 1, "nobody", HANDLER, ELSEWHERE))
    assert "There is no complaint 9" in str(refused(small_world, refer, 9, "police", HANDLER, ELSEWHERE))


def test_what_is_determined_or_closed_goes_to_nobody_else(small_world: World) -> None:
    determined(small_world)
    assert isinstance(refused(small_world, refer, 1, "fire", HANDLER, ELSEWHERE), StepNotAllowed)
    came(small_world)
    done(small_world, end_early, 2, ComplaintOutcome.WITHDRAWN, HANDLER, "She rang.")
    assert isinstance(refused(small_world, refer, 2, "fire", HANDLER, ELSEWHERE), ComplaintIsClosed)


def test_more_time_that_was_given_goes_with_it(small_world: World) -> None:
    """Of a kind whose days are not the law's."""
    came(small_world, received_by="fire", kind=ComplaintKind.CONCERN)
    later = date(2027, 1, 15)
    with small_world.act() as session:
        [duty] = owed(session, "complaint:1", ObligationKind.ACKNOWLEDGEMENT)
        extend(session, WEDNESDAY, duty, later, SECRETARY, "She is away.")
    passed_on(small_world, "police")
    assert owed_in(small_world) == {"acknowledgement": ("lead.member@police", later)}


def test_the_day_that_was_told_stays_where_policy_changes_before_the_hop(small_world: World) -> None:
    came(small_world, received_by="fire")
    of_kind(small_world, ComplaintKind.PERSON, acknowledgement="P20D")
    passed_on(small_world, "police")
    assert owed_in(small_world) == {"acknowledgement": ("lead.member@police", TUESDAY)}
    assert small_world.broken(WEDNESDAY + DAY) == []


# Whoever answers it leaves


def test_the_secretary_has_what_a_party_that_leaves_was_to_answer(world: World) -> None:
    came(world)
    left(world, "police", WEDNESDAY + 5 * DAY)
    assert owed_in(world) == {"acknowledgement": ("secretary@westshire", TUESDAY)}
    assert complaint(world).handler_id is None
    assert acknowledgements(world) == [(TUESDAY, "superseded"), (TUESDAY, None)]
    assert world.broken(WEDNESDAY + 5 * DAY) == []


def test_its_other_days_stay_too(small_world: World) -> None:
    acknowledged(small_world)
    before = owed_in(small_world)
    left(small_world, "police", WEDNESDAY + 15 * DAY)
    assert owed_in(small_world) == {kind: ("secretary@westshire", day) for kind, (_, day) in before.items()}
    assert small_world.broken(WEDNESDAY + 15 * DAY) == []


def test_after_that_it_may_be_referred_and_again_left(small_world: World) -> None:
    came(small_world)
    left(small_world, "police", WEDNESDAY)
    passed_on(small_world, "fire")
    left(small_world, "fire", WEDNESDAY + 2 * DAY)
    passed_on(small_world, "trust", WEDNESDAY + 3 * DAY)
    assert owed_in(small_world) == {"acknowledgement": ("lead.member@trust", TUESDAY)}
    assert [row.from_id for row in small_world.every(Referral)] == [None, None]
    assert small_world.broken(WEDNESDAY + 3 * DAY) == []


def test_what_was_closed_owes_nothing_when_its_party_leaves(small_world: World) -> None:
    """Of a kind for which nobody needs to be told, and that nobody had acknowledged."""
    came(small_world, kind=ComplaintKind.CONCERN)
    number = found(small_world, 1)
    done(small_world, change_nothing, number, HANDLER, "It was one slip.")
    done(small_world, close, 1, HANDLER)
    left(small_world, "police", WEDNESDAY + DAY)
    assert (owed_in(small_world), complaint(small_world).stage) == ({}, Stage.CLOSED)
    assert small_world.broken(WEDNESDAY + DAY) == []


def test_taken_up_again_after_its_party_left_it_is_the_secretarys(small_world: World) -> None:
    number = determined(small_world)
    done(small_world, change_nothing, number, HANDLER, "It was one slip.")
    done(small_world, tell_outcome, 1, HANDLER, "by letter")
    done(small_world, close, 1, HANDLER)
    left(small_world, "police", WEDNESDAY + DAY)
    done(small_world, look_again, 1, HANDLER, "A letter came.", now=WEDNESDAY + 2 * DAY)
    assert {who for who, _ in owed_in(small_world).values()} == {"secretary@westshire"}
    assert set(owed_in(small_world)) == {"progress", "analysis"}
    assert complaint(small_world).handler_id is None
    assert small_world.broken(WEDNESDAY + 2 * DAY) == []


@pytest.mark.parametrize("slug", ["fire", "council"])
def test_a_party_that_answers_nothing_leaves_and_takes_nothing_along(small_world: World, slug: str) -> None:
    came(small_world)
    left(small_world, slug, WEDNESDAY)
    assert owed_in(small_world) == {"acknowledgement": ("lead.member@police", TUESDAY)}


# Policy changes in the middle of it

FAR = date(2026, 12, 9)  # ten working days


def test_an_acknowledgement_that_policy_no_longer_asks_for_is_owed_wherever_it_goes(small_world: World) -> None:
    came(small_world, kind=ComplaintKind.CONCERN, received_by="fire")
    of_kind(small_world, ComplaintKind.CONCERN, acknowledgement=None)
    passed_on(small_world, "police")
    assert owed_in(small_world) == {"acknowledgement": ("lead.member@police", FAR)}
    sweep_complaints(small_world, WEDNESDAY + DAY)
    assert complaint(small_world).stage is Stage.ANALYSING
    left(small_world, "police", WEDNESDAY + 2 * DAY)
    assert owed_in(small_world)["acknowledgement"] == ("secretary@westshire", FAR)
    done(small_world, end_early, 1, ComplaintOutcome.WITHDRAWN, HANDLER, "She rang.")
    done(small_world, look_again, 1, HANDLER, "She rang again.")
    assert owed_in(small_world)["acknowledgement"] == ("secretary@westshire", FAR)
    assert small_world.broken(WEDNESDAY + 2 * DAY) == []


def test_progress_that_policy_no_longer_asks_for_is_told_once_more_and_not_again(small_world: World) -> None:
    acknowledged(small_world, received_by="fire")
    day = owed_in(small_world)["progress"][1]
    of_kind(small_world, ComplaintKind.PERSON, progress=None)
    passed_on(small_world, "police")
    assert owed_in(small_world)["progress"] == ("lead.member@police", day)
    done(small_world, report_progress, 1, HANDLER, "by letter", now=WEDNESDAY + 2 * DAY)
    assert "progress" not in owed_in(small_world)
    assert small_world.broken(WEDNESDAY + 2 * DAY) == []
    of_kind(small_world, ComplaintKind.PERSON, progress="P1M")
    assert small_world.broken(WEDNESDAY + 2 * DAY) == []


def test_where_policy_comes_to_ask_for_an_acknowledgement_nobody_waits_for_what_nobody_owes(small_world: World) -> None:
    of_kind(small_world, ComplaintKind.CONCERN, acknowledgement=None)
    came(small_world, kind=ComplaintKind.CONCERN)
    of_kind(small_world, ComplaintKind.CONCERN, acknowledgement="10 working days")
    sweep_complaints(small_world, WEDNESDAY)
    assert complaint(small_world).stage is Stage.ANALYSING
    assert small_world.broken(WEDNESDAY) == []
