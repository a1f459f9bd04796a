"""What arrived is compared with what the outbox says."""

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from models.outbox import Delivery, Message
from models.store import reading, transaction
from tests.faults.copies import wrong_copies
from tests.notifications.outbox_world import NOW, make_world

ACCEPTED = {"state": Delivery.ACCEPTED, "settled_at": NOW}
IN_DOUBT = {"in_doubt_at": NOW + timedelta(minutes=1)}


def wrong(store: sa.Engine, copies: int, **values: Any) -> list[str]:
    row = make_world(store).queue(0, resend_in_doubt=values.pop("resend_in_doubt", True))
    assert row is not None
    with transaction(store) as session:
        kept = session.get_one(Message, row.id)
        for name, value in values.items():
            setattr(kept, name, value)
    with reading(store) as session:
        return list(wrong_copies(session, {row.message_id: copies}))


@pytest.mark.parametrize(
    ("copies", "values", "sentence"),
    [
        (0, {}, None),
        (1, ACCEPTED, None),
        (2, ACCEPTED | IN_DOUBT, None),
        (1, {"state": Delivery.IN_DOUBT, **IN_DOUBT}, None),
        (0, ACCEPTED, "is accepted, and never arrived"),
        (2, ACCEPTED, "arrived 2 times, and is not listed as in doubt"),
        (1, {}, "arrived, is queued, and is not listed as in doubt"),
        (2, {"state": Delivery.IN_DOUBT, "resend_in_doubt": False, **IN_DOUBT}, "a notice was sent 2 times"),
        (2, {"resend_in_doubt": False, **ACCEPTED, **IN_DOUBT}, "a notice was sent 2 times"),
        (9, ACCEPTED | IN_DOUBT, "arrived 9 times"),
    ],
)
def test_one_copy_and_more_only_where_the_doubt_is_listed(
    sqlite_store: sa.Engine, copies: int, values: dict[str, Any], sentence: str | None
) -> None:
    said = wrong(sqlite_store, copies, **values)
    assert (sentence is None) == (said == [])
    assert sentence is None or any(sentence in each for each in said)


def test_what_nobody_wrote_is_told(sqlite_store: sa.Engine) -> None:
    make_world(sqlite_store)
    with reading(sqlite_store) as session:
        assert list(wrong_copies(session, {"<stranger@x>": 1})) == [
            "<stranger@x>: arrived, and no message has that Message-ID"
        ]
