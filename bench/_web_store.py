"""The store that `bench.web` asks: a million open obligations, of which some fall due while it does."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, func, select

from actions.access.sessions import begin_session
from actions.access.users import make_secretaries_users
from actions.loading import load_protocol
from models.obligation import Obligation, ObligationKind, Reminder, RungOutcome
from models.outbox import Message
from models.protocol import Contact, Party, Protocol, Role
from models.protocol_file import read_protocol
from models.store import engine, reading, transaction
from models.upgrading import upgrade
from rules.instants import LONDON, end_of_day, local_day
from rules.working_days import Nation, add_working_days
from settings import HERE

OBLIGATIONS, PARTIES, DUE = 1_000_000, 10_000, 10_000
CHUNK = 20_000
PAST_THE_FIRST_RUNG = 8  # working days ahead: feedback's ladder has its first rung at ten, its second at five


def store_in(data: Path) -> sa.Engine:
    return engine(f"sqlite:///{(data / 'concordat.db').resolve()}")


def filled(store: sa.Engine) -> dict[str, str]:
    """The cookie of a secretary who is signed in."""
    upgrade(store)
    now = datetime.now(UTC)
    with transaction(store) as session:
        load_protocol(session, now, read_protocol(HERE / "protocols" / "bedfordshire"), "bench")
        protocol = session.exec(select(Protocol)).one()
        leads = _parties(session, protocol)
        [user] = make_secretaries_users(session, now)
        secret = begin_session(session, now, user=user)
    for first in range(0, OBLIGATIONS, CHUNK):
        with store.begin() as connection:
            connection.execute(
                sa.insert(Obligation), [_owed(n, protocol, leads, now) for n in range(first, first + CHUNK)]
            )
    return {"concordat-console": secret}


def fall_due(store: sa.Engine, turn: int, at: datetime) -> None:
    """From all over the table, each turn others: each a reminder to its party's lead member, at that instant."""
    day = add_working_days(local_day(at, LONDON), PAST_THE_FIRST_RUNG, Nation.ENGLAND_AND_WALES)
    due = {"due_on": day, "due_at": end_of_day(day, LONDON), "next_at": at}
    chosen = col(Obligation.kind) == ObligationKind.FEEDBACK, col(Obligation.id) % (OBLIGATIONS // DUE) == turn
    with transaction(store) as session:
        session.execute(sa.update(Obligation).where(*chosen).values(**due))


def done_so_far(store: sa.Engine) -> tuple[int, int]:
    """Reminders queued, and messages that the mail server has taken."""
    with reading(store) as session:
        reminders = select(func.count()).select_from(Reminder).where(Reminder.outcome == RungOutcome.SENT)
        accepted = select(func.count()).select_from(Message).where(Message.state == "accepted")
        return session.exec(reminders).one(), session.exec(accepted).one()


def _parties(session: Session, protocol: Protocol) -> list[tuple[int, int]]:
    session.execute(sa.insert(Party), [
        {"protocol_id": protocol.id, "slug": f"body-{n}", "name": f"Body {n}", "aliases": [], "kind": "council",
         "nation": Nation.ENGLAND_AND_WALES} for n in range(PARTIES)
    ])  # fmt: skip
    numbers = [n for n in session.exec(select(Party.id).where(Party.kind == "council", Party.slug.like("body-%"))) if n]  # type: ignore[attr-defined]
    session.execute(sa.insert(Contact), [
        {"protocol_id": protocol.id, "party_id": n, "role": Role.LEAD_MEMBER, "address": f"lead@body-{n}.example"}
        for n in numbers
    ])  # fmt: skip
    leads = select(Contact.party_id, Contact.id).where(Contact.role == Role.LEAD_MEMBER)
    return [(party, contact) for party, contact in session.exec(leads) if party and contact]


def _owed(number: int, protocol: Protocol, leads: list[tuple[int, int]], now: datetime) -> dict[str, Any]:
    """Due on days of four years around now; none is looked at for most of a year, unless it is made to fall due."""
    party, contact = leads[number % len(leads)]
    due_on = local_day(now, LONDON) + timedelta(days=number % 1400 - 30)
    case = f"review:{100_000 + number // len(leads)}"
    return {
        "key": f"{case}:feedback:{number}", "protocol_id": protocol.id, "case": case, "kind": ObligationKind.FEEDBACK,
        "party_id": party, "contact_id": contact, "nation": Nation.ENGLAND_AND_WALES, "zone": "Europe/London",
        "ladder": "feedback", "opened_at": now - timedelta(days=60), "due_on": due_on,
        "due_at": end_of_day(due_on, LONDON), "next_at": now + timedelta(days=300 + number % 300),
    }  # fmt: skip
