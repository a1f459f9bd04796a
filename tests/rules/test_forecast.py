"""The forecast over plain values. That it is what is sent, `tests/actions/test_forecast_is_what_is_sent.py` shows."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.forecast import Forecasted, ForecastState, forecast
from rules.forecast_state import Member, OpenDuty, OpenReview, ProtocolState, ReviewCalendar, obligation_named
from rules.instants import LONDON, end_of_day
from rules.ladders import Ladder, Recipient, Rung
from rules.periods import parse_period
from rules.reminding import Person
from rules.review import Stage
from rules.working_days import Nation

EW = Nation.ENGLAND_AND_WALES
OWNER, DEPUTY, TO_SECRETARY = Recipient.OWNER, Recipient.DEPUTY, Recipient.SECRETARY

# The annual review of Wednesday 31 March 2027: everybody is asked on Friday 26 February (28 February is a Sunday).
REVIEW_ON = date(2027, 3, 31)
OPENS = datetime(2027, 2, 26, 9, tzinfo=UTC)
CLOSES = datetime(2027, 3, 31, 23, tzinfo=UTC)  # the end of that day in London, where it is summer by then
NOVEMBER = datetime(2026, 11, 23, 10, tzinfo=UTC)
NEXT_SUMMER = datetime(2027, 8, 31, tzinfo=UTC)

SECRETARY = Person(100, "secretary@group.example")
FEEDBACK = Ladder(
    "feedback", time(9),
    (Rung("ten", -10), Rung("five", -5), Rung("two", -2, DEPUTY), Rung("one", -1, TO_SECRETARY)),
)  # fmt: skip
DRAFTING = Ladder("drafting", time(9), (Rung("soon", -5), Rung("over", 1), Rung("long", 10, TO_SECRETARY)))
SIGNATURE = Ladder("signature", time(9), (Rung("thirty", -30), Rung("late", 1, DEPUTY), Rung("later", 5, TO_SECRETARY)))


def member(number: int, **differing: object) -> Member:
    slug = f"party-{number}"
    known = Member(
        id=number, slug=slug, nation=EW, lead=Person(number, f"lead@{slug}.example"),
        deputy=Person(number + 50, f"deputy@{slug}.example"),
    )  # fmt: skip
    return replace(known, **differing)


def review(**differing: object) -> OpenReview:
    known = OpenReview(
        id=1, stage=Stage.SCHEDULED, review_on=REVIEW_ON, opens_at=OPENS, due_on=REVIEW_ON, due_at=CLOSES
    )  # fmt: skip
    return replace(known, **differing)


def duty(of: Member, kind: str = "feedback", due_on: date = REVIEW_ON, **differing: object) -> OpenDuty:
    assert of.lead is not None
    known = OpenDuty(
        id=of.id, key=f"review:1:{kind}:{of.slug}", case="review:1", kind=kind, party=of.id, owner=of.lead, nation=EW,
        zone=LONDON, opened_at=OPENS, due_on=due_on, due_at=end_of_day(due_on, LONDON), next_at=OPENS,
    )  # fmt: skip
    return replace(known, **differing)


def protocol(*members: Member, **differing: object) -> ProtocolState:
    known = ProtocolState(
        slug="bedfordshire", nation=EW, zone=LONDON, secretary=SECRETARY,
        windows={
            "drafting": parse_period("20 working days"),
            "confirmation": parse_period("P1M"),
            "extraordinary_feedback": parse_period("10 working days"),
        },
        ladders={"feedback": FEEDBACK, "drafting": DRAFTING, "signature": SIGNATURE, "confirmation": FEEDBACK},
        calendar=ReviewCalendar(
            anchor=REVIEW_ON, interval=parse_period("P1Y"), notice=parse_period("P1M"), held_on=REVIEW_ON
        ),
        checklist=True, members=members, reviews=(review(),), duties=(),
    )  # fmt: skip
    return replace(known, **differing)


def said(known: ProtocolState, now: datetime = NOVEMBER, until: datetime = NEXT_SUMMER) -> list[Forecasted]:
    return forecast(ForecastState(protocols=(known,), next_review_id=2), now, until)


def told(messages: list[Forecasted], *kinds: str) -> list[tuple[str, str]]:
    """London's clock and address of the messages of these kinds; of all where none is named."""
    return [(_clock(m.at), m.address) for m in messages if not kinds or m.kind in kinds]


