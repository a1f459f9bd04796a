"""Confirmation after adoption (protocol §14: "lead members will provide confirmation that procedures have been
implemented within their organisation")."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session, col, select

from actions.cast import NotThere, active_parties, known_id, lead_of
from actions.owing import ReasonNeeded, discharge, open_obligation, owed_by
from actions.policy import due_after, zone_of
from actions.telling import tell
from models import history
from models.obligation import ObligationKind, Outcome
from models.protocol import ChecklistItem, Contact, Party, Protocol, Version
from models.review import Confirmation, ConfirmationAnswer, Review
from models.store import insert_unless_there
from notifications.messages import ConfirmationReceived, ConfirmationRequested
from rules.errors import Refused
from rules.instants import local_day


class DateNeeded(Refused):
    def __init__(self, item: str) -> None:
        super().__init__(f"“Not yet” for {item} needs the day by which it will be in place, and that day lies ahead.")


@dataclass(frozen=True, kw_only=True)
class ItemAnswer:
    """One line of the checklist, answered."""

    item: str
    answer: ConfirmationAnswer
    by_when: date | None = None
    why: str | None = None


def checklist(session: Session, protocol: Protocol) -> list[ChecklistItem]:
    statement = select(ChecklistItem).where(ChecklistItem.protocol_id == protocol.id)
    return list(session.exec(statement.order_by(col(ChecklistItem.position))))


def ask_for_confirmations(
    session: Session, now: datetime, protocol: Protocol, review: Review, version: Version
) -> None:
    """Lead members of the parties that signed owe the checklist."""
    from actions.review_signing import signers_of

    signed = signers_of(session, version)
    items = tuple((item.key, item.question) for item in checklist(session, protocol))
    due_on = due_after(protocol, "confirmation", now)
    for party in active_parties(session, protocol, local_day(now, zone_of(protocol))):
        if party.id in signed and items:
            _ask(session, now, protocol, review, version, party, items, due_on)


def _ask(
    session: Session, now: datetime, protocol: Protocol, review: Review, version: Version,
    party: Party, items: tuple[tuple[str, str], ...], due_on: date,
) -> None:  # fmt: skip
    contact = lead_of(session, party)
    key = f"{review.case}:confirmation:{party.slug}"
    duty = open_obligation(
        session, now, protocol, key=key, case=review.case, kind=ObligationKind.CONFIRMATION,
        contact=contact, party=party, due_on=due_on, subject=f"version:{version.label}",
    )  # fmt: skip
    if duty is None:
        return
    tell(
        session, now, protocol, contact, review.case, f"{key}:ask",
        lambda h: ConfirmationRequested(**h, version=version.label, items=items, due_on=due_on),
        about=[duty], only_while_owed=True,
    )  # fmt: skip


def confirm(
    session: Session, now: datetime, review: Review, version: Version, party: Party,
    answers: Sequence[ItemAnswer], by: str, on_behalf_because: str | None = None,
) -> int:  # fmt: skip
    """Answer items of the checklist; the duty ends with the last one. Answers how many were new.

    "Not yet, by October" becomes a duty with that date.
    """
    protocol = session.get_one(Protocol, review.protocol_id)
    items = {item.key: item for item in checklist(session, protocol)}
    for answer in answers:
        _check_answer(answer, items, local_day(now, zone_of(protocol)))
    new = [a for a in answers if _keep(session, now, protocol, review, version, party, items[a.item], a, by)]
    if not new:
        return 0
    duties = owed_by(session, review.case, ObligationKind.CONFIRMATION, party)
    latest = latest_answers(session, version, party)
    complete = len(latest) == len(items)
    if complete:
        discharge(session, now, duties, Outcome.ANSWERED, by, on_behalf_because)
    history.write(
        session, review.case, now, by, "confirmation given", why=on_behalf_because, party=party.slug,
        answers={a.item: a.answer.value for a in new}, complete=complete,
    )  # fmt: skip
    contact = session.get_one(Contact, duties[0].contact_id) if duties else lead_of(session, party)
    not_yet = tuple(
        (key, row.by_when) for key, row in latest.items() if row.answer is ConfirmationAnswer.NOT_YET and row.by_when
    )
    tell(
        session, now, protocol, contact, review.case,
        f"{review.case}:confirmed:{party.slug}:{max(known_id(row) for row in latest.values())}",
        lambda h: ConfirmationReceived(
            **h, version=version.label, answered=len(latest), items_total=len(items), not_yet=not_yet
        ),
    )  # fmt: skip
    return len(new)


def _check_answer(answer: ItemAnswer, items: dict[str, ChecklistItem], today: date) -> None:
    if answer.item not in items:
        raise NotThere(f"There is no item “{answer.item}” on the checklist: choose of {', '.join(items)}.")
    if answer.answer is ConfirmationAnswer.NOT_YET and (answer.by_when is None or answer.by_when <= today):
        raise DateNeeded(answer.item)
    if answer.answer is ConfirmationAnswer.NOT_APPLICABLE and not (answer.why or "").strip():
        raise ReasonNeeded(f"“not applicable” for {answer.item}")


def _keep(
    session: Session, now: datetime, protocol: Protocol, review: Review, version: Version,
    party: Party, item: ChecklistItem, answer: ItemAnswer, by: str,
) -> bool:  # fmt: skip
    """Store one answer unless it is the one that stands; open or end the duty that "not yet" makes."""
    standing = latest_answers(session, version, party).get(item.key)
    said = (answer.answer, answer.by_when, answer.why)
    if standing is not None and (standing.answer, standing.by_when, standing.why) == said:
        return False
    number = (standing.id or 0) if standing else 0
    row = Confirmation(
        key=f"{protocol.slug}:{version.label}:{party.slug}:{item.key}:after-{number}", version_id=known_id(version),
        party_id=known_id(party), item_id=known_id(item), answer=answer.answer, by_when=answer.by_when,
        why=answer.why, given_at=now, given_by=by,
    )  # fmt: skip
    if not insert_unless_there(session, row):
        return False
    subject = f"item:{item.key}"
    earlier = [d for d in owed_by(session, review.case, ObligationKind.IMPLEMENTATION, party) if d.subject == subject]
    discharge(session, now, earlier, Outcome.ANSWERED, by)
    if answer.answer is ConfirmationAnswer.NOT_YET and answer.by_when is not None:
        open_obligation(
            session, now, protocol, key=f"{row.key}:implement", case=review.case, party=party,
            kind=ObligationKind.IMPLEMENTATION, contact=lead_of(session, party), due_on=answer.by_when, subject=subject,
        )  # fmt: skip
    return True


def latest_answers(session: Session, version: Version, party: Party) -> dict[str, Confirmation]:
    """The answer that stands for each item."""
    statement = (
        select(ChecklistItem.key, Confirmation)
        .join(Confirmation, col(Confirmation.item_id) == ChecklistItem.id)
        .where(Confirmation.version_id == version.id, Confirmation.party_id == party.id)
        .order_by(col(Confirmation.id))
    )
    return dict(session.exec(statement).all())
