"""One follow-up for every party that a breach may concern, by its own procedure; and whoever is asked there."""

from collections.abc import Sequence
from datetime import date, datetime

from sqlmodel import Session, col, select

from actions.breaches.asking_secretary import ask_for_a_party, close_matters_about
from actions.breaches.facts import parties_in
from actions.breaches.moving import follow_ups_of, protocol_of
from actions.breaches.own_limits import asks_for, partners_limit, why_partners
from actions.breaches.procedures import procedure_of, version_for
from actions.breaches.roles import Asked, asked_as, asked_for, could_be_asked_as, could_be_asked_for
from actions.breaches.statutory import duty_of, statutory_duties_of
from actions.breaches.steps import limited_to, update_steps
from actions.breaches.telling import tell_of_follow_up
from actions.breaches.windows import Counted, note_doubt, partners_clock
from actions.cast import is_active, known_id
from actions.duties import numbered_key, open_obligation, owed_by
from actions.policy import allowance_of, today_of, zone_of
from models.breach import Breach, BreachDuty, FollowUp
from models.history import CLOCK, narrate
from models.obligation import Obligation, ObligationKind
from models.protocol import Contact, Party, Role
from models.remembering import remembered
from rules.breach_duties import DutyKind, duties_of, regime_for
from rules.instants import elapsed, end_of_day
from rules.procedures import Procedure

# Whom the law's own duties are asked of, where the party's procedure does not say.
ASKED_AS = {
    ObligationKind.ASSESSMENT: (Role.COORDINATOR, Role.DPO),
    ObligationKind.NOTICE: (Role.DPO, Role.COORDINATOR),
    ObligationKind.TELLING_PEOPLE: (Role.DPO, Role.COORDINATOR),
    ObligationKind.TELLING_PARTNERS: (Role.COORDINATOR, Role.DPO),
    ObligationKind.HOLD: (Role.COORDINATOR, Role.DPO),
    ObligationKind.LEARNING: (Role.COORDINATOR, Role.DPO),
    ObligationKind.LOCAL_ACTION: (Role.COORDINATOR, Role.LEAD_MEMBER),
}
RESTATED_AS = {
    ObligationKind.NOTICE: (DutyKind.REGULATOR, DutyKind.CONTROLLER),
    ObligationKind.TELLING_PEOPLE: (DutyKind.PEOPLE,),
    ObligationKind.TELLING_PARTNERS: (DutyKind.PARTNERS,),
}


def unfollowed(session: Session, now: datetime, breach: Breach) -> list[Party]:
    """Parties that may be affected, by the facts as they are now, and that have no follow-up yet."""
    followed = {follow_up.party_id for follow_up in follow_ups_of(session, breach)}
    today = today_of(protocol_of(session, breach), now)
    return [party for party in _named(session, breach) if party.id not in followed and is_active(party, today)]


@remembered(Party)
def _named(session: Session, breach: Breach) -> Sequence[Party]:
    of = select(Party).where(Party.protocol_id == breach.protocol_id, col(Party.slug).in_(parties_in(session, breach)))
    return session.exec(of.order_by(col(Party.id))).all()


def open_follow_ups(session: Session, now: datetime, breach: Breach) -> list[str]:
    """Each with the party's procedure as it is now, its duties, and its first steps. Answers the parties."""
    parties = unfollowed(session, now, breach)
    opened = [(party, _open(session, now, breach, party)) for party in parties]
    for _, follow_up in opened:
        steps = update_steps(session, now, breach, follow_up)
        tell_of_follow_up(session, now, breach, follow_up, steps)
    if not follow_ups_of(session, breach):
        ask_for_a_party(session, now, breach)
    elif opened:
        close_matters_about(session, now, breach, "a party has been added")
    return [party.slug for party in parties]


def _open(session: Session, now: datetime, breach: Breach, party: Party) -> FollowUp:
    protocol = protocol_of(session, breach)
    version = version_for(session, now, protocol, party)
    follow_up = FollowUp.model_validate(
        {
            "breach_id": known_id(breach), "party_id": known_id(party), "procedure_version_id": known_id(version),
            "regime": regime_for(party.kind), "opened_at": now,
        }
    )  # fmt: skip
    session.add(follow_up)
    session.flush()
    open_duties(session, now, breach, follow_up)
    open_assessment(session, now, breach, follow_up)
    return follow_up


def open_assessment(session: Session, now: datetime, breach: Breach, follow_up: FollowUp) -> Obligation | None:
    """The party owes an assessment: whether and since when, and what it concludes."""
    protocol = protocol_of(session, breach)
    allowance = allowance_of(protocol, "assessment")
    return owe(session, now, breach, follow_up, ObligationKind.ASSESSMENT, elapsed(now, 0, allowance.count))


