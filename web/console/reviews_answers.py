"""What a party answers, recorded in its place: feedback, and the confirmation after adoption."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from pydantic import BaseModel, model_validator
from sqlmodel import col, select

from actions.cast import party_named
from actions.clauses import clause_headings, clause_named, clause_text
from actions.confirming import ItemAnswer, checklist, confirm, said_by
from actions.proposals import Proposed
from actions.review_feedback import give_feedback
from actions.review_overview import review_named, version_made_by
from actions.review_signing import version_of
from models.protocol import Clause, Party, Protocol, Version
from models.review import WORDING, ConfirmationAnswer, Review
from notifications.wording import counted
from rules.errors import Refused
from web.console.reviews_steps import MENU
from web.declaring import WORKS, Act, Asked, Done
from web.fields import choice, day, pick, tick, ticks, words
from web.forms import Given
from web.waking import wake_review

ON_BEHALF_HINT = "Such as “reply by e-mail of 3 March”. The party is told that you answered in its place, and why."


class FeedbackOnBehalf(BaseModel):
    said: str = choice(
        "What does the party say?",
        (("none", "It has no comments"), ("something", "It comments, or proposes new wording")),
        missing="Choose what the party says",
    )  # fmt: skip
    comments: str | None = words("Its comments on the use of the protocol", optional=True)
    clause: str | None = pick("For which clause does it propose new wording?", optional=True)
    wording: str | None = words("How should that clause read?", optional=True, longest=WORDING, rows=8)
    problem: str | None = words("What is wrong with it today?", optional=True, rows=3)
    on_behalf_because: str = words(
        "Why do you answer in its place?", missing="Say how the answer reached you", hint=ON_BEHALF_HINT, rows=2,
        longest=1000,
    )  # fmt: skip

    @model_validator(mode="after")
    def says_one_thing(self) -> "FeedbackOnBehalf":
        something = self.comments or self.wording or self.clause or self.problem
        if self.said == "none" and something:
            raise ValueError("“No comments” cannot stand beside comments or wording: choose one")
        if self.said == "something" and not something:
            raise ValueError("Write the comments, or choose a clause and write its wording")
        if bool(self.clause) is not bool(self.wording) or (self.problem and not self.wording):
            raise ValueError("For a proposal choose the clause and write how it should read")
        return self


class ConfirmationOnBehalf(BaseModel):
    all_in_place: bool = tick("Everything that is not ticked below is in place", optional=True)
    in_place: tuple[str, ...] = ticks("What is in place?", optional=True)
    not_yet: tuple[str, ...] = ticks("What is not in place yet?", optional=True)
    by_when: date | None = day("By when will that be in place?", optional=True,
                               hint="It becomes a duty of the party with this day.")  # fmt: skip
    not_applicable: tuple[str, ...] = ticks("What does not apply to the party?", optional=True)
    why: str | None = words("Why does it not apply?", optional=True, rows=2, longest=500)
    on_behalf_because: str = words(
        "Why do you answer in its place?", missing="Say how the answer reached you", hint=ON_BEHALF_HINT, rows=2,
        longest=1000,
    )  # fmt: skip

    @model_validator(mode="after")
    def each_item_once(self) -> "ConfirmationOnBehalf":
        named = [*self.in_place, *self.not_yet, *self.not_applicable]
        if not named and not self.all_in_place:
            raise ValueError("Say of at least one item whether it is in place")
        if len(named) != len(set(named)):
            raise ValueError("An item is ticked in two places: each has one answer")
        if self.not_yet and self.by_when is None:
            raise ValueError("Enter the day by which it will be in place")
        if self.not_applicable and not self.why:
            raise ValueError("Say why it does not apply")
        return self


def protocol_and_party(asked: Asked) -> tuple[Review, Protocol, Party]:
    review = review_named(asked.session, asked.place["review"])
    protocol = asked.session.get_one(Protocol, review.protocol_id)
    return review, protocol, party_named(asked.session, protocol, asked.place["party"])


def clause_choices(asked: Asked) -> Mapping[str, Sequence[tuple[str, str]]]:
    review = review_named(asked.session, asked.place["review"])
    protocol = asked.session.get_one(Protocol, review.protocol_id)
    return {"clause": [(key, f"{key}: {heading}") for key, heading in clauses_of(asked, protocol)]}


def clauses_of(asked: Asked, protocol: Protocol) -> Sequence[tuple[str, str]]:
    """Those of the text in force, and after them those that no version has yet."""
    known = clause_headings(asked.session, protocol)
    statement = select(Clause.key).where(Clause.protocol_id == protocol.id).order_by(col(Clause.position))
    others = [key for key in asked.session.exec(statement) if key not in dict(known)]
    return [*known, *((key, "not in the text yet") for key in others)]


def current_wording(asked: Asked, protocol: Protocol, given: Given | None) -> str | None:
    """Of the clause that is chosen, for the difference; None while none is, or nothing is written."""
    key = given.values.get("clause") if given else None
    if not key or not given or not given.values.get("wording"):
        return None
    return clause_text(asked.session, protocol, clause_named(asked.session, protocol, str(key)))[1]


def _feedback_about(asked: Asked, given: Given | None) -> dict[str, Any]:
    review, protocol, party = protocol_and_party(asked)
    wording = given.values.get("wording") if given else None
    return {"review": review, "party": party, "current": current_wording(asked, protocol, given), "wording": wording}


def _feedback(asked: Asked, given: FeedbackOnBehalf) -> Done:
    review, _, party = protocol_and_party(asked)
    proposals = []
    if given.clause and given.wording:
        proposals = [Proposed(clause=given.clause, wording=given.wording, problem=given.problem or "")]
    feedback = give_feedback(
        asked.session, asked.now, asked.place["review"], party, asked.caller.by, no_comments=given.said == "none",
        comments=given.comments or "", proposals=proposals, on_behalf_because=given.on_behalf_because,
    )  # fmt: skip
    sentence = f"The feedback of {party.name} is recorded." if feedback else "That had been recorded already."
    return Done(
        sentence=sentence, to=f"/console/reviews/{review.id}",
        facts={"review": review.id, "party": party.slug, "feedback": feedback.id if feedback else None},
    )  # fmt: skip


def _adopted(asked: Asked) -> tuple[Review, Protocol, Party, Version]:
    review, protocol, party = protocol_and_party(asked)
    if version_made_by(asked.session, review) is None:
        raise Refused(f"Review {review.id} has made no version: there is nothing to confirm.")
    return review, protocol, party, version_of(asked.session, review)


def _items(asked: Asked) -> Mapping[str, Sequence[tuple[str, str]]]:
    _, protocol, _ = protocol_and_party(asked)
    items = [(item.key, item.question) for item in checklist(asked.session, protocol)]
    return dict.fromkeys(("in_place", "not_yet", "not_applicable"), items)


def _confirm_about(asked: Asked, _given: object) -> dict[str, Any]:
    review, _, party = protocol_and_party(asked)
    version = version_made_by(asked.session, review)
    answers = said_by(asked.session, version, party).values() if version else ()
    said = [(each.question, each.given.answer.value, each.given.by_when, each.given.why) for each in answers]
    return {"review": review, "party": party, "version": version, "said": said}


def _confirm(asked: Asked, given: ConfirmationOnBehalf) -> Done:
    review, protocol, party, version = _adopted(asked)
    answers = _answers(given, [item.key for item in checklist(asked.session, protocol)])
    because = given.on_behalf_because
    new = confirm(asked.session, asked.now, review, version, party, answers, asked.caller.by, because)
    number = review.id
    assert number is not None
    return Done(
        sentence=f"{counted(new, 'answer').capitalize()} of {party.name} recorded.", to=f"/console/reviews/{number}",
        facts={"review": number, "party": party.slug, "recorded": new}, wakes=lambda: wake_review(number),
    )  # fmt: skip


def _answers(given: ConfirmationOnBehalf, items: Sequence[str]) -> list[ItemAnswer]:
    named = {*given.not_yet, *given.not_applicable}
    in_place = [key for key in items if key not in named] if given.all_in_place else given.in_place
    return [
        *(ItemAnswer(item=key, answer=ConfirmationAnswer.IN_PLACE) for key in in_place),
        *(ItemAnswer(item=key, answer=ConfirmationAnswer.NOT_YET, by_when=given.by_when) for key in given.not_yet),
        *(
            ItemAnswer(item=key, answer=ConfirmationAnswer.NOT_APPLICABLE, why=given.why)
            for key in given.not_applicable
        ),
    ]


ACTS = (
    Act(path="/console/reviews/{review:int}/feedback/{party}", title="Record the feedback of a party", who=WORKS,
        fields=FeedbackOnBehalf, do=_feedback, button="Record it", preview="Preview the difference",
        choices=clause_choices, before=_feedback_about, template="console/review_feedback.html",
        title_of=lambda asked: f"Record the feedback of {protocol_and_party(asked)[2].name}",
        words="One proposal at a time: record the next one on this page again.", command="review feedback",
        in_menu=MENU),
    Act(path="/console/reviews/{review:int}/confirm/{party}", title="Record the confirmation of a party", who=WORKS,
        fields=ConfirmationOnBehalf, do=_confirm, button="Record it", choices=_items, before=_confirm_about,
        template="console/review_confirm.html", command="confirm", in_menu=MENU,
        title_of=lambda asked: f"Record the confirmation of {protocol_and_party(asked)[2].name}"),
)  # fmt: skip
