"""The answers to the checklist, item by item; "not yet, by October" is one, and becomes a duty with that date."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session, col, select

from actions.cast import NotThere, is_active, known_id
from actions.confirmation_answers import latest_answers, said_by
from actions.confirmation_requests import ask_for_confirmations, checklist
from actions.duties import discharge, open_obligation, owed_by
from actions.policy import today_of
from actions.reasons import reason, reason_if_any
from actions.telling import tell
from models import history
from models.obligation import Obligation, ObligationKind, Outcome
from models.protocol import ChecklistItem, Contact, Party, Protocol, Version
from models.review import Confirmation, ConfirmationAnswer, Review
from notifications.messages import ConfirmationReceived
from rules.errors import Refused
from rules.texts import plain, shown

__all__ = [
    "ItemAnswer",
    "ask_for_confirmations",
    "checklist",
    "confirm",
    "latest_answers",
    "said_by",
]


class DateNeeded(Refused):
    def __init__(self, item: str) -> None:
        super().__init__(f"“Not yet” for {item} needs the day by which it will be in place, and that day lies ahead.")


class NotAsked(Refused):
    def __init__(self, party: Party, review: Review) -> None:
        super().__init__(
            f"{party.name} has not been asked what is in place after review {review.id}: whoever has signed is asked."
        )


@dataclass(frozen=True, kw_only=True)
class ItemAnswer:
    """One line of the checklist, answered."""

    item: str
    answer: ConfirmationAnswer
    by_when: date | None = None
    why: str | None = None


@dataclass(frozen=True, kw_only=True)
class _Sitting:
    """One party's answers at one time; `contact` is whoever was asked for them."""

    now: datetime
    protocol: Protocol
    review: Review
    version: Version
    party: Party
    contact: Contact
    by: str


def confirm(
    session: Session, now: datetime, review: Review, version: Version, party: Party,
    answers: Sequence[ItemAnswer], by: str, on_behalf_because: str | None = None,
) -> int:  # fmt: skip
    """Answer items of the checklist; the duty ends with the last one, also where that was answered before it was asked
    for, or the open ones are asked no more. Answers how many were new."""
    protocol = session.get_one(Protocol, review.protocol_id)
    history.hold(session, review.case)
    contact = _asked(session, now, protocol, review, party)
    sitting = _Sitting(
        now=now, protocol=protocol, review=review, version=version, party=party, contact=contact, by=by
    )  # fmt: skip
    on_behalf = reason_if_any(on_behalf_because, "a confirmation on behalf")
    items = {item.key: item for item in checklist(session, protocol)}
    tidied = [_tidied(answer, items, today_of(protocol, now)) for answer in answers]
    new = [_keep(session, sitting, items[answer.item], answer) for answer in tidied]
    is_owed = bool(owed_by(session, review.case, ObligationKind.CONFIRMATION, party))
    if any(new) or (is_owed and set(items) <= set(latest_answers(session, version, party))):
        _sum_up(session, sitting, items, tidied, on_behalf)
    return sum(new)


def _asked(session: Session, now: datetime, protocol: Protocol, review: Review, party: Party) -> Contact:
    """Raises NotAsked also for a party that has left since."""
    duty = session.exec(
        select(Obligation)
        .where(Obligation.case == review.case, Obligation.kind == ObligationKind.CONFIRMATION)
        .where(Obligation.party_id == party.id)
        .order_by(col(Obligation.id).desc())  # asked once more, where the checklist has grown since
    ).first()
    if duty is None or not is_active(party, today_of(protocol, now)):
        raise NotAsked(party, review)
    return session.get_one(Contact, duty.contact_id)


