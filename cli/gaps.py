"""Where the protocol itself is wanting: questions for its next review."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.opening import acting, looking, the_protocol
from cli.options import SECRETARY, Because, By, Json, Number, WhichProtocol, text_or_file
from cli.printing import in_words, paragraph, say, show_json, table

if TYPE_CHECKING:
    from sqlmodel import Session

    from actions.gaps.keeping import GapView

gap = typer.Typer(help="Where the protocol itself is wanting.", no_args_is_help=True)

Closed = Annotated[bool, typer.Option("--all", help="Also those that are resolved or closed.")]
Clause = Annotated[str, typer.Argument(metavar="CLAUSE", help="The clause that is wanting, or none.")]
Words = Annotated[str, typer.Option("--words", metavar="TEXT|@FILE", help="What is wanting, without names of people.")]
From = Annotated[
    str | None,
    typer.Option("--from", metavar="CASE", help="What shows it: complaint:12, breach:7, feedback:9, legislation:2."),
]
Case = Annotated[str, typer.Argument(metavar="CASE", help="complaint:12, breach:7, feedback:9 or legislation:2.")]
Urgent = Annotated[bool, typer.Option("--urgent", help="It should not wait for the next annual review.")]
Owner = Annotated[str, typer.Argument(metavar="PARTY|secretary", help="Who looks after it from now on.")]
Review = Annotated[bool, typer.Option("--review", help="And open an extraordinary review now, or join the open one.")]


@gap.command("list")
def list_(closed: Closed = False, protocol: WhichProtocol = None, as_json: Json = False) -> None:
    """Gaps that wait for a review, the urgent ones first."""
    from sqlmodel import col, select

    from actions.gaps.keeping import gap_views
    from models.gap import Gap
    from rules.gap import WAITING

    with looking() as (session, _):
        statement = select(Gap).order_by(col(Gap.urgent).desc(), col(Gap.id))
        if protocol:
            statement = statement.where(Gap.protocol_id == the_protocol(session, protocol).id)
        if not closed:
            statement = statement.where(col(Gap.stage).in_(WAITING))
        views = gap_views(session, session.exec(statement).all())
    if as_json:
        show_json([_facts(view) for view in views])
        return
    rows = [(view.id, view.clause, _state(view), view.owner, view.words, len(view.origins)) for view in views]
    typer.echo(table(("Gap", "Clause", "State", "Owner", "What is wanting", "Origins"), rows, "None is known."))


@gap.command("show")
def show(number: Number, as_json: Json = False) -> None:
    """One gap: its cases, its owner, and what answers it."""
    with looking() as (session, _):
        view, review = _view(session, number), _review_of(session, number)
    following = list(_next(view, review))
    if as_json:
        show_json(_facts(view) | {"review": review, "next": following})
        return
    typer.echo("\n".join(_lines(view, review)))
    typer.echo("\n".join(["What to do next:", *(f"  {command}" for command in following)]))


def _review_of(session: "Session", number: int) -> int | None:
    """Which has it on its agenda now."""
    from actions.moving import review_in
    from models.gap import Gap
    from models.protocol import Protocol
    from rules.gap import WAITING
    from rules.review import JOINABLE

    gap = session.get_one(Gap, number)
    open_now = review_in(session, session.get_one(Protocol, gap.protocol_id), *JOINABLE)
    return open_now.id if open_now is not None and gap.stage in WAITING else None


def _next(view: "GapView", review: int | None) -> Iterator[str]:
    if view.proposals:
        yield f"concordat proposal show {view.proposals[-1]}"
    elif view.closed_at is None and review is not None:
        yield f"concordat proposal add {review} {view.clause or 'CLAUSE'}=TEXT --answers gap:{view.id} --by WHO"
    elif view.closed_at is None:
        yield f"concordat gap review {view.id}"
    if review is not None:
        yield f"concordat review show {review}"
    if view.closed_because:
        yield f"concordat gap reopen {view.id} --because TEXT"
    yield f"concordat trace gap:{view.id}"


def _view(session: "Session", number: int) -> "GapView":
    from actions.cast import NotThere
    from actions.gaps.keeping import gap_view
    from models.gap import Gap

    found = session.get(Gap, number)
    if found is None:
        raise NotThere(f"There is no gap {number}: see `concordat gap list`.")
    return gap_view(session, found)


def _lines(view: "GapView", review: int | None) -> Iterator[str]:
    yield f"Gap {view.id}{f', clause {view.clause}' if view.clause else ''}: {_state(view)}"
    yield paragraph(view.words, "  ")
    yield paragraph(f"Known since {in_words(view.opened_at)}, opened by {view.opened_by}", "  ")
    yield paragraph(f"From {', '.join(view.origins) or 'no case'}", "  ")
    yield f"  Looked after by {view.owner or 'the secretary'}"
    if review is not None:
        yield f"  On the agenda of review {review}"
    if view.proposals:
        yield f"  Answered by proposal {', '.join(map(str, view.proposals))}"
    if view.closed_at:
        ended = f"Resolved in version {view.resolved_in}" if view.resolved_in else f"Closed: {view.closed_because}"
        yield paragraph(f"{ended} ({in_words(view.closed_at)})", "  ")


@gap.command("open")
def open_(
    clause: Clause, words: Words, origin: From = None, urgent: Urgent = False, protocol: WhichProtocol = None,
    by: By = SECRETARY, as_json: Json = False,
) -> None:  # fmt: skip
    """Record that a clause is wanting. The next review has it."""
    from actions.gaps.living import open_gap_for

    of, said = None if clause == "none" else clause, text_or_file(words)
    with acting() as (session, now):
        opened = open_gap_for(session, now, the_protocol(session, protocol), of, said, origin, by, urgent)
        view = _view(session, opened.id or 0)
    _stands(as_json, view, f"Gap {view.id} is on the agenda of the next review.")


@gap.command("join")
def join(number: Number, case: Case, by: By = SECRETARY, as_json: Json = False) -> None:
    """Record one case more that shows it."""
    from actions.gaps.living import join_gap

    with acting() as (session, now):
        join_gap(session, now, number, case, by)
        view = _view(session, number)
    _stands(as_json, view, f"Gap {number} comes from {', '.join(view.origins)}.")


@gap.command("own")
def own(number: Number, owner: Owner, by: By = SECRETARY, as_json: Json = False) -> None:
    """Say who looks after it. A party's lead member is told."""
    from actions.gaps.living import assign

    with acting() as (session, now):
        assign(session, now, number, None if owner == SECRETARY else owner, by)
        view = _view(session, number)
    _stands(as_json, view, f"Gap {number} is looked after by {view.owner or 'the secretary'}.")


