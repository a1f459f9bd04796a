"""Who hears of a breach at a party, and why, and how a message to them is queued."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from sqlmodel import Session, func, select

from actions.breaches.moving import follow_ups_of, party_of, protocol_of
from actions.breaches.roles import Asked, asked_as, in_place_of
from actions.breaches.wording import references_of
from actions.cast import contact_numbered, known_id
from actions.duties import still_owed
from actions.policy import today_of
from actions.telling import tell
from models.breach import Breach, FollowUp, FollowUpEnd
from models.history import History
from models.obligation import Obligation, ObligationKind
from models.protocol import Party, Role
from notifications.messages import Message
from rules.breach import Step

# A party that these ended for hears nothing more of the breach.
OUT_OF_IT = (FollowUpEnd.NOT_AFFECTED, FollowUpEnd.LEFT)


def say(
    session: Session, now: datetime, breach: Breach, to: Asked, party: Party, key: str, make: Callable[..., Message],
    about: Sequence[Obligation] = (), only_while_owed: bool = False, not_before: datetime | None = None, **values: Any,
) -> None:  # fmt: skip
    """Once for each key and contact; not at all to an address that has bounced. `values` go before what every message
    says."""
    known = {
        "breach": known_id(breach), "references": references_of(session, breach), "about_party": party.name,
        "why_you": f"You get this because {to.why}.",
    }  # fmt: skip
    tell(
        session, now, protocol_of(session, breach), to.contact, breach.case, f"{key}:contact-{to.contact.id}",
        lambda h: make(**(h | known | values)), about=about, only_while_owed=only_while_owed,
        not_before=not_before, in_place_of=in_place_of(session, to.contact, to.instead_of),
    )  # fmt: skip


def coordinator(session: Session, now: datetime, breach: Breach, follow_up: FollowUp) -> Asked:
    """Whoever owes the assessment; where that is done, whoever would be asked for it."""
    party = party_of(session, follow_up)
    asked = asked_as(session, today_of(protocol_of(session, breach), now), party, Role.COORDINATOR, Role.DPO)
    duty = open_assessment_of(session, breach, follow_up)
    contact = contact_numbered(session, duty.contact_id) if duty else asked.contact
    if contact.id == asked.contact.id or contact.bounced_at is not None:
        return asked
    return Asked(contact, f"you have been asked to assess this breach for {party.name}")


def open_assessment_of(session: Session, breach: Breach, follow_up: FollowUp) -> Obligation | None:
    theirs = (duty for duty in still_owed(session, breach.case) if duty.party_id == follow_up.party_id)
    return next((duty for duty in reversed(list(theirs)) if duty.kind is ObligationKind.ASSESSMENT), None)


def with_duties(
    session: Session, now: datetime, breach: Breach, follow_up: FollowUp, *kinds: ObligationKind,
    ever: bool = False,
) -> list[Asked]:  # fmt: skip
    """The coordinator, and whoever owes one of these kinds there (any, without kinds); with `ever`, or has owed it."""
    first, party = coordinator(session, now, breach, follow_up), party_of(session, follow_up)
    those = _ever_owed(session, breach.case) if ever else still_owed(session, breach.case)
    asked = {duty.contact_id for duty in those if duty.party_id == party.id and (not kinds or duty.kind in kinds)}
    others = sorted(asked - {first.contact.id})
    why = f"something {'was' if ever else 'is'} asked of you for {party.name} after this breach"
    return [first] + [Asked(contact_numbered(session, number), why) for number in others]


def _ever_owed(session: Session, case: str) -> Sequence[Obligation]:
    return session.exec(select(Obligation).where(Obligation.case == case)).all()


def still_in_it(session: Session, breach: Breach) -> list[FollowUp]:
    """Of the parties that the breach concerns, as far as anybody knows; ended or not."""
    return [each for each in follow_ups_of(session, breach) if each.end not in OUT_OF_IT]


def times_taken(session: Session, breach: Breach, step: Step) -> int:
    """How often the breach has taken that step: keeps apart what happens again."""
    statement = select(func.count()).where(History.case == breach.case, History.what == step.value)
    return session.exec(statement).one()
