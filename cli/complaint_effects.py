"""What follows from a finding, how a complaint ends, and what is asked of it again."""

from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.complaint_options import ComplaintId, FindingId, Words
from cli.opening import acting, looking
from cli.options import LARGEST_ID, SECRETARY, Because, By, Json, a_day, one_of, text_or_file
from cli.printing import in_words, say

if TYPE_CHECKING:
    from sqlmodel import Session

Due = Annotated[
    date | None,
    typer.Option("--due", metavar="DATE", parser=a_day, help="By when; otherwise the protocol's own window."),
]
Obligation = Annotated[
    str, typer.Argument(metavar="OBLIGATION", help="Its number or key: see `concordat complaint show`.")
]
InPlace = Annotated[str, typer.Option("--outcome", metavar="TEXT|@FILE", help="What was put in place.")]
UnderClause = Annotated[
    str | None, typer.Option("--clause", metavar="CLAUSE", help="Another clause than the finding's.")
]
Join = Annotated[
    int | None,
    typer.Option("--join", metavar="GAP", min=1, max=LARGEST_ID, help="A gap that is known already, instead of a new."),
]
MaybeWords = Annotated[
    str | None,
    typer.Option("--words", metavar="TEXT|@FILE", help="What is wanting; with --join, otherwise the gap’s own words."),
]
Urgent = Annotated[bool, typer.Option("--urgent", help="It should not wait for the next annual review.")]
Outcome = Annotated[str, typer.Argument(metavar="withdrawn|not-ours", help="Why it is not answered.")]
Label = Annotated[str, typer.Argument(metavar="VERSION", help="The version that was asked about.")]
Answer = Annotated[str, typer.Argument(metavar="yes|partly|no", help="Would that version cover it?")]


def add_to(complaint: typer.Typer) -> None:
    commands: dict[str, Callable[..., None]] = {
        "action": action, "done": done, "breach": breach, "gap": gap, "nothing": nothing, "close": close, "end": end,
        "look-again": look_again, "recheck": recheck,
    }  # fmt: skip
    for name, command in commands.items():
        complaint.command(name)(command)


def action(finding: FindingId, words: Words, due: Due = None, by: By = SECRETARY, as_json: Json = False) -> None:
    """The party puts something in place: it owes it from now on."""
    from actions.complaints.following_up import act_locally
    from models.obligation import Obligation as Duty

    with acting() as (session, now):
        effect = act_locally(session, now, finding, text_or_file(words), by, due)
        duty = session.get_one(Duty, effect.obligation_id)
        due_on, number, complaint = duty.due_on, duty.id, effect.complaint_id
    following = (f"concordat complaint done {number} --outcome TEXT",)
    sentence = f"It is owed by {in_words(due_on)}, as obligation {number}."
    _say(as_json, sentence, complaint, finding, following, obligation=number, due_on=due_on)


def done(obligation: Obligation, outcome: InPlace, by: By = SECRETARY, as_json: Json = False) -> None:
    """A local action after a complaint is in place."""
    from actions.complaints.following_up import finish_action

    which = int(obligation) if obligation.isdecimal() and len(obligation) < 10 else obligation
    with acting() as (session, now):
        finish_action(session, now, which, by, text_or_file(outcome))
    say(as_json, f"Obligation {obligation} is in place.", obligation=which)


def breach(finding: FindingId, words: Words, by: By = SECRETARY, as_json: Json = False) -> None:
    """It is followed up as a breach by the party whose doing it was."""
    from actions.complaints.following_up import open_breach
    from web.waking import wake_breach

    with acting() as (session, now):
        effect = open_breach(session, now, finding, text_or_file(words), by)
        number, complaint = effect.breach_id, effect.complaint_id
    asleep = wake_breach(number) if number is not None else None
    following = (f"concordat breach show {number}", *(("concordat sweep",) if asleep else ()))
    _say(as_json, f"It goes on as breach {number}, too.", complaint, finding, following, breach=number)


def gap(
    finding: FindingId, words: MaybeWords = None, clause: UnderClause = None, join: Join = None, urgent: Urgent = False,
    by: By = SECRETARY, as_json: Json = False,
) -> None:  # fmt: skip
    """The protocol is wanting: a gap for its next review."""
    from actions.complaints.following_up import open_gap

    with acting() as (session, now):
        said = text_or_file(words) if words is not None else _words_of(session, join)
        effect = open_gap(session, now, finding, said, by, clause, join, urgent)
        number, complaint = effect.gap_id, effect.complaint_id
    how = "joins" if join else "is an origin of"
    sentence = f"Complaint {complaint} {how} gap {number}, which is on the agenda of the next review."
    _say(as_json, sentence, complaint, finding, (f"concordat gap show {number}",), gap=number)


