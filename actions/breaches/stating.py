"""Something is known better now than it was: stated, with why, and all that follows from it follows at once."""

from collections.abc import Mapping, Sequence, Set
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from actions.breaches.beginning import require_nobody_aware_before, require_nothing_done_before
from actions.breaches.confirming_facts import confirm
from actions.breaches.facts import Stated, digests, facts_of, keep_facts, listed_in, parties_in, read_facts
from actions.breaches.given_facts import require_order
from actions.breaches.moving import open_breach_locked, protocol_of
from actions.breaches.notice_dates import date_notices_earlier
from actions.breaches.reopening import reopen_follow_up
from actions.breaches.said_otherwise import close_what_was_stated
from actions.breaches.settling import settle
from actions.breaches.steps import redate_steps
from actions.breaches.telling import tell_of_facts
from actions.cast import is_active, known_id
from actions.policy import today_of, zone_of
from actions.reasons import ReasonNeeded, reason_if_any
from models import history
from models.breach import Breach, FollowUp, FollowUpEnd
from models.protocol import Party
from rules.breach_facts import UNKNOWN, FactName
from rules.errors import Refused

# Who says that fewer are concerned than was thought says why.
WHY_NEEDED = frozenset({FactName.PEOPLE, FactName.RECORDS, FactName.PARTIES, FactName.PERSONAL_DATA, FactName.FACTORS})
WHEN_IT_OCCURRED = frozenset({FactName.OCCURRED_FROM, FactName.OCCURRED_TO})


class IsFollowedUp(Refused):
    def __init__(self, breach: Breach, party: Party) -> None:
        super().__init__(
            f"{party.name} follows breach {breach.id} up: that it is not concerned is said with "
            f"`concordat breach not-affected {breach.id} {party.slug} --because TEXT`."
        )


def state_facts(
    session: Session, now: datetime, breach_id: int, found: Mapping[FactName, Any], by: str,
    because: str | None = None, *, by_reporter: bool = False,
) -> list[Stated]:  # fmt: skip
    """Something is known better now; answers what has changed, and what of a reporter's word is confirmed.

    Correcting a number or whom it concerns takes a reason. Conditions of every procedure are asked again, and what has
    become due opens. Stating the same twice does nothing. Raises BreachHasEnded, ReasonNeeded, IsFollowedUp,
    OccurredBackwards, AwareBeforeThat, DoneBeforeThat, and what `read_facts` raises.
    """
    breach = open_breach_locked(session, breach_id)
    before = facts_of(session, breach)
    read = read_facts(session, now, protocol_of(session, breach), found, before)
    if WHEN_IT_OCCURRED & read.keys():
        require_order({**before, **read}, zone_of(protocol_of(session, breach)))
    if read.get(FactName.OCCURRED_FROM) != before.get(FactName.OCCURRED_FROM):
        require_nobody_aware_before(session, breach, read)
        require_nothing_done_before(session, breach, read)
    if because is None and any(
        name in WHY_NEEDED and before.get(name, UNKNOWN) not in (UNKNOWN, value) for name, value in read.items()
    ):
        raise ReasonNeeded("a corrected fact")
    why = reason_if_any(because, "a corrected fact")
    _require_no_follow_up_dropped(session, breach, read, before)
    confirmed = [] if by_reporter else confirm(session, now, breach, read, before, by, why)
    if not by_reporter:
        close_what_was_stated(session, now, breach, read)
    changed = keep_facts(session, now, breach, read, by, why, before=before)
    if changed:
        history.write(session, breach.case, now, by, "facts stated", why=why, facts=digests(changed))
        name_again(session, now, breach, before, by, why)
        redate_steps(session, now, breach)
        date_notices_earlier(session, now, breach)
        tell_of_facts(session, now, breach)
        settle(session, now, breach)
    return confirmed + changed


def _followed(session: Session, breach: Breach, slugs: Set[str], *where: Any) -> Sequence[Party]:
    statement = select(Party).join(FollowUp, col(FollowUp.party_id) == Party.id).where(FollowUp.breach_id == breach.id)
    return session.exec(statement.where(col(Party.slug).in_(slugs), *where).order_by(col(Party.id))).all()


def _require_no_follow_up_dropped(
    session: Session, breach: Breach, read: Mapping[FactName, Any], before: Mapping[FactName, Any]
) -> None:
    """A list without its name would leave a party with clocks that run and no breach that concerns it."""
    if FactName.PARTIES in read:
        left_out = set(listed_in(before.get(FactName.PARTIES))) - set(listed_in(read[FactName.PARTIES]))
        if going_on := _followed(session, breach, left_out, col(FollowUp.ended_at).is_(None)):
            raise IsFollowedUp(breach, going_on[0])


def name_again(
    session: Session, now: datetime, breach: Breach, before: Mapping[FactName, Any], by: str, why: str | None
) -> None:  # fmt: skip
    """Whoever was not affected, and is named since (`before`: what was known then), goes on."""
    named = parties_in(session, breach)
    new = set(named) - set(listed_in(before.get(FactName.PARTIES)))
    for party in _followed(session, breach, new, FollowUp.end == FollowUpEnd.NOT_AFFECTED):
        if is_active(party, today_of(protocol_of(session, breach), now)):
            reopen_follow_up(session, now, known_id(breach), party.slug, by, why or f"{party.name} was named again")
