"""What people do with a gap: open it, join it, look after it, ask for a review at once, close it, reopen it."""

from datetime import datetime

from sqlmodel import Session, col, select

from actions.cast import is_active, known_id, lead_of, party_named
from actions.clauses import clause_text
from actions.gaps.asking import ask_for_review, close_matter_of, is_asked_for, matter_of_urgency
from actions.gaps.keeping import LONGEST_WORDS, GapSaidTooLong, add_origin, joined_gap, same_gap
from actions.gaps.moving import gap_locked, held, require_waiting, settle_gaps, take_step
from actions.gaps.references import ORIGINS, case_named
from actions.moving import protocol_locked
from actions.policy import today_of
from actions.reasons import reason
from actions.telling import tell
from models import history
from models.gap import Gap, GapOrigin
from models.history import Written
from models.protocol import Clause, Party, Protocol
from notifications.messages import GapAssigned
from rules.errors import Refused
from rules.gap import WAITING, Stage, Step, stage_after

__all__ = [
    "AlreadyWaits", "NotAParty", "ask_for_review", "assign", "close_gap", "join_gap", "mark_urgent", "open_gap_for",
    "release_owned", "reopen_gap", "wait_again",
]  # fmt: skip


class NotAParty(Refused):
    def __init__(self, party: Party) -> None:
        super().__init__(
            f"{party.name} is not a party to this protocol on this day: choose one of `concordat parties`."
        )


class AlreadyWaits(Refused):
    def __init__(self, gap: Gap) -> None:
        super().__init__(f"Gap {gap.id} is {gap.stage} and waits for a review already: there is nothing to reopen.")


def open_gap_for(
    session: Session, now: datetime, protocol: Protocol, clause_key: str | None, words: str, origin_case: str | None,
    by: str, urgent: bool = False, *, whole_elsewhere: bool = False,
) -> Gap:  # fmt: skip
    """Opened, or the one that says just this of the clause already, which then has one origin more.

    Without an origin it is a person's own. `whole_elsewhere`: the caller keeps the words, and the gap their beginning.
    Raises NotThere, NotAReference, OfAnotherProtocol, ReasonNeeded (no words), GapSaidTooLong.
    """
    protocol_locked(session, protocol)
    said = reason(words, "a gap")
    if len(said) > LONGEST_WORDS and not whole_elsewhere:
        raise GapSaidTooLong
    origin = case_named(session, protocol, origin_case, ORIGINS)[0] if origin_case is not None else None
    gap = same_gap(session, now, protocol, clause_key, said, by, origin)
    if origin is not None:
        add_origin(session, now, gap, origin, by)
    if urgent:
        _make_urgent(session, now, gap, by)
    return gap


def join_gap(
    session: Session, now: datetime, gap_id: int, origin_case: str, by: str, urgent: bool = False,
    protocol: Protocol | None = None,
) -> Gap:  # fmt: skip
    """The gap has come from that case too. Twice does nothing. Where a protocol is given, the gap has to be its own.

    Raises NotThere, GapIsClosed, NotAReference, OfAnotherProtocol.
    """
    of = protocol or session.get_one(Protocol, gap_locked(session, gap_id).protocol_id)
    protocol_locked(session, of)
    gap = joined_gap(session, of, gap_id)
    add_origin(session, now, gap, case_named(session, of, origin_case, ORIGINS)[0], by)
    if urgent:
        _make_urgent(session, now, gap, by)
    return gap


def assign(session: Session, now: datetime, gap_id: int, owner: str | None, by: str) -> None:
    """A party looks after it from now on, and its lead member is told; None: the secretary. Twice does nothing.

    Raises NotThere, NotAParty, GapIsClosed, NoContact.
    """
    gap = gap_locked(session, gap_id)
    protocol = session.get_one(Protocol, gap.protocol_id)
    require_waiting(session, gap)
    party = party_named(session, protocol, owner) if owner is not None else None
    if party is not None and not is_active(party, today_of(protocol, now)):
        raise NotAParty(party)
    if gap.owner_id == (party.id if party else None):
        return
    gap.owner_id = party.id if party else None
    session.add(gap)
    row = history.write(session, gap.case, now, by, "owner named", owner=owner)
    if party is not None:
        _tell_owner(session, now, protocol, gap, party, row)


