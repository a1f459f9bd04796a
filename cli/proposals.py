"""Proposals: raised, sorted, advised on, decided."""

from typing import TYPE_CHECKING, Annotated

import typer

from cli.feedback import proposals_from
from cli.opening import acting, looking
from cli.options import SECRETARY, Because, By, Json, Number, On, ReviewId, one_of, text_or_file
from cli.printing import say, show_json

if TYPE_CHECKING:
    from rules.decisions import Vote

proposal = typer.Typer(help="Proposals on a review's table.", no_args_is_help=True)

Into = Annotated[int, typer.Argument(metavar="INTO", min=1, help="The proposal that stands for both.")]
Change = Annotated[str, typer.Argument(metavar="CLAUSE=WORDING|@FILE", help="The clause and its new wording.")]
Problem = Annotated[str, typer.Option("--problem", metavar="TEXT|@FILE", help="What is wrong with it today.")]
Magnitude = Annotated[str, typer.Argument(metavar="minor|major", help="Major ones need advice and signatures.")]
Text = Annotated[str, typer.Option("--text", metavar="TEXT|@FILE", help="The advice, as it was given.")]
Outcome = Annotated[
    str, typer.Argument(metavar="OUTCOME", help="accepted, accepted-with-changes, rejected or deferred.")
]
Wording = Annotated[str | None, typer.Option("--wording", metavar="TEXT|@FILE", help="What was accepted instead.")]
Dissent = Annotated[str | None, typer.Option("--dissent", metavar="TEXT|@FILE", help="Who disagreed, in their words.")]
For = Annotated[list[str] | None, typer.Option("--for", metavar="PARTY", help="Voted for it; may be repeated.")]
Against = Annotated[list[str] | None, typer.Option("--against", metavar="PARTY", help="Voted against it.")]
Abstained = Annotated[list[str] | None, typer.Option("--abstained", metavar="PARTY", help="Abstained.")]
Refs = Annotated[
    list[str], typer.Argument(metavar="REF…", help="What it answers: gap:3, feedback:9, complaint:12 or breach:7.")
]
Answers = Annotated[
    list[str] | None,
    typer.Option("--answers", metavar="REF", help="What it answers: gap:3, complaint:12 …; may be repeated."),
]
DecidedBy = Annotated[
    str, typer.Option("--decided-by", metavar="WHO", help="Where the protocol names one person who decides: who did.")
]


@proposal.command("show")
def show(number: Number, as_json: Json = False) -> None:
    """One proposal: words, origins, advice, decision."""
    from actions.review_table import proposal_line, proposal_named

    with looking() as (session, _):
        line = proposal_line(session, proposal_named(session, number))
    if as_json:
        show_json(line)
        return
    from cli.printing import paragraph
    from cli.review_text import proposal_lines_text

    typer.echo(f"Clause {line.clause}, {line.heading}")
    typer.echo(paragraph(f"Today: {line.current or '(a new clause)'}", "    "))
    typer.echo("\n".join(proposal_lines_text(line)))


@proposal.command("add")
def add(
    review_id: ReviewId, change: Change, problem: Problem = "", answers: Answers = None, by: By = SECRETARY,
    as_json: Json = False,
) -> None:  # fmt: skip
    """Raise a proposal of the steering group's own."""
    from actions.review_drafting import propose

    [proposed] = proposals_from([change], [problem])
    with acting() as (session, now):
        raised = propose(session, now, review_id, proposed, by, answers or ())
    sentence = f"Proposal {raised.id} is on the table." if raised else "The very same proposal is on the table already."
    say(as_json, sentence, review=review_id, proposal=raised.id if raised else None)


@proposal.command("answers")
def answers_(number: Number, refs: Refs, by: By = SECRETARY, as_json: Json = False) -> None:
    """Name the gaps, feedback, complaints and breaches it answers."""
    from actions.gaps.answering import name_answers

    with acting() as (session, now):
        named = name_answers(session, now, number, refs, by)
    say(as_json, f"Proposal {number} answers {', '.join(named)}.", proposal=number, answers=named)


