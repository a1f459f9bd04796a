"""What a person changes in an obligation: more time, a waiver, somebody else. Each with a reason, and all are told."""

from datetime import date, datetime

from sqlmodel import Session

from actions.advice import go_on_if_advised
from actions.breaches.changing import (
    HoursAreTheLaws,
    WithoutUndueDelay,
    has_more_time,
    is_of_a_breach,
    require_delegable,
    require_extensible,
    require_waivable,
)
from actions.breaches.roles import is_away
from actions.cast import contact_at, known_id
from actions.complaints.changing import is_of_a_complaint, require_days_may_change, require_not_needed
from actions.describing import described
from actions.duties import (
    WHAT,
    discharge,
    next_look,
    numbered_key,
    open_obligation,
    owed,
    owed_by,
    set_due,
    taken_rungs,
)
from actions.gaps.waiting_again import reopen_unanswered
from actions.moving import protocol_locked, review_of
from actions.policy import today_of
from actions.reasons import ReasonNeeded, reason
from actions.signatures import look_whether_anybody_signed
from actions.telling import tell
from models import history
from models.obligation import Obligation, ObligationKind, Outcome
from models.protocol import Contact, Party, Protocol, Role
from models.review import Review
from notifications.messages import DutyDelegated, DutyExtended, DutyWaived
from rules.errors import Refused
from rules.instants import local_day, zone_named
from rules.review import ENDED, as_state
from rules.sentences import written_day

__all__ = [
    "WHAT", "HoursAreTheLaws", "ReasonNeeded", "WithoutUndueDelay", "delegate", "described", "discharge", "extend",
    "next_look", "numbered_key", "open_obligation", "owed", "owed_by", "taken_rungs", "told_of", "waive",
]  # fmt: skip


# Whoever owes these takes the review on: waived, it would wait for nobody.
NEXT_STEPS = (ObligationKind.DRAFTING, ObligationKind.DECISION)


class AlreadyDischarged(Refused):
    def __init__(self, obligation: Obligation) -> None:
        super().__init__(f"Nothing is owed any more: {obligation.key} was {obligation.outcome}.")


class NotLater(Refused):
    def __init__(self, day: date) -> None:
        super().__init__(f"An extension gives a later day than {written_day(day)}.")


class HasPassed(Refused):
    def __init__(self, day: date) -> None:
        super().__init__(f"An extension gives a day that is still to come: {written_day(day)} has passed.")


class NoDeputy(Refused):
    def __init__(self, party: Party) -> None:
        super().__init__(f"{party.name} has named no deputy: add one with `concordat contact set`.")


class DeputyIsAway(Refused):
    def __init__(self, party: Party, until: date) -> None:
        super().__init__(
            f"The deputy of {party.name} is away until {written_day(until)}. If they are back, say so first with "
            f"`concordat contact away {party.slug} deputy --back`."
        )


class NoPartyOwesIt(Refused):
    def __init__(self) -> None:
        super().__init__("Only what a party owes can be delegated: to its deputy.")


class SomebodyHasToGoOn(Refused):
    def __init__(self, review: Review) -> None:
        super().__init__(
            f"That cannot be waived: review {review.id} is {as_state(review.stage)}, and somebody has to take the next "
            f"step. See `concordat review show {review.id}`, or end it with `concordat review cancel`."
        )


def extend(session: Session, now: datetime, duty: Obligation, due_on: date, by: str, because: str) -> None:
    """A later day, with a reason; everyone concerned is told; rungs already taken are not taken again.

    What was due at an instant has time until the end of that day, which may be the same one.
    """
    why, protocol = reason(because, "an extension"), _held(session, duty)
    _require_owed(duty)
    require_extensible(session, duty)
    require_days_may_change(session, duty)
    previous, counted_to = duty.due_on, duty.counted_to
    if due_on == previous and counted_to is None:
        return  # the same order given twice
    if due_on < previous:
        raise NotLater(previous)
    if due_on < local_day(now, zone_named(duty.zone)):
        raise HasPassed(due_on)
    set_due(session, now, protocol, duty, due_on)
    has_more_time(session, duty)
    history.write(
        session, duty.case, now, by, "extended", why=why, obligation=duty.key,
        previous=(counted_to or previous).isoformat(), due_on=due_on.isoformat(),
    )  # fmt: skip
    extended = described(session, duty, now)
    for contact in _concerned(session, duty):
        tell(
            session, now, protocol, contact, duty.case, f"{duty.key}:extended:{due_on}:contact-{contact.id}",
            lambda h: DutyExtended(
                **h, duty=extended, previous_due_on=previous, previous_due_at=counted_to, because=told_of(duty, why)
            ),
            about=[duty], sequence=due_on.toordinal(),
        )  # fmt: skip


