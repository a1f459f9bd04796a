"""A breach by its commands, as a secretary and a party's coordinator type them; and what is refused, stored nowhere."""

import io
import json
import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import Session, SQLModel, select

from models.breach import BreachReport, ReporterKind
from models.outbox import Message
from rules.instants import LONDON
from tests.cli.conftest import BEDFORDSHIRE, Concordat, at_stage, forget
from tests.conftest import on_postgres_among_the_slow

FRIDAY = datetime(2026, 11, 27, 16, 20, tzinfo=LONDON)
AWARE = "2026-11-27T16:20"
COUNCIL, POLICE, TRUST = "luton-borough-council", "bedfordshire-police", "bedfordshire-nhs-hospital-trust"
HAPPENED = "A safeguarding referral went to the wrong family."
REPORT = (
    "breach", "report", "--what", HAPPENED, "--detected", "2026-11-27T16:05", "--data", "safeguarding",
    "--people", "2", "--party", COUNCIL, "--party", POLICE, "--clause", "12-security",
)  # fmt: skip


@pytest.fixture
def office(concordat: Concordat) -> Concordat:
    """The Friday, before anything has happened."""
    concordat.clock.now = FRIDAY
    return concordat


@pytest.fixture
def either(fresh: Concordat, store: sa.Engine, monkeypatch: pytest.MonkeyPatch) -> Concordat:
    """The same on both databases."""
    monkeypatch.setenv("CONCORDAT_DATABASE_URL", store.url.render_as_string(hide_password=False))
    forget()
    fresh.clock.now = FRIDAY
    fresh.does("load", str(BEDFORDSHIRE))
    return fresh


@pytest.fixture
def begun(office: Concordat) -> Concordat:
    """Reported, and the follow-ups of the council and the police opened a minute later."""
    return at_stage("breach begun", office, REPORT, timedelta(minutes=1), ("sweep",))


def begin(office: Concordat) -> Concordat:
    office.does(*REPORT)
    office.clock.goes_on(minutes=1)
    office.does("sweep")
    return office


def aware(office: Concordat, party: str = COUNCIL) -> dict[str, Any]:
    because = ("--who", "team manager", "--because", "The letter was seen.")
    return dict(office.does("breach", "aware", "1", party, "--at", AWARE, *because))


def shown(office: Concordat) -> dict[str, Any]:
    return dict(office.does("breach", "show", "1"))


def party_of(office: Concordat, slug: str = COUNCIL) -> dict[str, Any]:
    return dict(next(each for each in shown(office)["follow_ups"] if each["party"] == slug))


def duty_of(office: Concordat, kind: str, slug: str = COUNCIL) -> dict[str, Any]:
    return dict(next(each for each in party_of(office, slug)["duties"] if each["kind"] == kind))


def step_of(office: Concordat, step: str, slug: str = COUNCIL) -> dict[str, Any]:
    return dict(next(each for each in party_of(office, slug)["steps"] if each["step"] == step))


def rows(office: Concordat) -> dict[str, int]:
    def counted(session: Session) -> dict[str, int]:
        tables = SQLModel.metadata.sorted_tables
        return {t.name: session.scalar(sa.select(sa.func.count()).select_from(t)) or 0 for t in tables}

    return dict(office.read(counted))


# --- the report -----------------------------------------------------------------------------------------------


def test_a_report_answers_a_reference_to_quote_and_a_code_that_is_kept_nowhere(office: Concordat) -> None:
    said = office(*REPORT, "--reporter", "Team 4", "--reach", "team4@luton.example")
    assert said.code == 0
    words = " ".join(said.out.split())
    assert "to quote; it opens nothing" in words
    assert "shown once" in words
    [report] = office.read(lambda session: session.exec(select(BreachReport)).all())
    assert report.reference in words
    code = words.partition("Follow-up code ")[2][:19].replace(" ", "")
    assert code.isdigit()
    assert code not in json.dumps(report.model_dump(mode="json"))
    assert (report.reporter_kind, report.reporter) == (ReporterKind.NAMED, "Team 4")


