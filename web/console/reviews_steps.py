"""The steps of a review that a person takes, from the end of feedback to adoption."""

from collections.abc import Callable
from typing import Any

from pydantic import BaseModel

from actions.review_closing import close_feedback
from actions.review_deciding import conclude
from actions.review_drafting import begin_deciding, return_to_drafting, seek_advice
from actions.review_overview import review_named, review_view, version_made_by
from actions.review_signing import adopt
from web.console.reviews_offers import concluding
from web.declaring import DECIDES, WORKS, Act, Asked, Done
from web.fields import words
from web.waking import wake_review

MENU = "/console/reviews"


class Because(BaseModel):
    because: str = words("Why?", missing="Say why", rows=3, longest=2000, hint="History keeps it.")


class BecauseIfNeeded(BaseModel):
    because: str | None = words(
        "Why does signing end now?", optional=True, rows=3, longest=2000,
        hint="Needed while signatures are outstanding. Whoever has not signed goes on owing its signature.",
    )  # fmt: skip


def done_with(asked: Asked, besides: str = "") -> Done:
    """Where the review stands after what was done; the clock looks whether it owes the next step."""
    review = review_named(asked.session, asked.place["review"])
    number, version = asked.place["review"], version_made_by(asked.session, review)
    label = f", version {version.label}" if version else ""
    return Done(
        sentence=f"Review {number} is now: {review.stage}{label}. {besides}".strip(), to=f"/console/reviews/{number}",
        facts={"review": number, "stage": review.stage.value, "version": version.label if version else None},
        wakes=lambda: wake_review(number),
    )  # fmt: skip


def about_review(asked: Asked, _given: object) -> dict[str, Any]:
    """Raises NotThere."""
    return {"review": review_named(asked.session, asked.place["review"])}


def named(what: str) -> Callable[[Asked], str]:
    """The heading with the review it is about."""
    return lambda asked: f"{what}: review {asked.place['review']}"


def _step(act: Callable[..., Any]) -> Callable[[Asked, Any], Done]:
    def do(asked: Asked, given: Any) -> Done:
        because = (given.because,) if hasattr(given, "because") else ()
        act(asked.session, asked.now, asked.place["review"], asked.caller.by, *because)
        return done_with(asked)

    return do


def _concluding(asked: Asked) -> str:
    view = review_view(asked.session, asked.now, asked.place["review"])
    return f"{concluding(view)}: review {view.review.id}"


def _look(asked: Asked, _given: object) -> Done:
    number = review_named(asked.session, asked.place["review"]).id
    assert number is not None
    return Done(
        sentence="The clock looks at this review now, or with the next sweep. Load this page again in a minute.",
        to=f"/console/reviews/{number}", facts={"review": number}, wakes=lambda: wake_review(number),
    )  # fmt: skip


def _act(path: str, **more: Any) -> Act:
    return Act(path=f"/console/reviews/{{review:int}}/{path}", before=about_review, in_menu=MENU, **more)


ACTS = (
    _act("close-feedback", title="Close feedback now", who=WORKS, do=_step(close_feedback), button="Close feedback",
         title_of=named("Close feedback now"), command="review close-feedback",
         words="The clock does it at the end of the last day. Whoever still has time may answer while it is drafted."),
    _act("seek-advice", title="Ask the adviser", who=WORKS, do=_step(seek_advice), button="Ask the adviser",
         title_of=named("Ask the adviser"), command="review seek-advice",
         words="The adviser is asked about each major proposal that has no advice yet."),
    _act("begin-deciding", title="Begin deciding", who=WORKS, do=_step(begin_deciding), button="Begin deciding",
         title_of=named("Begin deciding"), command="review begin-deciding",
         words="The proposals go to the steering group. Every one is marked minor or major, and every major one has "
         "advice, or a reason why there is none. No more feedback is taken."),
    _act("return", title="Go back to drafting", who=WORKS, fields=Because, do=_step(return_to_drafting),
         button="Go back", title_of=named("Go back to drafting"), command="review return"),
    _act("conclude", title="Conclude the review", who=DECIDES, do=_step(conclude), button="Conclude the review",
         title_of=_concluding, command="review conclude",
         words="What was accepted makes the new version: a major one is signed by every party, a minor one is "
         "announced, unless the protocol says otherwise. Where nothing was accepted, the review ends with no change. "
         "A version’s text cannot be changed afterwards."),
    _act("adopt", title="End signing and adopt", who=DECIDES, fields=BecauseIfNeeded, do=_step(adopt), button="Adopt",
         title_of=named("End signing and adopt"), command="review adopt",
         words="Every party is told, and whoever has signed is asked to confirm that its procedures are in place."),
    _act("look-now", title="Let the clock look now", who=WORKS, do=_look, button="Look now",
         title_of=named("Let the clock look now"),
         words="What is due in this review is done at once instead of with the next sweep, which is minutes away."),
)  # fmt: skip
