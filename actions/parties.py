"""Parties join and leave. Membership is data with a history."""

from datetime import datetime

from sqlmodel import Session, col, select

from actions.cast import is_active, known_id
from actions.contacts import case_of, require_address, set_contact
from actions.duties import discharge
from actions.moving import open_reviews_locked, protocol_locked
from actions.policy import today_of
from actions.reasons import reason
from actions.review_asking import ask
from models import history
from models.obligation import Obligation, Outcome
from models.protocol import Party, Protocol, Role
from models.protocol_file.values import SLUG
from models.review import Review
from rules.errors import Refused
from rules.texts import plain
from rules.working_days import Nation

LONGEST_SLUG = 50  # as in a protocol's file; keys are made of it


class NameTaken(Refused):
    def __init__(self, party: Party) -> None:
        super().__init__(f"There is a party of that name already: {party.slug} ({party.name}).")


class NotASlug(Refused):
    def __init__(self) -> None:
        super().__init__(
            f"A party's short name is made of at most {LONGEST_SLUG} small letters, digits and single hyphens, "
            "such as milton-keynes-council."
        )


class NameNeeded(Refused):
    def __init__(self) -> None:
        super().__init__("A party needs a name.")


class HasLeft(Refused):
    def __init__(self, party: Party) -> None:
        super().__init__(f"{party.name} left on {party.left_on}.")


def membership_locked(session: Session, protocol: Protocol) -> list[Review]:
    """Whoever changes who is a party holds the protocol and every review that asks the parties; answers these."""
    protocol_locked(session, protocol)
    history.hold(session, case_of(protocol))
    return open_reviews_locked(session, protocol)


def join(
    session: Session, now: datetime, protocol: Protocol, slug: str, name: str, kind: str,
    nation: Nation, lead_address: str, by: str,
) -> Party:  # fmt: skip
    """A new party. In the middle of a review it is asked too, with the time that is left."""
    require_address(lead_address)
    if len(slug) > LONGEST_SLUG or not SLUG.fullmatch(slug):
        raise NotASlug
    reviews, whole_name = membership_locked(session, protocol), " ".join(plain(name).split())
    _require_free(session, now, protocol, slug, whole_name)
    party = Party(
        protocol_id=known_id(protocol), slug=slug, name=whole_name, kind=kind, nation=nation,
        joined_on=today_of(protocol, now),
    )  # fmt: skip
    session.add(party)
    session.flush()
    set_contact(session, now, protocol, party, Role.LEAD_MEMBER, lead_address, by)
    history.write(session, case_of(protocol), now, by, "party joined", party=slug)
    for review in reviews:
        ask(session, now, protocol, review, party)
    return party


def _require_free(session: Session, now: datetime, protocol: Protocol, slug: str, name: str) -> None:
    """A short name is given once; a name, or another name of a body, is one party's at a time."""
    if not name:
        raise NameNeeded
    today = today_of(protocol, now)
    for party in session.exec(select(Party).where(Party.protocol_id == protocol.id)):
        names = {known.casefold() for known in (party.name, *party.aliases)}
        if slug == party.slug or (name.casefold() in names and is_active(party, today)):
            raise NameTaken(party)


def leave(session: Session, now: datetime, party: Party, by: str, because: str) -> None:
    """From today it is counted out; what it has answered is kept, what it owes ends."""
    why = reason(because, "a party leaving")
    protocol = session.get_one(Protocol, party.protocol_id)
    membership_locked(session, protocol)
    session.refresh(party)
    if party.left_on is not None:
        return
    party.left_on = today_of(protocol, now)
    session.add(party)
    statement = select(Obligation).where(Obligation.party_id == party.id, col(Obligation.outcome).is_(None))
    duties = session.exec(
        statement.order_by(col(Obligation.id)).with_for_update().execution_options(populate_existing=True)
    ).all()  # fmt: skip
    discharge(session, now, duties, Outcome.SUPERSEDED, by, why)
    history.write(
        session, case_of(protocol), now, by, "party left", why=why, party=party.slug,
        duties=[duty.key for duty in duties],
    )  # fmt: skip
