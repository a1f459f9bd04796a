"""Cases that have ended, and what becomes of their words. Reads only."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from actions.cast import case_of
from actions.policy import policies_of, today_of, zone_of
from actions.restoring import MOVE as BROUGHT_BACK
from models.breach import Breach
from models.complaint import Complaint
from models.history import History, Narrative
from models.obligation import Obligation
from models.outbox import ON_THEIR_WAY, Delivery, Message
from models.protocol import Protocol
from models.protocol_file.policies import RetentionPolicy
from models.protocol_file.values import UNSPECIFIED
from rules.breach import Stage as BreachStage
from rules.complaint import Stage as ComplaintStage
from rules.instants import local_day
from rules.periods import Period, parse_period
from rules.retention import EMPTIED, KEPT, KEPT_NO_LONGER, NOTICE, Ended, goes, last_day, said_of

# Its words are still needed.
MAY_GO_AGAIN = (*ON_THEIR_WAY, Delivery.IN_DOUBT)


class Retained(NamedTuple):
    """`goes_after`: None where the protocol does not say. `said`: what becomes of its words."""

    case: str
    ended_on: date
    goes_after: date | None
    held: bool
    said: str


class Emptied(NamedTuple):
    case: str
    at: datetime
    ended_on: date
    kept: str
    texts: int
    messages: int


def periods_of(protocol: Protocol) -> dict[str, Period | None]:
    """For how long words are kept, by the kind of case; None where nothing is said."""
    stated = policies_of(protocol).retention
    said = {"breach": stated.breaches, "complaint": stated.complaints}
    return {kind: None if each == UNSPECIFIED else parse_period(each) for kind, each in said.items()}


def cases_to_empty(session: Session, protocol: Protocol, now: datetime) -> list[str]:
    """Whose words have been kept for as long as the protocol says, the first to end first."""
    today, changed_on = today_of(protocol, now), changed_last(session, protocol)
    found = [
        (ended.on, ended.case)
        for kind, kept in periods_of(protocol).items()
        if kept is not None
        for ended in ended_cases(session, protocol, kind)
        if goes(ended, kept, today, changed_on)
    ]
    return [case for _, case in sorted(found)]


def changed_last(session: Session, protocol: Protocol) -> date | None:
    """When the protocol's periods were last changed, by its file; or the store was brought back from a backup, which
    knows neither of a period that was put right since nor of words that somebody has kept since."""
    rows = session.exec(
        select(History)
        .where(History.case == case_of(protocol), col(History.what).in_(("policies changed by file", BROUGHT_BACK)))
        .order_by(col(History.id).desc())
    )
    for row in rows:
        if row.what == BROUGHT_BACK or _said_in(row.details["before"]) != _said_in(row.details["after"]):
            return local_day(row.at, zone_of(protocol))
    return None


def _said_in(policies: dict[str, Any]) -> RetentionPolicy:
    return RetentionPolicy.model_validate(policies.get("retention", {}))


def nothing_goes_until(session: Session, protocol: Protocol, now: datetime) -> date | None:
    """The last day on which a change of the period, or a restore, is only noticed; None where there is no such day
    ahead."""
    changed_on = changed_last(session, protocol)
    until = changed_on + NOTICE if changed_on is not None else None
    return until if until is not None and today_of(protocol, now) <= until else None


def retained(session: Session, protocol: Protocol) -> list[Retained]:
    """What has ended and has its words, whoever's turn is next first."""
    found = []
    for kind, kept in periods_of(protocol).items():
        for ended in ended_cases(session, protocol, kind):
            until = None if kept is None else last_day(ended.on, kept)
            found.append(Retained(ended.case, ended.on, until, ended.held, said_of(ended, kept)))
    return sorted(found, key=lambda each: (each.held, each.goes_after or date.max, each.ended_on, each.case))


def ended_cases(session: Session, protocol: Protocol, kind: str, number: int | None = None) -> Iterator[Ended]:
    """All that have ended and have words, or the one of that number. What was written after they had gone is kept for
    as long again. What was merged goes with the breach in which it went on."""
    zone, held = zone_of(protocol), held_now(session, None if number is None else f"{kind}:{number}")
    for case, ended_at, written_at, busy in session.execute(_ended(kind, protocol, number)):
        yield Ended(case, local_day(written_at or ended_at, zone), bool(busy), case in held)


def _ended(kind: str, protocol: Protocol, number: int | None) -> sa.Select[Any]:
    of = Breach if kind == "breach" else Complaint
    over = col(Breach.stage) == BreachStage.CLOSED if of is Breach else col(Complaint.stage) == ComplaintStage.CLOSED
    case = sa.literal(f"{kind}:") + sa.cast(col(of.id), sa.String)
    owed = sa.exists().where(col(Obligation.case) == case, col(Obligation.outcome).is_(None))
    sent = sa.exists().where(col(Message.case) == case, col(Message.state).in_(MAY_GO_AGAIN))
    emptied = (
        sa.select(sa.func.max(col(History.id)))
        .where(col(History.case) == case, col(History.what) == EMPTIED, col(History.at) >= col(of.ended_at))
        .correlate(of)
        .scalar_subquery()
    )
    later = aliased(History)
    written_at = (
        sa.select(sa.func.max(col(later.at)))
        .join(Narrative, col(Narrative.id) == later.why_id)
        .where(col(later.case) == case, col(later.id) > emptied, col(Narrative.text).is_not(None))
        .correlate(of)
        .scalar_subquery()
    )
    found = sa.select(case, col(of.ended_at), written_at, sa.or_(owed, sent)).where(
        col(of.protocol_id) == protocol.id, over, col(of.ended_at).is_not(None),
        sa.or_(emptied.is_(None), written_at.is_not(None)),
    )  # fmt: skip
    if of is Breach:
        found = found.where(col(Breach.merged_into_id).is_(None))
    return found.order_by(col(of.id)) if number is None else found.where(col(of.id) == number)


def held_now(session: Session, case: str | None = None) -> set[str]:
    """By the newest word on each, or on the one case."""
    said = select(History.case, History.what).where(col(History.what).in_((KEPT, KEPT_NO_LONGER)))
    if case is not None:
        said = said.where(History.case == case)
    rows = session.exec(said.order_by(col(History.id)))
    return {case for case, what in dict(rows.all()).items() if what == KEPT}


def emptied_cases(session: Session, protocol: Protocol, most: int | None = None) -> list[Emptied]:
    """The record of what went, the newest first; `most` of them, or all."""
    of = col(History.details)["protocol"].as_string() == protocol.slug
    rows = session.exec(select(History).where(History.what == EMPTIED, of).order_by(col(History.id).desc()).limit(most))
    return [
        Emptied(
            row.case, row.at, date.fromisoformat(row.details["ended_on"]), str(parse_period(row.details["kept"])),
            row.details["texts"], row.details["messages"],
        )
        for row in rows
    ]  # fmt: skip