def test_without_concordat_up_it_says_that_the_next_sweep_begins(office: Concordat) -> None:
    answer = office.does(*REPORT)
    assert "next sweep" in answer["happens"]
    assert answer["next"] == ["concordat breach show 1", "concordat sweep"]


def test_a_report_that_seems_to_name_somebody_is_kept_with_a_warning(office: Concordat) -> None:
    answer = office.does("breach", "report", "--what", "The letter to Mrs Patel went astray.", "--party", COUNCIL)
    [warning] = answer["warnings"]
    assert "Mrs Patel" in warning
    assert "Look again: " in office("breach", "report", "--what", "Mr Shah's file is lost.").out


def test_the_same_report_sent_twice_is_one_and_shows_no_code_again(office: Concordat) -> None:
    first, again = office.does(*REPORT, "--key", "mail-7"), office.does(*REPORT, "--key", "mail-7")
    assert (again["reference"], again["code"]) == (first["reference"], None)
    assert len(office.does("breach", "list")) == 1
    assert "is here already, as breach 1" in office(*REPORT, "--key", "mail-7").out


@pytest.mark.parametrize(
    ("arguments", "kind"),
    [
        ((), "anonymous"),
        (("--anonymous",), "anonymous"),
        (("--reporter", "Team 4", "--confidential"), "confidential"),
        (("--reporter", "Team 4"), "named"),
    ],
)
def test_a_report_is_named_confidential_or_anonymous(office: Concordat, arguments: tuple[str, ...], kind: str) -> None:
    office.does(*REPORT, *arguments)
    [report] = office.read(lambda session: session.exec(select(BreachReport)).all())
    assert report.reporter_kind.value == kind


def test_a_report_can_be_a_file_and_options_go_before_it(office: Concordat) -> None:
    office.does("breach", "report", "--from", "docs/breach-report.example.yaml", "--people", "unknown")
    facts = {fact["name"]: fact for fact in shown(office)["facts"]}
    assert facts["kinds of data"]["value"] == ["contact details", "criminal", "safeguarding"]
    assert (facts["people"]["known"], facts["people"]["words"]) == (False, "unknown")
    assert shown(office)["severity"]["score"] == "3.25"
    [report] = office.read(lambda session: session.exec(select(BreachReport)).all())
    assert report.reporter_kind is ReporterKind.CONFIDENTIAL


def test_a_text_can_stand_in_a_file(office: Concordat, tmp_path: Path) -> None:
    (tmp_path / "what.txt").write_text("  A stick was lost.\n")
    office.does("breach", "report", "--what", f"@{tmp_path / 'what.txt'}")
    assert shown(office)["facts"][0]["value"] == "A stick was lost."


# --- whoever reported -----------------------------------------------------------------------------------------


def test_the_reporter_looks_adds_and_has_another_code(office: Concordat, monkeypatch: pytest.MonkeyPatch) -> None:
    answer = office.does(*REPORT)
    reference, code = answer["reference"], answer["code"]
    assert "Every party" in office("breach", "follow", reference, code).out
    assert office.does("breach", "add", reference, code, "records=1")["changed"] == ["records"]
    assert office.does("breach", "add", reference, code, "records=1")["changed"] == []
    office.does("breach", "fact", "1", "records=2", "--because", "They have been counted.")
    said = " ".join(office("breach", "add", reference, code, "records=3", "people=3").out.split())
    assert said == "Added: people. Noted, and will be looked at, because others have stated it since: records."
    assert office.does("breach", "add", reference, code, "records=3")["noted"] == ["records"]
    replaced = office.does("breach", "code", reference, code)["code"]
    assert "No report has this reference" in office("breach", "follow", reference, code).refusal
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(f"{replaced}\n".encode())))
    assert office.does("breach", "follow", reference, "-")["reference"] == reference


