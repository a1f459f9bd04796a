"""What one party does after a breach by its own procedure, and between partners: steps, holds, questions, lessons."""

from collections.abc import Callable
from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from cli.breach_options import BreachId, MaybeAt, instant
from cli.opening import acting
from cli.options import LARGEST_ID, SECRETARY, Because, By, Json, MaybeBecause, Party, a_day, one_of, text_or_file
from cli.printing import in_words, say

if TYPE_CHECKING:
    from sqlmodel import Session

Step = Annotated[str, typer.Argument(metavar="STEP", help="The step's id: see `concordat breach show`.")]
MaybeOutcome = Annotated[
    str | None, typer.Option("--outcome", metavar="TEXT|@FILE", help="What it brought, naming nobody concerned.")
]
Outcome = Annotated[str, typer.Option("--outcome", metavar="TEXT|@FILE", help="What was put in place.")]
Evidence = Annotated[
    str | None, typer.Option("--evidence", metavar="TEXT", help="What shows it: a number, a place, never a document.")
]
Provisional = Annotated[bool, typer.Option("--provisional", help="Done for now; the final answer is owed.")]
Skip = Annotated[bool, typer.Option("--skip", help="It is not done; --because says why.")]
Correct = Annotated[
    bool, typer.Option("--correct", help="It was done at another time than was recorded: --at, and --because says why.")
]
Release = Annotated[bool, typer.Option("--release", help="Letters may leave again.")]
Confirm = Annotated[bool, typer.Option("--confirm", help="Somebody has looked again: they must still wait.")]
Of = Annotated[str, typer.Argument(metavar="OF", help="The party that is asked.")]
Question = Annotated[str, typer.Option("--question", metavar="TEXT|@FILE", help="What is asked.")]
QuestionId = Annotated[int, typer.Argument(metavar="ID", min=1, max=LARGEST_ID, help="The question's number.")]
Answer = Annotated[str, typer.Option("--answer", metavar="TEXT|@FILE", help="The answer.")]
Cause = Annotated[str, typer.Option("--cause", metavar="TEXT", help="The cause in a few words: “wrong recipient”.")]
Words = Annotated[str, typer.Option("--words", metavar="TEXT|@FILE", help="What was learnt, naming nobody.")]
Effect = Annotated[str, typer.Option("--effect", metavar="action|gap|none", help="What becomes of it.")]
Remedy = Annotated[str | None, typer.Option("--remedy", metavar="TEXT", help="What would mend it.")]
Clause = Annotated[
    str | None, typer.Option("--clause", metavar="CLAUSE", help="Of a gap: the clause that is wanting, or none.")
]
Gap = Annotated[
    int | None, typer.Option("--gap", metavar="NUMBER", min=1, max=LARGEST_ID, help="A gap that says it already.")
]
NoneBecause = Annotated[str | None, typer.Option("--none-because", metavar="TEXT", help="Why nothing changes.")]
Due = Annotated[
    date | None,
    typer.Option(
        "--due",
        metavar="DATE",
        parser=a_day,
        help="By when a local action is in place; otherwise by the protocol's allowance.",
    ),
]
Urgent = Annotated[bool, typer.Option("--urgent", help="A gap that should not wait for the next review.")]
Key = Annotated[str, typer.Argument(metavar="ACTION", help="The local action's number or key.")]


def add_to(breach: typer.Typer) -> None:
    commands: dict[str, Callable[..., None]] = {
        "step": step, "hold": hold, "consult": consult, "answer": answer, "lesson": lesson, "action": action
    }  # fmt: skip
    for name, command in commands.items():
        breach.command(name)(command)


def step(
    number: BreachId, slug: Party, which: Step, outcome: MaybeOutcome = None, evidence: Evidence = None,
    at: MaybeAt = None, provisional: Provisional = False, skip: Skip = False, correct: Correct = False,
    because: MaybeBecause = None, by: By = SECRETARY, as_json: Json = False,
) -> None:  # fmt: skip
    """A step of the procedure is done, or skipped and why."""
    from actions.breaches.stepping import finish_step, skip_step

    if skip and (outcome or evidence or at or provisional or correct):
        raise typer.BadParameter("a skipped step has a reason and nothing else.", param_hint="--skip")
    if correct:
        if outcome or evidence or provisional or not at:
            raise typer.BadParameter("give the right time (--at) and why (--because).", param_hint="--correct")
        _correct_step(number, slug, which, at, because or "", by, as_json)
        return
    said = text_or_file(outcome) if outcome else ""
    with acting() as (session, now):
        if skip:
            skip_step(session, now, number, slug, which, by, because or "")
        else:
            done_at = instant(session, number, at) if at else None
            finish_step(session, now, number, slug, which, by, said, evidence, done_at, provisional)
    done = "done for now; the final answer is owed" if provisional else "done"
    sentence = f"Step “{which}” of {slug} is {'skipped; the reason is recorded' if skip else done}."
    say(
        as_json, sentence, next=[f"concordat breach show {number}"], breach=number, party=slug, step=which,
        skipped=skip, provisional=provisional,
    )  # fmt: skip


def _correct_step(number: int, slug: str, which: str, at: str, because: str, by: str, as_json: bool) -> None:
    from actions.breaches.correcting_steps import correct_step

    with acting() as (session, now):
        done_at = instant(session, number, at)
        before = correct_step(session, now, number, slug, which, done_at, by, because)
    stood = f"it was recorded as {in_words(before)}, and that stays in its history"
    if before == done_at:
        stood = "that was recorded already"
    say(
        as_json, f"Step “{which}” of {slug} was done on {in_words(done_at)}: {stood}.",
        next=[f"concordat breach show {number}"], breach=number, party=slug, step=which, done_at=done_at, before=before,
    )  # fmt: skip


