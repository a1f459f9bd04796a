"""A change of the law is recorded once, marks clauses, and opens one review or joins it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError
from sqlmodel import update

from actions.cast import NotThere
from actions.law.changing import record_change
from actions.law.marks import standing_marks
from actions.law.register import act_in_register, register_of
from actions.law.told import ChangeOfLaw, FarOff, IsRecorded, TouchesNothing, WhichAct
from actions.reasons import ReasonNeeded
from models.history import History, Narrative
from models.outbox import Message
from models.protocol import LegislationChange, Matter, MatterKind
from models.review import ReasonKind, Review, ReviewReason
from rules.errors import Refused
from rules.review import ReviewKind, Stage
from tests.actions.databases import on_both, on_postgres_among_the_slow
from tests.actions.law.conftest import with_register
from tests.actions.world import LOCKED, NOVEMBER, PARTIES, SECRETARY, World, at_once, protocol

ACT = "data-protection-act-1998"
REPEALED = ChangeOfLaw(key=ACT, in_force_from=date(2018, 5, 25), what="The UK GDPR and an Act of 2018 took its place.")
COMPLAINTS = ChangeOfLaw(
    act="Data Protection Act 2018", section="164A", in_force_from=date(2026, 6, 19), clauses=("13-breaches",),
    what="Complaints are acknowledged within 30 days.", source="https://www.legislation.gov.uk/ukpga/2018/12/section/164A",
)  # fmt: skip


def record(world: World, what: ChangeOfLaw, at: datetime = NOVEMBER, **how: Any) -> int:
    with world.act() as session:
        return record_change(session, at, protocol(session), what, SECRETARY, **how).id or 0


def marked(world: World) -> list[tuple[int, str]]:
    with world.read() as session:
        return [(mark.change, mark.clause) for mark in standing_marks(session, protocol(session))]


@on_both
def test_it_marks_what_rests_on_the_act_and_asks_every_party(world: World) -> None:
    assert record(world, REPEALED) == 1
    row = world.only(LegislationChange)
    assert (row.act, row.clauses, row.review_id) == ("Data Protection Act 1998", ["7-consent", "12-security"], 1)
    assert marked(world) == [(1, "7-consent"), (1, "12-security")]
    review = world.review()
    assert (review.kind, review.stage) == (ReviewKind.EXTRAORDINARY, Stage.COLLECTING)
    reason = world.only(ReviewReason)
    assert reason.kind is ReasonKind.LEGISLATION
    assert reason.words == (
        "Change of the law: Data Protection Act 1998, in force from Friday 25 May 2018. It bears on clauses 7-consent "
        "and 12-security."
    )
    assert len(world.every(Message)) == len(PARTIES)
    assert world.broken(NOVEMBER) == []


def test_what_has_changed_is_kept_as_a_narrative_that_history_vouches_for(small_world: World) -> None:
    record(small_world, REPEALED)
    change = small_world.only(LegislationChange)
    [row] = small_world.every(History, History.case == "protocol:westshire")
    assert (row.what, row.why_id, row.details["change"]) == ("change of the law recorded", change.words_id, change.key)
    assert small_world.only(Narrative, Narrative.id == change.words_id).text == REPEALED.what
    assert REPEALED.what not in str(row.details)
    assert "change of the law recorded" in small_world.moves("review:1")
    assert not any(REPEALED.what in message.text for message in small_world.every(Message))


@on_postgres_among_the_slow
def test_a_second_change_joins_the_open_review_with_one_request_for_each_party(world: World) -> None:
    record(world, REPEALED)
    record(world, COMPLAINTS)
    assert [(row.id, row.review_id) for row in world.every(LegislationChange)] == [(1, 1), (2, 1)]
    assert len(world.every(Review)) == 1
    assert [row.words.split(",")[0] for row in world.every(ReviewReason)] == [
        "Change of the law: Data Protection Act 1998", "Change of the law: Data Protection Act 2018",
    ]  # fmt: skip
    assert world.counts() == {"feedback_invited": len(PARTIES), "review_reason_added": len(PARTIES)}
    assert "section 164A, in force" in world.words("review:1:reason-2:police")
    assert marked(world) == [(1, "7-consent"), (1, "12-security"), (2, "13-breaches")]


def test_after_feedback_has_closed_everybody_is_asked_once_more(small_world: World) -> None:
    small_world.drafting(LOCKED)
    record(small_world, COMPLAINTS)
    assert (small_world.review().stage, small_world.review().round) == (Stage.COLLECTING, 2)


@on_postgres_among_the_slow
def test_the_same_change_told_twice_is_recorded_once(world: World) -> None:
    assert record(world, COMPLAINTS) == 1
    before = world.rows()
    again = replace(
        COMPLAINTS, act="data protection  ACT 2018", section=" 164a ", clauses=("13-breaches", "13-breaches")
    )
    assert record(world, again, NOVEMBER + timedelta(days=2)) == 1
    assert world.rows() == before


@on_both
def test_two_people_who_record_it_at_once_record_it_once(world: World) -> None:
    assert at_once(3, lambda: record(world, REPEALED)) == [1, 1, 1]
    assert len(world.every(LegislationChange)) == len(world.every(Review)) == len(world.every(ReviewReason)) == 1
    assert world.broken(NOVEMBER) == []


@on_both
def test_two_changes_at_once_open_one_review(world: World) -> None:
    said = [REPEALED, COMPLAINTS]
    assert sorted(at_once(2, lambda: record(world, said.pop()))) == [1, 2]  # type: ignore[type-var]
    assert len(world.every(Review)) == 1
    assert len(world.every(ReviewReason)) == 2
    assert world.counts() == {"feedback_invited": len(PARTIES), "review_reason_added": len(PARTIES)}
    assert world.broken(NOVEMBER) == []


def test_the_same_part_in_other_words_is_refused_unless_it_touches_more(small_world: World) -> None:
    record(small_world, REPEALED)
    with pytest.raises(IsRecorded, match=r"it is change 1, and marks clauses 7-consent and 12-security"):
        record(small_world, replace(REPEALED, what="Repealed.", clauses=("7-consent",)))
    assert record(small_world, replace(REPEALED, what="Repealed.", clauses=("7-consent", "13-breaches"))) == 2
    assert record(small_world, replace(REPEALED, section="Schedule 19")) == 3


def test_a_title_that_the_register_bears_is_that_act(small_world: World) -> None:
    record(small_world, replace(REPEALED, key=None, act="data protection act 1998"))
    row = small_world.only(LegislationChange)
    assert (row.legislation_id, row.act) == (1, "Data Protection Act 1998")


def test_an_act_that_is_not_listed_stands_at_the_end_of_the_register(small_world: World) -> None:
    record(small_world, COMPLAINTS)
    record(small_world, replace(COMPLAINTS, section="165", what="Further duties."))
    with small_world.read() as session:
        acts = register_of(session, protocol(session))
        found = act_in_register(session, protocol(session), "data protection act 2018")
    assert [(act.key, act.status, len(act.changes)) for act in acts] == [
        (ACT, "in force", 0), ("freedom-of-information-act-2000", "in force", 0), (None, "not listed", 2),
    ]  # fmt: skip
    assert found == acts[-1]
    assert found.changes[0].what == COMPLAINTS.what
    assert found.marked == 2


def test_without_a_review_it_needs_a_reason_and_marks_all_the_same(small_world: World) -> None:
    with pytest.raises(ReasonNeeded):
        record(small_world, REPEALED, review=False)
    record(small_world, REPEALED, review=False, because="The annual review is next week.")
    assert small_world.every(Review) == []
    assert small_world.matters() == []
    assert len(marked(small_world)) == 2
    assert small_world.moves("protocol:westshire") == ["change of the law recorded", "no review for it"]


def test_where_the_document_does_not_say_so_a_person_decides_on_the_review(sqlite_store: sa.Engine) -> None:
    world = with_register(World(sqlite_store, review={"early": []}))
    record(world, REPEALED)
    assert world.every(Review) == []
    [matter] = world.matters()
    assert matter.kind is MatterKind.LEGISLATION
    assert matter.sentence == (
        "Data Protection Act 1998 changes from Friday 25 May 2018 and bears on clauses 7-consent and 12-security. "
        "The protocol does not say that legislation brings a review forward."
    )
    assert "`concordat review open westshire --legislation --because TEXT`" in matter.todo
    record(world, REPEALED)
    assert len(world.every(Matter)) == 1


REFUSALS: dict[str, tuple[ChangeOfLaw, type[Refused], str]] = {
    "no act": (replace(COMPLAINTS, act=None), WhichAct, "its key, as `concordat legislation list`"),
    "both": (replace(COMPLAINTS, key=ACT), WhichAct, "not both"),
    "unknown key": (replace(REPEALED, key="magna-carta"), NotThere, f"it lists {ACT}, freedom-of"),
    "unknown clause": (
        replace(REPEALED, clauses=("99",)),
        NotThere,
        "choose one of 7-consent, 12-security, 13-breaches",
    ),
    "no clause": (replace(COMPLAINTS, clauses=()), TouchesNothing, "of 7-consent, 12-security, 13-breaches"),
    "none rests": (replace(REPEALED, key="freedom-of-information-act-2000"), TouchesNothing, "`--clause`"),
    "long ago": (replace(REPEALED, in_force_from=date(1899, 12, 31)), FarOff, "too far before today"),
    "first day": (replace(REPEALED, in_force_from=date.min), FarOff, "between 1900-01-01 and 2036-12-31"),
    "last day": (replace(REPEALED, in_force_from=date.max), FarOff, "too far ahead of today"),
    "no words": (replace(REPEALED, what=" \n"), ReasonNeeded, "`--what`"),
}


@pytest.mark.parametrize("case", REFUSALS)
def test_what_cannot_be_recorded_is_refused_with_what_there_is(small_world: World, case: str) -> None:
    what, error, sentence = REFUSALS[case]
    before = small_world.rows()
    with pytest.raises(error) as refused:
        record(small_world, what)
    assert sentence in str(refused.value)
    assert small_world.rows() == before


HOSTILE = {
    "ten megabytes": "ten megabytes " * 750_000, "a zero": "a\0b", "half a character": "a\ud800b",
    "two lines": "One\nReview 9 is cancelled.", "turned about": "Act \u202etcA", "nothing": " ",
}  # fmt: skip


@on_postgres_among_the_slow
def test_hostile_words_are_refused_with_a_sentence_and_nothing_is_written(world: World) -> None:
    before = world.rows()
    for field in ("act", "section", "source", "what", "key", "clauses"):
        for how, text in HOSTILE.items():
            if field == "what" and how in ("two lines", "turned about"):
                continue  # a narrative keeps them; what prints it shows every sign
            base = REPEALED if field == "key" else COMPLAINTS
            with pytest.raises(Refused) as refused:
                record(world, replace(base, **{field: (text,) if field == "clauses" else text}))
            assert len(str(refused.value)) < 400, (field, how)
            assert world.rows() == before, (field, how)


def test_the_longest_title_section_and_clauses_make_a_reason_that_fits(small_world: World) -> None:
    every = ("7-consent", "12-security", "13-breaches")
    record(small_world, replace(COMPLAINTS, act="A" * 300, section="S" * 80, clauses=every))
    assert len(small_world.only(ReviewReason).words) <= 500


@on_both
def test_the_database_refuses_to_change_what_was_recorded(world: World) -> None:
    record(world, REPEALED)
    with pytest.raises(DBAPIError, match="append-only"), world.act() as session:
        session.execute(update(LegislationChange).values(act="Another Act"))


@on_both
def test_it_takes_its_locks_in_the_order_of_all(world: World) -> None:
    """Somebody who opens a review at the same time waits, and then finds this one."""
    from actions.review_opening import open_extraordinary

    def opens() -> int:
        with world.act() as session:
            return open_extraordinary(session, NOVEMBER, protocol(session), SECRETARY, "A serious breach.").id or 0

    both: list[Callable[[], int]] = [opens, lambda: record(world, REPEALED)]
    assert at_once(2, lambda: both.pop()()) == [1, 1]
    assert len(world.every(Review)) == 1


def test_an_act_that_the_law_calls_by_a_future_day_is_recorded(small_world: World) -> None:
    ahead = date(2036, 12, 31)
    record(small_world, replace(REPEALED, in_force_from=ahead), datetime(2026, 1, 1, tzinfo=UTC))
    assert small_world.only(LegislationChange).in_force_from == ahead
