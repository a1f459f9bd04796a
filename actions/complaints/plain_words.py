"""What was found, and what changes, in words that whoever complained understands: no reasons, nobody's own words. What
only the body knows stands in [brackets], for whoever sends the letter."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple, assert_never

from sqlmodel import Session

from actions.complaints.shown import EffectLine, FindingLine
from models.breach import Breach, BreachOutcome
from models.obligation import Obligation
from rules.determination import Answer, Effect, Question, Result
from rules.sentences import listed, written_day


class Body(NamedTuple):
    """Whose doing it was; `ours`: the letter is its own."""

    name: str
    ours: bool

    @property
    def did(self) -> str:
        return "We" if self.ours else self.name


class When(NamedTuple):
    """What is known of the day. `in_force`: the version that counted on it, or today's where nobody knows it."""

    is_known: bool
    in_force: str | None


def found_in_words(finding: FindingLine, body: Body, when: When) -> Iterator[str]:
    """One issue in sentences: what the protocol says, whether it was done and was enough, what harm there was."""
    answers = {line.question: line.answer for line in finding.answers}
    yield {
        Result.BREAKDOWN: "We found a breakdown of the protocol.",
        Result.INADEQUACY: "We found that the protocol is inadequate here.",
        Result.BOTH: (
            "We found two things: the protocol was not followed (a breakdown), and it is not clear enough "
            "(an inadequacy)."
        ),
        Result.NEITHER: "We found neither a breakdown nor an inadequacy of the protocol.",
        Result.UNDETERMINED: "We could not find out enough to come to a finding.",
    }[Result(finding.result)]
    match answers[Question.COVERED]:
        case Answer.YES:
            yield from _covered(finding, when)
        case Answer.NO:
            yield "No part of the protocol covers what happened."
        case _:
            yield "We could not find out whether a part of the protocol covers what happened."
    yield from _done(answers, body)
    yield {
        Answer.YES: "We uphold your complaint in this.",
        Answer.NO: "We did not find that harm was done.",
    }.get(Answer(str(answers[Question.HARM])), "We could not find out whether harm was done.")


def _covered(finding: FindingLine, when: When) -> Iterator[str]:
    """Without a heading, the text of that version is not held: who answered went by another."""
    clause = f"clause {finding.clause}"
    if finding.heading:
        clause = f"the part “{finding.heading}” ({clause})"
    then = f", in version {finding.version}" if finding.version and when.is_known else ""
    is_in_force = finding.version == when.in_force
    yield (
        f"What happened is covered by {clause} of the protocol{then}"
        f"{', which was in force then' if then and is_in_force else ''}."
    )
    if finding.version and not when.is_known:
        today = ", which is in force today" if is_in_force else ""
        yield f"We do not know the day; we read version {finding.version}{today}."
    if not finding.heading:
        yield "The text of that version is not held in our records: [say which text you went by]."


def _done(answers: dict[str, str | None], body: Body) -> Iterator[str]:
    followed, clear = answers[Question.FOLLOWED], answers[Question.CLEAR]
    if followed == Answer.NO:
        yield f"{body.did} did not do what that part asks for."
    elif followed == Answer.YES:
        enough = ", and that was not enough" if answers[Question.HARM] == Answer.YES else ""
        yield f"{body.did} did what that part asks for{enough}."
    elif followed == Answer.UNKNOWN:
        who = "we" if body.ours else body.name
        yield f"We could not find out whether {who} did what that part asks for."
    if clear == Answer.NO:
        yield "It does not say clearly enough what has to be done."


def changes_in_words(session: Session, findings: Iterable[tuple[FindingLine, Body]]) -> Iterator[str]:
    """Each once, of the same kind with all its references. That nothing changes is said where nothing does, and not of
    a finding that was corrected."""
    references: dict[str, list[str]] = {}
    is_still = False
    for finding, body in findings:
        for effect in finding.effects:
            if effect.effect == Effect.NONE:
                is_still = is_still or effect.finding == finding.number
            elif words := _change(session, effect, body):
                named = references.setdefault(words, [])
                named += [each for each in _references(effect) if each not in named]
    for words, named in references.items():
        yield f"{words} (reference: {listed(named)})." if named else f"{words}."
    if is_still and not references:
        yield "Nothing changes in how the bodies work, or in the protocol: [why]."


def _change(session: Session, effect: EffectLine, body: Body) -> str | None:
    """None: it was to be put in place, and is not owed any more."""
    match Effect(effect.effect):
        case Effect.ACTION:
            return _in_place(session, effect, body)
        case Effect.BREACH:
            return _as_breach(session, effect)
        case _:
            return {
                "resolved": "The protocol has been changed to answer it",
                "closed": "Whether the protocol has to be changed has been looked at: [what came of that]",
            }.get(
                effect.standing or "",
                "Whether the protocol has to be changed is on the agenda of its next review, where all the bodies that "
                "signed it decide",
            )


def _as_breach(session: Session, effect: EffectLine) -> str:
    """By what became of the one that it was merged into, where it was."""
    breach = session.get_one(Breach, effect.breach)
    while breach.merged_into_id is not None:
        breach = session.get_one(Breach, breach.merged_into_id)
    match breach.outcome:
        case None | BreachOutcome.MERGED:
            return "It is followed up as a breach of the protocol"
        case BreachOutcome.FOLLOWED_UP:
            return "It was followed up as a breach of the protocol"
        case BreachOutcome.NEAR_MISS | BreachOutcome.NOT_A_BREACH:
            return "Whether it was a breach of the protocol has been looked at: [what came of that]"
        case _:
            assert_never(breach.outcome)


def _in_place(session: Session, effect: EffectLine, body: Body) -> str | None:
    works = "how we work" if body.ours else "how it works"
    if effect.standing == "in place":
        has = "have" if body.ours else "has"
        return f"{body.did} {has} changed {works}, so that this does not happen again: [what was put in place]"
    duty = session.get_one(Obligation, effect.obligation) if effect.obligation else None
    if duty is None or duty.outcome is not None:
        return None
    will = f"will change {works} by {written_day(duty.due_on)}"
    return f"{body.did} {will}, so that this does not happen again: [what is put in place]"


def _references(effect: EffectLine) -> Iterator[str]:
    if effect.breach is not None:
        yield f"breach {effect.breach}"
    if effect.gap is not None:
        yield f"gap {effect.gap}"
