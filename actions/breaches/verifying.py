"""What must always be true of breaches: asked by `concordat verify`. Reads only.

A query for all breaches, never one for each. Duties and clocks: `verifying_duties.py`, `verifying_clocks.py`.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import datetime

from sqlmodel import Session, col, func, select

from actions.breaches.facts import digest
from actions.breaches.verifying_clocks import no_clock_was_ever_restarted
from actions.breaches.verifying_duties import (
    every_duty_is_answered_or_owed,
    every_follow_up_has_its_duties,
    what_has_ended_was_answered,
    what_was_late_says_why,
    what_was_notified_is_kept,
)
from actions.breaches.verifying_holds import no_hold_was_left_behind, nobody_wrote_to_people_while_letters_were_held
from actions.breaches.verifying_steps import steps_were_done_when_history_says
from actions.cast import is_active
from actions.lifecycles import off_the_lifecycle
from actions.policy import today_of
from models.breach import Breach, BreachFact, BreachOutcome, BreachReport, FollowUp
from models.history import History, Narrative
from models.obligation import Obligation, ObligationKind
from models.protocol import Party, Protocol
from rules.breach import MOVES, Stage, Step
from rules.breach_facts import FactName

Broken = Iterator[str]

OF_BREACHES = col(History.case).startswith("breach:")
OPENS = (Step.OPEN_FOLLOW_UPS.value, "merged from")  # history rows that name the parties whose follow-ups they open


def every_breach_took_a_path_of_the_lifecycle(session: Session, _now: datetime) -> Broken:
    stages = {breach.case: breach.stage for breach in session.exec(select(Breach))}
    yield from off_the_lifecycle(session, "breach", MOVES, stages)


def every_affected_party_has_its_follow_up(session: Session, now: datetime) -> Broken:
    """Exactly one: the database holds that there are not two. By the facts, and by what history says was opened."""
    statement = select(FollowUp.breach_id, Party.slug).join(Party, col(Party.id) == FollowUp.party_id)
    followed = {(f"breach:{breach}", slug) for breach, slug in session.exec(statement)}
    for case, slug in sorted(_affected(session, now) - followed):
        yield f"{case}: {slug} may be affected and has no follow-up"
    for case, slug in sorted(_opened(session) - followed):
        yield f"{case}: the follow-up of {slug} was opened and is gone"


def _affected(session: Session, now: datetime) -> set[tuple[str, str]]:
    """Whoever is named in a breach that goes on, and is a party."""
    named = session.exec(
        select(BreachFact.breach_id, BreachFact.value, Breach.protocol_id)
        .join(Breach, col(Breach.id) == BreachFact.breach_id)
        .where(BreachFact.name == FactName.PARTIES, col(Breach.stage).not_in((Stage.REPORTED, Stage.CLOSED)))
        .order_by(col(BreachFact.id))
    )
    newest = {breach: (value, protocol) for breach, value, protocol in named}
    parties = _parties(session, now)
    return {
        (f"breach:{breach}", slug)
        for breach, (value, protocol) in newest.items()
        for slug in (value if isinstance(value, list) else [])
        if (protocol, slug) in parties
    }


def _parties(session: Session, now: datetime) -> set[tuple[int, str]]:
    rows = session.exec(select(Party, Protocol).join(Protocol, col(Protocol.id) == Party.protocol_id))
    return {(party.protocol_id, party.slug) for party, of in rows if is_active(party, today_of(of, now))}


def _opened(session: Session) -> set[tuple[str, str]]:
    rows = session.exec(select(History.case, History.details).where(OF_BREACHES, col(History.what).in_(OPENS)))
    return {(case, slug) for case, details in rows for slug in details.get("parties", [])}


def what_has_ended_owes_nothing(session: Session, _now: datetime) -> Broken:
    """A local action goes on after the breach; nothing else does."""
    outlives = (ObligationKind.LOCAL_ACTION,)
    ended = {
        (f"breach:{breach}", party)
        for breach, party in session.exec(
            select(FollowUp.breach_id, FollowUp.party_id).where(col(FollowUp.ended_at).is_not(None))
        )
    }
    statement = select(Obligation.key, Obligation.case, Obligation.party_id).where(
        col(Obligation.outcome).is_(None), col(Obligation.kind).not_in(outlives)
    )
    for key, case, party in session.exec(statement):
        if (case, party) in ended:
            yield f"{key}: still owed, although the follow-up has ended"


def a_closed_breach_has_closed_follow_ups(session: Session, _now: datetime) -> Broken:
    statement = (
        select(Breach.id, FollowUp.party_id)
        .join(FollowUp, col(FollowUp.breach_id) == Breach.id)
        .where(Breach.stage == Stage.CLOSED, col(FollowUp.ended_at).is_(None))
    )
    for breach, party in session.exec(statement):
        yield f"breach:{breach}: is closed, the follow-up of party {party} is not"


def one_step_is_owed_once(session: Session, _now: datetime) -> Broken:
    statement = (
        select(Obligation.case, Obligation.party_id, Obligation.subject)
        .where(Obligation.kind == ObligationKind.STEP, col(Obligation.outcome).is_(None))
        .group_by(col(Obligation.case), col(Obligation.party_id), col(Obligation.subject))
        .having(func.count() > 1)
    )
    for case, party, step in session.exec(statement):
        yield f"{case}: party {party} owes step {step} twice"


def facts_are_what_history_says(session: Session, _now: datetime) -> Broken:
    """Every stated fact stands in the chain by its hash, and none is gone; a purged text is proved by its own."""
    told, kept = _facts_told(session), Counter[tuple[str, str]]()
    statement = select(BreachFact, Narrative).outerjoin(Narrative, col(Narrative.id) == BreachFact.text_id)
    for fact, narrative in session.exec(statement):
        about = (f"breach:{fact.breach_id}", fact.name.value)
        kept[about] += 1
        if narrative is not None and narrative.text is None:
            continue
        if digest(narrative.text if narrative is not None else fact.value) not in told[about]:
            yield f"{about[0]}: fact {fact.id} ({fact.name}) is not the one that was stated"
    for (case, name), digests in told.items():
        if len(digests) > kept[case, name]:
            yield f"{case}: what was stated of “{name}” is gone"


def _facts_told(session: Session) -> dict[tuple[str, str], list[str]]:
    told: dict[tuple[str, str], list[str]] = defaultdict(list)
    for case, details in session.exec(select(History.case, History.details).where(OF_BREACHES)):
        facts = details.get("facts", {})
        for name, digested in facts.items() if isinstance(facts, dict) else ():
            told[case, name].append(digested)
    return told


def what_was_merged_is_elsewhere(session: Session, _now: datetime) -> Broken:
    statement = (
        select(Breach.id)
        .join(BreachReport, col(BreachReport.breach_id) == Breach.id)
        .where(Breach.outcome == BreachOutcome.MERGED)
    )
    for breach in session.exec(statement):
        yield f"breach:{breach}: was merged, and a report still stands in it"


INVARIANTS = (
    every_breach_took_a_path_of_the_lifecycle,
    every_affected_party_has_its_follow_up,
    every_follow_up_has_its_duties,
    every_duty_is_answered_or_owed,
    what_has_ended_was_answered,
    what_was_notified_is_kept,
    no_clock_was_ever_restarted,
    what_was_late_says_why,
    nobody_wrote_to_people_while_letters_were_held,
    no_hold_was_left_behind,
    what_has_ended_owes_nothing,
    a_closed_breach_has_closed_follow_ups,
    one_step_is_owed_once,
    steps_were_done_when_history_says,
    facts_are_what_history_says,
    what_was_merged_is_elsewhere,
)
