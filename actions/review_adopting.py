"""Adoption: signing ends, everybody is told, whoever has signed confirms that it is in place (protocol §14, §15)."""

from datetime import date, datetime

from sqlmodel import Session, select

from actions.cast import active_parties
from actions.confirmation_requests import ask_for_confirmations, checklist
from actions.duties import owed
from actions.gaps.answering import gaps_of_review_settled, resolve_gaps
from actions.gaps.asking import list_urgent_again
from actions.gaps.moving import hold_gaps_of
from actions.gaps.waiting_again import reopen_unanswered
from actions.law.unanswered import list_unanswered_changes
from actions.matters import close_matter
from actions.moving import review_locked, take_step
from actions.policy import today_of, who_confirms
from actions.reasons import reason
from actions.review_scheduling import schedule_next
from actions.signatures import carried_by, decliners_of, signers_of, taken_place_of, unsigned_key, version_of
from actions.telling import tell_leads
from actions.versions import came_to_nothing
from models.obligation import ObligationKind
from models.protocol import Matter, Protocol, Version
from models.review import Review
from notifications.messages import VersionAdopted
from rules.review import Step, stage_after


def adopt(session: Session, now: datetime, review_id: int, by: str, because: str | None = None) -> None:
    """Signing ends: by the clock when nobody owes a signature, or by a person who says why it ends before.

    Partial adoption is a normal state: whoever has not signed goes on owing its signature.
    """
    review = review_locked(session, review_id)
    protocol = session.get_one(Protocol, review.protocol_id)
    stage_after(review.stage, Step.ADOPT)
    hold_gaps_of(session, review)
    lacking = len(owed(session, review.case, ObligationKind.SIGNATURE))
    outstanding = "one signature is" if lacking == 1 else f"{lacking} signatures are"
    why = reason(because, f"adopting while {outstanding} outstanding") if lacking else because or None
    version = version_of(session, review)
    carried = carried_by(session, review)
    if not carried:
        why = reason(because, "ending what nobody has signed, or what a later version has taken the place of,")
    _close_matter(session, now, protocol, review)
    if not carried:
        _end_unsigned(session, now, protocol, review, version, by, why)
        return
    if version.in_force_from is None:
        version.in_force_from = today_of(protocol, now)
        session.add(version)
    take_step(session, now, review, Step.ADOPT, by, why=why, version=version.label)
    resolve_gaps(session, now, protocol, review, version, by)
    list_unanswered_changes(session, now, protocol, review)
    following = schedule_next(session, now, protocol, by)
    _tell_adopted(session, now, protocol, review, version, following.review_on if following else None)
    ask_for_confirmations(session, now, protocol, review, version)


def _end_unsigned(
    session: Session, now: datetime, protocol: Protocol, review: Review, version: Version, by: str, why: str | None
) -> None:
    """Nobody is told that it is adopted, for it is not: a later one has taken its place, of which everybody has heard,
    or nobody has signed it. Where a signature was to bring it into force, it never is: its gaps wait again, and those
    of texts that it was made from, for whom nobody waits any more.
    """
    later = taken_place_of(session, version)
    take_step(session, now, review, Step.ADOPT, by, why=why, version=version.label)
    if version.in_force_from is not None or (later is not None and not came_to_nothing(session, later)):
        resolve_gaps(session, now, protocol, review, version, by)  # a later one was made from its wording
    else:
        gaps_of_review_settled(session, now, review, by)
        reopen_unanswered(session, now, protocol, by)
    list_urgent_again(session, now, protocol, review)
    list_unanswered_changes(session, now, protocol, review)
    schedule_next(session, now, protocol, by)


def _close_matter(session: Session, now: datetime, protocol: Protocol, review: Review) -> None:
    matter = session.exec(select(Matter).where(Matter.key == f"{protocol.slug}:{unsigned_key(review)}")).first()
    if matter is not None:
        close_matter(session, now, matter, "adopted")


def _tell_adopted(
    session: Session, now: datetime, protocol: Protocol, review: Review, version: Version, next_on: date | None
) -> None:
    parties = active_parties(session, protocol, today_of(protocol, now))
    signed = signers_of(session, version)
    declined = tuple(party.name for party in decliners_of(session, version))
    in_force_for = sum(party.id in signed for party in parties)
    confirmed_by = who_confirms(protocol) if checklist(session, protocol) else None
    tell_leads(
        session, now, protocol, parties, review.case, "adopted",
        lambda h: VersionAdopted(
            **h, version=version.label, sha256=version.sha256 or "", parties=len(parties), declined=declined,
            in_force_for=in_force_for, next_review_on=next_on, confirmed_by=confirmed_by,
        ),
    )  # fmt: skip
