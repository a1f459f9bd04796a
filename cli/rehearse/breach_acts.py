"""What the parties decide after a breach of the rehearsed year: the scenes of its plot, by the real actions."""

from collections.abc import Iterator
from datetime import datetime
from random import Random

from sqlmodel import Session, col, select

from actions.away import set_away
from actions.breaches.awareness import record_awareness
from actions.breaches.closing import end_early
from actions.breaches.concluding import conclude, severity_of
from actions.breaches.facts import facts_of
from actions.breaches.holding import place_hold, release_hold
from actions.breaches.moving import follow_up_at
from actions.breaches.reporting import Report, report_breach
from actions.breaches.roles import Asked, asked_as
from actions.breaches.stating import state_facts
from actions.cast import party_named
from actions.policy import today_of
from cli.rehearse.breach_cast import Body, Case
from cli.rehearse.plots import Change, Course, Hold, NearMiss
from models.breach import Breach, BreachOutcome, ReporterKind
from models.obligation import Obligation, ObligationKind
from models.protocol import Contact, Party, Protocol, Role
from rules.breach import Stage
from rules.breach_duties import Risk, notice_due
from rules.instants import elapsed
from rules.sentences import listed, written_day, written_instant

AWAY_FOR = 14  # days
MEMBER_OF_STAFF = "a member of staff"


def in_a_sentence(risk: Risk) -> str:
    """After “concludes that …”."""
    match risk:
        case Risk.NOT_PERSONAL:
            return "no data of living people is concerned"
        case Risk.HIGH:
            return "a high risk to people is likely"
        case Risk.LIKELY | Risk.UNLIKELY:
            return f"a risk to people is {risk}"


def report(session: Session, now: datetime, case: Case, protocol_id: int, rng: Random) -> Iterator[str]:
    protocol, first = session.get_one(Protocol, protocol_id), case.bodies[0]
    sent = Report(facts=case.reported_facts(), reporter_kind=ReporterKind.ANONYMOUS, party=first.slug)
    reported = report_breach(session, now, protocol, sent, MEMBER_OF_STAFF, entropy=rng.randbytes)
    case.number = reported.breach.id
    yield (
        f"Somebody at {first.name} reports that {case.plot.words}: breach {case.number}, to be quoted as "
        f"{reported.reference}."
    )


def become_aware(session: Session, now: datetime, case: Case, body: Body, course: Course) -> Iterator[str]:
    if (breach := _going_on(session, case)) is None:
        return
    aware, asked = case.at(course.aware), speaker(session, now, breach, body.slug)
    because = "The first look at it left no reasonable doubt."
    who, by = asked.contact.role.value, said_by(asked, body.slug)
    record_awareness(session, now, breach_id(breach), body.slug, aware, who, by, because)
    regime = follow_up_at(session, breach, body.slug)[0].regime
    due = notice_due(aware, case.zone)
    yield (
        f"{body.name} has been aware since {written_instant(aware, case.zone)}: its 72 hours ({regime}) end on "
        f"{written_instant(due.instant, case.zone)}."
    )


def assess_and_conclude(session: Session, now: datetime, case: Case, body: Body, course: Course) -> Iterator[str]:
    """Whoever is first states what has been found out, with the score."""
    if (breach := _going_on(session, case)) is None:
        return
    by = said_by(speaker(session, now, breach, body.slug), body.slug)
    if body == case.bodies[0]:
        state_facts(session, now, breach_id(breach), case.assessed_facts(), by)
        if scored := severity_of(facts_of(session, breach)):
            yield f"{body.name} scores breach {breach.id}: {scored.score}, {scored.band}."
    conclude(session, now, breach_id(breach), body.slug, course.risk, by, course.because)
    yield f"{body.name} concludes that {in_a_sentence(course.risk)}."


def change_facts(session: Session, now: datetime, case: Case, change: Change) -> Iterator[str]:
    if (breach := _going_on(session, case)) is None:
        return
    body, before = case.bodies[0], set(_open_steps(session, breach))
    by = said_by(speaker(session, now, breach, body.slug), body.slug)
    state_facts(session, now, breach_id(breach), change.facts, by, change.because)
    scored = severity_of(facts_of(session, breach))
    score = f" The score is {scored.score} now, {scored.band}." if scored else ""
    opened = [step for step in _open_steps(session, breach) if step not in before]
    due = f" What had not been due is due now: {listed(opened)}." if opened else ""
    yield f"{body.name} finds out that {change.words}.{score}{due}"


