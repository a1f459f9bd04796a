"""What persons decide improves the next suggestion, in the version that was in force; nobody's words come out."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlmodel import Session, select

from actions.cast import known_id
from actions.complaints import earlier_cases as of_store
from actions.complaints.earlier_cases import earlier_cases
from actions.complaints.suggested import Suggestion
from actions.complaints.suggesting_from_store import LiesAhead, Suggested, suggest_for
from actions.complaints.versions_in_force import BeforeTheFirstVersion
from models import history
from models.breach import Breach, BreachFact, BreachOutcome, Lesson, LessonEffect
from models.complaint import Complaint, Finding
from models.gap import Gap
from models.history import Narrative
from models.protocol import Clause, Version, VersionClause
from rules.breach_facts import FactName
from rules.complaint import ComplaintKind, Stage
from rules.determination import Answer, Result
from tests.actions.world import World, party, protocol

NOW = datetime(2027, 9, 6, 9, tzinfo=UTC)
DAY = date(2020, 1, 6)
PARCEL = "A parcel with charts fell off a bicycle near the river."
BICYCLE = "The nurse says that a parcel of charts fell from the bicycle into the river."
Y, N, U = Answer.YES, Answer.NO, Answer.UNKNOWN


@pytest.fixture
def world(small_world: World) -> World:
    with small_world.act() as session:
        for key, words in (("7-consent", "not asked"), ("12-security", "wrong address")):
            clause(session, key).vocabulary = [words]
        protocol(session).outside = [{"id": "bins", "heading": "Waste", "vocabulary": ["missed collection"]}]
    return small_world


def clause(session: Session, key: str) -> Clause:
    return session.exec(select(Clause).where(Clause.key == key)).one()


def complained(session: Session, words: str = PARCEL) -> Complaint:
    complaint = Complaint(
        protocol_id=known_id(protocol(session)), kind=ComplaintKind.DISCLOSURE, stage=Stage.DETERMINED, received_at=NOW,
        party_id=known_id(party(session, "council")), what_id=history.narrate(session, words), recorded_at=NOW,
        recorded_by="handler",
    )  # fmt: skip
    session.add(complaint)
    session.flush()
    return complaint


def found(
    session: Session, complaint: Complaint, key: str | None, covered: Answer = Y, result: Result = Result.BREAKDOWN,
    issue: int = 1, corrects: Finding | None = None,
) -> Finding:  # fmt: skip
    rest = N if covered is Y else None
    finding = Finding(
        key=f"{complaint.id}:{issue}:{corrects.id if corrects else ''}", complaint_id=known_id(complaint), issue=issue,
        party_id=complaint.party_id, clause_id=known_id(clause(session, key)) if key else None, covered=covered,
        followed=rest, clear=rest, harm=Y, reasons={}, result=result, determined_at=NOW, determined_by="handler",
        corrects_id=known_id(corrects) if corrects else None,
    )  # fmt: skip
    session.add(finding)
    session.flush()
    return finding


def others(session: Session) -> None:
    """Ten cases of other words: in a store of two, what both say is said everywhere."""
    for _ in range(10):
        found(session, complained(session, "Nobody answered the telephone."), "13-breaches")


def breached(session: Session, words: str = PARCEL, wanting: str | None = None, **values: Any) -> Breach:
    breach = Breach(protocol_id=known_id(protocol(session)), reported_at=NOW, **values)
    session.add(breach)
    session.flush()
    told(session, breach, words)
    if wanting:
        gap = Gap(
            protocol_id=breach.protocol_id, clause_id=clause(session, wanting).id, words="x", opened_at=NOW,
            opened_by="coordinator",
        )  # fmt: skip
        session.add(gap)
        session.flush()
        session.add(
            Lesson(
                key=f"{breach.id}", breach_id=known_id(breach), cause="x", words_id=history.narrate(session, "x"),
                effect=LessonEffect.GAP, gap_id=gap.id, learnt_at=NOW, learnt_by="coordinator",
            )
        )  # fmt: skip
        session.flush()
    return breach


def told(session: Session, breach: Breach, words: str) -> None:
    session.add(
        BreachFact(
            breach_id=known_id(breach), name=FactName.HAPPENED, text_id=history.narrate(session, words), stated_at=NOW,
            stated_by="reporter",
        )
    )  # fmt: skip
    session.flush()


def asked(world: World, text: str = BICYCLE, happened: date | None = DAY, **how: Any) -> Suggested:
    with world.read() as session:
        answer = suggest_for(session, NOW, protocol(session), text, happened, **how)
        session.expunge_all()
        return answer


def suggested(world: World, text: str = BICYCLE, **how: Any) -> Suggestion:
    return asked(world, text, **how).suggestion


def clauses(world: World, text: str = BICYCLE, **how: Any) -> list[str]:
    return [each.id for each in suggested(world, text, **how).clauses]


def similar(world: World, **how: Any) -> list[tuple[str, tuple[str, ...], str]]:
    return [(each.id, each.clauses, each.determination) for each in suggested(world, **how).similar]


def test_the_vocabulary_that_the_store_holds_is_asked(world: World) -> None:
    answer = asked(world, "She was not asked, and it went to the wrong address.")
    assert {each.id for each in answer.suggestion.clauses} == {"7-consent", "12-security"}
    assert (answer.version.label if answer.version else None) == "4.2"
    assert answer.because == "Version 4.2 was in force on Monday 6 January 2020."
    assert suggested(world, "Another missed collection.").none_likely


def test_a_determination_changes_the_next_suggestion_and_so_does_its_correction(world: World) -> None:
    assert (clauses(world), similar(world)) == ([], [])
    with world.act() as session:
        finding = found(session, complained(session), "12-security")
    assert (clauses(world), similar(world)) == (["12-security"], [("complaint:1", ("12-security",), "breakdown")])
    with world.act() as session:
        complaint = session.get_one(Complaint, 1)
        found(session, complaint, "7-consent", result=Result.BOTH, corrects=finding)
    assert (clauses(world), similar(world)) == (["7-consent"], [("complaint:1", ("7-consent",), "both")])


def test_a_change_of_vocabulary_changes_the_next_suggestion(world: World) -> None:
    assert clauses(world) == []
    with world.act() as session:
        clause(session, "12-security").vocabulary = ["bicycle"]
    assert clauses(world) == ["12-security"]


def test_the_clause_is_asked_as_it_read_when_it_happened(world: World) -> None:
    with world.act() as session:
        day = date(2027, 6, 1)
        version = Version(
            protocol_id=known_id(protocol(session)), label="5.0", major=5, minor=0, dated_from=day, dated_to=day,
            dated_words="1 June 2027", in_force_from=day, sha256="0" * 64,
        )  # fmt: skip
        session.add(version)
        session.flush()
        session.add(
            VersionClause(
                version_id=known_id(version), clause_id=known_id(clause(session, "13-breaches")), heading="Breaches",
                text="Bicycle couriers carry every parcel in a locked box.",
            )
        )  # fmt: skip
    assert clauses(world) == []
    assert clauses(world, happened=date(2027, 7, 1)) == ["13-breaches"]
    assert clauses(world, happened=None) == ["13-breaches"]
    assert clauses(world, "Records were kept in sheds.") == ["12-security"]
    assert clauses(world, "Records were kept in sheds.", happened=date(2027, 7, 1)) == []


def test_where_no_text_is_held_the_vocabulary_alone_is_asked(world: World) -> None:
    with world.act() as session:
        session.exec(select(Version).where(Version.label == "4.2")).one().in_force_from = None
    assert clauses(world, "It went to the wrong address.") == ["12-security"]
    assert clauses(world, "Records were kept in sheds.") == []


def test_the_findings_of_several_issues_are_one_case(world: World) -> None:
    with world.act() as session:
        complaint = complained(session)
        found(session, complaint, "12-security")
        found(session, complaint, "7-consent", result=Result.INADEQUACY, issue=2)
        found(session, complaint, None, N, Result.INADEQUACY, issue=3)
    assert similar(world) == [("complaint:1", ("12-security", "7-consent"), "both")]


def test_where_nobody_knows_whether_a_clause_covers_it_it_has_no_vote(world: World) -> None:
    with world.act() as session:
        for covered in (U, N, Y):
            found(session, complained(session), "12-security" if covered is Y else None, covered)
    with world.read() as session:
        cases = earlier_cases(session, protocol(session))
    assert [(case.id, case.covered, case.votes) for case in cases] == [
        ("complaint:3", True, True), ("complaint:2", False, True), ("complaint:1", False, False),
    ]  # fmt: skip


def test_a_complaint_is_no_earlier_case_of_itself_and_teaches_nothing_undetermined_or_emptied(world: World) -> None:
    with world.act() as session:
        found(session, complained(session), "12-security")
        complained(session)
        emptied = complained(session)
        found(session, emptied, "12-security")
        session.get_one(Narrative, emptied.what_id).text = None
    assert [each[0] for each in similar(world)] == ["complaint:1"]
    assert similar(world, leaving_out=1) == []


def test_a_breach_is_similar_and_speaks_for_the_clauses_that_its_lessons_found_wanting(world: World) -> None:
    with world.act() as session:
        others(session)
        breached(session, outcome=BreachOutcome.FOLLOWED_UP, stage="closed")
    assert (clauses(world), similar(world)) == ([], [("breach:1", (), "followed up")])
    with world.act() as session:
        breached(session, wanting="12-security")
    assert clauses(world) == ["12-security"]
    assert similar(world) == [("breach:2", ("12-security",), "reported"), ("breach:1", (), "followed up")]


def test_a_breach_without_a_clause_does_not_speak_for_none(world: World) -> None:
    lost = f"{PARCEL} It had been sent to the wrong address."
    with world.act() as session:
        for _ in range(30):
            breached(session)
    assert not suggested(world, lost).none_likely
    with world.act() as session:
        for _ in range(30):
            found(session, complained(session), None, N, Result.INADEQUACY)
    assert suggested(world, lost).none_likely  # as determined cases do


def test_of_a_breach_what_stands_counts_and_a_merged_one_is_not_twice(world: World) -> None:
    with world.act() as session:
        first = breached(session)
        breached(session, merged_into_id=first.id)
    assert [each[0] for each in similar(world)] == ["breach:1"]
    with world.act() as session:
        told(session, session.get_one(Breach, 1), "Nothing of the kind.")
    assert similar(world) == []


def test_no_word_of_an_earlier_case_comes_out_that_was_not_told_anew(world: World) -> None:
    secret = "Xanthippe's psychiatric chart lay in the parcel that fell off the bicycle near the river."
    with world.act() as session:
        others(session)
        found(session, complained(session, secret), "12-security")
        breached(session, secret, "7-consent")
    answer = suggested(world)
    assert len(answer.similar) == 2
    reasons = [each.because for each in answer.clauses] + [each.because for each in answer.similar]
    said = {word for because in reasons for words in because for word in words.split()}
    assert said <= set(BICYCLE.rstrip(".").split())


def test_only_the_newest_cases_are_asked(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(of_store, "MOST_COMPLAINTS", 2)
    monkeypatch.setattr(of_store, "MOST_BREACHES", 1)
    with world.act() as session:
        for _ in range(3):
            found(session, complained(session), "12-security")
            breached(session)
    with world.read() as session:
        ids = [case.id for case in earlier_cases(session, protocol(session))]
    assert ids == ["complaint:3", "complaint:2", "breach:3"]


def test_another_protocols_cases_are_not_asked(world: World) -> None:
    with world.act() as session:
        found(session, complained(session), "12-security")
        breached(session)
    with world.read() as session:
        of = protocol(session)
        session.expunge(of)
        of.id = 2
        assert earlier_cases(session, of) == ()


def test_days_that_cannot_be_are_refused(world: World) -> None:
    with pytest.raises(LiesAhead, match="Tuesday 7 September 2027 lies ahead"):
        asked(world, happened=date(2027, 9, 7))
    with pytest.raises(BeforeTheFirstVersion):
        asked(world, happened=date(2014, 1, 31))
