"""What parties say of a proposal: support, objection, comment; and their votes, where the protocol lets parties decide.

Nothing is ever changed: a later word stands beside the earlier one, and the newest counts.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlmodel import Session, col, func, select

from actions.cast import is_active, known_id
from actions.policy import decision_policy_of, today_of
from actions.proposals import proposal_locked, require_standing, require_undecided
from actions.review_deciding import NotBeingDecided
from actions.review_feedback import NotAParty
from models import history
from models.history import Narrative
from models.protocol import Party, Protocol
from models.review import Proposal, ProposalVoice, Review, VoiceKind
from rules.decisions import DecisionRule, Vote
from rules.errors import Refused
from rules.retention import NO_LONGER_KEPT
from rules.review import JOINABLE, Stage, as_state
from rules.texts import plain

PARTIES_VOTE = frozenset({DecisionRule.UNANIMITY, DecisionRule.MAJORITY})


class Stance(StrEnum):
    SUPPORTS = "supports"
    OBJECTS = "objects"
    COMMENTS = "comments"


class NotOpenToViews(Refused):
    def __init__(self, review: Review) -> None:
        super().__init__(
            f"Views are taken until the review has decided: review {review.id} is {as_state(review.stage)}."
        )


class WordsNeeded(Refused):
    field = "said"

    def __init__(self, stance: Stance) -> None:
        super().__init__(
            "Say what you object to, so that the others can answer it"
            if stance is Stance.OBJECTS
            else "Write your comment"
        )


class PartiesDoNotVote(Refused):
    def __init__(self) -> None:
        super().__init__("This protocol does not ask its parties to vote: the decision is recorded as it was taken.")


@dataclass(frozen=True, kw_only=True)
class Voice:
    """The newest word of one party. `words` as they were written, or that they are no longer kept."""

    party: str
    name: str
    stance: str
    words: str
    given_at: datetime
    given_by: str


def give_view(
    session: Session, now: datetime, proposal_id: int, party: Party, stance: Stance, words: str, by: str
) -> bool:
    """False where that is what the party said last. Raises NotOpenToViews, NotAParty, WordsNeeded, NotStanding."""
    said = plain(words)
    if not said and stance is not Stance.SUPPORTS:
        raise WordsNeeded(stance)
    proposal, review = proposal_locked(session, proposal_id)
    _require_party(session, now, review, party)
    if review.stage not in JOINABLE:
        raise NotOpenToViews(review)
    require_standing(proposal)
    require_undecided(session, proposal)
    return _recorded(session, now, review, proposal, party, VoiceKind.VIEW, stance.value, said, by)


def give_vote(
    session: Session, now: datetime, proposal_id: int, party: Party, vote: Vote, words: str, by: str
) -> bool:  # fmt: skip
    """For the secretary's record of the decision; it decides nothing by itself. False where it is the vote already.

    Raises PartiesDoNotVote, NotBeingDecided, NotAParty, NotStanding, AlreadyDecided.
    """
    said = plain(words)
    proposal, review = proposal_locked(session, proposal_id)
    _require_party(session, now, review, party)
    if not parties_vote(session.get_one(Protocol, review.protocol_id)):
        raise PartiesDoNotVote
    if review.stage is not Stage.DECIDING:
        raise NotBeingDecided(review)
    require_standing(proposal)
    require_undecided(session, proposal)
    return _recorded(session, now, review, proposal, party, VoiceKind.VOTE, vote.value, said, by)


def parties_vote(protocol: Protocol) -> bool:
    return decision_policy_of(protocol).rule in PARTIES_VOTE


def voices_of(session: Session, proposal: Proposal, kind: VoiceKind = VoiceKind.VIEW) -> list[Voice]:
    """What each party said last, in the order of their names."""
    rows = session.exec(
        select(ProposalVoice, Party)
        .join(Party, col(Party.id) == ProposalVoice.party_id)
        .where(ProposalVoice.proposal_id == proposal.id, ProposalVoice.kind == kind)
        .order_by(col(Party.name), col(ProposalVoice.id))
    ).all()
    newest = {party.slug: (row, party) for row, party in rows}
    return [
        Voice(party=party.slug, name=party.name, stance=row.stance, words=_words(session, row),
              given_at=row.given_at, given_by=row.given_by)
        for row, party in newest.values()
    ]  # fmt: skip


def votes_of(session: Session, proposal: Proposal) -> dict[str, str]:
    """By party, in the shape in which a decision keeps them; empty where nobody voted."""
    return {voice.party: voice.stance for voice in voices_of(session, proposal, VoiceKind.VOTE)}


def _require_party(session: Session, now: datetime, review: Review, party: Party) -> None:
    protocol = session.get_one(Protocol, review.protocol_id)
    if party.protocol_id != protocol.id or not is_active(party, today_of(protocol, now)):
        raise NotAParty(party)


def _recorded(
    session: Session, now: datetime, review: Review, proposal: Proposal, party: Party,
    kind: VoiceKind, stance: str, words: str, by: str,
) -> bool:  # fmt: skip
    """History says who and what; the words lie in the narrative that retention may empty."""
    of_party = (
        ProposalVoice.proposal_id == proposal.id, ProposalVoice.party_id == party.id, ProposalVoice.kind == kind,
    )  # fmt: skip
    last = session.exec(select(ProposalVoice).where(*of_party).order_by(col(ProposalVoice.id).desc())).first()
    if last is not None and (last.stance, _words(session, last)) == (stance, words):
        return False
    number = session.exec(select(func.count()).select_from(ProposalVoice).where(*of_party)).one() + 1
    session.add(
        ProposalVoice(
            key=f"proposal:{proposal.id}:{kind}:{party.slug}:{number}", proposal_id=known_id(proposal),
            party_id=known_id(party), kind=kind, stance=stance,
            words_id=history.narrate(session, words) if words else None, given_at=now, given_by=by,
        )
    )  # fmt: skip
    history.write(
        session, review.case, now, by, f"{kind} given", party=party.slug, proposal=proposal.id, stance=stance
    )  # fmt: skip
    return True


def _words(session: Session, row: ProposalVoice) -> str:
    if row.words_id is None:
        return ""
    return session.get_one(Narrative, row.words_id).text or NO_LONGER_KEPT
