"""What whoever complained is told: a letter is written here and sent by the party; then it is recorded that it went."""

from collections.abc import Callable
from typing import Annotated, Any

import typer

from cli.complaint_options import ComplaintId, How, MaybeAt
from cli.complaint_warnings import warned, warnings_in
from cli.opening import acting, looking
from cli.options import SECRETARY, By, Json, one_of, text_or_file
from cli.printing import in_words, paragraph, say, show_json

Which = Annotated[
    str, typer.Argument(metavar="acknowledgement|progress|outcome", help="What whoever complained is told in it.")
]
MaybeHow = Annotated[str | None, typer.Option("--how", metavar="TEXT", help="By letter, by e-mail, in person …")]
CannotBeTold = Annotated[bool, typer.Option("--cannot-be-told", help="Nobody knows how to reach whoever complained.")]
WhyNot = Annotated[str | None, typer.Option("--because", metavar="TEXT|@FILE", help="Why nobody can be told.")]
OwnWords = Annotated[
    str | None,
    typer.Option("--words", metavar="TEXT|@FILE", help="Words of your own that go into it as they are."),
]


def add_to(complaint: typer.Typer) -> None:
    commands: dict[str, Callable[..., None]] = {
        "letter": letter, "acknowledge": acknowledge, "progress": progress, "outcome": outcome,
    }  # fmt: skip
    for name, command in commands.items():
        complaint.command(name)(command)


def letter(number: ComplaintId, which: Which, words: OwnWords = None, as_json: Json = False) -> None:
    """Write a letter to whoever complained. You send it."""
    from actions.complaints.letters import letter as act
    from models.complaint import NoticeKind

    kind = one_of(NoticeKind, which, "acknowledgement|progress|outcome")
    with looking() as (session, now):
        written = act(session, now, number, kind, text_or_file(words) if words else None)
    command = {NoticeKind.ACKNOWLEDGEMENT: "acknowledge"}.get(kind, kind.value)
    following = f"concordat complaint {command} {number} --how TEXT"
    if as_json:
        show_json({
            "complaint": number, "kind": kind.value, "text": written.text, "to_do": written.to_do, "next": [following],
        })  # fmt: skip
        return
    typer.echo(written.text)
    typer.echo("Before you send it:", err=True)
    for words in written.to_do:
        typer.echo(paragraph(words, "  ", "  "), err=True)
    typer.echo(f"When it has gone:\n  {following}", err=True)


def acknowledge(
    number: ComplaintId, how: How, at: MaybeAt = None, by: By = SECRETARY, as_json: Json = False
) -> None:  # fmt: skip
    """Record that whoever complained knows it was received."""
    from actions.complaints.telling_complainant import acknowledge as act
    from actions.complaints.when import told_when
    from web.waking import wake_complaint

    with acting() as (session, now):
        given = told_when(session, now, number, at) if at else None
        notice = act(session, now, number, by, how, given)
        session.flush()
        told_at = notice.given_at
    late, following = _after(number)
    sentence = f"Complaint {number} was acknowledged on {in_words(told_at)}{', which is late' if late else ''}."
    asleep = wake_complaint(number)
    if asleep and "concordat sweep" in following:
        sentence += " The analysis begins with the next sweep."
    _say(as_json, sentence, how, complaint=number, given_at=told_at, late=late, next=following)


def progress(number: ComplaintId, how: How, at: MaybeAt = None, by: By = SECRETARY, as_json: Json = False) -> None:
    """Record that whoever complained was told how far it is."""
    from actions.complaints.telling_complainant import report_progress
    from actions.complaints.when import told_when

    with acting() as (session, now):
        given = told_when(session, now, number, at) if at else None
        told_at = report_progress(session, now, number, by, how, given).given_at
    _, following = _after(number)
    sentence = f"Recorded: whoever complained was told on {in_words(told_at)} how far complaint {number} is."
    _say(as_json, sentence, how, complaint=number, given_at=told_at, next=following)


def outcome(
    number: ComplaintId, how: MaybeHow = None, at: MaybeAt = None, cannot: CannotBeTold = False,
    because: WhyNot = None, by: By = SECRETARY, as_json: Json = False,
) -> None:  # fmt: skip
    """Record that the outcome was told, or that nobody can be told."""
    if cannot is (how is not None) or cannot is not (because is not None):
        raise typer.BadParameter("say how it was told, or --cannot-be-told and --because.", param_hint="--how")
    if how is None:
        _cannot_be_told(number, text_or_file(because or ""), by, as_json)
        return
    from actions.complaints.telling_complainant import tell_outcome
    from actions.complaints.when import told_when
    from models.complaint import NoticeKind

    with acting() as (session, now):
        given = told_when(session, now, number, at, NoticeKind.OUTCOME) if at else None
        told_at = tell_outcome(session, now, number, by, how, given).given_at
    late, following = _after(number)
    sentence = f"Recorded: whoever complained was told the outcome of complaint {number} on {in_words(told_at)}"
    sentence += ", which is also what acknowledged it, and late." if late else "."
    _say(as_json, sentence, how, complaint=number, given_at=told_at, late=late, next=following)


def _cannot_be_told(number: int, because: str, by: str, as_json: bool) -> None:
    from actions.complaints.telling_complainant import cannot_be_told
    from web.waking import wake_complaint

    with acting() as (session, now):
        cannot_be_told(session, now, number, by, because)
    wake_complaint(number)
    _, following = _after(number)
    sentence = f"Recorded: whoever complained cannot be told what becomes of complaint {number}, and why."
    say(as_json, sentence, complaint=number, given_at=None, late=False, next=following)


def _after(number: int) -> tuple[bool, tuple[str, ...]]:
    """Whether the newest of what was told was a late acknowledgement, and what is next."""
    from actions.complaints.showing import complaint_view

    with looking() as (session, now):
        view = complaint_view(session, now, number, suggesting=False)
    return bool(view.notices and view.notices[-1].late), view.next


def _say(as_json: bool, sentence: str, how: str, **facts: Any) -> None:
    """How it was told stays in the record as it is: whoever is named in it stays there too."""
    warnings = warnings_in(how)
    say(as_json, warned(sentence, warnings, as_json), warnings=warnings, **facts)
