"""What the secretary answers to what somebody asked from their page: no, with a reason; or it is done as asked.

More time is given by `actions.owing.extend`, which tells whoever is concerned itself.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session, select

from actions.cast import NotThere, case_of
from actions.contacts import correct_address
from actions.describing import described
from actions.matters import close_matter
from actions.moving import hold_cases
from actions.owing import told_of
from actions.party_matters import Ask, row_of_request
from actions.party_requests import OfThePage
from actions.reasons import reason
from actions.telling import tell
from models import history
from models.obligation import Obligation
from models.protocol import Contact, Matter, Party, Protocol
from notifications.messages import RequestRefused
from rules.errors import Refused

SAID_NO = "No: "
IN_MAILS = {Ask.MORE_TIME: "more time", Ask.STAND_IN: "a stand-in", Ask.NOT_ME: "another person"}
BEFORE_THE_ADDRESS = "`concordat contact set "  # the first command of what is to be done ends with it


class NobodyAsked(Refused):
    def __init__(self, matter: Matter, *asks: Ask) -> None:
        what = " or ".join(IN_MAILS[ask] for ask in asks or Ask)
        super().__init__(f"Matter {matter.id} is not one in which somebody asks for {what}.")


class AnsweredAlready(Refused):
    def __init__(self, matter: Matter) -> None:
        super().__init__(f"It is off the list already: {matter.outcome}")


@dataclass(frozen=True, kw_only=True)
class Request:
    """`contact` is whoever asked; `duty` what they want more time for; `address` of whoever they name."""

    matter: Matter
    protocol: Protocol
    ask: Ask
    case: str
    contact: Contact
    party: Party | None
    duty: Obligation | None
    until: date | None
    address: str | None


def request_of(session: Session, number: int) -> Request:
    """History has what was asked; an address stands in the matter alone.

    Raises NotThere, NobodyAsked.
    """
    matter = session.get(Matter, number)
    if matter is None:
        raise NotThere(f"There is no matter {number}: see `concordat matters`.")
    row = row_of_request(session, matter)
    if row is None:
        raise NobodyAsked(matter)
    said, ask = row.details, Ask(row.what)
    duty = session.exec(select(Obligation).where(Obligation.key == said.get("obligation"))).first()
    contact = session.get(Contact, said.get("contact") or (duty.contact_id if duty else 0))
    if contact is None:
        raise NobodyAsked(matter)
    return Request(
        matter=matter, protocol=session.get_one(Protocol, matter.protocol_id), ask=ask, case=row.case,
        contact=contact, party=session.get(Party, contact.party_id) if contact.party_id else None, duty=duty,
        until=date.fromisoformat(said["until"]) if said.get("until") else None, address=_named(matter),
    )  # fmt: skip


def _named(matter: Matter) -> str | None:
    """Personal, so no row of history has it: it is read from what the matter says is to be done."""
    _, found, rest = matter.todo.partition(BEFORE_THE_ADDRESS)
    address = rest.partition("`")[0].rpartition(" ")[2] if found else ""
    return address if "@" in address else None


def still_waits(session: Session, request: Request, *asks: Ask, cases: Sequence[str] = ()) -> None:
    """The cases held, the matter as it is now. Raises NobodyAsked, AnsweredAlready."""
    if request.ask not in asks:
        raise NobodyAsked(request.matter, *asks)
    hold_cases(session, [case_of(request.protocol), request.case, *cases])
    session.refresh(request.matter, with_for_update=True)
    if request.matter.closed_at is not None:
        raise AnsweredAlready(request.matter)


def refuse_request(session: Session, now: datetime, number: int, by: str, because: str) -> bool:
    """Off the list, and whoever asked is told why. False where they cannot be: their address has bounced.

    Raises ReasonNeeded, NotThere, NobodyAsked, AnsweredAlready.
    """
    why, request = reason(because, "saying no"), request_of(session, number)
    still_waits(session, request, *Ask)
    duty = request.duty if request.duty is not None and request.duty.outcome is None else None
    close_matter(session, now, request.matter, f"{SAID_NO}{why}")
    history.write(session, request.case, now, by, "says no to what was asked", why=why, matter=request.matter.key)
    because_told = why if request.duty is None else told_of(request.duty, why)
    told = tell(
        session, now, request.protocol, request.contact, request.case, f"matter-{number}:refused",
        lambda h: RequestRefused(
            **h, asked=IN_MAILS[request.ask], until=request.until,
            duty=described(session, duty, now) if duty else None, because=because_told,
        ),
        about=[duty] if duty else [],
    )  # fmt: skip
    return told is not None


def name_the_right_person(session: Session, now: datetime, number: int, address: str, by: str) -> Contact:
    """Whoever said that it is not them is reached there no more. Raises as above, OfThePage, NotAnAddress."""
    request = request_of(session, number)
    still_waits(session, request, Ask.NOT_ME)
    if address == request.contact.address:
        raise OfThePage("address", "This is the address that is registered already")
    correct_address(session, now, request.contact, address, by, of_somebody_else=True)
    close_matter(session, now, request.matter, "the address was corrected")
    return request.contact