def conclude_again(session: Session, now: datetime, case: Case, change: Change) -> Iterator[str]:
    if (breach := _going_on(session, case)) is None:
        return
    body = case.bodies[0]
    by = said_by(speaker(session, now, breach, body.slug), body.slug)
    conclude(session, now, breach_id(breach), body.slug, change.risk, by, change.risk_because)
    yield f"{body.name} concludes now that {in_a_sentence(change.risk)}."


def place(session: Session, now: datetime, case: Case, body: Body, hold: Hold) -> Iterator[str]:
    if (breach := _going_on(session, case)) is None:
        return
    by = said_by(speaker(session, now, breach, body.slug), body.slug)
    place_hold(session, now, breach_id(breach), body.slug, by, hold.because)
    yield f"{body.name} holds the letters to the people concerned: until it releases them, no party's letters leave."


def release(session: Session, now: datetime, case: Case, body: Body, hold: Hold) -> Iterator[str]:
    if (breach := _going_on(session, case)) is None:
        return
    by = said_by(speaker(session, now, breach, body.slug), body.slug)
    release_hold(session, now, breach_id(breach), body.slug, by, hold.release_because)
    yield f"{body.name} releases the letters."


def go_on_leave(session: Session, now: datetime, case: Case, body: Body) -> Iterator[str]:
    """Whoever is asked first, where somebody else at the party can be."""
    if (breach := _going_on(session, case)) is None:
        return
    protocol = session.get_one(Protocol, breach.protocol_id)
    party, contact = party_named(session, protocol, body.slug), speaker(session, now, breach, body.slug).contact
    if contact.party_id != party.id or not _others(session, party, contact):
        return
    until = today_of(protocol, elapsed(now, 24 * AWAY_FOR))
    set_away(session, now, protocol, party, contact.role, until, f"{body.slug} (automatic reply)")
    yield f"The {contact.role} of {body.name} is away until {written_day(until)}."


def end_as_near_miss(session: Session, now: datetime, case: Case, body: Body, near: NearMiss) -> Iterator[str]:
    if (breach := _going_on(session, case)) is None:
        return
    by = said_by(speaker(session, now, breach, body.slug), body.slug)
    end_early(session, now, breach_id(breach), BreachOutcome.NEAR_MISS, by, near.because)
    yield f"{body.name}: {near.words}. Breach {breach.id} is closed as a near miss, with that reason."


def speaker(session: Session, now: datetime, breach: Breach, slug: str) -> Asked:
    """Who acts for the party: its coordinator, or whoever stands in."""
    protocol = session.get_one(Protocol, breach.protocol_id)
    party = party_named(session, protocol, slug)
    return asked_as(session, today_of(protocol, now), party, Role.COORDINATOR, Role.DPO)


def said_by(asked: Asked, slug: str) -> str:
    """In the words of history."""
    return f"{slug} ({asked.contact.role.value})"


def breach_id(breach: Breach) -> int:
    assert breach.id is not None
    return breach.id


def _going_on(session: Session, case: Case) -> Breach | None:
    """None where it was never reported, or has been closed."""
    breach = session.get(Breach, case.number, populate_existing=True) if case.number else None
    return None if breach is None or breach.stage is Stage.CLOSED else breach


def _open_steps(session: Session, breach: Breach) -> list[str]:
    statement = select(Obligation.subject, Party.name).join(Party, col(Party.id) == Obligation.party_id)
    of = statement.where(
        Obligation.case == breach.case, Obligation.kind == ObligationKind.STEP, col(Obligation.outcome).is_(None)
    )
    return [f"{step} ({name})" for step, name in session.exec(of.order_by(col(Obligation.id)))]


def _others(session: Session, party: Party, contact: Contact) -> bool:
    others = select(Contact.id).where(Contact.party_id == party.id, Contact.id != contact.id)
    return session.exec(others.where(col(Contact.bounced_at).is_(None))).first() is not None
