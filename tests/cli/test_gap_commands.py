"""Gaps by their commands: from the clause that is wanting to the version that answers it, or does not."""

import pytest

from tests.cli.conftest import Concordat

OPEN = ("gap", "open", "12-security", "--words", "Nobody says who looks at the address again.")


@pytest.fixture
def known(collecting: Concordat) -> Concordat:
    """Review 1 is open, and gap 1, of security, is known."""
    collecting.does(*OPEN)
    return collecting


def flat(text: str) -> str:
    return " ".join(text.split())


def test_a_gap_is_opened_owned_and_shown_in_words_and_json(known: Concordat) -> None:
    assert known.does(*OPEN)["id"] == 1, "the same words are the same gap"
    assert known.does("gap", "open", "none", "--words", "@" + _file(known, "No clause says it."))["clause"] is None
    known.does("gap", "own", "1", "luton-borough-council")
    shown = known.does("gap", "show", "1")
    assert (shown["clause"], shown["state"], shown["owner"], shown["origins"], shown["proposals"]) == (
        "12-security", "open", "luton-borough-council", [], [],
    )  # fmt: skip
    words = flat(known("gap", "show", "1").out)
    assert "Gap 1, clause 12-security: open Nobody says who looks at the address again." in words
    assert "opened by secretary From no case Looked after by luton-borough-council" in words
    assert "On the agenda of review 1 What to do next: concordat proposal add 1 12-security=TEXT" in words
    assert shown["review"] == 1
    assert known("gap", "open", "1", "--words", "").refusal == "Say what is wanting (`--words`)."
    assert [gap["id"] for gap in known.does("gap", "list")] == [1, 2]
    assert known.does("gap", "own", "1", "secretary")["owner"] is None


def _file(concordat: Concordat, words: str) -> str:
    path = concordat.data / "words.txt"
    path.write_text(words, encoding="utf-8")
    return str(path)


def test_a_gap_comes_from_cases_and_is_joined_by_others(known: Concordat) -> None:
    known.does("review", "feedback", "1", "luton-borough-council", "--comments", "Who looks?")
    assert known.does(*OPEN, "--from", "feedback:1")["origins"] == ["feedback:1"]
    known.does("review", "feedback", "1", "bedfordshire-police", "--comments", "Who?")
    assert known.does("gap", "join", "1", "feedback:2")["origins"] == ["feedback:1", "feedback:2"]
    assert known("gap", "join", "1", "complaint:12").refusal.startswith("There is no complaint:12 here")
    assert "names no case" in known("gap", "join", "1", "version:5.0").refusal
    assert known.does("verify")["broken"] == []


def test_an_urgent_gap_is_a_matter_until_a_review_has_it(known: Concordat) -> None:
    said = known.does("gap", "urgent", "1", "--because", "It happens every week.")
    assert said["next"] == ["concordat gap review 1"]
    [matter] = [each for each in known.does("matters") if each["kind"] == "gap"]
    assert matter["sentence"] == "Gap 1 is urgent."
    assert known.does("gap", "review", "1")["review"] == 1
    assert [each for each in known.does("matters") if each["kind"] == "gap"] == []
    reasons = [reason["words"] for reason in known.does("review", "show", "1")["reasons"]]
    assert "Gap 1 (clause 12-security) cannot wait for the next annual review." in reasons
    assert "open, urgent" in known("gap", "show", "1").out


def test_urgent_with_review_does_both_at_once(known: Concordat) -> None:
    said = known.does("gap", "urgent", "1", "--because", "It happens every week.", "--review")
    assert (said["review"], said["urgent"]) == (1, True)
    assert [each for each in known.does("matters") if each["kind"] == "gap"] == []


def test_a_gap_is_closed_and_reopened_with_reasons(known: Concordat) -> None:
    assert known.does("gap", "close", "1", "--because", "The form asks.")["state"] == "closed"
    assert known.does("gap", "list") == []
    assert "Closed: The form asks." in flat(known("gap", "show", "1").out)
    assert "closed (The form asks.)" in known("gap", "own", "1", "bedfordshire-police").refusal
    assert [gap["state"] for gap in known.does("gap", "list", "--all")] == ["closed"]
    assert known.does("gap", "reopen", "1", "--because", "It does not.")["state"] == "open"
    assert "nothing to reopen" in known("gap", "reopen", "1", "--because", "Again.").refusal
    assert "There is no gap 9" in known("gap", "close", "9", "--because", "x").refusal


def test_a_proposal_is_raised_with_what_it_answers_and_named_more_later(known: Concordat) -> None:
    known.does("review", "feedback", "1", "luton-borough-council", "--comments", "Who looks?")
    added = known.does("proposal", "add", "1", "12-security=Two look.", "--answers", "gap:1", "--by", "chair")
    number = str(added["proposal"])
    assert known.does("proposal", "answers", number, "feedback:1", "gap:1")["answers"] == ["gap:1", "feedback:1"]
    assert known.does("proposal", "show", number)["answers"] == ["gap:1", "feedback:1"]
    assert "Answers: gap:1, feedback:1" in known("proposal", "show", number).out
    assert known.does("gap", "show", "1")["proposals"] == [int(number)]
    assert f"Answered by proposal {number}" in known("gap", "show", "1").out
    assert "answered by a proposal" in known("gap", "close", "1", "--because", "x").refusal
    assert known("proposal", "answers", number).code == 2


def test_the_agenda_is_in_the_review_and_then_what_its_version_answers_and_does_not(drafting: Concordat) -> None:
    drafting.does(*OPEN)
    drafting.does("gap", "open", "1", "--words", "The partners have changed.", "--urgent")
    drafting.does("proposal", "answers", "1", "gap:1")
    shown = drafting.does("review", "show", "1")
    assert [(gap["id"], gap["clause"], gap["urgent"], gap["proposals"]) for gap in shown["agenda"]] == [
        (2, "1", True, []), (1, "12-security", False, [1]),
    ]  # fmt: skip
    assert "On the agenda" in drafting("review", "show", "1").out
    assert "answered by proposal 1" in flat(drafting("review", "show", "1").out)
    for step in (
        ("proposal", "classify", "1", "minor", "--because", "a word"),
        ("proposal", "withdraw", "2", "--because", "the same"),
        ("proposal", "withdraw", "3", "--because", "a fact"),
        ("review", "begin-deciding", "1"),
        ("proposal", "decide", "1", "accepted", "--because", "all agree"),
        ("review", "conclude", "1"),
    ):
        drafting.does(*step)
    shown = drafting.does("review", "show", "1")
    assert shown["agenda"] == []
    assert [gap["id"] for gap in shown["gaps_answered"]] == [1]
    assert [gap["id"] for gap in shown["gaps_not_answered"]] == [2]
    words = flat(drafting("review", "show", "1").out)
    assert f"Answered by version {shown['version']}: gap 1 (clause 12-security)." in words
    assert f"Not answered by version {shown['version']}: gap 2 (clause 1)." in words
    assert f"Resolved in version {shown['version']}" in drafting("gap", "show", "1").out
    assert drafting.does("verify")["broken"] == []
