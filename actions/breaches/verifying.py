"""What must always be true of breaches: asked by `concordat verify`. Reads only."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime

from sqlmodel import Session, col, func, select

from actions.breaches.facts import digest
from actions.breaches.following import RESTATED_AS, unfollowed
from actions.breaches.verifying_holds import no_hold_was_left_behind, nobody_wrote_to_people_while_letters_were_held
from models.breach import Awareness, Breach, BreachDuty, BreachFact, BreachOutcome, BreachReport, FollowUp, LetterHold
from models.history import History, Narrative
from models.obligation import Obligation, ObligationKind
from models.protocol import Party
from rules.breach import MOVES, Stage
from rules.breach_duties import Capacity, DutyKind, notice_due

Broken = Iterator[str]

OBLIGATION_OF = {duty: kind for kind, duties in RESTATED_AS.items() for duty in duties}


def every_breach_took_a_path_of_the_lifecycle(session: Session, _now: datetime) -> Broken:
    allowed = {(before.value, after.value) for (before, _), after in MOVES.items()}
    for breach in session.exec(select(Breach)).all():
        at = None
        rows = session.exec(
            select(History.moved_from, History.moved_to)
            .where(History.case == breach.case, col(History.moved_to).is_not(None))
            .order_by(col(History.seq))
        ).all()
        for before, after in rows:
            if before != at or (before is not None and (before, after) not in allowed):
                yield f"{breach.case}: history says it moved from {before} to {after} while it was {at}"
            at = after
        if at != breach.stage.value:
            yield f"{breach.case}: is {breach.stage}, its history ends at {at}"


def every_affected_party_has_its_follow_up(session: Session, now: datetime) -> Broken:
    """Exactly one: the database holds that there are not two."""
    going_on = select(Breach).where(col(Breach.stage).not_in((Stage.REPORTED, Stage.CLOSED)))
    for breach in session.exec(going_on).all():
        for party in unfollowed(session, now, breach):
            yield f"{breach.case}: {party.slug} may be affected and has no follow-up"


def every_duty_is_answered_or_owed(session: Session, _now: datetime) -> Broken:
    """An answer (done, or not required because), or somebody owes it; letters wait while a hold stands."""
    owed, held = _owed(session), _held(session)
    statement = (
        select(BreachDuty, FollowUp, Breach)
        .join(FollowUp, col(FollowUp.id) == BreachDuty.follow_up_id)
        .join(Breach, col(Breach.id) == FollowUp.breach_id)
        .where(col(FollowUp.ended_at).is_(None), col(BreachDuty.done_at).is_(None))
        .where(col(BreachDuty.required).is_not(False))
    )
    for duty, follow_up, breach in session.exec(statement):
        at = owed[breach.case, follow_up.party_id]
        decided = duty.required is True
        by = OBLIGATION_OF[duty.kind] if decided else ObligationKind.ASSESSMENT
        waits = decided and duty.kind is DutyKind.PEOPLE and breach.id in held
        if by not in at and not waits:
            yield f"{breach.case}: the duty “{duty.kind}” of party {follow_up.party_id} is neither answered nor owed"


def _owed(session: Session) -> dict[tuple[str, int | None], set[ObligationKind]]:
    found: dict[tuple[str, int | None], set[ObligationKind]] = defaultdict(set)
    statement = select(Obligation.case, Obligation.party_id, Obligation.kind)
    for case, party, kind in session.exec(statement.where(col(Obligation.outcome).is_(None))):
        found[case, party].add(ObligationKind(kind))
    return found


def _held(session: Session) -> set[int]:
    return set(session.exec(select(LetterHold.breach_id).where(col(LetterHold.released_at).is_(None))))


def no_clock_was_ever_restarted(session: Session, _now: datetime) -> Broken:
    """72 hours from becoming aware, as last corrected, and every correction is in history."""
    statement = (
        select(BreachDuty, FollowUp, Breach, Party.slug)
        .join(FollowUp, col(FollowUp.id) == BreachDuty.follow_up_id)
        .join(Breach, col(Breach.id) == FollowUp.breach_id)
        .join(Party, col(Party.id) == FollowUp.party_id)
        .where(BreachDuty.kind == DutyKind.REGULATOR)
    )
    for duty, follow_up, breach, slug in session.exec(statement).all():
        known = session.exec(
            select(Awareness.aware_at).where(Awareness.follow_up_id == follow_up.id).order_by(col(Awareness.id))
        ).all()
        due = notice_due(known[-1]).instant if known else None
        if duty.due_at != due:
            yield f"{breach.case}: the 72 hours of {slug} do not end 72 hours after it became aware"
        if len(known) != _told(session, breach, slug):
            yield f"{breach.case}: history does not tell every awareness of {slug}"
        if (
            follow_up.capacity is Capacity.CONTROLLER
        ):  # a processor's notice goes to its controller, without the 72 hours
            yield from _later_than(session, breach, follow_up, due, slug)


def _told(session: Session, breach: Breach, slug: str) -> int:
    rows = session.exec(
        select(History.details).where(History.case == breach.case, col(History.what).startswith("awareness"))
    )
    return sum(details.get("party") == slug for details in rows)


def _later_than(session: Session, breach: Breach, follow_up: FollowUp, due: datetime | None, slug: str) -> Broken:
    owed = session.exec(
        select(Obligation.due_at).where(
            Obligation.case == breach.case, Obligation.party_id == follow_up.party_id,
            Obligation.kind == ObligationKind.NOTICE, col(Obligation.outcome).is_(None),
        )
    )  # fmt: skip
    for at in owed:
        if due is not None and at > due:
            yield f"{breach.case}: the notice of {slug} is asked for later than 72 hours after it became aware"


def what_was_late_says_why(session: Session, _now: datetime) -> Broken:
    statement = select(BreachDuty.id, BreachDuty.kind).where(
        col(BreachDuty.done_at) > col(BreachDuty.due_at), col(BreachDuty.late_because_id).is_(None)
    )
    for number, kind in session.exec(statement):
        yield f"breach duty {number} ({kind}): was done late, without reasons"


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
    """Every stated fact stands in the chain by its hash; a purged text is proved by its own."""
    told: dict[str, set[tuple[str, str]]] = defaultdict(set)
    rows = select(History.case, History.details).where(col(History.case).startswith("breach:"))
    for case, details in session.exec(rows):
        facts = details.get("facts", {})
        told[case] |= set(facts.items()) if isinstance(facts, dict) else set()
    statement = select(BreachFact, Narrative).outerjoin(Narrative, col(Narrative.id) == BreachFact.text_id)
    for fact, narrative in session.exec(statement):
        if narrative is not None and narrative.text is None:
            continue
        value = narrative.text if narrative is not None else fact.value
        if (fact.name.value, digest(value)) not in told[f"breach:{fact.breach_id}"]:
            yield f"breach:{fact.breach_id}: fact {fact.id} ({fact.name}) is not the one that was stated"


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
    every_duty_is_answered_or_owed,
    no_clock_was_ever_restarted,
    what_was_late_says_why,
    nobody_wrote_to_people_while_letters_were_held,
    no_hold_was_left_behind,
    what_has_ended_owes_nothing,
    a_closed_breach_has_closed_follow_ups,
    one_step_is_owed_once,
    facts_are_what_history_says,
    what_was_merged_is_elsewhere,
)