def hold(
    number: BreachId, slug: Party, because: Because, release: Release = False, confirm: Confirm = False,
    by: By = SECRETARY, as_json: Json = False,
) -> None:  # fmt: skip
    """Hold everybody's letters to the people concerned (DPA s.68)."""
    from actions.breaches.holding import confirm_hold, place_hold, release_hold

    if release and confirm:
        raise typer.BadParameter("give one of the two.", param_hint="--release, --confirm")
    act = release_hold if release else confirm_hold if confirm else place_hold
    with acting() as (session, now):
        before = _hold(session, number, slug)
        act(session, now, number, slug, by, because)
    words = f"{slug} holds letters: nobody writes to the people concerned until it releases them."
    if release:
        words = f"{slug} has released its hold on letters."
        if before and before.released_at:
            words = f"{slug} had released its hold on letters already, on {in_words(before.released_at)}: that stands."
    elif confirm:
        words = f"{slug} confirms that letters must still wait."
    elif before and not before.released_at:
        words = f"{slug} has held letters since {in_words(before.placed_at)}: that stands."
    say(as_json, words, breach=number, party=slug, held=not release)


class _Hold(NamedTuple):
    placed_at: datetime
    released_at: datetime | None


def _hold(session: "Session", number: int, slug: str) -> _Hold | None:
    """The party's newest, released or not, as it was before."""
    from sqlmodel import col, select

    from actions.breaches.moving import follow_up_at
    from actions.breaches.showing import breach_named
    from models.breach import LetterHold

    follow_up, _ = follow_up_at(session, breach_named(session, number), slug)
    statement = select(LetterHold).where(LetterHold.follow_up_id == follow_up.id).order_by(col(LetterHold.id).desc())
    found = session.exec(statement.limit(1)).first()
    return _Hold(found.placed_at, found.released_at) if found else None


def consult(
    number: BreachId, slug: Party, of: Of, question: Question, by: By = SECRETARY, as_json: Json = False
) -> None:
    """Ask another party something. No clock waits for the answer."""
    from actions.breaches.consulting import consult as act

    words = text_or_file(question)
    with acting() as (session, now):
        asked = act(session, now, number, slug, of, words, by)
    sentence = f"Question {asked} of {slug} to {of} is recorded; no clock waits for it."
    say(as_json, sentence, breach=number, question=asked)


def answer(question: QuestionId, words: Answer, by: By = SECRETARY, as_json: Json = False) -> None:
    """Answer a question between partners."""
    from actions.breaches.consulting import answer_consultation

    said = text_or_file(words)
    with acting() as (session, now):
        answer_consultation(session, now, question, said, by)
    say(as_json, f"The answer to question {question} is recorded.", question=question)


def lesson(
    number: BreachId, slug: Party, cause: Cause, words: Words, effect: Effect, remedy: Remedy = None,
    clause: Clause = None, gap: Gap = None, none_because: NoneBecause = None, due: Due = None, urgent: Urgent = False,
    by: By = SECRETARY, as_json: Json = False,
) -> None:  # fmt: skip
    """What was learnt, and what becomes of it."""
    from actions.breaches.learning import learn
    from models.breach import LessonEffect

    chosen = LessonEffect.ACTION if effect.strip().casefold() == "action" else one_of(LessonEffect, effect, "--effect")
    if chosen is LessonEffect.GAP and clause is None and gap is None:
        raise typer.BadParameter(
            "name the clause that is wanting, the gap that says it already (--gap), or “none”: it is under no clause.",
            param_hint="--clause",
        )
    clause = None if clause == "none" else clause
    said = text_or_file(words)
    with acting() as (session, now):
        learnt = learn(
            session, now, number, slug, cause, said, chosen, by, remedy=remedy, clause=clause, gap_id=gap,
            none_because=none_because, action_due_on=due, urgent=urgent,
        )  # fmt: skip
        found = {"lesson": learnt.id, "gap": learnt.gap_id}
        by_then = _due_on(session, number, learnt.id)
    became = {
        LessonEffect.ACTION: "a local action is owed",
        LessonEffect.GAP: f"gap {found['gap']}{f' under clause {clause}' if clause else ''} goes to the next review",
        LessonEffect.NONE: "nothing changes; the reason is recorded",
    }[chosen]
    by_when = f", by {in_words(by_then)}" if by_then else ""
    default = " (`--due DATE` names another day)" if by_then and due is None else ""
    sentence = f"Recorded: {became}{by_when}{default}."
    say(
        as_json,
        sentence,
        breach=number,
        party=slug,
        effect=chosen.value,
        lesson=found["lesson"],
        gap=found["gap"],
        due_on=by_then,
    )


def _due_on(session: "Session", number: int, lesson: int | None) -> date | None:
    """Of a local action, whether somebody has named the day or the protocol's own allowance has."""
    from sqlmodel import select

    from models.obligation import Obligation

    named = select(Obligation).where(Obligation.case == f"breach:{number}", Obligation.subject == f"lesson:{lesson}")
    duty = session.exec(named).first()
    return duty.due_on if duty else None


def action(key: Key, outcome: Outcome, by: By = SECRETARY, as_json: Json = False) -> None:
    """Record that a local action is in place, also long after."""
    from actions.breaches.learning import finish_action

    said = text_or_file(outcome)
    with acting() as (session, now):
        finish_action(session, now, int(key) if key.isascii() and key.isdigit() else key, by, said)
    say(as_json, "The local action is in place.", action=key)