def _words_of(session: "Session", gap_id: int | None) -> str:
    """A gap that is known has words of its own. Raises ReasonNeeded, NotThere."""
    from actions.cast import NotThere
    from actions.reasons import ReasonNeeded
    from models.gap import Gap

    if gap_id is None:
        raise ReasonNeeded("what is wanting in the protocol")
    if (found := session.get(Gap, gap_id)) is None:
        raise NotThere(f"There is no gap {gap_id}: see `concordat gap list`.")
    return found.words


def nothing(finding: FindingId, because: Because, by: By = SECRETARY, as_json: Json = False) -> None:
    """Nothing changes, because. That is an answer too."""
    from actions.complaints.following_up import change_nothing

    with acting() as (session, now):
        complaint = change_nothing(session, now, finding, by, text_or_file(because)).complaint_id
    _say(as_json, f"Recorded: nothing changes after finding {finding}, and why.", complaint, finding, ())


def _say(as_json: bool, sentence: str, complaint: int, finding: int, first: tuple[str, ...], **facts: Any) -> None:
    """With what the complaint still asks for."""
    following = dict.fromkeys((*first, *_next(complaint)))
    say(as_json, sentence, complaint=complaint, finding=finding, **facts, next=list(following))


def _next(complaint: int) -> tuple[str, ...]:
    from actions.complaints.showing import complaint_view

    with looking() as (session, now):
        return complaint_view(session, now, complaint, suggesting=False).next


def close(number: ComplaintId, by: By = SECRETARY, as_json: Json = False) -> None:
    """Close it: answered, followed by something, and told."""
    from actions.complaints.closing import close as act
    from models.complaint import Complaint

    with acting() as (session, now):
        act(session, now, number, by)
    with looking() as (session, _):
        complaint = session.get_one(Complaint, number)
        told = complaint.told_at is not None or complaint.untold_id is not None
    untold = "" if told else "; nobody has recorded that whoever raised it was told"
    say(as_json, f"Complaint {number} is closed, answered{untold}.", complaint=number, next=_next(number))


def end(number: ComplaintId, outcome: Outcome, because: Because, by: By = SECRETARY, as_json: Json = False) -> None:
    """It was withdrawn, or is not for this protocol."""
    from actions.complaints.closing import ENDS_EARLY, end_early

    found = {each.value.replace(" ", "-"): each for each in ENDS_EARLY}
    chosen = found.get(outcome.strip().casefold().replace(" ", "-"))
    if chosen is None:
        raise typer.BadParameter(f"“{outcome}” is none of {', '.join(found)}.", param_hint="withdrawn|not-ours")
    with acting() as (session, now):
        end_early(session, now, number, chosen, by, because)
    say(as_json, f"Complaint {number} has ended: {chosen}.", complaint=number, outcome=chosen.value)


def look_again(number: ComplaintId, because: Because, by: By = SECRETARY, as_json: Json = False) -> None:
    """Analyse a determined or closed complaint anew."""
    from actions.complaints.closing import look_again as act
    from web.waking import wake_complaint

    with acting() as (session, now):
        act(session, now, number, by, because)
    wake_complaint(number)
    sentence = f"Complaint {number} is analysed anew. Every finding stays until it is corrected."
    say(as_json, sentence, complaint=number, next=_next(number))


def recheck(
    number: ComplaintId, version: Label, answer: Answer, because: Because, by: By = SECRETARY, as_json: Json = False
) -> None:
    """Say whether a later version would cover it now."""
    from actions.complaints.asking_again import answer as act
    from models.complaint import Covered

    chosen = one_of(Covered, answer, "yes|partly|no")
    with acting() as (session, now):
        act(session, now, number, version, chosen, by, because)
    words = {Covered.YES: "covers", Covered.PARTLY: "partly covers", Covered.NO: "does not cover"}[chosen]
    sentence = f"Recorded: version {version} {words} complaint {number}."
    again = (f"concordat complaint look-again {number} --because TEXT",) if chosen is not Covered.YES else ()
    following = list(dict.fromkeys((*again, *_next(number))))
    say(as_json, sentence, complaint=number, version=version, answer=chosen.value, next=following)