def _clock(at: datetime) -> str:
    return f"{at.astimezone(LONDON):%Y-%m-%d %H:%M}"


def test_a_year_in_which_nobody_answers() -> None:
    messages = said(protocol(member(1)))
    assert [(_clock(m.at), m.kind, m.address, m.party) for m in messages] == [
        ("2027-02-26 09:00", "feedback_invited", "lead@party-1.example", "party-1"),
        ("2027-03-15 09:00", "duty_reminder", "lead@party-1.example", "party-1"),
        ("2027-03-22 09:00", "duty_reminder", "lead@party-1.example", "party-1"),
        ("2027-03-25 09:00", "duty_escalated_to_deputy", "deputy@party-1.example", "party-1"),
        ("2027-03-30 09:00", "duties_escalated_to_secretary", "secretary@group.example", None),
        ("2027-04-01 00:00", "feedback_closed_unanswered", "lead@party-1.example", "party-1"),
        ("2027-04-01 00:00", "feedback_summary", "secretary@group.example", None),
        ("2027-04-22 09:00", "duty_reminder", "secretary@group.example", None),
        ("2027-04-30 09:00", "duty_reminder", "secretary@group.example", None),
        ("2027-05-14 09:00", "duty_reminder", "secretary@group.example", None),
    ]


def test_every_message_names_what_it_is_about() -> None:
    messages = said(protocol(member(1), member(2)))
    about = {m.obligation for m in messages if m.kind == "duty_reminder" and m.party}
    assert about == {"review:1:feedback:party-1", "review:1:feedback:party-2"}
    [to_secretary] = [m for m in messages if m.kind == "duties_escalated_to_secretary"]
    assert to_secretary.obligation == "review:1:feedback"
    assert to_secretary.obligations == ("review:1:feedback:party-1", "review:1:feedback:party-2")
    assert obligation_named("review:1", None, ()) == "review:1"


def test_every_message_says_why() -> None:
    reasons = [m.because for m in said(protocol(member(1)))]
    assert reasons[0] == "Every party is asked for feedback on the review of Wednesday 31 March 2027."
    assert reasons[1] == "Feedback is owed until Wednesday 31 March 2027: a reminder 10 working days before."
    assert reasons[3] == "Feedback is owed until Wednesday 31 March 2027: the deputy is asked 2 working days before."
    assert reasons[5] == "No answer until Wednesday 31 March 2027, the last day for feedback."
    assert reasons[8] == "Drafting is owed until Thursday 29 April 2027: a reminder one working day after."


def test_where_hours_were_counted_the_reason_names_the_instant() -> None:
    aware = datetime(2027, 3, 26, 16, 20, tzinfo=UTC)  # Good Friday; the clocks change on Sunday
    hours = [(-48 * 60, OWNER), (-60, OWNER), (-30, DEPUTY), (0, OWNER), (90, TO_SECRETARY)]
    ladder = Ladder("notice", time(9), tuple(Rung(f"m{m}", to=to, minutes=m) for m, to in hours))
    notice = duty(
        member(1), "notice", date(2027, 3, 29), case="breach:1", key="breach:1:notice:party-1", opened_at=aware,
        due_at=aware + timedelta(hours=72), next_at=aware + timedelta(hours=24), exact=True,
    )  # fmt: skip
    messages = said(protocol(member(1), ladders={"notice": ladder}, reviews=(), duties=(notice,)), aware)
    assert [(_clock(m.at), m.because.partition(": ")[2]) for m in messages] == [
        ("2027-03-27 16:20", "a reminder 48 hours before."),
        ("2027-03-29 16:20", "a reminder one hour before."),
        ("2027-03-29 16:50", "the deputy is asked 30 minutes before."),
        ("2027-03-29 17:20", "a reminder at that instant."),
        ("2027-03-29 18:50", "the secretary hears of it one hour and 30 minutes after."),
    ]
    assert messages[0].because.startswith("Notice is owed until Monday 29 March 2027 17:20 BST:")


