"""A breach is reported, a page at a time: nothing is kept before "Send", and the code is shown once."""

import re
from typing import Any

import pytest
from sqlmodel import col, select

from actions.breaches.facts import facts_of
from actions.breaches.reporters import reader_of
from models.breach import Breach, BreachReport, ReporterKind
from models.history import History
from models.store import reading
from rules.breach_facts import FactName
from tests.web.reading_pages import Reader, code_on
from tests.web.site import Site
from web.limits import LIMITS, SENT_FROM_AN_ADDRESS
from web.reporting import sending

WHAT = "A safeguarding referral went to the wrong family."


def reports(site: Site) -> list[BreachReport]:
    with reading(site.store) as session:
        found = list(session.exec(select(BreachReport).order_by(col(BreachReport.id))))
        session.expunge_all()
        return found


def facts(site: Site, number: int = 1) -> dict[FactName, Any]:
    with reading(site.store) as session:
        return facts_of(session, session.get_one(Breach, number))


def through(reader: Reader) -> Reader:
    """Every page answered, up to the check."""
    reader.press(what=WHAT)
    reader.press(parties=["bedfordshire-police", "bedford-borough-council"])
    reader.press(occurred__day="20", occurred__month="11", occurred__year="2026", occurred_time="16:20",
                 noticed__day="22", noticed__month="11", noticed__year="2026")  # fmt: skip
    reader.press(data=["safeguarding", "health"])
    reader.press(people="4", people_kinds=["children"])
    reader.press(reporter_kind="confidential")
    return reader.press(reporter="Robin Vale", reach="01234 000000", works_at="bedford-borough-council")


def test_the_whole_path_keeps_what_was_said_and_nothing_before_it_is_sent(site: Site) -> None:
    reader = through(Reader(site))
    assert reader.heading == "Check your answers before you send"
    for said in (WHAT, "Safeguarding", "Confidentially", "Robin Vale", "20 November 2026", "16:20", "Children"):
        assert said in reader.text
    assert reports(site) == []
    reader.press()
    assert reader.page.status_code == 200
    [report] = reports(site)
    assert (report.reporter_kind, report.reporter, report.reach) == (
        ReporterKind.CONFIDENTIAL, "Robin Vale", "01234 000000",
    )  # fmt: skip
    assert report.reference in reader.text
    known = facts(site)
    assert known[FactName.HAPPENED] == WHAT
    assert set(known[FactName.PARTIES]) == {"bedford-borough-council", "bedfordshire-police"}
    assert (known[FactName.OCCURRED_FROM], known[FactName.DETECTED]) == ("2026-11-20T16:20:00+00:00", "2026-11-22")
    assert (known[FactName.PEOPLE], known[FactName.DATA]) == (4, ["health", "safeguarding"])
    with reading(site.store) as session:
        assert reader_of(session, report.reference, code_on(reader)).id == report.id


def test_with_one_press_everything_but_what_happened_stays_unknown(site: Site) -> None:
    reader = Reader(site).rest(what=WHAT)
    assert reader.heading == "Check your answers before you send"
    assert "Anonymously" in reader.text
    reader.press()
    [report] = reports(site)
    assert (report.reporter_kind, report.reporter, report.party_id) == (ReporterKind.ANONYMOUS, None, None)
    assert facts(site) == {FactName.HAPPENED: WHAT}


def test_going_back_and_changing_keep_every_answer_right_or_wrong(site: Site) -> None:
    reader = Reader(site).press(what=WHAT).press(parties=["bedfordshire-police"])
    reader.go("organisations", occurred__day="31", occurred__month="2", occurred__year="2026")
    assert reader.page.status_code == 200
    assert reader.form.values["parties"] == ["bedfordshire-police"]
    assert reader.go("what-happened").form.values["what"] == [WHAT]
    reader.press().press()
    assert reader.form.values["occurred-day"] == ["31"]
    assert "must be a real date" in reader.press().text
    assert reader.page.status_code == 422
    reader.press(occurred__month="10").press().press(people="3").press(reporter_kind="anonymous")
    reader.go("people")
    assert reader.form.values["people"] == ["3"]
    reader.press(people="5")
    assert reader.heading == "Check your answers before you send"
    assert "31 October 2026" in reader.text
    reader.press()
    assert (facts(site)[FactName.PEOPLE], facts(site)[FactName.OCCURRED_FROM]) == (5, "2026-10-31")