@gap.command("urgent")
def urgent(
    number: Number, because: Because, review: Review = False, by: By = SECRETARY, as_json: Json = False
) -> None:  # fmt: skip
    """Say that it cannot wait for the next annual review, and why."""
    from actions.gaps.asking import ask_for_review
    from actions.gaps.living import mark_urgent

    with acting() as (session, now):
        mark_urgent(session, now, number, by, because)
        asked = ask_for_review(session, now, number, by).id if review else None
        view = _view(session, number)
    besides = f" Review {asked} has it on its agenda." if asked else ""
    then = [] if asked else [f"concordat gap review {number}"]
    _stands(as_json, view, f"Gap {number} is urgent.{besides}", then, review=asked)


@gap.command("review")
def review_(number: Number, by: By = SECRETARY, as_json: Json = False) -> None:
    """Open an extraordinary review for it, or join the open one."""
    from actions.gaps.asking import ask_for_review

    with acting() as (session, now):
        asked = ask_for_review(session, now, number, by)
        view = _view(session, number)
    sentence = f"Review {asked.id} has gap {number} on its agenda; feedback is due by {in_words(asked.due_on)}."
    _stands(as_json, view, sentence, review=asked.id)


@gap.command("close")
def close(number: Number, because: Because, by: By = SECRETARY, as_json: Json = False) -> None:
    """No version has to answer it: say why."""
    from actions.gaps.living import close_gap

    with acting() as (session, now):
        close_gap(session, now, number, by, because)
        view = _view(session, number)
    _stands(as_json, view, f"Gap {number} is closed.")


@gap.command("reopen")
def reopen(number: Number, because: Because, by: By = SECRETARY, as_json: Json = False) -> None:
    """It waits for a review again, and why."""
    from actions.gaps.living import reopen_gap

    with acting() as (session, now):
        reopen_gap(session, now, number, by, because)
        view = _view(session, number)
    _stands(as_json, view, f"Gap {number} waits for the next review again.")


def _stands(as_json: bool, view: "GapView", sentence: str, then: list[str] | None = None, **facts: Any) -> None:
    say(as_json, sentence, next=then or [], **facts, **_facts(view))


def _state(view: "GapView") -> str:
    return f"{view.state}, urgent" if view.urgent and not view.closed_at else view.state


def _facts(view: "GapView") -> dict[str, Any]:
    return view._asdict()
