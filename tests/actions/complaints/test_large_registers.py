"""However many complaints and gaps there are, a question carries no list of them: a database takes 65,535 values."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import select

from actions.complaints.complaint_lines import complaint_lines
from actions.complaints.paper import paper_facts
from actions.gaps import naming
from actions.gaps.keeping import gap_views
from models.gap import Gap
from tests.actions.complaints.counted_world import at, broken, gap
from tests.actions.world import NOVEMBER, World, protocol

MANY = 60
MARCH = at(2027, 3, 1).date(), at(2027, 3, 31).date()


@contextmanager
def values_asked(world: World) -> Iterator[list[int]]:
    """How many values each question carried."""
    found: list[int] = []

    def count(_connection: Any, _cursor: Any, _statement: str, values: Any, *_rest: Any) -> None:
        found.append(len(values))

    sa.event.listen(world.store, "before_cursor_execute", count)
    yield found
    sa.event.remove(world.store, "before_cursor_execute", count)


@pytest.fixture
def full(small_world: World) -> World:
    """Sixty complaints, each with a finding, and sixty gaps."""
    with small_world.act() as session:
        for _ in range(MANY):
            of = broken(session, "police", at(2027, 3, 8), suggested=["7-consent"])
            gap(session, NOVEMBER, of.case)
    return small_world


def lines(session: Any) -> int:
    return len(complaint_lines(session, NOVEMBER, protocol(session)))


def numbers(session: Any) -> int:
    facts = paper_facts(session, at(2027, 4, 1), protocol(session), *MARCH)
    return int(facts["suggestions"]["among_first_three"])


def views(session: Any) -> int:
    return sum(view.origins != () for view in gap_views(session, session.exec(select(Gap)).all()))


@pytest.mark.parametrize("ask", [lines, numbers, views])
def test_no_question_names_every_one_of_them(
    full: World, monkeypatch: pytest.MonkeyPatch, ask: Callable[[Any], int]
) -> None:
    monkeypatch.setattr(naming, "MANY", 10)
    with full.read() as session, values_asked(full) as asked:
        assert ask(session) == MANY
    assert max(asked) < MANY / 2


def test_a_list_of_some_shows_what_is_theirs_alone(full: World) -> None:
    with full.read() as session:
        first = complaint_lines(session, NOVEMBER, protocol(session))[0]
        [view] = gap_views(session, session.exec(select(Gap).limit(1)).all())
        assert first.clauses == ("7-consent",)
        assert view.origins == (f"complaint:{first.number}",)