def _tidied(answer: ItemAnswer, items: Iterable[str], today: date) -> ItemAnswer:
    """Only "not yet" has a day. Raises NotThere, DateNeeded, ReasonNeeded."""
    if answer.item not in items:
        raise NotThere(f"There is no item “{shown(answer.item)}” on the checklist: choose of {', '.join(items)}.")
    why, by_when = plain(answer.why or "") or None, None
    match answer.answer:
        case ConfirmationAnswer.NOT_YET:
            if answer.by_when is None or answer.by_when <= today:
                raise DateNeeded(answer.item)
            by_when = answer.by_when
        case ConfirmationAnswer.NOT_APPLICABLE:
            why = reason(answer.why, f"“not applicable” for {answer.item}")
        case ConfirmationAnswer.IN_PLACE:
            pass
    return ItemAnswer(item=answer.item, answer=answer.answer, by_when=by_when, why=why)


def _keep(session: Session, sitting: _Sitting, item: ChecklistItem, answer: ItemAnswer) -> bool:
    """Store one answer unless it is the one that stands; open or end the duty that "not yet" makes, also where the
    question read otherwise then."""
    before = said_by(session, sitting.version, sitting.party).get(item.key)
    said = (answer.answer, answer.by_when, answer.why)
    if before and before.stands and (before.given.answer, before.given.by_when, before.given.why) == said:
        return False
    stem = f"{sitting.protocol.slug}:{sitting.version.label}:{sitting.party.slug}:{item.key}"
    row = Confirmation(
        key=f"{stem}:after-{before.given.id if before else 0}", version_id=known_id(sitting.version),
        party_id=known_id(sitting.party), item_id=known_id(item), answer=answer.answer, by_when=answer.by_when,
        why=answer.why, given_at=sitting.now, given_by=sitting.by,
    )  # fmt: skip
    session.add(row)
    session.flush()
    _follow_up(session, sitting, row, f"item:{item.key}")
    return True


def _follow_up(session: Session, sitting: _Sitting, row: Confirmation, subject: str) -> None:
    """What an earlier "not yet" made is done, or put off to another day."""
    case, kind, is_done = sitting.review.case, ObligationKind.IMPLEMENTATION, row.by_when is None
    earlier = [duty for duty in owed_by(session, case, kind, sitting.party) if duty.subject == subject]
    outcome = Outcome.ANSWERED if is_done else Outcome.SUPERSEDED
    discharge(session, sitting.now, earlier, outcome, sitting.by)
    if row.by_when is not None:
        open_obligation(
            session, sitting.now, sitting.protocol, key=f"{row.key}:implement", case=case, kind=kind,
            party=sitting.party, contact=sitting.contact, due_on=row.by_when, subject=subject,
        )  # fmt: skip


def _sum_up(
    session: Session, sitting: _Sitting, items: Mapping[str, ChecklistItem], answers: Sequence[ItemAnswer],
    on_behalf: str | None,
) -> None:  # fmt: skip
    """End the duty with the last item, write it down, and say what has been received."""
    now, review, party = sitting.now, sitting.review, sitting.party
    said = said_by(session, sitting.version, party)
    standing = {key: each for key, each in said.items() if each.stands}
    complete = set(items) <= set(standing)
    if complete:
        duties = owed_by(session, review.case, ObligationKind.CONFIRMATION, party)
        discharge(session, now, duties, Outcome.ANSWERED, sitting.by, on_behalf)
    history.write(
        session, review.case, now, sitting.by, "confirmation given", why=on_behalf, party=party.slug,
        answers={answer.item: answer.answer.value for answer in answers}, complete=complete,
    )  # fmt: skip
    not_yet = tuple(
        (each.question, by_when) for key, each in said.items() if key in items and (by_when := each.given.by_when)
    )
    newest = max((known_id(each.given) for each in standing.values()), default=0)
    tell(
        session, now, sitting.protocol, sitting.contact, review.case, f"{review.case}:confirmed:{party.slug}:{newest}",
        lambda h: ConfirmationReceived(
            **h, version=sitting.version.label, answered=len(standing), items_total=len(items), not_yet=not_yet
        ),
    )  # fmt: skip
