"""In doubt: the server had the whole message and we do not have its answer (law 3). SMTP cannot be exact here."""

from datetime import datetime

from sqlmodel import Session

from models.outbox import Delivery
from models.outbox import Message as OutboxRow
from models.protocol import MatterKind
from notifications.matters import open_matter, whose

# A server that takes messages and never answers would otherwise get one copy after another.
ATTEMPTS_AT_MOST = 3


def put_in_doubt(session: Session, now: datetime, row: OutboxRow, said: str, again_at: datetime) -> None:
    """Reminders are sent again at `again_at` under the same Message-ID; notices wait for a person.

    `in_doubt_at` stays either way: it lists the messages of which two copies may exist.
    """
    row.in_doubt_at, row.answer = now, said[:500]
    row.leased_by = row.lease_until = None
    if row.resend_in_doubt and row.attempts < ATTEMPTS_AT_MOST:
        row.state, row.next_attempt_at = Delivery.QUEUED, again_at
    else:
        row.state, row.settled_at = Delivery.IN_DOUBT, now
        _ask_secretary(session, now, row)
    session.add(row)


def _ask_secretary(session: Session, now: datetime, row: OutboxRow) -> None:
    open_matter(
        session,
        now,
        row.protocol_id,
        MatterKind.IN_DOUBT,
        key=f"in-doubt:message-{row.id}:{now.isoformat()}",  # sent again, it may fall in doubt again
        sentence=f"Nobody knows whether “{row.subject}” reached {whose(session, row.contact_id)}: "
        "the mail server had it and did not answer. It is not sent again by itself.",
        todo=f"Telephone them and ask whether they have it: `concordat outbox resolve {row.id} sent`, or "
        f"`concordat outbox resolve {row.id} send-again`",
    )
