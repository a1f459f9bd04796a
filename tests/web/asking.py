"""A review in which every party is being asked, over the pages' own store."""

from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from actions.cast import contact_at, party_named
from actions.review_opening import open_annual
from models.obligation import Obligation
from models.outbox import Message
from models.protocol import Contact, Protocol, Role
from models.store import reading
from tests.actions.world import kept
from tests.web.site import Site

COUNCIL = "bedford-borough-council"
POLICE = "bedfordshire-police"


def asking(site: Site) -> Site:
    """Seventeen duties, seventeen messages."""
    _asked(site)
    return site


@kept
def _asked(site: Site) -> None:
    site.acting(lambda session, now, protocol: open_annual(session, now, protocol, "test"))


def duty_of(site: Site, party: str) -> Obligation:
    with reading(site.store) as session:
        of = session.exec(select(Protocol)).one()
        its = select(Obligation).where(Obligation.party_id == party_named(session, of, party).id)
        found = session.exec(its.order_by(col(Obligation.id))).first()
        assert found is not None
        session.expunge_all()
        return found


def contact_of(site: Site, party: str, role: Role = Role.LEAD_MEMBER) -> Contact:
    with reading(site.store) as session:
        found = contact_at(session, party_named(session, session.exec(select(Protocol)).one(), party), role)
        assert found is not None
        session.expunge_all()
        return found


def every(site: Site, table: Any, *where: Any) -> list[Any]:
    with reading(site.store) as session:
        found = list(session.exec(select(table).where(*where).order_by(table.id)))
        session.expunge_all()  # they stay as they were
        return found


def message_to(site: Site, party: str) -> Message:
    found: list[Message] = every(site, Message, Message.contact_id == contact_of(site, party).id)
    return found[0]


def changed(site: Site, table: Any, number: int | None, **values: Any) -> None:
    def change(session: Session, _now: datetime, _protocol: Protocol) -> None:
        row = session.get_one(table, number)
        for name, value in values.items():
            setattr(row, name, value)
        session.add(row)

    site.acting(change)