def test_the_kinds_are_those_of_messages_that_exist() -> None:
    rules = Path(__file__).parents[2] / "rules"
    folders = {path.name for path in (rules.parent / "notifications" / "templates").iterdir() if path.is_dir()}
    joining = protocol(member(1), reviews=(review(), review(id=2, stage=Stage.COLLECTING)))
    adopting = protocol(member(1), reviews=(review(stage=Stage.SIGNING, version="5.0", signed=frozenset({1})),))
    kinds = {m.kind for known in (protocol(member(1)), joining, adopting) for m in said(known)}
    assert kinds <= folders
    assert {"review_reason_added", "version_adopted", "confirmation_requested"} <= kinds


@pytest.mark.parametrize(
    ("joined_on", "left_on", "asked"),
    [
        (date(2027, 2, 26), None, True),
        (date(2027, 2, 27), None, True),  # in the middle, on its first day
        (date(2027, 4, 2), None, False),
        (None, date(2027, 2, 26), False),
        (None, date(2027, 2, 27), True),
    ],
)
def test_who_is_a_party_on_the_day_is_asked(joined_on: date | None, left_on: date | None, asked: bool) -> None:
    messages = said(protocol(member(1), member(2, joined_on=joined_on, left_on=left_on)))
    assert ("party-2" in {m.party for m in messages}) is asked


def test_a_bounced_address_gets_nothing_and_its_deputy_still_does() -> None:
    lead = Person(1, "lead@party-1.example", reachable=False)
    messages = said(protocol(member(1, lead=lead)))
    assert {m.address for m in messages} == {"deputy@party-1.example", "secretary@group.example"}


def test_without_a_deputy_the_secretary_hears_in_one_message_for_all() -> None:
    messages = said(protocol(member(1, deputy=None), member(2, deputy=None), member(3)))
    escalated = [m for m in messages if _clock(m.at) == "2027-03-25 09:00"]
    assert [(m.address, len(m.obligations)) for m in escalated] == [
        ("secretary@group.example", 2), ("deputy@party-3.example", 1)
    ]  # fmt: skip


def test_after_an_outage_there_is_one_message_a_person_at_once() -> None:
    now = datetime(2027, 3, 24, 12, tzinfo=UTC)
    messages = said(collecting(duty(member(1))), now)
    assert told(messages)[:2] == [
        ("2027-03-24 12:00", "lead@party-1.example"), ("2027-03-25 09:00", "deputy@party-1.example")
    ]  # fmt: skip


def collecting(*duties: OpenDuty, **differing: object) -> ProtocolState:
    members = [member(owed.party) for owed in duties if owed.party]
    return protocol(*members, reviews=(review(stage=Stage.COLLECTING),), duties=duties, **differing)


def test_two_rungs_for_one_person_are_one_message_about_one_obligation() -> None:
    """The deputy's rung and the secretary's have both come, and there is no deputy."""
    alone = member(1, deputy=None)
    known = protocol(alone, reviews=(review(stage=Stage.COLLECTING),), duties=(duty(alone),))
    messages = said(known, datetime(2027, 3, 30, 12, tzinfo=UTC))
    [to_secretary] = [m for m in messages if m.kind == "duties_escalated_to_secretary"]
    assert to_secretary.obligations == ("review:1:feedback:party-1",)


