"""What stands against ending a breach as none, or as one that was followed up, and against saying that it does not
concern a party: no single reason sets aside what somebody has concluded, or owes by law."""

from collections.abc import Iterator
from datetime import datetime

from sqlmodel import Session, col, select

from actions.breaches.facts import newest_conclusion
from actions.breaches.moving import follow_ups_of
from actions.breaches.statutory import open_duties_of
from models.breach import Breach, BreachDuty, BreachOutcome, FollowUp, FollowUpEnd
from models.protocol import Party
from rules.breach_duties import DutyKind, Risk
from rules.errors import Refused
from rules.sentences import listed

TOLD = {
    DutyKind.REGULATOR: "the regulator has been notified",
    DutyKind.CONTROLLER: "its controller has been told",
    DutyKind.PEOPLE: "the people concerned have been told",
}

OWED = {
    DutyKind.REGULATOR: "still has to notify the regulator, or to conclude that it need not",
    DutyKind.CONTROLLER: "still has to tell its controller",
    DutyKind.PEOPLE: "still has to tell the people concerned",
}
FOLLOWED_UP = frozenset({FollowUpEnd.COMPLETE, FollowUpEnd.LEFT})
# What was concluded there stands elsewhere, or was answered with the whole case.
ANSWERED_ELSEWHERE = frozenset({FollowUpEnd.MERGED, FollowUpEnd.NOT_A_BREACH})


class NobodyFollowedUp(Refused):
    def __init__(self, breach: Breach) -> None:
        super().__init__(
            f"Breach {breach.id} cannot close as followed up: no party has completed a follow-up of it. Say that it "
            f"was none with `concordat breach end {breach.id} not-a-breach --because TEXT`, or add the right party "
            f"with `concordat breach affect {breach.id} PARTY --because TEXT`."
        )


class ConcludedOtherwise(Refused):
    """`why` holds a clause for each thing that stands against an early end."""

    def __init__(self, breach: Breach, outcome: BreachOutcome, why: list[str]) -> None:
        super().__init__(
            f"Breach {breach.id} cannot end as “{outcome}” while {'; '.join(why)}. Whoever concluded so concludes anew "
            f"first (`concordat breach conclude {breach.id} PARTY RISK --because TEXT`), or what is required is done "
            "or recorded as not required. What stands of a party that has left stays: once the others have finished, "
            f"the breach closes as followed up (`concordat breach close {breach.id}`)."
        )


class ConcernsIt(Refused):
    """`why` holds a clause for each thing that the party has concluded, or owes by law."""

    def __init__(self, breach: Breach, party: Party, why: list[str]) -> None:
        super().__init__(
            f"Breach {breach.id} concerns {party.name} while {'; '.join(why)}. If that is wrong, conclude anew first "
            f"(`concordat breach conclude {breach.id} {party.slug} RISK --because TEXT`), or record what is required "
            "as done or as not required."
        )


class HasTold(Refused):
    def __init__(self, breach: Breach, party: Party, told: list[str]) -> None:
        super().__init__(
            f"It cannot be said any more that breach {breach.id} does not concern {party.name}: {listed(told)}. Record "
            f"what is left, and finish its follow-up (`concordat breach finish {breach.id} {party.slug}`)."
        )


def require_not_concerned(session: Session, now: datetime, breach: Breach, follow_up: FollowUp) -> None:
    """Raises HasTold, ConcernsIt."""
    party = session.get_one(Party, follow_up.party_id)
    if tellings := told(session, breach, follow_up):
        raise HasTold(breach, party, tellings)
    if stands := list(stands_of(session, now, follow_up)):
        raise ConcernsIt(breach, party, stands)


def told(session: Session, breach: Breach, by: FollowUp | None = None) -> list[str]:
    """Whoever has told the regulator or people of it has held it to be a breach; `by` one party, or by any."""
    statement = (
        select(BreachDuty.kind, Party.name)
        .join(FollowUp, col(FollowUp.id) == BreachDuty.follow_up_id)
        .join(Party, col(Party.id) == FollowUp.party_id)
        .where(FollowUp.breach_id == breach.id, col(BreachDuty.kind).in_(TOLD), col(BreachDuty.done_at).is_not(None))
        .order_by(col(BreachDuty.id))
    )
    if by is not None:
        statement = statement.where(FollowUp.id == by.id)
    return [f"{TOLD[DutyKind(kind)]} by {name}" for kind, name in session.exec(statement)]


def was_followed_up(session: Session, breach: Breach) -> bool:
    """By a party that has finished or has left since, or has told somebody: then it cannot end as no breach either.

    Of a breach that nobody has followed yet the stage says why it cannot close.
    """
    ends = {each.end for each in follow_ups_of(session, breach)}
    return not ends or bool(ends & FOLLOWED_UP) or bool(told(session, breach))


def stands_against(session: Session, now: datetime, breach: Breach) -> Iterator[str]:
    """Leaving the protocol answers nothing of it, nor did saying that the breach does not concern a party."""
    for follow_up in follow_ups_of(session, breach):
        if follow_up.end not in ANSWERED_ELSEWHERE:
            yield from stands_of(session, now, follow_up)


def stands_of(session: Session, now: datetime, follow_up: FollowUp) -> Iterator[str]:
    """What one party has concluded, or owes by law. Of one that has ended, not what nobody had decided by then."""
    name, concluded = session.get_one(Party, follow_up.party_id).name, newest_conclusion(session, follow_up)
    if concluded is not None and concluded.risk.at_least(Risk.LIKELY):
        yield f"{name} concludes that the risk to people is {concluded.risk}"
    for duty in open_duties_of(session, follow_up):
        overdue = follow_up.ended_at is None and duty.due_at is not None and duty.due_at < now
        if duty.kind in OWED and (duty.required or overdue):
            yield f"{name} {OWED[duty.kind]}"
