"""What a party asks of the secretary: a line on the list, and nothing else changes."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlmodel import select

from actions.matters import close_matter
from actions.owing import delegate, extend, waive
from actions.party_matters import words_of_request
from actions.party_requests import (
    NotOwedAnyMore,
    OfThePage,
    ask_for_stand_in,
    ask_more_time,
    say_not_the_person,
    why_no_more_time,
)
from models.history import History
from models.obligation import Obligation, ObligationKind
from models.protocol import Contact, Matter, MatterKind, Role
from tests.actions.world import OPENS, SECRETARY, World, contact_of, duty_of, party

FEEDBACK = ObligationKind.FEEDBACK
LATER = date(2027, 4, 15)


def more_time(world: World, until: date = LATER, words: str = "We are moving.", slug: str = "fire") -> bool:
    with world.act() as session:
        return ask_more_time(session, OPENS, duty_of(session, FEEDBACK, slug), until, words, f"lead of {slug}")


def not_me(world: World, address: str = "", words: str = "", slug: str | None = "police", **of: Any) -> bool:
    with world.act() as session:
        return say_not_the_person(session, OPENS, contact_of(session, slug, **of), address, words, "lead")


def stand_in(world: World, address: str = "", until: date = LATER, slug: str = "police", **of: Any) -> bool:
    with world.act() as session:
        return ask_for_stand_in(session, OPENS, contact_of(session, slug, **of), address, until, "On leave.", "lead")


def asked(world: World) -> list[Matter]:
    return [matter for matter in world.matters() if matter.kind is MatterKind.ASKED]


def test_more_time_is_asked_for_and_the_day_stays(world: World) -> None:
    world.collecting()
    before = world.duties(FEEDBACK)
    assert more_time(world)
    [matter] = asked(world)
    assert "Westshire Fire asks for time until Thursday 15 April 2027" in matter.sentence
    assert "concordat obligation extend" in matter.todo
    assert "moving" not in matter.sentence + matter.todo
    with world.read() as session:
        assert words_of_request(session, matter) == "We are moving."
    assert world.duties(FEEDBACK) == before
    assert world.broken(OPENS) == []


def test_what_the_list_names_is_what_gives_it(world: World) -> None:
    world.collecting()
    more_time(world)
    number, day = asked(world)[0].todo.split("extend ")[1].split("`")[0].split()[:2]
    with world.act() as session:
        extend(session, OPENS, session.get_one(Obligation, int(number)), date.fromisoformat(day), SECRETARY, "Yes.")
    assert world.only(Obligation, Obligation.id == int(number)).due_on == LATER


def test_asked_twice_is_once_and_asked_otherwise_replaces_it(world: World) -> None:
    world.collecting()
    assert [more_time(world), more_time(world)] == [True, False]
    assert more_time(world, LATER + timedelta(days=7))
    [matter] = asked(world)
    assert "22 April 2027" in matter.sentence
    with world.act() as session:
        close_matter(session, OPENS, session.get_one(Matter, matter.id), "given")
    assert more_time(world), "once it was dealt with, it may be asked again"
    days = [row.details["until"] for row in world.every(History, History.what == "asks for more time")]
    assert days == ["2027-04-15", "2027-04-22", "2027-04-15"]


@pytest.mark.parametrize(
    ("until", "words", "field"),
    [(LATER, " ", "why"), (date(2027, 3, 31), "Why.", "until"), (date(2026, 1, 1), "Why.", "until")],
    ids=["no reason", "the same day", "over"],
)
def test_more_time_has_a_later_day_and_a_reason(small_world: World, until: date, words: str, field: str) -> None:
    small_world.collecting()
    with pytest.raises(OfThePage) as wrong:
        more_time(small_world, until, words)
    assert wrong.value.field == field
    assert asked(small_world) == []


def test_what_is_not_owed_any_more_gets_no_more_time(small_world: World) -> None:
    small_world.collecting()
    with small_world.act() as session:
        duty = duty_of(session, FEEDBACK, "fire")
        waive(session, OPENS, duty, SECRETARY, "Closed.")
    with small_world.read() as session:
        duty = session.exec(select(Obligation).where(Obligation.id == duty.id)).one()
        assert isinstance(why_no_more_time(session, duty), NotOwedAnyMore)


def test_whoever_is_not_the_person_names_who_is(world: World) -> None:
    assert not_me(world, "new.lead@police.example", "I retired in May.")
    [matter] = asked(world)
    assert "new.lead@police.example" in matter.sentence
    assert "concordat contact set police lead-member new.lead@police.example" in matter.todo
    assert "retired" not in matter.sentence + matter.todo
    assert contact_row(world).address == "lead.member@police.example", "nothing is changed by asking"
    assert "police.example" not in str(world.only(History).details)


def test_whoever_does_not_know_says_so_and_an_adviser_is_of_the_protocol(world: World) -> None:
    assert not_me(world, slug=None, role=Role.ADVISER)
    [matter] = asked(world)
    assert "They do not know who is." in matter.sentence
    assert "concordat contact set westshire adviser ADDRESS" in matter.todo


def test_a_stand_in_who_is_the_deputy_is_one_delegation(world: World) -> None:
    world.collecting()
    assert stand_in(world)
    [matter] = asked(world)
    assert "until Thursday 15 April 2027" in matter.sentence
    assert "concordat contact away police lead-member --until 2027-04-15" in matter.todo
    number = int(matter.todo.split("delegate ")[1].split()[0])
    with world.act() as session:
        delegate(session, OPENS, session.get_one(Obligation, number), SECRETARY, "On leave.")
        assert duty_of(session, FEEDBACK, "police").contact_id == contact_of(session, "police", Role.DEPUTY).id


def test_where_no_deputy_is_named_somebody_is(world: World) -> None:
    with pytest.raises(OfThePage) as wrong:
        stand_in(world, slug="fire")
    assert wrong.value.field == "address"
    assert stand_in(world, "vice@fire.example", slug="fire")
    assert "concordat contact set fire deputy vice@fire.example" in asked(world)[0].todo


@pytest.mark.parametrize("address", ["nobody", "a@b", "x@y.example\nBcc: z@y.example"])
def test_an_address_is_one(small_world: World, address: str) -> None:
    for ask in (not_me, stand_in):
        with pytest.raises(OfThePage):
            ask(small_world, address)
    assert asked(small_world) == []


def test_a_day_that_is_over_is_no_day_to_be_away(small_world: World) -> None:
    with pytest.raises(OfThePage):
        stand_in(small_world, until=OPENS.date() - timedelta(days=1))


def contact_row(world: World) -> Contact:
    with world.read() as session:
        police = party(session, "police").id
    return world.only(Contact, Contact.party_id == police, Contact.role == Role.LEAD_MEMBER)
