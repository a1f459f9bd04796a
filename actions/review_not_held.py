"""A review that is cancelled may have been the annual one too, for which the protocol asks every year (§14)."""

from datetime import datetime

from sqlmodel import Session

from actions.matters import open_matter
from actions.moving import review_in
from actions.review_asking import reasons_of
from models.protocol import MatterKind, Protocol
from models.review import ReasonKind, Review
from rules.review import ReviewKind, Stage
from rules.sentences import written_day


def is_annual(session: Session, review: Review) -> bool:
    """By its reasons: a scheduled review may have joined one that was opened for another."""
    return any(reason.kind is ReasonKind.ANNUAL for reason in reasons_of(session, review))


def what_is_left_of_the_year(session: Session, review: Review) -> str:
    """After it was cancelled, a sentence for the person who did; empty where the annual review is not touched. A
    cancelled annual review is easily taken for a postponed one."""
    if not is_annual(session, review):
        return ""
    ahead = review_in(session, session.get_one(Protocol, review.protocol_id), Stage.SCHEDULED)
    if ahead is None:
        return "No review lies ahead: set a date with `concordat review schedule`."
    return f"The next annual review is on {written_day(ahead.review_on)}."


def list_the_year(session: Session, now: datetime, protocol: Protocol, review: Review) -> None:
    """The annual review had joined this one, and went with it: a person says whether it is held all the same. Whoever
    cancels the annual review itself has said why there is none."""
    if review.kind is ReviewKind.ANNUAL or not is_annual(session, review):
        return
    open_matter(
        session, now, protocol, MatterKind.REVIEW_OVERDUE, f"not-held:{review.case}",
        f"The annual review was part of review {review.id}, and was cancelled with it. "
        f"{what_is_left_of_the_year(session, review)}",
        f"Set another date for it: `concordat review schedule {protocol.slug} DATE`; or close this, and say why none "
        "is held this year.",
    )  # fmt: skip
