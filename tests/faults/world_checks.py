"""What must hold in a simulated year and at its end, and what came of it."""

from collections import Counter
from collections.abc import Iterator, Mapping

from sqlmodel import Session, col, select

from actions.verifying import verify
from actions.verifying_quiet import left_over, not_sent
from models.history import History, sha256_of
from models.obligation import Obligation
from models.outbox import ON_THEIR_WAY, Delivery, Message
from models.store import reading
from tests.faults.copies import BY_HAND, wrong_copies
from tests.faults.world_year import Year


def check(year: Year) -> None:
    """What must hold at any time at which no worker holds a message: only then everything about it is written down."""
    with reading(year.theatre.base) as session:
        held = col(Message.state).in_((Delivery.CLAIMED, Delivery.SENDING))
        if session.exec(select(Message.id).where(held).limit(1)).first() is None:
            year.broken += verify(session, year.now).broken
            year.broken += wrong_copies(session, year.server.copies)


def check_the_end(year: Year) -> None:
    with reading(year.theatre.base) as session:
        year.broken += verify(session, year.now).broken
        year.broken += wrong_copies(session, year.server.copies)
        year.broken += _accepted_unsaid(session, year.server.answered)
        year.broken += left_over(session, year.now, year.stuck)
        year.broken += not_sent(session, year.now)
        for key in session.exec(select(Message.key).where(col(Message.state).in_(ON_THEIR_WAY))):
            year.broken.append(f"message {key}: has not left although nothing is in its way")
    year.broken += year.theatre.not_owed


def _accepted_unsaid(session: Session, answered: Mapping[str, int]) -> Iterator[str]:
    """Nothing counts as accepted but what the server has said 250 to, or a person has found out."""
    rows = session.exec(
        select(Message.key, Message.message_id, Message.answer).where(Message.state == Delivery.ACCEPTED)
    )
    for key, number, answer in rows:
        if not answered.get(number) and BY_HAND not in (answer or ""):
            yield f"message {key}: is accepted, and the server never said 250"


def note_accepted(year: Year) -> None:
    """What the server has accepted is never anything else again."""
    now: set[int] = year.look("accepted", lambda session: set(session.exec(_ACCEPTED)))
    year.broken += [f"message {number}: was accepted, and is no more" for number in sorted(year.accepted - now)]
    year.accepted = now


_ACCEPTED = select(Message.id).where(Message.state == Delivery.ACCEPTED)


def reached(year: Year) -> Counter[str]:
    """What came of the year: stages of cases, states of messages."""
    with reading(year.theatre.base) as session:
        moved = session.exec(select(History.case, History.moved_to).where(col(History.moved_to).is_not(None)))
        found = Counter(f"{case.partition(':')[0]} {stage}" for case, stage in moved)
        found.update(f"message {state}" for state in session.exec(select(Message.state)))
        found["message in doubt, ever"] = len(
            session.exec(select(Message.id).where(col(Message.in_doubt_at).is_not(None))).all()
        )
    return found


def print_of(year: Year) -> str:
    """Of what the year has left, but for a reference that nobody may guess: the same seed leaves the same."""
    with reading(year.theatre.base) as session:
        rows = session.exec(
            select(Message.key, Message.state, Message.attempts, Message.settled_at, Message.in_doubt_at).order_by(
                Message.key
            )
        ).all()
        moves = session.exec(
            select(History.case, History.seq, History.at, History.who, History.what, History.moved_to).order_by(
                History.case, History.seq
            )
        )
        duties = session.exec(select(Obligation.key, Obligation.outcome, Obligation.next_at).order_by(Obligation.key))
        said = repr([tuple(row) for row in (*rows, *moves, *duties)])
        return sha256_of(said + repr(sorted(year.server.copies.items())))
