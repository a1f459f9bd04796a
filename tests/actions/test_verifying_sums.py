"""Every invariant of what is said and owed can fail; and what a sweep or a delivery has left over is told."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import datetime, timedelta
from typing import NamedTuple

import pytest
from sqlmodel import Session

from actions import verifying_sums as sums
from actions.review_closing import close_feedback
from actions.verifying_quiet import left_over, not_sent
from tests.actions.world import CLOSES, OPENS, SECRETARY, World

REMINDED = datetime(2027, 3, 17, 9, tzinfo=OPENS.tzinfo)
LATER = REMINDED + timedelta(days=1)


@pytest.fixture
def consistent(small_world: World) -> World:
    """Everybody has been asked and reminded."""
    world = small_world.collecting()
    world.sweep(REMINDED)
    assert world.broken(LATER) == []
    return world


class Tampered(NamedTuple):
    what: str
    invariant: Callable[[Session, datetime], Iterator[str]]
    statements: tuple[str, ...]
    sentence: str


def another(table: str, key: str, columns: str, where: str) -> tuple[str, ...]:
    """A row once more, under another number and without the unique keys."""
    return (
        f"CREATE TABLE copied AS SELECT * FROM {table}", f"DROP TABLE {table}", f"ALTER TABLE copied RENAME TO {table}",
        f"INSERT INTO {table} SELECT * FROM {table} WHERE {where}",
        f"UPDATE {table} SET id = 999, {columns} WHERE rowid = (SELECT max(rowid) FROM {table}) AND {key} IS NOT NULL",
    )  # fmt: skip


FIRST = "id = (SELECT min(id) FROM message)"
TAMPERED = (
    Tampered(
        "a message once more", sums.what_is_done_is_done_once, another("message", "key", "attempts = 1", FIRST),
        "is there 2 times",
    ),
    Tampered(
        "a worker without an end", sums.a_lease_has_its_worker,
        (f"UPDATE message SET state = 'claimed', leased_by = 'somebody' WHERE {FIRST}",), "its lease does not agree",
    ),
    Tampered(
        "held, and queued", sums.a_lease_has_its_worker,
        (f"UPDATE message SET leased_by = 'somebody' WHERE {FIRST}",), "is queued, and its lease does not agree",
    ),
    Tampered(
        "a doubt of no day", sums.a_doubt_is_listed,
        (f"UPDATE message SET state = 'in doubt', settled_at = queued_at WHERE {FIRST}",),
        "is in doubt, and does not say since when",
    ),
    Tampered(
        "an answer to nothing", sums.what_waits_for_an_answer_asks_for_one,
        ("DELETE FROM messageabout WHERE message_id = (SELECT min(message_id) FROM messageabout)",),
        "is sent only while something is owed, and names nothing",
    ),
    Tampered(
        "words that fit no gap", sums.what_is_shared_has_its_words,
        ("UPDATE message SET html = 'one word' WHERE id = (SELECT min(id) FROM message WHERE shared_text_id > 0)",),
        "its words do not fit what it shares with others",
    ),
    Tampered(
        "a duty once more", sums.nothing_is_owed_twice,
        another("obligation", "key", "key = 'again'", "id = (SELECT min(id) FROM obligation)"),
        "owes feedback twice",
    ),
    Tampered(
        "a stage whose work nobody has", sums.somebody_has_the_next_step_of_a_review,
        ("UPDATE review SET stage = 'drafting'",), "review:1: is drafting, and nobody owes its next step",
    ),
    Tampered(
        "a reminder that is gone", sums.reminders_are_what_history_says,
        ("DELETE FROM reminder WHERE id = (SELECT min(id) FROM reminder WHERE outcome = 'sent')",),
        "0 reminders are kept as sent, history tells of 1",
    ),
    Tampered(
        "a reminder of which history knows nothing", sums.reminders_are_what_history_says,
        ("UPDATE history SET what = 'nothing' WHERE what = 'reminder queued'",), "history tells of 0",
    ),
)  # fmt: skip


def tamper(world: World, statements: tuple[str, ...]) -> None:
    world.store.dispose()
    with closing(sqlite3.connect(world.store.url.database or "")) as file:
        for (trigger,) in file.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            file.execute(f"DROP TRIGGER {trigger}")
        for statement in statements:
            assert file.execute(statement).rowcount, f"altered nothing: {statement}"
        file.commit()


@pytest.mark.parametrize("tampered", TAMPERED, ids=lambda each: each.what)
def test_what_somebody_has_altered_is_found_by_its_invariant(consistent: World, tampered: Tampered) -> None:
    tamper(consistent, tampered.statements)
    with consistent.read() as session:
        said = list(tampered.invariant(session, LATER))
    assert [each for each in said if tampered.sentence in each], said
    assert set(said) <= set(consistent.broken(LATER))


def test_no_invariant_is_left_out() -> None:
    assert {each.invariant for each in TAMPERED} == set(sums.INVARIANTS)


def test_a_review_that_is_drafted_has_its_next_step(consistent: World) -> None:
    with consistent.act() as session:
        close_feedback(session, LATER, 1, SECRETARY)
    assert consistent.broken(LATER) == []


def test_after_a_sweep_nothing_that_was_due_is_left(consistent: World) -> None:
    with consistent.read() as session:
        assert list(left_over(session, REMINDED)) == []
        over = list(left_over(session, CLOSES))
    assert "review:1: the clock still owes it a step" in over
    assert len([each for each in over if "was to be looked at, and has not been" in each]) == 4


def test_a_case_that_is_stuck_is_on_the_secretarys_list_instead(consistent: World) -> None:
    with consistent.read() as session:
        assert not [each for each in left_over(session, CLOSES, {"review:1"}) if each.startswith("review:1: the")]


def test_what_a_delivery_should_have_tried_is_told(consistent: World) -> None:
    with consistent.read() as session:
        assert list(not_sent(session, OPENS - timedelta(days=1))) == []
        assert all("is due, and was not tried" in each for each in not_sent(session, REMINDED))
        assert len(list(not_sent(session, REMINDED))) == len(consistent.said())