def test_who_changes_to_reporting_with_a_name_is_asked_for_it_and_who_changes_back_leaves_none(site: Site) -> None:
    reader = Reader(site).rest(what=WHAT).go("how").press(reporter_kind="named")
    assert reader.heading == "Who are you?"
    reader.press(reporter="Robin Vale")
    assert reader.heading == "Check your answers before you send"
    reader.go("how").press(reporter_kind="anonymous")
    assert "Robin Vale" not in re.sub(r"<input[^>]*>", "", reader.text)
    reader.press()
    [report] = reports(site)
    assert (report.reporter_kind, report.reporter) == (ReporterKind.ANONYMOUS, None)


WRONG = [
    ("what-happened", {"what": "  "}, "Say what happened"),
    ("what-happened", {"what": "a\0b"}, "no text has"),
    ("what-happened", {"what": "x" * 10_001}, "10,000 characters or fewer"),
    ("organisations", {"parties": ["bedfordshire-police", "unknown"]}, "not both"),
    ("organisations", {"parties": ["atlantis"]}, "Choose one of the answers"),
    ("when", {"occurred-day": "1", "occurred-month": "1", "occurred-year": "2030"}, "today or in the past"),
    ("when", {"occurred_time": "16:20"}, "Enter the day as well"),
    ("when", {"noticed-day": "22", "noticed-month": "11", "noticed-year": "2026", "noticed_time": "25:99"},
     "hours and minutes"),
    ("when", {"noticed-day": "23", "noticed-month": "11", "noticed-year": "2026", "noticed_time": "23:00"},
     "must be in the past"),
    ("when", {"occurred-day": "25", "occurred-month": "10", "occurred-year": "2026", "occurred_time": "01:30"},
     "came twice"),
    ("information", {"data": ["gossip"]}, "Choose one of the answers"),
    ("people", {"people": "a few"}, "whole number"),
    ("people", {"people": "-1"}, "0 or more"),
    ("how", {}, "Choose how you want to report"),
    ("your-name", {"reporter_kind": "named"}, "Enter your name"),
    ("your-name", {"reporter_kind": "named", "reporter": "R", "reach": "x" * 255}, "254 characters or fewer"),
]  # fmt: skip


@pytest.mark.parametrize(("page", "answers", "sentence"), WRONG)
def test_a_wrong_answer_comes_back_with_everything_kept(
    site: Site, page: str, answers: dict[str, Any], sentence: str
) -> None:
    reader = Reader(site)
    kept = {"what": WHAT, "people": "3", "key": "a-key-of-mine", **answers}
    reader.page = reader.browser.post(f"/report/{page}", data=kept)
    assert reader.page.status_code == 422
    assert "There is a problem" in reader.text
    assert "<title>Error: " in reader.page.text
    assert sentence in reader.text
    for name, value in kept.items():
        values = value if isinstance(value, list) else [value]
        known = {"atlantis", "gossip"}  # not offered, so not shown
        assert (name == "what" and "\0" in value) or set(values) - known <= set(reader.form.values.get(name, [])), name
    assert reports(site) == []


def test_a_page_that_is_opened_by_itself_can_be_answered_and_the_check_says_what_is_missing(site: Site) -> None:
    reader = Reader(site)
    reader.page = reader.browser.get("/report/check")
    assert "Not answered yet" in reader.text
    reader.press()
    assert reader.page.status_code == 422
    assert "Look again at “What happened?”" in reader.text
    assert reader.go("what-happened").press(what=WHAT).press().page.status_code == 200
    assert len(reports(site)) == 1


def test_sent_twice_it_is_one_report_and_the_code_is_not_shown_again(site: Site) -> None:
    reader = Reader(site).rest(what=WHAT)
    form = reader.form
    reader.press()
    code = code_on(reader)
    reader.page = reader.browser.post(form.action, data=form.values)
    assert reader.heading == "This report has been sent already"
    assert code not in reader.text
    assert "cannot be shown again" in reader.text
    [report] = reports(site)
    assert report.reference in reader.text
    changed = form.values | {"what": ["Something else."]}
    again = reader.browser.post(form.action, data=changed)
    assert again.status_code == 422
    assert "sent already" in again.text
    assert len(reports(site)) == 1


def test_whoever_never_saw_the_code_has_another_one_soon_and_once(site: Site) -> None:
    reader = Reader(site).rest(what=WHAT)
    form = reader.form
    reader.press()
    first = code_on(reader)
    site.later(minutes=2)
    reader.page = reader.browser.post(form.action, data=form.values)
    second = code_on(reader.press())
    assert second != first
    [report] = reports(site)
    with reading(site.store) as session:
        assert reader_of(session, report.reference, second).id == report.id
    site.later(minutes=1)
    key = form.values["key"][0]
    assert reader.browser.post("/report/another-code", data={"key": key}).status_code == 422
    assert "Show me another code" not in reader.browser.post(form.action, data=form.values).text


