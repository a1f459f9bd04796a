"""What a newcomer met and could not use: each as it reads now."""

import re

from tests.cli.conftest import Concordat
from tests.cli.test_breach_commands import COUNCIL, REPORT, aware, begun, office, shown

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
