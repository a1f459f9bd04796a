"""Whoever complained hears that it came, how far it is, and what came of it; nobody's mail holds a word of it."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlmodel import Session, select

from actions.complaints.answering import Answered, Given
from actions.complaints.changing import IsAnswered, ThirtyDaysAreTheLaws
from actions.complaints.closing import close, end_early, look_again
from actions.complaints.determining import correct, determine
from actions.complaints.following_up import act_locally, open_breach, open_gap
from actions.complaints.moving import ComplaintIsClosed
from actions.complaints.receiving import restate_days
from actions.complaints.referring import refer
from actions.complaints.second_reading import second_read
from actions.complaints.telling_complainant import (
    NotAcknowledged,
    NothingDetermined,
    ToldBeforeDetermined,
    ToldBeforeReceipt,
    ToldInTheFuture,
    WithdrawnHasNoOutcome,
    acknowledge,
    report_progress,
    tell_outcome,
)
from actions.complaints.when import told_when
from actions.forecasting import forecast_of
from actions.owing import delegate, extend, waive
from actions.reasons import ReasonNeeded
from models.complaint import ComplaintNotice, ComplaintOutcome, NoticeKind
from models.fitting import DoesNotFit
from models.history import History
from models.obligation import Obligation, ObligationKind
from models.outbox import Message
from models.protocol import Contact, Role
from rules.complaint import ComplaintKind, Stage
from rules.determination import Answer
from tests.actions.complaint_world import (
    HANDLER,
    WEDNESDAY,
    acknowledged,
    acknowledgements,
    complaint,
    determined,
    done,
    found,
    given,
    of_kind,
    owed_in,
    received,
    refused,
    sweep_complaints,
)
from tests.actions.world import SECRETARY, World, contact_of, duty_of

TUESDAY = date(2026, 12, 29)
DAY = timedelta(days=1)
LETTER = "by letter"


def came(world: World, **otherwise: Any) -> None:
    with world.act() as session:
        received(session, WEDNESDAY, **otherwise)


def notices(world: World) -> list[tuple[str, int]]:
    return [(row.kind.value, row.number) for row in world.every(ComplaintNotice)]


def late(world: World, what: str) -> bool:
    [row] = world.every(History, History.what == what)
    return bool(row.details["late"])


# Acknowledged


def test_acknowledged_in_time_the_next_is_progress_and_the_analysis(world: World) -> None:
    came(world)
    assert done(world, acknowledge, 1, HANDLER, LETTER, now=WEDNESDAY + DAY).number == 1
    assert (complaint(world).stage, late(world, "acknowledge")) == (Stage.ACKNOWLEDGED, False)
    assert owed_in(world) == {"progress": ("lead.member@police", TUESDAY)}, "Saturday 26 December, rolled"
    sweep_complaints(world, WEDNESDAY + DAY)
    assert owed_in(world) == {
        "progress": ("lead.member@police", TUESDAY), "analysis": ("lead.member@police", date(2027, 2, 25))
    }  # fmt: skip
    assert world.broken(WEDNESDAY + DAY) == []


def test_acknowledged_twice_the_first_one_stands(world: World) -> None:
    came(world)
    first = done(world, acknowledge, 1, HANDLER, LETTER)
    before = world.rows()
    assert done(world, acknowledge, 1, "somebody else", "by e-mail", now=WEDNESDAY + DAY).id == first.id
    assert world.rows() == before


@pytest.mark.parametrize(
    ("given_at", "is_late"),
    [
        (datetime(2026, 12, 29, 23, 59, 59, tzinfo=UTC), False),
        (datetime(2026, 12, 30, 0, 0, 1, tzinfo=UTC), True),
        (None, True),
    ],
)
def test_late_is_recorded_as_late_by_when_it_was_given(
    small_world: World, given_at: datetime | None, is_late: bool
) -> None:
    came(small_world)
    now = datetime(2027, 1, 4, 9, tzinfo=UTC)
    done(small_world, acknowledge, 1, HANDLER, LETTER, given_at, now=now)
    assert late(small_world, "acknowledge") is is_late
    assert complaint(small_world).acknowledged_at == (given_at or now)
    assert small_world.broken(now) == []


def test_answered_within_the_thirty_days_needs_no_acknowledgement_of_its_own(world: World) -> None:
    came(world)
    found(world, 1)
    assert (complaint(world).stage, set(owed_in(world))) == (Stage.DETERMINED, {"acknowledgement"})
    done(world, tell_outcome, 1, HANDLER, LETTER, now=WEDNESDAY + DAY)
    assert acknowledgements(world) == [(TUESDAY, "answered")]
    assert owed_in(world) == {}
    assert complaint(world).acknowledged_at == WEDNESDAY + DAY
    assert not late(world, "outcome told")
    assert world.broken(WEDNESDAY + DAY) == []
    before = world.rows()
    answered = done(world, acknowledge, 1, HANDLER, LETTER, now=WEDNESDAY + 40 * DAY)
    assert (answered.kind, world.rows()) == (NoticeKind.OUTCOME, before), "it was answered: nothing is late"
    assert complaint(world).acknowledged_at == WEDNESDAY + DAY


def test_answered_after_them_without_one_is_late(small_world: World) -> None:
    came(small_world)
    found(small_world, 1)
    done(small_world, tell_outcome, 1, HANDLER, LETTER, now=WEDNESDAY + 40 * DAY)
    assert late(small_world, "outcome told")


# Progress, and the outcome


def test_progress_and_the_next_one(world: World) -> None:
    acknowledged(world)
    january = datetime(2026, 12, 28, 9, tzinfo=UTC)
    done(world, report_progress, 1, HANDLER, LETTER, now=january)
    assert owed_in(world)["progress"] == ("lead.member@police", date(2027, 1, 28))
    before = world.rows()
    done(world, report_progress, 1, HANDLER, LETTER, now=january)
    assert world.rows() == before, "the same moment and way is the same notice"
    done(world, report_progress, 1, HANDLER, LETTER, now=january + 31 * DAY)
    assert notices(world) == [("acknowledgement", 1), ("progress", 1), ("progress", 2)]
    assert owed_in(world)["progress"][1] == date(2027, 3, 1), "28 February is a Sunday"
    assert world.broken(january + 31 * DAY) == []


def test_an_earlier_progress_recorded_last_brings_the_next_no_nearer(small_world: World) -> None:
    acknowledged(small_world)
    for day in (20, 10):
        at = WEDNESDAY + day * DAY
        done(small_world, report_progress, 1, HANDLER, LETTER, at, now=WEDNESDAY + 21 * DAY)
    assert owed_in(small_world)["progress"][1] == date(2027, 1, 15)


def test_progress_told_at_the_same_time_in_another_way_is_kept_too(small_world: World) -> None:
    acknowledged(small_world)
    for how in ("by letter", "by telephone", " by telephone"):
        done(small_world, report_progress, 1, HANDLER, how, WEDNESDAY + DAY, now=WEDNESDAY + 2 * DAY)
    told = [row.how for row in small_world.every(ComplaintNotice) if row.kind is NoticeKind.PROGRESS]
    assert told == ["by letter", "by telephone"]
    assert small_world.broken(WEDNESDAY + 2 * DAY) == []


def test_the_outcome_ends_progress_and_is_told_once(world: World) -> None:
    determined(world)
    assert set(owed_in(world)) == {"progress"}
    for how in (LETTER, "by e-mail"):
        done(world, tell_outcome, 1, HANDLER, how)
    assert (notices(world)[1:], owed_in(world)) == ([("outcome", 1)], {})
    assert world.broken(WEDNESDAY) == []


def test_a_corrected_determination_is_told_anew(world: World) -> None:
    determined(world)
    done(world, tell_outcome, 1, HANDLER, LETTER)
    done(world, correct, 1, given(clear=Answer.NO), HANDLER, "Nobody can read it.", now=WEDNESDAY + DAY)
    assert complaint(world).told_at is None
    assert set(owed_in(world)) == {"progress"}, "until it is told"
    done(world, tell_outcome, 1, HANDLER, LETTER, now=WEDNESDAY + 2 * DAY)
    assert notices(world) == [("acknowledgement", 1), ("outcome", 1), ("outcome", 2)]
    assert complaint(world).acknowledged_at == WEDNESDAY
    assert world.broken(WEDNESDAY + 2 * DAY) == []


def test_what_was_withdrawn_has_no_outcome_to_tell(small_world: World) -> None:
    came(small_world)
    done(small_world, end_early, 1, ComplaintOutcome.WITHDRAWN, HANDLER, "It is about bins.")
    assert isinstance(refused(small_world, tell_outcome, 1, HANDLER, LETTER), WithdrawnHasNoOutcome)


def test_the_first_letter_does_not_tell_what_was_found_again(small_world: World) -> None:
    determined(small_world)
    done(small_world, tell_outcome, 1, HANDLER, LETTER)
    later = WEDNESDAY + 10 * DAY
    done(small_world, look_again, 1, HANDLER, "She rang.", now=later)
    found(small_world, 1, now=later)  # the same answers: it holds
    early = refused(small_world, tell_outcome, 1, HANDLER, LETTER, WEDNESDAY, now=later + DAY)
    assert isinstance(early, ToldBeforeDetermined)
    done(small_world, tell_outcome, 1, HANDLER, LETTER, now=later + DAY)
    assert small_world.broken(later + DAY) == []


def test_an_outcome_is_told_after_the_second_reading(small_world: World) -> None:
    of_kind(small_world, ComplaintKind.PERSON, second_reader=True)
    acknowledged(small_world)
    found(small_world, 1)
    later = WEDNESDAY + 10 * DAY
    done(small_world, second_read, 1, True, "somebody else", "So it is.", now=later)
    early = refused(small_world, tell_outcome, 1, HANDLER, LETTER, WEDNESDAY + DAY, now=later)
    assert isinstance(early, ToldBeforeDetermined)
    with small_world.read() as session:
        at = told_when(session, later, 1, later.date().isoformat(), NoticeKind.OUTCOME)
    done(small_world, tell_outcome, 1, HANDLER, LETTER, at, now=later)
    assert small_world.broken(later) == []


def test_an_outcome_was_not_told_before_it_was_found(small_world: World) -> None:
    acknowledged(small_world)
    later = WEDNESDAY + 20 * DAY
    found(small_world, 1, now=later + timedelta(hours=4))
    early = refused(small_world, tell_outcome, 1, HANDLER, LETTER, later, now=later + DAY)
    assert isinstance(early, ToldBeforeDetermined)
    assert "15 December 2026" in str(early)
    with small_world.read() as session:
        at = told_when(session, later + DAY, 1, "2026-12-15", NoticeKind.OUTCOME)
    done(small_world, tell_outcome, 1, HANDLER, LETTER, at, now=later + DAY)
    assert complaint(small_world).told_at == later + timedelta(hours=4)
    assert small_world.broken(later + DAY) == []


def test_what_cannot_have_been_told(small_world: World) -> None:
    came(small_world)
    second, before_it_came = WEDNESDAY + timedelta(seconds=1), WEDNESDAY - timedelta(seconds=1)
    assert isinstance(refused(small_world, acknowledge, 1, HANDLER, LETTER, second), ToldInTheFuture)
    early = refused(small_world, acknowledge, 1, HANDLER, LETTER, before_it_came)
    assert isinstance(early, ToldBeforeReceipt)
    assert "was received on Wednesday 25 November 2026" in str(early)
    assert isinstance(refused(small_world, acknowledge, 1, HANDLER, " "), ReasonNeeded)
    assert isinstance(refused(small_world, acknowledge, 1, HANDLER, "x" * 121), DoesNotFit)
    assert isinstance(refused(small_world, acknowledge, 1, "x" * 121, LETTER), DoesNotFit)
    assert isinstance(refused(small_world, report_progress, 1, HANDLER, LETTER), NotAcknowledged)
    assert isinstance(refused(small_world, tell_outcome, 1, HANDLER, LETTER), NothingDetermined)
    done(small_world, end_early, 1, ComplaintOutcome.WITHDRAWN, HANDLER, "She rang.")
    assert isinstance(refused(small_world, acknowledge, 1, HANDLER, LETTER), ComplaintIsClosed)


# The days that are the law's, and those that are not


@pytest.mark.parametrize("kind", [ComplaintKind.PERSON, ComplaintKind.DISCLOSURE])
def test_the_thirty_days_are_nobodys_to_give(small_world: World, kind: ComplaintKind) -> None:
    came(small_world, kind=kind)

    def owes(session: Session) -> Obligation:
        return duty_of(session, ObligationKind.ACKNOWLEDGEMENT, "police")

    more = refused(small_world, lambda s, at: extend(s, at, owes(s), date(2027, 1, 29), SECRETARY, "Busy."))
    assert isinstance(more, ThirtyDaysAreTheLaws)
    assert "concordat complaint acknowledge 1" in str(more)
    waived = refused(small_world, lambda s, at: waive(s, at, owes(s), SECRETARY, "Busy."))
    assert isinstance(waived, ThirtyDaysAreTheLaws)


def test_of_other_kinds_they_are_but_none_is_waived(small_world: World) -> None:
    came(small_world, kind=ComplaintKind.NON_COMPLIANCE)
    with small_world.act() as session:
        duty = duty_of(session, ObligationKind.ACKNOWLEDGEMENT, "police")
        extend(session, WEDNESDAY, duty, date(2027, 1, 29), SECRETARY, "Busy.")
    assert owed_in(small_world)["acknowledgement"][1] == date(2027, 1, 29)
    waived = refused(
        small_world,
        lambda s, at: waive(s, at, duty_of(s, ObligationKind.ACKNOWLEDGEMENT, "police"), SECRETARY, "Busy."),
    )
    assert isinstance(waived, IsAnswered)
    assert small_world.broken(WEDNESDAY) == []


def test_progress_and_the_analysis_may_have_more_time_and_a_deputy(small_world: World) -> None:
    acknowledged(small_world)
    with small_world.act() as session:
        for kind in (ObligationKind.PROGRESS, ObligationKind.ANALYSIS):
            extend(session, WEDNESDAY, duty_of(session, kind, "police"), date(2027, 3, 1), SECRETARY, "Secret reason.")
            delegate(session, WEDNESDAY, duty_of(session, kind, "police"), SECRETARY, "Secret reason.")
    assert owed_in(small_world) == dict.fromkeys(("progress", "analysis"), ("deputy@police", date(2027, 3, 1)))
    assert not [row.key for row in small_world.every(Message) if "Secret" in row.text + row.subject + row.html]
    assert small_world.broken(WEDNESDAY) == []


# Reminders


def remind_all(world: World, until: datetime) -> list[tuple[str, str, str]]:
    """Every hour that matters to the ladder: what was sent, on which day, to whom."""
    known = {row.key for row in world.every(Message)}
    day, sent = datetime(2026, 12, 1, 9, tzinfo=UTC), []
    while day <= until:
        world.sweep(day)
        new = [row for row in world.every(Message) if row.key not in known]
        known |= {row.key for row in new}
        sent += [(f"{day:%d %b}", row.kind, row.address.removesuffix(".example")) for row in new]
        day += DAY
    return sent


OWNER, DEPUTY, HEAD = "lead.member@police", "deputy@police", "secretary@westshire"
LADDER = [
    ("11 Dec", "duty_reminder", OWNER),
    ("18 Dec", "duty_reminder", OWNER),
    ("22 Dec", "duty_escalated_to_deputy", DEPUTY),
    ("23 Dec", "duties_escalated_to_secretary", HEAD),
    ("30 Dec", "duties_escalated_to_secretary", HEAD),
]
NEW_YEAR = datetime(2027, 1, 4, 9, tzinfo=UTC)


def test_an_acknowledgement_that_nobody_gives_reminds_owner_deputy_and_secretary_as_forecast(
    small_world: World,
) -> None:
    came(small_world)
    with small_world.read() as session:
        expected = [
            (f"{each.at:%d %b}", each.kind, each.address.removesuffix(".example"))
            for each in forecast_of(session, WEDNESDAY, None, NEW_YEAR)
        ]
    assert expected == LADDER
    assert remind_all(small_world, NEW_YEAR) == LADDER
    assert small_world.broken(NEW_YEAR) == []


def test_once_acknowledged_nobody_is_reminded_of_it(small_world: World) -> None:
    came(small_world)
    done(small_world, acknowledge, 1, HANDLER, LETTER)
    assert remind_all(small_world, datetime(2026, 12, 20, 9, tzinfo=UTC)) == []


def test_a_bounced_address_is_not_silence(small_world: World) -> None:
    came(small_world)
    with small_world.act() as session:
        contact_of(session, "police").bounced_at = WEDNESDAY
    assert remind_all(small_world, NEW_YEAR) == LADDER[2:]
    assert small_world.rungs()["before-10-owner", "undeliverable"] == 1


def test_an_address_that_has_bounced_is_asked_nothing(small_world: World) -> None:
    with small_world.act() as session:
        contact_of(session, "police").bounced_at = WEDNESDAY
    came(small_world)
    assert owed_in(small_world)["acknowledgement"][0] == DEPUTY
    [key] = small_world.said("complaint_asked")
    assert "is not reached at the known address" in small_world.words(key)


def test_after_a_hop_whoever_has_it_now_is_reminded(small_world: World) -> None:
    came(small_world, received_by="fire")
    done(small_world, refer, 1, "trust", HANDLER, "Theirs.")
    people = {who for _, _, who in remind_all(small_world, NEW_YEAR)}
    assert people == {"lead.member@trust", "deputy@trust", HEAD}


# Mail


HOSTILE = "Zebra </td>{{ 7 * 7 }} %s \r\nBcc: zebra@evil.example"


def hostile(clear: Answer = Answer.NO) -> Given:
    said = {"because": HOSTILE, "reference": "zebra 12"}
    yes, no, unclear = (Answered(answer=answer, **said) for answer in (Answer.YES, Answer.NO, clear))
    return Given(covered=yes, followed=no, clear=unclear, harm=yes, clause="12-security")


def test_no_mail_holds_a_word_of_what_anybody_wrote(small_world: World) -> None:
    came(small_world, what=HOSTILE, wanted=HOSTILE, reach=HOSTILE, attachments=["zebra"], received_by="fire")
    done(small_world, refer, 1, "police", HANDLER, HOSTILE)
    done(small_world, restate_days, 1, date(2026, 5, 1), None, HANDLER, HOSTILE)
    done(small_world, acknowledge, 1, HANDLER, "zebra post")
    sweep_complaints(small_world, WEDNESDAY)
    done(small_world, report_progress, 1, HANDLER, "zebra post")
    done(small_world, determine, 1, hostile(), HANDLER, HOSTILE)
    done(small_world, correct, 1, hostile(Answer.NO), HANDLER, HOSTILE)
    done(small_world, act_locally, 2, HOSTILE, HANDLER)
    done(small_world, open_breach, 2, HOSTILE, HANDLER)
    done(small_world, open_gap, 2, HOSTILE, HANDLER, urgent=True)
    done(small_world, tell_outcome, 1, HANDLER, "zebra post")
    done(small_world, close, 1, HANDLER)
    done(small_world, look_again, 1, HANDLER, HOSTILE)
    small_world.sweep(WEDNESDAY + 200 * DAY)
    rows = small_world.every(Message)
    assert len(rows) > 8
    for row in rows:
        assert "zebra" not in f"{row.subject}{row.text}{row.html}{row.calendar}{row.address}".casefold(), row.key
    assert "zebra" not in str([row.details for row in small_world.every(History)]).casefold()
    assert small_world.broken(WEDNESDAY + 200 * DAY) == []


def test_one_message_a_person_for_each_thing_that_is_asked(small_world: World) -> None:
    came(small_world, received_by="fire")
    done(small_world, refer, 1, "police", HANDLER, "Theirs.")
    for _ in range(2):
        done(small_world, acknowledge, 1, HANDLER, LETTER)
        sweep_complaints(small_world, WEDNESDAY)
    counted = Counter((row.kind, row.address) for row in small_world.every(Message))
    assert counted == {
        ("complaint_asked", "lead.member@fire.example"): 1,
        ("complaint_asked", "lead.member@police.example"): 3,  # to acknowledge, progress, the four questions
    }


def test_the_complaint_handler_comes_before_the_lead_member(small_world: World) -> None:
    with small_world.act() as session:
        lead = session.exec(select(Contact).where(Contact.address == "lead.member@police.example")).one()
        session.add(
            Contact(
                protocol_id=lead.protocol_id, party_id=lead.party_id, role=Role.COMPLAINTS,
                address="complaints@police.example",
            )
        )  # fmt: skip
    came(small_world)
    assert owed_in(small_world)["acknowledgement"][0] == "complaints@police"
