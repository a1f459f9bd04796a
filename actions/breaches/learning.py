"""What a party has learnt: a local action that it owes from now on, a gap in the protocol, or nothing, because."""

from datetime import date, datetime

from sqlmodel import Session, select

from actions.breaches.following import asked_of, owe_counted
from actions.breaches.moving import breach_locked, open_breach_locked, open_follow_up_at, protocol_of
from actions.breaches.settling import settle
from actions.breaches.telling import tell_of_local_action
from actions.breaches.windows import Counted, window_day
from actions.cast import NotThere
from actions.duties import discharge
from actions.gaps.living import join_gap, open_gap_for
from actions.policy import today_of
from actions.reasons import reason
from models import history
from models.breach import Breach, FollowUp, Lesson, LessonEffect
from models.gap import Gap
from models.obligation import Obligation, ObligationKind, Outcome
from models.protocol import Party
from rules.breach import Stage
from rules.errors import Refused
from rules.sentences import written_day
from rules.texts import fingerprint, plain, shown


class CauseNeeded(Refused):
    def __init__(self) -> None:
        super().__init__("Say what the cause was, in a few words (`--cause`): later breaches are compared with it.")


class HasPassed(Refused):
    def __init__(self, day: date) -> None:
        super().__init__(f"A local action is due on a day that is still to come: {written_day(day)} has passed.")


class NotALocalAction(Refused):
    def __init__(self, duty: Obligation) -> None:
        super().__init__(f"{duty.key} is no local action: see `concordat obligation list` for what ends it.")


class ActionHasEnded(Refused):
    def __init__(self, duty: Obligation) -> None:
        super().__init__(f"Nothing is owed any more: {duty.key} was {duty.outcome}.")


def learn(
    session: Session, now: datetime, breach_id: int, slug: str, cause: str, words: str, effect: LessonEffect, by: str,
    remedy: str | None = None, clause: str | None = None, gap_id: int | None = None, none_because: str | None = None,
    action_due_on: date | None = None, urgent: bool = False,
) -> Lesson:  # fmt: skip
    """The same words with the same effect, twice from one party, are one lesson.

    Raises CauseNeeded, ReasonNeeded (no words; no effect and no reason for that), HasPassed, NotThere (clause or gap),
    GapIsClosed, DoesNotFit, BreachHasEnded, NoFollowUp, FollowUpHasEnded.
    """
    breach = open_breach_locked(session, breach_id)
    follow_up, party = open_follow_up_at(session, breach, slug)
    said, why = _said(cause, words, effect, none_because)
    if known := session.exec(select(Lesson).where(Lesson.key == _key(breach, party, effect, said))).first():
        return known
    gap = _gap(session, now, breach, said, clause, gap_id, urgent, by) if effect is LessonEffect.GAP else None
    lesson = Lesson(
        key=_key(breach, party, effect, said), breach_id=breach_id, follow_up_id=follow_up.id, cause=plain(cause),
        words_id=history.narrate(session, said), remedy=plain(remedy or "") or None, effect=effect, none_because=why,
        gap_id=gap.id if gap else None, learnt_at=now, learnt_by=by,
    )  # fmt: skip
    session.add(lesson)
    session.flush()
    owes = effect is LessonEffect.ACTION
    duty = _owe_action(session, now, breach, follow_up, lesson, action_due_on) if owes else None
    history.write(
        session, breach.case, now, by, "lesson learnt", why=said, party=party.slug, lesson=lesson.id,
        effect=effect.value, gap=lesson.gap_id, obligation=duty.key if duty else None,
    )  # fmt: skip
    settle(session, now, breach)
    return lesson


def _said(cause: str, words: str, effect: LessonEffect, none_because: str | None) -> tuple[str, str | None]:
    """The words, and why nothing changes where nothing does."""
    said = reason(words, "a lesson")
    if not plain(cause):
        raise CauseNeeded
    return said, reason(none_because, "a lesson that changes nothing") if effect is LessonEffect.NONE else None


def _key(breach: Breach, party: Party, effect: LessonEffect, said: str) -> str:
    return f"{breach.case}:lesson:{party.slug}:{fingerprint(f'{effect.value}: {said}')}"


def _owe_action(
    session: Session, now: datetime, breach: Breach, follow_up: FollowUp, lesson: Lesson, due_on: date | None
) -> Obligation | None:
    """What it is stands in the lesson: a reminder by e-mail says only that it was agreed."""
    protocol = protocol_of(session, breach)
    if due_on is not None and due_on < today_of(protocol, now):
        raise HasPassed(due_on)
    by_then = Counted(due_on) if due_on else window_day(protocol, "local_action", now)
    duty = owe_counted(
        session, now, breach, follow_up, ObligationKind.LOCAL_ACTION, by_then, subject=f"lesson:{lesson.id}",
        what=f"put in place the local action agreed after breach {breach.id}",
    )  # fmt: skip
    if duty is not None:
        asked = asked_of(session, now, breach, follow_up, duty.kind)
        tell_of_local_action(session, now, breach, duty, asked.instead_of)
    return duty


def _gap(
    session: Session, now: datetime, breach: Breach, said: str, clause: str | None, gap_id: int | None, urgent: bool,
    by: str,
) -> Gap:  # fmt: skip
    """Joined, or opened. Urgent once, it stays so."""
    protocol = protocol_of(session, breach)
    if gap_id is not None:
        return join_gap(session, now, gap_id, breach.case, by, urgent, protocol)
    return open_gap_for(session, now, protocol, clause, said, breach.case, by, urgent, whole_elsewhere=True)


def finish_action(session: Session, now: datetime, obligation: int | str, by: str, outcome: str) -> None:
    """A local action is in place: by the obligation's number or key. It may be long after the breach was closed.

    Twice does nothing. Raises NotThere, NotALocalAction, ActionHasEnded (waived), ReasonNeeded (no words).
    """
    duty = _action(session, obligation)
    breach = breach_locked(session, int(duty.case.partition(":")[2]))
    session.refresh(duty, with_for_update=True)
    said = reason(outcome, "what was put in place")
    if duty.outcome is Outcome.ANSWERED:
        return
    if duty.outcome is not None:
        raise ActionHasEnded(duty)
    discharge(session, now, [duty], Outcome.ANSWERED, by)
    history.write(session, breach.case, now, by, "local action in place", why=said, obligation=duty.key)
    if breach.stage is not Stage.CLOSED:
        settle(session, now, breach)


def _action(session: Session, obligation: int | str) -> Obligation:
    named = Obligation.id == obligation if isinstance(obligation, int) else Obligation.key == obligation
    duty = session.exec(select(Obligation).where(named)).first()
    if duty is None:
        raise NotThere(f"There is no obligation “{shown(str(obligation))}”: see `concordat obligation list`.")
    if duty.kind is not ObligationKind.LOCAL_ACTION:
        raise NotALocalAction(duty)
    return duty


def lessons_of(session: Session, follow_up: FollowUp) -> list[Lesson]:
    statement = select(Lesson).where(Lesson.follow_up_id == follow_up.id)
    return list(session.exec(statement))
