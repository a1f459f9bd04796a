"""Obligations: opened, discharged, extended, waived, delegated. One mechanism for every process."""

from collections.abc import Iterable
from datetime import date, datetime

from sqlmodel import Session, col, func, select

from actions.cast import contact_at, known_id, lead_of
from actions.policy import ladder_of, zone_of
from actions.telling import tell
from models import history
from models.obligation import Obligation, ObligationKind, Outcome, Reminder
from models.protocol import Contact, Party, Protocol, Role
from models.store import insert_unless_there
from notifications.messages import Duty, DutyDelegated, DutyExtended, DutyWaived
from rules.errors import Refused
from rules.instants import end_of_day, local_day, zone_named
from rules.ladders import next_rung_instant
from rules.sentences import written_day

WHAT = {
    ObligationKind.FEEDBACK: "send feedback on the protocol, or say that you have no comments",
    ObligationKind.DRAFTING: "group the proposals and mark each minor or major",
    ObligationKind.ADVICE: "advise on a major proposal",
    ObligationKind.DECISION: "record what the steering group decided",
    ObligationKind.SIGNATURE: "sign the new version, or say why you decline",
    ObligationKind.CONFIRMATION: "confirm that the procedures are in place",
    ObligationKind.IMPLEMENTATION: "put in place what was “not yet” in your confirmation",
}


class AlreadyDischarged(Refused):
    def __init__(self, obligation: Obligation) -> None:
        super().__init__(f"Nothing is owed any more: {obligation.key} was {obligation.outcome}.")


class ReasonNeeded(Refused):
    def __init__(self, what: str) -> None:
        super().__init__(f"Give a reason: {what} is recorded with why (`--because`).")


class NotLater(Refused):
    def __init__(self, due_on: date) -> None:
        super().__init__(f"An extension gives a later day than {written_day(due_on)}.")


class NoDeputy(Refused):
    def __init__(self, party: Party) -> None:
        super().__init__(f"{party.name} has named no deputy: add one with `concordat contact set`.")


def open_obligation(
    session: Session,
    now: datetime,
    protocol: Protocol,
    *,
    key: str,
    case: str,
    kind: ObligationKind,
    contact: Contact,
    due_on: date,
    party: Party | None = None,
    subject: str | None = None,
) -> Obligation | None:
    """From now on `contact` owes it. None when that key has been opened before: done is a row."""
    zone = zone_of(protocol)
    obligation = Obligation(
        key=key,
        protocol_id=known_id(protocol),
        case=case,
        kind=kind,
        subject=subject,
        party_id=party.id if party else None,
        contact_id=known_id(contact),
        nation=party.nation if party else protocol.nation,
        zone=protocol.zone,
        ladder=kind.value,
        opened_at=now,
        due_on=due_on,
        due_at=end_of_day(due_on, zone),
    )
    obligation.next_at = next_look(session, protocol, obligation)
    if not insert_unless_there(session, obligation):
        return None
    return session.get_one(Obligation, obligation.id)


def next_look(session: Session, protocol: Protocol, obligation: Obligation) -> datetime | None:
    """When the clock must look at this obligation again."""
    return next_rung_instant(
        ladder_of(protocol, obligation.kind),
        due_day=obligation.due_on,
        nation=obligation.nation,
        zone=zone_named(obligation.zone),
        taken=taken_rungs(session, obligation),
    )


def taken_rungs(session: Session, obligation: Obligation) -> frozenset[str]:
    if obligation.id is None:
        return frozenset()
    return frozenset(session.exec(select(Reminder.rung).where(Reminder.obligation_id == obligation.id)))


def owed(session: Session, case: str, kind: ObligationKind) -> list[Obligation]:
    """What is still owed in a case, locked for this transaction."""
    statement = select(Obligation).where(
        Obligation.case == case, Obligation.kind == kind, col(Obligation.outcome).is_(None)
    )
    return list(session.exec(statement.order_by(col(Obligation.id)).with_for_update()))


def numbered_key(session: Session, case: str, kind: ObligationKind, about: str = "") -> str:
    """The next key of that kind in a case whose work may come back: `review:3:decision:2`."""
    stem = ":".join(filter(None, (case, kind.value, about)))
    known = session.exec(select(func.count()).where(col(Obligation.key).startswith(f"{stem}:"))).one()
    return f"{stem}:{known + 1}"


def owed_by(session: Session, case: str, kind: ObligationKind, party: Party) -> list[Obligation]:
    return [duty for duty in owed(session, case, kind) if duty.party_id == party.id]


