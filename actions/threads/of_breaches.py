"""Breaches in a thread, the lessons learnt from them, and the local actions that somebody owes."""

from collections.abc import Iterable, Iterator

from actions.cast import known_id
from actions.threads.known import Known, grouped
from models.breach import Breach, BreachOutcome, FollowUp, FollowUpEnd, Lesson, LessonEffect
from models.obligation import Obligation, ObligationKind, Outcome
from rules.breach import Stage
from rules.sentences import listed
from rules.threads import Link, Node, NodeKind

PUT_IN_PLACE = {Outcome.ANSWERED: "in place", Outcome.SUPERSEDED: "put off to another day"}
NOT_CONCERNED = (FollowUpEnd.NOT_AFFECTED, FollowUpEnd.MERGED)


def of_breaches(known: Known) -> Iterator[Node | Link]:
    owners = {follow_up.id: follow_up.party_id for follow_up in known.follow_ups}
    follow_ups = grouped(known.follow_ups, lambda follow_up: follow_up.breach_id)
    learnt = {lesson.breach_id for lesson in known.lessons}
    for breach in known.breaches:
        yield _breach(known, breach, follow_ups[known_id(breach)], learnt=breach.id in learnt)
        if breach.merged_into_id is not None:
            yield Link(breach.case, f"breach:{breach.merged_into_id}", "merged into")
    for lesson in known.lessons:
        yield _lesson(known, lesson, owners.get(lesson.follow_up_id))
        yield Link(f"breach:{lesson.breach_id}", f"lesson:{lesson.id}", "taught")
        if lesson.gap_id is not None:
            yield Link(f"lesson:{lesson.id}", f"gap:{lesson.gap_id}", "led to")
    yield from _local_actions(known)


def _breach(known: Known, breach: Breach, follow_ups: Iterable[FollowUp], *, learnt: bool) -> Node:
    parties = [known.name_of(each.party_id) for each in follow_ups if each.end not in NOT_CONCERNED]
    followed = breach.outcome in (None, BreachOutcome.FOLLOWED_UP)
    note = "no effect yet: no lesson has been drawn from it" if followed and not learnt else None
    closed = breach.outcome.value if breach.outcome else "closed"
    return Node(
        breach.case, NodeKind.BREACH, f"breach followed up by {listed(parties) or 'nobody yet'}, reported",
        at=known.day(breach.reported_at), state=closed if breach.stage is Stage.CLOSED else breach.stage.value,
        note=note,
    )  # fmt: skip


def _lesson(known: Known, lesson: Lesson, party_id: int | None) -> Node:
    none = lesson.effect is LessonEffect.NONE
    return Node(
        f"lesson:{lesson.id}", NodeKind.LESSON, f"learnt by {known.name_of(party_id)}",
        at=known.day(lesson.learnt_at), state="no change, with a reason" if none else lesson.effect.value,
    )  # fmt: skip


def _local_actions(known: Known) -> Iterator[Node | Link]:
    """What a complaint's finding asked for is linked from the finding."""
    of_findings = {effect.obligation_id for effect in known.effects}
    versions = {f"review:{review_id}": version for review_id, version in known.made_here.items()}
    for duty in known.owed:
        if duty.kind is ObligationKind.SIGNATURE:
            continue
        yield _local_action(known, duty)
        if duty.kind is ObligationKind.LOCAL_ACTION and duty.id not in of_findings:
            yield Link(_agreed_in(duty), f"obligation:{duty.id}", "led to")
        if duty.kind is ObligationKind.IMPLEMENTATION and (version := versions.get(duty.case)) is not None:
            yield Link(f"version:{version.label}", f"obligation:{duty.id}", "asked for")


def _agreed_in(duty: Obligation) -> str:
    """The lesson, or the case."""
    return duty.subject if duty.subject is not None and duty.subject.startswith("lesson:") else duty.case


def _local_action(known: Known, duty: Obligation) -> Node:
    what = "what the version asks for" if duty.kind is ObligationKind.IMPLEMENTATION else "local action"
    state = "due" if duty.outcome is None else PUT_IN_PLACE.get(duty.outcome, duty.outcome.value)
    if duty.outcome is Outcome.SUPERSEDED and _ended_with_its_party(known, duty):
        state = "ended: the party has left"
    return Node(
        f"obligation:{duty.id}", NodeKind.LOCAL_ACTION, f"{what}, {known.name_of(duty.party_id)}",
        at=known.day(duty.discharged_at) if duty.discharged_at else duty.due_on, state=state,
    )  # fmt: skip


def _ended_with_its_party(known: Known, duty: Obligation) -> bool:
    party = known.parties.get(duty.party_id)
    return bool(party and duty.discharged_at and party.left_on == known.day(duty.discharged_at))
