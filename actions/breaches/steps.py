"""The steps of the parties' procedures: opened when their turn comes, withdrawn when they are not needed any more."""

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from sqlmodel import Session, col

from actions.breaches.facts import facts_of, known_to
from actions.breaches.moving import follow_ups_of, protocol_of
from actions.breaches.procedures import procedure_of
from actions.breaches.roles import Asked, asked_for
from actions.breaches.step_limits import (
    Limited,
    asked_again,
    aware_at,
    due_of_limit,
    due_of_step,
    ended_in,
    in_words,
    limited_to,
    moments_of,
)
from actions.cast import known_id
from actions.duties import discharge, extended_in, next_look, numbered_key, open_obligation, owed, set_due, still_owed
from actions.policy import today_of
from models import history
from models.breach import Breach, FollowUp
from models.obligation import Obligation, ObligationKind, Outcome
from models.protocol import Party, Protocol
from models.remembering import remembered
from rules.deadlines import Due
from rules.periods import Unit
from rules.procedure_steps import StepEnded, StepState, StepView, states
from rules.procedures import Limit, Moment, Procedure, ProcedureStep
from rules.sentences import listed

__all__ = [
    "Limited", "Opened", "Standing", "aware_at", "due_of_step", "ended_in", "extended", "in_words", "limited_to",
    "moments_of", "open_steps_of", "redate_steps", "standing_of", "steps_pending", "steps_to_update", "update_steps",
    "views_of",
]  # fmt: skip

PENDING = (StepState.OPEN, StepState.WAITING, StepState.UNKNOWN)


class Opened(NamedTuple):
    """A step that somebody owes from now on. `due` explains its date; None where the procedure gives no figure."""

    duty: Obligation
    step: ProcedureStep
    asked: Asked
    due: Due | None


class Standing(NamedTuple):
    """Where a follow-up stands in its procedure. `owed` are the steps that somebody owes, by their ids."""

    procedure: Procedure
    ended: Mapping[str, StepEnded]
    moments: Mapping[str, datetime]
    views: Mapping[str, StepView]
    owed: Mapping[str, Obligation]

    @property
    def to_update(self) -> list[str]:
        """Steps that should be open and are not, or are open and are not needed any more; in their order."""
        return [key for key, view in self.views.items() if self._should_be_open(key, view) is not (key in self.owed)]

    @property
    def pending(self) -> list[str]:
        """Steps that are open, or wait; those that restate the law's own duties are counted with these."""
        own = {key: view for key, view in self.views.items() if not self.procedure.steps[key].duty}
        return [key for key, view in own.items() if self._waits(key, view)]

    def _should_be_open(self, key: str, view: StepView) -> bool:
        return view.state is StepState.OPEN and not self.procedure.steps[key].duty

    def _waits(self, key: str, view: StepView) -> bool:
        """What is done again and again until the follow-up ends does not keep it from ending."""
        repeat = self.procedure.steps[key].repeat
        endless = repeat is not None and repeat.until is None and view.round > 1
        return view.state in PENDING and not endless


@remembered(Breach, FollowUp, Protocol)
def standing_of(session: Session, breach: Breach, follow_up: FollowUp) -> Standing:
    procedure = procedure_of(session, follow_up)
    facts, ended = facts_of(session, breach), ended_in(session, follow_up)
    return Standing(
        procedure, ended, moments_of(session, breach, follow_up, facts, ended),
        states(procedure, known_to(session, facts, follow_up), ended), open_steps_of(session, breach, follow_up),
    )  # fmt: skip


def views_of(session: Session, breach: Breach, follow_up: FollowUp) -> Mapping[str, StepView]:
    """Where every step of the party's procedure stands, by the facts as they are now."""
    return standing_of(session, breach, follow_up).views


def open_steps_of(session: Session, breach: Breach, follow_up: FollowUp) -> dict[str, Obligation]:
    """What is owed of the party's procedure now, by step. Read, not locked: the caller holds the case or only looks."""
    theirs = (duty for duty in still_owed(session, breach.case) if duty.party_id == follow_up.party_id)
    return {duty.subject: duty for duty in theirs if duty.kind is ObligationKind.STEP and duty.subject}


def steps_to_update(session: Session, breach: Breach, follow_up: FollowUp) -> set[str]:
    return set(standing_of(session, breach, follow_up).to_update)


def steps_pending(session: Session, breach: Breach, follow_up: FollowUp) -> int:
    return len(standing_of(session, breach, follow_up).pending)


