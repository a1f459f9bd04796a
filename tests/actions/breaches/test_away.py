"""Somebody is away: whoever stands in is asked at once, the clocks go on, and nothing is handed back."""

from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from sqlmodel import select

from actions.away import IsOver, set_away
from actions.breaches.closing import close, finish_follow_up
from actions.breaches.learning import learn
from actions.cast import NoContact
from actions.contacts import set_contact
from actions.whose_place import whose_place
from cli.clockwork import run_clock
from models.breach import Breach, LessonEffect
from models.history import History
from models.obligation import Obligation
from models.outbox import Message
from models.protocol import Contact, MatterKind, Role
from rules.breach import Stage
from tests.actions.breach_world import (
    COORDINATOR,
    FRIDAY,
    begun,
    closed,
    done_with,
    follow_procedure,
    procedure,
    sweep_breaches,
)
from tests.actions.world import SECRETARY, World, contact_of, party, played_once, protocol

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
LATER = FRIDAY + HOUR
UNTIL = date(2026, 10, 30)


@pytest.fixture
def following(world: World) -> World:
    return follow(world)


@played_once
def follow(world: World) -> None:
    """Two breaches, and one that is closed."""
    with world.act() as session:
        for role in (Role.COORDINATOR, Role.DPO):
            set_contact(session, FRIDAY, protocol(session), party(session, "council"), role, f"{role.name}@c.example",
                        SECRETARY)  # fmt: skip
        follow_procedure(session, FRIDAY, procedure(parties=("council", "police")))
        for number in (1, 2, 3):
            begun(session, FRIDAY, *(("council", "police") if number == 2 else ("council",)))
        closed(session, 3, FRIDAY)


def away(world: World, role: Role = Role.COORDINATOR, until: date | None = UNTIL, slug: str | None = "council") -> None:
    with world.act() as session:
        set_away(session, LATER, protocol(session), party(session, slug) if slug else None, role, until, SECRETARY)


def owing(world: World) -> set[tuple[str, Role]]:
    roles = {row.id: row.role for row in world.every(Contact)}
    return {(row.case, roles[row.contact_id]) for row in world.every(Obligation) if row.outcome is None}


def test_what_they_owe_is_handed_over_at_once_in_every_open_breach(following: World) -> None:
    before = {row.key: row.due_at for row in following.every(Obligation)}
    away(following)
    assert owing(following) == {
        ("breach:1", Role.DPO), ("breach:2", Role.DPO), ("breach:2", Role.LEAD_MEMBER)
    }, "the police's own goes on where it was"  # fmt: skip
    assert {row.key: row.due_at for row in following.every(Obligation)} == before
    [row] = following.every(History, History.what == "away")
    assert (row.case, row.details["until"], row.details["role"]) == (
        "protocol:westshire", "2026-10-30", "breach coordinator"
    )  # fmt: skip
    assert following.only(Breach, Breach.id == 3).stage is Stage.CLOSED
    assert following.matters() == []
    assert following.broken(LATER) == []


def test_twice_does_nothing_and_back_again_nothing_is_handed_back(following: World) -> None:
    away(following)
    before = following.rows()
    away(following)
    assert following.rows() == before
    away(following, until=None)
    assert ("breach:1", Role.DPO) in owing(following)
    assert following.moves("protocol:westshire")[-1] == "back"
    sweep_breaches(following, LATER + 10 * DAY)
    assert ("breach:1", Role.DPO) in owing(following)


def test_a_new_breach_is_asked_of_whoever_stands_in_and_of_themselves_after_their_return(following: World) -> None:
    away(following)
    with following.act() as session:
        begun(session, LATER, "council")
        begun(session, LATER + 8 * DAY, "council")
    assert {role for case, role in owing(following) if case == "breach:4"} == {Role.DPO}
    assert {role for case, role in owing(following) if case == "breach:5"} == {Role.COORDINATOR}


def test_what_nobody_else_can_be_asked_for_is_on_the_secretary_s_list(following: World) -> None:
    with following.act() as session:
        for role in (Role.COORDINATOR, Role.DPO, Role.LEAD_MEMBER):
            set_away(session, LATER, protocol(session), party(session, "council"), role, UNTIL, SECRETARY)
    assert ("breach:1", Role.SECRETARY) in owing(following)
    away(following, Role.SECRETARY, slug=None)
    [matter] = following.matters()
    assert matter.kind is MatterKind.AWAY
    assert matter.sentence == (
        "The secretary of Westshire Protocol is away, and owes what nobody else can be asked for (2 breaches)."
    )
    away(following, Role.SECRETARY, None, slug=None)
    assert following.matters() == []


def test_refused_in_a_sentence(following: World) -> None:
    with pytest.raises(IsOver, match=r"Thursday 22 October 2026 has passed"):
        away(following, until=date(2026, 10, 22))
    away(following, until=date(2026, 10, 23))
    with pytest.raises(NoContact, match="Westshire Council has no caldicott guardian"):
        away(following, Role.CALDICOTT)


def local_action_of_a_closed_breach(world: World) -> None:
    with world.act() as session:
        done_with(session, 1, FRIDAY, "council")
        learn(session, FRIDAY, 1, "council", "old lists", "Two families of one name.", LessonEffect.ACTION, COORDINATOR,
              action_due_on=date(2027, 1, 29))  # fmt: skip
        finish_follow_up(session, FRIDAY, 1, "council", COORDINATOR)
        close(session, FRIDAY, 1, COORDINATOR)


