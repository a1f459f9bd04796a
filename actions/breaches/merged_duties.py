"""What the parties owe after a merger: nothing that has been answered in either case, and nothing later than before."""

from collections.abc import Iterable
from datetime import datetime

from sqlmodel import Session

from actions.breaches.affecting import follow_up_of, standing_holds
from actions.breaches.following import RESTATED_AS, owe
from actions.breaches.moving import protocol_of
from actions.breaches.statutory import duty_of
from actions.breaches.step_limits import ended_in
from actions.duties import discharge, owed, owed_by, set_due
from models.breach import Breach, FollowUp
from models.obligation import Obligation, ObligationKind, Outcome
from models.protocol import Party
from rules.breach_duties import DutyKind


def end_what_is_done(
    session: Session, now: datetime, source: Breach, into: Breach, there: FollowUp, party: Party, by: str
) -> None:
    """What was asked there and has been answered in the other case."""
    ends = ended_in(session, there)
    ended = {step for step, end in ends.items() if not end.provisional}
    over = [
        duty
        for duty in owed(session, into.case, *ObligationKind)
        if duty.party_id == party.id and (duty.subject in ended or not _is_wanted(session, there, duty.kind))
    ]
    discharge(session, now, over, Outcome.SUPERSEDED, by, f"recorded in breach {source.id}, which is merged into this")


def _is_wanted(session: Session, there: FollowUp, kind: ObligationKind) -> bool:
    """Whether that kind of duty is still to be answered by the party."""
    if kind is ObligationKind.ASSESSMENT:
        return there.assessed_at is None
    if kind is ObligationKind.HOLD:
        return bool(standing_holds(session, there))
    restated: tuple[DutyKind, ...] = RESTATED_AS.get(kind, ())
    answers = [duty for each in restated if (duty := duty_of(session, there, each)) is not None]
    return not answers or any(duty.required is not False and duty.done_at is None for duty in answers)


def no_later_than(
    session: Session, now: datetime, into: Breach, before: Iterable[Obligation], *, opens: bool = False
) -> None:
    """What the parties owed in the merged case is owed here by the same instant at the latest.

    `opens`: what is not owed here yet, and still wanted. Steps open by the procedure, when their turn comes.
    """
    protocol = protocol_of(session, into)
    for duty in before:
        party = session.get_one(Party, duty.party_id)
        there = follow_up_of(session, into, party)
        if there is None or there.ended_at is not None:
            continue
        due = duty.due_at if duty.exact else duty.due_on
        same = [each for each in owed_by(session, into.case, duty.kind, party) if each.subject == duty.subject]
        for each in same:
            if duty.due_at < each.due_at:
                set_due(session, now, protocol, each, due)
        if not same and opens and duty.kind is not ObligationKind.STEP and _is_wanted(session, there, duty.kind):
            opened = owe(session, now, into, there, duty.kind, due)
            if opened is not None:
                opened.what = duty.what
                session.add(opened)
