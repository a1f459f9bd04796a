"""The reminders that `bench.delivery` queues: each to another party, about a duty of its own."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

import sqlalchemy as sa
from sqlmodel import col, select

from actions.reminding import batch_of
from models.obligation import Obligation
from models.protocol import Contact, Protocol
from models.store import transaction
from notifications.messages import DutyReminder
from notifications.outbox import Letter, queue_many
from tests.notifications.examples import FEEDBACK, LEAD
from tests.notifications.outbox_world import CASE, NOW

MESSAGES = 2_000


def batches(store: sa.Engine, run: str) -> list[Callable[[], None]]:
    """Each renders and queues its part of the messages, in one transaction: as many as the sweep's have."""
    with transaction(store) as session:
        duties = session.exec(select(Obligation).order_by(col(Obligation.id))).all()
        contacts = {contact.id: contact for contact in session.exec(select(Contact))}
        protocol = session.exec(select(Protocol)).one()
        in_one = batch_of(session)

    def queue(some: Sequence[Obligation]) -> None:
        with transaction(store) as session:
            letters = [_letter(duty, contacts[duty.contact_id], protocol, run) for duty in some]
            assert len(queue_many(session, NOW, letters)) == len(some)

    parts = (duties[at : at + in_one] for at in range(0, MESSAGES, in_one))
    return [partial(queue, part) for part in parts]


def _letter(duty: Obligation, to: Contact, protocol: Protocol, run: str) -> Letter:
    party = f"Borough Council number {duty.party_id}"
    message = DutyReminder(**(LEAD | {"party": party}), duties=(replace(FEEDBACK, party=party),))
    key = f"{CASE}:reminder:{run}:party-{duty.party_id}"
    return Letter(
        message=message, to=to, key=key, case=CASE, protocol=protocol, about=[duty], only_while_owed=True
    )  # fmt: skip
