"""Who uses the console: the secretary, assistants who decide nothing, auditors who change nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from actions.access.sessions import end_sessions_of
from actions.access.tokens import revoke_tokens_of
from actions.cast import NotThere, case_of, known_id
from actions.contacts import require_address
from actions.moving import protocol_locked
from models import history
from models.access import CONSOLE, ConsoleUser, Standing
from models.locking import lock
from models.protocol import Contact, Protocol, Role
from rules.errors import Refused
from rules.texts import plain

USERS = "console users"  # held by whoever adds or ends one: two who end each other at once must not both succeed
ROLES = {Standing.SECRETARY: Role.SECRETARY, Standing.ASSISTANT: Role.ASSISTANT, Standing.AUDITOR: Role.AUDITOR}


class NotOfTheConsole(Refused):
    def __init__(self, standing: Standing) -> None:
        known = ", ".join(each.value for each in CONSOLE)
        super().__init__(f"Nobody uses the console as {standing.value}: choose one of {known}.")


class UsesItAlready(Refused):
    def __init__(self, address: str) -> None:
        super().__init__(f"{address} signs in here already: end that account first, if it is to be another.")


class NameNeeded(Refused):
    def __init__(self) -> None:
        super().__init__(
            "Give a name by which the list of who did what knows this person, such as “J. Smith, council”."
        )


class LastSecretary(Refused):
    def __init__(self) -> None:
        super().__init__("This is the only secretary who can sign in: add another first.")


@dataclass(frozen=True, kw_only=True)
class UserLine:
    number: int
    name: str
    address: str
    standing: str
    added_at: datetime
    added_by: str
    ended_at: datetime | None


def make_secretaries_users(session: Session, now: datetime) -> list[ConsoleUser]:
    """Every protocol's secretary can sign in. Run again, it adds nobody twice; nor anybody whose address has, or had,
    an account by another protocol: an account is of the whole installation."""
    accounts = select(Contact).join(ConsoleUser, col(ConsoleUser.contact_id) == Contact.id)
    known, addresses = set[int](), set[str]()
    for contact in session.exec(accounts):
        known.add(known_id(contact))
        addresses.add(contact.address.casefold())
    secretaries = select(Contact).where(Contact.role == Role.SECRETARY, col(Contact.party_id).is_(None))
    new = {
        contact.address.casefold(): contact
        for contact in session.exec(secretaries.order_by(col(Contact.id).desc()))
        if contact.id not in known and contact.address.casefold() not in addresses
    }  # fmt: skip
    made = [
        ConsoleUser(
            contact_id=known_id(contact), name="secretary", standing=Standing.SECRETARY, added_at=now, added_by="start"
        )
        for contact in sorted(new.values(), key=known_id)
    ]  # fmt: skip
    session.add_all(made)
    session.flush()
    return made


def add_user(
    session: Session, now: datetime, protocol: Protocol, standing: Standing, name: str, address: str, by: str
) -> ConsoleUser:
    """Raises NotOfTheConsole, NameNeeded, NotAnAddress, UsesItAlready."""
    if standing not in CONSOLE:
        raise NotOfTheConsole(standing)
    if not plain(name) or not plain(name).isprintable():
        raise NameNeeded
    require_address(address)
    lock(session, USERS)
    protocol_locked(session, protocol)
    if user_at(session, address) is not None:
        raise UsesItAlready(address)
    contact = Contact(protocol_id=known_id(protocol), role=_role(standing), address=address)
    session.add(contact)
    session.flush()
    user = ConsoleUser(
        contact_id=known_id(contact), name=plain(name), standing=standing, added_at=now, added_by=by
    )  # fmt: skip
    session.add(user)
    session.flush()
    history.write(
        session, case_of(protocol), now, by, "console user added", user=known_id(user), standing=standing.value
    )  # fmt: skip
    return user


def _role(standing: Standing) -> Role:
    """A second secretary is no second contact to whom the protocol's mail goes."""
    return Role.ASSISTANT if standing is Standing.SECRETARY else ROLES[standing]


def end_user(session: Session, now: datetime, number: int, by: str) -> ConsoleUser:
    """They cannot sign in any more, and are out at once, whatever other account earlier versions made for the same
    address. Twice does nothing. Raises NotThere, LastSecretary."""
    lock(session, USERS)
    user = session.get(ConsoleUser, number, with_for_update=True)
    if user is None:
        raise NotThere(f"There is no console user {number}.")
    if user.ended_at is not None:
        return user
    accounts = _of_the_same_address(session, user)
    numbers = {each.id for each in accounts}
    secretaries = {each.id for each in _who_can_sign_in(session, Standing.SECRETARY)}
    if secretaries & numbers and secretaries <= numbers:
        raise LastSecretary
    for each in accounts:
        _end(session, now, each, by)
    return user


def _of_the_same_address(session: Session, user: ConsoleUser) -> list[ConsoleUser]:
    """All that are open, this one among them."""
    address = session.get_one(Contact, user.contact_id).address.casefold()
    return [each for each, known in _open_accounts(session) if known.casefold() == address]


def _end(session: Session, now: datetime, user: ConsoleUser, by: str) -> None:
    user.ended_at, user.ended_by = now, by
    session.add(user)
    end_sessions_of(session, now, user=user)
    revoke_tokens_of(session, now, user)
    contact = session.get_one(Contact, user.contact_id)
    protocol = session.get_one(Protocol, contact.protocol_id)
    history.write(session, case_of(protocol), now, by, "console user ended", user=known_id(user))


def _who_can_sign_in(session: Session, standing: Standing) -> Sequence[ConsoleUser]:
    statement = select(ConsoleUser).where(ConsoleUser.standing == standing, col(ConsoleUser.ended_at).is_(None))
    return session.exec(statement).all()


def user_at(session: Session, address: str) -> ConsoleUser | None:
    """Who signs in by this address, whatever its case; None for nobody."""
    wanted = plain(address).casefold()
    return next((user for user, known in _open_accounts(session) if known.casefold() == wanted), None)


def _open_accounts(session: Session) -> Sequence[tuple[ConsoleUser, str]]:
    """Each with its address, in the order in which they were added."""
    statement = (
        select(ConsoleUser, Contact.address)
        .join(Contact, col(Contact.id) == ConsoleUser.contact_id)
        .where(col(ConsoleUser.ended_at).is_(None))
        .order_by(col(ConsoleUser.id))
    )
    return session.exec(statement).all()


def user_named(session: Session, address: str) -> ConsoleUser:
    """Raises NotThere."""
    found = user_at(session, address)
    if found is None:
        raise NotThere("Nobody signs in by that address: the console’s page “Access” lists who does.")
    return found


def a_secretary(session: Session) -> ConsoleUser:
    """The first who can sign in. Raises NotThere."""
    found = _who_can_sign_in(session, Standing.SECRETARY)
    if not found:
        raise NotThere("No protocol is loaded yet, so there is no secretary: see `concordat load`.")
    return min(found, key=known_id)


def user_lines(session: Session) -> list[UserLine]:
    statement = select(ConsoleUser, Contact.address).join(Contact, col(Contact.id) == ConsoleUser.contact_id)
    return [
        UserLine(
            number=known_id(user), name=user.name, address=address, standing=user.standing.value,
            added_at=user.added_at, added_by=user.added_by, ended_at=user.ended_at,
        )
        for user, address in session.exec(statement.order_by(col(ConsoleUser.id)))
    ]  # fmt: skip
