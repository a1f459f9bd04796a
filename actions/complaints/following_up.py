"""What follows from a finding: something a party puts in place, a breach, a gap in the protocol; or nothing."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from sqlmodel import Session, select

from actions.breaches.learning import ActionHasEnded, HasPassed, NotALocalAction
from actions.breaches.reporting import Report, report_breach
from actions.breaches.windows import Counted, window_day
from actions.cast import NotThere, is_active, known_id
from actions.complaints.asking import ask
from actions.complaints.moving import complaint_locked, finding_locked, protocol_of
from actions.complaints.standing import all_findings_of, effects_of
from actions.complaints.what_may_follow import require_that_it_may_follow
from actions.duties import discharge
from actions.gaps.living import join_gap, open_gap_for
from actions.policy import today_of
from actions.reasons import reason
from models import history
from models.breach import ReporterKind
from models.complaint import Complaint, ComplaintEffect, Finding
from models.fitting import made
from models.obligation import Obligation, ObligationKind, Outcome
from models.protocol import Clause, Party
from rules.breach_facts import FactName
from rules.determination import Effect
from rules.errors import Refused
from rules.texts import fingerprint, shown

WHAT_FOLLOWS = {
    Effect.ACTION: "what the party puts in place",
    Effect.BREACH: "what happened, as a breach",
    Effect.GAP: "what is wanting in the protocol",
    Effect.NONE: "that nothing changes",
}


class HasItsBreach(Refused):
    """What happened is followed up once; two cases would run the law's clocks twice."""

    def __init__(self, finding_id: int, breach_id: int) -> None:
        super().__init__(
            f"Finding {finding_id} has led to breach {breach_id} already: state there what else happened (`concordat "
            f"breach show {breach_id}`), or report something else as a breach of its own (`concordat breach report`)."
        )


class PutsNothingInPlace(Refused):
    def __init__(self, party: Party) -> None:
        super().__init__(
            f"{party.name} has left the protocol, and owes nothing under it: correct the finding if its successor has "
            "to do it, or say why nothing changes (`concordat complaint nothing FINDING --because TEXT`)."
        )


def act_locally(
    session: Session, now: datetime, finding_id: int, words: str, by: str, due_on: date | None = None
) -> ComplaintEffect:
    """The party owes it from now on, also after the complaint was closed. Raises HasPassed, PutsNothingInPlace, and
    what all of these raise: NotThere, NotStanding, NothingFollowsYet, StillOpen, ComplaintIsClosed, ReasonNeeded,
    NothingWasToChange."""

    def do(complaint: Complaint, finding: Finding, _said: str) -> dict[str, Any]:
        protocol = protocol_of(session, complaint)
        if due_on is not None and due_on < today_of(protocol, now):
            raise HasPassed(due_on)
        counted = Counted(due_on) if due_on else window_day(protocol, "local_action", now)
        party = session.get_one(Party, finding.party_id)
        if not is_active(party, today_of(protocol, now)):
            raise PutsNothingInPlace(party)
        what = f"put in place what was agreed after {complaint.case}"
        duty = ask(
            session, now, complaint, ObligationKind.LOCAL_ACTION, counted, party, subject=f"finding:{finding_id}",
            what=what.replace(":", " "),
        )  # fmt: skip
        return {"obligation_id": duty.id if duty else None}

    return _follow(session, now, finding_id, Effect.ACTION, words, by, do)


def open_breach(session: Session, now: datetime, finding_id: int, words: str, by: str) -> ComplaintEffect:
    """It is followed up as a breach by the party whose doing it was. `words`: what happened, without names.

    Raises HasItsBreach too.
    """

    def do(complaint: Complaint, finding: Finding, said: str) -> dict[str, Any]:
        if (known := _breach_of_its_issue(session, complaint, finding)) is not None:
            raise known
        facts = {
            FactName.HAPPENED: said, FactName.PARTIES: [session.get_one(Party, finding.party_id).slug],
            FactName.PROTOCOL_BROKEN: True, **_known_of(session, complaint, finding),
        }  # fmt: skip
        report = Report(
            facts=facts, reporter_kind=ReporterKind.NAMED, reporter=by, key=f"{complaint.case}:{finding_id}"
        )
        return {"breach_id": report_breach(session, now, protocol_of(session, complaint), report, by).breach.id}

    return _follow(session, now, finding_id, Effect.BREACH, words, by, do)


def _breach_of_its_issue(session: Session, complaint: Complaint, finding: Finding) -> HasItsBreach | None:
    """What followed from a finding counts for the one that corrects it."""
    of_issue = {each.id for each in all_findings_of(session, complaint) if each.issue == finding.issue}
    for effect in effects_of(session, complaint):
        if effect.breach_id is not None and effect.finding_id in of_issue:
            return HasItsBreach(effect.finding_id, effect.breach_id)
    return None


