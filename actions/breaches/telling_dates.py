"""By when the partners and the people concerned are told, where the party's own procedure gives a figure.

The law has none for people (UK GDPR art. 34: without undue delay), and many a protocol none for partners.
"""

from datetime import date, datetime

from sqlmodel import Session

from actions.breaches.moving import follow_ups_of, protocol_of
from actions.breaches.notice_dates import due_of_duty, opened_before
from actions.breaches.own_limits import TELLS, asked_again_for, earlier, ends_of, own_limits
from actions.breaches.statutory import duty_of
from actions.breaches.steps import extended
from actions.duties import owed, set_due
from actions.policy import zone_of
from models import history
from models.breach import Breach, FollowUp
from models.obligation import Obligation, ObligationKind

KNOWN_BETTER = "what the party's own procedure counts from is known better"


def telling_limit(
    session: Session, now: datetime, breach: Breach, follow_up: FollowUp, kind: ObligationKind
) -> datetime | date | None:
    """What the party's own procedure gives for it; None where it gives no figure, none that can be counted yet, or one
    that had passed when it was first owed: nobody is late at once."""
    before, zone = opened_before(session, breach, follow_up, kind), zone_of(protocol_of(session, breach))
    opened = before[0].opened_at if before else now
    limits = own_limits(session, breach, follow_up, TELLS[kind], opened)
    limit = earlier(zone, *limits) if limits else None
    return limit if limit is not None and ends_of(zone, limit) > opened else None


def date_tellings(session: Session, now: datetime, breach: Breach) -> None:
    """What the figure counts from is known now: it counts, and later only ever becomes earlier. What somebody has
    extended stays extended."""
    going_on = {each.party_id: each for each in follow_ups_of(session, breach, still_open=True)}
    for duty in owed(session, breach.case, *TELLS):
        follow_up = going_on.get(duty.party_id or 0)
        if follow_up is not None and duty.key not in extended(session, breach):
            _date(session, now, breach, follow_up, duty)


def _date(session: Session, now: datetime, breach: Breach, follow_up: FollowUp, duty: Obligation) -> None:
    """Letters to people that have waited, for a hold or because nobody had to be told, keep the date they then got."""
    if duty.kind is ObligationKind.TELLING_PEOPLE and len(opened_before(session, breach, follow_up, duty.kind)) > 1:
        return
    protocol, before = protocol_of(session, breach), due_of_duty(duty)
    limit = telling_limit(session, now, breach, follow_up, duty.kind)
    if limit is None:
        return
    ours = () if _has_a_clock(session, follow_up, duty) else asked_again_for(protocol, duty.kind, duty.opened_at)
    due = limit if before in ours else earlier(zone_of(protocol), before, limit)
    if due != before:
        set_due(session, now, protocol, duty, due)
        history.write(session, breach.case, now, history.CLOCK, "due anew", obligation=duty.key, because=KNOWN_BETTER)


def _has_a_clock(session: Session, follow_up: FollowUp, duty: Obligation) -> bool:
    """By the protocol, between partners: a figure, also where Concordat would ask again after just as long."""
    kept = duty_of(session, follow_up, TELLS[duty.kind]) if duty.kind is ObligationKind.TELLING_PARTNERS else None
    return kept is not None and kept.due_at is not None
