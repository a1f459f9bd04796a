"""Who is calling: found from a cookie or a token, by one question to the store."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from actions.access.party_links import has_left
from actions.access.sessions import session_of
from actions.access.tokens import owner_of
from actions.cast import known_id
from models.access import ConsoleUser, Standing, WebSession
from models.breach import BreachReport
from models.protocol import Contact, Party


@dataclass(frozen=True, kw_only=True)
class Caller:
    """`by` is how history names them. Only what their standing brings is there: a user, a contact (with its party,
    where it has one) or a report."""

    standing: Standing
    by: str
    user: ConsoleUser | None = None
    contact: Contact | None = None
    party: Party | None = None
    report: BreachReport | None = None
    session: WebSession | None = None
    token_id: int | None = None

    @property
    def is_secretary(self) -> bool:
        return self.standing is Standing.SECRETARY


STRANGER = Caller(standing=Standing.ANYBODY, by="somebody on the public pages")


def caller_of_cookie(session: Session, now: datetime, secret: str | None) -> Caller:
    """STRANGER for a cookie that opens nothing any more."""
    found = session_of(session, now, secret)
    if found is None:
        return STRANGER
    if found.user_id is not None:
        user = session.get_one(ConsoleUser, found.user_id)
        return STRANGER if user.ended_at else _of_user(user, user.standing, session=found)
    if found.report_id is not None:
        report = session.get_one(BreachReport, found.report_id)
        if report.code_made_at > found.began_at:
            return STRANGER  # the code was replaced since: whoever has the old one is out
        named = f"reporter of {report.reference}"
        return Caller(standing=Standing.REPORTER, by=named, report=report, session=found)
    contact = session.get_one(Contact, found.contact_id)
    party = session.get(Party, contact.party_id) if contact.party_id else None
    if party is not None and has_left(party, now):
        return STRANGER
    named = f"{contact.role.value} of {party.slug}" if party else contact.role.value
    standing = Standing.PARTY if party else Standing.ADVISER
    return Caller(standing=standing, by=named, contact=contact, party=party, session=found)


def caller_of_token(session: Session, now: datetime, secret: str) -> Caller:
    found = owner_of(session, now, secret)
    if found is None:
        return STRANGER
    token, user = found
    return _of_user(user, token.standing, token_id=known_id(token))


def _of_user(
    user: ConsoleUser, standing: Standing, session: WebSession | None = None, token_id: int | None = None
) -> Caller:
    """History keeps a number, not a name: names are looked up where the list of who did what is shown."""
    named = f"{standing.value} (user {user.id})"
    return Caller(standing=standing, by=named, user=user, session=session, token_id=token_id)
