"""Long lists a piece at a time: whichever way they are walked, every row comes once and in its place."""

from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from sqlmodel import Session, col

from actions.duty_pages import BY_AGE, BY_LIMIT
from actions.pieces import From, Order, piece_of
from actions.resolving import AddressStillWrong, NotFailed, try_again
from models.obligation import Obligation, ObligationKind
from models.outbox import Delivery, Message
from models.protocol import Contact
from tests.actions.world import NOVEMBER, OPENS, SECRETARY, World, contact_of, party, protocol


def owing(world: World, number: int) -> None:
    """Several on one day, and not in the order of their numbers."""
    from actions.duties import open_obligation

    with world.act() as session:
        for each in range(number):
            open_obligation(
                session, NOVEMBER, protocol(session), key=f"k:{each}", case="review:9",
                kind=ObligationKind.LOCAL_ACTION,
                contact=contact_of(session, "fire"), party=party(session, "fire"),
                due_on=date(2027, 1, 4) + timedelta(days=each * 7 % 5),
            )  # fmt: skip


def walked(session: Session, order: Order, size: int, back: bool = False) -> list[list[int]]:
    statement, pieces, start = sa.select(col(Obligation.id)), [], From()
    while True:
        piece = piece_of(session, statement, order, start, list, size)
        pieces.append(list(piece.lines))
        if piece.after is None:
            break
        start = From(after=piece.after)
    while back and piece.before is not None:
        piece = piece_of(session, statement, order, From(before=piece.before), list, size)
        pieces.append(list(piece.lines))
    return pieces


@pytest.mark.parametrize("order", [BY_LIMIT, BY_AGE], ids=["by limit", "by age"])
@pytest.mark.parametrize(("number", "size"), [(0, 3), (1, 3), (3, 3), (4, 3), (13, 4), (12, 1)])
def test_forwards_and_back_every_row_comes_once_and_in_its_place(
    world: World, order: Order, number: int, size: int
) -> None:
    owing(world, number)
    with world.read() as session:
        there = walked(session, order, size)
        both = walked(session, order, size, back=True)
        in_order = [each.desc() if order.newest_first else each.asc() for each in order.columns]
        expected = [row[0] for row in session.execute(sa.select(col(Obligation.id)).order_by(*in_order))]
    assert [each for piece in there for each in piece] == expected
    assert both == [*there, *reversed(there[:-1])]


def test_what_is_counted_is_bounded(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    owing(world, 5)
    with world.read() as session:
        whole = piece_of(session, sa.select(col(Obligation.id)), BY_LIMIT, From(), list, 2)
        monkeypatch.setattr("actions.pieces.COUNTED", 4)
        part = piece_of(session, sa.select(col(Obligation.id)), BY_LIMIT, From(), list, 2)
    assert (whole.number, whole.more_than) == (5, False)
    assert (part.number, part.more_than) == (4, True)


def test_a_failed_message_goes_again_under_the_same_message_id(world: World) -> None:
    world.collecting()
    before = world.every(Message)[0]
    with pytest.raises(NotFailed), world.act() as session:
        try_again(session, OPENS, before.id or 0, SECRETARY)
    with world.act() as session:
        row = session.get_one(Message, before.id)
        row.state, row.attempts, row.settled_at = Delivery.FAILED, 9, OPENS
        session.get_one(Contact, row.contact_id).bounced_at = OPENS
    with pytest.raises(AddressStillWrong), world.act() as session:
        try_again(session, OPENS, before.id or 0, SECRETARY)
    with world.act() as session:
        session.get_one(Contact, before.contact_id).bounced_at = None
    with world.act() as session:
        try_again(session, OPENS, before.id or 0, SECRETARY)
    after = world.every(Message)[0]
    assert (after.state, after.attempts, after.message_id) == (Delivery.QUEUED, 0, before.message_id)
    assert world.moves()[-1] == "failed message: sent again"
    assert world.broken(OPENS) == []
