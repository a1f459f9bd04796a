"""Breakdown or inadequacy of the protocol (§14): four questions, and what the answers come to.

“Complaints received by organisations relating to information disclosure will be analysed to determine whether they
relate to a breakdown or an inadequacy of the protocol.” What nobody knows is never guessed: where it matters, the
answer is “undetermined”.
"""

from collections.abc import Collection, Iterable
from enum import StrEnum
from itertools import product
from typing import NamedTuple

from rules.errors import Refused


class Question(StrEnum):
    COVERED = "covered"
    FOLLOWED = "followed"
    CLEAR = "clear"
    HARM = "harm"


# As they are put to the person who answers them.
ASKED = {
    Question.COVERED: "Does a clause that was in force then cover it?",
    Question.FOLLOWED: "Was that clause followed?",
    Question.CLEAR: "Is the clause clear?",
    Question.HARM: "Was there harm, or is the complaint upheld?",
}


class Answer(StrEnum):
    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


class Result(StrEnum):
    BREAKDOWN = "breakdown"
    INADEQUACY = "inadequacy"
    BOTH = "both"
    NEITHER = "neither"
    UNDETERMINED = "undetermined"


class Evidence(StrEnum):
    """What an answer rests on."""

    CLAUSE = "clause"
    RECORD = "record"
    FOLLOW_UP = "follow-up"
    STATEMENT = "statement"


class Answers(NamedTuple):
    """`followed` and `clear` are None where no clause covers it: then they are not asked."""

    covered: Answer
    followed: Answer | None
    clear: Answer | None
    harm: Answer

    def to(self, question: Question) -> Answer | None:
        return Answer(found) if (found := getattr(self, question.value)) is not None else None


class Determined(NamedTuple):
    """`observation`: nothing follows by the table, yet a clause that is not clear, or not there, is kept in view."""

    result: Result
    observation: str | None = None


class NotAsked(Refused):
    def __init__(self, question: Question) -> None:
        super().__init__(
            f"Where no clause covers it, “{question}” is not asked: leave it out, or answer “covered” with yes."
        )


class AnswerLacking(Refused):
    def __init__(self, question: Question) -> None:
        super().__init__(f"Answer “{question}” too ({ASKED[question]}): yes, no, or unknown with why nobody knows.")


UNCLEAR = "The clause is not clear, although it was followed and nobody was harmed."
NOT_COVERED = "No clause covers it, and nobody was harmed."

Y, N = Answer.YES, Answer.NO
_EVERY = (Y, N)

# covered, followed, clear, harm: what they come to. None: not asked. Every row is one of the known table's.
TABLE: dict[tuple[Answer, Answer | None, Answer | None, Answer], Determined] = {
    (N, None, None, Y): Determined(Result.INADEQUACY),
    (Y, N,    Y,    Y): Determined(Result.BREAKDOWN),
    (Y, N,    Y,    N): Determined(Result.BREAKDOWN),
    (Y, N,    N,    Y): Determined(Result.BOTH),
    (Y, N,    N,    N): Determined(Result.BOTH),
    (Y, Y,    Y,    Y): Determined(Result.INADEQUACY),
    (Y, Y,    N,    Y): Determined(Result.INADEQUACY),
    (Y, Y,    Y,    N): Determined(Result.NEITHER),
    (Y, Y,    N,    N): Determined(Result.NEITHER, UNCLEAR),
    (N, None, None, N): Determined(Result.NEITHER, NOT_COVERED),
}  # fmt: skip


def determine(answers: Answers) -> Determined:
    """By the table. An unknown matters where knowing it could change the result; then it is undetermined.

    Raises NotAsked, AnswerLacking.
    """
    _require_asked(answers)
    possible = {TABLE[row] for row in _possible(answers)}
    if len(possible) == 1:
        return possible.pop()
    results = {each.result for each in possible}
    return Determined(results.pop() if len(results) == 1 else Result.UNDETERMINED)


def what_matters(answers: Answers) -> tuple[Question, ...]:
    """The unknown answers that keep it undetermined: what has to be found out. Raises NotAsked, AnswerLacking."""
    if determine(answers).result is not Result.UNDETERMINED:
        return ()
    return tuple(question for question in Question if answers.to(question) is Answer.UNKNOWN)


def rows_that_fit(answers: Answers) -> tuple[tuple[Answer, Answer | None, Answer | None, Answer], ...]:
    """The rows of the table that the answers are one of: several where something is unknown. Raises NotAsked,
    AnswerLacking."""
    _require_asked(answers)
    return tuple(dict.fromkeys(_possible(answers)))


def _require_asked(answers: Answers) -> None:
    for question in (Question.FOLLOWED, Question.CLEAR):
        answered = answers.to(question) is not None
        if answers.covered is Answer.NO and answered:
            raise NotAsked(question)
        if answers.covered is Answer.YES and not answered:
            raise AnswerLacking(question)


def _possible(answers: Answers) -> Iterable[tuple[Answer, Answer | None, Answer | None, Answer]]:
    """The rows that fit, were every unknown known; of what was not answered, as if it were unknown."""
    for covered, harm in product(_may_be(answers.covered), _may_be(answers.harm)):
        if covered is Answer.NO:
            yield covered, None, None, harm
            continue
        for followed, clear in product(_may_be(answers.followed), _may_be(answers.clear)):
            yield covered, followed, clear, harm


def _may_be(answer: Answer | None) -> tuple[Answer, ...]:
    return _EVERY if answer in (None, Answer.UNKNOWN) else (answer,)


def overall(results: Collection[Result]) -> Result:
    """Of a complaint with several findings: undetermined while one is; both where they differ in kind."""
    found = set(results) - {Result.NEITHER}
    if not results or Result.UNDETERMINED in found:
        return Result.UNDETERMINED
    if Result.BOTH in found or {Result.BREAKDOWN, Result.INADEQUACY} <= found:
        return Result.BOTH
    return found.pop() if found else Result.NEITHER


class Effect(StrEnum):
    """What follows from a finding."""

    ACTION = "local action"
    BREACH = "breach"
    GAP = "gap"
    NONE = "no change"


# What each result asks for: at least one effect of each set.
WANTED: dict[Result, tuple[frozenset[Effect], ...]] = {
    Result.BREAKDOWN: (frozenset({Effect.ACTION, Effect.BREACH}),),
    Result.INADEQUACY: (frozenset({Effect.GAP}),),
    Result.BOTH: (frozenset({Effect.ACTION, Effect.BREACH}), frozenset({Effect.GAP})),
    Result.NEITHER: (),
    Result.UNDETERMINED: (),
}


def wanting(result: Result, effects: Collection[Effect]) -> tuple[frozenset[Effect], ...]:
    """What is still to follow. “No change, because” stands in for all of it; “neither” needs that, or any effect."""
    if Effect.NONE in effects:
        return ()
    if result is Result.NEITHER:
        return () if effects else (frozenset({Effect.NONE}),)
    return tuple(each for each in WANTED[result] if each.isdisjoint(effects))
