"""What is due is found by the index that holds nothing else, however long the queue: also in a new store, of which the
database keeps no statistics yet."""

from typing import Any

import pytest
import sqlalchemy as sa

from actions.first_page import first_page
from models.store import reading, transaction
from notifications.claiming import claim
from tests.notifications.outbox_world import NOW, make_world
from tests.statements import selects
from web.health import health


def of_messages_due(statement: str) -> bool:
    """It orders messages by when they are due."""
    return "ORDER BY message.next_attempt_at" in statement


def _claimed(store: sa.Engine) -> None:
    with transaction(store) as session:
        claim(session, NOW, "worker", 10)


def _first_page(store: sa.Engine) -> None:
    with reading(store) as session:
        first_page(session, NOW)


def _health(store: sa.Engine) -> None:
    health(store, NOW)


@pytest.mark.parametrize("ask", [_claimed, _first_page, _health])
def test_by_the_index_of_what_is_due_and_nothing_is_put_in_order(sqlite_store: sa.Engine, ask: Any) -> None:
    make_world(sqlite_store, 2)
    with selects(sqlite_store, of_messages_due) as asked:
        ask(sqlite_store)
    of_the_queue = [each for each in asked if "'queued'" in each[0]]
    assert of_the_queue
    with sqlite_store.connect() as connection:
        for statement, values in of_the_queue:
            plan = [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)]
            assert any("INDEX ix_message_due" in step for step in plan), plan
            assert not any("TEMP B-TREE FOR ORDER BY" in step for step in plan), plan
