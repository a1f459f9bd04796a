"""Parties join and leave. Membership is data with a history."""

from datetime import datetime

from sqlmodel import Session, col, select

from actions.agreed_and_left import ask_who_puts_in_place
from actions.breaches.leaving import end_for_leaving, followed_by
from actions.cast import case_of, is_active, known_id, protocol_named
from actions.complaints.referring import answered_by, hand_over_for_leaving
from actions.contacts import require_address, set_contact
from actions.duties import discharge, note_ended
from actions.gaps.living import release_owned
from actions.gaps.waiting_again import reopen_unanswered
from actions.moving import hold_cases, protocol_locked, reviews_at
from actions.newcomers import JOINED, ask_newcomers_to_adopt
from actions.policy import today_of
from actions.reasons import reason
from actions.review_asking import ask
from actions.signatures import look_whether_anybody_signed
from models import history
from models.obligation import Obligation, ObligationKind, Outcome
from models.protocol import Party, Protocol, Role
from models.protocol_file.values import SLUG
from rules.errors import Refused
from rules.review import Stage
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


def membership_locked(session: Session, protocol: Protocol, leaving: Party | None = None) -> None:
    """Whoever changes who is a party holds the protocol, every review that asks the parties for anything, each case
    in which the one that leaves still owes something, each breach that it follows up, each complaint it answers."""
    protocol_locked(session, protocol)
    owing = select(Obligation.case).where(
        Obligation.party_id == (leaving.id if leaving else None), col(Obligation.outcome).is_(None)
    )
    asking = (review.case for review in reviews_at(session, protocol, Stage.COLLECTING, Stage.SIGNING))
    following = (breach.case for breach in followed_by(session, leaving)) if leaving else ()
    answering = (complaint.case for complaint in answered_by(session, leaving)) if leaving else ()
    hold_cases(session, [case_of(protocol), *asking, *session.exec(owing), *following, *answering])


def join(
    session: Session, now: datetime, protocol: Protocol, slug: str, name: str, kind: str,
    nation: Nation, lead_address: str, by: str,
) -> Party:  # fmt: skip
    """A new party. In the middle of a review it is asked too, with the time that is left; it is asked to adopt the
    version that is being signed, or the one in force once no text is being reviewed."""
    party = become_party(session, now, protocol, slug, name, kind, nation, lead_address, by)
    ask_newcomers_to_adopt(session, now, protocol)
    return party


def ask_whoever_counts_since_today(session: Session, now: datetime, slug: str) -> int:
    """The clock's, every night: a party's first day has come between reviews. Answers how many are asked to adopt."""
    protocol = protocol_named(session, slug)
    membership_locked(session, protocol)
    return len(ask_newcomers_to_adopt(session, now, protocol))


def become_party(
    session: Session, now: datetime, protocol: Protocol, slug: str, name: str, kind: str,
    nation: Nation, lead_address: str, by: str,
) -> Party:  # fmt: skip
    """On the list from today, and asked for feedback where that is being asked; not yet asked to sign anything."""
    require_address(lead_address)
    if len(slug) > LONGEST_SLUG or not SLUG.fullmatch(slug):
        raise NotASlug
    membership_locked(session, protocol)
    whole_name = " ".join(plain(name).split())
    _require_free(session, now, protocol, slug, whole_name)
    party = Party(
        protocol_id=known_id(protocol), slug=slug, name=whole_name, kind=kind, nation=nation,
        joined_on=today_of(protocol, now),
    )  # fmt: skip
    session.add(party)
    session.flush()
    set_contact(session, now, protocol, party, Role.LEAD_MEMBER, lead_address, by)
    history.write(session, case_of(protocol), now, by, JOINED, party=slug)
    for review in reviews_at(session, protocol, Stage.COLLECTING):
        ask(session, now, protocol, review, [party])
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
    membership_locked(session, protocol, leaving=party)
    session.refresh(party)
    if party.left_on is not None:
        return
    party.left_on = today_of(protocol, now)
    session.add(party)
    release_owned(session, now, party, by)
    statement = select(Obligation).where(Obligation.party_id == party.id, col(Obligation.outcome).is_(None))
    duties = session.exec(
        statement.order_by(col(Obligation.id)).with_for_update().execution_options(populate_existing=True)
    ).all()  # fmt: skip
    discharge(session, now, duties, Outcome.SUPERSEDED, by, why)
    history.write(
        session, case_of(protocol), now, by, "party left", why=why, party=party.slug,
        duties=[duty.key for duty in duties],
    )  # fmt: skip
    note_ended(session, now, duties, by, why, besides=case_of(protocol))
    ask_who_puts_in_place(session, now, protocol, party, duties)
    end_for_leaving(session, now, party, by, why)
    hand_over_for_leaving(session, now, party, by)
    for case in sorted({duty.case for duty in duties if duty.kind is ObligationKind.SIGNATURE}):
        look_whether_anybody_signed(session, now, protocol, case)
    reopen_unanswered(session, now, protocol, by)