def test_the_reporter_sees_nothing_of_what_a_party_notes(begun: Concordat) -> None:
    told = ("--outcome", "SECRET-OUTCOME", "--evidence", "SECRET-EVIDENCE")
    begun.does("breach", "step", "1", COUNCIL, "contain", *told)
    again = begun.does("breach", "report", "--what", "x", "--party", COUNCIL)
    begun.does("breach", "merge", "2", "1", "--because", "SECRET-REASON")
    assert "SECRET" not in begun("breach", "follow", again["reference"], again["code"]).out
    assert "SECRET" not in json.dumps(begun.does("breach", "follow", again["reference"], again["code"]))


# --- what everybody sees --------------------------------------------------------------------------------------


def test_what_nobody_knows_is_said(begun: Concordat) -> None:
    facts = {fact["name"]: fact for fact in shown(begun)["facts"]}
    assert (facts["people"]["words"], facts["people"]["stated_by"]) == ("2", "secretary")
    assert (facts["records"]["words"], facts["records"]["stated_by"]) == ("unknown", None)
    assert "Unknown: " in begun("breach", "show", "1").out


def test_each_party_begins_by_the_procedure_for_its_kind(begun: Concordat) -> None:
    council, police = party_of(begun), party_of(begun, POLICE)
    assert (council["procedure"]["key"], council["procedure"]["standing"]) == ("council-model", "model")
    assert (council["regime"], police["regime"]) == ("UK GDPR", "law enforcement")
    assert [step["state"] for step in council["steps"][:2]] == ["open", "open"]
    assert step_of(begun, "service-desk")["missing"] == ["ICT involved"]
    assert step_of(begun, "assess")["waits_for"] == ["tell-dpo"]


def test_the_list_and_the_status_show_whose_72_hours_end_first(begun: Concordat) -> None:
    [line] = begun.does("breach", "list")
    assert (line["not_aware"], line["next_statutory"]) == ([POLICE, COUNCIL], None)
    assert aware(begun)["due_at"] == "2026-11-30T16:20:00+00:00"
    [line] = begun.does("status")["breaches"]
    assert line["next_statutory"] == {
        "party": COUNCIL, "due_at": "2026-11-30T16:20:00+00:00", "left": "2 days and 23 hours left", "overdue": False,
    }  # fmt: skip
    assert "2026-11-30 16:20 GMT" in begun("status").out
    begun.clock.goes_on(days=4)
    assert "OVERDUE by" in begun("breach", "list").out
    assert begun.does("status")["breaches"][0]["next_statutory"]["overdue"] is True


def test_exactly_at_the_72nd_hour_it_is_not_late(begun: Concordat) -> None:
    aware(begun)
    begun.clock.now = FRIDAY + timedelta(hours=72)
    assert begun.does("breach", "list")[0]["next_statutory"]["left"] == "due now"
    assert duty_of(begun, "regulator")["late"] is False
    begun.clock.goes_on(seconds=1)
    assert duty_of(begun, "regulator")["late"] is True


def test_history_tells_the_case(begun: Concordat) -> None:
    moves = begun.does("history", "breach:1")
    assert moves[0]["what"] == "reported"
    assert moves[-1]["moved_to"] == "assessing"


# --- what a party does ----------------------------------------------------------------------------------------


def test_a_corrected_number_takes_a_reason_and_opens_what_it_makes_due(begun: Concordat) -> None:
    assert "Give a reason" in begun("breach", "fact", "1", "people=4").refusal
    changed = begun.does("breach", "fact", "1", "people=4", "--because", "Two more are named.")["changed"]
    assert changed == {"people": 4}
    people = next(fact for fact in shown(begun)["facts"] if fact["name"] == "people")
    assert (people["corrected"], people["why"]) == (1, "Two more are named.")
    assert step_of(begun, "service-desk")["state"] == "unknown"
    begun.does("breach", "fact", "1", "ict-involved=yes")
    assert step_of(begun, "service-desk")["clock"]["kind"] == "step"
    assert begun.does("breach", "fact", "1", "ICT involved=yes")["changed"] == {}


