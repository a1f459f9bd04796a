"""The secretary takes a breach from a telephone call to its end, for two parties under two laws."""

from datetime import UTC, datetime
from html import unescape
from typing import Any

import pytest
from sqlmodel import col, select
from starlette.testclient import TestClient

from models.access import Standing
from models.breach import Awareness, Breach, BreachOutcome, BreachReport, Conclusion, FollowUp, FollowUpEnd, StepRecord
from models.store import reading
from rules.breach import Stage
from rules.breach_duties import Regime, Risk
from tests.actions.breach_world import sweep_breaches
from tests.web.site import Site

COUNCIL, POLICE = "luton-borough-council", "bedfordshire-police"
FRIDAY = datetime(2026, 10, 23, 15, 30, tzinfo=UTC)  # the clocks go back on Sunday
HAPPENED = "A safeguarding referral of the police went to the wrong family."
REPORT = {
    "happened": HAPPENED, "parties": [COUNCIL, POLICE], "detected_on-day": "23", "detected_on-month": "10",
    "detected_on-year": "2026", "detected_at": "16:05", "data": ["safeguarding", "contact details"],
    "people_kinds": "children", "people": "2", "measures": "The family was asked to keep the letter closed.",
    "reporter_kind": "confidential", "reporter": "Robin Reporter", "reach": "robin@example.org",
    "reporter_party": COUNCIL,
}  # fmt: skip
BREACH = "/console/breaches/1"
AT = {COUNCIL: f"{BREACH}/parties/{COUNCIL}", POLICE: f"{BREACH}/parties/{POLICE}"}


def when(name: str, moment: str) -> dict[str, str]:
    """`2026-10-23 16:20`, as the form's four inputs."""
    day, time = moment.split()
    year, month, on = day.split("-")
    return {f"{name}-day": on, f"{name}-month": month, f"{name}-year": year, f"{name}-time": time}


def errors_in(page: str) -> list[str]:
    """What the page's summary of errors says."""
    summary = page.partition("govuk-error-summary__list")[2].partition("</ul>")[0]
    return [unescape(each.partition("<")[0]) for each in summary.split('">')[2:]]


def did(browser: TestClient, path: str, **data: Any) -> str:
    """Done, and what the next page says of it."""
    answer = browser.post(path, data=data)
    assert answer.status_code == 303, errors_in(answer.text)
    return str(browser.get(answer.headers["location"]).text)


@pytest.fixture
def friday(site: Site) -> Site:
    """Reported by telephone that Friday, and the follow-ups are open."""
    site.now = FRIDAY
    answer = site.console().post("/console/breaches/new", data=REPORT)
    assert answer.status_code == 200
    sweep_breaches(site, site.now)  # type: ignore[arg-type]
    return site


def test_a_report_by_telephone_gets_a_reference_and_a_code_that_is_shown_once(site: Site) -> None:
    site.now = FRIDAY
    browser = site.console()
    form = browser.get("/console/breaches/new")
    assert form.status_code == 200
    shown = browser.post("/console/breaches/new", data=REPORT)
    with reading(site.store) as session:
        report = session.exec(select(BreachReport)).one()
        assert (report.reporter_kind, report.reporter, report.reach) == (
            "confidential",
            "Robin Reporter",
            "robin@example.org",
        )
        assert report.reference in shown.text
    assert "shown this one time" in shown.text
    code = shown.text.split('concordat-code">')[1].split("<")[0]
    assert len(code.replace(" ", "")) == 16
    assert code not in browser.get(BREACH).text
    sweep_breaches(site, site.now)  # type: ignore[arg-type]
    with reading(site.store) as session:
        assert {each.regime for each in session.exec(select(FollowUp))} == {Regime.UK_GDPR, Regime.LAW_ENFORCEMENT}


