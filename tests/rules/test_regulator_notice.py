"""What the regulator is told, and what it is never told."""

import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.breach_duties import Capacity, Regime
from rules.breach_facts import UNKNOWN, FactName
from rules.naming_somebody import suspicious_in
from rules.notice_differences import differences
from rules.regulator_notice import REQUIRED, Contact, Notice, Severity, Stated, build, content
from rules.seeming_names import names_in_a_row, titled_names, words_of

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


def read(path: str) -> str:
    return (Path(__file__).parents[2] / path).read_text(encoding="utf-8")


def known() -> frozenset[str]:
    """As an installation of the protocol that comes with it knows them."""
    return words_of((read("protocols/bedfordshire/clauses.yaml"), read("protocols/bedfordshire/parties.yaml")))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Sarah Patel's file was read by PC Evans, who told her brother Jack.",
         ["PC Evans", "brother Jack", "Sarah Patel"]),
        ("The file of mrs patel was read.", ["mrs patel"]),
        ("It was Sir John who rang.", ["Sir John"]),
        ("It belongs to Lady Smith.", ["Lady Smith"]),
        ("Rev Jones took it home.", ["Rev Jones"]),
        ("It was opened by Nurse Lovelace.", ["Nurse Lovelace"]),
        ("It was opened by nurse Lovelace.", ["nurse Lovelace"]),
        ("The letter went to Zebedee Quimby of the same street.", ["Zebedee Quimby"]),
        ("Zebedee Quimby's letter went astray.", ["Zebedee Quimby"]),
        ("Sarah Patel was told.", ["Sarah Patel"]),
        ("A worker told Jack.", ["Jack"]),
        ("The Council told Anneke van der Berg of it.", ["Anneke van der Berg"]),
        ("The record of J. Quimby was open.", ["J. Quimby"]),
        ("Data Protection Officer Zebedee Quimby decided.", ["Officer Zebedee Quimby"]),
        ("PC Hill and Sergeant King looked.", ["PC Hill", "Sergeant King"]),
    ],
)  # fmt: skip
def test_whoever_is_named_is_suspected_and_quoted(text: str, found: list[str]) -> None:
    notice = noticed(facts=FACTS | {FactName.HAPPENED: text}, known=known())
    quoted = [re.search("“(.*?)[”;]", each.looks) for each in notice.suspicious]
    assert sorted(match[1].removesuffix("”") for match in quoted if match) == sorted(found)
    assert notice.to_restate == ("what happened",)
    assert not any(each in json.dumps(content(notice), ensure_ascii=False) for each in found)


NARRATIVES = [
    "A safeguarding referral from Bedfordshire Police was sent on to the wrong family by Central Bedfordshire Council.",
    "On Friday 23 October 2026 a worker of Luton Borough Council opened the record. The Data Protection Officer was "
    "told at once, and the Senior Information Risk Owner on Monday. The Caldicott Guardian agreed.",
    "The e-mail was sent from Microsoft Outlook to a Gmail account; Royal Mail lost the Recorded Delivery letter.",
    "Under the Data Protection Act 2018 and UK GDPR art. 33(1) the Information Commissioner's Office must be told.",
    "Children's Services asked the NHS Foundation Trust, the Crown Prosecution Service and HM Prison for the letters.",
    "The letter lay in Milton Keynes, in Bedford Hospital and at St Mary's Primary School. "
    "Queen Elizabeth Hospital has it.",
    "A laptop was left on the train to London St Pancras Station. It was encrypted with BitLocker.",
    "The Liquid Logic system was down. Adult Social Care could not read it. IT Services brought it back.",
    "Staff were reminded. Training was given. Access was removed. New rules apply. Two families were visited.",
    "The Head of Legal Services and the Chief Executive met the Steering Group after Christmas and New Year.",
    "Measures:\n- The Council wrote.\n- Both Parties agreed. Nobody Else was told.",
    "A patient told the nurse. The doctor rang a friend of the sergeant. Her sister and the inspector were told.",
    "Whoever Opened it has closed it again. DWP and HMRC were not told; the MASH team was.",
]


@pytest.mark.parametrize("text", NARRATIVES)
def test_a_narrative_without_names_raises_no_alarm(text: str) -> None:
    notice = noticed(facts=FACTS | {FactName.HAPPENED: text}, known=known())
    assert [each.looks for each in notice.suspicious] == []


@pytest.mark.parametrize("path", ["docs/guide-breach.md", "docs/breach-report.example.yaml"])
def test_what_the_guide_and_the_example_report_say_raises_no_alarm(path: str) -> None:
    """What a person types in them: what stands between quotation marks; of the example, everything."""
    text = read(path)
    quoted = [words for words in re.findall('"([^"]+)"', text) if re.search("[a-z]", words)]  # no follow-up code
    said = quoted if path.endswith(".md") else text.splitlines()
    assert len(said) > 20
    alarms = [each.looks for words in said for each in suspicious_in({"x": words}, (), known())]
    assert alarms == []


def test_the_protocols_own_clauses_name_nobody() -> None:
    assert list(suspicious_in({"x": read("protocols/bedfordshire/clauses.yaml")}, (), known())) == []


@given(st.text())
def test_any_text_can_be_looked_at_for_names(text: str) -> None:
    for found in (*titled_names(text), *names_in_a_row(text)):
        assert found


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
