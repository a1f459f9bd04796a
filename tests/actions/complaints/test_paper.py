"""The steering group's paper: its numbers, that each period has one, and that it holds nothing anybody wrote."""

import json
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlmodel import select

from actions.cast import NotThere
from actions.complaints.paper import keep_paper, kept_paper, newest_papers, paper_facts
from models.complaint import AnalysisPaper, ComplaintOutcome
from models.inserting import insert_unless_there
from models.obligation import Outcome
from models.protocol import MatterKind, Protocol
from notifications.complaint_paper import paper_html, paper_markdown
from rules.complaint import ComplaintKind, Stage
from rules.determination import Effect, Result
from rules.report_periods import parse_report_period
from tests.actions.complaint_world import broken_beside_complaints
from tests.actions.complaints.counted_world import (
    REACH,
    WORDS,
    at,
    broken,
    complaint,
    finding,
    followed_by,
    gap,
    owed,
    referred,
)  # fmt: skip
from tests.actions.databases import on_postgres_among_the_slow
from tests.actions.world import at_once, protocol

MARCH = (date(2027, 3, 1), date(2027, 3, 31))
NOW = datetime(2027, 4, 1, 5, tzinfo=UTC)
LIMIT = date(2027, 3, 20)


def a_month(world):
    """March: four complaints, three determined, one withdrawn; a signal, a gap, a referral, a late acknowledgement."""
    with world.act() as session:
        one = broken(session, "police", at(2027, 3, 3), suggested=["12-security", "13-breaches", "7-consent", "x"])
        two = broken(session, "council", at(2027, 3, 4), suggested=["a", "b", "c", "7-consent"])
        three = complaint(session, "trust", at(2027, 3, 5), kind=ComplaintKind.CONCERN)
        finding(session, three, "7-consent", Result.BOTH, at(2027, 3, 6))
        finding(session, three, None, Result.INADEQUACY, at(2027, 3, 6), issue=2)
        gone = complaint(
            session, "fire", at(2027, 3, 7), stage=Stage.CLOSED, outcome=ComplaintOutcome.WITHDRAWN
        )  # fmt: skip
        finding(session, gone, "12-security", Result.BREAKDOWN, at(2027, 3, 8))
        early = broken(session, "police", at(2026, 12, 2), clause="12-security")
        owed(session, one, LIMIT, Outcome.ANSWERED, done=at(2027, 3, 20))
        owed(session, two, LIMIT, Outcome.ANSWERED, done=at(2027, 3, 21))
        owed(session, three, date(2027, 3, 31))
        owed(session, early, date(2027, 1, 4))
        referred(session, one, "council", at(2027, 3, 4))
        wanting = gap(session, at(2027, 3, 7), three.case, urgent=True)
        followed_by(session, one, Effect.ACTION, at(2027, 3, 9))
        followed_by(session, three, Effect.GAP, at(2027, 3, 9), wanting)


def facts_of(world, now=NOW, days=MARCH):
    with world.read() as session:
        return paper_facts(session, now, protocol(session), *days)


def keep(world, now=NOW):
    with world.act() as session:
        return [(row.first_day, row.last_day) for row in keep_paper(session, now, protocol(session))]


def not_nought(counts):
    return {name: count for name, count in counts.items() if count}


@on_postgres_among_the_slow
def test_it_counts_the_period_by_kind_party_clause_and_determination(world):
    a_month(world)
    facts = facts_of(world)
    assert facts["received"]["total"] == 4
    assert facts["received"]["statutory"] == 3
    assert not_nought(facts["received"]["by_kind"]) == {"disclosure": 3, "practitioner concern": 1}
    assert not_nought(facts["ended"]) == {"withdrawn": 1}
    assert not_nought(facts["stages"]) == {"analysing": 4, "closed": 1}
    determined = facts["determinations"]
    assert (determined["issues"], determined["complaints"], determined["corrections"]) == (4, 3, 0)
    assert not_nought(determined["by_result"]) == {"breakdown": 2, "both": 1, "inadequacy": 1}
    [clause] = facts["clauses"]
    assert (clause["clause"], clause["heading"]) == ("7-consent", "Consent")
    assert not_nought(clause["by_result"]) == {"breakdown": 2, "both": 1}
    rows = {
        row["party"]: (row["received"], row["not_closed"], sum(row["by_result"].values())) for row in facts["parties"]
    }
    assert rows == {"council": (1, 1, 1), "fire": (1, 0, 0), "police": (1, 2, 1), "trust": (1, 1, 2)}


@on_postgres_among_the_slow
def test_trends_are_the_twelve_months_to_the_last_day(world):
    a_month(world)
    facts = facts_of(world)
    months = [each["month"] for each in facts["received"]["by_month"]]
    assert (months[0], months[-1], len(months)) == ("2026-04", "2027-03", 12)
    assert [each["complaints"] for each in facts["received"]["by_month"] if each["complaints"]] == [1, 4]
    december = next(each for each in facts["determinations"]["by_month"] if each["month"] == "2026-12")
    assert not_nought(december["by_result"]) == {"breakdown": 1}


