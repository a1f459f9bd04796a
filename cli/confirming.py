"""`concordat confirm`: a lead member's answers to the checklist after adoption."""

from typing import TYPE_CHECKING, Annotated

import typer

from cli.opening import acting
from cli.options import SECRETARY, By, Json, OnBehalf, Party, ReviewId, a_day
from cli.printing import say

if TYPE_CHECKING:
    from sqlmodel import Session

    from actions.confirming import ItemAnswer
    from models.protocol import Protocol, Version
    from models.review import Review


Items = Annotated[
    list[str] | None,
    typer.Option(
        "--item", metavar="KEY=ANSWER", help="ANSWER: in-place, not-yet:DATE or not-applicable:WHY; may be repeated."
    ),
]
AllInPlace = Annotated[bool, typer.Option("--all-in-place", help="Every item that --item does not name is in place.")]


def confirm_command(
    review_id: ReviewId, slug: Party, item: Items = None, all_in_place: AllInPlace = False,
    on_behalf_because: OnBehalf = None, by: By = SECRETARY, as_json: Json = False,
) -> None:  # fmt: skip
    """Record which procedures are in place. “Not yet” becomes a duty with its day."""
    from actions.cast import party_named
    from actions.confirming import confirm, latest_answers
    from models.protocol import Protocol

    if not item and not all_in_place:
        raise typer.BadParameter("say what is in place.", param_hint="--item or --all-in-place")
    given = [answer_from(text) for text in item or []]
    with acting() as (session, now):
        review, version = _adopted(session, review_id)
        protocol = session.get_one(Protocol, review.protocol_id)
        party = party_named(session, protocol, slug)
        answers = [*given, *(_others(session, protocol, given) if all_in_place else [])]
        new = confirm(session, now, review, version, party, answers, by, on_behalf_because)
        answered = len(latest_answers(session, version, party))
    sentence = f"{new} answers of {party.name} are recorded; {answered} items of version {version.label} are answered."
    say(as_json, sentence, review=review_id, party=slug, version=version.label, recorded=new, answered=answered)


def answer_from(text: str) -> "ItemAnswer":
    """`KEY=in-place`, `KEY=not-yet:2027-10-01`, `KEY=not-applicable:why`."""
    from actions.confirming import ItemAnswer
    from models.review import ConfirmationAnswer

    key, _, said = text.partition("=")
    word, _, more = said.partition(":")
    match word.strip():
        case "in-place" if not more:
            return ItemAnswer(item=key, answer=ConfirmationAnswer.IN_PLACE)
        case "not-yet":
            return ItemAnswer(item=key, answer=ConfirmationAnswer.NOT_YET, by_when=a_day(more) if more else None)
        case "not-applicable":
            return ItemAnswer(item=key, answer=ConfirmationAnswer.NOT_APPLICABLE, why=more.strip() or None)
        case _:
            raise typer.BadParameter(
                f"“{text}” is not of the form KEY=in-place, KEY=not-yet:DATE or KEY=not-applicable:WHY.",
                param_hint="--item",
            )


def _adopted(session: "Session", review_id: int) -> "tuple[Review, Version]":
    """The review and the version to confirm. Raises Refused where it has made none."""
    from actions.review_overview import review_named, version_made_by
    from actions.review_signing import version_of
    from rules.errors import Refused

    review = review_named(session, review_id)
    if version_made_by(session, review) is None:
        raise Refused(f"Review {review_id} has made no version: there is nothing to confirm.")
    return review, version_of(session, review)


def _others(session: "Session", protocol: "Protocol", given: "list[ItemAnswer]") -> "list[ItemAnswer]":
    from actions.confirming import ItemAnswer, checklist
    from models.review import ConfirmationAnswer

    named = {answer.item for answer in given}
    keys = [row.key for row in checklist(session, protocol) if row.key not in named]
    return [ItemAnswer(item=key, answer=ConfirmationAnswer.IN_PLACE) for key in keys]