def test_a_conclusion_says_what_follows_from_it(begun: Concordat) -> None:
    aware(begun)
    said = begun("breach", "conclude", "1", COUNCIL, "likely", "--because", "An address is known.")
    words = " ".join(said.out.split())
    assert "regulator: required, a risk to people is likely (UK GDPR art. 33(1))" in words
    assert "people: not required, the risk to people is not high" in words
    assert duty_of(begun, "regulator")["required"] is True
    begun.does("breach", "duty", "1", COUNCIL, "regulator", "not-required", "--because", "The letter was unread.")
    assert duty_of(begun, "regulator")["because"] == "The letter was unread."


def test_the_notice_is_printed_before_it_is_given_and_kept_as_it_was(begun: Concordat) -> None:
    aware(begun)
    draft = begun.does("breach", "notice", "1", COUNCIL)
    assert "consequences" in draft["missing"]
    assert HAPPENED in draft["text"]
    begun.clock.goes_on(hours=20)
    given = begun.does("breach", "notify", "1", COUNCIL, "--at", "2026-11-28T12:00", "--regulator-reference", "IC-1")
    assert (given["number"], given["kind"]) == (1, "initial")
    begun.does("breach", "fact", "1", "people=4", "--because", "Two more.")
    assert party_of(begun)["differs"] == ["people"]
    assert "it differs in: people" in begun("breach", "show", "1").out
    begun.does("breach", "notify", "1", COUNCIL, "--at", "2026-11-28T12:10")
    assert [notice["kind"] for notice in party_of(begun)["notices"]] == ["initial", "supplement"]


def test_a_late_notice_needs_its_reasons(begun: Concordat) -> None:
    aware(begun)
    begun.clock.goes_on(days=4)
    late = ("breach", "notify", "1", COUNCIL, "--at", "2026-11-30T16:21")
    assert "reasons for the delay" in begun(*late).refusal
    begun.does(*late, "--late-because", "The office was shut.")
    duty = duty_of(begun, "regulator")
    assert (duty["late"], duty["late_because"]) == (True, "The office was shut.")


def test_a_step_takes_what_shows_it_and_a_reason_when_it_is_skipped(begun: Concordat) -> None:
    step = ("breach", "step", "1", COUNCIL)
    assert "what shows that this was done" in begun(*step, "contain", "--outcome", "Back.").refusal
    begun.does(*step, "contain", "--outcome", "Back.", "--evidence", "note 17", "--at", "2026-11-27T16:10")
    assert (step_of(begun, "contain")["outcome"], step_of(begun, "contain")["evidence"]) == ("Back.", "note 17")
    assert "Give a reason" in begun(*step, "tell-dpo", "--skip").refusal
    begun.does(*step, "tell-dpo", "--skip", "--because", "The officer found it.")
    assert step_of(begun, "tell-dpo")["state"] == "skipped"
    assert "concordat breach notify" in begun(*step, "notify", "--outcome", "Sent.").refusal
    assert begun(*step, "contain", "--skip", "--outcome", "x").code == 2


def test_when_a_step_was_done_is_corrected_with_why(begun: Concordat) -> None:
    step, right = ("breach", "step", "1", COUNCIL, "contain"), ("--at", "2026-11-27T16:05")
    why = ("--because", "The note says so.")
    assert "has not been done" in begun(*step, "--correct", *right, *why).refusal
    begun.does(*step, "--outcome", "Back.", "--evidence", "note 17", "--at", "2026-11-27T16:10")
    assert "Give a reason" in begun(*step, "--correct", *right).refusal
    assert begun(*step, "--correct", *why).code == 2
    assert begun(*step, "--correct", *right, *why, "--outcome", "x").code == 2
    said = " ".join(begun(*step, "--correct", *right, *why).out.split())
    assert "was done on Friday 27 November 2026 16:05 GMT" in said
    assert "recorded as Friday 27 November 2026 16:10 GMT" in said
    assert step_of(begun, "contain")["ended_at"].startswith("2026-11-27T16:05")
    assert "recorded already" in begun(*step, "--correct", *right, *why).out.replace("\n", " ")


