"""The people concerned are told, or why not (UK GDPR art. 34; DPA 2018 s.68): the law has no figure, so no “late”."""

from datetime import datetime
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from actions.breaches.beginning import require_begun
from actions.breaches.deciding import decide_duty
from actions.breaches.duties import done, has_happened, own_duty
from actions.breaches.matching import answer, match_obligations
from actions.breaches.moving import open_breach_locked, open_follow_up_at, protocol_of
from actions.breaches.settling import settle
from actions.policy import zone_of
from actions.reasons import reason
from models import history
from models.breach import Breach, FollowUp, LetterHold
from models.obligation import ObligationKind
from models.protocol import Party
from rules.breach_duties import DutyKind
from rules.errors import Refused
from rules.sentences import written_instant


class LettersHeld(Refused):
    def __init__(self, hold: LetterHold, party: Party, zone: ZoneInfo) -> None:
        since = f"{party.name} has held letters to the people concerned since {written_instant(hold.placed_at, zone)}"
        if hold.released_at is None:
            super().__init__(f"{since} (DPA 2018 s.68(7)): they wait until it releases them.")
            return
        super().__init__(
            f"{party.name} held letters to the people concerned from {written_instant(hold.placed_at, zone)} to "
            f"{written_instant(hold.released_at, zone)} (DPA 2018 s.68(7)): nobody was to be told in that time. "
            "Give the instant after it at which they were told."
        )


def people_told(
    session: Session, now: datetime, breach_id: int, slug: str, told_at: datetime, by: str, how: str
) -> None:
    """They were told, by whatever means; also where nobody had to. The first instant stands.

    Raises LettersHeld, LiesAhead, BeforeItBegan, NotItsDuty, ReasonNeeded (how they were told).
    """
    breach = open_breach_locked(session, breach_id)
    follow_up, party = open_follow_up_at(session, breach, slug)
    zone = zone_of(protocol_of(session, breach))
    duty = own_duty(session, follow_up, DutyKind.PEOPLE)
    at, words = has_happened(told_at, now, zone), reason(how, "how people were told")
    if duty.done_at == at:
        return
    require_begun(session, breach, at, "Nobody can have been told of it")
    _require_free(session, breach, at, zone)
    first = done(duty, at, by)
    session.add(duty)
    history.write(
        session, breach.case, now, by, "people told" if first else "people told again", why=words, party=party.slug,
        told_at=at.isoformat(),
    )  # fmt: skip
    answer(session, now, breach, follow_up, ObligationKind.TELLING_PEOPLE, by)
    match_obligations(session, now, breach)
    settle(session, now, breach)


def _require_free(session: Session, breach: Breach, at: datetime, zone: ZoneInfo) -> None:
    """What was done before anybody held letters may be recorded later."""
    statement = (
        select(LetterHold, Party)
        .join(FollowUp, col(FollowUp.id) == LetterHold.follow_up_id)
        .join(Party, col(Party.id) == FollowUp.party_id)
        .where(LetterHold.breach_id == breach.id, col(LetterHold.placed_at) < at)
        .where(col(LetterHold.released_at).is_(None) | (col(LetterHold.released_at) > at))
        .order_by(col(LetterHold.released_at).is_not(None), col(LetterHold.id))
    )
    if found := session.exec(statement).first():
        raise LettersHeld(*found, zone)


def people_not_told(session: Session, now: datetime, breach_id: int, slug: str, by: str, because: str) -> None:
    """A person decides that they need not be told: no letter, so no hold is in its way. Raises DutyDone."""
    decide_duty(session, now, breach_id, slug, DutyKind.PEOPLE, by, because)
