"""What a newcomer met and could not use: each as it reads now."""

import re

import pytest

from tests.cli.conftest import Concordat
from tests.cli.test_breach_commands import COUNCIL, POLICE, REPORT, aware, begun, office, shown

__all__ = ["begun", "office"]
CONFIDENTIAL = ("--reporter", "Jo of Team 4", "--reach", "team4@council.example", "--confidential")


def test_the_secretary_sees_who_reported_it_and_nobody_else_does(office: Concordat) -> None:
    office.does(*REPORT, *CONFIDENTIAL)
    office.does("sweep")
    text = office("breach", "show", "1").out
    assert "Jo of Team 4; to be reached: team4@council.example. Confidential: only" in " ".join(text.split())
    assert [(each["kind"], each["reporter"]) for each in shown(office)["reporters"]] == [
        ("confidential", "Jo of Team 4")
    ]
    elsewhere = office("history", "breach:1", "--json").out + office("outbox", "--json").out
    elsewhere += "".join(office("message", "show", str(number)).out for number in (1, 2, 3))
    assert "Jo of" not in elsewhere


def test_what_was_said_of_each_fact_can_be_read_and_history_prints_no_hashes(begun: Concordat) -> None:
    begun.does("breach", "fact", "1", "people=4", "--because", "Two more.", "--by", "team manager")
    said = " ".join(begun("breach", "facts", "1").out.split())
    assert "People Friday 27 November 2026 16:20 GMT, secretary: 2 Friday" in said
    assert "team manager: 4 (before: 2; because: Two more.)" in said
    history = begun("history", "breach:1").out
    assert "facts: people\n" in history
    assert re.search("[0-9a-f]{20}", history) is None
    assert re.search("[0-9a-f]{64}", begun("history", "breach:1", "--json").out)


def test_before_its_follow_up_is_open_a_party_is_not_to_be_added(office: Concordat) -> None:
    office.does(*REPORT)
    refused = office(
        "breach", "aware", "1", COUNCIL, "--at", "2026-11-27T16:20", "--who", "x", "--because", "y"
    ).refusal
    assert "is about to be opened" in refused
    assert "affect" not in refused


def test_an_overdue_notice_is_suggested_with_its_reasons(begun: Concordat) -> None:
    aware(begun)
    begun.does("breach", "conclude", "1", COUNCIL, "likely", "--because", "An address.")
    notify = f"concordat breach notify 1 {COUNCIL} --at WHEN"
    assert notify in shown(begun)["next"]
    begun.clock.goes_on(days=4)
    assert f"{notify} --late-because TEXT" in shown(begun)["next"]


def test_what_is_recorded_twice_says_which_time_stands(begun: Concordat) -> None:
    aware(begun)
    people = ("breach", "people", "1", COUNCIL, "--how", "By letter.", "--told-at")
    begun.clock.goes_on(hours=3)
    begun.does(*people, "2026-11-27T17:00")
    again = begun.does(*people, "2026-11-27T18:00")["done"]
    assert "on Friday 27 November 2026 17:00 GMT: that was recorded first and stands" in again
    hold = ("breach", "hold", "1", POLICE, "--because", "x")
    begun.does(*hold)
    assert "has held letters since" in begun.does(*hold)["done"]
    begun.does(*hold, "--release")
    assert "had released its hold on letters already" in begun.does(*hold, "--release")["done"]
    assert "is open already" in begun.does("breach", "reopen", "1", "--because", "x")["done"]
    corrected = ("--at", "2026-11-27T16:25", "--who", "manager", "--because", "the clock was wrong")
    assert "corrected from" in begun.does("breach", "aware", "1", COUNCIL, *corrected)["done"]


def test_a_notice_that_is_not_required_says_so_first_and_what_is_missing_in_words(begun: Concordat) -> None:
    begun.does("breach", "conclude", "1", COUNCIL, "unlikely", "--because", "Unopened.")
    text = begun("breach", "notice", "1", COUNCIL).out
    assert text.startswith("No notice is required of Luton Borough Council, because a risk to people is\nunlikely")
    assert "- Missing (UK GDPR art. 33(3)): the likely consequences." in text
    people = next(each for each in shown(begun)["follow_ups"][1]["duties"] if each["kind"] == "people")
    assert "art. 34(1)" in people["because"]


def test_it_says_who_is_recorded_as_concluding(begun: Concordat) -> None:
    conclude = ("breach", "conclude", "1", COUNCIL, "unlikely", "--because", "Unopened.")
    assert "(`--by ROLE`)" in begun.does(*conclude)["done"]
    assert (
        "the conclusion of data protection officer.\n"
        in begun.does(*conclude, "--by", "data protection officer")["done"]
    )


def test_a_report_that_names_no_party_asks_the_secretary(office: Concordat) -> None:
    assert "names no party, so none is told" in office.does("breach", "report", "--what", "A letter.")["happens"]


def test_a_lesson_says_its_day_and_its_clause(begun: Concordat) -> None:
    lesson = ("breach", "lesson", "1", COUNCIL, "--cause", "x", "--words", "y", "--effect")
    assert begun.does(*lesson, "action")["due_on"] == "2027-03-01"
    late = ("breach", "lesson", "1", COUNCIL, "--cause", "x", "--words", "z", "--effect", "action")
    assert "has passed" in begun(*late, "--due", "2026-11-26").refusal
    assert begun(*lesson, "gap").code == 2
    assert begun.does(*lesson, "gap", "--clause", "none")["gap"] == 1


@pytest.mark.parametrize("who", ["two\nlines", "a\x1b[31mred", "a\u202ebc", "ring\a"])
def test_nobody_is_recorded_under_a_name_that_cannot_be_seen(begun: Concordat, who: str) -> None:
    assert begun("breach", "fact", "1", "records=3", "--by", who).code == 2


def test_what_would_move_the_cursor_is_shown_as_a_sign(begun: Concordat) -> None:
    begun.does("breach", "fact", "1", "cause=a\x1b[31mred\nSeverity: 0, low \u202e\a")
    text = begun("breach", "show", "1").out
    assert not {"\x1b", "\u202e", "\a"} & set(text)
    assert "\nSeverity: 0" not in text
    assert "\n    Severity: 0" in text


def test_an_error_names_its_own_option_and_a_fact_that_was_meant(begun: Concordat) -> None:
    lesson = ("breach", "lesson", "1", COUNCIL, "--cause", "x", "--words", "y", "--effect", "none")
    assert "--none-because" in begun(*lesson).refusal
    assert "Did you mean “people”?" in begun("breach", "fact", "1", "poeple=3").err
    assert "at most 100,000,000" in begun("breach", "fact", "1", "people=1000000000").refusal
    assert begun.does("breach", "fact", "1", "data=health")["changed"] == {"kinds of data": ["health"]}


def test_what_is_owed_names_the_case_the_party_and_who_is_asked(begun: Concordat) -> None:
    text = begun("obligation", "list").out
    assert max(len(line) for line in text.splitlines()) <= 100
    assert f"breach:1  {COUNCIL} " in text
    assert f"({COUNCIL}: step contain)" in " ".join(begun("forecast", "--months", "1").out.split())


def test_a_kept_procedure_is_shown_by_its_name(office: Concordat) -> None:
    assert office("procedure", "show", "council-model").out.startswith("Breach procedure of a council")
    assert "kept are" in office("procedure", "show", "nonsense").refusal
