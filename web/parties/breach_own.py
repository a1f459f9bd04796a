"""One breach as one party may see it: its own follow-up, and who at the party is let into it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from actions.breaches.shown import BreachView
from actions.breaches.shown_party import FollowUpView
from actions.breaches.shown_to_party import view_of_party
from actions.cast import NotThere, known_id
from actions.policy import zone_of
from models.breach import Breach, FollowUp
from models.obligation import Obligation, Outcome
from models.protocol import Contact, Party
from rules.errors import Refused
from web.declaring import Asked, Done
from web.forms import Given
from web.parties.breach_words import quoted_page_of_own
from web.parties.own import BREACHES
from web.waking import wake_breach
from web.wording import for_people

NOT_HERE = "There is no such breach among those that your party follows up."


@dataclass(frozen=True, kw_only=True)
class Mine:
    """The caller's party's part in a breach."""

    breach: Breach
    follow_up: FollowUp
    party: Party

    @property
    def number(self) -> int:
        return known_id(self.breach)

    @property
    def slug(self) -> str:
        return self.party.slug

    @property
    def path(self) -> str:
        return f"/party/breaches/{self.number}"


def own_follow_up(asked: Asked) -> Mine:
    """Of the breach that the address names. Raises NotThere: another party's breach is not there, nor is any for
    whoever is not in the breach circle and has been asked nothing in it."""
    return _mine(asked, asked.place["breach"])


def of_duty(asked: Asked, duty: Obligation) -> Mine:
    """`duty` is the caller's to see. Raises NotThere where it is not of a breach."""
    kind, _, number = duty.case.partition(":")
    if kind != "breach" or not number.isdecimal():
        raise NotThere(NOT_HERE)
    return _mine(asked, int(number))


def _mine(asked: Asked, number: int) -> Mine:
    contact, party = asked.caller.contact, asked.caller.party
    if contact is None or party is None:
        raise NotThere(NOT_HERE)
    statement = (
        select(Breach, FollowUp)
        .join(FollowUp, col(FollowUp.breach_id) == Breach.id)
        .where(Breach.id == number, FollowUp.party_id == party.id, Breach.protocol_id == contact.protocol_id)
    )
    found = asked.session.exec(statement).first()
    if found is None or not may_see(asked.session, contact, found[0]):
        raise NotThere(NOT_HERE)
    return Mine(breach=found[0], follow_up=found[1], party=party)


def may_see(session: Session, contact: Contact, breach: Breach) -> bool:
    """The breach circle; and who has been asked in its place, because the party has named nobody."""
    return contact.role in BREACHES or breach.case in asked_in(session, contact)


def asked_in(session: Session, contact: Contact) -> set[str]:
    """The cases in which something was asked of the contact, and is or was theirs to answer."""
    statement = select(Obligation.case).where(
        Obligation.contact_id == contact.id, Obligation.party_id == contact.party_id,
        col(Obligation.outcome).is_(None) | (col(Obligation.outcome) != Outcome.SUPERSEDED),
    )  # fmt: skip
    return set(session.exec(statement.distinct()))


def own_breaches(asked: Asked) -> Sequence[Mine]:
    """Every breach that the caller's party follows up, or did, the newest first."""
    contact, party = asked.caller.contact, asked.caller.party
    if contact is None or party is None:
        return ()
    statement = (
        select(Breach, FollowUp)
        .join(FollowUp, col(FollowUp.breach_id) == Breach.id)
        .where(FollowUp.party_id == party.id, Breach.protocol_id == contact.protocol_id)
        .order_by(col(Breach.id).desc())
    )
    cases = None if contact.role in BREACHES else asked_in(asked.session, contact)
    found = asked.session.exec(statement).all()
    return [
        Mine(breach=breach, follow_up=follow_up, party=party)
        for breach, follow_up in found
        if cases is None or breach.case in cases
    ]


def view_of(asked: Asked, mine: Mine) -> tuple[BreachView, FollowUpView]:
    view = view_of_party(asked.session, asked.now, mine.breach, mine.slug)
    return view, view.follow_ups[0]


def zone_here(asked: Asked) -> ZoneInfo:
    return zone_of(asked.protocol)


def recorded(mine: Mine, sentence: str, at: str = "") -> Done:
    """Back to the breach's page (or a part of it), and its follow-up goes on at once."""
    return Done(sentence=sentence, to=f"{mine.path}{at}", wakes=lambda: wake_breach(mine.number))


Before = Callable[[Asked, Given | None], Mapping[str, Any]]


def about(*parts: Callable[[Asked, Mine], Mapping[str, Any]]) -> Before:
    """What every act's page begins with: it is of the caller's own party, or is not there at all."""

    def before(asked: Asked, _given: Given | None) -> Mapping[str, Any]:
        mine = own_follow_up(asked)
        context: dict[str, Any] = {"mine": mine, "said": (), "ended": mine.follow_up.ended_at is not None}
        for part in parts:
            context |= part(asked, mine)
        return context

    return before


def saying(*paragraphs: str) -> Callable[[Asked, Mine], Mapping[str, Any]]:
    """Under the heading of an act's page."""
    return lambda _asked, _mine: {"said": paragraphs}


class AtField(Refused):
    """A refusal that belongs to one question of the page."""

    def __init__(self, field: str, sentence: str) -> None:
        self.field = field
        super().__init__(sentence)


@contextmanager
def at_fields(**fields: type[Refused] | tuple[type[Refused], ...]) -> Iterator[None]:
    """Each refusal is shown at the question that it is about: `at_fields(because=ReasonNeeded)`."""
    try:
        yield
    except Refused as refused:
        for name, kinds in fields.items():
            if isinstance(refused, kinds):
                raise AtField(name, str(refused)) from None
        raise


def worded(do: Callable[[Asked, Any], Done]) -> Callable[[Asked, Any], Done]:
    """A refusal that names a command names the party's own page instead, at the question that it is about."""

    def done(asked: Asked, given: Any) -> Done:
        try:
            return do(asked, given)
        except NotThere:
            raise
        except Refused as refused:
            if "concordat " not in str(refused):
                raise
            said = for_people(str(refused), quoted_page_of_own(own_follow_up(asked).path)).striptags()
            raise AtField(getattr(refused, "field", ""), said) from None

    return done