@proposal.command("merge")
def merge(number: Number, into: Into, because: Because, by: By = SECRETARY, as_json: Json = False) -> None:
    """Let one stand for two that say the same. The origins stay linked."""
    from actions.review_drafting import merge as act

    with acting() as (session, now):
        act(session, now, number, into, by, because)
    say(as_json, f"Proposal {number} is merged into {into}.", proposal=number, into=into)


@proposal.command("classify")
def classify(number: Number, magnitude: Magnitude, because: Because, by: By = SECRETARY, as_json: Json = False) -> None:
    """Mark it minor or major, with the reason."""
    from actions.review_drafting import classify as act
    from models.review import Magnitude as Magnitudes

    chosen = one_of(Magnitudes, magnitude, "minor|major")
    with acting() as (session, now):
        act(session, now, number, chosen, by, because)
    say(as_json, f"Proposal {number} is {chosen}.", proposal=number, magnitude=chosen.value)


@proposal.command("withdraw")
def withdraw(number: Number, because: Because, by: By = SECRETARY, as_json: Json = False) -> None:
    """Take it off the table, with the reason."""
    from actions.review_drafting import withdraw as act

    with acting() as (session, now):
        act(session, now, number, by, because)
    say(as_json, f"Proposal {number} is withdrawn.", proposal=number)


@proposal.command("advise")
def advise(number: Number, text: Text, by: By = "adviser", as_json: Json = False) -> None:
    """Record the advice on a major proposal."""
    from actions.review_drafting import give_advice

    with acting() as (session, now):
        give_advice(session, now, number, text_or_file(text), by)
    say(as_json, f"The advice on proposal {number} is recorded.", proposal=number, waived=False)


@proposal.command("waive-advice")
def waive_advice(number: Number, because: Because, by: By = SECRETARY, as_json: Json = False) -> None:
    """Record why no advice is taken on it."""
    from actions.review_drafting import give_advice

    with acting() as (session, now):
        give_advice(session, now, number, because, by, waived=True)
    say(as_json, f"Proposal {number} goes on without advice; the reason is recorded.", proposal=number, waived=True)


@proposal.command("decide")
def decide(
    number: Number, outcome: Outcome, because: Because, wording: Wording = None, dissent: Dissent = None,
    voted_for: For = None, against: Against = None, abstained: Abstained = None, on: On = None,
    decided_by: DecidedBy = "steering group", by: By = SECRETARY, as_json: Json = False,
) -> None:  # fmt: skip
    """Record what the group decided. Another decision later is refused."""
    from actions.review_deciding import decide as act
    from models.review import DecisionOutcome

    chosen = one_of(DecisionOutcome, outcome, "OUTCOME")
    votes = _votes(voted_for or [], against or [], abstained or [])
    with acting() as (session, now):
        decision = act(
            session, now, number, chosen, by, because=because, wording=text_or_file(wording) if wording else None,
            dissent=text_or_file(dissent) if dissent else None, votes=votes, decided_on=on, decided_by=decided_by,
        )  # fmt: skip
    say(
        as_json, f"Proposal {number} is {chosen}. {decision.rule}",
        proposal=number, outcome=chosen.value, rule=decision.rule, decided_on=decision.decided_on,
    )  # fmt: skip


def _votes(voted_for: list[str], against: list[str], abstained: list[str]) -> "dict[str, Vote]":
    from rules.decisions import Vote

    votes: dict[str, Vote] = {}
    for vote, parties in ((Vote.FOR, voted_for), (Vote.AGAINST, against), (Vote.ABSTAINED, abstained)):
        for party in parties:
            if votes.setdefault(party, vote) is not vote:
                raise typer.BadParameter(f"{party} is named with two different votes.", param_hint="--for/--against")
    return votes
