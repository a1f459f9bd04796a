"""Proposals by their commands: raised, sorted, advised on, decided."""

from tests.cli.conftest import Concordat


def proposals(concordat: Concordat) -> dict[int, dict[str, object]]:
    return {each["number"]: each for each in concordat.does("review", "show", "1")["proposals"]}


def test_add_puts_one_of_the_groups_own_on_the_table(collecting: Concordat) -> None:
    added = collecting.does("proposal", "add", "1", "9-complaints=Acknowledged in 30 days.", "--problem", "A new duty.")
    shown = collecting.does("proposal", "show", str(added["proposal"]))
    assert (shown["clause"], shown["wording"], shown["problem"]) == (
        "9-complaints", "Acknowledged in 30 days.", "A new duty.",
    )  # fmt: skip
    assert shown["origins"] == ["the steering group"]
    again = collecting.does("proposal", "add", "1", "9-complaints=Acknowledged in 30 days.")
    assert again["proposal"] is None


def test_show_sets_todays_words_beside_the_proposed_ones(drafting: Concordat) -> None:
    words = " ".join(drafting("proposal", "show", "1").out.split())
    assert words.startswith("Clause 12-security, Security Today: Transfers are secure")
    assert "Wording: Data is encrypted." in words
    assert "Problem: Vague." in words
    assert "not marked minor or major yet" in words


def test_merge_keeps_both_origins(drafting: Concordat) -> None:
    drafting.does("proposal", "merge", "2", "1", "--because", "the same")
    found = proposals(drafting)
    assert found[1]["origins"] == ["Bedfordshire Police", "Luton Borough Council"]
    assert (found[1]["merged"], found[2]["merged_into"]) == ([2], 1)
    assert "can be merged" in drafting("proposal", "merge", "3", "1", "--because", "no").refusal


def test_classify_keeps_the_reason(drafting: Concordat) -> None:
    drafting.does("proposal", "classify", "1", "major", "--because", "it asks for money")
    assert (proposals(drafting)[1]["magnitude"], proposals(drafting)[1]["magnitude_why"]) == (
        "major", "it asks for money",
    )  # fmt: skip


def test_withdraw_takes_it_off_the_table(drafting: Concordat) -> None:
    drafting.does("proposal", "withdraw", "3", "--because", "its author asks for it")
    assert proposals(drafting)[3]["withdrawn"] == "its author asks for it"
    assert "was withdrawn" in drafting("proposal", "classify", "3", "minor", "--because", "x").refusal


def test_advice_and_its_waiver_are_both_recorded(drafting: Concordat) -> None:
    drafting.does("proposal", "classify", "1", "major", "--because", "money")
    drafting.does("proposal", "advise", "1", "--text", "Do it.")
    drafting.does("proposal", "waive-advice", "2", "--because", "no time")
    found = proposals(drafting)
    assert found[1]["advice"] == [{"waived": False, "text": "Do it.", "given_by": "adviser"}]
    assert found[2]["advice"] == [{"waived": True, "text": "no time", "given_by": "secretary"}]


def test_decide_keeps_reason_wording_dissent_votes_and_rule(deciding: Concordat) -> None:
    deciding.clock.goes_on(days=5)
    decided = deciding.does(
        "proposal", "decide", "1", "accepted-with-changes", "--because", "most agree", "--wording", "Data is safe.",
        "--dissent", "Luton: too vague.", "--for", "bedfordshire-police", "--for", "bedford-borough-council",
        "--against", "luton-borough-council", "--abstained", "virgin-health", "--on", "2026-11-25",
    )  # fmt: skip
    assert decided["decided_on"] == "2026-11-25"
    decision = deciding.does("proposal", "show", "1")["decision"]
    assert decision["outcome"] == "accepted with changes"
    assert (decision["wording"], decision["dissent"]) == ("Data is safe.", "Luton: too vague.")
    assert decision["votes"]["luton-borough-council"] == "against"
    assert decision["votes"]["virgin-health"] == "abstained"
    assert "states no rule of decision" in decision["rule"]
    words = " ".join(deciding("review", "show", "1").out.split())
    assert "Decided on Wednesday 25 November 2026: accepted with changes. most agree" in words
    assert "Dissent: Luton: too vague." in words


def test_a_decision_is_not_taken_twice_differently(deciding: Concordat) -> None:
    command = ("proposal", "decide", "3", "rejected", "--because", "no")
    deciding.does(*command)
    deciding.does(*command)
    assert "was decided on" in deciding("proposal", "decide", "3", "accepted", "--because", "yes").refusal


def test_a_decision_needs_what_it_needs(deciding: Concordat) -> None:
    bare = ("proposal", "decide", "1", "accepted-with-changes", "--because", "x")
    assert "needs the wording" in deciding(*bare).refusal
    assert "its day lies ahead" in deciding(*bare, "--wording", "y", "--on", "2030-01-01").refusal
    assert "cannot vote" in deciding("proposal", "decide", "1", "accepted", "--because", "x", "--for", "nobody").refusal