def test_both_clocks_stand_side_by_side_with_the_hours_that_pass_over_the_change_of_the_clocks(friday: Site) -> None:
    browser = friday.console()
    friday.later(hours=3)
    said = did(browser, f"{AT[COUNCIL]}/aware", **when("at", "2026-10-23 16:20"), who="team manager", because="Seen.")
    assert "The 72 hours end on 26 October 2026, 15:20 GMT" in said
    did(browser, f"{AT[POLICE]}/aware", **when("at", "2026-10-23 17:05"), who="duty inspector", because="They rang.")
    page = browser.get(BREACH).text
    clocks = page.split('aria-label="The parties’ clocks"')[1].split("</table>")[0]
    rows = {slug: clocks.split(f'/parties/{slug}"')[1].split("</tr>")[0] for slug in (COUNCIL, POLICE)}
    assert "23 October 2026, 16:20 BST" in rows[COUNCIL]
    assert "26 October 2026, 15:20 GMT" in rows[COUNCIL]
    assert "2 days and 20 hours left" in rows[COUNCIL]
    assert "26 October 2026, 16:05 GMT" in rows[POLICE]
    assert all("across the change of the clocks" in row for row in rows.values())
    assert "UK GDPR art. 33" in rows[COUNCIL]
    assert "First asked for on 23 October 2026" in rows[POLICE]  # “immediately” is no hour to be late by
    assert "DPA 2018 s.67" in rows[POLICE]
    with reading(friday.store) as session:
        assert [each.aware_at for each in session.exec(select(Awareness).order_by(col(Awareness.id)))] == [
            datetime(2026, 10, 23, 15, 20, tzinfo=UTC), datetime(2026, 10, 23, 16, 5, tzinfo=UTC),
        ]  # fmt: skip


def test_a_breach_goes_from_awareness_to_its_end_in_two_parties(friday: Site) -> None:
    browser = friday.console()
    friday.later(hours=3)
    for slug, at in ((COUNCIL, "2026-10-23 16:20"), (POLICE, "2026-10-23 17:05")):
        did(browser, f"{AT[slug]}/aware", **when("at", at), who="duty officer", because="It was seen.")
        did(browser, f"{AT[slug]}/steps/contain", outcome="The letter is back.", evidence="visit note 17")
        did(browser, f"{AT[slug]}/steps/tell-dpo", outcome="Told by telephone.")
    did(browser, f"{AT[POLICE]}/hold", what="place", because="A letter now would warn a suspect.")
    assert "We ask" in did(
        browser, f"{AT[COUNCIL]}/consult", of=POLICE, question="We ask: may we telephone the school?"
    )
    assert "Yes, its head" in did(browser, "/console/breaches/questions/1/answer", answer="Yes, its head teacher.")
    said = did(browser, f"{BREACH}/facts/people", value="4", because="Two more children.")
    assert "Earlier values" in said
    for fact, value in (("consequences", "The address may be known."), ("cause", "An old address was used.")):
        did(browser, f"{BREACH}/facts/{fact}", value=value)
    for fact, value in (("ict-involved", "no"), ("immediate-risk-of-harm", "no"), ("personal-data", "yes")):
        did(browser, f"{BREACH}/facts/{fact}", value=value)
    factors = {"sensitive": "4", "ease": "0.75", "confidentiality": "0.25"}
    assert "3.25, high" in did(browser, f"{BREACH}/assess", **factors)
    officer = "data protection officer"
    did(browser, f"{AT[COUNCIL]}/conclude", risk="high", concluded_by=officer, because="Children are named.")
    did(browser, f"{AT[POLICE]}/conclude", risk="likely", concluded_by=officer, because="One address.")
    did(browser, f"{BREACH}/facts/records", value="1")
    did(browser, f"{BREACH}/facts/nature", value="confidentiality")
    assert f"{AT[COUNCIL]}/notify" in browser.get(BREACH).text
    friday.now = datetime(2026, 10, 26, 11, tzinfo=UTC)
    browser = friday.console()
    did(browser, f"{AT[COUNCIL]}/notify", **when("at", "2026-10-26 10:45"), regulator_reference="IC-4711")
    did(browser, f"{AT[POLICE]}/notify", **when("at", "2026-10-26 10:55"))
    did(browser, f"{AT[POLICE]}/hold", what="release", because="The interview has been held.")
    friday.later(hours=1)
    did(browser, f"{AT[COUNCIL]}/people", answer="told", **when("told_at", "2026-10-26 11:30"), how="In person.")
    for slug in (COUNCIL, POLICE):
        did(browser, f"{AT[slug]}/partners", **when("told_at", "2026-10-23 17:05"))
        _take_every_step(friday, browser, slug)
        did(browser, f"{AT[slug]}/lesson", cause="wrong recipient", learnt="Nothing here.", effect="none",
            none_because="It could not have been prevented.")  # fmt: skip
        finished = did(browser, f"{AT[slug]}/finish", no_supplement_because="Nothing of it changes the notice.")
        assert "is complete" in finished
    assert "Breach 1 is closed" in did(browser, f"{BREACH}/close")
    with reading(friday.store) as session:
        breach = session.exec(select(Breach)).one()
        assert (breach.stage, breach.outcome) == (Stage.CLOSED, BreachOutcome.FOLLOWED_UP)
        assert {each.end for each in session.exec(select(FollowUp))} == {FollowUpEnd.COMPLETE}
        risks = [each.risk for each in session.exec(select(Conclusion).order_by(col(Conclusion.id)))]
        assert risks == [Risk.HIGH, Risk.LIKELY]
        assert {each.recorded_by for each in session.exec(select(StepRecord)) if each.recorded_by != "clock"} == {
            "secretary (user 1)"
        }
    assert "is open again" in did(browser, f"{BREACH}/reopen", because="A second letter.")


