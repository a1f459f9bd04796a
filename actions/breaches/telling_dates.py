"""By when the partners and the people concerned are told, where the party's own procedure gives a figure.

The law has none for people (UK GDPR art. 34: without undue delay), and many a protocol none for partners.
"""

from datetime import date, datetime

from sqlmodel import Session

from actions.breaches.following import owed_at
from actions.breaches.moving import follow_ups_of, protocol_of
from actions.breaches.notice_dates import due_of_duty, opened_before
from actions.breaches.own_limits import earlier, own_limits, without_figure
from actions.breaches.steps import extended
from actions.duties import set_due
from actions.policy import zone_of
from models import history
from models.breach import Breach, FollowUp
from models.obligation import Obligation, ObligationKind
from rules.breach_duties import DutyKind

TELLS = {
    ObligationKind.TELLING_PEOPLE: DutyKind.PEOPLE,
    ObligationKind.TELLING_PARTNERS: DutyKind.PARTNERS,
}
KNOWN_BETTER = "what the party's own procedure counts from is known better"


def telling_limit(
    session: Session, now: datetime, breach: Breach, follow_up: FollowUp, kind: ObligationKind
) -> datetime | date | None:
    """What the party's own procedure gives for it; None where it gives no figure, or none that can be counted yet."""
    before = opened_before(session, breach, follow_up, kind)
    limits = own_limits(session, breach, follow_up, TELLS[kind], before[0].opened_at if before else now)
    return earlier(zone_of(protocol_of(session, breach)), *limits) if limits else None


def date_tellings(session: Session, now: datetime, breach: Breach) -> None:
    """What the figure counts from is known now: it counts, and later only ever becomes earlier. What somebody has
    extended stays extended."""
    for follow_up in follow_ups_of(session, breach, still_open=True):
        for kind in TELLS:
            for owed in owed_at(session, breach, follow_up, kind):
                if owed.key not in extended(session, breach):
                    _date(session, now, breach, follow_up, owed)


def _date(session: Session, now: datetime, breach: Breach, follow_up: FollowUp, owed: Obligation) -> None:
    protocol, before = protocol_of(session, breach), due_of_duty(owed)
    limit = telling_limit(session, now, breach, follow_up, owed.kind)
    if limit is None:
        return
    due = limit if before == without_figure(protocol, owed.opened_at) else earlier(zone_of(protocol), before, limit)
    if due != before:
        set_due(session, now, protocol, owed, due)
        history.write(session, breach.case, now, history.CLOCK, "due anew", obligation=owed.key, because=KNOWN_BETTER)