def discharge(
    session: Session,
    now: datetime,
    duties: Iterable[Obligation],
    outcome: Outcome,
    by: str,
    why: str | None = None,
) -> int:
    """End them with that outcome; those that have ended already stay as they are. Answers how many ended now."""
    ended = 0
    for duty in duties:
        if duty.outcome is not None:
            continue
        duty.outcome, duty.discharged_at, duty.discharged_by, duty.next_at = outcome, now, by, None
        duty.why_id = history.narrate(session, why) if why else None
        session.add(duty)
        ended += 1
    session.flush()
    return ended


def described(session: Session, duty: Obligation, now: datetime) -> Duty:
    """The duty as a message speaks of it. Overdue is computed here, never stored."""
    party = session.get(Party, duty.party_id) if duty.party_id else None
    return Duty(
        kind=duty.kind.value,
        party=party.name if party else "the steering group",
        due_on=duty.due_on,
        overdue=now >= duty.due_at,
        what=WHAT[duty.kind],
    )


def extend(session: Session, now: datetime, duty: Obligation, due_on: date, by: str, because: str) -> None:
    """A later day, with a reason; everyone concerned is told; rungs already taken are not taken again."""
    protocol, previous = _still_owed(session, duty, because, "an extension"), duty.due_on
    if due_on == previous:
        return  # the same order given twice
    if due_on < previous or due_on < local_day(now, zone_named(duty.zone)):
        raise NotLater(previous)
    duty.due_on, duty.due_at = due_on, end_of_day(due_on, zone_named(duty.zone))
    duty.next_at = next_look(session, protocol, duty)
    session.add(duty)
    history.write(
        session, duty.case, now, by, "extended", why=because, obligation=duty.key,
        previous=previous.isoformat(), due_on=due_on.isoformat(),
    )  # fmt: skip
    described_duty = described(session, duty, now)
    for contact in _concerned(session, duty):
        tell(
            session, now, protocol, contact, duty.case, f"{duty.key}:extended:{due_on}:contact-{contact.id}",
            lambda h: DutyExtended(**h, duty=described_duty, previous_due_on=previous, because=because),
            about=[duty],
        )  # fmt: skip


def waive(session: Session, now: datetime, duty: Obligation, by: str, because: str) -> None:
    """Nobody has to do it any more, and why. Waiving twice does nothing."""
    if duty.outcome is Outcome.WAIVED:
        return
    protocol = _still_owed(session, duty, because, "a waiver")
    described_duty = described(session, duty, now)
    concerned = _concerned(session, duty)
    discharge(session, now, [duty], Outcome.WAIVED, by, because)
    history.write(session, duty.case, now, by, "waived", why=because, obligation=duty.key)
    for contact in concerned:
        tell(
            session, now, protocol, contact, duty.case, f"{duty.key}:waived:contact-{contact.id}",
            lambda h: DutyWaived(**h, duty=described_duty, because=because), about=[duty],
        )  # fmt: skip


def delegate(session: Session, now: datetime, duty: Obligation, by: str, because: str) -> None:
    """The party's deputy is asked instead of its lead member; both are told."""
    protocol = _still_owed(session, duty, because, "a delegation")
    party = session.get_one(Party, duty.party_id) if duty.party_id else None
    deputy = contact_at(session, party, Role.DEPUTY) if party else None
    if party is None or deputy is None:
        raise NoDeputy(party) if party else AlreadyDischarged(duty)
    if duty.contact_id == deputy.id:
        return
    lead = lead_of(session, party)
    duty.contact_id = known_id(deputy)
    session.add(duty)
    history.write(session, duty.case, now, by, "delegated to the deputy", why=because, obligation=duty.key)
    described_duty = described(session, duty, now)
    for contact in (lead, deputy):
        is_delegate = contact.id == deputy.id
        tell(
            session, now, protocol, contact, duty.case, f"{duty.key}:delegated:contact-{contact.id}",
            lambda h, is_delegate=is_delegate: DutyDelegated(  # type: ignore[misc]
                **h, duty=described_duty, to_role=Role.DEPUTY.value, because=because, is_delegate=is_delegate
            ),
            about=[duty], only_while_owed=is_delegate,
        )  # fmt: skip


def _still_owed(session: Session, duty: Obligation, because: str, what: str) -> Protocol:
    if duty.outcome is not None:
        raise AlreadyDischarged(duty)
    if not because.strip():
        raise ReasonNeeded(what)
    return session.get_one(Protocol, duty.protocol_id)


def _concerned(session: Session, duty: Obligation) -> list[Contact]:
    """Whoever owes it, and the deputy where there is one who has been asked or will be."""
    concerned = [session.get_one(Contact, duty.contact_id)]
    party = session.get(Party, duty.party_id) if duty.party_id else None
    deputy = contact_at(session, party, Role.DEPUTY) if party else None
    if deputy is not None and deputy.id != duty.contact_id:
        concerned.append(deputy)
    return concerned
