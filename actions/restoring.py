"""A store that was brought back from a backup: what it was about to say may have been said since (decision 17)."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, col, func, select

from models import history
from models.history import History
from models.outbox import BROUGHT_BACK, ON_THEIR_WAY, Delivery, Heartbeat, Message
from models.protocol import MatterKind, Protocol
from notifications.doubt import put_in_doubt
from notifications.matters import open_matter
from rules.instants import zone_named
from rules.sentences import written_instant

MOVE = "store brought back from a backup"
MAY_HAVE_GONE = "Brought back from a backup: a copy may have been sent after that was made."


def account_for_restore(session: Session, now: datetime, who: str) -> int | None:
    """Once, on a store that has been brought back: whatever was on its way is in doubt from now on.

    Answers how many messages that are; None where nothing has been brought back, or this has been done.
    """
    sign = session.exec(_SIGN).first()
    if sign is None:
        return None
    session.delete(sign)
    session.flush()
    until = last_sign_of_life(session)
    count = _doubt_what_was_on_its_way(session, now)
    for protocol in session.exec(select(Protocol).order_by(Protocol.slug)).all():
        case = f"protocol:{protocol.slug}"
        history.write(session, case, now, who, MOVE, as_of=until.isoformat() if until else None)
        _tell_secretary(session, now, protocol, until or protocol.loaded_at)
    return count


_SIGN = select(Heartbeat).where(Heartbeat.name == BROUGHT_BACK).with_for_update()


def last_sign_of_life(session: Session) -> datetime | None:
    """The newest instant that anything in the store speaks of: as it was then, it is now."""
    columns = (History.at, Message.queued_at, Message.settled_at, Heartbeat.began_at, Heartbeat.ended_at)
    found = (session.exec(select(func.max(column))).one() for column in columns)
    return max((at for at in found if at is not None), default=None)


def _doubt_what_was_on_its_way(session: Session, now: datetime) -> int:
    """All of it goes again under its own Message-ID, and is listed for ever; but for what a person must decide."""
    on_its_way = col(Message.state).in_(ON_THEIR_WAY)
    for row in session.exec(select(Message).where(on_its_way, ~col(Message.resend_in_doubt)).order_by(col(Message.id))):
        put_in_doubt(session, now, row, MAY_HAVE_GONE, now)
    session.flush()
    again = sa.update(Message).where(on_its_way)
    values = {"state": Delivery.QUEUED, "leased_by": None, "lease_until": None, "answer": MAY_HAVE_GONE}
    done = session.execute(again.values(in_doubt_at=now, **values), execution_options={"synchronize_session": False})
    return int(done.rowcount)  # type: ignore[attr-defined]


def _tell_secretary(session: Session, now: datetime, protocol: Protocol, until: datetime) -> None:
    zone = zone_named(protocol.zone)
    assert protocol.id is not None
    open_matter(
        session, now, protocol.id, MatterKind.IN_DOUBT, key=f"restored:{now.isoformat()}",
        sentence=f"The database was brought back on {written_instant(now, zone)}, as it was at "
        f"{written_instant(until, zone)}. What was done in between is not in it: answers, reports, decisions.",
        todo="Ask those who answered or reported in between to do it again. They may get a message of that time "
        "twice: `concordat outbox` lists each of these.",
    )  # fmt: skip


def list_second_copies(session: Session, now: datetime, last_ended: datetime | None, protocol: Protocol) -> None:
    """After the first sweep on a store that was brought back: it has said again what the lost store may have said."""
    since = session.exec(_BROUGHT_BACK, params={"case": f"protocol:{protocol.slug}"}).one()
    if since is None or (last_ended is not None and last_ended >= since):
        return
    said_again = sa.update(Message).where(
        col(Message.protocol_id) == protocol.id, col(Message.queued_at) >= since, col(Message.in_doubt_at).is_(None)
    )
    session.execute(said_again.values(in_doubt_at=now), execution_options={"synchronize_session": False})


_BROUGHT_BACK = select(func.max(History.at)).where(History.case == sa.bindparam("case"), History.what == MOVE)
