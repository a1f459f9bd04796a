"""The four answers about a complaint, on a command line or in a file; corrected, and read by somebody else."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from cli.complaint_answer_options import (
    ANSWERS,
    Agrees,
    Clause,
    Clear,
    Covered,
    EvidenceClear,
    EvidenceCovered,
    EvidenceFollowed,
    EvidenceHarm,
    File,
    Followed,
    Harm,
    Issue,
    ReferenceClear,
    ReferenceCovered,
    ReferenceFollowed,
    ReferenceHarm,
    Text,
    Version,
    Whose,
    WhyClear,
    WhyCovered,
    WhyFollowed,
    WhyHarm,
)
from cli.complaint_options import ComplaintId, FindingId
from cli.complaint_warnings import warned, warnings_in
from cli.opening import acting, looking
from cli.options import SECRETARY, Because, By, Json, one_of, text_or_file
from cli.printing import say

if TYPE_CHECKING:
    from sqlmodel import Session

    from actions.complaints.answering import Answered, Given
    from rules.determination import Question


def add_to(complaint: typer.Typer) -> None:
    commands: dict[str, Callable[..., None]] = {
        "determine": determine, "correct": correct, "read-again": read_again,
    }  # fmt: skip
    for name, command in commands.items():
        complaint.command(name)(command)


def determine(
    number: ComplaintId, clause: Clause = None, version: Version = None, party: Whose = None,
    covered: Covered = None, why_covered: WhyCovered = None, evidence_covered: EvidenceCovered = None,
    reference_covered: ReferenceCovered = None, followed: Followed = None, why_followed: WhyFollowed = None,
    evidence_followed: EvidenceFollowed = None, reference_followed: ReferenceFollowed = None, clear: Clear = None,
    why_clear: WhyClear = None, evidence_clear: EvidenceClear = None, reference_clear: ReferenceClear = None,
    harm: Harm = None, why_harm: WhyHarm = None, evidence_harm: EvidenceHarm = None,
    reference_harm: ReferenceHarm = None, issue: Issue = None, file: File = None, by: By = SECRETARY,
    as_json: Json = False,
) -> None:  # fmt: skip
    """Record the four answers, and what they come to."""
    from actions.cast import known_id
    from actions.complaints.determining import determine as act

    said = (
        (covered, why_covered, evidence_covered, reference_covered),
        (followed, why_followed, evidence_followed, reference_followed),
        (clear, why_clear, evidence_clear, reference_clear),
        (harm, why_harm, evidence_harm, reference_harm),
    )
    given, issue = _given(said, clause, version, party, issue, file)
    with acting() as (session, now):
        given = _of_party(session, number, given)
        finding = known_id(act(session, now, number, given, by, text_or_file(issue) if issue else None))
    _found(number, finding, as_json, "recorded", given)


def correct(
    number: FindingId, because: Because, clause: Clause = None, version: Version = None, party: Whose = None,
    covered: Covered = None, why_covered: WhyCovered = None, evidence_covered: EvidenceCovered = None,
    reference_covered: ReferenceCovered = None, followed: Followed = None, why_followed: WhyFollowed = None,
    evidence_followed: EvidenceFollowed = None, reference_followed: ReferenceFollowed = None, clear: Clear = None,
    why_clear: WhyClear = None, evidence_clear: EvidenceClear = None, reference_clear: ReferenceClear = None,
    harm: Harm = None, why_harm: WhyHarm = None, evidence_harm: EvidenceHarm = None,
    reference_harm: ReferenceHarm = None, file: File = None, by: By = SECRETARY, as_json: Json = False,
) -> None:  # fmt: skip
    """Answer again. The finding that is corrected stays beneath it."""
    from actions.cast import known_id
    from actions.complaints.determining import correct as act
    from models.complaint import Complaint, Finding
    from rules.complaint import Stage

    said = (
        (covered, why_covered, evidence_covered, reference_covered),
        (followed, why_followed, evidence_followed, reference_followed),
        (clear, why_clear, evidence_clear, reference_clear),
        (harm, why_harm, evidence_harm, reference_harm),
    )
    given, _ = _given(said, clause, version, party, None, file)
    with acting() as (session, now):
        corrected = session.get(Finding, number)
        of = session.get(Complaint, corrected.complaint_id) if corrected else None
        given = _of_party(session, corrected.complaint_id, given) if corrected else given
        was_closed = of is not None and of.stage is Stage.CLOSED
        found = act(session, now, number, given, by, because)
        complaint, finding = found.complaint_id, known_id(found)
        reopened = was_closed and of is not None and of.stage is not Stage.CLOSED
    opened = f"Complaint {complaint} was closed and is open again." if reopened else None
    _found(complaint, finding, as_json, f"recorded in place of finding {number}", given, opened)


def read_again(number: FindingId, agrees: Agrees, because: Because, by: By, as_json: Json = False) -> None:
    """Say whether you find the same, where two have to."""
    from actions.complaints.second_reading import second_read
    from actions.complaints.showing import complaint_view
    from models.complaint import Finding

    chosen = {"agree": True, "disagree": False}.get(agrees.strip().casefold())
    if chosen is None:
        raise typer.BadParameter(f"“{agrees}” is none of agree, disagree.", param_hint="agree|disagree")
    with acting() as (session, now):
        second_read(session, now, number, chosen, by, because)
        session.flush()
        view = complaint_view(session, now, session.get_one(Finding, number).complaint_id, suggesting=False)
    sentence = f"{by} {'agrees' if chosen else 'does not agree'} with finding {number}. The complaint is {view.state}."
    say(as_json, sentence, finding=number, agrees=chosen, stage=view.complaint.stage, next=view.next)


Said = tuple[str | None, str | None, str | None, str | None]


def _given(
    said: tuple[Said, ...], clause: Text, version: Text, party: Text, issue: Text, file: Path | None
) -> "tuple[Given, str | None]":
    """Raises NoAnswers, AnswerLacking, BadAnswersFile."""
    from actions.complaints.answering import Given, NoAnswers
    from rules.determination import AnswerLacking, Question

    options = [each for one in said for each in one] + [clause, version, party, issue]
    if file is not None:
        from cli.complaint_files import read_answers_file

        if any(option is not None for option in options):
            raise typer.BadParameter("the answers stand in the file: leave out the options.", param_hint="--file")
        return read_answers_file(file)
    if not any(one[0] for one in said):
        raise NoAnswers
    found = {question: _answered(question, *one) for question, one in zip(Question, said, strict=True)}
    covered, harm = found[Question.COVERED], found[Question.HARM]
    if covered is None or harm is None:
        raise AnswerLacking(Question.COVERED if covered is None else Question.HARM)
    given = Given(
        covered=covered, harm=harm, followed=found[Question.FOLLOWED], clear=found[Question.CLEAR], clause=clause,
        version=version, party=party,
    )  # fmt: skip
    return given, issue


def _of_party(session: "Session", complaint: int, given: "Given") -> "Given":
    """By the party's short name, however it was written. Raises NotThere."""
    from actions.complaints.moving import complaint_named, protocol_of
    from actions.complaints.party_meant import slug_meant

    of = protocol_of(session, complaint_named(session, complaint))
    return replace(given, party=slug_meant(session, of, given.party)) if given.party else given