def test_a_local_action_whose_owner_bounces_after_the_end_is_handed_over_by_the_next_sweep(following: World) -> None:
    local_action_of_a_closed_breach(following)
    with following.act() as session:
        contact_of(session, "council", Role.COORDINATOR).bounced_at = LATER
    for days in (0, 1):
        sweep_breaches(following, LATER + days * DAY)
    assert {role for case, role in owing(following) if case == "breach:1"} == {Role.LEAD_MEMBER}
    assert following.moves("breach:1").count("hand over") == 1
    assert following.only(Breach, Breach.id == 1).ended_at == FRIDAY, "it stays closed since then"
    assert "steps_handed_over" in {each.kind for each in following.every(Message, Message.case == "breach:1")}
    assert following.broken(LATER + DAY) == []


def test_a_local_action_waits_until_somebody_can_be_asked_for_it(following: World) -> None:
    local_action_of_a_closed_breach(following)
    with following.act() as session:
        for role in (Role.COORDINATOR, Role.LEAD_MEMBER, Role.DPO):
            contact_of(session, "council", role).bounced_at = LATER
        contact_of(session, None, Role.SECRETARY).away_until = UNTIL
    sweep_breaches(following, LATER)
    assert {role for case, role in owing(following) if case == "breach:1"} == {Role.COORDINATOR}
    with following.act() as session:
        contact_of(session, "council").bounced_at = None
    sweep_breaches(following, LATER + DAY)
    assert {role for case, role in owing(following) if case == "breach:1"} == {Role.LEAD_MEMBER}


def test_a_local_action_of_a_closed_breach_is_handed_over_too(following: World) -> None:
    local_action_of_a_closed_breach(following)
    assert ("breach:1", Role.COORDINATOR) in owing(following)
    for _ in range(2):
        away(following, until=date(2027, 3, 31))
    assert {role for case, role in owing(following) if case == "breach:1"} == {Role.LEAD_MEMBER}
    assert following.moves("breach:1").count("hand over") == 1
    assert "steps_handed_over" in {each.kind for each in following.every(Message, Message.case == "breach:1")}
    assert following.broken(LATER) == []


def test_a_local_action_that_fell_to_the_secretary_goes_on_with_whoever_is_back_when_they_are_away(
    following: World,
) -> None:
    """As whatever else the secretary came to owe: it stays with them, until they cannot be asked."""
    local_action_of_a_closed_breach(following)
    for role in (Role.LEAD_MEMBER, Role.DPO, Role.COORDINATOR):
        away(following, role, date(2027, 3, 31))
    sweep_breaches(following, LATER)
    assert {role for case, role in owing(following) if case == "breach:1"} == {Role.SECRETARY}
    away(following, Role.COORDINATOR, None)
    sweep_breaches(following, LATER + HOUR)
    assert {role for case, role in owing(following) if case == "breach:1"} == {Role.SECRETARY}
    away(following, Role.COORDINATOR, date(2027, 3, 31))
    away(following, Role.SECRETARY, date(2027, 3, 31), slug=None)
    for role in (Role.COORDINATOR, Role.DPO, Role.LEAD_MEMBER):
        away(following, role, None)
    assert run_clock(following.store, LATER + DAY).refused == {}
    assert {role for case, role in owing(following) if case == "breach:1"} == {Role.COORDINATOR}
    assert following.matters() == []
    assert following.only(Breach, Breach.id == 1).ended_at == FRIDAY
    assert following.broken(LATER + DAY) == []


PLACE = "You get this in place of the breach coordinator, who is away until Friday 30 October 2026."


def told(world: World, case: str) -> dict[str, list[str]]:
    """What the data protection officer reads in a breach, by the kind of message."""
    found: dict[str, list[str]] = {}
    for row in world.every(Message, Message.case == case, Message.address == f"{Role.DPO.name}@c.example"):
        found.setdefault(row.kind, []).append(" ".join(row.text.split()))
    return found


def test_whoever_stands_in_reads_in_whose_place_and_until_when(following: World) -> None:
    away(following)
    [handed] = told(following, "breach:1")["steps_handed_over"]
    assert PLACE in handed
    with following.act() as session:
        begun(session, LATER, "council")
        done_with(session, 4, LATER, "council")
        learn(session, LATER, 4, "council", "old lists", "Two families of one name.", LessonEffect.ACTION, COORDINATOR,
              action_due_on=date(2027, 1, 29))  # fmt: skip
    opened = told(following, "breach:4")
    assert PLACE in opened["follow_up_opened"][0]
    [action] = following.every(Message, Message.case == "breach:4", Message.kind == "local_action_asked")
    assert PLACE in " ".join(action.text.split())
    for days in range(6):
        assert run_clock(following.store, LATER + days * DAY).refused == {}
    reminded = told(following, "breach:1")["duty_reminder"]
    assert reminded
    assert [each for each in reminded if PLACE not in each] == []
    assert following.broken(LATER + 5 * DAY) == []


def test_whose_place_it_is_is_asked_in_as_many_statements_however_much_is_reminded_of(following: World) -> None:
    """It was asked of each duty by itself: two statements for each, in a batch of hundreds."""

    def asked() -> int:
        with following.read() as session:
            duties, count = session.exec(select(Obligation)).all(), list[str]()
            sa.event.listen(session.connection(), "before_cursor_execute", lambda *_: count.append(""))
            assert whose_place(session, LATER, duties)
        return len(count)

    away(following)
    few = asked()
    with following.act() as session:
        for _ in range(5):
            begun(session, LATER, "council")
    assert asked() == few
