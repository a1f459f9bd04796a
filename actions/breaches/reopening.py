"""A closed breach, or one party's follow-up, goes on. No clock begins anew: what was known, done or due stays so."""

from datetime import datetime

from sqlmodel import Session, col, select

from actions.breaches.asking_secretary import ask_who_goes_on, close_matters_about
from actions.breaches.duties import decide
from actions.breaches.facts import digests, keep_facts, parties_in
from actions.breaches.following import open_assessment
from actions.breaches.listeners import times_taken
from actions.breaches.matching import match_obligations
from actions.breaches.moving import breach_locked, follow_up_at, follow_ups_of, protocol_of, take_step
from actions.breaches.settling import settle
from actions.breaches.steps import aware_at
from actions.breaches.telling import tell_of_reopening
from actions.cast import is_active
from actions.policy import today_of
from actions.reasons import reason
from models import history
from models.breach import Breach, BreachDuty, BreachOutcome, FollowUp, FollowUpEnd
from models.history import CLOCK
from models.protocol import Party
from rules.breach import Stage, Step
from rules.breach_duties import DutyKind
from rules.breach_facts import FactName
from rules.errors import Refused

WITH_THE_BREACH = (FollowUpEnd.COMPLETE, FollowUpEnd.NOT_A_BREACH)
ALONE = (*WITH_THE_BREACH, FollowUpEnd.NOT_AFFECTED)


class WasMerged(Refused):
    def __init__(self, breach: Breach) -> None:
        super().__init__(
            f"Breach {breach.id} was merged into breach {breach.merged_into_id}, and goes on there: see "
            f"`concordat breach show {breach.merged_into_id}`."
        )


class HasLeftTheProtocol(Refused):
    def __init__(self, party: Party) -> None:
        super().__init__(f"{party.name} is not a party any more: nothing can be asked of it here.")


def reopen(session: Session, now: datetime, breach_id: int, by: str, because: str) -> None:
    """With the follow-ups that were finished or ended with it; not those of parties that it does not concern, or
    that have left. Each is assessed again. Where the breach is open already, nothing happens.

    Raises ReasonNeeded, WasMerged, NotThere.
    """
    breach, why = breach_locked(session, breach_id), reason(because, "a breach that is reopened")
    if breach.stage is not Stage.CLOSED:
        return
    again = [each for each in follow_ups_of(session, breach) if _goes_on(session, now, breach, each)]
    _reopen_breach(session, now, breach, by, why)
    for follow_up in again:
        _reopen(session, now, breach, follow_up, by)
    match_obligations(session, now, breach)
    tell_of_reopening(session, now, breach, None)
    settle(session, now, breach)
    ask_who_goes_on(session, now, breach, f"reopened-{times_taken(session, breach, Step.REOPEN)}")


def reopen_follow_up(session: Session, now: datetime, breach_id: int, slug: str, by: str, because: str) -> None:
    """Of one party, also of one that was not affected; a closed breach is reopened for it. Twice does nothing.

    Raises ReasonNeeded, WasMerged, HasLeftTheProtocol, NotThere, NoFollowUp.
    """
    breach, why = breach_locked(session, breach_id), reason(because, "a follow-up that is reopened")
    follow_up, party = follow_up_at(session, breach, slug)
    if follow_up.ended_at is None:
        return
    if breach.outcome is BreachOutcome.MERGED:
        raise WasMerged(breach)
    if follow_up.end not in ALONE or not is_active(party, today_of(protocol_of(session, breach), now)):
        raise HasLeftTheProtocol(party)
    if breach.stage is Stage.CLOSED:
        _reopen_breach(session, now, breach, by, why)
    name_again(session, now, breach, party, by, why)
    _reopen(session, now, breach, follow_up, by, why)
    match_obligations(session, now, breach)
    tell_of_reopening(session, now, breach, follow_up)
    settle(session, now, breach)


def name_again(session: Session, now: datetime, breach: Breach, party: Party, by: str, why: str) -> None:
    """Among those that the breach may concern, by the facts."""
    named = parties_in(session, breach)
    if party.slug not in named:
        stated = keep_facts(session, now, breach, {FactName.PARTIES: [*named, party.slug]}, by, why)
        history.write(session, breach.case, now, by, "facts stated", why=why, facts=digests(stated))


def _goes_on(session: Session, now: datetime, breach: Breach, follow_up: FollowUp) -> bool:
    party = session.get_one(Party, follow_up.party_id)
    return follow_up.end in WITH_THE_BREACH and is_active(party, today_of(protocol_of(session, breach), now))


def _reopen_breach(session: Session, now: datetime, breach: Breach, by: str, why: str) -> None:
    if breach.outcome is BreachOutcome.MERGED:
        raise WasMerged(breach)
    was = breach.outcome
    take_step(session, now, breach, Step.REOPEN, by, why, outcome=was.value if was else None)
    breach.outcome = breach.ended_at = None
    session.flush()


def _reopen(
    session: Session, now: datetime, breach: Breach, follow_up: FollowUp, by: str, why: str | None = None
) -> None:
    ended_at, was = follow_up.ended_at, follow_up.end
    follow_up.ended_at = follow_up.end = follow_up.end_why_id = follow_up.assessed_at = None
    follow_up.reopened += 1
    session.add(follow_up)
    session.flush()
    if was is FollowUpEnd.NOT_A_BREACH:
        _undecide(session, now, breach, follow_up, ended_at, by)
    open_assessment(session, now, breach, follow_up)
    party = session.get_one(Party, follow_up.party_id)
    close_matters_about(session, now, breach, f"{party.name} follows it up again")
    history.write(
        session, breach.case, now, by, "follow-up reopened", why=why, party=party.slug, end=was.value if was else None
    )  # fmt: skip


def _undecide(
    session: Session, now: datetime, breach: Breach, follow_up: FollowUp, ended_at: datetime | None, by: str
) -> None:
    """What was not required only because a person ended the case then is a question again, or stands as it stood."""
    statement = select(BreachDuty).where(
        BreachDuty.follow_up_id == follow_up.id, col(BreachDuty.required).is_(False), col(BreachDuty.done_at).is_(None),
        BreachDuty.decided_at == ended_at, BreachDuty.decided_by != CLOCK,
    )  # fmt: skip
    for duty in session.exec(statement.order_by(col(BreachDuty.id))).all():
        required = True if _whatever_the_risk(session, follow_up, duty) else None
        decide(session, now, breach, follow_up, duty.kind, required, "the follow-up was reopened", by)


def _whatever_the_risk(session: Session, follow_up: FollowUp, duty: BreachDuty) -> bool:
    """These follow from no conclusion: telling partners, which was required when the case ended (else that would not
    have answered it), and what a processor owes once it is aware."""
    if duty.kind is DutyKind.PARTNERS:
        return True
    return duty.kind is DutyKind.CONTROLLER and aware_at(session, follow_up) is not None