def waive(session: Session, now: datetime, duty: Obligation, by: str, because: str) -> None:
    """Nobody has to do it any more, and why. Waiving twice does nothing."""
    why = reason(because, "a waiver")
    if duty.kind is ObligationKind.SIGNATURE:  # gaps may hang on it: the protocol comes before the case
        protocol_locked(session, session.get_one(Protocol, duty.protocol_id))
    protocol = _held(session, duty)
    if duty.outcome is Outcome.WAIVED:
        return
    _require_owed(duty)
    require_waivable(session, duty)
    require_not_needed(session, duty)
    review = review_of(session, duty.case)
    if review is not None and review.stage not in ENDED and duty.kind in NEXT_STEPS:
        raise SomebodyHasToGoOn(review)
    waived = described(session, duty, now)
    discharge(session, now, [duty], Outcome.WAIVED, by, why)
    history.write(session, duty.case, now, by, "waived", why=why, obligation=duty.key)
    for contact in _concerned(session, duty):
        tell(
            session, now, protocol, contact, duty.case, f"{duty.key}:waived:contact-{contact.id}",
            lambda h: DutyWaived(**h, duty=waived, because=told_of(duty, why)), about=[duty],
        )  # fmt: skip
    if review is not None:
        _go_on_without(session, now, protocol, review, duty, by)


def _go_on_without(
    session: Session, now: datetime, protocol: Protocol, review: Review, duty: Obligation, by: str
) -> None:
    """The last one waived leaves the next step to somebody."""
    if duty.kind is ObligationKind.ADVICE:
        go_on_if_advised(session, now, review)
    if duty.kind is ObligationKind.SIGNATURE:
        look_whether_anybody_signed(session, now, protocol, review.case)
        reopen_unanswered(session, now, protocol, by)


def delegate(session: Session, now: datetime, duty: Obligation, by: str, because: str) -> None:
    """The party's deputy is asked instead of whoever was; both are told, and reminders go to the deputy."""
    why, protocol = reason(because, "a delegation"), _held(session, duty)
    _require_owed(duty)
    deputy = _deputy_for(session, duty)
    if duty.contact_id == deputy.id:
        return  # delegated already
    if deputy.away_until is not None and is_away(deputy, today_of(protocol, now)):
        raise DeputyIsAway(session.get_one(Party, duty.party_id), deputy.away_until)  # the clock would take it back
    require_delegable(session, duty)
    asked = session.get_one(Contact, duty.contact_id)
    duty.contact_id = known_id(deputy)
    session.add(duty)
    row = history.write(session, duty.case, now, by, "delegated to the deputy", why=why, obligation=duty.key)
    delegated = described(session, duty, now)
    for contact in (asked, deputy):
        tell(
            session, now, protocol, contact, duty.case, f"{duty.key}:delegated-{row.seq}:contact-{contact.id}",
            lambda h: DutyDelegated(
                **h, duty=delegated, to_role=deputy.role.value, because=told_of(duty, why),
                is_delegate=h["role"] == deputy.role.value,
            ),
            about=[duty], only_while_owed=contact is deputy,
        )  # fmt: skip


def _held(session: Session, duty: Obligation) -> Protocol:
    """The duty as it is now, and nobody else's to change: the case first, then its row."""
    history.hold(session, duty.case)
    session.refresh(duty, with_for_update=True)
    return session.get_one(Protocol, duty.protocol_id)


def told_of(duty: Obligation, why: str) -> str | None:
    """Of a breach or a complaint no mail holds what somebody wrote: it may name whoever is concerned."""
    return None if is_of_a_breach(duty) or is_of_a_complaint(duty) else why


def _require_owed(duty: Obligation) -> None:
    if duty.outcome is not None:
        raise AlreadyDischarged(duty)


def _deputy_for(session: Session, duty: Obligation) -> Contact:
    if duty.party_id is None:
        raise NoPartyOwesIt
    party = session.get_one(Party, duty.party_id)
    deputy = contact_at(session, party, Role.DEPUTY)
    if deputy is None:
        raise NoDeputy(party)
    return deputy


def _concerned(session: Session, duty: Obligation) -> list[Contact]:
    """Whoever owes it; at a party also its lead member and its deputy, one of whom was asked or will be."""
    concerned = [session.get_one(Contact, duty.contact_id)]
    party = session.get(Party, duty.party_id) if duty.party_id else None
    if party is not None:
        others = (contact_at(session, party, role) for role in (Role.LEAD_MEMBER, Role.DEPUTY))
        concerned += [contact for contact in others if contact is not None and contact.id != duty.contact_id]
    return concerned
