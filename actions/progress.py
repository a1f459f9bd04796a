"""Where a review stands, for an operator: parties by their ids, no address and no words of theirs."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session, col, select

from models.obligation import Obligation, ObligationKind
from models.protocol import Party, Protocol
from models.review import Review
from rules.instants import zone_named
from rules.review import ENDED, Stage
from rules.sentences import written_day, written_instant

NEXT = {
    Stage.SCHEDULED: "The clock opens it on the day.",
    Stage.COLLECTING: "The clock closes feedback at the end of the last day.",
    Stage.DRAFTING: "The secretary sorts the proposals.",
    Stage.ADVISING: "The adviser is asked about every major proposal.",
    Stage.DECIDING: "The steering group decides; the secretary records it.",
    Stage.SIGNING: "The parties sign; the clock adopts when nobody owes a signature.",
}
ASKED_OF_PARTIES = (
    ObligationKind.FEEDBACK, ObligationKind.SIGNATURE, ObligationKind.CONFIRMATION, ObligationKind.IMPLEMENTATION
)  # fmt: skip


def review_progress(session: Session, now: datetime, review_id: int) -> str:
    """Markdown: the stage, what is next, and who has answered of those who were asked."""
    review = session.get_one(Review, review_id)
    protocol = session.get_one(Protocol, review.protocol_id)
    head = [
        f"# Review {review.id} of {protocol.slug}: {review.stage}",
        f"Review date {written_day(review.review_on)}; feedback until {written_day(review.due_on)}. "
        f"As of {written_instant(now, zone_named(protocol.zone))}.",
        "It has ended." if review.stage in ENDED else NEXT[review.stage],
    ]
    return "\n\n".join(head + [_table(kind, duties) for kind, duties in _duties(session, review).items()])


def _duties(session: Session, review: Review) -> dict[ObligationKind, list[tuple[Obligation, str]]]:
    statement = (
        select(Obligation, Party.slug)
        .join(Party, col(Party.id) == Obligation.party_id)
        .where(Obligation.case == review.case, col(Obligation.kind).in_(ASKED_OF_PARTIES))
        .order_by(col(Obligation.id))
    )
    by_kind: dict[ObligationKind, dict[tuple[str, str | None], Obligation]] = defaultdict(dict)
    for duty, slug in session.exec(statement):
        by_kind[duty.kind][slug, duty.subject] = duty  # the newest, where it was asked once more
    return {kind: [(duty, slug) for (slug, _), duty in found.items()] for kind, found in by_kind.items()}


def _table(kind: ObligationKind, duties: Sequence[tuple[Obligation, str]]) -> str:
    ended = sum(duty.outcome is not None for duty, _ in duties)
    rows = [f"| {slug} | {duty.outcome or 'owed'} | {duty.due_on} |" for duty, slug in duties]
    return "\n".join([f"## {kind}: {ended} of {len(duties)}\n", "| party | state | due |", "|---|---|---|", *rows])
