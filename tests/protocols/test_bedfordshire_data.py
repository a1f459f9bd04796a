"""The Bedfordshire folder says what the document of October 2015 says, and what has become of it since."""

import json
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

import protocols
from models.obligation import ObligationKind
from models.protocol_file import Operating, Policies, ProtocolFile, read_protocol
from rules.ladders import Recipient
from rules.periods import parse_period

BEDFORDSHIRE = Path(protocols.__file__).parent / "bedfordshire"

SECTIONS_7_TO_15 = [
    "7-commitment",
    "7-statutory-duties",
    "7-caldicott",
    "7-police-information",
    "7-consent",
    "7-duty-of-confidentiality",
    "7-sharing-without-consent",
    "7-need-to-know",
    "7-withheld-from-subject",
    "7-specific-purpose",
    "7-fact-opinion",
    "7-anonymised",
    "8-access",
    "9-complaints",
    "10-staff-awareness",
    "11-disciplinary",
    "12-security",
    "13-breaches",
    "14-monitoring",
    "15-dissemination",
]


@pytest.fixture(scope="module")
def bedfordshire() -> ProtocolFile:
    return read_protocol(BEDFORDSHIRE)


def test_the_seventeen_parties_are_those_of_appendix_1_in_its_order(bedfordshire):
    assert [party.name for party in bedfordshire.parties] == [
        "Bedford Borough Council",
        "Bedfordshire Clinical Commissioning Group",
        "Bedfordshire Fire and Rescue Service",
        "Bedfordshire NHS Hospital Trust",
        "Bedfordshire Police",
        "Bedfordshire Prison Service",
        "Cambridgeshire Community Services",
        "Central Bedfordshire Council",
        "East & North Hertfordshire Clinical Commissioning Group",
        "East Anglia Ambulance Trust",
        "East London NHS Foundation Trust",
        "Hertfordshire Valley Clinical Commissioning Group",
        "Luton Clinical Commissioning Group",
        "Luton & Dunstable Hospital Foundation Trust",
        "Luton Borough Council",
        "South Essex Partnership University NHS Foundation Trust",
        "Virgin Health",
    ]


def test_a_body_is_known_under_every_spelling_of_the_document(bedfordshire):
    spellings = {party.id: {party.name, *party.aliases} for party in bedfordshire.parties}
    assert spellings["cambridgeshire-community-services"] == {
        "Cambridgeshire Community Services",
        "Cambridge Community Services",
    }
    assert "Virgin health" in spellings["virgin-health"]


def test_every_party_can_be_reached_in_five_roles_at_an_address_that_reaches_nobody(bedfordshire):
    for party in bedfordshire.parties:
        addresses = party.contacts.model_dump(by_alias=True, exclude_none=True)
        health = {"caldicott guardian"} if party.kind in ("nhs-trust", "commissioning-group", "ambulance") else set()
        assert set(addresses) == health | {
            "lead member", "deputy", "designated person", "breach coordinator", "data protection officer",
        }  # fmt: skip
        assert all(address.endswith(f"@{party.id}.example") for address in addresses.values())
    assert bedfordshire.demonstration


def test_the_clauses_are_sections_1_to_6_and_the_twenty_of_sections_7_to_15(bedfordshire):
    assert [clause.id for clause in bedfordshire.clauses] == ["1", "2", "3", "4", "5", "6", *SECTIONS_7_TO_15]
    assert all(clause.id.split("-")[0] == str(clause.section) for clause in bedfordshire.clauses)


def test_the_revision_history_runs_from_march_2008_to_version_4_2(bedfordshire):
    assert [version.label for version in bedfordshire.versions] == (
        ["1.0", "1.1", "1.2", "1.3", "1.6", "1.7", "1.8", "2.0", "2.1", "3", "4", "4.1", "4.2"]
    )
    assert bedfordshire.versions[0].dated.day == date(2008, 3, 4)
    assert bedfordshire.current_version.label == "4.2"
    assert bedfordshire.current_version.dated.words == "October 2015"
    assert bedfordshire.current_version.dated.day is None