def test_a_hold_of_the_police_stops_the_letters_of_the_council(begun: Concordat) -> None:
    aware(begun)
    begun.does("breach", "conclude", "1", COUNCIL, "high", "--because", "Children.")
    begun.does("breach", "hold", "1", POLICE, "--because", "It would warn a suspect.")
    begun.clock.goes_on(minutes=10)
    letter = ("breach", "people", "1", COUNCIL, "--told-at", "2026-11-27T16:25", "--how", "by letter")
    assert "wait until it releases them" in begun(*letter).refusal
    assert duty_of(begun, "people")["held"] is True
    assert f"concordat breach hold 1 {POLICE} --release --because TEXT" in shown(begun)["next"]
    begun.does("breach", "hold", "1", POLICE, "--confirm", "--because", "Still so.")
    begun.clock.goes_on(hours=1)
    begun.does("breach", "hold", "1", POLICE, "--release", "--because", "He was heard.")
    begun.clock.goes_on(hours=1)
    begun.does("breach", "people", "1", COUNCIL, "--told-at", "2026-11-27T18:00", "--how", "by letter")
    assert duty_of(begun, "people")["done_at"] == "2026-11-27T18:00:00+00:00"


def test_people_are_told_or_need_not_be(begun: Concordat) -> None:
    aware(begun)
    begun.does("breach", "conclude", "1", COUNCIL, "high", "--because", "Children.")
    assert begun("breach", "people", "1", COUNCIL).code == 2
    begun.does("breach", "people", "1", COUNCIL, "--not-required", "--because", "Nobody could read it.")
    assert (duty_of(begun, "people")["required"], duty_of(begun, "people")["because"]) == (
        False, "Nobody could read it.",
    )  # fmt: skip


def test_partners_ask_each_other_and_no_clock_waits(begun: Concordat) -> None:
    asked = begun.does("breach", "consult", "1", COUNCIL, POLICE, "--question", "May we write to the school?")
    assert f"concordat breach answer {asked['question']} --answer TEXT" in shown(begun)["next"]
    begun.does("breach", "answer", str(asked["question"]), "--answer", "Yes.")
    [line] = shown(begun)["consultations"]
    assert (line["asked_by"], line["asked_of"], line["answer"]) == (COUNCIL, POLICE, "Yes.")
    begun.does("breach", "partners", "1", COUNCIL, "--told-at", AWARE)
    assert duty_of(begun, "partners")["done_at"] == "2026-11-27T16:20:00+00:00"


def test_another_party_is_affected_and_then_is_not(begun: Concordat) -> None:
    begun.does("breach", "affect", "1", TRUST, "--because", "The nurse had a copy.")
    assert party_of(begun, TRUST)["procedure"]["key"] == "nhs-trust-model"
    begun.does("breach", "not-affected", "1", TRUST, "--because", "It had none.")
    assert party_of(begun, TRUST)["end"] == "not affected"
    begun.does("breach", "reopen", "1", "--party", TRUST, "--because", "It had one after all.")
    assert party_of(begun, TRUST)["end"] is None


def test_the_regime_is_a_persons_to_say(begun: Concordat) -> None:
    changed = begun.does("breach", "regime", "1", COUNCIL, "law-enforcement", "--because", "It prosecutes.")
    assert (changed["regime"], changed["capacity"]) == ("law enforcement", "controller")
    assert "s.67" in duty_of(begun, "regulator")["law"]
    begun.does("breach", "regime", "1", POLICE, "uk-gdpr", "--capacity", "processor", "--because", "For the council.")
    assert party_of(begun, POLICE)["capacity"] == "processor"


def test_the_score_is_recorded_with_its_sum(begun: Concordat) -> None:
    factors = ("--dpc", "sensitive=4", "--ei", "0.75", "--cb", "confidentiality=0.25")
    scored = begun.does("breach", "assess", "1", *factors)
    assert (scored["score"], scored["band"]) == ("3.25", "high")
    assert shown(begun)["severity"]["score"] == "3.25"
    assert "4 × 0.75 + 0.25" in begun("breach", "show", "1").out


