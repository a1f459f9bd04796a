"""What somebody at a party asks of the secretary from their page: another person, a stand-in, more time.

None of it changes what is owed: it is a line on the secretary's list, answered in `actions.party_answers`.
"""

from collections.abc import Sequence
from datetime import date, datetime

from sqlmodel import Session, col, select

from actions.breaches.changing import (
    ControllerWithoutUndueDelay,
    HoursAreTheLaws,
    WithoutUndueDelay,
    is_of_a_breach,
    require_extensible,
)
from actions.cast import case_of, contact_at
from actions.complaints.changing import ThirtyDaysAreTheLaws, require_days_may_change
from actions.duties import said_of
from actions.party_matters import Ask, ask_secretary
from actions.policy import today_of
from models import history
from models.obligation import Obligation, Outcome
from models.protocol import Contact, Party, Protocol, Role
from models.protocol_file.values import is_address
from rules.errors import Refused
from rules.sentences import written_day
from rules.texts import plain

NAMED_IN_TODO = 2  # commands for as many duties as this; the others are on the list of what is owed


class OfThePage(Refused):
    """`field` is the answer to mend."""

    def __init__(self, field: str, sentence: str) -> None:
        self.field = field
        super().__init__(sentence)


class LawGivesTheTime(Refused):
    """Nobody at the partnership can give more of it."""


class NotOwedAnyMore(Refused):
    def __init__(self, duty: Obligation) -> None:
        ended = {Outcome.ANSWERED: "answered", Outcome.WAIVED: "waived", Outcome.LAPSED: "closed without an answer"}
        super().__init__(
            f"This is not owed any more: it was {ended.get(duty.outcome or Outcome.ANSWERED, 'replaced by another')}."
        )


def say_not_the_person(
    session: Session, now: datetime, contact: Contact, address: str, words: str, by: str
) -> bool:  # fmt: skip
    """`address`: of whoever is; empty where they do not know. False where the same was said and still waits."""
    protocol, said, new = _protocol(session, contact), plain(words), _address(address)
    whose, role = _whose(session, contact), _hyphens(contact.role)
    known = f" They name {new}." if new else " They do not know who is."
    return ask_secretary(
        session, now, protocol, case_of(protocol), f"not-me:contact-{contact.id}", Ask.NOT_ME, by,
        sentence=f"The {contact.role} of {_name(session, contact)} says that they are not the right person.{known}",
        todo=f"Make sure that it is so, by telephone where you can, then name the new person with "
        f"`concordat contact set {whose} {role} {new or 'ADDRESS'}`.",
        why=said, contact=contact.id, knows_who=bool(new),
    )  # fmt: skip


def ask_for_stand_in(
    session: Session, now: datetime, contact: Contact, address: str, until: date, words: str, by: str
) -> bool:  # fmt: skip
    """`address`: of somebody new; empty for the deputy whom the party has named. Twice is once.

    Raises OfThePage.
    """
    protocol, said, new = _protocol(session, contact), plain(words), _address(address)
    if until < today_of(protocol, now):
        raise OfThePage("until", "The day must be today or later")
    deputy = deputy_of(session, contact)
    if deputy is None and not new:
        raise OfThePage("address", "Enter the e-mail address of whoever stands in for you")
    who = f"{new} until {written_day(until)}" if new else f"the deputy until {written_day(until)}"
    return ask_secretary(
        session, now, protocol, case_of(protocol), f"stand-in:contact-{contact.id}", Ask.STAND_IN, by,
        sentence=f"The {contact.role} of {_name(session, contact)} asks that their requests go to {who}.",
        todo=_hand_over(session, contact, new, until),
        why=said, contact=contact.id, until=until.isoformat(), deputy=not new,
    )  # fmt: skip


def ask_more_time(
    session: Session, now: datetime, duty: Obligation, until: date, words: str, by: str, *,
    contact: Contact | None = None,
) -> bool:  # fmt: skip
    """`contact`: who asks, if not whoever owes it. Raises LawGivesTheTime, NotOwedAnyMore, OfThePage. Twice is once."""
    said = plain(words)
    if not said:
        raise OfThePage("why", "Say why you need more time")
    history.hold(session, duty.case)
    session.refresh(duty)
    protocol = session.get_one(Protocol, duty.protocol_id)
    if (refusal := why_no_more_time(session, duty)) is not None:
        raise refusal
    if until < today_of(protocol, now):
        raise OfThePage("until", "The day must be today or later")
    if until <= duty.due_on:
        raise OfThePage("until", f"The day must be after {written_day(duty.due_on)}, when it is due now")
    party = session.get(Party, duty.party_id) if duty.party_id else None
    return ask_secretary(
        session, now, protocol, duty.case, f"more-time:obligation-{duty.id}", Ask.MORE_TIME, by,
        sentence=f"{party.name if party else 'The adviser'} asks for time until {written_day(until)} to "
        f"{_short(said_of(duty))} ({duty.case.replace(':', ' ')}). It is due on {written_day(duty.due_on)}.",
        todo=f"Give it with `concordat obligation extend {duty.id} {until} --because TEXT`, or tell them why not: "
        "until then the day stays as it is.",
        why=said, contact=contact.id if contact else duty.contact_id, obligation=duty.key, until=until.isoformat(),
    )  # fmt: skip


