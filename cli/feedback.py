"""`concordat review feedback`: what a party answers, as it reached the secretary."""

from typing import TYPE_CHECKING, Annotated

import typer

from cli.opening import acting
from cli.options import SECRETARY, By, Json, OnBehalf, Party, ReviewId, text_or_file
from cli.printing import counted, say

if TYPE_CHECKING:
    from actions.proposals import Proposed

NoComments = Annotated[bool, typer.Option("--no-comments", help="The party has read it and has none: an answer too.")]
Comments = Annotated[
    str, typer.Option("--comments", metavar="TEXT|@FILE", help="On the use of the protocol; @FILE reads a file.")
]
Propose = Annotated[
    list[str] | None,
    typer.Option("--propose", metavar="CLAUSE=WORDING|@FILE", help="New wording for a clause; may be repeated."),
]
Problem = Annotated[
    list[str] | None,
    typer.Option("--problem", metavar="TEXT|@FILE", help="What is wrong today; the nth belongs to the nth proposal."),
]


def feedback_command(
    review_id: ReviewId, slug: Party, no_comments: NoComments = False, comments: Comments = "",
    propose: Propose = None, problem: Problem = None,
    on_behalf_because: OnBehalf = None, by: By = SECRETARY, as_json: Json = False,
) -> None:  # fmt: skip
    """Record a party's feedback. Recorded twice, it counts once."""
    from actions.cast import party_named
    from actions.review_feedback import give_feedback
    from actions.review_overview import review_named
    from models.protocol import Protocol

    proposals = proposals_from(propose or [], problem or [])
    with acting() as (session, now):
        protocol = session.get_one(Protocol, review_named(session, review_id).protocol_id)
        party = party_named(session, protocol, slug)
        given = give_feedback(
            session, now, review_id, party, by, no_comments=no_comments, comments=text_or_file(comments),
            proposals=proposals, on_behalf_because=on_behalf_because,
        )  # fmt: skip
    what = "no comments" if no_comments else counted(len(proposals), "proposal") if proposals else "comments"
    sentence = f"The feedback of {party.name} is recorded: {what}." if given else "That had been recorded already."
    say(as_json, sentence, review=review_id, party=slug, feedback=given.id if given else None, recorded=bool(given))


def proposals_from(propose: list[str], problem: list[str]) -> "list[Proposed]":
    """Pairs each `CLAUSE=WORDING` with the problem at its place."""
    from actions.proposals import Proposed

    if len(problem) > len(propose):
        raise typer.BadParameter("more problems than proposals.", param_hint="--problem")
    problems = [text_or_file(text) for text in problem] + [""] * len(propose)
    made = []
    for text, words in zip(propose, problems, strict=False):
        clause, equals, wording = text.partition("=")
        if not equals or not wording.strip():
            raise typer.BadParameter(f"“{text}” is not of the form CLAUSE=WORDING.", param_hint="--propose")
        made.append(Proposed(clause=clause.strip(), wording=text_or_file(wording), problem=words))
    return made
