"""What to do next with a complaint, as commands that can be typed: what the law counts first, then the four questions,
then what follows from the answers."""

from collections.abc import Iterator, Sequence

from actions.complaints.changing import ANSWERS
from actions.complaints.shown import ComplaintDuty, ComplaintLine, FindingLine, RecheckLine
from models.complaint import NoticeKind
from models.obligation import ObligationKind
from rules.complaint import Stage
from rules.determination import Effect, Result

QUESTIONS = (
    "--covered ANSWER --why-covered TEXT --followed ANSWER --why-followed TEXT "
    "--clear ANSWER --why-clear TEXT --harm ANSWER --why-harm TEXT"
)
FOLLOWED_BY = {
    Effect.ACTION: "concordat complaint action FINDING --words TEXT",
    Effect.BREACH: "concordat complaint breach FINDING --words TEXT",
    Effect.GAP: "concordat complaint gap FINDING --words TEXT",
    Effect.NONE: "concordat complaint nothing FINDING --because TEXT",
}


def followed_by(effect: Effect, finding: int) -> str:
    return FOLLOWED_BY[effect].replace("FINDING", f"finding:{finding}")


def command_for(duty: ObligationKind, complaint: int, obligation: int, subject: str | None) -> str:
    """What ends it."""
    about = (subject or "").partition(":")[2]
    match duty:
        case ObligationKind.LOCAL_ACTION:
            return f"concordat complaint done {obligation} --outcome TEXT"
        case ObligationKind.ANALYSIS:
            return f"concordat complaint determine {complaint} --clause CLAUSE {QUESTIONS}"
        case ObligationKind.RECHECK:
            return f"concordat complaint recheck {complaint} {about} ANSWER --because TEXT"
        case ObligationKind.SECOND_READING:
            return f"concordat complaint read-again {subject} ANSWER --because TEXT --by NAME"
        case _:
            return f"concordat complaint {ANSWERS[duty].format(complaint=complaint)}"


def next_commands(
    line: ComplaintLine, duties: Sequence[ComplaintDuty], findings: Sequence[FindingLine],
    rechecks: Sequence[RecheckLine], *, told: bool, by_law: bool,
) -> Iterator[str]:  # fmt: skip
    """`told`: whoever complained knows the outcome as it stands, or cannot be told; `by_law`: it may not be closed
    before that."""
    number = line.number
    yield from _to_acknowledge(number, duties)
    wrong_body = by_law and line.handler != line.party
    if wrong_body and line.stage in (Stage.RECEIVED, Stage.ACKNOWLEDGED):
        yield f"concordat complaint refer {number} {line.party} --because TEXT"
    yield from _owed(number, duties, determined=line.stage == Stage.DETERMINED)
    asked_of = [each.version for each in rechecks if each.answer is None]
    for version in asked_of:
        yield f"concordat complaint recheck {number} {version} ANSWER --because TEXT"
    for gap in dict.fromkeys(number for each in rechecks for number in each.reopens):
        yield f"concordat gap reopen {gap} --because TEXT"
    match Stage(line.stage):
        case Stage.RECEIVED:
            if told:
                yield "concordat sweep"
            if not wrong_body:
                yield f"concordat complaint refer {number} PARTY --because TEXT"
            if told or not by_law:  # whoever complained hears first that it came
                yield f"concordat complaint end {number} not-ours --because TEXT"
        case Stage.ACKNOWLEDGED:
            yield "concordat sweep"
        case Stage.ANALYSING:
            read = any(duty.kind == ObligationKind.SECOND_READING and duty.command for duty in duties)
            yield from _analysing(number, findings, being_read=read)
        case Stage.DETERMINED:
            yield from _determined(number, findings, told=told, by_law=by_law)
        case Stage.CLOSED if not asked_of and not any(duty.command for duty in duties):
            yield f"concordat complaint look-again {number} --because TEXT"


def _owed(number: int, duties: Sequence[ComplaintDuty], *, determined: bool) -> Iterator[str]:
    """How far it is, and the local actions; the questions come with their findings. Once it is determined, the outcome
    is told, not how far it is."""
    for duty in duties:
        kind = ObligationKind(duty.kind)
        if duty.command is None or (determined and kind is ObligationKind.PROGRESS):
            continue
        if kind is ObligationKind.PROGRESS:
            yield f"concordat complaint letter {number} {NoticeKind.PROGRESS}"
        if kind in (ObligationKind.PROGRESS, ObligationKind.LOCAL_ACTION, ObligationKind.SECOND_READING):
            yield duty.command


def _to_acknowledge(number: int, duties: Sequence[ComplaintDuty]) -> Iterator[str]:
    """First of all, also where another body has to answer it, and after it was determined: its days are the law's."""
    for duty in duties:
        if duty.kind == ObligationKind.ACKNOWLEDGEMENT and duty.command is not None:
            yield f"concordat complaint letter {number} {NoticeKind.ACKNOWLEDGEMENT}"
            yield duty.command


def _analysing(number: int, findings: Sequence[FindingLine], *, being_read: bool) -> Iterator[str]:
    """What keeps it from being determined; where nothing does, it is looked at again, and any finding may be."""
    if not findings:
        yield f"concordat complaint determine {number} --clause CLAUSE {QUESTIONS}"
    in_doubt = [each for each in findings if each.result == Result.UNDETERMINED or _is_disputed(each)]
    for each in in_doubt or ([] if being_read else findings):
        yield f"concordat complaint correct finding:{each.number} --clause CLAUSE {QUESTIONS} --because TEXT"


def _is_disputed(finding: FindingLine) -> bool:
    return finding.reading is not None and not finding.reading.agrees


def _determined(number: int, findings: Sequence[FindingLine], *, told: bool, by_law: bool) -> Iterator[str]:
    wanting = [each for each in findings if each.wanting]
    for each in wanting:
        for effects in each.wanting:
            yield from (followed_by(Effect(effect), each.number) for effect in effects)
        if not any(effect.finding == each.number for effect in each.effects):
            yield followed_by(Effect.NONE, each.number)
    if not told:
        yield f"concordat complaint letter {number} outcome"
        yield f"concordat complaint outcome {number} --how TEXT"
    if not wanting and (told or not by_law):
        yield f"concordat complaint close {number}"
