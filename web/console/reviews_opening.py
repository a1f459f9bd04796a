"""A review is scheduled, opened, given another reason, or not held after all."""

from datetime import date
from typing import Any

from pydantic import BaseModel, model_validator

from actions.policy import policies_of, today_of
from actions.review_deciding import cancel
from actions.review_not_held import is_annual, what_is_left_of_the_year
from actions.review_opening import open_annual, open_extraordinary, set_review_date
from actions.review_overview import review_named
from models.protocol import Protocol
from models.review import ReasonKind, Review
from rules.instants import LONDON, local_day
from rules.sentences import written_day
from web.console.reviews_steps import about_review, done_with
from web.declaring import DECIDES, Act, Asked, Done
from web.fields import choice, day, words
from web.waking import wake_review

MENU = "/console/reviews"
KINDS = (
    ("annual", "The annual review", "The one that is scheduled is opened early; where none is, with full notice"),
    ("extraordinary", "An extraordinary review", "At once, with a window of its own; it joins a review that is open"),
    ("legislation", "An extraordinary review, because the law changes", "To mark the clauses it bears on, record the "
     "change under Legislation instead: that opens the review as well"),
)  # fmt: skip


class ReviewDate(BaseModel):
    day: date = day(
        "When is the review date?", missing="Enter the review date",
        hint="Feedback is due on it. Later reviews are counted from it. For example, 31 3 2027.",
    )  # fmt: skip


class Opening(BaseModel):
    kind: str = choice("Which review?", KINDS, missing="Choose which review is opened")
    because: str | None = words(
        "Why is it held?", optional=True, rows=3, longest=500,
        hint="Only for an extraordinary review. Every party reads it.",
    )  # fmt: skip

    @model_validator(mode="after")
    def has_its_reason(self) -> "Opening":
        if self.kind == "annual" and self.because:
            raise ValueError("The annual review needs no reason: leave it empty, or choose an extraordinary review")
        if self.kind != "annual" and not self.because:
            raise ValueError("Say why the extraordinary review is held")
        return self


class AnotherReason(BaseModel):
    kind: str = choice(
        "What kind of reason is it?",
        (("secretary", "Something else than the law"), ("legislation", "The law changes")),
        missing="Choose what kind of reason it is",
    )  # fmt: skip
    because: str = words("What is the reason?", missing="Say what the reason is", rows=3, longest=500,
                         hint="Every party reads it.")  # fmt: skip


class Because(BaseModel):
    because: str = words("Why?", missing="Say why", rows=3, longest=2000, hint="Whoever had been asked reads it.")


def _suggested(asked: Asked) -> dict[str, Any]:
    try:
        return {"day": date.fromisoformat(asked.query.get("day", ""))}
    except ValueError:
        return {}


def _schedule(asked: Asked, given: ReviewDate) -> Done:
    review = set_review_date(asked.session, asked.now, asked.protocol, given.day, asked.caller.by)
    asks = written_day(local_day(review.opens_at, LONDON))
    return _stands(review, f"Review {review.id} is on {written_day(review.review_on)}; every party is asked on {asks}, "
                   f"for feedback by {written_day(review.due_on)}.")  # fmt: skip


def _open(asked: Asked, given: Opening) -> Done:
    session, now, protocol, by = asked.session, asked.now, asked.protocol, asked.caller.by
    if given.kind == "annual":
        review = open_annual(session, now, protocol, by)
    else:
        review = open_extraordinary(session, now, protocol, by, given.because or "", ReasonKind(_reason(given.kind)))
    return _stands(review, f"Review {review.id} is open; feedback is due by {written_day(review.due_on)}.")


def _reason(kind: str) -> str:
    return ReasonKind.LEGISLATION if kind == "legislation" else ReasonKind.SECRETARY


def _stands(review: Review, sentence: str) -> Done:
    number = review.id
    assert number is not None
    return Done(
        sentence=sentence, to=f"/console/reviews/{number}", wakes=lambda: wake_review(number),
        facts={"review": number, "stage": review.stage.value, "review_on": review.review_on,
               "opens_at": review.opens_at, "due_on": review.due_on},
    )  # fmt: skip


def _asks(asked: Asked, _given: object) -> dict[str, Any]:
    protocol = asked.protocol
    interval = policies_of(protocol).review.interval
    return {"protocol": protocol, "today": today_of(protocol, asked.now), "yearly": interval}


def _join(asked: Asked, given: AnotherReason) -> Done:
    protocol = asked.session.get_one(Protocol, review_named(asked.session, asked.place["review"]).protocol_id)
    kind = ReasonKind(_reason(given.kind))
    review = open_extraordinary(asked.session, asked.now, protocol, asked.caller.by, given.because, kind)
    return _stands(review, f"The reason is recorded with review {review.id}.")


def _cancel(asked: Asked, given: Because) -> Done:
    cancel(asked.session, asked.now, asked.place["review"], asked.caller.by, given.because)
    review = review_named(asked.session, asked.place["review"])
    return done_with(asked, what_is_left_of_the_year(asked.session, review))


def _about_cancelling(asked: Asked, given: object) -> dict[str, Any]:
    about = about_review(asked, given)
    return about | {"annual": is_annual(asked.session, about["review"])}


ACTS = (
    Act(path="/console/reviews/schedule", title="Set the review date", who=DECIDES, fields=ReviewDate, do=_schedule,
        button="Set the date", start=_suggested, before=_asks, template="console/review_schedule.html",
        command="review schedule", in_menu=MENU),
    Act(path="/console/reviews/open", title="Open a review now", who=DECIDES, fields=Opening, do=_open,
        button="Open the review", before=_asks, template="console/review_open.html", command="review open",
        in_menu=MENU),
    Act(path="/console/reviews/{review:int}/reason", title="Add a reason to this review", who=DECIDES,
        fields=AnotherReason, do=_join, button="Add the reason", before=about_review, in_menu=MENU,
        words="Every party is asked once for both reasons. Where feedback had closed already, it is asked for again."),
    Act(path="/console/reviews/{review:int}/cancel", title="Cancel this review", who=DECIDES, fields=Because,
        do=_cancel, button="Cancel the review", before=_about_cancelling, grave=True, command="review cancel",
        in_menu=MENU, template="console/review_cancel.html",
        words="It is not held. Whoever had been asked is told why, and nothing is owed in it any more. This cannot be "
        "taken back."),
)  # fmt: skip
