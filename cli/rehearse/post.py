"""The post of a rehearsal: the outbox is emptied by its own rules, and nothing is put on any line."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from models.store import transaction
from notifications.claiming import begin_sending, claim
from notifications.outgoing import Outgoing
from notifications.settling import Accepted, Failed, Result, settle

WORKER = "rehearsal"
AT_ONCE = 200


@dataclass
class Post:
    engine: sa.Engine
    bouncing: set[str]  # addresses that do not exist any more

    def deliver(self, now: datetime) -> list[tuple[int, str]]:
        """Claim, send to nobody, settle, until the outbox is empty. Answers contact and address of what came back."""
        returned: dict[tuple[int, str], None] = {}
        while True:
            with transaction(self.engine) as session:
                ids = claim(session, now, WORKER, AT_ONCE)
                if not ids:
                    return list(returned)
                rows = begin_sending(session, now, ids, WORKER)
                back = [(row.contact_id, row.address) for row in rows if row.address in self.bouncing]
                settle(session, now, WORKER, [self._result(row) for row in rows])
            returned |= dict.fromkeys(back)
            if len(ids) < AT_ONCE and not back:  # of what came back, the secretary is told
                return list(returned)

    def _result(self, row: Outgoing) -> Result:
        if row.address in self.bouncing:
            said = f"550 5.1.1 <{row.address}>: no such mailbox"
            return Failed(id=row.id, attempts=row.attempts, said=said, address_refused=True)
        return Accepted(id=row.id, attempts=row.attempts, said="250 2.0.0 rehearsed: nothing was sent")