def test_a_near_miss_is_recorded_and_can_be_reopened(begun: Concordat) -> None:
    assert begun("breach", "end", "1", "merged", "--because", "x").code == 2
    begun.does("breach", "end", "1", "near-miss", "--because", "It was caught in the post room.")
    assert begun.does("breach", "list") == []
    assert begun.does("breach", "list", "--all")[0]["outcome"] == "near miss"
    assert "reopen it first" in begun("breach", "fact", "1", "people=3", "--because", "x").refusal
    begun.does("breach", "reopen", "1", "--because", "One letter did leave.")
    assert shown(begun)["stage"] == "assessing"


def test_what_is_reported_twice_goes_on_as_one(begun: Concordat) -> None:
    begun.does("breach", "report", "--what", "The same letter.", "--people", "3", "--party", TRUST)
    merged = begun.does("breach", "merge", "2", "1", "--because", "It is the same letter.")
    assert "people" in merged["differing"]
    assert {each["party"] for each in shown(begun)["follow_ups"]} >= {COUNCIL, POLICE}
    assert "goes on as breach 1" in begun("breach", "show", "2").out


def test_whoever_is_away_is_stood_in_for_at_once(begun: Concordat) -> None:
    away = ("contact", "away", COUNCIL, "breach-coordinator")
    begun.does(*away, "--until", "2026-12-04")
    assert {clock["role"] for clock in party_of(begun)["clocks"]} == {"data protection officer"}
    begun.does(*away, "--back")
    assert begun(*away).code == 2
    assert begun(*away, "--back", "--until", "2026-12-04").code == 2
    assert "has passed" in begun(*away, "--until", "2026-11-26").refusal


# --- the whole of it, on both databases -----------------------------------------------------------------------


def test_from_the_report_to_the_gap(either: Concordat) -> None:
    office = begin(either)
    aware(office)
    office.does("breach", "not-affected", "1", POLICE, "--because", "It only wrote the letter.")
    office.does("breach", "conclude", "1", COUNCIL, "unlikely", "--because", "It came back unread.")
    office.does("breach", "fact", "1", "ict-involved=no", "measures=Fetched.", "consequences=None.", "cause=Haste.")
    before = rows(office)
    for number, step in enumerate(party_of(office)["steps"]):
        if step["duty"] is None and step_of(office, step["step"])["state"] in ("open", "waiting", "unknown"):
            done = ("--outcome", "Done.", "--evidence", f"note {number}")
            office.does("breach", "step", "1", COUNCIL, step["step"], *done)
    assert rows(office)["steprecord"] > before["steprecord"]
    office.does("breach", "partners", "1", COUNCIL, "--told-at", AWARE)
    learnt = ("--cause", "wrong recipient", "--words", "No second look at the address.")
    lesson = ("breach", "lesson", "1", COUNCIL, *learnt)
    office.does(*lesson, "--effect", "gap", "--clause", "12-security", "--urgent")
    office.does(*lesson, "--effect", "action", "--due", "2027-01-29")
    [gap] = office.does("gap", "list")
    assert (gap["clause"], gap["urgent"], gap["origins"]) == ("12-security", True, ["breach:1"])
    assert office.does("gap", "show", str(gap["id"]))["words"] == "No second look at the address."
    office.does("breach", "finish", "1", COUNCIL)
    office.does("breach", "close", "1")
    assert (shown(office)["stage"], shown(office)["outcome"]) == ("closed", "followed up")
    [action] = shown(office)["next"]
    office.does("breach", "action", action.split()[3], "--outcome", "The list is clean.")
    assert shown(office)["next"] == []
    assert office("verify").code == 0