def why_no_more_time(session: Session, duty: Obligation) -> Refused | None:
    """What a page says instead of asking. None where it may be asked."""
    if duty.outcome is not None:
        return NotOwedAnyMore(duty)
    try:
        require_extensible(session, duty)
        require_days_may_change(session, duty)
    except HoursAreTheLaws:
        return LawGivesTheTime(
            "The law gives 72 hours to notify the Information Commissioner, and nobody can give more. Send what you "
            "know in time: what is missing may follow. A late notice says why it is late."
        )
    except ControllerWithoutUndueDelay:
        return LawGivesTheTime(
            "The law says that a processor tells its controller without undue delay, and nobody can give more time for "
            "it. Tell it what you know: what is missing may follow."
        )
    except WithoutUndueDelay:
        return LawGivesTheTime(
            "The law says that the people concerned are told without undue delay, and nobody can give more time for "
            "it. If telling them has to wait, record why."
        )
    except ThirtyDaysAreTheLaws:
        return LawGivesTheTime(
            "The law gives thirty days to acknowledge a complaint, and nobody can give more. A short acknowledgement "
            "is enough: the answer itself may come later."
        )
    return None


def deputy_of(session: Session, contact: Contact) -> Contact | None:
    """Whoever stands in for the contact at its party already; nobody for a deputy, or an adviser."""
    party = session.get(Party, contact.party_id) if contact.party_id else None
    deputy = contact_at(session, party, Role.DEPUTY) if party else None
    return None if deputy is None or deputy.id == contact.id else deputy


def _hand_over(session: Session, contact: Contact, new: str, until: date) -> str:
    """The commands that do it. To the deputy goes what they name; the rest goes to whoever stands in, by itself, while
    somebody is away: all but a signature."""
    whose, role = _whose(session, contact), _hyphens(contact.role)
    if contact.party_id is None:
        return f"Name whoever stands in with `concordat contact set {whose} {role} {new}`, and name them back after."
    owed = owed_outside_breaches(session, contact)
    steps = [f"name the deputy with `concordat contact set {whose} deputy {new}`"] if new else []
    if contact.role is Role.DEPUTY:
        return f"To accept: {steps[0]}, and name them back after {written_day(until)}."
    steps += [f"hand over `concordat obligation delegate {duty.id} --because TEXT`" for duty in owed[:NAMED_IN_TODO]]
    steps.append(f"say that they are away with `concordat contact away {whose} {role} --until {until}`")
    rest = f" {len(owed) - NAMED_IN_TODO} more are in `concordat obligation list`." if len(owed) > NAMED_IN_TODO else ""
    words = "; ".join(steps)
    return f"To accept: {words}.{rest}"


def owed_outside_breaches(session: Session, contact: Contact) -> Sequence[Obligation]:
    statement = select(Obligation).where(Obligation.contact_id == contact.id, col(Obligation.outcome).is_(None))
    owed = session.exec(statement.order_by(col(Obligation.due_at), col(Obligation.id))).all()
    return [duty for duty in owed if not is_of_a_breach(duty)]


def _address(address: str) -> str:
    text = plain(address)
    if text and not is_address(text):
        raise OfThePage("address", "Enter an e-mail address, such as name@example.org")
    return text


def _protocol(session: Session, contact: Contact) -> Protocol:
    return session.get_one(Protocol, contact.protocol_id)


def _party(session: Session, contact: Contact) -> Party | None:
    return session.get(Party, contact.party_id) if contact.party_id else None


def _whose(session: Session, contact: Contact) -> str:
    """As commands name it: the party, or of an officer the protocol."""
    party = _party(session, contact)
    return party.slug if party else _protocol(session, contact).slug


def _name(session: Session, contact: Contact) -> str:
    party = _party(session, contact)
    return party.name if party else _protocol(session, contact).short_name


def _hyphens(role: Role) -> str:
    return role.value.replace(" ", "-")


def _short(text: str) -> str:
    return text if len(text) <= 120 else f"{text[:119]}…"
