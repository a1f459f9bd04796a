"""A file with another policy on reviews: what lies ahead is counted anew, what has begun keeps its dates."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import SQLModel, col, select

import protocols
from actions.cast import protocol_named
from actions.clockwork import next_step, take_clock_step
from actions.load_report import LoadReport
from actions.loading import load_protocol
from actions.review_deciding import cancel
from actions.review_opening import open_annual
from actions.review_scheduling import set_review_date
from actions.verifying import verify
from models.history import History
from models.obligation import Obligation, ObligationKind
from models.outbox import Message
from models.protocol import Matter, MatterKind
from models.protocol_file import ProtocolFile, read_date, read_protocol
from models.review import Review
from models.store import reading, transaction
from rules.review import Stage, Step
from rules.working_days import Nation

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
LATER = NOW + timedelta(days=7)
BY = "secretary"
PARTIES = 17
OCTOBER = "The next review is on Tuesday 5 October 2027"


@pytest.fixture(scope="module")
def file() -> ProtocolFile:
    """Counted from 5 October 2015: the next review is on Tuesday 5 October 2027, asked on Friday 3 September."""
    return with_review(
        read_protocol(Path(protocols.__file__).parent / "bedfordshire"), anchor=read_date("2015-10-05")
    )  # fmt: skip


@pytest.fixture
def loaded(sqlite_store: sa.Engine, file: ProtocolFile) -> sa.Engine:
    load(sqlite_store, file, NOW)
    return sqlite_store


def with_identity(file: ProtocolFile, **values: Any) -> ProtocolFile:
    return replace(file, identity=file.identity.model_copy(update=values))


def with_review(file: ProtocolFile, **values: Any) -> ProtocolFile:
    policies = file.identity.policies
    review = policies.review.model_copy(update=values)
    return with_identity(file, policies=policies.model_copy(update={"review": review}))


def load(store: sa.Engine, file: ProtocolFile, now: datetime = LATER) -> LoadReport:
    """A second time without effect, whatever it was; and the checker finds nothing."""
    with transaction(store) as session:
        report = load_protocol(session, now, file, BY)
    before = everything(store)
    with transaction(store) as session:
        again = load_protocol(session, now, file, BY)
    assert everything(store) == before
    assert (again.created, again.changed, again.kept) == ((), (), ())
    with reading(store) as session:
        assert verify(session, now).broken == []
    return report


def everything(store: sa.Engine) -> dict[str, list[Any]]:
    with store.connect() as connection:
        tables = SQLModel.metadata.sorted_tables
        return {
            table.name: [tuple(row) for row in connection.execute(sa.select(table).order_by("id"))] for table in tables
        }


def sweep(store: sa.Engine, at: datetime, review_id: int) -> Step | None:
    with transaction(store) as session:
        step = next_step(session, at, review_id)
        if step is not None:
            take_clock_step(session, at, review_id, step)
        return step


def set_by_hand(store: sa.Engine, day: date) -> None:
    with transaction(store) as session:
        set_review_date(session, NOW, protocol_named(session, "bedfordshire"), day, BY)


def the_review(store: sa.Engine, number: int = 1) -> tuple[Stage, date, date, date]:
    """Its stage, its day, the day on which everybody is asked, and that on which feedback is due."""
    with reading(store) as session:
        review = session.get_one(Review, number)
        return review.stage, review.review_on, review.opens_at.date(), review.due_on


def what_was_done(store: sa.Engine, case: str) -> list[str]:
    with reading(store) as session:
        return list(session.exec(select(History.what).where(History.case == case).order_by(col(History.seq))))


# --- what has not begun ---------------------------------------------------------------------------------------


def test_another_notice_moves_the_day_on_which_everybody_is_asked(loaded, file):
    assert the_review(loaded) == (Stage.SCHEDULED, date(2027, 10, 5), date(2027, 9, 3), date(2027, 10, 5))
    report = load(loaded, with_review(file, notice="P2M"))
    assert the_review(loaded) == (Stage.SCHEDULED, date(2027, 10, 5), date(2027, 8, 5), date(2027, 10, 5))
    assert report.changed[1:] == (
        "The next review stays on Tuesday 5 October 2027. Every party is asked on Thursday 5 August 2027, no longer on "
        "Friday 3 September 2027.",
    )
    assert report.kept == ()
    assert what_was_done(loaded, "review:1") == ["annual review scheduled", "review dates counted anew"]
    with reading(loaded) as session:
        details = session.exec(select(History.details).where(History.what == "review dates counted anew")).first()
    assert (details["previous_opens_at"][:10], details["opens_at"][:10]) == ("2027-09-03", "2027-08-05")


def test_everybody_is_asked_once_on_the_new_day(loaded, file):
    load(loaded, with_review(file, notice="P2M"))
    assert sweep(loaded, datetime(2027, 8, 5, 7, tzinfo=UTC), 1) is None
    opened = datetime(2027, 8, 5, 8, tzinfo=UTC)
    assert sweep(loaded, opened, 1) is Step.INVITE_FEEDBACK
    with reading(loaded) as session:
        owed = session.exec(select(Obligation).where(Obligation.kind == ObligationKind.FEEDBACK)).all()
        assert len(owed) == len({duty.party_id for duty in owed}) == PARTIES
        assert {duty.due_on for duty in owed} == {date(2027, 10, 5)}
        assert session.exec(select(sa.func.count()).select_from(Message)).one() == PARTIES
        assert verify(session, opened).broken == []


def test_another_interval_brings_another_day(loaded, file):
    report = load(loaded, with_review(file, interval="P6M"))
    assert the_review(loaded) == (Stage.SCHEDULED, date(2027, 4, 5), date(2027, 3, 5), date(2027, 4, 5))
    assert report.changed[1:] == (
        "The next review is on Monday 5 April 2027, no longer on Tuesday 5 October 2027. Every party is asked on "
        "Friday 5 March 2027, no longer on Friday 3 September 2027. Feedback is due on Monday 5 April 2027, no longer "
        "on Tuesday 5 October 2027.",
    )


def test_another_anchor_brings_another_day(loaded, file):
    report = load(loaded, with_review(file, anchor=read_date("2015-09-20")))
    assert the_review(loaded) == (Stage.SCHEDULED, date(2027, 9, 20), date(2027, 8, 20), date(2027, 9, 20))
    assert report.changed[1].startswith(
        "Review dates are counted from Sunday 20 September 2015. The next review is on Monday 20 September 2027, no "
        "longer on Tuesday 5 October 2027. Every party is asked on Friday 20 August 2027"
    )


def test_a_next_day_that_the_file_no_longer_names_gives_way_to_the_anchor(store, file):
    load(store, with_review(file, next_on=read_date("2027-03-31")), NOW)
    report = load(store, file)
    assert the_review(store)[1] == date(2027, 10, 5)
    assert f"{OCTOBER}, no longer on Wednesday 31 March 2027." in report.changed[1]


def test_a_file_that_names_no_day_any_more_leaves_the_one_that_stands(loaded, file):
    report = load(loaded, with_review(file, anchor=read_date("2015-11"), interval="P2Y"))
    assert the_review(loaded)[1] == date(2027, 10, 5)
    assert report.kept == (
        "The review date of an earlier file (Monday 5 October 2015) is kept, as this file names no day.",
    )


def test_the_holidays_of_another_nation_move_what_is_rolled_to_a_working_day(store, file):
    """Easter Monday is none in Scotland."""
    monday = with_review(file, anchor=read_date("2016-03-29"))
    load(store, monday, NOW)
    assert the_review(store)[1:3] == (date(2027, 3, 29), date(2027, 2, 26))
    assert the_review(store)[3] == date(2027, 3, 30)
    report = load(store, with_identity(monday, nation=Nation.SCOTLAND))
    assert the_review(store)[3] == date(2027, 3, 29)
    assert report.changed[-1] == (
        "The next review stays on Monday 29 March 2027. Feedback is due on Monday 29 March 2027, no longer on Tuesday "
        "30 March 2027."
    )


def test_of_a_year_without_published_holidays_only_the_day_is_said(loaded, file):
    report = load(loaded, with_review(file, interval="P8Y"))
    assert report.changed[1:] == ("The next review is on Sunday 5 October 2031, no longer on Tuesday 5 October 2027.",)


def test_where_there_was_no_interval_the_first_review_is_scheduled(store, file):
    load(store, with_review(file, interval=None), NOW)
    assert load(store, file).changed[1:] == (f"{OCTOBER}.",)


def test_a_review_of_an_interval_that_is_given_up_stays_and_the_report_says_so(loaded, file):
    report = load(loaded, with_review(file, interval=None))
    assert the_review(loaded)[1] == date(2027, 10, 5)
    assert report.kept == (
        "The next review stays on Tuesday 5 October 2027, although the file states no interval any more.",
    )


# --- a new day, or a day to ask, that has come ----------------------------------------------------------------


def test_where_the_new_day_to_ask_is_past_everybody_is_asked_at_once(loaded, file):
    now = datetime(2027, 8, 20, 9, tzinfo=UTC)
    report = load(loaded, with_review(file, notice="P3M"), now)
    assert report.changed[1:] == (
        "The next review stays on Tuesday 5 October 2027. Every party is asked at once, no longer on Friday 3 "
        "September 2027.",
    )
    assert sweep(loaded, now, 1) is Step.INVITE_FEEDBACK
    assert the_review(loaded)[0] is Stage.COLLECTING


def test_a_new_day_that_is_near_leaves_everybody_the_least_window(loaded, file):
    now = datetime(2027, 4, 1, 9, tzinfo=UTC)
    report = load(loaded, with_review(file, interval="P6M"), now)
    assert "Every party is asked at once" in report.changed[1]
    assert "Feedback is due on Thursday 15 April 2027, no longer" in report.changed[1]
    sweep(loaded, now, 1)
    assert the_review(loaded)[3] == date(2027, 4, 15)


def test_days_that_are_past_are_passed_over(loaded, file):
    load(loaded, with_review(file, anchor=read_date("2015-11-29")), LATER)
    assert the_review(loaded)[1] == date(2027, 11, 29)


def test_a_review_whose_day_came_while_the_clock_stood_still_is_not_passed_over(loaded, file):
    """Whatever the file says now: the year would be lost."""
    now = datetime(2027, 11, 8, 9, tzinfo=UTC)
    load(loaded, with_review(file, interval="P2Y", notice="P2M"), now)
    assert the_review(loaded)[:2] == (Stage.SCHEDULED, date(2027, 10, 5))
    assert sweep(loaded, now, 1) is Step.INVITE_FEEDBACK


# --- a day that was set by hand -------------------------------------------------------------------------------


@pytest.mark.parametrize("other", [{"interval": "P6M"}, {"anchor": read_date("2015-11")}], ids=["interval", "anchor"])
def test_a_day_that_was_set_by_hand_stands(loaded, file, other):
    set_by_hand(loaded, date(2027, 3, 31))
    report = load(loaded, with_review(file, **other))
    assert the_review(loaded) == (Stage.SCHEDULED, date(2027, 3, 31), date(2027, 2, 26), date(2027, 3, 31))
    assert len(report.kept) == 1
    assert report.kept[0].startswith("The review date set here (Wednesday 31 March 2027) is kept")
    assert len(report.changed) == 1  # the policies


def test_what_is_counted_from_a_day_that_was_set_by_hand_follows_the_policy(loaded, file):
    set_by_hand(loaded, date(2027, 3, 31))
    report = load(loaded, with_review(file, notice="P2M", anchor=read_date("2015-11-01")))
    assert the_review(loaded) == (Stage.SCHEDULED, date(2027, 3, 31), date(2027, 1, 29), date(2027, 3, 31))
    assert report.kept == ("The review date set here (Wednesday 31 March 2027) is kept, not Sunday 1 November 2015.",)
    assert report.changed[1:] == (
        "The next review stays on Wednesday 31 March 2027. Every party is asked on Friday 29 January 2027, no longer "
        "on Friday 26 February 2027.",
    )


def test_a_file_that_comes_to_name_the_day_that_was_set_by_hand_says_nothing_of_it(loaded, file):
    set_by_hand(loaded, date(2027, 3, 31))
    report = load(loaded, with_review(file, next_on=read_date("2027-03-31")))
    assert (report.changed[1:], report.kept) == ((), ())


# --- a store that took the policy before anybody counted by it -------------------------------------------------


def taken_uncounted(store: sa.Engine, file: ProtocolFile, anchor: date | None = None) -> None:
    """The policies of the file, and the dates of the one before."""
    with transaction(store) as session:
        protocol = protocol_named(session, "bedfordshire")
        protocol.policies = file.identity.policies.model_dump(mode="json")
        protocol.review_anchor = anchor or protocol.review_anchor


@pytest.mark.parametrize(
    ("policy", "anchor", "dates"),
    [
        ({"notice": "P2M"}, None, (date(2027, 10, 5), date(2027, 8, 5), date(2027, 10, 5))),
        ({"interval": "P6M"}, None, (date(2027, 4, 5), date(2027, 3, 5), date(2027, 4, 5))),
        (
            {"anchor": read_date("2015-05-12")}, date(2015, 5, 12),
            (date(2027, 5, 12), date(2027, 4, 12), date(2027, 5, 12)),
        ),
    ],
)  # fmt: skip
def test_the_same_file_again_counts_what_was_not_counted_by_it(loaded, file, policy, anchor, dates):
    again = with_review(file, **policy)
    taken_uncounted(loaded, again, anchor)
    report = load(loaded, again)
    assert the_review(loaded)[1:] == dates
    assert len(report.changed) == 1
    assert "no longer on" in report.changed[0]
    assert what_was_done(loaded, "protocol:bedfordshire")[-1] == "review dates counted anew"
    assert what_was_done(loaded, "review:1")[-1] == "review dates counted anew"


def test_of_a_day_that_a_person_has_set_only_what_the_notice_says_is_counted(loaded, file):
    set_by_hand(loaded, date(2027, 3, 31))
    again = with_review(file, interval="P6M", anchor=read_date("2015-05-12"))
    taken_uncounted(loaded, again)
    report = load(loaded, again)
    assert (report.changed, report.kept) == ((), ())
    assert the_review(loaded) == (Stage.SCHEDULED, date(2027, 3, 31), date(2027, 2, 26), date(2027, 3, 31))


def test_the_same_file_again_leaves_what_is_due_to_open_and_what_was_counted_after_a_review(loaded, file):
    again = with_review(file, notice="P1M")
    at = datetime(2027, 9, 3, 9, tzinfo=UTC)
    assert not load(loaded, again, at + timedelta(days=20)).changed, "the clock stood still: it finds the dates"
    assert sweep(loaded, at, 1) is Step.INVITE_FEEDBACK
    for days in range(0, 400, 40):
        assert not load(loaded, again, at + timedelta(days=days)).anything


def test_bank_holidays_that_have_been_published_since_are_counted_with(loaded, file):
    sweep(loaded, datetime(2027, 9, 3, 8, tzinfo=UTC), 1)
    sweep(loaded, datetime(2027, 9, 3, 8, tzinfo=UTC), 2)
    with transaction(loaded) as session:
        review = session.get_one(Review, 2)
        review.opens_at -= timedelta(days=10)  # as before they were
    report = load(loaded, file, datetime(2027, 11, 1, tzinfo=UTC))
    assert "Every party is asked on Tuesday 5 September 2028" in report.changed[0]


# --- what has begun -------------------------------------------------------------------------------------------


def test_a_review_that_has_begun_keeps_its_dates_and_the_one_after_it_follows(loaded, file):
    opened = datetime(2027, 9, 3, 8, tzinfo=UTC)
    sweep(loaded, opened, 1)
    with reading(loaded) as session:
        said = session.exec(select(sa.func.count()).select_from(Message)).one()
    # the new series has a day a fortnight after the one that is being held
    report = load(loaded, with_review(file, anchor=read_date("2015-10-19"), notice="P2M"), opened)
    assert the_review(loaded) == (Stage.COLLECTING, date(2027, 10, 5), date(2027, 9, 3), date(2027, 10, 5))
    assert report.kept == (
        "Review 1 has begun and keeps its dates: its day is Tuesday 5 October 2027, and feedback is due on Tuesday 5 "
        "October 2027.",
    )
    assert the_review(loaded, 2)[:3] == (Stage.SCHEDULED, date(2028, 10, 19), date(2028, 8, 18))
    with reading(loaded) as session:
        assert session.exec(select(sa.func.count()).select_from(Message)).one() == said
        assert set(session.exec(select(Obligation.due_on))) == {date(2027, 10, 5)}


def test_a_review_that_was_opened_early_keeps_its_dates(loaded, file):
    with transaction(loaded) as session:
        open_annual(session, NOW, protocol_named(session, "bedfordshire"), BY)
    report = load(loaded, with_review(file, notice="P2M"))
    assert the_review(loaded)[:2] == (Stage.COLLECTING, date(2027, 10, 5))
    assert report.kept[0].startswith("Review 1 has begun and keeps its dates")
    assert the_review(loaded, 2)[:3] == (Stage.SCHEDULED, date(2028, 10, 5), date(2028, 8, 4))


def test_a_review_that_was_cancelled_is_left_as_it_is_and_does_not_come_back(loaded, file):
    with transaction(loaded) as session:
        cancel(session, NOW, 1, BY, "There is none this year.")
    load(loaded, with_review(file, notice="P2M"))
    assert the_review(loaded)[:2] == (Stage.CANCELLED, date(2027, 10, 5))
    assert the_review(loaded, 2)[:3] == (Stage.SCHEDULED, date(2028, 10, 5), date(2028, 8, 4))


def test_a_file_that_comes_to_name_a_day_takes_it_off_the_list_that_none_is_set(store, file):
    load(store, with_review(file, anchor=read_date("2015-10")), NOW)
    overdue = select(Matter.closed_at).where(Matter.kind == MatterKind.REVIEW_OVERDUE)
    with reading(store) as session:
        assert session.exec(overdue).one() is None
    report = load(store, file)
    assert OCTOBER in report.changed[1]
    with reading(store) as session:
        assert session.exec(overdue).one() == LATER


def test_a_file_that_says_the_same_of_reviews_says_nothing_of_them(loaded, file):
    with transaction(loaded) as session:
        open_annual(session, NOW, protocol_named(session, "bedfordshire"), BY)
    report = load(loaded, with_identity(file, short_name="Bedfordshire protocol"))
    assert (len(report.changed), report.kept) == (1, ())
