"""What the parties said of a proposal, and how they voted: read by whoever decides on it."""

from dataclasses import dataclass

from sqlmodel import Session

from actions.review_table import ProposalLine, proposal_named
from actions.voices import Voice, voices_of
from models.review import VoiceKind


@dataclass(frozen=True, kw_only=True)
class Heard:
    """The newest word of each party. `merged`: what was said of the proposals that this one stands for, by number."""

    views: list[Voice]
    votes: list[Voice]
    merged: dict[int, list[Voice]]


def heard_on(session: Session, line: ProposalLine) -> Heard:
    proposal = proposal_named(session, line.number)
    merged = {number: voices_of(session, proposal_named(session, number)) for number in line.merged}
    return Heard(
        views=voices_of(session, proposal), votes=voices_of(session, proposal, VoiceKind.VOTE),
        merged={number: views for number, views in merged.items() if views},
    )  # fmt: skip
