"""The review as a party sees it: what is proposed, by whom, what others think of it, what was decided."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup
from pydantic import BaseModel
from sqlmodel import select

from actions.cast import NotThere
from actions.proposals import standing_proposals
from actions.review_opening import reasons_of
from actions.review_overview import version_made_by
from actions.review_table import ProposalLine, proposal_line, proposal_lines
from actions.voices import Stance, Voice, give_view, give_vote, parties_vote, voices_of, votes_of
from models.protocol import Party
from models.review import Proposal, Review
from rules.decisions import Vote
from rules.review import JOINABLE, Stage
from web.declaring import PARTIES, Act, Asked, Done, Page
from web.differences import marked
from web.fields import choice, words
from web.parties.proposals_seen import next_said, own_review, stage_said

MENU = "/party"


class View(BaseModel):
    stance: str = choice(
        "What does your party think of it?",
        [(Stance.SUPPORTS.value, "We support it"), (Stance.OBJECTS.value, "We object to it"),
         (Stance.COMMENTS.value, "We have a comment")],
        missing="Choose what your party thinks of it",
    )  # fmt: skip
    said: str | None = words(
        "In your words", optional=True, longest=5000, rows=4,
        hint="The other parties and the secretary read it. An objection says what you object to.",
    )  # fmt: skip


class CastVote(BaseModel):
    vote: str = choice(
        "How does your party vote?",
        [(Vote.FOR.value, "For it"), (Vote.AGAINST.value, "Against it"), (Vote.ABSTAINED.value, "We abstain")],
        missing="Choose how your party votes",
    )
    said: str | None = words("Why?", optional=True, longest=5000, rows=4, hint="The secretary reads it.")


@dataclass(frozen=True, kw_only=True)
class Table:
    """One proposal on the table. `difference` is that of what was decided, where something was."""

    line: ProposalLine
    difference: Markup
    is_own: bool
    voices: list[Voice]
    takes_views: bool
    takes_votes: bool
    own_vote: str


def _table(asked: Asked, review: Review, party: Party, proposal: Proposal, line: ProposalLine) -> Table:
    open_still = line.stands and line.decision is None
    wording = (line.decision.wording if line.decision else None) or line.wording
    is_own, votes = proposal.party_id == party.id, parties_vote(asked.protocol)
    return Table(
        line=line, difference=marked(line.current, wording), is_own=is_own,
        voices=voices_of(asked.session, proposal),
        takes_views=open_still and review.stage in JOINABLE and not is_own,
        takes_votes=open_still and review.stage is Stage.DECIDING and votes,
        own_vote=votes_of(asked.session, proposal).get(party.slug, "") if votes else "",
    )  # fmt: skip


def _read(asked: Asked) -> dict[str, Any]:
    review, party = own_review(asked, asked.place["review"])
    rows = {row.id: row for row in asked.session.exec(select(Proposal).where(Proposal.review_id == review.id))}
    lines = proposal_lines(asked.session, review)
    version = version_made_by(asked.session, review)
    return {
        "title": f"Review {review.id}", "review": review, "party": party, "protocol": asked.protocol,
        "stage": stage_said(asked.session, review), "next": next_said(asked.session, review),
        "reasons": reasons_of(asked.session, review),
        "version": version.label if version else "",
        "tables": [_table(asked, review, party, rows[line.number], line) for line in lines],
    }  # fmt: skip


def _proposal(asked: Asked) -> tuple[Proposal, Review, Party]:
    proposal = asked.session.get(Proposal, asked.place["proposal"])
    if proposal is None:
        raise NotThere("There is no such proposal here.")
    review, party = own_review(asked, proposal.review_id)
    return proposal, review, party


def _before(asked: Asked, _given: object) -> Mapping[str, Any]:
    proposal, review, party = _proposal(asked)
    table = _table(asked, review, party, proposal, proposal_line(asked.session, proposal))
    others = [each.id for each in standing_proposals(asked.session, review) if each.id != proposal.id]
    following = next_said(asked.session, review)
    return {"table": table, "review": review, "party": party, "others": others, "next": following}


def _last_said(asked: Asked) -> Mapping[str, Any]:
    """The form begins with what the party said last."""
    proposal, _, party = _proposal(asked)
    mine = next((each for each in voices_of(asked.session, proposal) if each.party == party.slug), None)
    return {"stance": mine.stance, "said": mine.words} if mine else {}


def _view(asked: Asked, given: View) -> Done:
    proposal, review, party = _proposal(asked)
    new = give_view(
        asked.session, asked.now, proposal.id or 0, party, Stance(given.stance), given.said or "", asked.caller.by
    )
    sentence = f"What you think of proposal {proposal.id} is recorded." if new else "That was recorded already."
    return Done(sentence=sentence, to=f"/party/reviews/{review.id}")


def _vote(asked: Asked, given: CastVote) -> Done:
    proposal, review, party = _proposal(asked)
    new = give_vote(
        asked.session, asked.now, proposal.id or 0, party, Vote(given.vote), given.said or "", asked.caller.by
    )
    sentence = f"Your vote on proposal {proposal.id} is recorded." if new else "That is your vote already."
    return Done(sentence=sentence, to=f"/party/reviews/{review.id}")


PAGES = (
    Page(path="/party/reviews/{review:int}", title="Review", who=PARTIES, read=_read, template="parties/proposals.html",
         in_menu=MENU),
)  # fmt: skip
ACTS = (
    Act(path="/party/proposals/{proposal:int}/view", title="What you think of it", who=PARTIES, fields=View, do=_view,
        button="Send", before=_before, start=_last_said, template="parties/proposals_view.html", in_menu=MENU,
        title_of=lambda asked: f"What you think of proposal {asked.place['proposal']}"),
    Act(path="/party/proposals/{proposal:int}/vote", title="Vote", who=PARTIES, fields=CastVote, do=_vote,
        button="Vote", before=_before, template="parties/proposals_view.html", in_menu=MENU,
        title_of=lambda asked: f"Vote on proposal {asked.place['proposal']}"),
)  # fmt: skip