@on_postgres_among_the_slow
def test_acknowledgements_are_countable_by_party_and_period(world):
    a_month(world)
    counted = facts_of(world)["acknowledgements"]
    rows = {row["party"]: (row["due"], row["in_time"], row["late"], row["waiting"]) for row in counted["by_party"]}
    assert rows == {"council": (1, 0, 1, 0), "police": (1, 1, 0, 0), "trust": (1, 0, 1, 0)}
    assert counted["statutory"] == {"due": 2, "in_time": 1, "late": 1, "waiting": 0}
    on_its_last_day = facts_of(world, datetime(2027, 3, 31, 12, tzinfo=UTC))["acknowledgements"]
    assert (on_its_last_day["late"], on_its_last_day["waiting"]) == (1, 1)
    january = facts_of(world, days=(date(2027, 1, 1), date(2027, 1, 31)))["acknowledgements"]
    assert [(row["party"], row["late"]) for row in january["by_party"]] == [("police", 1)]


@on_postgres_among_the_slow
def test_it_counts_what_followed_what_was_suggested_and_the_signals_that_stand(world):
    a_month(world)
    facts = facts_of(world)
    assert not_nought(facts["effects"]) == {"local action": 1, "gap": 1}
    assert facts["suggestions"] == {"decided_clauses": 3, "suggestion_known": 2, "among_first_three": 1}
    [way] = facts["referrals"]["by_way"]
    assert (way["from"], way["to_name"], way["referrals"]) == ("police", "Westshire Council", 1)
    assert not_nought(facts["gaps"]) == {"opened": 1, "opened_from_complaints": 1, "waiting": 1, "urgent": 1}
    [signal] = facts["signals"]
    assert (signal["subject"], signal["count"], signal["threshold"]) == ("7-consent", 3, 3)


@on_postgres_among_the_slow
def test_a_determination_near_midnight_belongs_to_london_s_day(world):
    with world.act() as session:
        broken(session, "police", datetime(2027, 3, 31, 23, 30, tzinfo=UTC))  # half past midnight, in summer time
    assert facts_of(world)["determinations"]["issues"] == 0
    april = facts_of(world, at(2027, 5, 1), (date(2027, 4, 1), date(2027, 4, 30)))
    assert april["determinations"]["issues"] == 1


@on_postgres_among_the_slow
def test_a_correction_is_counted_instead_of_what_it_corrects(world):
    with world.act() as session:
        of = complaint(session, "police", at(2027, 3, 1))
        said = finding(session, of, "7-consent", Result.BREAKDOWN, at(2027, 3, 2))
        finding(session, of, "7-consent", Result.INADEQUACY, at(2027, 3, 3), corrects=said)
    determined = facts_of(world)["determinations"]
    assert not_nought(determined["by_result"]) == {"inadequacy": 1}
    assert determined["corrections"] == 1


@on_postgres_among_the_slow
def test_each_ended_period_has_one_paper_and_the_secretary_hears_of_it_once(world):
    a_month(world)
    assert keep(world, datetime(2027, 1, 31, 23, 59, tzinfo=UTC)) == [(date(2026, 12, 1), date(2026, 12, 31))]
    assert keep(world, datetime(2027, 1, 31, 23, 59, tzinfo=UTC)) == []
    assert keep(world, datetime(2027, 2, 1, 0, 0, tzinfo=UTC)) == [(date(2027, 1, 1), date(2027, 1, 31))]
    assert world.counts()["analysis_paper_ready"] == 2
    assert broken_beside_complaints(world, NOW) == []


@on_postgres_among_the_slow
def test_after_an_outage_the_missed_ones_are_written_and_one_message_says_so(world):
    a_month(world)
    assert keep(world) == [
        (date(2026, 12, 1), date(2026, 12, 31)), (date(2027, 1, 1), date(2027, 1, 31)),
        (date(2027, 2, 1), date(2027, 2, 28)), MARCH,
    ]  # fmt: skip
    [key] = world.said("analysis_paper_ready")
    said = world.words(key)
    assert "is ready for March 2027. With it, 3 papers of earlier periods were written" in said
    assert "Complaints recorded: 4" in said
    assert "concordat complaint paper --protocol westshire" in said
    assert [matter.kind for matter in world.matters()] == [MatterKind.SIGNAL]
    december = world.every(AnalysisPaper)[0].facts
    assert december["determinations"]["issues"] == 1
    assert december["signals"] == []  # in December there was none
    assert keep(world) == []


@on_postgres_among_the_slow
def test_a_complaint_recorded_after_its_month_s_paper_is_in_the_next_so_that_papers_add_up(world):
    for now, received, recorded in (
        (at(2027, 1, 31), at(2027, 1, 5), at(2027, 1, 5)),
        (at(2027, 2, 15), at(2027, 1, 28), at(2027, 2, 15)),
        (at(2027, 3, 10), at(2027, 1, 30), at(2027, 3, 10)),
        (at(2027, 3, 31), at(2027, 3, 31), at(2027, 3, 31)),
    ):
        with world.act() as session:
            complaint(session, "police", received).recorded_at = recorded
        keep(world, now)
    keep(world, at(2027, 4, 1))
    papers = [row.facts for row in world.every(AnalysisPaper)]
    assert [each["received"]["total"] for each in papers] == [1, 1, 2]
    assert [each["received"]["earlier"] for each in papers] == [0, 1, 1]
    assert [sum(party["received"] for party in each["parties"]) for each in papers] == [1, 1, 2]
    assert [month["complaints"] for month in papers[-1]["received"]["by_month"]][-3:] == [1, 1, 2]
    assert "1 of them had been received before the period" in paper_markdown(papers[-1])


