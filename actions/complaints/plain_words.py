"""What was found, and what changes, in words that whoever complained understands: no reasons, nobody's own words."""

from collections.abc import Iterator

from sqlmodel import Session

from actions.complaints.shown import EffectLine, FindingLine
from models.obligation import Obligation
from rules.determination import Answer, Effect, Question, Result
from rules.sentences import written_day


def found_in_words(finding: FindingLine, party: str) -> Iterator[str]:
    """One issue in sentences: what the protocol says, whether it was done and was enough, what harm there was."""
    answers = {line.question: line.answer for line in finding.answers}
    yield {
        Result.BREAKDOWN: "We found a breakdown of the protocol.",
        Result.INADEQUACY: "We found that the protocol is inadequate here.",
        Result.BOTH: "We found a breakdown of the protocol, and that the protocol is inadequate here.",
        Result.NEITHER: "We found neither a breakdown nor an inadequacy of the protocol.",
        Result.UNDETERMINED: "We could not find out enough to come to a finding.",
    }[Result(finding.result)]
    clause = f"“{finding.heading}” (clause {finding.clause})" if finding.heading else f"clause {finding.clause}"
    version = f" in version {finding.version}, which was in force then" if finding.version else ""
    match answers[Question.COVERED]:
        case Answer.YES:
            yield f"What happened is covered by the part {clause} of the protocol{version}."
        case Answer.NO:
            yield "No part of the protocol covers what happened."
        case _:
            yield "Whether a part of the protocol covers what happened could not be found out."
    yield from _done(answers, party)
    yield {
        Answer.YES: "We uphold your complaint in this.",
        Answer.NO: "We did not find that harm was done.",
    }.get(Answer(str(answers[Question.HARM])), "Whether harm was done could not be found out.")


def _done(answers: dict[str, str | None], party: str) -> Iterator[str]:
    followed, clear = answers[Question.FOLLOWED], answers[Question.CLEAR]
    if followed == Answer.NO:
        yield f"{party} did not do what it asks for."
    elif followed == Answer.YES:
        enough = ", and that was not enough" if answers[Question.HARM] == Answer.YES else ""
        yield f"{party} did what it asks for{enough}."
    elif followed == Answer.UNKNOWN:
        yield f"Whether {party} did what it asks for could not be found out."
    if clear == Answer.NO:
        yield "What it asks for is not said clearly enough."


def changes_in_words(session: Session, finding: FindingLine, party: str) -> Iterator[str]:
    for effect in finding.effects:
        yield _change(session, effect, party)


def _change(session: Session, effect: EffectLine, party: str) -> str:
    match Effect(effect.effect):
        case Effect.ACTION:
            duty = session.get_one(Obligation, effect.obligation) if effect.obligation else None
            if effect.standing == "in place":
                return f"{party} has changed how it works, so that this does not happen again."
            by = f" by {written_day(duty.due_on)}" if duty and duty.outcome is None else ""
            return f"{party} changes how it works{by}, so that this does not happen again."
        case Effect.BREACH:
            return f"It is followed up as a breach of the protocol (reference: breach {effect.breach})."
        case Effect.GAP if effect.standing == "resolved":
            return f"The protocol has been changed to answer it (reference: gap {effect.gap})."
        case Effect.GAP:
            return (
                "Whether the protocol has to be changed is on the agenda of its next review, where all the bodies that "
                f"signed it decide (reference: gap {effect.gap})."
            )
        case _:
            return "Nothing changes in how the bodies work, or in the protocol."
