"""Complaints of the small world, built in the tables: only what is counted of them matters here."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

from sqlmodel import Session, col, select

from actions.cast import known_id
from models import history
from models.complaint import Complaint, ComplaintEffect, ComplaintOutcome, Finding, Referral
from models.gap import Gap, GapOrigin
from models.obligation import Obligation, ObligationKind, Outcome
from models.protocol import Clause, Role
from rules.complaint import ComplaintKind, Stage, Step
from rules.determination import Answer, Effect, Result
from rules.instants import LONDON, end_of_day
from tests.actions.world import SECRETARY, contact_of, party, protocol

WORDS = "Marigold Quench of 12 Elder Lane says her file <script>went</script> to a neighbour | ringing 07700 900123."
REACH = "marigold.quench@example.org"
ANSWERS = {
    Result.BREAKDOWN: (Answer.YES, Answer.NO, Answer.YES, Answer.YES),
    Result.BOTH: (Answer.YES, Answer.NO, Answer.NO, Answer.YES),
    Result.INADEQUACY: (Answer.YES, Answer.YES, Answer.YES, Answer.YES),
    Result.NEITHER: (Answer.YES, Answer.YES, Answer.YES, Answer.NO),
    Result.UNDETERMINED: (Answer.UNKNOWN, None, None, Answer.YES),
}


def at(*day: int) -> datetime:
    return datetime(*day, 12, tzinfo=UTC)  # type: ignore[arg-type, misc]


def complaint(
    session: Session, about: str, received: datetime, *, kind: ComplaintKind = ComplaintKind.DISCLOSURE,
    stage: Stage = Stage.ANALYSING, outcome: ComplaintOutcome | None = None, suggested: Sequence[str] | None = None,
    acknowledged: datetime | None = None,
) -> Complaint:  # fmt: skip
    made = Complaint(
        protocol_id=known_id(protocol(session)), kind=kind, stage=stage, outcome=outcome, received_at=received,
        party_id=known_id(party(session, about)), what_id=history.narrate(session, WORDS),
        wanted_id=history.narrate(session, WORDS), reach_id=history.narrate(session, REACH), attachments=[],
        recorded_at=received, recorded_by="Alex Handler", acknowledged_at=acknowledged,
        ended_at=received + timedelta(days=2) if outcome else None,
    )  # fmt: skip
    session.add(made)
    session.flush()
    begin = {} if suggested is None else {"suggested": list(suggested)}
    history.write(session, made.case, received, "clock", Step.BEGIN_ANALYSIS.value, **begin)
    return made


def finding(
    session: Session, of: Complaint, clause: str | None, result: Result, determined: datetime, *, issue: int = 1,
    by: str | None = None, corrects: Finding | None = None,
) -> Finding:  # fmt: skip
    answers = ANSWERS[result]
    number = session.exec(select(Clause.id).where(Clause.key == clause)).one() if clause else None
    made = Finding(
        key=f"{of.case}:{issue}:{corrects.id if corrects else 0}", complaint_id=known_id(of), issue=issue,
        party_id=known_id(party(session, by)) if by else of.party_id, clause_id=number, covered=answers[0],
        followed=answers[1], clear=answers[2], harm=answers[3], result=result, determined_at=determined,
        reasons={"covered": {"why": history.narrate(session, WORDS)}}, determined_by="Alex Handler",
        corrects_id=corrects.id if corrects else None,
    )  # fmt: skip
    session.add(made)
    session.flush()
    return made


def broken(session: Session, about: str, day: datetime, clause: str = "7-consent", **how: object) -> Complaint:
    """A complaint about that party, determined that day: it did not follow the clause."""
    made = complaint(session, about, day - timedelta(days=1), **how)  # type: ignore[arg-type]
    finding(session, made, clause, Result.BREAKDOWN, day)
    return made


def owed(
    session: Session, of: Complaint, due: date, outcome: Outcome | None = None, done: datetime | None = None,
    at_party: str | None = None,
) -> Obligation:  # fmt: skip
    number = known_id(party(session, at_party)) if at_party else of.party_id
    secretary = contact_of(session, None, Role.SECRETARY)
    made = Obligation(
        key=f"{of.case}:acknowledgement:{number}", protocol_id=of.protocol_id, case=of.case,
        kind=ObligationKind.ACKNOWLEDGEMENT, party_id=number, contact_id=known_id(secretary),
        nation=protocol(session).nation, zone="Europe/London", ladder="none", opened_at=of.received_at, due_on=due,
        due_at=end_of_day(due, LONDON), outcome=outcome, discharged_at=done if outcome else None,
    )  # fmt: skip
    session.add(made)
    session.flush()
    return made


def referred(session: Session, of: Complaint, to: str, when: datetime) -> None:
    session.add(Referral(
        complaint_id=known_id(of), from_id=of.party_id, to_id=known_id(party(session, to)),
        why_id=history.narrate(session, WORDS), referred_at=when, referred_by=SECRETARY,
    ))  # fmt: skip
    session.flush()


def followed_by(session: Session, of: Complaint, effect: Effect, when: datetime, gap: Gap | None = None) -> None:
    number = session.exec(select(Finding.id).where(Finding.complaint_id == of.id).order_by(col(Finding.id))).first()
    session.add(ComplaintEffect(
        key=f"{of.case}:{effect}:{number}", complaint_id=known_id(of), finding_id=number or 0, effect=effect,
        gap_id=gap.id if gap else None, words_id=history.narrate(session, WORDS), at=when, by=SECRETARY,
    ))  # fmt: skip
    session.flush()


def gap(session: Session, opened: datetime, origin: str, *, urgent: bool = False) -> Gap:
    made = Gap(
        protocol_id=known_id(protocol(session)), words=WORDS, opened_at=opened, opened_by="Alex Handler", urgent=urgent
    )  # fmt: skip
    session.add(made)
    session.flush()
    session.add(GapOrigin(gap_id=known_id(made), case=origin, added_at=opened, added_by=SECRETARY))
    session.flush()
    return made
