"""Whoever becomes a party while a text is reviewed, or on a day that lay ahead, is asked to adopt all the same."""

from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlmodel import Session

from actions.cast import NoContact, known_id
from actions.membership import join
from actions.parties import ask_whoever_counts_since_today
from actions.review_closing import close_feedback
from actions.review_concluding import cancel, conclude
from actions.review_deciding import decide
from actions.review_drafting import begin_deciding, classify, propose
from actions.review_opening import open_extraordinary
from models.obligation import ObligationKind
from models.outbox import Message
from models.protocol import Protocol, Role
from models.review import DecisionOutcome, Magnitude
from rules.working_days import Nation
from tasks.newcomers import ask_newcomers
from tests.actions.test_review_signing import TUESDAY, minor_version, signed
from tests.actions.world import PARTIES, SECRETARY, WRITTEN, World, add_party, protocol

BORDERS = "lead@borders.example"


def joined(world: World) -> None:
    with world.act() as session:
        join(session, TUESDAY, protocol(session), "borders", "NHS Borders", "nhs-trust", Nation.SCOTLAND, BORDERS, "s")


def adopted(world: World) -> World:
    world.signing()
    for slug in PARTIES:
        signed(world, slug)
    world.sweep(TUESDAY)
    return world


def under_review(world: World) -> int:
    """A second review, in which the body joins."""
    with world.act() as session:
        review = known_id(open_extraordinary(session, TUESDAY, protocol(session), SECRETARY, "A law has changed."))
    joined(world)
    return review


def unchanged(session: Session, review: int) -> None:
    close_feedback(session, TUESDAY, review, SECRETARY)
    conclude(session, TUESDAY, review, SECRETARY)


def cancelled(session: Session, review: int) -> None:
    cancel(session, TUESDAY, review, SECRETARY, "It has not changed after all.")


def announced(session: Session, review: int) -> None:
    number = known_id(propose(session, TUESDAY, review, WRITTEN, SECRETARY))
    close_feedback(session, TUESDAY, review, SECRETARY)
    classify(session, TUESDAY, number, Magnitude.MINOR, SECRETARY, "A typing error.")
    begin_deciding(session, TUESDAY, review, SECRETARY)
    decide(session, TUESDAY, number, DecisionOutcome.ACCEPTED, SECRETARY, because="Agreed.")
    conclude(session, TUESDAY, review, SECRETARY)


def asked(world: World, slug: str = "borders") -> list[tuple[str, str]]:
    """Which versions it was asked to sign, and in which case."""
    duties = world.duties(ObligationKind.SIGNATURE)
    return [(duty.subject or "", duty.case) for duty in duties if duty.key.endswith(f":sign:{slug}")]


@pytest.mark.parametrize(("ends", "version"), [(unchanged, "5.0"), (cancelled, "5.0"), (announced, "5.1")])
def test_who_joins_in_a_review_that_makes_nothing_to_sign_adopts_what_is_in_force_when_it_ends(
    world: World, ends: Callable[[Session, int], None], version: str
) -> None:
    review = under_review(adopted(world))
    assert asked(world) == [], "the next version is waited for"
    with world.act() as session:
        ends(session, review)
    assert asked(world) == [(f"version:{version}", "protocol:westshire")]
    kinds = [row.kind for row in world.every(Message, Message.address == BORDERS)]
    assert "signature_requested" in kinds
    assert "version_announced" not in kinds, "“nothing to sign” would not be true"
    assert all(len(asked(world, slug)) == 1 for slug in PARTIES), "whoever has signed is asked nothing"
    assert world.broken(TUESDAY) == []


def test_who_joins_while_a_version_is_signed_adopts_it_though_another_review_collects(world: World) -> None:
    under_review(world.signing())
    assert asked(world) == [("version:5.0", "review:1")]
    for slug in PARTIES:
        signed(world, slug)
    world.sweep(TUESDAY)
    assert world.review(1).stage.value == "signing", "it is waited for"


def test_what_is_signed_moves_on_for_a_newcomer_as_for_all(world: World) -> None:
    world.signing()
    joined(world)
    minor_version(world, TUESDAY)
    assert asked(world) == [("version:5.0", "review:1"), ("version:5.1", "review:1")]


def test_a_party_of_the_file_is_asked_once_its_day_has_come(world: World) -> None:
    adopted(world)
    with world.act() as session:
        add_party(session, protocol(session), "late", "Late Body").joined_on = date(2027, 1, 4)
    for day, number in ((30, 0), (34, 1), (35, 0)):
        with world.act() as session:
            assert ask_whoever_counts_since_today(session, TUESDAY + timedelta(days=day), "westshire") == number
    assert asked(world, "late") == [("version:5.0", "protocol:westshire")]


def test_a_protocol_whose_newcomers_cannot_be_asked_holds_up_no_other(
    sqlite_store: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = World(sqlite_store)
    adopted(world)
    with world.act() as session:
        of = protocol(session)
        add_party(session, of, "late", "Late Body").joined_on = date(2027, 1, 4)
        session.add(Protocol.model_validate(of.model_dump(exclude={"id"}) | {"slug": "eastshire"}))

    def ask(session: Session, now: datetime, slug: str) -> int:
        if slug == "eastshire":
            raise NoContact(Role.LEAD_MEMBER, "Eastshire Police")
        return ask_whoever_counts_since_today(session, now, slug)

    monkeypatch.setattr("tasks.newcomers.ask_whoever_counts_since_today", ask)
    assert ask_newcomers(TUESDAY + timedelta(days=35), sqlite_store) == 1


def test_who_was_there_when_the_file_came_is_not_asked_for_what_it_may_have_signed_long_ago(world: World) -> None:
    with world.act() as session:
        add_party(session, protocol(session), "early", "Early Body").joined_on = date(2016, 1, 4)
    with world.act() as session:
        assert ask_whoever_counts_since_today(session, TUESDAY, "westshire") == 0
    joined(world)
    assert asked(world) == [("version:4.2", "protocol:westshire")]
    assert asked(world, "early") == []
