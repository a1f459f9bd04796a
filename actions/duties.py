"""Obligations: found, described, ended. One mechanism for every process; they are opened in `duty_opening`."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime

from sqlalchemy import ColumnElement, bindparam
from sqlmodel import Session, col, func, select

from actions.cast import known_id
from actions.duty_opening import (
    EitherDayOrInstant,
    Opening,
    limit_of,
    next_look,
    open_obligation,
    open_obligations,
    taken_rungs,
)
from actions.looking import rungs_taken
from models import history
from models.lists import one_of, set_each
from models.obligation import Obligation, ObligationKind, Outcome
from models.protocol import Party, Protocol
from models.remembering import remembered
from models.store import is_postgres
from rules.instants import zone_named

__all__ = [
    "WHAT", "EitherDayOrInstant", "Opening", "discharge", "extended_in", "look_again", "next_look",
    "note_ended", "numbered_key", "numbered_keys", "open_obligation", "open_obligations", "owed", "owed_by", "said_of",
    "set_due", "still_owed", "taken_rungs",
]  # fmt: skip

WHAT = {
    ObligationKind.FEEDBACK: "send feedback on the protocol, or say that you have no comments",
    ObligationKind.DRAFTING: "group the proposals and mark each minor or major",
    ObligationKind.ADVICE: "advise on a major proposal",
    ObligationKind.DECISION: "record what the steering group decided",
    ObligationKind.SIGNATURE: "sign the new version, or say why you decline",
    ObligationKind.CONFIRMATION: "confirm that the procedures are in place",
    ObligationKind.IMPLEMENTATION: "put in place what was “not yet” in your confirmation",
    ObligationKind.ASSESSMENT: "assess the breach: what it concerns, how serious it is, and since when you have known",
    ObligationKind.STEP: "take the next step of the procedure",
    ObligationKind.NOTICE: "notify the Information Commissioner of the breach, or record why that is not required",
    ObligationKind.TELLING_PEOPLE: "tell the people concerned without undue delay, or record why that is not required",
    ObligationKind.TELLING_PARTNERS: "tell the partners concerned of the breach",
    ObligationKind.HOLD: "look again whether telling the people concerned must still wait",
    ObligationKind.LEARNING: "record what was learned from the breach",
    ObligationKind.LOCAL_ACTION: "put in place what was agreed after the breach",
    ObligationKind.ACKNOWLEDGEMENT: "acknowledge the complaint, or answer it",
    ObligationKind.PROGRESS: "tell whoever complained how far it is",
    ObligationKind.ANALYSIS: "answer the four questions about the complaint",
    ObligationKind.SECOND_READING: "read the determination of the complaint, and say whether you agree",
    ObligationKind.RECHECK: "say whether the new version would cover the complaint",
}

WITH_OWN_WORDS = {
    ObligationKind.NOTICE: "telling the controller",  # of a processor
    ObligationKind.LEARNING: "finishing",  # the lesson stands
}


def set_due(session: Session, now: datetime, protocol: Protocol, duty: Obligation, due: date | datetime) -> None:
    """Another last day, or another instant. Rungs already taken are not taken again."""
    counted_to = due if isinstance(due, datetime) else None
    duty.due_on, duty.due_at, duty.exact = limit_of(None if counted_to else due, counted_to, zone_named(duty.zone))
    duty.next_at = next_look(session, protocol, duty, now)
    session.add(duty)


def look_again(session: Session, now: datetime, protocol: Protocol) -> None:
    """The ladders are others now: whatever is owed is looked at when the new ones say.

    Each ladder is asked once, however many stand on one rung.
    """
    is_owed = (Obligation.protocol_id == protocol.id, col(Obligation.outcome).is_(None))
    history.hold(session, *session.exec(select(Obligation.case).where(*is_owed).distinct()))  # before any row of theirs
    duties = session.exec(select(Obligation).where(*is_owed).order_by(col(Obligation.id)).with_for_update()).all()
    taken = rungs_taken(session, duties)
    looks: dict[tuple[object, ...], datetime | None] = {}
    again = {}
    for duty in duties:
        rungs = frozenset(taken.get(known_id(duty), ()))
        about = (duty.kind, duty.due_on, duty.counted_to, duty.nation, duty.zone, duty.escalate_after, rungs)
        if about not in looks:
            looks[about] = next_look(session, protocol, duty, now)
        again[known_id(duty)] = looks[about]
    set_each(session, Obligation.next_at, again)
    for duty in duties:
        session.expire(duty, ["next_at"])  # it was set behind their back


def owed(session: Session, case: str, *kinds: ObligationKind) -> list[Obligation]:
    """What is still owed in a case, as it is now, locked for this transaction. The case is held by the caller."""
    if not is_postgres(session):
        return [duty for duty in still_owed(session, case) if duty.kind in kinds]
    locked = _STILL_OWED.where(col(Obligation.kind).in_(kinds)).with_for_update()
    return list(session.exec(locked, params={"case": case}))


@remembered(Obligation)
def still_owed(session: Session, case: str) -> Sequence[Obligation]:
    """The same of every kind, read and not locked: the caller holds the case or only looks."""
    return session.exec(_STILL_OWED, params={"case": case}).all()


_STILL_OWED = (
    select(Obligation)
    .where(Obligation.case == bindparam("case"), col(Obligation.outcome).is_(None))
    .order_by(col(Obligation.id))
    .execution_options(populate_existing=True)
)


def still_owed_in(session: Session, cases: Collection[str]) -> Mapping[str, Sequence[Obligation]]:
    """The same in many cases, by case."""
    found: dict[str, list[Obligation]] = defaultdict(list)
    statement = select(Obligation).where(col(Obligation.case).in_(cases), col(Obligation.outcome).is_(None))
    for duty in session.exec(statement.order_by(col(Obligation.id))):
        found[duty.case].append(duty)
    return found


def owed_by(session: Session, case: str, kind: ObligationKind, party: Party) -> list[Obligation]:
    return [duty for duty in owed(session, case, kind) if duty.party_id == party.id]


def numbered_key(session: Session, case: str, kind: ObligationKind, about: str = "") -> str:
    """The next key of that kind in a case whose work may come back: `review:3:decision:2`."""
    return numbered_keys(session, [case], kind, about)[case]


def numbered_keys(session: Session, cases: Sequence[str], kind: ObligationKind, about: str = "") -> dict[str, str]:
    """The same in many cases, by case. Counted within the case alone: a key's beginning is no index's."""
    after = ":".join(["", *filter(None, (kind.value, about)), ""])
    begun = col(Obligation.key).startswith(col(Obligation.case) + after)
    counted = select(Obligation.case, func.count()).where(one_of(session, Obligation.case, cases), begun)
    known = dict(session.exec(counted.group_by(Obligation.case)).all())
    return {case: f"{case}{after}{known.get(case, 0) + 1}" for case in cases}


def discharge(
    session: Session,
    now: datetime,
    duties: Iterable[Obligation],
    outcome: Outcome,
    by: str,
    why: str | None = None,
) -> int:
    """End them with that outcome; those that have ended already stay as they are. Answers how many ended now."""
    ending = [duty for duty in duties if duty.outcome is None]
    why_id = history.narrate(session, why) if why and ending else None
    for duty in ending:
        duty.outcome, duty.discharged_at, duty.discharged_by, duty.next_at = outcome, now, by, None
        duty.why_id = why_id
        session.add(duty)
    session.flush()
    return len(ending)


def note_ended(
    session: Session, now: datetime, duties: Iterable[Obligation], by: str, why: str, besides: str | None = None
) -> None:
    """What ended in a case because of something that happened elsewhere: one row for each, but for `besides`."""
    ended = [duty for duty in duties if duty.case != besides]
    for case in sorted({duty.case for duty in ended}):
        there = [duty for duty in ended if duty.case == case]
        history.write(
            session, case, now, by, "duties ended", why=why,
            duties=[[duty.key, str(duty.outcome)] for duty in there],
        )  # fmt: skip


def kind_as_said(duty: Obligation) -> str:
    """What a message says of a duty goes by its kind; of these, where the duty has words of its own, by another."""
    return (WITH_OWN_WORDS.get(duty.kind) if duty.what is not None else None) or duty.kind.value


def extended_in(session: Session, cases: ColumnElement[bool]) -> frozenset[str]:
    """By their keys: what somebody has been given more time for. `cases`: of which history is looked through."""
    rows = session.exec(select(history.History.details).where(cases, history.History.what == "extended"))
    return frozenset(str(details.get("obligation")) for details in rows)


def said_of(duty: Obligation) -> str:
    """What completes “please …”."""
    return duty.what or WHAT[duty.kind]
