"""Deciding: what the steering group decided on a proposal, recorded for good."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from pydantic import BaseModel, model_validator

from actions.cast import active_parties
from actions.policy import decision_policy_of, today_of
from actions.review_deciding import decide
from actions.review_table import proposal_named
from actions.voices import parties_vote, votes_of
from models.protocol import Protocol
from models.review import WORDING, DecisionOutcome, Review
from rules.decisions import DecisionRule, Vote
from web.console.proposals import about, done_on, on_proposal, proposal_of
from web.declaring import DECIDES, Asked, Done
from web.fields import choice, day, line, ticks, words
from web.forms import Given
from web.organisations import organisations

OUTCOMES = (
    ("accepted", "Accepted", "As it is worded"),
    ("accepted with changes", "Accepted with changes", "Write the wording that was accepted"),
    ("rejected", "Rejected", ""),
    ("deferred", "Deferred", "It is on the table of the next review"),
)
VOTERS = 10_000  # by their names they are half of what a form may hold
OF_A_VOTE = {"voted_for": Vote.FOR, "against": Vote.AGAINST, "abstained": Vote.ABSTAINED}


class Decided(BaseModel):
    outcome: str = choice("What was decided?", OUTCOMES, missing="Choose what was decided")
    wording: str | None = words("The wording that was accepted", optional=True, longest=WORDING, rows=8,
                                hint="Only for “accepted with changes”.")  # fmt: skip
    because: str = words(
        "Why?", missing="Say why it was decided so", rows=4,
        hint="Where it is accepted, this is published beside the change: name no person.",
    )  # fmt: skip
    dissent: str | None = words("Who disagreed, in their own words", optional=True, rows=3)
    decided_on: date | None = day("When was it decided?", optional=True, hint="Otherwise today.")
    decided_by: str | None = line("Who decided?", optional=True, longest=120)
    voted_for: tuple[str, ...] = ticks("Who voted for it?", optional=True)
    against: tuple[str, ...] = ticks("Who voted against it?", optional=True)
    abstained: tuple[str, ...] = ticks("Who abstained?", optional=True)

    @model_validator(mode="after")
    def is_one_decision(self) -> "Decided":
        if self.outcome == "accepted with changes" and not self.wording:
            raise ValueError("“Accepted with changes” needs the wording that was accepted")
        voters = [*self.voted_for, *self.against, *self.abstained]
        if len(voters) != len(set(voters)):
            raise ValueError("A party has two different votes here: each has one")
        return self


def _protocol(asked: Asked, review: Review) -> Protocol:
    return asked.session.get_one(Protocol, review.protocol_id)


def _about(asked: Asked, given: Given | None) -> dict[str, Any]:
    """What the protocol's own rule asks for is asked, and nothing else."""
    known = about(asked)
    protocol = _protocol(asked, known["review"])
    policy, votes = decision_policy_of(protocol), parties_vote(protocol)
    left_out = [] if votes else list(OF_A_VOTE)
    if policy.rule is not DecisionRule.NAMED_DECIDER:
        left_out.append("decided_by")
    wording = given.values.get("wording") if given else None
    return {**known, "policy": policy, "left_out": left_out, "changed": wording, "rule": str(policy.rule)}


def _voters(asked: Asked) -> Mapping[str, Sequence[tuple[str, str]]]:
    """Ticked while they are few; named where they are many: a form takes 500 fields, and each tick is one."""
    _, review = proposal_of(asked)
    protocol = _protocol(asked, review)
    members = organisations(asked, protocol=protocol, most=VOTERS) if parties_vote(protocol) else ()
    return dict.fromkeys(OF_A_VOTE, members)


def _voted(asked: Asked) -> Mapping[str, Any]:
    """The record starts from what the parties voted themselves, of those that may vote today."""
    _, review = proposal_of(asked)
    protocol = _protocol(asked, review)
    if not parties_vote(protocol):
        return {}
    members = {party.slug for party in active_parties(asked.session, protocol, today_of(protocol, asked.now))}
    votes = votes_of(asked.session, proposal_named(asked.session, asked.place["proposal"]))
    return {asks: [party for party in votes if party in members and votes[party] == vote]
            for asks, vote in OF_A_VOTE.items()}  # fmt: skip


def _decide(asked: Asked, given: Decided) -> Done:
    number, votes = asked.place["proposal"], dict.fromkeys(given.voted_for, Vote.FOR)
    votes |= dict.fromkeys(given.against, Vote.AGAINST) | dict.fromkeys(given.abstained, Vote.ABSTAINED)
    decision = decide(
        asked.session, asked.now, number, DecisionOutcome(given.outcome), asked.caller.by, because=given.because,
        wording=given.wording, dissent=given.dissent, votes=votes, decided_on=given.decided_on,
        decided_by=given.decided_by or "steering group",
    )  # fmt: skip
    return done_on(
        asked, f"Proposal {number} is {decision.outcome}. {decision.rule}", outcome=decision.outcome.value,
        rule=decision.rule, decided_on=decision.decided_on,
    )  # fmt: skip


ACTS = (
    on_proposal("decide", "Record the decision", who=DECIDES, fields=Decided, do=_decide, button="Record the decision",
                preview="Preview the difference", choices=_voters, start=_voted, before=_about,
                command="proposal decide", template="console/proposal_decide.html",
                words="A decision that is recorded is not changed any more."),
)  # fmt: skip
