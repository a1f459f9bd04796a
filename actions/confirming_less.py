"""The checklist is shorter: what is no longer on it is owed no more, until it is on it again."""

from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from actions.cast import is_active
from actions.confirmation_answers import latest_answers
from actions.confirmation_requests import checklist
from actions.duties import discharge, note_ended, open_obligation
from actions.policy import today_of
from actions.versions import version_named
from models import history
from models.obligation import Obligation, ObligationKind, Outcome
from models.protocol import ChecklistItem, Contact, Party, Protocol
from models.review import Confirmation


def end_what_is_answered(session: Session, now: datetime, protocol: Protocol, by: str, why: str) -> None:
    """Whoever has answered all that is left owes nothing more. The caller holds the cases."""
    left = {item.key for item in checklist(session, protocol)}
    is_owed = (
        Obligation.protocol_id == protocol.id, Obligation.kind == ObligationKind.CONFIRMATION,
        col(Obligation.outcome).is_(None),
    )  # fmt: skip
    for duty in session.exec(select(Obligation).where(*is_owed).order_by(col(Obligation.id)).with_for_update()).all():
        version = version_named(session, protocol, (duty.subject or "").removeprefix("version:"))
        answers = latest_answers(session, version, session.get_one(Party, duty.party_id))
        if left <= set(answers):
            discharge(session, now, [duty], Outcome.ANSWERED if answers else Outcome.SUPERSEDED, by, why)
            note_ended(session, now, [duty], by, why)


def end_what_was_put_off(session: Session, now: datetime, protocol: Protocol, key: str, by: str) -> None:
    """What was answered with “not yet” to a question that is asked no more. The caller holds the cases."""
    put_off = select(Obligation).where(*_of_question(protocol, key), col(Obligation.outcome).is_(None))
    duties = session.exec(put_off.order_by(col(Obligation.id)).with_for_update()).all()
    why = "The question is no longer on the checklist."
    if discharge(session, now, duties, Outcome.SUPERSEDED, by, why):
        note_ended(session, now, duties, by, why)


def owe_again_what_was_put_off(
    session: Session, now: datetime, protocol: Protocol, item: ChecklistItem, by: str
) -> None:
    """The question is back: what ended with it, and was not put off or put in place since, is owed as before."""
    ended = session.exec(select(Obligation).where(*_of_question(protocol, item.key)).order_by(col(Obligation.id)))
    newest = {(duty.case, duty.party_id): duty for duty in ended}
    given = session.exec(select(Confirmation).where(Confirmation.item_id == item.id).order_by(col(Confirmation.id)))
    said = {each.party_id: each for each in given}  # last, to these very words
    for duty in newest.values():
        party = session.get_one(Party, duty.party_id)
        was_put_off = party.id in said and said[party.id].by_when is not None
        if duty.outcome is not Outcome.SUPERSEDED or not was_put_off or not is_active(party, today_of(protocol, now)):
            continue
        again = open_obligation(
            session, now, protocol, key=_next_key(duty), case=duty.case, kind=ObligationKind.IMPLEMENTATION,
            party=party, contact=session.get_one(Contact, duty.contact_id), due_on=duty.due_on, subject=duty.subject,
        )  # fmt: skip
        if again is not None:
            history.write(session, duty.case, now, by, "put off, and owed again", party=party.slug, duty=again.key)


def _next_key(duty: Obligation) -> str:
    stem, _, number = duty.key.partition(":again-")
    return f"{stem}:again-{int(number or 0) + 1}"


def _of_question(protocol: Protocol, key: str) -> tuple[Any, ...]:
    return (
        Obligation.protocol_id == protocol.id, Obligation.kind == ObligationKind.IMPLEMENTATION,
        Obligation.subject == f"item:{key}",
    )  # fmt: skip