def open_duties(session: Session, now: datetime, breach: Breach, follow_up: FollowUp) -> None:
    """A row for each duty of the party in its capacity; the ones it has already stay as they are."""
    known = {duty.kind for duty in statutory_duties_of(session, follow_up)}
    for kind in duties_of(follow_up.capacity):
        if kind not in known:
            session.add(BreachDuty(follow_up_id=known_id(follow_up), kind=kind))
    session.flush()
    _partners_clock(session, now, breach, follow_up)


def _partners_clock(session: Session, now: datetime, breach: Breach, follow_up: FollowUp) -> None:
    """The protocol's own clock between partners; where it states none, what the party's procedure asks: breaches are
    followed up by local procedures (protocol §14). The earlier of the two dates counts."""
    protocol, duty = protocol_of(session, breach), duty_of(session, follow_up, DutyKind.PARTNERS)
    if duty is None or duty.required is not None:
        return
    clock, asks = partners_clock(protocol, now), asks_for(session, breach, follow_up, DutyKind.PARTNERS)
    duty.decided_at, duty.decided_by, duty.required = now, CLOCK, clock is not None or asks
    duty.because_id = narrate(session, why_partners(session, follow_up, clock, asks))
    if clock is not None and not clock.without_figure:
        duty.due_at = clock.due if isinstance(clock.due, datetime) else end_of_day(clock.due, zone_of(protocol))
    session.add(duty)
    session.flush()
    if duty.required:
        counted = partners_limit(session, now, breach, follow_up, clock)
        owe_counted(session, now, breach, follow_up, ObligationKind.TELLING_PARTNERS, counted)


def owed_at(session: Session, breach: Breach, follow_up: FollowUp, kind: ObligationKind) -> list[Obligation]:
    return owed_by(session, breach.case, kind, session.get_one(Party, follow_up.party_id))


def owe(
    session: Session, now: datetime, breach: Breach, follow_up: FollowUp, kind: ObligationKind, due: datetime | date,
    subject: str | None = None, what: str | None = None,
) -> Obligation | None:  # fmt: skip
    """The party owes it until that instant or day, asked of whoever its procedure gives it to."""
    protocol, party = protocol_of(session, breach), session.get_one(Party, follow_up.party_id)
    asked = asked_of(session, now, breach, follow_up, kind)
    return open_obligation(
        session, now, protocol, key=numbered_key(session, breach.case, kind, party.slug), case=breach.case, kind=kind,
        contact=asked.contact, party=party, subject=subject, what=what, **limited_to(due),
    )  # fmt: skip


def owe_counted(
    session: Session, now: datetime, breach: Breach, follow_up: FollowUp, kind: ObligationKind, counted: Counted,
    subject: str | None = None, what: str | None = None,
) -> Obligation | None:  # fmt: skip
    """As `owe`; where nobody can say yet that it is the true day, that is said."""
    duty = owe(session, now, breach, follow_up, kind, counted.due, subject, what)
    if duty is not None:
        note_doubt(session, now, breach, protocol_of(session, breach), duty, counted)
    return duty


def asked_of(
    session: Session, now: datetime, breach: Breach, follow_up: FollowUp, kind: ObligationKind, step: str | None = None
) -> Asked:
    """Who at the party owes a duty of that kind; of a step, whoever the procedure gives it to."""
    today = today_of(protocol_of(session, breach), now)
    party, procedure = session.get_one(Party, follow_up.party_id), procedure_of(session, follow_up)
    if (role := _role_in(procedure, kind, step)) is not None:
        return asked_for(session, today, party, procedure, role)
    return asked_as(session, today, party, *ASKED_AS[kind])


def could_be_asked(
    session: Session, follow_up: FollowUp, kind: ObligationKind, step: str | None = None
) -> list[Contact]:  # fmt: skip
    """The same whoever is away: all of whom that is the first who can be asked."""
    party, procedure = session.get_one(Party, follow_up.party_id), procedure_of(session, follow_up)
    if (role := _role_in(procedure, kind, step)) is not None:
        return could_be_asked_for(session, party, procedure, role)
    return could_be_asked_as(session, party, *ASKED_AS[kind])


def _role_in(procedure: Procedure, kind: ObligationKind, step: str | None) -> str | None:
    """To whom the party's procedure gives it, where it says so."""
    if kind is ObligationKind.STEP and step is not None:
        return procedure.steps[step].by
    restated = [each for each in procedure.steps.values() if each.duty in RESTATED_AS.get(kind, ())]
    return restated[0].by if restated else None
