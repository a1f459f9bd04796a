"""How a group decides, by each rule that a protocol may state."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.decisions import DecisionPolicy, DecisionRule, RuleNotMet, Vote, check_accepting, check_voters

PARTIES = ("council", "fire", "police")
GROUP = "steering group"

votes = st.dictionaries(st.sampled_from(PARTIES), st.sampled_from(list(Vote)))


def policy(rule: DecisionRule, quorum: int = 0, decider: str = "") -> DecisionPolicy:
    return DecisionPolicy(rule=rule, quorum=quorum, decider=decider)


def all_for(*parties: str) -> dict[str, Vote]:
    return dict.fromkeys(parties, Vote.FOR)


def test_a_protocol_that_states_no_rule_records_what_was_reported() -> None:
    said = check_accepting(policy(DecisionRule.UNSPECIFIED), {}, PARTIES, GROUP)
    assert said == "The protocol states no rule of decision; the group's decision is recorded as it was reported."


@given(st.sampled_from(list(DecisionRule)), votes)
def test_under_every_rule_only_a_party_of_that_day_votes(rule: DecisionRule, cast: dict[str, Vote]) -> None:
    strangers = cast | {"a-stranger": Vote.FOR, "another": Vote.AGAINST}
    with pytest.raises(RuleNotMet, match=r"^a-stranger and another cannot vote: not a party on that day\.$"):
        check_accepting(policy(rule, decider=GROUP), strangers, PARTIES, GROUP)


def test_voters_are_checked_whatever_was_decided() -> None:
    check_voters(PARTIES, PARTIES)
    with pytest.raises(RuleNotMet, match="gone cannot vote"):
        check_voters(["gone"], PARTIES)


def test_unanimity_is_every_party_voting_for_it() -> None:
    assert (
        check_accepting(policy(DecisionRule.UNANIMITY), all_for(*PARTIES), PARTIES, GROUP)
        == "Unanimity: all 3 parties voted for it."
    )


@pytest.mark.parametrize("other", [Vote.AGAINST, Vote.ABSTAINED, None])
def test_one_that_is_not_for_it_is_no_unanimity(other: Vote | None) -> None:
    cast = all_for("council", "fire") | ({"police": other} if other else {})
    with pytest.raises(RuleNotMet, match=r"police did not vote for it\.$"):
        check_accepting(policy(DecisionRule.UNANIMITY), cast, PARTIES, GROUP)


@given(votes, st.integers(0, 4))
def test_a_majority_has_its_quorum_and_more_for_than_against(cast: dict[str, Vote], quorum: int) -> None:
    in_favour, against = list(cast.values()).count(Vote.FOR), list(cast.values()).count(Vote.AGAINST)
    if len(cast) >= quorum and in_favour > against:
        said = check_accepting(policy(DecisionRule.MAJORITY, quorum), cast, PARTIES, GROUP)
        assert said.startswith(f"Majority with a quorum of {quorum}: {in_favour} for, {against} against")
    else:
        with pytest.raises(RuleNotMet):
            check_accepting(policy(DecisionRule.MAJORITY, quorum), cast, PARTIES, GROUP)


def test_an_abstention_counts_for_the_quorum_and_not_for_the_majority() -> None:
    cast = {"council": Vote.FOR, "fire": Vote.ABSTAINED}
    assert "1 for, 0 against, 2 voting" in check_accepting(policy(DecisionRule.MAJORITY, 2), cast, PARTIES, GROUP)
    with pytest.raises(RuleNotMet, match="asks for 3 parties to vote: 2 did"):
        check_accepting(policy(DecisionRule.MAJORITY, 3), cast, PARTIES, GROUP)


def test_a_tie_is_no_majority() -> None:
    cast = {"council": Vote.FOR, "fire": Vote.AGAINST}
    with pytest.raises(RuleNotMet, match="no majority: 1 for, 1 against"):
        check_accepting(policy(DecisionRule.MAJORITY, 2), cast, PARTIES, GROUP)


def test_the_one_who_decides_is_named_in_any_case_of_letters() -> None:
    named = policy(DecisionRule.NAMED_DECIDER, decider="Chief Constable")
    assert check_accepting(named, {}, PARTIES, " chief constable ") == (
        "Decided by the Chief Constable, as the protocol says."
    )
    with pytest.raises(RuleNotMet, match="lets one person decide, the Chief Constable"):
        check_accepting(named, all_for(*PARTIES), PARTIES, GROUP)
