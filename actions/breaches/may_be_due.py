"""Which breaches the clock has to look at: open ones, and closed ones after which a local action goes on.

What people do ends with `settle`, which takes every step that follows from it. What is left to the clock is what no
action on the breach itself has brought about: that it was reported, that somebody who owes something in it cannot be
asked any more, that a party has joined since. Looking at every open breach would cost a sweep a millisecond each.
"""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, bindparam
from sqlmodel import Session, col, func, or_, select

from actions.policy import today_of, zone_of
from actions.watching import last_ended
from models.breach import Breach
from models.lists import one_of
from models.obligation import Obligation
from models.protocol import Contact, Party, Protocol
from rules.breach import Stage
from rules.instants import end_of_day

# A party that joined is looked for so long before the last sweep: what that sweep could not take is tried again.
JOINED_BEFORE = timedelta(days=31)
CASE = "breach:"


def may_be_due(session: Session, now: datetime) -> list[int]:
    """In the order of their reports; a few queries, however many are open."""
    others = [*_stood_in_for(session, now), *_reported_before_somebody_joined(session, now)]
    found = select(Breach.id).where(or_(_REPORTED, *others)).order_by(col(Breach.id)) if others else _JUST_REPORTED
    return [number for number in session.exec(found) if number]


_REPORTED = col(Breach.stage) == Stage.REPORTED
# Every sweep asks these, and mostly finds nothing: to build them anew took longer than the databases did.
_JUST_REPORTED = select(Breach.id).where(_REPORTED).order_by(col(Breach.id))
_UNREACHABLE = select(Contact.id).where(
    or_(col(Contact.bounced_at).is_not(None), col(Contact.away_until) >= bindparam("since"))
)
_PROTOCOLS = select(Protocol)
_NEWEST_JOINED = select(func.max(Party.joined_on)).where(
    Party.protocol_id == bindparam("of"), col(Party.joined_on).between(bindparam("since"), bindparam("until"))
)


def still_open(session: Session) -> list[int]:
    """Every one; `may_be_due` finds among them all for which the clock has a step."""
    numbers = session.exec(select(Breach.id).where(Breach.stage != Stage.CLOSED).order_by(col(Breach.id)))
    return [number for number in numbers if number]


def _stood_in_for(session: Session, now: datetime) -> Iterator[ColumnElement[bool]]:
    """Somebody owes something in it, perhaps after its end, who is away by anybody's calendar, or whose address has
    bounced. They may be the secretary, and whoever is back at the party is asked again."""
    since = (now - timedelta(days=1)).date()
    if not (unreachable := session.exec(_UNREACHABLE, params={"since": since}).all()):
        return
    owing = select(Obligation.case).where(
        col(Obligation.outcome).is_(None), one_of(session, Obligation.contact_id, unreachable),
        (col(Obligation.case) + "").startswith(CASE),  # by no index of cases: breaches may be most of them
    )  # fmt: skip
    if numbers := sorted({int(case.removeprefix(CASE)) for case in session.exec(owing)}):
        yield one_of(session, Breach.id, numbers)


def _reported_before_somebody_joined(session: Session, now: datetime) -> Iterator[ColumnElement[bool]]:
    """It may name a party that was none yet."""
    last = last_ended(session)
    for protocol in session.exec(_PROTOCOLS).all():
        since = date.min if last is None else today_of(protocol, last - JOINED_BEFORE)
        among = {"of": protocol.id, "since": since, "until": today_of(protocol, now)}
        if newest := session.exec(_NEWEST_JOINED, params=among).one():
            before = end_of_day(newest, zone_of(protocol))
            yield (
                (col(Breach.stage) != Stage.CLOSED)
                & (Breach.protocol_id == protocol.id)
                & (Breach.reported_at < before)
            )
