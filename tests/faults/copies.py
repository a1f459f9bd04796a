"""What arrived, against what the outbox says: asked by every test that has a mail server."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping

from sqlmodel import Session, col, select

from models.history import History
from models.outbox import Delivery, Message
from notifications.doubt import ATTEMPTS_AT_MOST

BY_HAND = "found out that it arrived"
LET_GO = ("message in doubt: sent again", "failed message: sent again")


def wrong_copies(
    session: Session, copies: Mapping[str, int], before: Collection[str] = (), kills: int | None = None
) -> Iterator[str]:
    """`copies` by Message-ID. Accepted is one copy; more, or one of what was not accepted, only where the outbox lists
    it as in doubt; none of what had left `before`; nothing that the outbox does not know.

    A notice is sent once, and once more each time that a person has let it go again. `kills`: nothing else has befallen
    it.
    """
    rows = {row.message_id: row for row in session.exec(select(Message).order_by(col(Message.id)))}
    let_go = _let_go(session)
    at_most = ATTEMPTS_AT_MOST + 2 if kills is None else kills + 1  # a person may let it go again
    for number in copies.keys() - rows.keys():
        yield f"{number}: arrived, and no message has that Message-ID"
    for row in rows.values():
        arrived, listed = copies.get(row.message_id, 0), row.in_doubt_at is not None
        by_hand = BY_HAND in (row.answer or "")
        if row.message_id in before:
            if arrived:
                yield f"message {row.key}: had left before, and arrived again"
            continue
        if row.state is Delivery.ACCEPTED and not arrived and not by_hand:
            yield f"message {row.key}: is accepted, and never arrived"
        if arrived > 1 and not listed:
            yield f"message {row.key}: arrived {arrived} times, and is not listed as in doubt"
        if arrived and row.state is not Delivery.ACCEPTED and not listed:
            yield f"message {row.key}: arrived, is {row.state}, and is not listed as in doubt"
        if not row.resend_in_doubt and arrived > 1 + let_go[row.id]:
            yield f"message {row.key}: a notice was sent {arrived} times by the machine"
        if arrived > at_most:
            yield f"message {row.key}: arrived {arrived} times"


def _let_go(session: Session) -> Counter[int | None]:
    """By the message's number: how often a person has."""
    told = session.exec(select(History.details).where(col(History.what).in_(LET_GO)))
    return Counter(details["message"] for details in told)
