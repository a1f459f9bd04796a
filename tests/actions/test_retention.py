"""The words of ended cases go when the protocol says: all of theirs and nobody else's, and the records still hold."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.exc import DBAPIError
from sqlmodel import SQLModel, col, select

import protocols
from actions.breaches.awareness import record_awareness
from actions.breaches.closing import end_early, reopen
from actions.breaches.notifying import record_notice
from actions.breaches.showing import breach_view
from actions.cast import known_id
from actions.contacts import correct_address
from actions.loading import load_protocol
from actions.matters import close_matter, open_matter
from actions.party_answers import SAID_NO
from actions.resolving import WordsAreGone as MessageWordsAreGone
from actions.resolving import close_by_hand, try_again
from actions.restoring import account_for_restore
from actions.retention import emptying, words
from actions.retention.cases import cases_to_empty, emptied_cases, nothing_goes_until, retained
from actions.retention.emptying import empty
from actions.retention.keeping import WordsAreGone, keep_words, keep_words_no_longer
from actions.retention.words import texts_of
from actions.verifying import verify
from models.breach import Breach, BreachOutcome, BreachReport, Lesson, RegulatorNotice
from models.gap import Gap
from models.history import History, Narrative
from models.obligation import Obligation
from models.outbox import BROUGHT_BACK, GAP, Delivery, Heartbeat, Message, SharedText
from models.protocol import Contact, Matter, MatterKind
from models.protocol_file import read_protocol
from models.protocol_file.policies import RetentionPolicy
from models.store import reading, transaction
from rules.periods import parse_period
from rules.retention import EMPTIED, KEPT, KEPT_NO_LONGER, Ended, goes, last_day
from tasks.retention import empty_what_is_over
from tests import breach_story, complaint_story
from tests.actions.breach_world import FRIDAY, begun, closed, done_with, follow_procedure
from tests.actions.databases import on_both
from tests.actions.merger_world import merged, report
from tests.actions.retention_world import ENDED, all_was_sent, bedfordshire, kept_for, told
from tests.actions.world import SECRETARY, World, at_once, protocol

LAST_DAY = datetime(2027, 10, 23, 12, tzinfo=UTC)  # a year after the Friday
OPENED = breach_story.OPENED
DAY = timedelta(days=1)


@given(st.dates(date(2000, 1, 1), date(2090, 1, 1)), st.integers(1, 240), st.integers(0, 9000))
def test_nothing_goes_while_its_period_runs(ended_on: date, months: int, after: int) -> None:
    kept, today = parse_period(f"P{months}M"), ended_on + after * DAY
    until = last_day(ended_on, kept)
    assert goes(Ended("breach:1", ended_on, False, False), kept, today) == (today > until)
    assert until.day == ended_on.day or (until + DAY).day == 1  # the corresponding date, or the month's last day
    for busy, held in ((True, False), (False, True), (True, True)):
        assert not goes(Ended("breach:1", ended_on, busy, held), kept, today)


def test_the_leap_day_is_kept_until_the_last_of_february() -> None:
    assert last_day(date(2028, 2, 29), parse_period("P6Y")) == date(2034, 2, 28)


# ---- which texts are whose


def test_every_column_that_names_a_text_belongs_somewhere() -> None:
    """A new one is found here: it goes with its case, or stays with a reason."""
    ours = chain(
        words.OF_EVERY_CASE, words.OF_A_BREACH, words.OF_A_FOLLOW_UP, words.OF_A_REPORT, words.OF_A_COMPLAINT,
        words.OF_A_COMPLAINT_ITSELF, words.OF_A_FINDING,
    )  # fmt: skip
    of_reviews = {
        "feedback.comments_id", "proposal.problem_id", "advice.text_id", "proposalvoice.words_id", "decision.reason_id",
        "decision.dissent_id",
    }  # fmt: skip
    of_the_register = {"signature.why_id", "legislationchange.words_id"}
    named = {
        f"{table.name}.{column.name}"
        for table in SQLModel.metadata.sorted_tables
        for column in table.columns
        if any(key.column.table.name == "narrative" for key in column.foreign_keys)
    }
    assert {f"{each.class_.__tablename__}.{each.key}" for each in ours} | of_reviews | of_the_register == named


# ---- two stories, told whole


@pytest.fixture(scope="module", params=[breach_story, complaint_story], ids=["breach", "complaints"])
def story(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[sa.Engine]:
    """Kept for six years; everything that was to be said has been sent."""
    store = told(tmp_path_factory.mktemp("retention"), request.param.STORY)
    with transaction(store) as session:
        kept_for(session, breaches="P6Y", complaints="P6Y")
        all_was_sent(session, ENDED)
    yield store
    store.dispose()


def test_all_words_of_what_has_ended_go_and_the_records_hold(story: sa.Engine) -> None:
    with reading(story) as session:
        due = [(each.case, each.goes_after) for each in retained(session, bedfordshire(session))]
        cases = [case for case, _ in due]
        numbers = set().union(*(texts_of(session, [case]) for case in cases))
        before = dict(session.exec(select(Narrative.id, Narrative.text)).all())
        messages = {row.id: (row.case, row.text, row.html) for row in session.exec(select(Message))}
        broken = verify(session, ENDED).broken
    assert cases
    assert numbers
    assert broken == []
    for case, until in due:
        assert until is not None
        with reading(story) as session:
            assert case not in cases_to_empty(session, bedfordshire(session), noon(until))
            assert case in cases_to_empty(session, bedfordshire(session), noon(until) + DAY)
    late = noon(max(until for _, until in due if until)) + DAY
    assert empty_what_is_over(late, story) == len(cases)
    assert empty_what_is_over(late + DAY, story) == 0
    with reading(story) as session:
        assert verify(session, late).broken == []
        assert [each.case for each in emptied_cases(session, bedfordshire(session))] == cases[::-1]
        assert retained(session, bedfordshire(session)) == []
        for row in session.exec(select(Narrative)):
            assert (row.text, row.purged_at) == ((None, late) if row.id in numbers else (before[row.id], None))
        for message in session.exec(select(Message)):
            case, *said = messages[message.id]
            assert [message.text, message.html] == (["", ""] if case in cases else said)
        assert all(reach is None for reach in session.exec(select(BreachReport.reach)))
        # What is wanting in the protocol lives on in its gap, a cause in its list, what goes on elsewhere there.
        lives_on = {*session.exec(select(Gap.words)), *session.exec(select(Lesson.cause))} | {
            text for text in session.exec(select(Narrative.text)) if text
        }
        kept = "\n".join(
            str(value) for table in SQLModel.metadata.sorted_tables
            for row in session.connection().execute(sa.select(table)) for value in row
        )  # fmt: skip
    confided = {text for number in numbers if (text := before[number]) and len(text.split()) > 5} - lives_on
    assert len(confided) > 10
    assert [text for text in confided if text in kept] == []
    assert "robin" not in kept.casefold()
    assert "BBC/2026/1187" not in kept  # what was attached to a complaint


def noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC)


def test_what_is_emptied_is_not_in_the_file_either(tmp_path: Path) -> None:
    store = told(tmp_path, breach_story.STORY[:1])
    with transaction(store) as session:
        kept_for(session, breaches="P1D")
        end_early(session, OPENED, 1, BreachOutcome.NEAR_MISS, SECRETARY, "Nobody had read it.")
        all_was_sent(session, OPENED)
    assert written_in(tmp_path, b"robin@example.org", breach_story.WORDS.encode(), b"Nobody had read it") == 3
    assert empty_what_is_over(OPENED + 3 * DAY, store) == 1
    store.dispose()  # whoever closes it last moves what waits beside the file into it
    assert written_in(tmp_path, b"robin@example.org", breach_story.WORDS.encode(), b"Nobody had read it") == 0


def written_in(folder: Path, *words: bytes) -> int:
    content = b"".join(file.read_bytes() for file in folder.glob("concordat.db*"))
    return sum(each in content for each in words)


# ---- what stays, for how long, and who says so


@pytest.fixture
def ended(world: World) -> World:
    """A breach that is closed, kept for a year."""
    with world.act() as session:
        kept_for(session, breaches="P1Y")
        number = known_id(begun(session, FRIDAY))
        end_early(session, FRIDAY, number, BreachOutcome.NEAR_MISS, SECRETARY, "Nobody had read it.")
        all_was_sent(session, FRIDAY)
    return world


@on_both
def test_what_has_ended_goes_once(ended: World) -> None:
    assert empty_what_is_over(LAST_DAY, ended.store) == 0
    assert at_once(2, lambda: empty_what_is_over(LAST_DAY + DAY, ended.store)).count(1) == 1
    assert empty_what_is_over(LAST_DAY + DAY, ended.store) == 0
    row = ended.only(History, History.what == EMPTIED)
    assert (row.who, row.details["kept"], row.details["ended_on"]) == ("clock", "P1Y", "2026-10-23")
    assert ended.broken(LAST_DAY + DAY) == []


def test_where_the_protocol_does_not_say_nothing_goes(ended: World) -> None:
    with ended.act() as session:
        kept_for(session, breaches="unspecified")
    assert empty_what_is_over(LAST_DAY + 9000 * DAY, ended.store) == 0


def test_another_period_waits_for_thirty_days(tmp_path: Path) -> None:
    """P1D where P1Y was meant: there is time to see it."""
    file = read_protocol(Path(protocols.__file__).parent / "bedfordshire")
    mistyped = file.identity.policies.model_copy(update={"retention": RetentionPolicy(breaches="P1D")})
    store, changed = told(tmp_path, breach_story.STORY[:1]), OPENED + 40 * DAY
    with transaction(store) as session:
        end_early(session, OPENED, 1, BreachOutcome.NEAR_MISS, SECRETARY, "Nobody had read it.")
        all_was_sent(session, OPENED)
        load_protocol(session, changed, replace(file, identity=file.identity.model_copy(update={"policies": mistyped})),
                      SECRETARY)  # fmt: skip
    with reading(store) as session:
        of, until = bedfordshire(session), changed.date() + 30 * DAY
        assert [nothing_goes_until(session, of, changed + n * DAY) for n in (0, 30, 31)] == [until, until, None]
    assert empty_what_is_over(changed + 30 * DAY, store) == 0
    with transaction(store) as session:
        assert not empty(session, changed + 30 * DAY, "bedfordshire", "breach:1")
        load_protocol(session, changed + 29 * DAY, read_protocol(Path(protocols.__file__).parent / "bedfordshire"), "s")
    assert empty_what_is_over(changed + 31 * DAY, store) == 0, "it was put right"
    with transaction(store) as session:
        kept_for(session, breaches="P1D")
    assert empty_what_is_over(changed + 60 * DAY, store) == 1
    store.dispose()


def test_what_was_brought_back_from_a_backup_waits_for_thirty_days(ended: World) -> None:
    """Somebody may have kept the words since the backup, or put the period right."""
    with ended.act() as session:
        session.add(Heartbeat(name=BROUGHT_BACK, began_at=LAST_DAY))
        session.flush()
        account_for_restore(session, LAST_DAY, SECRETARY)
    assert [empty_what_is_over(LAST_DAY + days * DAY, ended.store) for days in (1, 30, 31)] == [0, 0, 1]


def test_a_file_from_before_says_nothing_of_it(ended: World) -> None:
    with ended.act() as session:
        of = protocol(session)
        of.policies = {name: policy for name, policy in of.policies.items() if name != "retention"}
    assert empty_what_is_over(LAST_DAY + 9000 * DAY, ended.store) == 0


def test_what_somebody_keeps_stays_until_it_is_released(ended: World) -> None:
    with ended.act() as session:
        assert keep_words(session, FRIDAY, "Breach:1", SECRETARY, "A claim.") == "breach:1"
        keep_words(session, FRIDAY, "breach:1", SECRETARY, "A claim.")
    assert empty_what_is_over(LAST_DAY + DAY, ended.store) == 0
    with ended.act() as session:
        keep_words_no_longer(session, LAST_DAY, "breach:1", SECRETARY, "It was settled.")
    assert [each for each in ended.moves("breach:1") if each.startswith("words")] == [KEPT, KEPT_NO_LONGER]
    assert empty_what_is_over(LAST_DAY + DAY, ended.store) == 1
    with ended.act() as session, pytest.raises(WordsAreGone):
        keep_words(session, LAST_DAY + DAY, "breach:1", SECRETARY, "Too late.")


def test_between_the_list_and_its_turn_somebody_keeps_it(ended: World) -> None:
    with ended.act() as session:
        assert cases_to_empty(session, protocol(session), LAST_DAY + DAY) == ["breach:1"]
        keep_words(session, LAST_DAY, "breach:1", SECRETARY, "A claim.")
    with ended.act() as session:
        assert not empty(session, LAST_DAY + DAY, protocol(session).slug, "breach:1")


@pytest.mark.parametrize("state", [Delivery.QUEUED, Delivery.CLAIMED, Delivery.SENDING, Delivery.IN_DOUBT])
def test_what_is_on_its_way_keeps_the_words_it_says(ended: World, state: Delivery) -> None:
    with ended.act() as session:
        session.exec(select(Message).where(Message.case == "breach:1")).all()[-1].state = state
    assert empty_what_is_over(LAST_DAY + DAY, ended.store) == 0


def test_what_is_owed_keeps_them(ended: World) -> None:
    with ended.act() as session:
        duty = session.exec(select(Obligation).where(Obligation.case == "breach:1")).all()[-1]
        duty.outcome = duty.discharged_at = None
    assert empty_what_is_over(LAST_DAY + DAY, ended.store) == 0


def test_taken_up_again_its_new_words_are_kept_from_its_new_end(ended: World) -> None:
    assert empty_what_is_over(LAST_DAY + DAY, ended.store) == 1
    again = LAST_DAY + 2 * DAY
    with ended.act() as session:
        reopen(session, again, 1, SECRETARY, "The letter turned up elsewhere.")
    with ended.act() as session:
        assert keep_words(session, again, "breach:1", SECRETARY, "A claim.") == "breach:1"
    assert empty_what_is_over(again + 400 * DAY, ended.store) == 0


def test_taken_up_again_the_notice_that_is_no_longer_kept_differs_from_nothing(world: World) -> None:
    with world.act() as session:
        kept_for(session, breaches="P1Y")
        follow_procedure(session, FRIDAY)
        number = known_id(begun(session, FRIDAY))
        record_awareness(session, FRIDAY, number, "council", FRIDAY, "data protection officer", SECRETARY, "Read.")
        done_with(session, number, FRIDAY)
        record_notice(session, FRIDAY, number, "council", FRIDAY, SECRETARY)
        closed(session, number, FRIDAY)
        all_was_sent(session, FRIDAY)
    again = LAST_DAY + DAY
    assert empty_what_is_over(again, world.store) == 1
    with world.act() as session:
        reopen(session, again, number, SECRETARY, "The letter turned up elsewhere.")
        [follow_up] = breach_view(session, again, session.get_one(Breach, number)).follow_ups
        assert follow_up.differs == ()
        supplement = record_notice(session, again, number, "council", again, SECRETARY)
    assert supplement.content["people told"] == "they have not been told: (no longer kept)."
    assert world.broken(again) == []


def test_what_somebody_kept_before_it_was_merged_is_kept_where_it_goes_on(world: World) -> None:
    report(world), report(world)
    with world.act() as session:
        keep_words(session, FRIDAY, "breach:2", SECRETARY, "A claim.")
    merged(world)
    with world.act() as session:
        kept_for(session, breaches="P1Y")
        closed(session, 1, ENDED)
        all_was_sent(session, ENDED)
    later = noon(date(2028, 8, 2))
    assert empty_what_is_over(later, world.store) == 0
    with world.act() as session:
        keep_words_no_longer(session, later, "breach:2", SECRETARY, "It was settled.")
    assert empty_what_is_over(later, world.store) == 1


def test_what_came_back_and_is_no_longer_kept_is_neither_offered_nor_sent(ended: World) -> None:
    with ended.act() as session:
        notice = select(Message).where(Message.case == "breach:1", ~col(Message.only_while_owed))
        number = known_id(session.exec(notice).all()[-1])
        row = session.get_one(Message, number)
        row.bounced_at = session.get_one(Contact, row.contact_id).bounced_at = FRIDAY
    later = LAST_DAY + DAY
    assert empty_what_is_over(later, ended.store) == 1
    with ended.act() as session:
        contact = session.get_one(Contact, session.get_one(Message, number).contact_id)
        correct_address(session, later, contact, "new@example.org", SECRETARY)
    assert ended.every(Matter, Matter.kind == MatterKind.UNREACHABLE) == []
    with ended.act() as session, pytest.raises(MessageWordsAreGone):
        try_again(session, later, number, SECRETARY)


def test_what_was_merged_goes_with_the_breach_in_which_it_went_on(world: World) -> None:
    report(world), report(world)
    merged(world)
    with world.act() as session:
        kept_for(session, breaches="P1Y")
        assert keep_words(session, FRIDAY, "breach:2", SECRETARY, "A claim.") == "breach:1"
        keep_words_no_longer(session, FRIDAY, "breach:2", SECRETARY, "None.")
        closed(session, 1, ENDED)
        all_was_sent(session, ENDED)
    later = noon(date(2028, 8, 1))
    assert empty_what_is_over(later, world.store) == 0
    with world.act() as session:
        number = session.exec(select(Message).where(Message.case == "breach:2")).all()[-1].id
        session.get_one(Message, number).state = Delivery.IN_DOUBT
    assert empty_what_is_over(later + DAY, world.store) == 0
    with world.act() as session:
        session.get_one(Message, number).state = Delivery.ACCEPTED
    assert empty_what_is_over(later + DAY, world.store) == 1
    assert world.only(History, History.what == EMPTIED).details["cases"] == ["breach:2"]
    texts = {row.id: row.text for row in world.every(Narrative)}
    assert {texts[row.why_id] for row in world.every(History, col(History.case).in_(("breach:1", "breach:2")))
            if row.why_id} == {None}  # fmt: skip
    assert world.broken(later + DAY) == []


def test_why_a_line_about_it_was_closed_goes_and_what_the_machine_says_stays(world: World) -> None:
    report(world)
    keys = ("breach:1:left:council", "reporter-said:1:1:abc", "breach:1:no-party", "breach:11:no-party", "a")
    with world.act() as session:
        kept_for(session, breaches="P1Y")
        end_early(session, FRIDAY, 1, BreachOutcome.NEAR_MISS, SECRETARY, "Nobody had read it.")
        all_was_sent(session, FRIDAY)
        of, answered = protocol(session), f"{SAID_NO}Robin wants it now."
        for key in (*keys, "asked:more-time:obligation-1:1:x"):
            source = "history of breach:1, row 9" if key.startswith("asked:") else None
            open_matter(session, FRIDAY, of, MatterKind.BREACH, key, "Look.", "Look at it.", source=source)
        lines = {row.key.partition(":")[2]: row for row in session.exec(select(Matter).order_by(col(Matter.id)))}
        close_matter(session, FRIDAY, lines[keys[2]], "goes on in breach 2")
        close_matter(session, FRIDAY, lines["asked:more-time:obligation-1:1:x"], answered)
        for key in (*keys[:2], *keys[3:]):
            close_by_hand(session, FRIDAY, known_id(lines[key]), SECRETARY, "Robin was asked.")
    assert empty_what_is_over(LAST_DAY + DAY, world.store) == 1
    gone = "(no longer kept)"
    outcomes = {row.key.partition(":")[2]: row.outcome for row in world.every(Matter)}
    assert [outcomes[key] for key in keys] == [gone, gone, "goes on in breach 2", *2 * ["Robin was asked."]]
    assert outcomes["asked:more-time:obligation-1:1:x"] == gone
    assert [row.text for row in world.every(Narrative)].count("Robin was asked.") == 2
    assert world.broken(LAST_DAY + DAY) == []


def test_what_others_say_too_stays_until_they_go(ended: World) -> None:
    with ended.act() as session:
        shared = SharedText(text=f"Of both.{GAP}", html=f"<p>Of both.{GAP}</p>")
        session.add(shared)
        session.flush()
        ours, other = session.exec(select(Message).order_by(col(Message.id).desc()).limit(2)).all()
        for message in (ours, other):
            message.shared_text_id, message.own_text, message.own_html = shared.id, f"1{GAP}", f"1{GAP}"
        other.case, number = "review:1", known_id(other)
    assert empty_what_is_over(LAST_DAY + DAY, ended.store) == 1
    assert ended.only(Message, Message.id == number).text == "Of both.1"
    with ended.act() as session:
        session.get_one(Message, number).shared_text_id = None
        session.exec(select(History)).first()


def test_a_case_that_dies_in_the_middle_keeps_everything(ended: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def dies(*_: Any, **__: Any) -> None:
        raise RuntimeError

    monkeypatch.setattr(emptying.history, "write", dies)
    assert empty_what_is_over(LAST_DAY + DAY, ended.store) == 0
    monkeypatch.undo()
    assert all(row.purged_at is None for row in ended.every(Narrative))
    assert empty_what_is_over(LAST_DAY + DAY, ended.store) == 1


@on_both
def test_a_notice_may_be_emptied_and_is_never_changed(world: World) -> None:
    with world.act() as session:
        follow_procedure(session, FRIDAY)
        number = known_id(begun(session, FRIDAY))
        record_awareness(session, FRIDAY, number, "council", FRIDAY, "data protection officer", SECRETARY, "Read.")
        record_notice(session, FRIDAY, number, "council", FRIDAY, SECRETARY)
    for changed in ({"content": {"else": 1}}, {"regulator_reference": "IC-1"}, {"content": {}, "number": 2}):
        with pytest.raises(DBAPIError, match="append-only"), world.act() as session:
            session.execute(sa.update(RegulatorNotice).values(changed))
    with pytest.raises(DBAPIError, match="append-only"), world.act() as session:
        session.execute(sa.delete(RegulatorNotice))
    with world.act() as session:
        session.execute(sa.update(RegulatorNotice).values(content={}))
    assert world.only(RegulatorNotice).content == {}
