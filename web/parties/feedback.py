"""Feedback on the protocol: comments and proposals, or "no comments", which is a full answer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import BaseModel
from sqlmodel import col, select

from actions.clauses import clause_headings, current_version
from actions.moving import review_of
from actions.review_feedback import TAKES_FEEDBACK, FeedbackIsClosed, give_feedback
from actions.review_opening import reasons_of
from actions.versions import text_of
from models.history import Narrative
from models.obligation import Obligation, ObligationKind
from models.protocol import Clause, Party
from models.review import Feedback, Proposal, Review
from rules.errors import Refused
from rules.retention import NO_LONGER_KEPT
from rules.review import as_state
from web.declaring import PARTIES, Act, Asked, Done, Nothing, Page
from web.forms import Given
from web.once import new_key
from web.parties.feedback_form import ADD, MOST, GiveFeedback, changes_of, clause_choices, proposals_in
from web.parties.own import own_duty
from web.parties.proposals_seen import next_said, sees_reviews

MENU = "/party"
RECORDED = "Your feedback is recorded. Thank you."
BEFORE = "That was recorded already."


class AnsweredAlready(Refused):
    def __init__(self) -> None:
        super().__init__("Your party has given feedback already, so “no comments” cannot be its answer any more.")


class NothingWritten(Refused):
    field = "comments"

    def __init__(self) -> None:
        super().__init__(
            "Write a comment or propose a change. If you have neither, go back and press “We have no comments”"
        )


@dataclass(frozen=True, kw_only=True)
class Said:
    """One sitting of the caller's own party."""

    round: int
    at: datetime
    by: str
    no_comments: bool
    comments: str
    proposals: Sequence[tuple[int, str]]  # number and clause


def _asked_for(asked: Asked) -> tuple[Obligation, Review, Party]:
    duty = own_duty(asked, ObligationKind.FEEDBACK)
    review, party = review_of(asked.session, duty.case), asked.caller.party
    assert review is not None
    assert party is not None
    return duty, review, party


def _said(asked: Asked, review: Review, party: Party) -> list[Said]:
    mine = select(Feedback).where(Feedback.review_id == review.id, Feedback.party_id == party.id)
    return [_sitting(asked, row, party) for row in asked.session.exec(mine.order_by(col(Feedback.id)))]


def _sitting(asked: Asked, row: Feedback, party: Party) -> Said:
    words = asked.session.get(Narrative, row.comments_id) if row.comments_id else None
    proposals = asked.session.exec(
        select(Proposal.id, Clause.key)
        .join(Clause, col(Clause.id) == Proposal.clause_id)
        .where(Proposal.feedback_id == row.id)
        .order_by(col(Proposal.id))
    ).all()
    return Said(
        round=row.round, at=row.given_at, by=row.given_by.removesuffix(f" of {party.slug}"),
        no_comments=row.no_comments, comments=(words.text or NO_LONGER_KEPT) if words else "",
        proposals=[(number or 0, clause) for number, clause in proposals],
    )  # fmt: skip


def _about(asked: Asked) -> dict[str, Any]:
    duty, review, party = _asked_for(asked)
    return {
        "duty": duty, "review": review, "party": party, "protocol": asked.protocol,
        "is_open": review.stage in TAKES_FEEDBACK,
        "state": as_state(review.stage), "next": next_said(asked.session, review),
        "reasons": reasons_of(asked.session, review),
        "sees_review": sees_reviews(asked.caller.contact),
    }  # fmt: skip


def _read(asked: Asked) -> dict[str, Any]:
    about = _about(asked)
    headings = dict(clause_headings(asked.session, asked.protocol))
    said = _said(asked, about["review"], about["party"])
    answered = any(sitting.round == about["review"].round for sitting in said)
    return about | {"headings": headings, "said": said, "answered": answered, "once": new_key()}


def _texts(asked: Asked) -> Mapping[str, str]:
    version = current_version(asked.session, asked.protocol)
    return {key: text for key, (_, text) in text_of(asked.session, version).items()} if version else {}


def _choices(asked: Asked) -> Mapping[str, Sequence[tuple[str, str]]]:
    return clause_choices(clause_headings(asked.session, asked.protocol))


def _before(asked: Asked, given: Given | None) -> Mapping[str, Any]:
    """A link may name the clause to begin with: `?clause=12`."""
    texts = _texts(asked)
    begun = asked.query.get("clause", "")
    filled = given or Given({"clause_1": begun if begun in texts else ""})
    comments, changes = changes_of(texts, filled, _choices(asked))
    return _about(asked) | {
        "comments": comments,
        "changes": changes,
        "most": MOST,
        "add": ADD,
        "begun": given is not None,
    }


def _give(asked: Asked, given: BaseModel) -> Done:
    duty, review, party = _asked_for(asked)
    if review.stage not in TAKES_FEEDBACK:
        raise FeedbackIsClosed(review)
    proposals, comments = proposals_in(_texts(asked), given), getattr(given, "comments", None) or ""
    if not proposals and not comments:
        raise NothingWritten
    kept = give_feedback(
        asked.session, asked.now, review.id or 0, party, asked.caller.by, comments=comments, proposals=proposals
    )
    return Done(sentence=RECORDED if kept else BEFORE, to=f"/party/feedback/{duty.id}")


def _no_comments(asked: Asked, _given: object) -> Done:
    duty, review, party = _asked_for(asked)
    now_said = [sitting for sitting in _said(asked, review, party) if sitting.round == review.round]
    if any(not sitting.no_comments for sitting in now_said):
        raise AnsweredAlready
    kept = give_feedback(asked.session, asked.now, review.id or 0, party, asked.caller.by, no_comments=True)
    return Done(
        sentence="It is recorded that you have no comments. Thank you." if kept else BEFORE,
        to=f"/party/feedback/{duty.id}",
    )


PAGES = (
    Page(path="/party/feedback/{duty:int}", title="Feedback on the protocol", who=PARTIES, read=_read,
         template="parties/feedback.html", in_menu=MENU),
)  # fmt: skip
ACTS = (
    Act(path="/party/feedback/{duty:int}/give", title="Your feedback", who=PARTIES, fields=GiveFeedback, do=_give,
        button="Send feedback", preview="Preview the difference", before=_before, choices=_choices,
        template="parties/feedback_give.html", in_menu=MENU),
    Act(path="/party/feedback/{duty:int}/no-comments", title="We have no comments", who=PARTIES, fields=Nothing,
        do=_no_comments, button="We have no comments", before=lambda asked, _: _about(asked),
        template="parties/feedback_none.html", in_menu=MENU),
)  # fmt: skip
