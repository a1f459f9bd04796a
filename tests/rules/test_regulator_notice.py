"""What the regulator is told, and what it is never told."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.breach_duties import Capacity, Regime
from rules.breach_facts import UNKNOWN, FactName
from rules.notice_differences import differences
from rules.regulator_notice import REQUIRED, Contact, Notice, Severity, Stated, build, content

AWARE = datetime(2026, 10, 23, 15, 20, tzinfo=UTC)
DUE = AWARE + timedelta(hours=72)
FACTS: dict[FactName, Any] = {
    FactName.HAPPENED: "A referral went to the wrong family.",
    FactName.NATURE: ["confidentiality"],
    FactName.PEOPLE_KINDS: ["children"],
    FactName.PEOPLE: 2,
    FactName.DATA: ["safeguarding"],
    FactName.RECORDS: 3,
    FactName.CONSEQUENCES: "Distress.",
    FactName.DONE: "The letter was collected.",
}
STATED = Stated(
    party="Westshire Council", protocol="The Westshire Protocol", breach=7, regime=Regime.UK_GDPR,
    law="UK GDPR art. 33", contact=Contact(role="data protection officer", address="dpo@council.example"),
    facts=FACTS, aware_at=AWARE, due_at=DUE, at=DUE, people_told="they were told.",
)  # fmt: skip


def noticed(**changed: Any) -> Notice:
    return build(replace(STATED, **changed))


def fact(name: FactName, value: Any) -> Notice:
    return noticed(facts=FACTS | {name: value})


def test_a_notice_with_everything_stated_is_complete() -> None:
    notice = noticed()
    assert notice.complete
    assert (notice.missing, notice.suspicious, notice.unknown) == ((), (), ())
    assert json.loads(json.dumps(content(notice)))["facts"]["people"] == 2


@pytest.mark.parametrize("name", REQUIRED)
def test_each_required_field_is_named_where_nobody_has_stated_it(name: FactName) -> None:
    notice = noticed(facts={key: value for key, value in FACTS.items() if key is not name})
    assert notice.missing == (name.value,)
    assert not notice.complete
    assert name.value not in content(notice)["facts"]


def test_the_contact_point_and_the_awareness_are_required_too() -> None:
    assert noticed(contact=None, aware_at=None, due_at=None).missing == ("aware", "contact point")


@pytest.mark.parametrize("name", [FactName.PEOPLE, FactName.RECORDS])
def test_unknown_is_said_as_such_and_is_neither_missing_nor_zero(name: FactName) -> None:
    notice = fact(name, UNKNOWN)
    assert notice.missing == ()
    assert notice.unknown == (name.value,)
    assert content(notice)["facts"][name.value] == "unknown"


def test_zero_records_are_a_number_and_an_empty_list_states_nothing() -> None:
    assert content(fact(FactName.RECORDS, 0))["facts"]["records"] == 0
    assert fact(FactName.RECORDS, 0).missing == ()
    assert fact(FactName.NATURE, []).missing == ("nature",)


def test_exactly_at_the_72_hours_end_no_reasons_are_asked_for_and_one_second_after_they_are() -> None:
    assert not noticed(at=DUE).late
    late = noticed(at=DUE + timedelta(seconds=1))
    assert late.late
    assert late.missing == ("reasons for the delay",)
    assert noticed(at=DUE + timedelta(seconds=1), late_because="The office was shut.").complete


def test_whether_it_is_late_is_asked_of_the_first_notice_alone() -> None:
    much_later = DUE + timedelta(days=9)
    assert not noticed(number=2, at=much_later, first_at=DUE).late
    assert noticed(number=2, at=much_later, first_at=DUE + timedelta(seconds=1)).late
    assert content(noticed(number=2, at=much_later, first_at=DUE))["given"] == much_later.isoformat()


def test_reasons_that_are_not_needed_are_not_told() -> None:
    assert noticed(late_because="The office was shut.").late_because is None


@pytest.mark.parametrize("name", [FactName.HAPPENED, FactName.CONSEQUENCES, FactName.DONE])
def test_a_text_that_names_somebody_is_withheld_and_named_for_restating(name: FactName) -> None:
    notice = fact(name, "The letter of Mrs Patel went astray.")
    assert notice.to_restate == (name.value,)
    assert not notice.complete
    assert "Patel" in notice.suspicious[0].words
    assert "Patel" not in json.dumps(content(notice))


def test_the_other_texts_are_looked_through_as_well() -> None:
    assert noticed(at=DUE + timedelta(hours=1), late_because="Mr Jones was ill.").late_because is None
    told = noticed(people_told="they have not been told: Mrs Patel asked us not to.")
    assert told.people_told is None
    assert told.to_restate == ("people told",)


@pytest.mark.parametrize(
    "text",
    [
        "Jordan Example saw it.", "JORDAN  EXAMPLE saw it.", "It was Jordan who saw it.", "Seen by J. Example.",
        "Write to jordan@home.example.",
    ],
)  # fmt: skip
def test_the_reporter_is_never_in_it_nor_said_to_be_the_reporter(text: str) -> None:
    notice = noticed(
        facts=FACTS | {FactName.HAPPENED: text}, never=("Jordan Example", "jordan@home.example")
    )  # fmt: skip
    assert notice.to_restate == ("what happened",)
    assert "reporter" not in " ".join(each.words for each in notice.suspicious)
    assert "jordan" not in json.dumps(content(notice)).casefold()


def test_a_reporter_who_does_not_occur_hinders_nothing() -> None:
    assert noticed(never=("Jordan Example", "jordan@home.example", "  ")).complete


def test_an_ordinary_word_that_a_name_begins_with_is_no_name() -> None:
    assert noticed(facts=FACTS | {FactName.HAPPENED: "The youngest asked."}, never=("Al Young",)).complete


@pytest.mark.parametrize("code", ["1234 5678 9012 3456", "1234567890123456", "1234-5678-9012-3456"])
def test_a_follow_up_code_is_never_in_it(code: str) -> None:
    notice = fact(FactName.HAPPENED, f"My code is {code}.")
    assert notice.to_restate == ("what happened",)
    assert code not in json.dumps(content(notice))


@given(st.sampled_from([FactName.HAPPENED, FactName.CONSEQUENCES, FactName.DONE]), st.text(max_size=60),
       st.text(max_size=60))  # fmt: skip
def test_whatever_stands_around_a_name_it_does_not_reach_the_content(name: FactName, before: str, after: str) -> None:
    notice = noticed(facts=FACTS | {name: f"{before} Jordan Example {after}"}, never=("Jordan Example",))
    assert "Jordan Example" not in json.dumps(content(notice), ensure_ascii=False)
    assert not notice.complete


def test_each_regime_cites_its_own_act() -> None:
    assert noticed().content_law == "UK GDPR art. 33(3)"
    police = noticed(regime=Regime.LAW_ENFORCEMENT, law="DPA 2018 s.67")
    assert (police.law, police.content_law) == ("DPA 2018 s.67", "DPA 2018 s.67(4)")


def test_a_processor_writes_to_its_controller() -> None:
    assert noticed(capacity=Capacity.PROCESSOR, due_at=None).to == "the controller"
    assert noticed().to == "the Information Commissioner"


def test_the_second_one_is_a_supplement() -> None:
    assert not noticed().is_supplement
    assert noticed(number=2).is_supplement


def test_the_score_is_marked_as_advice() -> None:
    scored = content(noticed(severity=Severity(score="3.75", band="high", flags=("data unintelligible",))))
    assert scored["severity"] == {"score": "3.75", "band": "high", "flags": ["data unintelligible"], "advice": True}


def test_what_is_known_better_now_is_named_and_numbers_are_quoted() -> None:
    [found] = differences(content(noticed()), content(fact(FactName.PEOPLE, 4)))
    assert found.name == "people"
    assert found.words == "The notice given says 2 people, 4 are known: a supplement may be due."


def test_what_was_unknown_or_missing_and_is_known_now_is_a_difference_and_no_text_is_quoted() -> None:
    told = content(fact(FactName.PEOPLE, UNKNOWN))
    assert [each.name for each in differences(told, content(noticed()))] == ["people"]
    [found] = differences(content(noticed()), content(fact(FactName.HAPPENED, "Otherwise.")))
    assert "Otherwise" not in found.words


def test_a_corrected_awareness_and_people_told_since_are_differences_too() -> None:
    now = content(noticed(aware_at=AWARE - timedelta(hours=1), people_told="they were told today."))
    assert [each.name for each in differences(content(noticed()), now)] == ["aware", "people told"]


def test_what_changes_of_itself_is_no_difference() -> None:
    later = noticed(number=2, at=DUE + timedelta(days=9), first_at=DUE)
    assert differences(content(noticed()), content(later)) == ()