def _tell_owner(
    session: Session, now: datetime, protocol: Protocol, gap: Gap, party: Party, row: Written
) -> None:  # fmt: skip
    clause = session.get(Clause, gap.clause_id) if gap.clause_id else None
    heading = clause_text(session, protocol, clause)[0] if clause else None
    origins = len(session.exec(select(GapOrigin.id).where(GapOrigin.gap_id == gap.id)).all())
    tell(
        session, now, protocol, lead_of(session, party), gap.case, f"{gap.case}:owner-{row.seq}:{party.slug}",
        lambda h: GapAssigned(
            **h, gap=known_id(gap), clause=clause.key if clause else None, heading=heading, origins=origins,
            urgent=gap.urgent, opened_at=gap.opened_at,
        ),
    )  # fmt: skip


def release_owned(session: Session, now: datetime, party: Party, by: str) -> None:
    """The party leaves: the secretary looks after its gaps. The protocol is held by the caller."""
    owned = select(Gap).where(Gap.owner_id == party.id, col(Gap.stage).in_(WAITING)).order_by(col(Gap.id))
    for gap in session.exec(owned).all():
        held(session, gap).owner_id = None
        session.add(gap)
        history.write(session, gap.case, now, by, "owner named", owner=None, left=party.slug)


def _release_if_left(session: Session, now: datetime, gap: Gap, by: str) -> None:
    """A party that left while the gap was closed looks after it no more."""
    owner = session.get(Party, gap.owner_id) if gap.owner_id else None
    if owner is not None and not is_active(owner, today_of(session.get_one(Protocol, gap.protocol_id), now)):
        gap.owner_id = None
        session.add(gap)
        history.write(session, gap.case, now, by, "owner named", owner=None, left=owner.slug)


def mark_urgent(session: Session, now: datetime, gap_id: int, by: str, because: str) -> None:
    """It should not wait for the next annual review; that is on the secretary's list from now on. Twice does nothing
    while it is there, or while a review goes on with it. Raises NotThere, GapIsClosed, ReasonNeeded.
    """
    gap = gap_locked(session, gap_id)
    why = reason(because, "an urgent gap")
    require_waiting(session, gap)
    _make_urgent(session, now, gap, by, why)


def _make_urgent(session: Session, now: datetime, gap: Gap, by: str, why: str | None = None) -> None:
    """One that is urgent already is on the list again, unless a review goes on with it."""
    if gap.urgent:
        if not is_asked_for(session, gap):
            matter_of_urgency(session, now, gap)
        return
    gap.urgent = True
    session.add(gap)
    history.write(session, gap.case, now, by, "marked urgent", why=why)
    matter_of_urgency(session, now, gap)


def close_gap(session: Session, now: datetime, gap_id: int, by: str, because: str) -> None:
    """No version has to answer it, because. Twice does nothing. Raises NotThere, StepNotAllowed, ReasonNeeded."""
    gap = gap_locked(session, gap_id)
    why = reason(because, "closing a gap")
    if gap.stage is Stage.CLOSED:
        return
    stage_after(gap.stage, Step.CLOSE)
    gap.closed_at, gap.closed_because = now, why
    take_step(session, now, gap, Step.CLOSE, by, why)
    close_matter_of(session, now, gap, "the gap is closed")


def reopen_gap(session: Session, now: datetime, gap_id: int, by: str, because: str) -> None:
    """It waits again, whether it was closed or resolved. Raises NotThere, AlreadyWaits, ReasonNeeded."""
    gap = gap_locked(session, gap_id)
    why = reason(because, "reopening a gap")
    if gap.stage in WAITING:
        raise AlreadyWaits(gap)
    wait_again(session, now, gap, by, why)
    if gap.urgent:
        matter_of_urgency(session, now, gap)
    settle_gaps(session, now, [known_id(gap)], by)


def wait_again(session: Session, now: datetime, gap: Gap, by: str, why: str) -> None:
    """The move alone: the caller holds the gap, and settles whether a proposal names it already."""
    gap.closed_at = gap.closed_because = gap.resolved_in_id = None
    take_step(session, now, gap, Step.REOPEN, by, why)
    _release_if_left(session, now, gap, by)