def _answered(question: "Question", answer: Text, why: Text, evidence: Text, reference: Text) -> "Answered | None":
    """Without a reason it goes on: the action says which reason is lacking."""
    from actions.complaints.answering import Answered
    from rules.determination import Answer, Evidence

    if answer is None:
        if why or evidence or reference:
            raise typer.BadParameter(f"say the answer too: {ANSWERS}.", param_hint=f"--{question}")
        return None
    return Answered(
        answer=one_of(Answer, answer, f"--{question}"), because=text_or_file(why) if why else "",
        evidence=one_of(Evidence, evidence, f"--evidence-{question}") if evidence else Evidence.STATEMENT,
        reference=reference,
    )  # fmt: skip


def _found(number: int, finding: int, as_json: bool, done: str, given: "Given", and_more: str | None = None) -> None:
    from actions.complaints.showing import complaint_view
    from rules.sentences import listed

    with looking() as (session, now):
        view = complaint_view(session, now, number, suggesting=False)
    every = [line for each in view.findings for line in (each, *each.corrected)]
    line = next(each for each in every if each.number == finding)
    sentence = f"Finding {finding} of complaint {number} is {done}: {line.result}."
    if and_more:
        sentence += f" {and_more}"
    if line.observation:
        sentence += f" Kept in view: {line.observation}"
    if line.what_matters:
        asked = listed([f"“{question}”" for question in line.what_matters])
        sentence += f" To be found out: {asked}; then correct it."
    # Where the evidence lies stays in the record as it is: whoever is named in it stays there too.
    answers = (given.covered, given.followed, given.clear, given.harm)
    warnings = warnings_in(*(answer.reference for answer in answers if answer is not None))
    say(
        as_json, warned(sentence, warnings, as_json), warnings=warnings, complaint=number, finding=finding,
        result=line.result, observation=line.observation, what_matters=line.what_matters, stage=view.complaint.stage,
        next=view.next,
    )  # fmt: skip