@on_postgres_among_the_slow
def test_what_the_secretary_owes_is_the_secretary_s_and_not_that_of_whom_it_is_about(world):
    with world.act() as session:
        owed(session, complaint(session, "police", at(2027, 3, 1)), LIMIT).party_id = None
    [row] = facts_of(world, NOW)["acknowledgements"]["by_party"]
    assert (row["party"], row["name"], row["late"]) == (None, "the secretary", 1)
    assert "| the secretary |" in paper_markdown(facts_of(world, NOW))


@on_postgres_among_the_slow
def test_before_the_first_complaint_there_is_no_paper(world):
    assert keep(world) == []
    with world.act() as session:
        complaint(session, "police", at(2027, 3, 1))
    assert keep(world) == [MARCH]


@on_postgres_among_the_slow
def test_what_was_recorded_from_before_the_protocol_was_loaded_makes_no_paper_of_then(world):
    with world.act() as session:
        complaint(session, "police", at(2020, 3, 1))
    assert keep(world, at(2026, 12, 1)) == [(date(2026, 11, 1), date(2026, 11, 30))]


@on_postgres_among_the_slow
def test_what_was_kept_stays_as_it_was(world):
    a_month(world)
    keep(world)
    before = world.every(AnalysisPaper)[-1].facts
    with world.act() as session:
        broken(session, "fire", at(2027, 3, 30))
    keep(world, NOW + timedelta(days=3))
    assert world.every(AnalysisPaper)[-1].facts == before
    assert facts_of(world) != before


@on_postgres_among_the_slow
def test_quarterly_papers_by_policy_and_a_change_of_policy_leaves_nothing_out(world):
    a_month(world)
    keep(world, at(2027, 2, 2))
    with world.act() as session:
        row = session.exec(select(Protocol)).one()
        row.operating = row.operating | {"complaints": row.operating["complaints"] | {"paper": "quarterly"}}
    assert keep(world) == [(date(2027, 2, 1), date(2027, 3, 31))], "January has its own"
    with world.read() as session:
        quarter = kept_paper(session, protocol(session), parse_report_period("2027-Q1")).first_day
        totals = [row.facts["received"]["total"] for row in newest_papers(session, protocol(session), 9)]
        with pytest.raises(NotThere):
            kept_paper(session, protocol(session), parse_report_period("2027-03"))
    assert quarter == date(2027, 2, 1)
    assert sum(totals) == 5, "each complaint once"


@on_postgres_among_the_slow
def test_a_paper_that_somebody_else_has_just_kept_is_not_kept_twice(world):
    with world.act() as session:
        complaint(session, "police", at(2027, 3, 1))
        of = protocol(session)
        row = AnalysisPaper(protocol_id=of.id, first_day=MARCH[0], last_day=MARCH[1], facts={}, made_at=NOW)
        assert insert_unless_there(session, row)
    assert keep(world) == []
    assert world.said("analysis_paper_ready") == []


@on_postgres_among_the_slow
@pytest.mark.parametrize("form", [json.dumps, paper_markdown, paper_html])
def test_nothing_that_anybody_wrote_is_in_it_in_any_form(world, form):
    a_month(world)
    said = form(facts_of(world))
    for word in {*WORDS.split(), *REACH.split("@"), "Alex", "Handler", "Marigold"} - COMMON:
        assert word not in said, word


COMMON = {"of", "her", "to", "a", "file", "|", "12", "says"}


@pytest.mark.slow
def test_kept_by_two_at_once_each_paper_and_each_signal_is_there_once(postgres_world):
    a_month(postgres_world)
    kept = at_once(2, lambda: keep(postgres_world))
    assert sorted(len(each) for each in kept) == [0, 4]
    assert len(postgres_world.every(AnalysisPaper)) == 4
    assert len(postgres_world.matters()) == 1
    assert len(postgres_world.said("analysis_paper_ready")) == 1
    assert broken_beside_complaints(postgres_world, NOW) == []


def test_an_acknowledgement_that_was_late_when_the_complaint_was_recorded_is_counted_then(world):
    with world.act() as session:
        of = complaint(session, "police", at(2026, 11, 2))
        of.recorded_at = at(2027, 3, 9)  # the letter had lain in a drawer
        session.add(of)
        owed(session, of, date(2026, 12, 2), Outcome.ANSWERED, at(2027, 3, 10), "police")
    counted = facts_of(world)["acknowledgements"]
    assert (counted["due"], counted["in_time"], counted["late"]) == (1, 0, 1)
    before = facts_of(world, days=(date(2026, 12, 1), date(2026, 12, 31)))["acknowledgements"]
    assert before["due"] == 0, "no paper of December can know it"
