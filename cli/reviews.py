"""The review's own steps, each taken by a person; the clock takes the others."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from cli.feedback import feedback_command
from cli.opening import acting, looking, the_protocol
from cli.options import SECRETARY, Because, By, Day, Json, MaybeBecause, MaybeProtocol, Protocol, ReviewId
from cli.printing import in_words, say, show_json, table

if TYPE_CHECKING:
    from models.review import Review

review = typer.Typer(help="The review of a protocol, step by step.", no_args_is_help=True)

Extraordinary = Annotated[
    bool, typer.Option("--extraordinary", help="At once, with a window of its own; joins a review that is open.")
]
Legislation = Annotated[
    bool, typer.Option("--legislation", help="The reason is a change of the law; means --extraordinary.")
]


@review.command("list")
def list_(protocol: MaybeProtocol = None, as_json: Json = False) -> None:
    """Every review there is or was."""
    from actions.overview import review_lines

    with looking() as (session, now):
        lines = review_lines(session, now, the_protocol(session, protocol) if protocol else None)
    if as_json:
        show_json(lines)
        return
    rows = [(r.id, r.protocol, r.kind, r.stage_said, r.review_on, f"{r.answered} of {r.parties}") for r in lines]
    columns = ("Review", "Protocol", "Kind", "Stage", "Review date", "Answered")
    typer.echo(table(columns, rows, "None yet: see `concordat review schedule` and `concordat review open`."))


@review.command("show")
def show(review_id: ReviewId, as_json: Json = False) -> None:
    """One review: dates, answers, decisions, what is next."""
    from actions.review_overview import review_view

    with looking() as (session, now):
        view = review_view(session, now, review_id)
    if as_json:
        whole = asdict(view)
        show_json(whole.pop("review") | whole)
        return
    from cli.review_text import review_text

    typer.echo(review_text(view))


@review.command("open")
def open_(
    protocol: Protocol, extraordinary: Extraordinary = False, legislation: Legislation = False,
    because: MaybeBecause = None, by: By = SECRETARY, as_json: Json = False,
) -> None:  # fmt: skip
    """Ask every party for feedback now."""
    from actions.cast import protocol_named
    from actions.review_opening import open_annual, open_extraordinary
    from models.review import ReasonKind

    if because is not None and not (extraordinary or legislation):
        raise typer.BadParameter("the annual review needs no reason; add --extraordinary.", param_hint="--because")
    kind = ReasonKind.LEGISLATION if legislation else ReasonKind.SECRETARY
    with acting() as (session, now):
        chosen = protocol_named(session, protocol)
        if extraordinary or legislation:
            opened = open_extraordinary(session, now, chosen, by, because or "", kind)
        else:
            opened = open_annual(session, now, chosen, by)
    _stands(as_json, opened, f"Review {opened.id} is open; feedback is due by {in_words(opened.due_on)}.")


@review.command("schedule")
def schedule(protocol: Protocol, day: Day, by: By = SECRETARY, as_json: Json = False) -> None:
    """Set the day of the next review. Later ones are counted from it."""
    from actions.cast import protocol_named
    from actions.review_opening import set_review_date

    with acting() as (session, now):
        scheduled = set_review_date(session, now, protocol_named(session, protocol), day, by)
    _stands(
        as_json, scheduled,
        f"Review {scheduled.id} is on {in_words(scheduled.review_on)}; every party is asked on "
        f"{in_words(scheduled.opens_at)}, for feedback by {in_words(scheduled.due_on)}.",
    )  # fmt: skip


review.command("feedback")(feedback_command)


@review.command("close-feedback")
def close_feedback(review_id: ReviewId, by: By = SECRETARY, as_json: Json = False) -> None:
    """End the round of feedback before its day. On the day, the clock does."""
    from actions.review_closing import close_feedback as act

    with acting() as (session, now):
        act(session, now, review_id, by)
    _now_at(as_json, review_id)


@review.command("seek-advice")
def seek_advice(review_id: ReviewId, by: By = SECRETARY, as_json: Json = False) -> None:
    """Ask the adviser about each major proposal."""
    from actions.review_drafting import seek_advice as act

    with acting() as (session, now):
        act(session, now, review_id, by)
    _now_at(as_json, review_id)


@review.command("begin-deciding")
def begin_deciding(review_id: ReviewId, by: By = SECRETARY, as_json: Json = False) -> None:
    """Put the proposals to the group. All are classified, advice is taken."""
    from actions.review_drafting import begin_deciding as act

    with acting() as (session, now):
        act(session, now, review_id, by)
    _now_at(as_json, review_id)


@review.command("return")
def return_(review_id: ReviewId, because: Because, by: By = SECRETARY, as_json: Json = False) -> None:
    """Go back to drafting."""
    from actions.review_drafting import return_to_drafting

    with acting() as (session, now):
        return_to_drafting(session, now, review_id, by, because)
    _now_at(as_json, review_id)


@review.command("conclude")
def conclude(review_id: ReviewId, by: By = SECRETARY, as_json: Json = False) -> None:
    """Make the new version, or end with no change. All is decided."""
    from actions.review_deciding import conclude as act

    with acting() as (session, now):
        act(session, now, review_id, by)
    _now_at(as_json, review_id)


@review.command("adopt")
def adopt(review_id: ReviewId, because: MaybeBecause = None, by: By = SECRETARY, as_json: Json = False) -> None:
    """End signing. With signatures outstanding, a reason is needed."""
    from actions.review_signing import adopt as act

    with acting() as (session, now):
        act(session, now, review_id, by, because)
    _now_at(as_json, review_id)


@review.command("cancel")
def cancel(review_id: ReviewId, because: Because, by: By = SECRETARY, as_json: Json = False) -> None:
    """Do not hold this review. Whoever had been asked is told why."""
    from actions.review_deciding import cancel as act
    from actions.review_not_held import what_is_left_of_the_year
    from actions.review_overview import review_named

    with acting() as (session, now):
        act(session, now, review_id, by, because)
        following = what_is_left_of_the_year(session, review_named(session, review_id))
    _now_at(as_json, review_id, f" {following}" if following else "")


def _now_at(as_json: bool, review_id: int, besides: str = "") -> None:
    """Where the review stands after the step, its version once it has one, and what to do next."""
    from actions.review_overview import review_view

    with looking() as (session, now):
        view = review_view(session, now, review_id)
    version = f", version {view.version}" if view.version else ""
    say(
        as_json, f"Review {review_id} is now: {view.review.stage}{version}.{besides}",
        next=view.next, review=review_id, stage=view.review.stage, version=view.version,
    )  # fmt: skip


def _stands(as_json: bool, found: "Review", sentence: str) -> None:
    say(
        as_json, sentence, id=found.id, stage=found.stage.value, review_on=found.review_on,
        opens_at=found.opens_at, due_on=found.due_on,
    )  # fmt: skip
