"""Something is known better, letters have to wait, a partner asks: those who act on it are told."""

from datetime import datetime, timedelta

from sqlmodel import Session, col, func, select

from actions.breaches.facts import stated_since
from actions.breaches.listeners import coordinator, say, with_duties
from actions.breaches.moving import follow_ups_of, party_of, protocol_of
from actions.breaches.statutory import duty_of
from actions.breaches.wording import changes, holders
from actions.policy import zone_of
from models.breach import Awareness, Breach, BreachFact, Consultation, FollowUp, LetterHold
from models.obligation import ObligationKind
from notifications.giving_way import give_way
from notifications.messages import (
    AwarenessRecorded,
    BreachFactsChanged,
    ConsultationAnswered,
    ConsultationAsked,
    LettersHeld,
    LettersReleased,
)
from rules.breach_duties import LAW, Capacity, DutyKind, notice_due
from rules.limits import is_over, time_left

# Whoever corrects five facts in one sitting is read in one message. What becomes due is told at once, by itself.
GATHERED = timedelta(minutes=5)


def tell_of_facts(session: Session, now: datetime, breach: Breach) -> None:
    """To whoever owes something in a follow-up that goes on. What opens because of it is told by `tell_of_steps`."""
    newest = session.exec(select(func.max(BreachFact.id)).where(BreachFact.breach_id == breach.id)).one()
    zone = zone_of(protocol_of(session, breach))
    for follow_up in follow_ups_of(session, breach, still_open=True):
        party = party_of(session, follow_up)
        for to in with_duties(session, now, breach, follow_up):
            about = f"{breach.case}:{party.slug}:facts:"
            unsaid = give_way(session, now, to.contact, about, unless=f"{about}{newest}:")
            since = min((row.queued_at for row in unsaid), default=now)
            if said := changes(session, breach, stated_since(session, breach, since), zone):
                leaves = next((row.next_attempt_at for row in unsaid if row.settled_at == now), now + GATHERED)
                say(
                    session, now, breach, to, party, f"{about}{newest}", BreachFactsChanged, changed=said,
                    not_before=leaves,
                )  # fmt: skip


def tell_of_awareness(session: Session, now: datetime, breach: Breach, follow_up: FollowUp, corrected: bool) -> None:
    newest = select(Awareness).where(Awareness.follow_up_id == follow_up.id).order_by(col(Awareness.id).desc())
    awareness, party = session.exec(newest.limit(1)).one(), party_of(session, follow_up)
    is_controller = follow_up.capacity is Capacity.CONTROLLER
    due = notice_due(awareness.aware_at, zone_of(protocol_of(session, breach))) if is_controller else None
    kind = DutyKind.REGULATOR if is_controller else DutyKind.CONTROLLER
    for to in with_duties(session, now, breach, follow_up):
        about = f"{breach.case}:{party.slug}:aware:"
        give_way(session, now, to.contact, about, unless=f"{about}{awareness.id}:")
        say(
            session, now, breach, to, party, f"{about}{awareness.id}",
            AwarenessRecorded, aware_at=awareness.aware_at, corrected=corrected,
            law=LAW[follow_up.regime, kind], notice=_answered(session, follow_up, kind),
            due_at=due.instant if due else None, overdue=due is not None and is_over(due.instant, now, exact=True),
            left=time_left(due.instant, now) if due else None, how_counted=due.because if due else None,
        )  # fmt: skip


def _answered(session: Session, follow_up: FollowUp, kind: DutyKind) -> str:
    duty = duty_of(session, follow_up, kind)
    if duty is not None and duty.done_at is not None:
        return "given"
    return "not required" if duty is not None and duty.required is False else "owed"


def tell_of_hold(session: Session, now: datetime, breach: Breach, hold: LetterHold, released: bool) -> None:
    """To whoever would write to the people concerned: all but the party that placed it; of its release, all."""
    holder = party_of(session, session.get_one(FollowUp, hold.follow_up_id)).name
    for follow_up in follow_ups_of(session, breach, still_open=True):
        if follow_up.id == hold.follow_up_id and not released:
            continue
        party = party_of(session, follow_up)
        for to in with_duties(session, now, breach, follow_up, ObligationKind.TELLING_PEOPLE, ever=True):
            key = f"{breach.case}:hold:{hold.id}:{'released' if released else 'placed'}:{party.slug}"
            if released:
                say(
                    session, now, breach, to, party, key, LettersReleased, released_by=holder,
                    released_at=hold.released_at or now, still_held_by=holders(session, breach, besides=hold),
                )  # fmt: skip
            else:
                say(
                    session, now, breach, to, party, key, LettersHeld, held_by=holder, held_at=hold.placed_at
                )  # fmt: skip


def tell_of_consultation(
    session: Session, now: datetime, breach: Breach, consultation: Consultation, answered: bool
) -> None:
    """The question to whoever is asked, the answer's being there to whoever asked; neither is in the message."""
    asker, of = (
        session.get_one(FollowUp, number) for number in (consultation.asked_by_id, consultation.asked_of_id)
    )  # fmt: skip
    reader, other = (asker, of) if answered else (of, asker)
    partner = party_of(session, other).name
    key = f"{breach.case}:consultation:{consultation.id}:{'answered' if answered else 'asked'}"
    to, party = coordinator(session, now, breach, reader), party_of(session, reader)
    if answered:
        say(session, now, breach, to, party, key, ConsultationAnswered, answered_by=partner)
    else:
        say(session, now, breach, to, party, key, ConsultationAsked, asked_by=partner)