def test_after_ten_minutes_nobody_has_a_code_by_the_form(site: Site) -> None:
    reader = Reader(site).rest(what=WHAT)
    form = reader.form
    reader.press()
    site.later(minutes=11)
    assert "Show me another code" not in reader.browser.post(form.action, data=form.values).text
    for key in (form.values["key"][0], "somebody-elses", ""):
        assert reader.browser.post("/report/another-code", data={"key": key}).status_code == 422


def test_only_who_has_saved_the_code_goes_on(site: Site) -> None:
    reader = Reader(site).rest(what=WHAT).press()
    code = code_on(reader)
    reader.press()
    assert reader.page.status_code == 422
    assert "Save the code, then tick" in reader.text
    assert code_on(reader) == code
    reader.press(saved="yes")
    assert reader.heading == "What happens next"
    assert code not in reader.text
    assert reports(site)[0].reference in reader.text
    shown = reader.browser.get("/report/code")
    assert shown.status_code == 200
    assert "none to show here" in shown.text


def test_words_that_name_somebody_are_pointed_at_and_never_refused(site: Site) -> None:
    reader = Reader(site).rest(what="Mrs Patel of MK40 1AA was told, write to her at patel@example.org.")
    for found in ("Mrs Patel", "patel@example.org", "MK40 1AA"):
        assert f"“{found}”" in reader.text
    assert reader.press().page.status_code == 200
    assert "Look again" not in Reader(site).rest(what=WHAT).text


HOSTILE = '<script>alert(1)</script>\u202e‏שלום\nزن & "quotes" \''


def test_script_and_right_to_left_words_are_escaped_everywhere_and_kept_as_they_were(site: Site) -> None:
    reader = Reader(site).rest(what=HOSTILE)
    assert "<script>alert" not in reader.page.text
    assert reader.form.values["what"] == [HOSTILE]
    assert "<script>alert" not in reader.go("what-happened").page.text
    reader.press().press()
    assert facts(site)[FactName.HAPPENED] == HOSTILE


def test_ten_thousand_characters_travel_and_are_kept(site: Site) -> None:
    long = "Ein Satz mit ü und 字.\n" * 500
    long = long[:9_999] + "."
    reader = Reader(site).rest(what=long)
    reader.press()
    assert reader.page.status_code == 200
    assert facts(site)[FactName.HAPPENED] == long


def test_an_earlier_report_looked_at_in_the_same_browser_is_not_tied_to_a_new_one(site: Site) -> None:
    Reader(site).rest(what=WHAT).press()
    [report] = reports(site)
    Reader(site, site.reporter(report.reference)).rest(what="Another.").press()
    with reading(site.store) as session:
        rows = session.exec(select(History).where(History.case == "breach:2")).all()
        assert rows
        assert not any(report.reference in row.who for row in rows)


def test_a_flood_from_one_address_is_stopped_with_every_answer_kept(site: Site) -> None:
    for _ in range(SENT_FROM_AN_ADDRESS):
        LIMITS.count("sent:testclient")
    reader = Reader(site).rest(what=WHAT).press()
    assert reader.page.status_code == 429
    assert reader.form.values["what"] == [WHAT]
    LIMITS.forget()
    assert reader.press().page.status_code == 200


def test_no_code_is_sealed_for_a_report_that_is_not_sent(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    sealed: list[int] = []
    real = sending.new_code
    monkeypatch.setattr(sending, "new_code", lambda: (sealed.append(1), real())[1])
    browser = site.browser()
    assert browser.post("/report/check", data={"what": ""}).status_code == 422
    for _ in range(SENT_FROM_AN_ADDRESS):
        LIMITS.count("sent:testclient")
    assert Reader(site).rest(what=WHAT).press().page.status_code == 429
    assert sealed == []
    LIMITS.forget()
    Reader(site).rest(what=WHAT).press()
    assert sealed == [1]


def test_the_follow_up_is_woken_after_the_report_is_kept(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    woken: list[tuple[int, int]] = []
    monkeypatch.setattr(
        "web.reporting.sending.wake_breach", lambda number: woken.append((number, len(reports(site))))
    )  # fmt: skip
    reader = Reader(site).rest(what=WHAT)
    form = reader.form
    reader.press()
    reader.browser.post(form.action, data=form.values)
    assert woken == [(1, 1)]
