"""How the group decides: the protocol's policy, or "unspecified", which the record then says."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import assert_never

from rules.errors import Refused
from rules.sentences import listed


class DecisionRule(StrEnum):
    UNSPECIFIED = "unspecified"
    UNANIMITY = "unanimity"
    MAJORITY = "majority"
    NAMED_DECIDER = "named decider"


class Vote(StrEnum):
    FOR = "for"
    AGAINST = "against"
    ABSTAINED = "abstained"


class RuleNotMet(Refused):
    """The protocol's own rule of decision is not met."""


@dataclass(frozen=True, kw_only=True)
class DecisionPolicy:
    rule: DecisionRule
    quorum: int = 0  # parties that have to vote, abstentions included
    decider: str = ""  # the one position that decides


def check_voters(votes: Collection[str], parties: Collection[str]) -> None:
    """Whoever voted, whatever the outcome, was a party on that day. Raises RuleNotMet."""
    if strangers := sorted(set(votes) - set(parties)):
        raise RuleNotMet(f"{listed(strangers)} cannot vote: not a party on that day.")


def check_accepting(
    policy: DecisionPolicy, votes: Mapping[str, Vote], parties: Collection[str], decided_by: str
) -> str:
    """The sentence that says which rule was applied. Raises RuleNotMet where accepting would break it.

    `votes` by party; `parties` are those that may vote on that day.
    """
    check_voters(votes, parties)
    match policy.rule:
        case DecisionRule.UNSPECIFIED:
            return "The protocol states no rule of decision; the group's decision is recorded as it was reported."
        case DecisionRule.UNANIMITY:
            return _unanimous(votes, parties)
        case DecisionRule.MAJORITY:
            return _majority(policy.quorum, votes)
        case DecisionRule.NAMED_DECIDER:
            return _named(policy.decider, decided_by)
        case _:
            assert_never(policy.rule)


def _unanimous(votes: Mapping[str, Vote], parties: Collection[str]) -> str:
    lacking = sorted(party for party in parties if votes.get(party) is not Vote.FOR)
    if lacking:
        raise RuleNotMet(f"The protocol asks for every party's vote: {listed(lacking)} did not vote for it.")
    return f"Unanimity: all {len(parties)} parties voted for it."


def _majority(quorum: int, votes: Mapping[str, Vote]) -> str:
    in_favour = sum(vote is Vote.FOR for vote in votes.values())
    against = sum(vote is Vote.AGAINST for vote in votes.values())
    if len(votes) < quorum:
        raise RuleNotMet(f"The protocol asks for {quorum} parties to vote: {len(votes)} did.")
    if in_favour <= against:
        raise RuleNotMet(f"There is no majority: {in_favour} for, {against} against.")
    return f"Majority with a quorum of {quorum}: {in_favour} for, {against} against, {len(votes)} voting."


def _named(decider: str, decided_by: str) -> str:
    if decided_by.strip().casefold() != decider.casefold():
        raise RuleNotMet(f"The protocol lets one person decide, the {decider}: record the decision as theirs.")
    return f"Decided by the {decider}, as the protocol says."