def test_off_past_the_deadline_there_is_the_closing_note_only() -> None:
    messages = said(collecting(duty(member(1))), datetime(2027, 4, 6, 8, tzinfo=UTC))
    at_once = [m.kind for m in messages if _clock(m.at) == "2027-04-06 09:00"]
    assert at_once == ["feedback_closed_unanswered", "feedback_summary"]


def test_an_extension_moves_the_rungs_and_those_sent_are_not_repeated() -> None:
    later = date(2027, 4, 14)  # five working days before it: 7 April
    extended = duty(
        member(1), due_on=later, taken=frozenset({"ten"}), next_at=datetime(2027, 4, 7, 8, tzinfo=UTC)
    )  # fmt: skip
    messages = said(collecting(extended, duty(member(2))), datetime(2027, 3, 29, 12, tzinfo=UTC))
    of_extended = [m for m in messages if m.obligations == (extended.key,)]
    assert told(of_extended) == [
        ("2027-04-07 09:00", "lead@party-1.example"),
        ("2027-04-12 09:00", "deputy@party-1.example"),
        ("2027-04-13 09:00", "secretary@group.example"),
    ]
    assert [m.party for m in messages if m.kind == "feedback_closed_unanswered"] == ["party-2"]


def test_whoever_has_been_delegated_to_is_reminded_as_the_one_who_owes() -> None:
    one = member(1)
    assert one.deputy is not None
    messages = said(collecting(duty(one, owner=one.deputy)), datetime(2027, 3, 20, tzinfo=UTC))
    assert told(messages, "duty_escalated_to_deputy") == []
    assert told(messages, "duty_reminder")[:3] == [
        ("2027-03-20 00:00", "deputy@party-1.example"),
        ("2027-03-22 09:00", "deputy@party-1.example"),
        ("2027-03-25 09:00", "deputy@party-1.example"),
    ]


def test_an_annual_review_joins_one_that_still_collects_and_brings_its_time() -> None:
    extraordinary = review(
        id=1, stage=Stage.COLLECTING, due_on=date(2027, 3, 5), due_at=end_of_day(date(2027, 3, 5), LONDON)
    )
    owed = duty(member(1), due_on=date(2027, 3, 5), taken=frozenset({"ten", "five"}))
    known = protocol(member(1), reviews=(extraordinary, review(id=2)), duties=(owed,))
    messages = said(known, datetime(2027, 2, 24, 9, tzinfo=UTC))
    assert told(messages, "feedback_invited") == []
    assert told(messages, "review_reason_added") == [("2027-02-26 09:00", "lead@party-1.example")]
    assert told(messages, "feedback_closed_unanswered") == [("2027-04-01 00:00", "lead@party-1.example")]
    assert told(messages, "duty_escalated_to_deputy") == [("2027-03-25 09:00", "deputy@party-1.example")]


def test_an_annual_review_that_joins_a_closed_one_asks_everybody_once_more() -> None:
    drafting = review(id=1, stage=Stage.DRAFTING)
    owed = replace(duty(member(1), "drafting"), party=None, owner=SECRETARY, due_on=date(2027, 3, 10))
    known = protocol(member(1), reviews=(drafting, review(id=2)), duties=(owed,))
    messages = said(known, datetime(2027, 2, 24, 9, tzinfo=UTC))
    assert {m.case for m in messages} == {"review:1"}
    [invited] = [m for m in messages if m.kind == "feedback_invited"]
    assert invited.obligation == "review:1:feedback:party-1:round-2"
    drafts = {m.obligation for m in messages if "drafting" in m.obligation and m.at > OPENS}
    assert drafts == {"review:1:drafting:round-2"}


