"""Many rows in one go come back as they were given, on both databases, and each key is there once."""

from datetime import UTC, date, datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlmodel import select

from actions.cast import known_id, officer
from actions.loading import load_protocol
from models import fitting
from models.history import History
from models.inserting import insert_all, insert_those_not_there
from models.lists import one_of, set_each
from models.obligation import Obligation, ObligationKind
from models.protocol import Protocol, Role
from models.protocol_file import read_protocol
from models.store import reading, transaction
from rules.instants import LONDON
from rules.working_days import Nation
from settings import HERE

NOW = datetime(2027, 3, 28, 0, 30, 0, 123456, tzinfo=UTC)
BST = (NOW + timedelta(hours=2)).astimezone(LONDON)
# What a list written out as text has to escape, and what it takes for nothing.
AWKWARD = (
    "plain", "", " ", "NULL", "null", "{a,b}", 'say "x"', "back\\slash", "'", "£ “ß” 漢字 🜍", "line\nbreak", "%s", "{}",
    '{"x",}', "back\\slash \\N", "two\nlines", "é “x” 𝄞", "a,b", "'; --",
)  # fmt: skip


def chained(number: int, what: str) -> dict[str, object]:
    return {
        "case": f"review:{number}", "seq": number, "at": NOW, "who": "clock", "what": what,
        "moved_from": None, "moved_to": what or None,
        "details": {"words": [what, None, 3, [1, {}]], "at": {what: True}},
        "why_id": None, "why_sha256": None, "previous": "", "hash": "",
    }  # fmt: skip


def test_every_text_comes_back_as_it_was_given_and_in_its_order(store):
    rows = [chained(number, what) for number, what in enumerate(AWKWARD)]
    with transaction(store) as session:
        insert_all(session, History, rows)
    with reading(store) as session:
        found = session.exec(select(History).order_by(History.id)).all()
        assert [{name: getattr(row, name) for name in rows[0]} for row in found] == rows


def test_a_row_may_lack_what_the_row_beside_it_has(store):
    rows = [chained(1, "one") | {"moved_from": "received"}, chained(2, "two")]
    with transaction(store) as session:
        insert_all(session, History, rows)
        insert_all(session, History, [])
    with reading(store) as session:
        assert session.exec(select(History.moved_from).order_by(History.id)).all() == ["received", None]


@pytest.mark.parametrize("details", [[], [[]], ["a", ["b", None]], {}, {"a": []}, "{text}", None, 7])
def test_what_json_holds_may_be_a_list_itself(store, details):
    with transaction(store) as session:
        insert_all(session, History, [chained(number, "one") | {"details": details} for number in (1, 2)])
    with reading(store) as session:
        assert session.exec(select(History.details)).all() == [details, details]


@pytest.fixture
def owed(store):
    """Makes the values of a duty."""
    with transaction(store) as session:
        load_protocol(session, NOW, read_protocol(HERE / "protocols" / "bedfordshire"), "test")
        protocol = session.exec(select(Protocol)).one()
        secretary = officer(session, known_id(protocol), Role.SECRETARY)
        about = {
            "protocol_id": known_id(protocol),
            "contact_id": known_id(secretary),
        }

    def values(key: str, **more: object) -> dict[str, object]:
        return about | {
            "key": key, "case": "review:1", "kind": ObligationKind.FEEDBACK, "nation": Nation.ENGLAND_AND_WALES,
            "zone": "Europe/London", "ladder": "feedback", "opened_at": BST, "due_on": date(2027, 4, 1),
            "due_at": NOW, "exact": False, "next_at": None,
        } | more  # fmt: skip

    return values


def test_of_each_key_the_first_is_kept_and_only_what_is_new_has_a_number(store, owed):
    with transaction(store) as session:
        first = insert_those_not_there(session, Obligation, [owed("a"), owed("b")])
        then = insert_those_not_there(
            session, Obligation, [owed("c"), owed("b", zone="UTC"), owed("d"), owed("c", zone="UTC"), owed("a")]
        )
        assert insert_those_not_there(session, Obligation, [owed("a"), owed("d")]) == {}
        assert insert_those_not_there(session, Obligation, []) == {}
    assert list(first) == ["a", "b"]
    assert list(then) == ["c", "d"]
    with reading(store) as session:
        rows = {row.key: row for row in session.exec(select(Obligation))}
        session.expunge_all()
    assert {key: row.id for key, row in rows.items()} == first | then
    assert {row.zone for row in rows.values()} == {"Europe/London"}
    last = rows["d"]
    assert (last.kind, last.nation, last.opened_at) == (ObligationKind.FEEDBACK, Nation.ENGLAND_AND_WALES, BST)
    assert (last.due_on, last.next_at, last.exact) == (date(2027, 4, 1), None, False)


def test_each_row_has_its_own_value_and_others_are_left_as_they_are(store, owed):
    with transaction(store) as session:
        numbers = insert_those_not_there(session, Obligation, [owed(key) for key in "abcd"])
        set_each(session, Obligation.next_at, {numbers["c"]: NOW, numbers["a"]: BST, numbers["d"]: None})
        set_each(session, Obligation.next_at, {})
    with reading(store) as session:
        some = one_of(session, Obligation.id, [numbers["a"], numbers["b"], numbers["c"]])
        looks = session.exec(select(Obligation.key, Obligation.next_at).where(some).order_by(Obligation.key)).all()
        assert looks == [("a", BST), ("b", None), ("c", NOW)]


@pytest.mark.parametrize("store", ["postgres"], indirect=True)  # SQLite keeps to no length
def test_a_text_that_is_too_long_is_refused_and_never_cut(store, monkeypatch):
    monkeypatch.setattr(fitting, "check_values", lambda *_: None)  # who comes first says it in words
    with pytest.raises(sa.exc.DataError), transaction(store) as session:
        insert_all(session, History, [chained(number, "x" * 201) for number in (1, 2)])