def update_steps(session: Session, now: datetime, breach: Breach, follow_up: FollowUp) -> list[Opened]:
    """Open what has come to its turn, withdraw what is not needed any more. A step that has ended stays ended."""
    owed(session, breach.case, ObligationKind.STEP)  # locked: somebody may be ending or extending one
    standing, opened = standing_of(session, breach, follow_up), []
    for key in standing.to_update:
        if key in standing.owed:
            why = _why_withdrawn(standing.views[key])
            discharge(session, now, [standing.owed[key]], Outcome.SUPERSEDED, history.CLOCK, why)
        elif (step := _open(session, now, breach, follow_up, standing, key)) is not None:
            opened.append(step)
    return opened


def _why_withdrawn(view: StepView) -> str:
    if view.state is StepState.WAITING:
        return f"by the facts as they are now other steps come first: {listed(view.waits_for)}"
    if view.state is StepState.UNKNOWN:
        return f"whether the procedure asks for it is not known any more: {listed(view.missing)}"
    return "by the facts as they are now the procedure does not ask for it"


def _open(
    session: Session, now: datetime, breach: Breach, follow_up: FollowUp, standing: Standing, key: str
) -> Opened | None:
    protocol, party = protocol_of(session, breach), session.get_one(Party, follow_up.party_id)
    step, view = standing.procedure.steps[key], standing.views[key]
    asked = asked_for(session, today_of(protocol, now), party, standing.procedure, step.by)
    due = due_of_limit(session, now, breach, follow_up, view.limit, standing.moments)
    duty = open_obligation(
        session, now, protocol, key=numbered_key(session, breach.case, ObligationKind.STEP, f"{party.slug}:{step.id}"),
        case=breach.case, kind=ObligationKind.STEP, contact=asked.contact, party=party, subject=step.id,
        what=in_words(step), **limited_to(due.due if due else asked_again(protocol, view.limit, now)),
    )  # fmt: skip
    if duty is None:
        return None
    _escalate(session, now, breach, party, standing.procedure, step, duty)
    return Opened(duty, step, asked, due)


def _escalate(
    session: Session, now: datetime, breach: Breach, party: Party, procedure: Procedure, step: ProcedureStep,
    duty: Obligation,
) -> None:  # fmt: skip
    """Where the procedure says whom to tell when it is late, that takes the place of the deputy's rungs."""
    if not step.escalate:
        return
    protocol, first = protocol_of(session, breach), step.escalate[0]
    to = asked_for(session, today_of(protocol, now), party, procedure, first.to).contact
    duty.escalate_to_id = known_id(to)
    duty.escalate_after = first.after.count * (1 if first.after.unit is Unit.MINUTES else 24 * 60)
    duty.next_at = next_look(session, protocol, duty, now)
    session.add(duty)
    session.flush()


def redate_steps(session: Session, now: datetime, breach: Breach) -> None:
    """A moment is known better now: what counts from it is due anew. What somebody has extended stays extended."""
    for follow_up in follow_ups_of(session, breach, still_open=True):
        standing = standing_of(session, breach, follow_up)
        for key, duty in standing.owed.items():
            limit = standing.views[key].limit
            if limit is None or not _may_be_dated_anew(key, limit, standing.ended):
                continue
            due = due_of_limit(session, now, breach, follow_up, limit, standing.moments)
            differs = due is not None and due.due != (duty.counted_to or duty.due_on)
            if due is not None and differs and duty.key not in extended(session, breach):
                _redate(session, now, breach, duty, due)


def _may_be_dated_anew(key: str, limit: Limit, ended: Mapping[str, StepEnded]) -> bool:
    """What counts from another step counts from its first end: doing that one again gives nobody more time."""
    if limit.moment is Moment.STEP:
        other = ended.get(limit.step or "")
        return limit.step != key and other is not None and other.round == 1
    return limit.moment is not Moment.OPENED


def _redate(session: Session, now: datetime, breach: Breach, duty: Obligation, due: Due) -> None:
    set_due(session, now, protocol_of(session, breach), duty, due.due)
    history.write(session, breach.case, now, history.CLOCK, "due anew", obligation=duty.key, because=due.because)


@remembered(history.History)
def extended(session: Session, breach: Breach) -> frozenset[str]:
    """By their keys: what somebody has been given more time for."""
    return extended_in(session, col(history.History.case) == breach.case)