def _known_of(session: Session, complaint: Complaint, finding: Finding) -> dict[FactName, Any]:
    """Which clause was broken, and when: its days, where nobody knows the hour."""
    known: dict[FactName, Any] = {}
    if finding.clause_id is not None:
        known[FactName.CLAUSES] = [session.get_one(Clause, finding.clause_id).key]
    if complaint.happened_from is not None and complaint.happened_to is not None:
        known[FactName.OCCURRED_FROM] = complaint.happened_from.isoformat()
        known[FactName.OCCURRED_TO] = complaint.happened_to.isoformat()
    return known


def open_gap(
    session: Session, now: datetime, finding_id: int, words: str, by: str, clause: str | None = None,
    gap_id: int | None = None, urgent: bool = False,
) -> ComplaintEffect:  # fmt: skip
    """A question to the protocol: joined, where `gap_id` names one, or opened, under the finding's clause unless
    another is named. Raises GapIsClosed too."""

    def do(complaint: Complaint, finding: Finding, said: str) -> dict[str, Any]:
        if gap_id is not None:
            protocol = protocol_of(session, complaint)
            return {"gap_id": known_id(join_gap(session, now, gap_id, complaint.case, by, urgent, protocol))}
        of = session.get_one(Clause, finding.clause_id).key if finding.clause_id else None
        gap = open_gap_for(
            session, now, protocol_of(session, complaint), clause or of, said, complaint.case, by, urgent,
            whole_elsewhere=True,
        )  # fmt: skip
        return {"gap_id": known_id(gap)}

    return _follow(session, now, finding_id, Effect.GAP, words, by, do, f"gap:{gap_id}" if gap_id else "")


def change_nothing(session: Session, now: datetime, finding_id: int, by: str, because: str) -> ComplaintEffect:
    """“No change, because”: an answer too. Raises SomethingChanges, and what the others raise."""
    return _follow(session, now, finding_id, Effect.NONE, because, by, lambda *_: {})


def _follow(
    session: Session, now: datetime, finding_id: int, effect: Effect, words: str, by: str,
    do: Callable[[Complaint, Finding, str], dict[str, Any]], joined: str = "",
) -> ComplaintEffect:  # fmt: skip
    """The same words twice are one effect; of two gaps that are joined with the same words, two."""
    finding, complaint = finding_locked(session, finding_id)
    said = reason(words, WHAT_FOLLOWS[effect])
    key = f"{complaint.case}:effect:{finding_id}:{fingerprint(f'{effect}{joined}: {said}')}"
    if known := session.exec(select(ComplaintEffect).where(ComplaintEffect.key == key)).first():
        return known
    require_that_it_may_follow(session, complaint, finding, effect)
    followed = do(complaint, finding, said)
    row = made(ComplaintEffect, {
        "key": key, "complaint_id": complaint.id, "finding_id": finding_id, "effect": effect,
        "words_id": history.narrate(session, said), "at": now, "by": by, **followed,
    })  # fmt: skip
    session.add(row)
    session.flush()
    history.write(
        session,
        complaint.case,
        now,
        by,
        f"followed by: {effect}",
        why=said,
        finding=finding_id,
        effect=row.id,
        **followed,
    )
    return row


def finish_action(session: Session, now: datetime, obligation: int | str, by: str, outcome: str) -> None:
    """A local action after a complaint is in place: by the obligation's number or key. Twice does nothing.

    Raises NotThere, NotALocalAction, ActionHasEnded (waived), ReasonNeeded (no words).
    """
    named = Obligation.id == obligation if isinstance(obligation, int) else Obligation.key == obligation
    duty = session.exec(select(Obligation).where(named)).first()
    if duty is None:
        raise NotThere(f"There is no obligation “{shown(str(obligation))}”: see `concordat obligation list`.")
    if duty.kind is not ObligationKind.LOCAL_ACTION or not duty.case.startswith("complaint:"):
        raise NotALocalAction(duty)
    complaint = complaint_locked(session, int(duty.case.partition(":")[2]))
    session.refresh(duty, with_for_update=True)
    said = reason(outcome, "what was put in place")
    if duty.outcome is Outcome.ANSWERED:
        return
    if duty.outcome is not None:
        raise ActionHasEnded(duty)
    discharge(session, now, [duty], Outcome.ANSWERED, by)
    history.write(session, complaint.case, now, by, "local action in place", why=said, obligation=duty.key)