def test_three_versions_share_one_line_and_one_period(bedfordshire):
    shared = [version for version in bedfordshire.versions if version.label in ("1.6", "1.7", "1.8")]
    assert {(v.dated.first, v.dated.last) for v in shared} == {(date(2008, 12, 30), date(2010, 3, 16))}
    assert {v.dated.words for v in shared} == {"30 December 2008 to 16 March 2010"}


def test_what_was_only_circulated_as_a_draft_was_never_in_force(bedfordshire):
    assert [v.label for v in bedfordshire.versions if v.draft] == ["1.0", "1.1", "1.2", "1.3", "3"]


def test_the_register_has_twelve_dated_bodies_one_of_them_twice(bedfordshire):
    dated = Counter(row.party for row in bedfordshire.signatures if row.signed_on)
    assert len(dated) == 12
    assert [party for party, times in dated.items() if times > 1] == ["south-essex-partnership-trust"]
    days = [row.signed_on.day for row in bedfordshire.signatures if row.signed_on]
    assert (min(days), max(days)) == (date(2014, 10, 29), date(2015, 9, 7))


def test_the_register_has_four_rows_that_were_never_filled_in(bedfordshire):
    undated = [row for row in bedfordshire.signatures if row.signed_on is None]
    assert {row.party for row in undated} == {
        "east-and-north-hertfordshire-ccg",
        "east-anglia-ambulance-trust",
        "hertfordshire-valley-ccg",
        "virgin-health",
    }
    assert all(row.position is None and row.note for row in undated)


def test_one_member_has_no_row_in_the_register(bedfordshire):
    rows = {row.party for row in bedfordshire.signatures}
    assert [party.id for party in bedfordshire.parties if party.id not in rows] == ["bedfordshire-ccg"]


def test_signatures_fall_on_version_4_until_version_4_1_exists(bedfordshire):
    dated = {version.label: version.dated.first for version in bedfordshire.versions}
    signed = [(row.version, row.signed_on.day) for row in bedfordshire.signatures if row.signed_on]
    assert Counter(version for version, _ in signed) == {"4": 7, "4.1": 6}
    assert all((day >= dated["4.1"]) == (version == "4.1") for version, day in signed)


def test_the_first_signature_is_older_than_its_version_and_says_so(bedfordshire):
    dated = {version.label: version.dated.first for version in bedfordshire.versions}
    older = [row for row in bedfordshire.signatures if row.signed_on and row.signed_on.first < dated[row.version]]
    assert [(row.party, row.signed_on.text) for row in older] == [("cambridgeshire-community-services", "2014-10-29")]
    assert older[0].note


def test_every_item_of_appendix_3_is_there_with_its_status(bedfordshire):
    assert {item.id: item.status for item in bedfordshire.legislation} == {
        "data-protection-act-1998": "repealed",
        "human-rights-act-1998": "in force",
        "caldicott-report-1997": "superseded",
        "caldicott-review-2013": "superseded",
        "common-law-duty-of-confidentiality": "in force",
        "crime-and-disorder-act-1998": "in force",
        "criminal-procedure-and-investigations-act-1996": "in force",
        "health-and-social-care-act-2001-section-60": "replaced",
        "freedom-of-information-act-2000": "in force",
        "regulation-of-investigatory-powers-act-2000": "largely replaced",
        "civil-contingencies-act-2004": "in force",
        "information-sharing-advice-for-children": "superseded",
        "information-commissioners-website": "in force",
        "data-sharing-code-of-practice-2011": "replaced",
    }


def test_the_data_protection_act_1998_was_repealed_on_25_may_2018(bedfordshire):
    act = next(item for item in bedfordshire.legislation if item.id == "data-protection-act-1998")
    assert act.since.day == date(2018, 5, 25)
    assert "UK GDPR" in act.successor
    assert len(act.clauses) >= 10  # much of the text rests on it


def test_whatever_is_no_longer_in_force_has_a_change_that_says_what_to_do(bedfordshire):
    gone = {item.id for item in bedfordshire.legislation if item.status != "in force"}
    assert gone == {change.legislation for change in bedfordshire.law}
    assert all(change.to_do and change.source for change in bedfordshire.law)


def test_more_than_half_of_the_parties_have_successors(bedfordshire):
    succeeded = {lineage.party.id for lineage in bedfordshire.lineages()}
    assert len(succeeded) == 10
    assert len(succeeded) > len(bedfordshire.parties) / 2


