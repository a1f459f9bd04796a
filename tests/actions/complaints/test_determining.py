"""Four answers, each with its reason, by a person; a finding stays as it was made, whatever anybody finds later."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from sqlmodel import Session, col

from actions.cast import NotThere, known_id
from actions.complaints.answering import (
    Answered,
    AnswerWithoutReason,
    ClauseNeeded,
    Given,
    NoClauseExpected,
    NoLongerInForce,
    NotInForceThen,
    NotInThatVersion,
    ReferenceTooLong,
)
from actions.complaints.closing import end_early, look_again
from actions.complaints.determining import AlreadyCorrected, IssueHasItsFinding, correct, determine
from actions.complaints.moving import ComplaintIsClosed
from actions.complaints.progress import complaint_progress
from actions.complaints.receiving import restate_days
from actions.complaints.second_reading import NotStanding, ReadAlready, ReadsTheirOwn, second_read
from actions.complaints.standing import findings_of, result_of
from actions.gaps.references import NotAReference
from actions.reasons import ReasonNeeded
from actions.review_deciding import conclude, decide
from actions.versions import text_of
from models.complaint import Complaint, ComplaintOutcome, Finding, SecondReading
from models.fitting import DoesNotFit
from models.history import History, Narrative
from models.obligation import Obligation, ObligationKind, Outcome
from models.outbox import Message
from models.protocol import Clause, Version, VersionClause
from models.review import DecisionOutcome, Magnitude
from rules.complaint import ComplaintKind, Stage
from rules.determination import AnswerLacking, Evidence, NotAsked, Question, Result, what_matters
from rules.errors import Refused
from rules.texts import NotText
from tests.actions.breach_world import reported
from tests.actions.complaint_world import (
    HANDLER,
    IN_MAY,
    NOT_COVERED,
    UNKNOWN,
    WEDNESDAY,
    N,
    Y,
    acknowledged,
    complaint,
    determined,
    done,
    found,
    given,
    of_kind,
    owed_in,
    refused,
)
from tests.actions.databases import on_both
from tests.actions.world import LOCKED, SECRETARY, World, at_once

DAY = timedelta(days=1)
ANOTHER = "another analyst"
WHY = "The record says otherwise."


def results(world: World, number: int = 1) -> list[tuple[int, int, str]]:
    """What stands: the issue, the finding and its result."""
    with world.read() as session:
        of = session.get_one(Complaint, number)
        return [(row.issue, known_id(row), row.result.value) for row in findings_of(session, of)]


def said(**answers: Answered) -> Given:
    values = {name: getattr(given(), name) for name in ("covered", "followed", "clear", "harm")}
    return Given(**{"clause": "12-security", **values, **answers})


# One finding


def test_a_breakdown_with_its_reasons_is_told_to_the_secretary(world: World) -> None:
    determined(world)
    [row] = world.every(Finding)
    assert (row.result, row.clause_id, row.version_id, row.party_id, row.issue) == (Result.BREAKDOWN, 2, 3, 3, 1)
    assert row.reasons["harm"]["evidence"] == "record"
    assert row.reasons["harm"]["reference"] == "file 12"
    assert world.only(Narrative, Narrative.id == row.reasons["harm"]["why"]).text == "So it is with “harm”."
    assert (complaint(world).stage, set(owed_in(world))) == (Stage.DETERMINED, {"progress"})
    told = {row.address: row.text for row in world.every(Message, Message.kind == "complaint_determined")}
    assert set(told) == {"secretary@westshire.example", "lead.member@police.example"}
    assert all("breakdown" in each for each in told.values())
    assert "The letter goes out from you" in " ".join(told["lead.member@police.example"].split())
    assert world.broken(WEDNESDAY) == []


EVERY_RESULT = [
    (given(), "breakdown"),
    (given(clear=N), "both"),
    (given(followed=Y), "inadequacy"),
    (given(**NOT_COVERED), "inadequacy"),
    (given(followed=Y, harm=N), "neither"),
    (given(**NOT_COVERED, harm=N), "neither"),
    (given(followed=UNKNOWN), "undetermined"),
    (given(covered=UNKNOWN), "undetermined"),
    (given(harm=UNKNOWN), "breakdown"),  # whatever it is
]


@pytest.mark.parametrize(("answers", "result"), EVERY_RESULT)
def test_what_the_table_makes_of_it_is_kept(small_world: World, answers: Given, result: str) -> None:
    determined(small_world, answers)
    assert results(small_world) == [(1, 1, result)]
    assert (complaint(small_world).stage is Stage.DETERMINED) is (result != "undetermined")
    assert small_world.broken(WEDNESDAY) == []


WRONG: list[tuple[Given, type[Refused], str]] = [
    (said(harm=Answered(answer=Y, because=" \n")), AnswerWithoutReason, "Say why for “harm”"),
    (said(covered=Answered(answer=Y, because="")), AnswerWithoutReason, "Say why for “covered”"),
    (said(harm=Answered(answer=UNKNOWN, because="")), AnswerWithoutReason, "Say why for “harm”"),
    (said(harm=Answered(answer=Y, because="\0")), NotText, "a character that no text has"),
    (said(harm=Answered(answer=Y, because="x" * 50_001)), DoesNotFit, "is too long"),
    (said(harm=Answered(answer=Y, because="x", reference="x" * 121)), ReferenceTooLong, "at most 120"),
    (given(followed=None), AnswerLacking, "followed"),
    (given(clear=None), AnswerLacking, "clear"),
    (given(covered=N, followed=None), NotAsked, "clear"),
    (given(clause=None), ClauseNeeded, "Name the clause that covers it"),
    (given(**NOT_COVERED, clause="12-security"), NoClauseExpected, "none is named: leave out 12-security"),
    (given(clause="99-nothing"), Refused, "99-nothing"),
    (given(version="9.9"), Refused, "westshire has no version 9.9"),
    (given(clause="13-breaches", version="4.1"), NotInThatVersion, "Version 4.1 has no clause 13-breaches"),
    (given(version="5.0"), NotInForceThen, "Version 5.0 is not in force"),
    (given(version="4.3"), NotInForceThen, "Version 4.3 came into force on Thursday 7 May 2026"),
    (given(party="nobody"), Refused, "There is no party “nobody”"),
]  # fmt: skip


def test_what_is_no_determination_is_refused_in_a_sentence_and_nothing_is_done(small_world: World) -> None:
    """Version 4.1 has a text here, without a clause on breaches; 4.3 came the day after; 5.0 is a draft."""
    with small_world.act() as session:
        session.add(VersionClause(version_id=2, clause_id=1, heading="Consent", text="It is asked for."))
        dates = {"dated_from": IN_MAY, "dated_to": IN_MAY, "dated_words": "May"}
        for label, day in (("4.3", IN_MAY + DAY), ("5.0", None)):
            major, minor = map(int, label.split("."))
            session.add(Version(protocol_id=1, label=label, major=major, minor=minor, in_force_from=day, **dates))
    acknowledged(small_world)
    for answers, error, sentence in WRONG:
        caught = refused(small_world, determine, 1, answers, HANDLER)
        assert isinstance(caught, error), answers
        assert sentence in str(caught)
    assert isinstance(refused(small_world, determine, 1, given(), HANDLER, "x" * 50_001), DoesNotFit)
    assert isinstance(refused(small_world, determine, 1, given(), "x" * 121), DoesNotFit)
    assert "There is no complaint 2" in str(refused(small_world, determine, 2, given(), HANDLER))


def test_by_the_text_of_then_or_of_a_version_that_is_named(small_world: World) -> None:
    acknowledged(small_world)
    found(small_world, 1, given(version="4.1", party="fire"))
    [row] = small_world.every(Finding)
    assert (row.version_id, row.party_id) == (2, 2)
    assert small_world.broken(WEDNESDAY) == []


def test_a_version_counts_that_was_in_force_on_a_day_on_which_it_can_have_happened(small_world: World) -> None:
    """4.0 until 2014, 4.3 from 7 May 2026 on; 4.2 between them."""
    with small_world.act() as session:
        for label, day in (("3.0", date(2010, 1, 1)), ("4.3", IN_MAY + DAY)):
            major, minor = map(int, label.split("."))
            session.add(Version(
                protocol_id=1, label=label, major=major, minor=minor, in_force_from=day, dated_from=day, dated_to=day,
                dated_words="a day",
            ))  # fmt: skip
    acknowledged(small_world, happened_from=IN_MAY, happened_to=IN_MAY + 2 * DAY)
    gone = refused(small_world, determine, 1, given(version="3.0"), HANDLER)
    assert isinstance(gone, NoLongerInForce)
    for label in ("4.2", "4.3"):
        done(small_world, determine, 1, given(version=label, clause="12-security"), HANDLER, f"Under {label}.")
    acknowledged(small_world, happened_from=None)
    done(small_world, determine, 2, given(version="3.0"), HANDLER)
    assert small_world.broken(WEDNESDAY) == []


def rests(evidence: Evidence, reference: str | None) -> Given:
    return replace(given(), followed=Answered(answer=N, because="So.", evidence=evidence, reference=reference))


def test_what_an_answer_rests_on_is_there(small_world: World) -> None:
    acknowledged(small_world)
    with small_world.act() as session:
        reported(session, WEDNESDAY)
        session.add(Clause(protocol_id=1, key="99-later", section=99, position=99))
    for evidence, reference, error in (
        (Evidence.CLAUSE, "98-nothing", NotThere), (Evidence.CLAUSE, "99-later", NotInThatVersion),
        (Evidence.FOLLOW_UP, "breach:9999", NotThere), (Evidence.FOLLOW_UP, "the police's", NotAReference),
        (Evidence.FOLLOW_UP, "complaint:1", NotAReference),
    ):  # fmt: skip
        assert isinstance(refused(small_world, determine, 1, rests(evidence, reference), HANDLER), error)
    for evidence, reference in (
        (Evidence.CLAUSE, "7-consent"), (Evidence.CLAUSE, None), (Evidence.FOLLOW_UP, "breach:1"),
    ):  # fmt: skip
        done(small_world, determine, 1, rests(evidence, reference), HANDLER, f"{evidence} {reference}")
    kept = [row.reasons["followed"]["reference"] for row in small_world.every(Finding)]
    assert kept == ["7-consent", "12-security", "breach:1"]


def test_what_is_closed_is_looked_at_again_first(small_world: World) -> None:
    number = acknowledged(small_world, kind=ComplaintKind.CONCERN)
    done(small_world, end_early, number, ComplaintOutcome.WITHDRAWN, HANDLER, "She rang.")
    caught = refused(small_world, determine, number, given(), HANDLER)
    assert isinstance(caught, ComplaintIsClosed)
    assert "concordat complaint look-again 1" in str(caught)


def test_undetermined_stays_with_the_analyst_and_says_what_matters(small_world: World) -> None:
    determined(small_world, given(followed=UNKNOWN, clear=UNKNOWN))
    [row] = small_world.every(Finding)
    answers = given(followed=UNKNOWN, clear=UNKNOWN).answers
    assert what_matters(answers) == (Question.FOLLOWED, Question.CLEAR)
    assert (row.result, complaint(small_world).stage) == (Result.UNDETERMINED, Stage.ANALYSING)
    assert set(owed_in(small_world)) == {"progress", "analysis"}
    with small_world.read() as session:
        assert "undetermined" in complaint_progress(session, WEDNESDAY, 1)
    assert small_world.counts()["complaint_determined"] == 0
    done(small_world, correct, 1, given(), ANOTHER, "The file was found.")
    assert (complaint(small_world).stage, results(small_world)) == (Stage.DETERMINED, [(1, 2, "breakdown")])
    assert small_world.broken(WEDNESDAY) == []


# Several issues


def test_several_issues_have_several_findings_and_one_result(world: World) -> None:
    determined(world)
    second = done(world, determine, 1, given(**NOT_COVERED), ANOTHER, "He waited a year for an answer.")
    assert (second.issue, results(world)) == (2, [(1, 1, "breakdown"), (2, 2, "inadequacy")])
    with world.read() as session:
        assert result_of(session, session.get_one(Complaint, 1)) is Result.BOTH
    assert world.counts()["complaint_determined"] == 4
    assert world.broken(WEDNESDAY) == []


def test_while_one_issue_is_undetermined_all_of_it_is(small_world: World) -> None:
    determined(small_world)
    done(small_world, determine, 1, given(followed=UNKNOWN), HANDLER, "He waited.")
    assert (complaint(small_world).stage, "analysis" in owed_in(small_world)) == (Stage.ANALYSING, True)
    done(small_world, correct, 2, given(followed=Y, harm=N), HANDLER, "It was followed.")
    assert complaint(small_world).stage is Stage.DETERMINED
    assert small_world.broken(WEDNESDAY) == []


def test_the_same_answers_twice_are_one_finding(small_world: World) -> None:
    determined(small_world)
    before = small_world.rows()
    found(small_world, 1, by=ANOTHER)
    assert small_world.rows() == before
    for _ in range(2):
        done(small_world, determine, 1, given(), HANDLER, "Another issue.")
    assert [issue for issue, _, _ in results(small_world)] == [1, 2]


def test_an_issue_that_was_answered_is_not_answered_otherwise_beside_it(small_world: World) -> None:
    acknowledged(small_world)
    first = done(small_world, determine, 1, given(), HANDLER, "The letter.")
    said = refused(small_world, determine, 1, given(clear=N), ANOTHER, " the  LETTER. ")
    assert isinstance(said, IssueHasItsFinding)
    assert f"concordat complaint correct finding:{first.id}" in str(said)
    before = small_world.rows()
    assert done(small_world, determine, 1, given(), ANOTHER, "the LETTER.").id == first.id
    assert small_world.rows() == before


def test_a_further_issue_that_is_answered_at_once_asks_nobody_for_an_analysis(small_world: World) -> None:
    determined(small_world)
    duties, mails = len(small_world.every(Obligation)), small_world.counts()
    for number in range(3):
        done(small_world, determine, 1, given(), HANDLER, f"Issue {number}.")
    assert len(small_world.every(Obligation)) == duties
    assert small_world.counts() - mails == Counter(complaint_determined=6)
    assert small_world.broken(WEDNESDAY) == []


# Corrections


def test_a_correction_stands_beside_the_first_which_stays_as_it_was(world: World) -> None:
    determined(world)
    [first] = world.every(Finding)
    second = done(world, correct, 1, given(clear=N), ANOTHER, WHY, now=WEDNESDAY + DAY)
    assert (second.corrects_id, second.issue, results(world)) == (1, 1, [(1, 2, "both")])
    assert world.every(Finding)[0].model_dump() == first.model_dump()
    before = world.rows()
    assert done(world, correct, 1, given(clear=N), ANOTHER, WHY, now=WEDNESDAY + 2 * DAY).id == second.id
    assert world.rows() == before
    assert world.moves("complaint:1").count("finding corrected") == 1
    assert world.broken(WEDNESDAY + DAY) == []


def test_what_was_corrected_is_neither_corrected_nor_made_again(small_world: World) -> None:
    determined(small_world)
    done(small_world, correct, 1, given(clear=N), ANOTHER, WHY)
    for action, about in (
        (correct, (1, given(harm=N), HANDLER, WHY)),
        (determine, (1, given(), HANDLER)),
    ):
        caught = refused(small_world, action, *about)
        assert isinstance(caught, AlreadyCorrected)
        assert "was corrected by another analyst: what stands is finding 2" in str(caught)
    assert isinstance(refused(small_world, correct, 2, given(), HANDLER, " "), ReasonNeeded)
    assert "There is no finding 9" in str(refused(small_world, correct, 9, given(), HANDLER, WHY))
    third = done(small_world, correct, 2, given(), HANDLER, "It was right at first.")
    assert results(small_world) == [(1, third.id, "breakdown")]
    assert small_world.broken(WEDNESDAY) == []


def test_when_it_happened_is_known_better_and_the_finding_keeps_its_version(small_world: World) -> None:
    with small_world.act() as session:
        session.get_one(Version, 3).in_force_from = date(2020, 1, 1)
    determined(small_world)
    done(small_world, restate_days, 1, date(2019, 5, 6), None, HANDLER, "Long ago.")
    assert (complaint(small_world).version_id, small_world.only(Finding).version_id) == (2, 3)
    assert small_world.broken(WEDNESDAY) == []
    done(small_world, correct, 1, given(), HANDLER, "By the text of then.")
    assert [row.version_id for row in small_world.every(Finding)] == [3, 2]


# A second reader


def disagreed(world: World, **answers: Any) -> int:
    return determined(world, given(**answers), kind=ComplaintKind.DISAGREEMENT)


def readings(world: World) -> list[tuple[str | None, str | None]]:
    rows = world.duties(ObligationKind.SECOND_READING)
    return [(row.subject, row.outcome.value if row.outcome else None) for row in rows]


def test_where_policy_asks_for_it_a_second_person_reads_it_before_it_is_determined(world: World) -> None:
    disagreed(world)
    assert complaint(world).stage is Stage.ANALYSING
    assert owed_in(world)["second reading"] == ("secretary@westshire", date(2026, 12, 9))
    same = refused(world, second_read, 1, True, HANDLER.upper(), "I was right.")
    assert isinstance(same, ReadsTheirOwn)
    assert isinstance(refused(world, second_read, 1, True, ANOTHER, " "), ReasonNeeded)
    done(world, second_read, 1, True, ANOTHER, "So it is.")
    assert (complaint(world).stage, readings(world)) == (Stage.DETERMINED, [("finding:1", "answered")])
    before = world.rows()
    done(world, second_read, 1, True, ANOTHER, "So it is.")
    assert world.rows() == before
    assert isinstance(refused(world, second_read, 1, False, "a third", "No."), ReadAlready)
    assert world.broken(WEDNESDAY) == []


def test_a_second_reader_who_does_not_agree_has_it_corrected_and_reads_that_too(small_world: World) -> None:
    disagreed(small_world)
    done(small_world, second_read, 1, False, ANOTHER, "It is not clear at all.")
    assert complaint(small_world).stage is Stage.ANALYSING
    assert "analysis" in owed_in(small_world), "somebody has the next step"
    done(small_world, correct, 1, given(clear=N), HANDLER, "It is not.")
    assert (complaint(small_world).stage, readings(small_world)[-1]) == (Stage.ANALYSING, ("finding:2", None))
    assert isinstance(refused(small_world, second_read, 1, True, "a third", "Yes."), ReadAlready)
    done(small_world, second_read, 2, True, ANOTHER, "So it is.")
    assert complaint(small_world).stage is Stage.DETERMINED
    assert [row.agrees for row in small_world.every(SecondReading)] == [False, True]
    assert small_world.broken(WEDNESDAY) == []


def test_a_finding_that_was_corrected_is_read_by_nobody(small_world: World) -> None:
    disagreed(small_world)
    done(small_world, correct, 1, given(clear=N), HANDLER, "It is not.")
    assert readings(small_world) == [("finding:1", "superseded"), ("finding:2", None)]
    assert isinstance(refused(small_world, second_read, 1, True, ANOTHER, "Yes."), NotStanding)


def test_of_several_issues_each_is_read(small_world: World) -> None:
    disagreed(small_world)
    done(small_world, determine, 1, given(**NOT_COVERED), HANDLER, "He waited.")
    assert readings(small_world) == [("finding:1", None), ("finding:2", None)]
    done(small_world, second_read, 2, True, ANOTHER, "So it is.")
    assert readings(small_world) == [("finding:1", None), ("finding:2", "answered")]
    assert complaint(small_world).stage is Stage.ANALYSING
    done(small_world, second_read, 1, True, ANOTHER, "So it is.")
    assert complaint(small_world).stage is Stage.DETERMINED
    assert small_world.broken(WEDNESDAY) == []


def test_what_is_undetermined_needs_no_second_reader_yet(small_world: World) -> None:
    disagreed(small_world, followed=UNKNOWN)
    assert readings(small_world) == []
    done(small_world, correct, 1, given(), HANDLER, "Found.")
    assert readings(small_world) == [("finding:2", None)]


def test_where_the_secretary_answers_it_the_adviser_reads_it(small_world: World) -> None:
    acknowledged(small_world, kind=ComplaintKind.DISAGREEMENT, received_by=None)
    found(small_world, 1)
    assert owed_in(small_world)["second reading"][0] == "adviser@westshire"


def test_a_reading_for_which_nobody_asked_is_kept_and_undoes_nothing(small_world: World) -> None:
    determined(small_world)
    done(small_world, second_read, 1, False, ANOTHER, "It is not clear at all.")
    assert complaint(small_world).stage is Stage.DETERMINED
    assert small_world.broken(WEDNESDAY) == []


# Two at once


def analysts(world: World, *acts: Callable[[Session], object]) -> list[Any]:
    waiting = iter(acts)

    def one() -> object:
        act = next(waiting)
        with world.act() as session:
            return act(session)

    return at_once(len(acts), one)


@on_both
def test_of_two_analysts_at_once_the_second_is_told_what_stands(world: World) -> None:
    acknowledged(world)
    outcomes = analysts(
        world,
        lambda s: determine(s, WEDNESDAY, 1, given(), "one"),
        lambda s: determine(s, WEDNESDAY, 1, given(clear=N), "two"),
    )
    [told] = [each for each in outcomes if isinstance(each, IssueHasItsFinding)]
    [row] = world.every(Finding)
    assert f"has a finding already: {row.result}, by {row.determined_by}" in str(told)
    assert world.broken(WEDNESDAY) == []


@on_both
def test_of_two_who_correct_at_once_the_second_is_told_what_stands(world: World) -> None:
    determined(world)
    outcomes = analysts(
        world,
        lambda s: correct(s, WEDNESDAY, 1, given(clear=N), "one", "One sees it so."),
        lambda s: correct(s, WEDNESDAY, 1, given(harm=N), "two", "Two sees it so."),
    )
    [told] = [each for each in outcomes if isinstance(each, AlreadyCorrected)]
    [_, row] = world.every(Finding)
    assert f"was corrected by {row.determined_by}" in str(told)
    assert world.broken(WEDNESDAY) == []


def test_an_issue_of_its_own_beside_it_is_no_conflict(postgres_world: World) -> None:
    acknowledged(postgres_world)
    outcomes = analysts(
        postgres_world,
        lambda s: determine(s, WEDNESDAY, 1, given(), "one", "The address."),
        lambda s: determine(s, WEDNESDAY, 1, given(clear=N), "two", "The delay."),
    )
    assert [each for each in outcomes if isinstance(each, BaseException)] == []
    assert [issue for issue, _, _ in results(postgres_world)] == [1, 2]
    assert postgres_world.broken(WEDNESDAY) == []


# Whatever the clause says later


def test_a_determination_does_not_change_when_its_clause_is_amended(small_world: World) -> None:
    small_world.deciding(Magnitude.MINOR, LOCKED)
    determined(small_world)
    [before] = small_world.every(Finding)
    with small_world.act() as session:
        decide(session, WEDNESDAY, 1, DecisionOutcome.ACCEPTED, SECRETARY, because="Agreed.")
        assert conclude(session, WEDNESDAY, 1, SECRETARY).value == "adopted"
    now = WEDNESDAY + DAY
    [after] = small_world.every(Finding)
    assert after.model_dump() == before.model_dump()
    with small_world.read() as session:
        versions = [session.get_one(Version, before.version_id), session.get_one(Version, 4)]
        words = [text_of(session, version)["12-security"][1] for version in versions]
    assert words == ["Records are kept locked.", "Records are kept locked, day and night."]
    assert small_world.broken(now) == []
    # Of what happened before the amendment, also one that comes in now is judged by the text of then …
    number = acknowledged(small_world, now)
    third = found(small_world, number, now=now)
    # … and what happens after it by the new one.
    number = acknowledged(small_world, now, happened_from=now.date())
    fourth = found(small_world, number, now=now)
    assert [row.version_id for row in small_world.every(Finding)] == [3, 3, 4]
    assert (third, fourth) == (2, 3)
    assert isinstance(refused(small_world, correct, 1, given(version="4.3"), HANDLER, WHY, now=now), NotInForceThen)
    assert small_world.broken(now) == []


def test_looked_at_again_the_finding_stands_until_it_is_corrected(small_world: World) -> None:
    determined(small_world)
    done(small_world, look_again, 1, HANDLER, "She rang.")
    assert (results(small_world), complaint(small_world).stage) == ([(1, 1, "breakdown")], Stage.ANALYSING)
    done(small_world, correct, 1, given(), HANDLER, "Nothing else was found.")
    assert (results(small_world), complaint(small_world).stage) == ([(1, 2, "breakdown")], Stage.DETERMINED)
    assert [row.what for row in small_world.every(History, History.what == "determine")] == ["determine"] * 2
    assert small_world.duties(ObligationKind.ANALYSIS)[-1].outcome is Outcome.ANSWERED
    assert small_world.broken(WEDNESDAY) == []


def test_looked_at_again_the_same_answers_confirm_it(small_world: World) -> None:
    determined(small_world)
    done(small_world, look_again, 1, HANDLER, "She rang.")
    found(small_world, 1, by=ANOTHER)
    assert (results(small_world), complaint(small_world).stage) == ([(1, 1, "breakdown")], Stage.DETERMINED)
    assert "analysis" not in owed_in(small_world)
    before = small_world.rows()
    found(small_world, 1, by=ANOTHER)
    assert small_world.rows() == before
    assert small_world.broken(WEDNESDAY) == []


def test_where_policy_asks_for_a_second_reader_in_mid_case_every_finding_gets_one(small_world: World) -> None:
    acknowledged(small_world)
    for issue, answers in (("One.", given(followed=UNKNOWN)), ("Two.", given())):
        done(small_world, determine, 1, answers, HANDLER, issue)
    of_kind(small_world, ComplaintKind.PERSON, second_reader=True)
    done(small_world, correct, 1, given(), HANDLER, "It is known now.")
    owed = small_world.duties(ObligationKind.SECOND_READING, col(Obligation.outcome).is_(None))
    assert {duty.subject for duty in owed} == {"finding:2", "finding:3"}
    for number in (2, 3):
        assert complaint(small_world).stage is Stage.ANALYSING
        done(small_world, second_read, number, True, ANOTHER, "So it is.")
    assert complaint(small_world).stage is Stage.DETERMINED
    assert small_world.broken(WEDNESDAY) == []