def wrong(tmp_path: Path) -> dict[tuple[str, ...], tuple[int, str]]:
    """What somebody may type, and what is answered: 1 for what is refused, 2 for a wrong command line."""
    (tmp_path / "huge.txt").write_text("A letter went astray. " * 240_000)
    (tmp_path / "broken.yaml").write_text("what happened: [unclosed\n")
    (tmp_path / "wrong.yaml").write_text("what happend: A letter.\npeople: {}\nreporter: {kind: shy}\n")
    report, fact = ("breach", "report"), ("breach", "fact", "1")
    told = ("--who", "manager", "--because", "seen")
    return {
        (*report, "--what", HAPPENED, "--detected", "2026-11-28T09:00"): (1, "has not come yet"),
        (*report, "--what", HAPPENED, "--occurred-from", "2026-11-27", "--occurred-to", "2026-11-26"): (1, "begun"),
        (*report, "--what", HAPPENED, "--occurred-from", "yesterday"): (1, "neither a date"),
        (*report, "--what", HAPPENED, "--occurred-from", "2026-10-25T01:30"): (1, "happens twice"),
        (*report, "--what", HAPPENED, "--party", "nowhere"): (1, "There is no party “nowhere”"),
        (*report, "--what", HAPPENED, "--clause", "99"): (1, "There is no clause “99”"),
        (*report, "--what", HAPPENED, "--people", "-3"): (1, "not negative"),
        (*report, "--what", HAPPENED, "--data", "gossip"): (1, "“kinds of data”"),
        (*report, "--what", f"@{tmp_path / 'huge.txt'}"): (1, "at most 20,000"),
        (*report, "--what", HAPPENED, "--reporter", "Team 4", "--anonymous"): (1, "without a name"),
        (*report, "--what", HAPPENED, "--confidential"): (1, "Say who reports it"),
        (*report, "--what", HAPPENED, "--confidential", "--anonymous"): (2, "either confidential or anonymous"),
        (*report,): (1, "Say what happened"),
        (*report, "--what", "a\0b"): (1, "no text has"),
        (*report, "--from", str(tmp_path / "none.yaml")): (1, "no such file"),
        (*report, "--from", str(tmp_path / "broken.yaml")): (1, "broken.yaml:"),
        (*report, "--from", str(tmp_path / "wrong.yaml")): (1, "wrong.yaml:1: found the key 'what happend'"),
        ("breach", "follow", "BR-2026-7K3Q9M", "0000 0000 0000 0000"): (1, "No report has this reference"),
        ("breach", "follow", "nonsense", "nonsense"): (1, "No report has this reference"),
        ("breach", "code", "BR-2026-7K3Q9M", "1"): (1, "No report has this reference"),
        ("breach", "add", "BR-2026-7K3Q9M", "1", "people=3"): (1, "No report has this reference"),
        ("breach", "show", "99"): (1, "There is no breach 99"),
        ("breach", "show", "-1"): (2, ""),
        ("breach", "aware", "1", COUNCIL, "--at", "2026-11-27", *told): (1, "say the time too"),
        ("breach", "aware", "1", COUNCIL, "--at", "2026-11-29T09:00", *told): (1, "has not come yet"),
        ("breach", "aware", "1", TRUST, "--at", AWARE, *told): (1, f"concordat breach affect 1 {TRUST}"),
        ("breach", "aware", "9", COUNCIL, "--at", AWARE, *told): (1, "There is no breach 9"),
        ("breach", "conclude", "1", COUNCIL, "dreadful", "--because", "x"): (2, "none of"),
        ("breach", "conclude", "1", COUNCIL, "likely", "--because", "x"): (1, "concordat breach aware"),
        ("breach", "notify", "1", COUNCIL, "--at", AWARE): (1, "concordat breach aware"),
        ("breach", "hold", "1", COUNCIL, "--because", "x"): (1, "law-enforcement"),
        ("breach", "hold", "1", POLICE, "--because", " "): (1, "Give a reason"),
        ("breach", "step", "1", COUNCIL, "dance", "--outcome", "x"): (1, "has no step “dance”"),
        (*fact, "people"): (2, "NAME=VALUE"),
        (*fact, "poeple=3"): (2, "none of"),
        (*fact, "people=2", "people=3"): (2, "given twice"),
        (*fact, "severity-factors=4"): (2, "breach assess"),
        (*fact, "likelihood=9"): (1, "from 1 to 5"),
        ("breach", "assess", "1", "--dpc", "gossip=4", "--ei", "1", "--cb", "none"): (1, "not among the factors"),
        ("breach", "consult", "1", COUNCIL, COUNCIL, "--question", "x"): (1, "cannot consult itself"),
        ("breach", "answer", "9", "--answer", "x"): (1, "There is no question 9"),
        ("breach", "action", "9", "--outcome", "x"): (1, "There is no obligation"),
        ("breach", "finish", "1", COUNCIL): (1, "cannot end yet"),
        ("breach", "close", "1"): (1, "concordat breach finish"),
        ("breach", "merge", "1", "1", "--because", "x"): (1, "into itself"),
        ("gap", "show", "1"): (1, "There is no gap 1"),
        ("procedure", "assign", COUNCIL, "nonsense"): (1, "There is no procedure “nonsense”"),
        ("procedure", "load", str(tmp_path / "broken.yaml")): (1, "broken.yaml:"),
    }


