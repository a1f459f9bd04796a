"""What a party's own procedure asks of what the law or the protocol asks as well, and by when.

The step that restates such a duty is never opened as a step: the duty stands for it, by the earlier of the dates.
"""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlmodel import Session

from actions.breaches.facts import facts_of, known_to
from actions.breaches.moving import protocol_of
from actions.breaches.procedures import procedure_of
from actions.breaches.steps import due_of_step, views_of
from actions.breaches.windows import Counted
from actions.policy import allowance_of, zone_of
from models.breach import Breach, FollowUp
from models.obligation import ObligationKind
from models.protocol import Protocol
from rules.breach_duties import DutyKind
from rules.instants import elapsed, end_of_day
from rules.procedure_conditions import ask
from rules.procedure_steps import StepState

TELLS = {
    ObligationKind.TELLING_PEOPLE: DutyKind.PEOPLE,
    ObligationKind.TELLING_PARTNERS: DutyKind.PARTNERS,
}

# Why partners have to be told, or not.
CLOCK_FOR_PARTNERS = "the protocol sets a clock between partners"
AT_ONCE_FOR_PARTNERS = "the protocol asks that partners are told immediately"
NO_CLOCK_FOR_PARTNERS = "the protocol sets no clock between partners; those the report names have been told"
ASKS_FOR_PARTNERS = "the procedure that the party follows asks for it"
ASKS_FOR_NO_PARTNERS = (
    "the protocol sets no clock between partners, and by the facts as they are now the procedure that the party "
    "follows does not ask for it"
)


def asks_for(session: Session, breach: Breach, follow_up: FollowUp, kind: DutyKind) -> bool:
    """Whether a step restates the duty; one whose condition nobody can answer yet counts, until it is known."""
    known = known_to(session, facts_of(session, breach), follow_up)
    steps = [step for step in procedure_of(session, follow_up).steps.values() if step.duty == kind]
    return any(step.when is None or ask(step.when, known).truth is not False for step in steps)


def own_limits(
    session: Session, breach: Breach, follow_up: FollowUp, kind: DutyKind, opened: datetime
) -> list[datetime | date]:
    """By the steps that restate the duty. `opened` is when it was first owed: what counts from a step's opening counts
    from then. A limit in working days that nobody can count yet is no reason to have none."""
    views, found = views_of(session, breach, follow_up), list[datetime | date]()
    for step in procedure_of(session, follow_up).steps.values():
        if step.duty != kind or views[step.id].state is StepState.NOT_NEEDED:
            continue
        due = due_of_step(session, opened, breach, follow_up, step)
        found += [due.due] if due is not None else []
    return found


def earlier(zone: ZoneInfo, *dues: datetime | date) -> datetime | date:
    """The one that ends first; the first of those that end together."""
    return min(dues, key=lambda due: ends_of(zone, due))


def ends_of(zone: ZoneInfo, due: datetime | date) -> datetime:
    return due if isinstance(due, datetime) else end_of_day(due, zone)


def why_partners(session: Session, follow_up: FollowUp, clock: Counted | None, asks: bool) -> str:
    if clock is not None and clock.without_figure:
        return AT_ONCE_FOR_PARTNERS
    if clock is not None:
        return f"{CLOCK_FOR_PARTNERS}. {clock.doubt}" if clock.doubt else CLOCK_FOR_PARTNERS
    if asks:
        return ASKS_FOR_PARTNERS
    restated = any(step.duty == DutyKind.PARTNERS for step in procedure_of(session, follow_up).steps.values())
    return ASKS_FOR_NO_PARTNERS if restated else NO_CLOCK_FOR_PARTNERS


def partners_limit(
    session: Session, now: datetime, breach: Breach, follow_up: FollowUp, clock: Counted | None
) -> Counted:
    protocol, own = protocol_of(session, breach), own_limits(session, breach, follow_up, DutyKind.PARTNERS, now)
    if clock is None and not own:
        return Counted(asked_again_at(protocol, now))
    if clock is not None and clock.without_figure and own:
        clock = None  # only a figure is a deadline
    due = earlier(zone_of(protocol), *([clock.due] if clock else []), *own)
    return clock if clock is not None and due == clock.due else Counted(due)


def asked_again_at(protocol: Protocol, opened_at: datetime) -> datetime:
    """By when Concordat asks again for what has no figure of its own: nobody's deadline."""
    return elapsed(opened_at, 0, allowance_of(protocol, "undue_delay").count)


def asked_again_for(protocol: Protocol, kind: ObligationKind, opened_at: datetime) -> tuple[datetime, ...]:
    """As `asked_again_at`; of partners also where the protocol asks that they are told immediately."""
    at_once = allowance_of(protocol, "immediately").count
    also = (elapsed(opened_at, 0, at_once),) if kind is ObligationKind.TELLING_PARTNERS else ()
    return (asked_again_at(protocol, opened_at), *also)
