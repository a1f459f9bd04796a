"""A sweep's reminders: 1,000 due among 100,000 open obligations, beside 1,000 due among 1,000.

Only due rows should cost anything: the ratio of the two says how far that holds.
"""

import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from datetime import time as time_of_day
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, select

from actions.loading import load_protocol
from actions.reminding import remind_batch
from models.obligation import Obligation, ObligationKind
from models.protocol import Contact, Party, Protocol, Role
from models.protocol_file import read_protocol
from models.store import engine, transaction
from models.upgrading import upgrade
from rules.instants import LONDON, at_local, end_of_day
from rules.ladders import rung_instant
from rules.working_days import Nation

BEDFORDSHIRE = Path(__file__).parent.parent / "protocols" / "bedfordshire"
LOADED_AT = datetime(2026, 11, 2, 9, tzinfo=UTC)
DUE_ON = date(2027, 3, 31)
PARTIES = 850  # the Welsh framework's bodies
DUE = 1_000


def run(repeats: int = 3) -> list[dict[str, Any]]:
    """One row a size: seconds for the whole sweep (median), and the obligations it reminded of a second."""
    small, large = (_median([_one_sweep(size) for _ in range(repeats)]) for size in (DUE, 100_000))
    return [
        {"bench": "sweep", "what": "1,000 due among 1,000", "seconds": small, "per_second": DUE / small, "ratio": 1.0},
        {"bench": "sweep", "what": "1,000 due among 100,000", "seconds": large, "per_second": DUE / large,
         "ratio": large / small},
    ]  # fmt: skip


def _one_sweep(open_obligations: int) -> float:
    with _store() as store:
        now = _fill(store, open_obligations)
        began = time.perf_counter()
        looked_at = 0
        while True:
            with transaction(store) as session:
                batch = remind_batch(session, now)
            if not batch:
                break
            looked_at += batch
        seconds = time.perf_counter() - began
        assert looked_at == DUE, looked_at
        return seconds


@contextmanager
def _store() -> Iterator[sa.Engine]:
    with tempfile.TemporaryDirectory() as folder:
        made = engine(f"sqlite:///{folder}/bench.db")
        upgrade(made)
        yield made
        made.dispose()


def _fill(store: sa.Engine, open_obligations: int) -> datetime:
    """Answers the instant at which exactly DUE of them have a rung due."""
    with transaction(store) as session:
        load_protocol(session, LOADED_AT, read_protocol(BEDFORDSHIRE), "bench")
        protocol = session.exec(select(Protocol)).one()
        leads = _parties(session, protocol)
        due_at = _first_rung(protocol)
        later = at_local(date(2027, 3, 30), time_of_day(9), LONDON)
        rows = [
            _obligation(number, protocol, leads[number % PARTIES], due_at if number < DUE else later)
            for number in range(open_obligations)
        ]
        session.execute(sa.insert(Obligation), rows)
    return due_at


def _first_rung(protocol: Protocol) -> datetime:
    from actions.policy import ladder_of

    ladder = ladder_of(protocol, ObligationKind.FEEDBACK)
    return rung_instant(ladder.in_order()[0], ladder, DUE_ON, Nation.ENGLAND_AND_WALES, LONDON)


def _parties(session: Session, protocol: Protocol) -> list[tuple[int, int]]:
    """(party, lead contact) of many more parties than Bedfordshire has."""
    made = []
    for number in range(PARTIES):
        party = Party(
            protocol_id=protocol.id or 0, slug=f"body-{number}", name=f"Body {number}", kind="council",
            nation=Nation.ENGLAND_AND_WALES,
        )  # fmt: skip
        session.add(party)
        session.flush()
        contact = Contact(
            protocol_id=protocol.id or 0,
            party_id=party.id,
            role=Role.LEAD_MEMBER,
            address=f"lead@body-{number}.example",
        )
        session.add(contact)
        session.flush()
        made.append((party.id or 0, contact.id or 0))
    return made


def _obligation(number: int, protocol: Protocol, lead: tuple[int, int], next_at: datetime) -> dict[str, Any]:
    case = f"review:{1000 + number // PARTIES}"  # a party owes one thing in each of many cases
    return {
        "key": f"{case}:feedback:{number}", "protocol_id": protocol.id, "case": case, "kind": ObligationKind.FEEDBACK,
        "party_id": lead[0], "contact_id": lead[1], "nation": Nation.ENGLAND_AND_WALES, "zone": "Europe/London",
        "ladder": "feedback", "opened_at": LOADED_AT, "due_on": DUE_ON, "due_at": end_of_day(DUE_ON, LONDON),
        "next_at": next_at,
    }  # fmt: skip


def _median(numbers: list[float]) -> float:
    return sorted(numbers)[len(numbers) // 2]
