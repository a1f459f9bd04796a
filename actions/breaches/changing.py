"""What may be changed in what a party owes after a breach: more time, a waiver, somebody else.

What the law asks is answered, never waived: a duty that nobody owes and nobody has answered would be forgotten.
"""

from sqlmodel import Session, select

from actions.breaches.asking_lessons import FINISH
from actions.breaches.following import RESTATED_AS
from actions.breaches.procedures import procedure_of
from actions.breaches.statutory import duty_of
from models.breach import FollowUp
from models.obligation import Obligation, ObligationKind
from models.protocol import Party
from rules.breach_duties import LAW, Capacity, DutyKind, Regime, law_of
from rules.errors import Refused
from rules.procedures import ProcedureRole

CASE = "breach:"
# What ends each kind, as a person goes on typing after `concordat breach `.
ANSWERS = {
    ObligationKind.ASSESSMENT: "conclude {of} RISK --because TEXT",
    ObligationKind.TELLING_PEOPLE: "people {of} --not-required --because TEXT",
    ObligationKind.TELLING_PARTNERS: "duty {of} partners not-required --because TEXT",
    ObligationKind.HOLD: "hold {of} --confirm --because TEXT`, or `--release",
    ObligationKind.LEARNING: "lesson {of} --effect none --none-because TEXT --cause TEXT --words TEXT",
    ObligationKind.STEP: "step {of} {step} --skip --because TEXT",
}
FINISHED = "finish {of}"  # where the lesson stands


class HoursAreTheLaws(Refused):
    """UK GDPR art. 33(1), DPA 2018 s.67: nobody at the partnership can give more of them."""

    def __init__(self, of: str = "BREACH PARTY") -> None:
        super().__init__(
            "72 hours are the law's, and can be neither extended nor waived: record the notice (`concordat breach "
            f"notify {of} --at WHEN`), or the reason why it is late or not required (`concordat breach duty {of} "
            "regulator not-required --because TEXT`)."
        )


class ControllerWithoutUndueDelay(Refused):
    """UK GDPR art. 33(2), DPA 2018 s.67(9): a processor has no 72 hours."""

    def __init__(self, of: str = "BREACH PARTY", law: str = LAW[Regime.UK_GDPR, DutyKind.CONTROLLER]) -> None:
        super().__init__(
            f"A processor tells its controller “without undue delay” ({law}), and nobody can give more time for that, "
            f"nor waive it: record when it was told (`concordat breach notify {of} --at WHEN`), or the reason why it "
            f"need not be (`concordat breach duty {of} controller not-required --because TEXT`)."
        )


class WithoutUndueDelay(Refused):
    """UK GDPR art. 34(1), DPA 2018 s.68."""

    def __init__(self) -> None:
        super().__init__(
            "The people concerned are told “without undue delay”, and nobody can give more time for that: record "
            "how they were told, or the reason why that is not required or must wait."
        )


class IsAnswered(Refused):
    """Waived, it would be neither answered nor owed."""

    def __init__(self, duty: Obligation, command: str) -> None:
        super().__init__(
            f"What a party owes after a breach is answered, with a reason where nothing is done, and never waived: "
            f"record it with `concordat breach {command}` ({duty.kind})."
        )


class NobodyStandsIn(Refused):
    def __init__(self, party: Party, role: ProcedureRole) -> None:
        super().__init__(
            f"The procedure of {party.name} gives this to its {role.name} alone, and nobody stands in there: ask "
            "whoever it is, or name another address for that role with `concordat contact set`."
        )


def is_of_a_breach(duty: Obligation) -> bool:
    return duty.case.startswith(CASE)


def require_extensible(session: Session, duty: Obligation) -> None:
    """Raises HoursAreTheLaws, ControllerWithoutUndueDelay, WithoutUndueDelay."""
    if duty.kind is ObligationKind.NOTICE:
        raise _notice_refused(session, duty)
    if duty.kind is ObligationKind.TELLING_PEOPLE:
        raise WithoutUndueDelay


def require_waivable(session: Session, duty: Obligation) -> None:
    """Raises HoursAreTheLaws, ControllerWithoutUndueDelay, and IsAnswered for all but a local action, which is
    nobody's by law."""
    if duty.kind is ObligationKind.NOTICE:
        raise _notice_refused(session, duty)
    if command := FINISHED if duty.what == FINISH else ANSWERS.get(duty.kind):
        raise IsAnswered(duty, command.format(of=_of(session, duty), step=duty.subject or "STEP"))


def require_delegable(session: Session, duty: Obligation) -> None:
    """Raises NobodyStandsIn, where the procedure gives it to one role only."""
    follow_up = _follow_up(session, duty)
    if follow_up is None:
        return
    procedure = procedure_of(session, follow_up)
    restated = RESTATED_AS.get(duty.kind, ())
    for step in procedure.steps.values():
        is_it = duty.kind is ObligationKind.STEP and step.id == duty.subject
        if (is_it or step.duty in restated) and procedure.roles[step.by].only:
            raise NobodyStandsIn(session.get_one(Party, follow_up.party_id), procedure.roles[step.by])


def has_more_time(session: Session, duty: Obligation) -> None:
    """The partners' clock is the protocol's own: who has more time is late by the new date only. What the party's
    procedure alone asks for is never late by the protocol."""
    follow_up = _follow_up(session, duty) if duty.kind is ObligationKind.TELLING_PARTNERS else None
    telling = duty_of(session, follow_up, DutyKind.PARTNERS) if follow_up is not None else None
    if telling is not None and telling.due_at is not None:
        telling.due_at = max(telling.due_at, duty.due_at)
        session.add(telling)


def _notice_refused(session: Session, duty: Obligation) -> Refused:
    """In the capacity that the party acts in."""
    follow_up, of = _follow_up(session, duty), _of(session, duty)
    if follow_up is not None and follow_up.capacity is Capacity.PROCESSOR:
        return ControllerWithoutUndueDelay(of, law_of(follow_up.regime, DutyKind.CONTROLLER))
    return HoursAreTheLaws(of)


def _of(session: Session, duty: Obligation) -> str:
    party = session.get(Party, duty.party_id) if duty.party_id else None
    return f"{duty.case.removeprefix(CASE)} {party.slug if party else 'PARTY'}"


def _follow_up(session: Session, duty: Obligation) -> FollowUp | None:
    if not is_of_a_breach(duty):
        return None
    number = int(duty.case.removeprefix(CASE))
    statement = select(FollowUp).where(FollowUp.breach_id == number, FollowUp.party_id == duty.party_id)
    return session.exec(statement).first()
