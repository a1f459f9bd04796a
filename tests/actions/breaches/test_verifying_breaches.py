"""Every invariant of breaches can fail: a consistent store, altered in one thing behind its triggers, is found."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from typing import NamedTuple

import pytest
import sqlalchemy as sa
from sqlmodel import Session

from actions.breaches import verifying
from actions.breaches.awareness import record_awareness
from actions.breaches.concluding import conclude
from actions.breaches.correcting_steps import correct_step
from actions.breaches.holding import place_hold, release_hold
from actions.breaches.merging import merge
from actions.breaches.notifying import record_notice
from actions.breaches.people import people_told
from actions.breaches.reporting import Report, report_breach
from actions.breaches.stepping import finish_step
from models.breach import ReporterKind
from rules.breach_duties import Risk
from rules.breach_facts import FactName
from tests.actions.breach_world import (
    COORDINATOR,
    DUE,
    FRIDAY,
    HAPPENED,
    begun,
    closed,
    follow_procedure,
    procedure,
    sweep_breaches,
)
from tests.actions.world import SECRETARY, World, party, protocol, put_back, saved

HOUR = timedelta(hours=1)
NOW = DUE + 3 * HOUR
OPEN, CLOSED, MERGED, INTO = 1, 2, 3, 4  # the breaches
COUNCIL, POLICE, ENDED = 1, 2, 3  # the follow-ups: two of the open breach, one of the closed

KEPT: list[bytes] = []


@pytest.fixture
def consistent(small_world: World) -> World:
    """An open breach of two parties, in which letters are held; a closed one; one that was merged into a fourth."""
    if KEPT:
        put_back(small_world.store, KEPT[0])
        return small_world
    with small_world.act() as session:
        party(session, "police").kind = "police"
        follow_procedure(session, FRIDAY, procedure(parties=("council", "police", "fire")))
        _an_open_breach(session)
        begun(session, FRIDAY, "council", PEOPLE=2)
        closed(session, CLOSED, FRIDAY + HOUR)
        for _ in (MERGED, INTO):
            facts = {FactName.HAPPENED: HAPPENED, FactName.PARTIES: ["fire"]}
            given = Report(facts=facts, reporter_kind=ReporterKind.ANONYMOUS)
            report_breach(session, FRIDAY, protocol(session), given, "reporter")
    sweep_breaches(small_world, FRIDAY)
    with small_world.act() as session:
        finish_step(session, FRIDAY + HOUR, MERGED, "fire", "contain", COORDINATOR, "Done.")
        merge(session, FRIDAY + HOUR, MERGED, INTO, SECRETARY, "It is one event.")
    KEPT.append(saved(small_world.store))
    return small_world


def _an_open_breach(session: Session) -> None:
    begun(session, FRIDAY, "council", "police", PEOPLE=2)
    for slug in ("council", "police"):
        record_awareness(session, FRIDAY, OPEN, slug, FRIDAY, "DPO", COORDINATOR, "They rang.")
        conclude(session, FRIDAY, OPEN, slug, Risk.HIGH, COORDINATOR, "Children.")
    for step in ("contain", "tell-dpo"):
        finish_step(session, FRIDAY + HOUR, OPEN, "council", step, COORDINATOR, "Done.")
    correct_step(session, FRIDAY + HOUR, OPEN, "council", "contain", FRIDAY, COORDINATOR, "A slip of the pen.")
    place_hold(session, FRIDAY + HOUR, OPEN, "police", COORDINATOR, "An arrest is planned.")
    release_hold(session, FRIDAY + 2 * HOUR, OPEN, "police", COORDINATOR, "It has been made.")
    people_told(session, FRIDAY + 3 * HOUR, OPEN, "council", FRIDAY + 3 * HOUR, COORDINATOR, "In person.")
    place_hold(session, FRIDAY + 4 * HOUR, OPEN, "police", COORDINATOR, "Another arrest is planned.")
    at = DUE + HOUR
    record_notice(session, at, OPEN, "council", at, COORDINATOR, late_because="Nobody was there on Sunday.")


class Tampered(NamedTuple):
    what: str
    invariant: Callable[..., verifying.Broken]
    statements: tuple[str, ...]
    sentence: str


def later(table: str, column: str, where: str, by: str = "+1 hours") -> str:
    return f"UPDATE {table} SET {column} = datetime({column}, '{by}') || '.000000' WHERE {where}"


def of(follow_up: int, kind: str) -> str:
    return f"follow_up_id = {follow_up} AND kind = '{kind}'"


POLICE_OWES = "\"case\" = 'breach:1' AND outcome IS NULL AND party_id = (SELECT party_id FROM followup WHERE id = 2)"
THREE_AN_HOUR_LATER = (
    later("awareness", "aware_at", f"follow_up_id = {POLICE}"),
    later("breachduty", "due_at", of(POLICE, "regulator")),
    later("obligation", "due_at", f"{POLICE_OWES} AND kind = 'notice'"),
)
A_TEXT = f"(SELECT text_id FROM breachfact WHERE breach_id = {OPEN} AND name = 'what happened')"

TAMPERED = (
    Tampered(
        "a stage without a move", verifying.every_breach_took_a_path_of_the_lifecycle,
        ("UPDATE breach SET stage = 'closed' WHERE id = 1",), "breach:1: is closed, its history ends at",
    ),
    Tampered(
        "a move that leads nowhere", verifying.every_breach_took_a_path_of_the_lifecycle,
        ("UPDATE history SET moved_to = 'learning' WHERE \"case\" = 'breach:1' AND moved_to = 'assessing'",),
        "breach:1: history says it moved from reported to learning while it was reported",
    ),
    Tampered(
        "a breach without any move", verifying.every_breach_took_a_path_of_the_lifecycle,
        ("DELETE FROM history WHERE \"case\" = 'breach:2'",), "breach:2: is closed, its history ends at None",
    ),
    Tampered(
        "a follow-up that is gone", verifying.every_affected_party_has_its_follow_up,
        (f"DELETE FROM followup WHERE id = {POLICE}",), "breach:1: police may be affected and has no follow-up",
    ),
    Tampered(
        "a follow-up that is gone from a closed breach", verifying.every_affected_party_has_its_follow_up,
        (f"DELETE FROM followup WHERE id = {ENDED}",), "breach:2: the follow-up of council was opened and is gone",
    ),
    Tampered(
        "a party that is named and was never asked", verifying.every_affected_party_has_its_follow_up,
        ("UPDATE breachfact SET value = '[\"council\", \"police\", \"trust\"]' "
         f"WHERE breach_id = {OPEN} AND name = 'parties'",),
        "breach:1: trust may be affected and has no follow-up",
    ),
    *(
        Tampered(
            f"the duty row “{kind}” that is gone", verifying.every_follow_up_has_its_duties,
            (f"DELETE FROM breachduty WHERE {of(POLICE, kind)}",), f"breach:1: police has no row for the duty “{kind}”",
        )
        for kind in ("regulator", "people", "partners")
    ),
    Tampered(
        "a duty row of another capacity", verifying.every_follow_up_has_its_duties,
        (f"UPDATE breachduty SET kind = 'controller' WHERE {of(POLICE, 'regulator')}",),
        "breach:1: “controller” is open, and is no duty of police, which acts as controller",
    ),
    Tampered(
        "a notice that nobody owes any more", verifying.every_duty_is_answered_or_owed,
        (f"DELETE FROM obligation WHERE {POLICE_OWES} AND kind = 'notice'",),
        "breach:1: the duty “regulator” of party",
    ),
    Tampered(
        "letters that nobody owes, and nobody holds", verifying.every_duty_is_answered_or_owed,
        ("DELETE FROM letterhold WHERE released_at IS NULL",), "breach:1: the duty “people” of party",
    ),
    Tampered(
        "an assessment that nobody owes", verifying.every_duty_is_answered_or_owed,
        ("DELETE FROM obligation WHERE \"case\" = 'breach:4' AND kind = 'assessment'",),
        "breach:4: the duty “regulator” of party",
    ),
    Tampered(
        "an answer that is taken back after the end", verifying.what_has_ended_was_answered,
        (f"UPDATE breachduty SET required = NULL, done_at = NULL WHERE {of(ENDED, 'regulator')}",),
        "breach:2: the follow-up of council has ended, and “regulator” was not answered",
    ),
    Tampered(
        "an end before everything was answered", verifying.what_has_ended_was_answered,
        (f"UPDATE followup SET \"end\" = 'complete', ended_at = opened_at WHERE id = {POLICE}",),
        "breach:1: the follow-up of police has ended, and “regulator” was not answered",
    ),
    Tampered(
        "a notice that is gone", verifying.what_was_notified_is_kept,
        (f"DELETE FROM regulatornotice WHERE follow_up_id = {COUNCIL}",),
        "breach:1: “regulator” of council was done, and no notice is kept",
    ),
    Tampered(
        "hours that end later", verifying.no_clock_was_ever_restarted,
        (later("breachduty", "due_at", of(POLICE, "regulator")),),
        "breach:1: the 72 hours of police do not end 72 hours after it became aware",
    ),
    Tampered(
        "a notice that is asked for later", verifying.no_clock_was_ever_restarted,
        (later("obligation", "due_at", f"{POLICE_OWES} AND kind = 'notice'"),),
        "breach:1: the notice of police is asked for later than 72 hours after it became aware",
    ),
    Tampered(
        "an awareness that history does not tell", verifying.no_clock_was_ever_restarted,
        ("INSERT INTO awareness (follow_up_id, aware_at, who, why_id, recorded_at, recorded_by) SELECT "
         "follow_up_id, aware_at, who, why_id, recorded_at, recorded_by FROM awareness",),
        "breach:1: history does not tell every awareness of police",
    ),
    Tampered(
        "an awareness that is gone", verifying.no_clock_was_ever_restarted,
        (f"DELETE FROM awareness WHERE follow_up_id = {POLICE}",),
        "breach:1: history does not tell every awareness of police",
    ),
    Tampered(
        "awareness, duty and obligation an hour later", verifying.no_clock_was_ever_restarted, THREE_AN_HOUR_LATER,
        "breach:1: history tells another instant of police becoming aware",
    ),
    Tampered(
        "an hour later, and no duty row to see it by", verifying.no_clock_was_ever_restarted,
        (THREE_AN_HOUR_LATER[0], f"DELETE FROM breachduty WHERE {of(POLICE, 'regulator')}"),
        "breach:1: history tells another instant of police becoming aware",
    ),
    Tampered(
        "lateness without reasons", verifying.what_was_late_says_why,
        (f"UPDATE breachduty SET late_because_id = NULL WHERE {of(COUNCIL, 'regulator')}",),
        "(regulator): was done late, without reasons",
    ),
    Tampered(
        "people who were told during a hold that was released",
        verifying.nobody_wrote_to_people_while_letters_were_held,
        (later("breachduty", "done_at", of(COUNCIL, "people"), "-90 minutes"),),
        "breach:1: party 1 told people while letters were held",
    ),
    Tampered(
        "people who were told during a hold that stands", verifying.nobody_wrote_to_people_while_letters_were_held,
        (later("breachduty", "done_at", of(COUNCIL, "people"), "+2 hours"),),
        "breach:1: party 1 told people while letters were held",
    ),
    Tampered(
        "work that is owed after the end", verifying.what_has_ended_owes_nothing,
        ("UPDATE obligation SET outcome = NULL, discharged_at = NULL WHERE \"case\" = 'breach:2' "
         "AND kind = 'learning'",),
        "still owed, although the follow-up has ended",
    ),
    Tampered(
        "a follow-up that outlives its breach", verifying.a_closed_breach_has_closed_follow_ups,
        (f"UPDATE followup SET ended_at = NULL WHERE id = {ENDED}",),
        "breach:2: is closed, the follow-up of party 1 is not",
    ),
    Tampered(
        "a step that is owed twice", verifying.one_step_is_owed_once,
        (f"UPDATE obligation SET subject = 'contain' WHERE {POLICE_OWES} AND subject = 'tell-dpo'",),
        "owes step contain twice",
    ),
    Tampered(
        "another time of a step", verifying.steps_were_done_when_history_says,
        (later("steprecord", "at", f"follow_up_id = {COUNCIL} AND step = 'tell-dpo'"),),
        "breach:1: history tells another time of council doing step tell-dpo",
    ),
    Tampered(
        "the time of a step that was corrected since", verifying.steps_were_done_when_history_says,
        (later("steprecord", "at", f"follow_up_id = {COUNCIL} AND step = 'contain'"),),
        "breach:1: history corrects a time of council doing step contain that never stood",
    ),
    Tampered(
        "the time of a step that was done in a breach that was merged", verifying.steps_were_done_when_history_says,
        (later("steprecord", "at", f"follow_up_id IN (SELECT id FROM followup WHERE breach_id = {INTO})"),),
        "breach:4: history tells another time of fire doing step contain",
    ),
    Tampered(
        "a step that is gone", verifying.steps_were_done_when_history_says,
        (f"DELETE FROM steprecord WHERE follow_up_id = {COUNCIL} AND step = 'contain'",),
        "breach:1: history tells another time of council doing step contain",
    ),
    Tampered(
        "a number that nobody stated", verifying.facts_are_what_history_says,
        (f"UPDATE breachfact SET value = '3' WHERE breach_id = {OPEN} AND name = 'people'",),
        "(people) is not the one that was stated",
    ),
    Tampered(
        "words that nobody wrote", verifying.facts_are_what_history_says,
        (f"UPDATE narrative SET text = 'Nothing.', sha256 = '{'0' * 64}' WHERE id = {A_TEXT}",),
        "(what happened) is not the one that was stated",
    ),
    Tampered(
        "a number that is gone", verifying.facts_are_what_history_says,
        (f"DELETE FROM breachfact WHERE breach_id = {OPEN} AND name = 'people'",),
        "breach:1: what was stated of “people” is gone",
    ),
    Tampered(
        "a hold that stayed behind", verifying.no_hold_was_left_behind,
        (f"UPDATE letterhold SET breach_id = {MERGED}, released_at = NULL",),
        "breach:3: was merged, and a hold on letters still stands in it",
    ),
    Tampered(
        "a report that stayed behind", verifying.what_was_merged_is_elsewhere,
        (f"UPDATE breachreport SET breach_id = {MERGED} WHERE breach_id = {INTO}",),
        "breach:3: was merged, and a report still stands in it",
    ),
)  # fmt: skip


def tamper(world: World, statements: tuple[str, ...]) -> None:
    """As somebody with the file in their hands does: without triggers, and without foreign keys."""
    world.store.dispose()
    with closing(sqlite3.connect(world.store.url.database or "")) as file:
        for (trigger,) in file.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            file.execute(f"DROP TRIGGER {trigger}")
        for statement in statements:
            assert file.execute(statement).rowcount > 0, f"altered nothing: {statement}"
        file.commit()


def test_what_nobody_has_altered_is_consistent(consistent: World) -> None:
    assert consistent.broken(NOW) == []


@pytest.mark.parametrize("tampered", TAMPERED, ids=lambda each: each.what)
def test_what_somebody_has_altered_is_found_by_its_invariant(consistent: World, tampered: Tampered) -> None:
    tamper(consistent, tampered.statements)
    with consistent.read() as session:
        found = list(tampered.invariant(session, NOW))
    assert [said for said in found if tampered.sentence in said]
    assert set(found) <= set(consistent.broken(NOW))


def test_no_invariant_is_left_out() -> None:
    assert {each.invariant for each in TAMPERED} == set(verifying.INVARIANTS)


def test_more_breaches_are_proved_by_as_many_queries(consistent: World) -> None:
    def asked() -> int:
        count: list[int] = []
        with consistent.read() as session:
            sa.event.listen(session.connection(), "before_cursor_execute", lambda *_: count.append(1))
            for invariant in verifying.INVARIANTS:
                assert list(invariant(session, NOW)) == []
        return len(count)

    few = asked()
    with consistent.act() as session:
        for _ in range(3):
            number = begun(session, FRIDAY, "council", "police", "fire").id or 0
            record_awareness(session, FRIDAY, number, "council", FRIDAY, "DPO", COORDINATOR, "They rang.")
    assert asked() == few <= 2 * len(verifying.INVARIANTS)


def test_a_party_that_has_left_needs_no_follow_up_that_was_never_opened(consistent: World) -> None:
    """Named, and gone before the clock came to it."""
    tamper(
        consistent,
        ("UPDATE breachfact SET value = '[\"council\", \"police\", \"trust\"]' "
         f"WHERE breach_id = {OPEN} AND name = 'parties'",
         "UPDATE party SET left_on = '2026-10-20' WHERE slug = 'trust'"),
    )  # fmt: skip
    with consistent.read() as session:
        assert list(verifying.every_affected_party_has_its_follow_up(session, NOW)) == []


def test_a_purged_text_is_proved_by_its_own_hash(consistent: World) -> None:
    with consistent.act() as session:
        session.connection().exec_driver_sql(f"UPDATE narrative SET text = NULL WHERE id = {A_TEXT}")
    assert consistent.broken(NOW) == []
