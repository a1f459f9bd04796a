"""Signals from the store: what counts, and that a question is put once, until it had gone and came back."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlmodel import col, select

from actions.complaints.signalling import RAISED, raise_signals, signals_on
from models.complaint import ComplaintOutcome
from models.history import History
from models.obligation import Outcome
from models.protocol import Matter, MatterKind
from rules.determination import Result
from rules.signals import SignalKind
from tests.actions.complaint_world import broken_beside_complaints
from tests.actions.complaints.counted_world import at, broken, complaint, finding, owed
from tests.actions.databases import on_postgres_among_the_slow
from tests.actions.world import protocol

pytestmark = on_postgres_among_the_slow

NOW = datetime(2027, 3, 31, 12, tzinfo=UTC)
MAY = at(2026, 5, 4)
THREE = ("police", "council", "trust")


def raised(world, now=NOW):
    with world.act() as session:
        return [signal.key for signal in raise_signals(session, now, protocol(session))]


def standing(world, day=NOW.date()):
    with world.read() as session:
        return [signal.kind for signal in signals_on(session, protocol(session), day)]


def matters(world):
    return world.every(Matter, Matter.kind == MatterKind.SIGNAL)


def three_parties(world, day=MAY, **how):
    with world.act() as session:
        return [broken(session, slug, day, **how).id for slug in THREE]


def test_a_clause_that_three_parties_broke_is_put_on_the_list_once(world):
    three_parties(world)
    assert raised(world) == ["clause-parties:7-consent"]
    assert raised(world) == []
    assert raised(world, NOW + timedelta(days=1)) == []
    [matter] = matters(world)
    assert matter.sentence == (
        "Clause 7-consent was broken by 3 parties in the year to Wednesday 31 March 2027: does the clause work?"
    )
    assert "`concordat gap open 7-consent --words TEXT`" in matter.todo
    assert "`concordat matter close NUMBER --because TEXT`" in matter.todo
    [row] = world.every(History, History.what == RAISED)
    assert row.details["complaints"] == [1, 2, 3]
    assert broken_beside_complaints(world, NOW) == []


def test_more_of_the_same_raises_nothing_again_even_after_the_matter_was_closed(world):
    three_parties(world)
    raised(world)
    with world.act() as session:
        matter = session.exec(select(Matter).where(Matter.kind == MatterKind.SIGNAL)).one()
        matter.closed_at, matter.outcome = NOW, "a gap was opened"
        broken(session, "fire", at(2027, 3, 1))
    assert raised(world) == []
    assert len(matters(world)) == 1


def test_when_the_numbers_fall_below_the_matter_closes_and_it_is_raised_anew_when_they_come_back(world):
    three_parties(world)
    raised(world)
    assert raised(world, at(2027, 5, 3)) == []
    assert matters(world)[0].closed_at is None  # 4 May 2026 is the window's first day
    assert raised(world, at(2027, 5, 4)) == []
    assert matters(world)[0].outcome == "the numbers are below the threshold again"
    assert raised(world, at(2027, 5, 5)) == []
    three_parties(world, at(2027, 6, 1))
    assert raised(world, at(2027, 6, 2)) == ["clause-parties:7-consent"]
    assert [matter.key.rpartition(":")[2] for matter in matters(world)] == ["1", "2"]


def test_the_window_begins_on_the_day_after_a_year_ago(world):
    three_parties(world, at(2026, 4, 1))
    assert standing(world) == [SignalKind.CLAUSE_PARTIES]
    assert standing(world, date(2027, 4, 1)) == []


def test_both_is_a_breakdown_too_and_what_was_corrected_is_none(world):
    with world.act() as session:
        broken(session, "police", MAY)
        broken(session, "council", MAY)
        third = complaint(session, "trust", MAY)
        said = finding(session, third, "7-consent", Result.BOTH, MAY)
    assert standing(world) == [SignalKind.CLAUSE_PARTIES]
    with world.act() as session:
        finding(session, third, "7-consent", Result.NEITHER, at(2026, 6, 1), corrects=said)
    assert standing(world) == []


def test_a_correction_of_the_reasons_alone_makes_an_old_breakdown_no_new_one(world):
    with world.act() as session:
        broken(session, "police", MAY)
        broken(session, "council", MAY)
        third = complaint(session, "trust", at(2025, 1, 1))
        said = finding(session, third, "7-consent", Result.BREAKDOWN, at(2025, 1, 2))
        finding(session, third, "7-consent", Result.BOTH, MAY, corrects=said)
    assert standing(world) == []


@pytest.mark.parametrize("outcome", [ComplaintOutcome.WITHDRAWN, ComplaintOutcome.NOT_OURS])
def test_what_was_withdrawn_or_is_not_ours_does_not_count(world, outcome):
    three_parties(world, outcome=ComplaintOutcome.ANSWERED)
    assert standing(world) == [SignalKind.CLAUSE_PARTIES]
    with world.act() as session:
        broken(session, "police", MAY, clause="12-security")
        broken(session, "council", MAY, clause="12-security")
        broken(session, "fire", MAY, clause="12-security", outcome=outcome)
        for _ in range(3):
            late = complaint(session, "fire", MAY, outcome=outcome)
            owed(session, late, MAY.date(), Outcome.LAPSED, done=MAY)
    assert standing(world) == [SignalKind.CLAUSE_PARTIES]


@pytest.mark.parametrize("outcome", [ComplaintOutcome.WITHDRAWN, ComplaintOutcome.NOT_OURS])
def test_lateness_that_was_there_before_an_early_end_stays(world, outcome):
    with world.act() as session:
        for _ in range(3):
            late = complaint(session, "fire", MAY, outcome=outcome)
            owed(session, late, MAY.date(), Outcome.LAPSED, done=MAY + timedelta(days=1))
    assert standing(world) == [SignalKind.LATE]


def test_acknowledgements_are_late_by_when_they_were_given_at_the_party_that_owed_them(world):
    due = date(2026, 6, 3)
    with world.act() as session:
        for given in (at(2026, 6, 3), at(2026, 6, 4), at(2026, 6, 5)):
            of = complaint(session, "police", MAY, acknowledged=given)
            owed(session, of, due, Outcome.ANSWERED, done=at(2026, 6, 20))  # recorded when somebody came to it
        of = complaint(session, "police", MAY)
        owed(session, of, due, Outcome.SUPERSEDED, done=at(2026, 6, 10))
        owed(session, of, due, at_party="council")
        of = complaint(session, "police", MAY)
        owed(session, of, due, Outcome.WAIVED, done=at(2026, 7, 1))
    assert standing(world) == []
    with world.act() as session:
        owed(session, complaint(session, "police", MAY), due)
    assert standing(world) == [SignalKind.LATE]
    assert standing(world, due) == []
    assert raised(world) == ["late:police"]
    assert matters(world)[0].sentence.startswith("Westshire Police was late to acknowledge 3 complaints ")


def test_an_acknowledgement_that_the_secretary_owes_says_nothing_of_whom_it_is_about(world):
    with world.act() as session:
        for _ in range(3):
            owed(session, complaint(session, "police", MAY), date(2026, 6, 3)).party_id = None
    assert standing(world) == []


def test_nothing_that_anybody_wrote_is_in_matters_or_history(world):
    three_parties(world)
    raised(world)
    rows = world.every(History, History.case == "protocol:westshire", col(History.what) == RAISED)
    said = " ".join(
        [*(f"{matter.sentence} {matter.todo}" for matter in matters(world)), *(str(r.details) for r in rows)]
    )
    for word in ("Marigold", "Quench", "Elder", "07700", "neighbour", "Alex"):
        assert word not in said
