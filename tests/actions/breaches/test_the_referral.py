"""The story of the referral, from the first word to the gap it leaves: two parties, two laws, two clocks."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import takewhile
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlmodel import Session, col, select

import protocols
from actions.breaches.drafting import draft_notice, notices_of
from actions.breaches.duties import duties_view
from actions.breaches.moving import follow_up_at
from actions.breaches.notifying import differs_from_notice, record_notice
from actions.breaches.people import LettersHeld, people_told
from actions.breaches.steps import views_of
from actions.cast import protocol_named
from actions.gaps.keeping import gap_views, open_gaps
from actions.loading import load_protocol
from actions.verifying import verify
from cli.clockwork import run_clock
from models.breach import Breach, BreachDuty, BreachFact, FollowUp
from models.history import History
from models.obligation import Obligation, ObligationKind
from models.outbox import Message
from models.protocol_file import read_protocol
from models.store import reading, transaction
from rules.breach import Stage
from rules.breach_duties import DutyKind, LateWithoutReasons, Regime
from rules.breach_facts import FactName
from rules.procedure_steps import StepState
from tests.actions.world import committed, put_back, saved
from tests.breach_story import (
    BREACH,
    COUNCIL,
    COUNCIL_DUE,
    MONDAY,
    NOVEMBER,
    POLICE,
    POLICE_DUE,
    STORY,
    TUESDAY,
    WORDS,
)  # fmt: skip

LOADED_AT = datetime(2026, 10, 1, 9, tzinfo=UTC)


KEPT: dict[int, bytes] = {}  # the store on SQLite after so many chapters


class Tale:
    """One store in which the story is told as far as a chapter, the clock running after each.

    On SQLite each chapter is told once, and put back the next time, unless a test has written anything in between.
    """

    def __init__(self, store: sa.Engine) -> None:
        self.store, self.told, self.seen = store, -1, committed(store)
        self._tell(0)

    def until(self, name: str) -> "Tale":
        """That chapter and all before it."""
        assert name in [chapter for chapter, _, _ in STORY]
        before = len(list(takewhile(lambda chapter: chapter[0] != name, STORY)))
        self._tell(before + 1)
        return self

    def _tell(self, chapters: int) -> None:
        keeps = self.store.dialect.name == "sqlite" and self.seen == committed(self.store)
        there = max((told for told in KEPT if keeps and self.told < told <= chapters), default=None)
        if there is not None:
            put_back(self.store, KEPT[there])
            self.told = there
        while self.told < chapters:
            self._next()
            if keeps:
                KEPT[self.told] = saved(self.store)
        if keeps:
            self.seen = committed(self.store)

    def _next(self) -> None:
        if self.told < 0:
            folder = Path(protocols.__file__).parent / "bedfordshire"
            with transaction(self.store) as session:
                load_protocol(session, LOADED_AT, read_protocol(folder), "secretary")
        else:
            _, now, tell = STORY[self.told]
            with transaction(self.store) as session:
                tell(session, now)
            assert run_clock(self.store, now).refused == {}
        self.told += 1

    def look(self, ask: Callable[[Session, Breach, FollowUp], object], party: str = COUNCIL):
        with reading(self.store) as session:
            breach = session.get_one(Breach, BREACH)
            return ask(session, breach, follow_up_at(session, breach, party)[0])

    def due_at(self, party: str) -> datetime | None:
        return self.look(lambda s, b, f: _duty(s, f).due_at, party)  # type: ignore[no-any-return]

    def mails_to(self, words: str) -> list[str]:
        with reading(self.store) as session:
            statement = select(Message).where(col(Message.address).contains(words)).order_by(col(Message.id))
            return [" ".join(row.text.split()) for row in session.exec(statement)]


def _duty(session: Session, follow_up: FollowUp) -> BreachDuty:
    of = select(BreachDuty).where(BreachDuty.follow_up_id == follow_up.id, BreachDuty.kind == DutyKind.REGULATOR)
    return session.exec(of).one()


def _stage(tale: Tale) -> Stage:
    return tale.look(lambda s, b, f: b.stage)


@pytest.fixture
def tale(sqlite_store: sa.Engine) -> Iterator[Tale]:
    return Tale(sqlite_store)


def test_both_are_asked_at_once_each_by_its_own_procedure_and_under_its_own_law(tale: Tale) -> None:
    tale.until("reported")
    assert tale.look(lambda s, b, f: f.regime, COUNCIL) is Regime.UK_GDPR
    assert tale.look(lambda s, b, f: f.regime, POLICE) is Regime.LAW_ENFORCEMENT
    council, police = (
        tale.mails_to("breach.coordinator@central")[0],
        tale.mails_to("breach.coordinator@bedfordshire-pol")[0],
    )
    assert "Breach procedure of a council (model)" in council
    assert "Breach procedure of a police force (model)" in police
    assert "the 72 hours end on Monday 26 October 2026 15:20 GMT" in council
    assert "because the clocks go back on Sunday 25 October" in council
    assert "DPA 2018 s.67" in police


def test_each_party_has_its_own_awareness_and_its_own_72_hours(tale: Tale) -> None:
    tale.until("the police are aware")
    assert (tale.due_at(COUNCIL), tale.due_at(POLICE)) == (COUNCIL_DUE, POLICE_DUE)


def test_what_is_found_on_saturday_makes_a_step_due_that_was_not(tale: Tale) -> None:
    tale.until("the police hold letters")
    state = lambda s, b, f: views_of(s, b, f)["tell-siro"].state  # noqa: E731
    assert tale.look(state) is not StepState.OPEN
    tale.until("more children")
    assert tale.look(state) is StepState.OPEN
    said = tale.look(lambda s, b, f: [x.value for x in _people(s)])
    assert said == [2, 4], "the earlier number stays on record"
    assert any("people: 2 → 4" in mail for mail in tale.mails_to("data.protection@bedfordshire-pol"))


def _people(session: Session) -> list[BreachFact]:
    return list(session.exec(select(BreachFact).where(BreachFact.name == FactName.PEOPLE).order_by(col(BreachFact.id))))


def test_no_letter_leaves_while_the_police_hold_it_and_every_other_duty_goes_on(tale: Tale) -> None:
    tale.until("the council notifies")
    with pytest.raises(LettersHeld, match="Bedfordshire Police"), transaction(tale.store) as session:
        people_told(session, MONDAY, BREACH, COUNCIL, MONDAY, "secretary", "By letter.")
    assert tale.look(lambda s, b, f: _duty(s, f).done_at) == MONDAY
    tale.until("the police release")
    assert tale.look(lambda s, b, f: _owed(s, ObligationKind.TELLING_PEOPLE)) == 2
    tale.until("people hear")
    assert tale.look(lambda s, b, f: _owed(s, ObligationKind.TELLING_PEOPLE)) == 0


def _owed(session: Session, kind: ObligationKind) -> int:
    return len(session.exec(select(Obligation).where(Obligation.kind == kind, col(Obligation.outcome).is_(None))).all())


def test_on_monday_the_notice_is_complete_but_for_one_field_which_it_names(tale: Tale) -> None:
    tale.until("measures")
    draft = tale.look(lambda s, b, f: draft_notice(s, MONDAY, b, f))
    assert len(draft.missing) == 1
    assert "consequences" in draft.missing[0]
    tale.until("consequences")
    draft = tale.look(lambda s, b, f: draft_notice(s, MONDAY, b, f))
    assert draft.missing == ()
    assert "Approximate number of people: 4" in draft.text
    assert "Robin" not in draft.text
    assert "robin@example.org" not in draft.text
    assert "UK GDPR" in draft.text


def test_the_police_are_late_and_have_to_say_why(tale: Tale) -> None:
    tale.until("the council notifies")
    with pytest.raises(LateWithoutReasons), transaction(tale.store) as session:
        record_notice(session, TUESDAY, BREACH, POLICE, TUESDAY, "secretary")
    tale.until("the police notify late")
    [late] = [duty for duty in tale.look(lambda s, b, f: duties_view(s, b, f, TUESDAY), POLICE) if duty.late]
    assert late.late_because == "The duty officer could not reach the system on Sunday."
    assert tale.due_at(POLICE) == POLICE_DUE


def test_a_supplement_follows_what_has_been_counted_since_and_starts_no_clock(tale: Tale) -> None:
    tale.until("records counted")
    assert "records" in tale.look(differs_from_notice)
    tale.until("the council supplements")
    assert tale.look(differs_from_notice) == ()
    given = tale.look(lambda s, b, f: [(each.number, each.kind.value) for each in notices_of(s, f)])
    assert given == [(1, "initial"), (2, "supplement")]
    assert tale.due_at(COUNCIL) == COUNCIL_DUE


def test_the_lesson_becomes_a_gap_under_its_clause_and_the_case_is_closed(store: sa.Engine) -> None:
    tale = Tale(store).until("all end")
    assert _stage(tale) is Stage.CLOSED
    with reading(store) as session:
        [gap] = gap_views(session, open_gaps(session, protocol_named(session, "bedfordshire")))
        assert gap.clause == "7-need-to-know"
        assert gap.origins == (f"breach:{BREACH}",)
        stages = session.exec(
            select(History.moved_to).where(History.case == f"breach:{BREACH}", col(History.moved_to).is_not(None))
        ).all()
        assert verify(session, NOVEMBER).broken == []
    forward = list(dict.fromkeys(stages))
    assert forward == ["reported", "assessing", "following up", "reporting out", "learning", "closed"]


def test_no_mail_says_what_happened_or_who_reported_it(tale: Tale) -> None:
    tale.until("all end")
    with reading(tale.store) as session:
        mails = " ".join(f"{m.subject} {m.text} {m.html} {m.calendar or ''}" for m in session.exec(select(Message)))
    told = " ".join(mails.split())
    for personal in (
        "opened a safeguarding referral",
        "Robin",
        "robin@example.org",
        "warn a suspect",
        "arrested",
        "log 4711",
    ):
        assert personal not in told
    assert WORDS[:20] not in told


def test_told_twice_chapter_by_chapter_it_is_told_once(tale: Tale) -> None:
    """Whoever got no answer says it again, and nothing is recorded or said twice: after every single chapter."""
    for name, now, tell in STORY:
        before = _left_of(tale.until(name))
        with transaction(tale.store) as session:
            tell(session, now)
        assert run_clock(tale.store, now).refused == {}
        assert _left_of(tale) == before, f"“{name}” told twice"


def _left_of(tale: Tale) -> tuple[list[str], list[str]]:
    with reading(tale.store) as session:
        told = session.exec(select(History.hash).order_by(col(History.id))).all()
        return list(told), list(session.exec(select(Message.key).order_by(col(Message.id))).all())