@on_postgres_among_the_slow
def test_what_is_wrong_is_refused_with_a_sentence_and_stores_nothing(either: Concordat, tmp_path: Path) -> None:
    office = begin(either)
    before = rows(office)
    for arguments, (code, sentence) in wrong(tmp_path).items():
        said = office(*arguments)
        assert (said.code, said.out) == (code, ""), f"{arguments}: {said}"
        assert sentence in " ".join(said.err.replace("│", " ").split()), f"{arguments}: {said.err}"
        assert "Traceback" not in said.err
        assert rows(office) == before, arguments


def test_no_message_holds_what_was_reported(begun: Concordat) -> None:
    aware(begun)
    begun.does("breach", "conclude", "1", COUNCIL, "high", "--because", "SECRET-REASON")
    for message in begun.read(lambda session: session.exec(select(Message)).all()):
        assert HAPPENED not in message.text
        assert "SECRET-REASON" not in message.text


# --- the parties' procedures ----------------------------------------------------------------------------------


def test_procedures_are_kept_and_given_to_parties(office: Concordat, tmp_path: Path) -> None:
    kept = {each["key"]: each for each in office.does("procedure", "list")["bedfordshire"]}
    assert COUNCIL in kept["council-model"]["parties"]
    assert sum(len(each["parties"]) for each in kept.values()) == 17
    own = (BEDFORDSHIRE / "procedures" / "council.yaml").read_text()
    own = own.replace("id: council-model", "id: luton-own").replace("standing: model", "standing: own")
    (tmp_path / "own.yaml").write_text(own.replace("kinds: [council]", f"parties: [{COUNCIL}]"))
    assert office.does("procedure", "load", str(tmp_path))["new"] == ["luton-own"]
    assert office.does("procedure", "load", str(tmp_path / "own.yaml"))["new"] == []
    kept = {each["key"]: each for each in office.does("procedure", "list", "bedfordshire")["bedfordshire"]}
    assert kept["luton-own"]["parties"] == [COUNCIL]
    office.does("procedure", "assign", COUNCIL, "council-model")
    assert party_of(begin(office))["procedure"]["key"] == "council-model"


def test_a_version_that_is_kept_never_changes(office: Concordat, tmp_path: Path) -> None:
    text = (BEDFORDSHIRE / "procedures" / "council.yaml").read_text()
    other = text.replace("within: PT8H", "within: PT9H")
    (tmp_path / "council.yaml").write_text(other)
    assert "versions never change" in office("procedure", "load", str(tmp_path)).refusal
    (tmp_path / "council.yaml").write_text(other.replace("version: 1", "version: 2"))
    office.does("procedure", "load", str(tmp_path))
    assert party_of(begin(office))["procedure"]["version"] == 2
