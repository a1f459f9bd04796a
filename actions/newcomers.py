"""Bodies that came when nothing could be signed, or on a day that lay ahead: who of them is asked to adopt, and when.

A body that adopts nothing is not bound by what it has joined (protocol §15).
"""

from collections.abc import Sequence, Set
from datetime import date, datetime

from sqlmodel import Session, col, select

from actions.cast import active_on
from actions.moving import reviews_at
from actions.policy import due_after, today_of, zone_of
from actions.signature_requests import ask_for_signature
from actions.signatures import subject_of, version_to_adopt
from models.history import History
from models.obligation import Obligation, ObligationKind
from models.protocol import Party, Protocol, Signature, SignatureKind, Version
from rules.instants import local_day
from rules.review import JOINABLE, Stage

JOINED = "party joined"


def ask_newcomers_to_adopt(session: Session, now: datetime, protocol: Protocol) -> Set[int | None]:
    """Whoever has come and was never asked adopts what is being signed, or what is in force. While a text is only
    reviewed, the next version is waited for. Answers the parties that are asked now; the caller holds what
    `membership_locked` or `hold_what_is_signed` holds."""
    if reviews_at(session, protocol, *JOINABLE) and not reviews_at(session, protocol, Stage.SIGNING):
        return set()
    version, case = version_to_adopt(session, protocol)
    if version is None or version.sha256 is None:  # of before Concordat there may be no text here to sign
        return set()
    asked = _newcomers(session, protocol, _never_asked(session, now, protocol, version))
    for party in asked:
        due_on = due_after(protocol, "adoption", now)
        ask_for_signature(session, now, protocol, case, version, party, due_on)
    return {party.id for party in asked}


def _never_asked(session: Session, now: datetime, protocol: Protocol, version: Version) -> list[Party]:
    """Parties of today that have neither answered this line nor been asked for it, by name."""
    line = session.exec(
        select(Version).where(Version.protocol_id == protocol.id, Version.major == version.major)
    ).all()  # fmt: skip
    answered = select(Signature.party_id).where(
        col(Signature.version_id).in_([each.id for each in line]), Signature.kind != SignatureKind.UNDATED
    )  # fmt: skip
    asked = select(Obligation.party_id).where(
        Obligation.protocol_id == protocol.id, Obligation.kind == ObligationKind.SIGNATURE,
        col(Obligation.party_id).is_not(None), col(Obligation.subject).in_([subject_of(each) for each in line]),
    )  # fmt: skip
    statement = select(Party).where(
        *active_on(protocol, today_of(protocol, now)), col(Party.joined_on).is_not(None),
        col(Party.id).not_in(answered), col(Party.id).not_in(asked),
    )  # fmt: skip
    return list(session.exec(statement.order_by(col(Party.name))))


def _newcomers(session: Session, protocol: Protocol, parties: Sequence[Party]) -> Sequence[Party]:
    """The first file's parties were there before; whether they have adopted, its register says."""
    if not parties:
        return ()
    came, first_day = _came_to_the_list(session, protocol), _first_day(session, protocol)
    return [party for party in parties if party.slug in came or (party.joined_on or first_day) > first_day]


def _came_to_the_list(session: Session, protocol: Protocol) -> set[str]:
    statement = select(History.details).where(History.case == f"protocol:{protocol.slug}", History.what == JOINED)
    return {str(details["party"]) for details in session.exec(statement)}


def _first_day(session: Session, protocol: Protocol) -> date:
    """On which the protocol was first loaded: a later load gives `loaded_at` its own instant."""
    begun = select(History.at).where(History.case == f"protocol:{protocol.slug}").order_by(col(History.seq)).limit(1)
    first = session.exec(begun).first()
    return local_day(min(first or protocol.loaded_at, protocol.loaded_at), zone_of(protocol))
