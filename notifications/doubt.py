"""In doubt: the server had the whole message and we do not have its answer (law 3). SMTP cannot be exact here."""

from datetime import datetime

from sqlmodel import Session

from models.outbox import Delivery
from models.outbox import Message as OutboxRow
from models.protocol import MatterKind
from notifications.matters import close_opened_under, open_matter, whose

# A server that takes messages and never answers would otherwise get one copy after another. Attempts are counted, not
# doubts, of which only the last is kept: after the first of these it is sent again however often it was put off before.
ATTEMPTS_AT_MOST = 3


def put_in_doubt(session: Session, now: datetime, row: OutboxRow, said: str, again_at: datetime) -> None:
    """Reminders are sent again at `again_at` under the same Message-ID, within limits; notices wait for a person.

    `in_doubt_at` stays either way: it lists the messages of which two copies may exist.
    """
    is_first = row.in_doubt_at is None
    row.in_doubt_at, row.answer = now, said[:500]
    row.leased_by = row.lease_until = None
    if row.resend_in_doubt and (is_first or row.attempts < ATTEMPTS_AT_MOST):
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
        key=f"{_in_doubt(row)}:{now.isoformat()}",  # sent again, it may fall in doubt again
        sentence=f"Nobody knows whether “{row.subject}” reached {whose(session, row.contact_id)}: "
        "the mail server had it and did not answer. It is not sent again by itself.",
        todo=f"Telephone them and ask whether they have it. If they do: `concordat outbox resolve {row.id} sent`. "
        f"If not: `concordat outbox resolve {row.id} send-again`.",
    )


def close_doubt(session: Session, now: datetime, row: OutboxRow, outcome: str) -> None:
    """Somebody knows: there is nothing to ask for any more."""
    close_opened_under(session, now, row.protocol_id, key=_in_doubt(row), outcome=outcome)


def _in_doubt(row: OutboxRow) -> str:
    return f"in-doubt:message-{row.id}"