def test_nothing_is_adopted_while_a_signature_is_owed() -> None:
    owed = duty(member(1), "signature", due_on=date(2027, 5, 28), next_at=datetime(2027, 4, 13, 8, tzinfo=UTC))
    known = protocol(member(1), reviews=(review(stage=Stage.SIGNING, version="5.0"),), duties=(owed,))
    messages = said(known, datetime(2027, 4, 1, tzinfo=UTC))
    assert {m.kind for m in messages} == {
        "duty_reminder", "duty_escalated_to_deputy", "duties_escalated_to_secretary"
    }  # fmt: skip


def test_the_last_signature_is_followed_by_adoption_confirmation_and_the_next_review() -> None:
    known = protocol(
        member(1), member(2), reviews=(review(stage=Stage.SIGNING, version="5.0", signed=frozenset({1})),),
    )  # fmt: skip
    now = datetime(2027, 7, 13, 15, tzinfo=UTC)
    messages = said(known, now, datetime(2028, 3, 1, tzinfo=UTC))
    assert told(messages, "version_adopted") == [
        ("2027-07-13 16:00", "lead@party-1.example"), ("2027-07-13 16:00", "lead@party-2.example")
    ]  # fmt: skip
    assert told(messages, "confirmation_requested") == [("2027-07-13 16:00", "lead@party-1.example")]
    invited = [m for m in messages if m.kind == "feedback_invited"]
    assert [(_clock(m.at), m.case) for m in invited] == [("2028-02-29 09:00", "review:2")] * 2


def test_what_lies_beyond_the_published_holidays_is_left_out_and_holds_up_nothing() -> None:
    """Five working days after 29 December 2028 nobody can name yet; the reminder before it is sent all the same."""
    last = date(2028, 12, 29)
    ladder = Ladder("signature", time(9), (Rung("soon", -1), Rung("late", 5)))
    owed = duty(member(1), "signature", due_on=last, next_at=datetime(2028, 12, 28, 9, tzinfo=UTC))
    known = protocol(member(1), reviews=(), duties=(owed,), ladders={"signature": ladder})
    messages = said(known, datetime(2028, 12, 1, tzinfo=UTC), datetime(2029, 6, 1, tzinfo=UTC))
    assert told(messages) == [("2028-12-28 09:00", "lead@party-1.example")]


def test_a_step_that_is_refused_holds_up_no_other_protocol() -> None:
    """Drafting that is due in 2029 cannot be given a day; nothing is half done about it."""
    last = date(2028, 12, 20)
    closing = review(stage=Stage.COLLECTING, due_on=last, due_at=end_of_day(last, LONDON))
    stuck = protocol(member(1), reviews=(closing,), duties=(duty(member(1), due_on=last),))
    owed = duty(member(2), "signature", due_on=date(2028, 12, 21), next_at=datetime(2028, 12, 22, 9, tzinfo=UTC))
    other = protocol(member(2), slug="wales", reviews=(), duties=(owed,))
    state = ForecastState(protocols=(stuck, other), next_review_id=9)
    messages = forecast(state, datetime(2028, 12, 19, 12, tzinfo=UTC), datetime(2029, 3, 1, tzinfo=UTC))
    assert {m.kind for m in messages if m.party == "party-1"} == {"duty_reminder", "duty_escalated_to_deputy"}
    assert [m.kind for m in messages if m.party == "party-2"][-1] == "duty_escalated_to_deputy"


def test_the_horizon_belongs_to_the_forecast_and_nothing_after_it() -> None:
    known = protocol(member(1))
    assert len(said(known, until=OPENS)) == 1
    assert said(known, until=OPENS - timedelta(seconds=1)) == []


@given(st.integers(0, 250 * 24 * 60))
def test_a_forecast_made_on_the_way_is_never_late_and_says_nothing_twice(minutes: int) -> None:
    now = NOVEMBER + timedelta(minutes=minutes)
    messages = said(protocol(member(1), member(2)), now)
    assert all(m.at >= now for m in messages)
    assert len({(m.at, m.kind, m.address, m.obligations) for m in messages}) == len(messages)