def _take_every_step(site: Site, browser: TestClient, slug: str) -> None:
    for _ in range(12):
        steps = site.program().get(f"/api/breaches/1/parties/{slug}").json()["of"]["steps"]
        left = [each["step"] for each in steps if each["state"] == "open" and not each["duty"]]
        if not left:
            return
        did(browser, f"{AT[slug]}/steps/{left[0]}", outcome="Done.", evidence="note 2")


def test_the_list_puts_what_is_overdue_first_and_filters_by_its_address(friday: Site) -> None:
    browser = friday.console()
    friday.later(hours=3)
    did(browser, f"{AT[COUNCIL]}/aware", **when("at", "2026-10-23 16:20"), who="manager", because="Seen.")
    browser.post("/console/breaches/new", data={"happened": "A parcel stood open.", "reporter_kind": "anonymous"})
    friday.later(days=4)
    browser = friday.console()
    page = browser.get("/console/breaches").text
    assert page.index("Breach 1") < page.index("Breach 2")
    assert "Overdue</strong> by one day and 3 hours" in page
    assert "Breach 2" not in browser.get(f"/console/breaches?party={COUNCIL}").text
    assert "Breach 1<" not in browser.get("/console/breaches?stage=reported").text
    assert "There is none of these" in browser.get("/console/breaches?state=closed").text
    table = browser.get("/console/breaches.csv?stage=reported")
    assert table.headers["content-disposition"].endswith("breaches-2026-10-27.csv")
    lines = table.text.splitlines()
    assert len(lines) == 2
    assert lines[1].startswith("2,bedfordshire,reported,")


def test_cells_that_a_table_program_would_compute_are_made_harmless() -> None:
    from web.console.breach_list import harmless

    assert [harmless(each) for each in ("=1+1", "+44", "-1", "@x", "\tx", "luton", 3, None)] == [
        "'=1+1", "'+44", "'-1", "'@x", "'\tx", "luton", "3", "",
    ]  # fmt: skip


def test_a_confidential_reporter_is_known_to_the_secretary_and_nowhere_else(friday: Site) -> None:
    for seen in (friday.console().get(BREACH), friday.program().get("/api/breaches/1")):
        assert "Robin Reporter" in seen.text
        assert "robin@example.org" in seen.text
    for standing in (Standing.ASSISTANT, Standing.AUDITOR):
        page, answer = friday.console(standing).get(BREACH), friday.program(standing).get("/api/breaches/1")
        assert "confidential. Only the secretary knows who it is." in page.text
        assert "Robin" not in page.text + answer.text
        assert "robin@" not in page.text + answer.text
        [reporter] = answer.json()["view"]["reporters"]
        assert (reporter["kind"], reporter["reporter"], reporter["party"]) == ("confidential", None, None)
    for path in (AT[COUNCIL], AT[POLICE], f"{AT[COUNCIL]}/notice", f"{AT[COUNCIL]}/notice.txt", "/console/breaches"):
        assert "Robin" not in friday.console().get(path).text, path
    with reading(friday.store) as session:
        from models.outbox import Message

        assert not [each for each in session.exec(select(Message)) if "Robin" in each.text + each.html + each.subject]


def test_who_reports_with_their_name_is_known_to_assistants_too(site: Site) -> None:
    site.now = FRIDAY
    site.console().post("/console/breaches/new", data={**REPORT, "reporter_kind": "named"})
    assert "Robin Reporter" in site.console(Standing.ASSISTANT).get(BREACH).text
    seen = site.console(Standing.AUDITOR).get(BREACH).text
    assert f"named, of {COUNCIL}. The secretary and assistants know who it is." in seen
    assert "Robin" not in seen


def test_the_notice_is_a_page_and_a_text_file(friday: Site) -> None:
    browser = friday.console()
    page = browser.get(f"{AT[COUNCIL]}/notice")
    assert "Nobody has said yet" in page.text
    file = browser.get(f"{AT[COUNCIL]}/notice.txt")
    assert file.headers["content-type"].startswith("text/plain")
    assert file.headers["content-disposition"].endswith(f"breach-1-notice-{COUNCIL}.txt")
    assert HAPPENED.split()[1] in file.text
