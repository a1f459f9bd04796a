"""Who is asked in a complaint: whoever handles complaints at the body that answers it, or the secretary."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple

from sqlmodel import Session, col, select

from actions.breaches.roles import Asked, asked_as
from actions.breaches.windows import Counted
from actions.cast import is_active, officer, secretary_of
from actions.complaints.clocks import acknowledgement_due, analysis_due, note_doubt, progress_due
from actions.complaints.moving import handler_of, nation_of, protocol_of
from actions.complaints.telling import tell_of_duties
from actions.duties import Opening, discharge, numbered_keys, open_obligations, owed
from actions.policy import today_of
from models import history
from models.complaint import Complaint
from models.lists import one_of
from models.obligation import Obligation, ObligationKind, Outcome
from models.protocol import Party, Role
from rules.complaint import STATUTORY, Stage
from rules.working_days import Nation

HANDLES = (Role.COMPLAINTS, Role.DPO, Role.LEAD_MEMBER)
OF_THE_HANDLER = (
    ObligationKind.ACKNOWLEDGEMENT, ObligationKind.PROGRESS, ObligationKind.ANALYSIS, ObligationKind.RECHECK
)  # fmt: skip


def asked_at(session: Session, now: datetime, complaint: Complaint, party: Party | None) -> Asked:
    """Whoever is asked at that party; without one, the secretary of the steering group."""
    if party is None:
        return Asked(secretary_of(session, complaint.protocol_id), "you are the secretary of the steering group")
    return asked_as(session, today_of(protocol_of(session, complaint), now), party, *HANDLES)


class Ask(NamedTuple):
    """What is asked in a complaint, as `ask` takes it."""

    complaint: Complaint
    counted: Counted
    party: Party | None
    asked: Asked
    subject: str | None = None
    what: str | None = None


def ask(
    session: Session, now: datetime, complaint: Complaint, kind: ObligationKind, counted: Counted,
    party: Party | None, subject: str | None = None, what: str | None = None, asked: Asked | None = None,
) -> Obligation | None:  # fmt: skip
    """From now on it is owed there, and they are told. A local action says in `what` that it is one."""
    asked = asked or asked_at(session, now, complaint, party)
    duties = ask_all(session, now, kind, [Ask(complaint, counted, party, asked, subject, what)])
    return duties[0] if duties else None


def ask_all(session: Session, now: datetime, kind: ObligationKind, asks: Sequence[Ask]) -> list[Obligation]:
    """The same in many complaints of one protocol, each once: a few statements, however many they are."""
    keys = numbered_keys(session, [each.complaint.case for each in asks], kind)
    by_key = {keys[each.complaint.case]: each for each in asks}
    opened = open_obligations(
        session, now, protocol_of(session, asks[0].complaint), [_opening(key, kind, by_key[key]) for key in by_key]
    )
    statement = select(Obligation).where(one_of(session, Obligation.id, [each.id for each in opened.values()]))
    duties = list(session.exec(statement.order_by(col(Obligation.id))))
    for duty in duties:
        note_doubt(session, now, by_key[duty.key].complaint, by_key[duty.key].counted, kind)
    tell_of_duties(
        session, now, [(by_key[duty.key].complaint, duty, by_key[duty.key].asked) for duty in duties]
    )  # fmt: skip
    return duties


def _opening(key: str, kind: ObligationKind, ask: Ask) -> Opening:
    assert type(ask.counted.due) is date
    return Opening(
        key=key, case=ask.complaint.case, kind=kind, contact=ask.asked.contact, party=ask.party, subject=ask.subject,
        what=ask.what, due_on=ask.counted.due,
    )  # fmt: skip


def ask_to_acknowledge(session: Session, now: datetime, complaint: Complaint) -> Obligation | None:
    """None where its kind is not acknowledged, it has been, or nobody can be told."""
    handler, nation = handler_of(session, complaint), nation_of(session, complaint)
    due = _to_acknowledge(session, complaint, nation)
    if due is None or complaint.acknowledged_at is not None or complaint.untold_id is not None:
        return None
    return ask(session, now, complaint, ObligationKind.ACKNOWLEDGEMENT, due, handler)


def _to_acknowledge(session: Session, complaint: Complaint, nation: Nation) -> Counted | None:
    """The day that was told in that nation before: one that was extended, or counted before its bank holidays were
    published, is not counted anew because somebody else has the complaint. Of a kind that the Act does not know, a day
    that was given in another nation is not taken back either. What was asked for once is owed, whatever policy says
    since."""
    asked = select(Obligation).where(
        Obligation.case == complaint.case, Obligation.kind == ObligationKind.ACKNOWLEDGEMENT
    )
    before = list(session.exec(asked))
    counted = acknowledgement_due(session, complaint, nation)
    if days := [duty.due_on for duty in before if duty.nation is nation]:
        return Counted(max(days))
    if counted is None or complaint.kind in STATUTORY or not before:
        return Counted(max(duty.due_on for duty in before)) if counted is None and before else counted
    assert type(counted.due) is date
    return Counted(max(counted.due, *(duty.due_on for duty in before)), counted.unknown)


def ask_for_progress(session: Session, now: datetime, complaint: Complaint, since: datetime) -> Obligation | None:
    handler, nation = handler_of(session, complaint), nation_of(session, complaint)
    due = progress_due(session, complaint, since, nation)
    if due is None or complaint.told_at is not None or complaint.untold_id is not None:
        return None
    return ask(session, now, complaint, ObligationKind.PROGRESS, due, handler)


def ask_for_analysis(session: Session, now: datetime, complaints: Sequence[Complaint]) -> None:
    """Whoever handles each."""
    at: dict[int | None, tuple[Party | None, Nation, Asked]] = {}
    asks = []
    for complaint in complaints:
        if complaint.handler_id not in at:
            party = handler_of(session, complaint)
            at[complaint.handler_id] = party, nation_of(session, complaint), asked_at(session, now, complaint, party)
        handler, nation, asked = at[complaint.handler_id]
        asks.append(Ask(complaint, analysis_due(session, now, complaint, nation), handler, asked))
    ask_all(session, now, ObligationKind.ANALYSIS, asks)


def ask_anew(session: Session, now: datetime, complaint: Complaint) -> None:
    """What its stage brings, where it is not owed already: it is analysed again, or somebody else has it now."""
    leave_no_party_that_left(session, now, complaint)
    known = {duty.kind for duty in owed(session, complaint.case, *OF_THE_HANDLER)}
    if ObligationKind.ACKNOWLEDGEMENT not in known:
        ask_to_acknowledge(session, now, complaint)
    if complaint.acknowledged_at is not None and ObligationKind.PROGRESS not in known:
        ask_for_progress(session, now, complaint, now)
    if ObligationKind.ANALYSIS not in known and complaint.stage is Stage.ANALYSING:
        ask_for_analysis(session, now, [complaint])


def leave_no_party_that_left(session: Session, now: datetime, complaint: Complaint) -> None:
    """It was closed when its party left, and is taken up again: nobody is asked there, so the secretary has it."""
    handler = handler_of(session, complaint)
    if handler is not None and not is_active(handler, today_of(protocol_of(session, complaint), now)):
        hand_to_the_secretary(session, now, complaint, handler, history.CLOCK)


def hand_to_the_secretary(session: Session, now: datetime, complaint: Complaint, party: Party, by: str) -> None:
    complaint.handler_id = None
    session.add(complaint)
    history.write(
        session, complaint.case, now, by, "handed to the secretary", why=f"{party.name} has left", party=party.slug
    )


def ask_second_reader(session: Session, now: datetime, complaint: Complaint, subject: str, counted: Counted) -> None:
    """Somebody else than the handler: the secretary, or the adviser where the secretary is the handler."""
    secretary = secretary_of(session, complaint.protocol_id)
    asked = Asked(secretary, "a determination of this kind is read by a second person, and you are the secretary")
    if complaint.handler_id is None:
        adviser = officer(session, complaint.protocol_id, Role.ADVISER)
        asked = Asked(adviser, "a determination of this kind is read by a second person, and you are the adviser")
    ask(session, now, complaint, ObligationKind.SECOND_READING, counted, None, subject=subject, asked=asked)


def move_duties(session: Session, now: datetime, complaint: Complaint, by: str, why: str) -> list[str]:
    """What the handler owed, whoever handles it now owes: by the same day where it was counted from receipt.

    The complaint's handler has been changed by the caller. Answers the keys that have ended.
    """
    moved = owed(session, complaint.case, *OF_THE_HANDLER)
    discharge(session, now, moved, Outcome.SUPERSEDED, by, why)
    handler = handler_of(session, complaint)
    for duty in moved:
        if duty.kind is ObligationKind.ACKNOWLEDGEMENT:
            ask_to_acknowledge(session, now, complaint)
        else:
            ask_for_the_same(session, now, complaint, duty, handler)
    return [duty.key for duty in moved]


def ask_for_the_same(
    session: Session, now: datetime, complaint: Complaint, duty: Obligation, party: Party | None
) -> None:
    """Somebody else owes it now, by the day on which it was owed."""
    ask(session, now, complaint, duty.kind, Counted(duty.due_on), party, subject=duty.subject, what=duty.what)


def end_duties(
    session: Session, now: datetime, complaint: Complaint, outcome: Outcome, by: str, *kinds: ObligationKind,
    why: str | None = None,
) -> None:  # fmt: skip
    discharge(session, now, owed(session, complaint.case, *kinds), outcome, by, why)