def test_one_body_now_stands_where_four_stood(bedfordshire):
    heirs = Counter(lineage.steps[-1].to for lineage in bedfordshire.lineages())
    assert heirs["central-east-icb"] == 4
    assert heirs["bedfordshire-hospitals"] == 2


def test_a_chain_of_successions_is_dated_step_by_step(bedfordshire):
    chain = next(each for each in bedfordshire.lineages() if each.party.id == "luton-ccg")
    assert [(step.to, step.on.text) for step in chain.steps] == [
        ("blmk-ccg", "2021-04-01"),
        ("blmk-icb", "2022-07-01"),
        ("central-east-icb", "2026-04-01"),
    ]
    assert chain.steps[-1].uncertain


def test_a_succession_of_a_part_leads_to_a_party_that_is_asked_for_itself(bedfordshire):
    south_essex = [each for each in bedfordshire.lineages() if each.party.id == "south-essex-partnership-trust"]
    assert {each.steps[-1].to: each.steps[-1].kind.value for each in south_essex} == {
        "east-london-nhs-foundation-trust": "part of",
        "essex-partnership-trust": "many to one",
    }


def test_the_checklist_covers_every_section_from_9_to_15(bedfordshire):
    sections = {clause.id: clause.section for clause in bedfordshire.clauses}
    assert {sections[item.clause] for item in bedfordshire.checklist} == {9, 10, 11, 12, 13, 14, 15}
    assert all(item.question.endswith("?") for item in bedfordshire.checklist)


def test_the_policies_are_the_documents_own_and_silent_where_it_is(bedfordshire):
    policies = bedfordshire.identity.policies
    assert (policies.review_interval(), policies.notice_period()) == (parse_period("P12M"), parse_period("P1M"))
    assert policies.review.early == ("legislation",)
    assert policies.review.anchor.words == "October 2015"
    silent = (
        policies.review.silence,
        policies.review.overdue,
        policies.changes.decision_rule,
        policies.changes.member_approval,
        policies.changes.minor_version,
        policies.breaches.partner_notification,
        policies.complaints.time_bar,
    )
    assert set(silent) == {"unspecified"}


def test_policies_and_operating_choices_survive_being_stored_as_json(bedfordshire):
    for stated in (bedfordshire.identity.policies, bedfordshire.identity.operating):
        assert type(stated).model_validate(json.loads(stated.model_dump_json())) == stated
    assert isinstance(bedfordshire.identity.policies, Policies)
    assert isinstance(bedfordshire.identity.operating, Operating)


def test_what_older_files_and_rows_do_not_name_has_a_usual_value(bedfordshire):
    stored = bedfordshire.identity.operating.model_dump(mode="json")
    assert {"telling people", "telling partners", "local action"} < stored["ladders"].keys()
    for name in ("assessment", "step", "notice", "telling people", "telling partners", "hold", "learning"):
        del stored["ladders"][name]
    del stored["ladders"]["local action"]
    for name in ("hold_review", "learning", "local_action"):
        del stored["windows"][name]
    assert Operating.model_validate(stored) == bedfordshire.identity.operating


@pytest.mark.parametrize("kind", ObligationKind)
def test_every_kind_of_obligation_has_a_ladder_that_ends_at_the_secretary(bedfordshire, kind):
    ladder = bedfordshire.identity.operating.ladder(kind)
    assert ladder.name == kind.value
    assert ladder.in_order()[0].to is Recipient.OWNER
    assert ladder.in_order()[-1].to is Recipient.SECRETARY


def test_windows_are_periods_by_name(bedfordshire):
    operating = bedfordshire.identity.operating
    assert operating.window("extraordinary_feedback") == parse_period("10 working days")
    assert operating.window("signing") == parse_period("P3M")


def test_every_clause_of_sections_7_to_15_has_words_by_which_people_tell_of_it(bedfordshire):
    assert all(clause.vocabulary for clause in bedfordshire.clauses)
    assert all(len(clause.vocabulary) >= 8 for clause in bedfordshire.clauses if clause.section >= 7)
    assert len(bedfordshire.outside) >= 8
