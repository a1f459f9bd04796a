"""A complaint is made on the public pages: a page at a time, kept once, and nobody's details go astray."""

from typing import Any

import pytest
from sqlmodel import col, select

from actions.cast import known_id
from actions.complaints.settling import next_complaint_step
from models.complaint import Complaint
from models.history import History, Narrative
from models.store import reading
from rules.complaint import ComplaintKind, Step
from tests.web.reading_pages import Reader
from tests.web.site import Site
from tests.web.test_public_pages import second_protocol
from web.limits import LIMITS, SENT_FROM_AN_ADDRESS

WHAT = "They told my landlord what I had said to the nurse."
CHECK = "Check your answers before you send"
KEPT = {"kind": "disclosure", "organisation": "bedfordshire-police", "what": WHAT, "key": "a-key-of-mine"}


def complaints(site: Site) -> list[Complaint]:
    with reading(site.store) as session:
        found = list(session.exec(select(Complaint).order_by(col(Complaint.id))))
        session.expunge_all()
        return found


def told(site: Site, number: int | None) -> str | None:
    with reading(site.store) as session:
        return session.get_one(Narrative, number).text


def begun(site: Site) -> Reader:
    return Reader(site, start="/complain/about")


def through(reader: Reader, **last: Any) -> Reader:
    """Every page answered, up to the check."""
    reader.press(kind="disclosure").press(organisation="bedfordshire-police").press(what=WHAT)
    reader.press(happened_from__day="1", happened_from__month="10", happened_from__year="2026",
                 happened_to__day="3", happened_to__month="10", happened_to__year="2026")  # fmt: skip
    reader.press(wanted="An apology.")
    return reader.press(**last)


def test_a_complaint_goes_from_the_form_to_the_store_with_every_answer(site: Site) -> None:
    reader = through(begun(site), name="Robin Vale", reach="robin@example.org")
    assert reader.heading == CHECK
    assert complaints(site) == []
    reader.press()
    assert reader.page.status_code == 200
    assert "complaint 1" in reader.text
    assert "By Wednesday 23 December 2026 you are told" in reader.text
    [kept] = complaints(site)
    assert (kept.kind, kept.received_at, kept.received_by_id) == (ComplaintKind.DISCLOSURE, site.now, None)
    assert [str(kept.happened_from), str(kept.happened_to)] == ["2026-10-01", "2026-10-03"]
    assert told(site, kept.what_id) == WHAT
    assert told(site, kept.wanted_id) == "An apology."
    assert told(site, kept.reach_id) == "Robin Vale\nrobin@example.org"
    with reading(site.store) as session:
        row = session.exec(select(History).where(History.case == kept.case)).first()
        assert row is not None
        assert (row.who, row.what) == ("somebody on the public pages", "received")


def test_sent_twice_it_is_one_complaint_and_changed_since_it_is_refused(site: Site) -> None:
    reader = through(begun(site), reach="robin@example.org")
    form = reader.form
    for _ in range(2):
        reader.page = reader.browser.post(form.action, data=form.values)
        assert reader.page.status_code == 200
        assert "complaint 1" in reader.text
    assert reader.heading == "This complaint has been sent already"
    for changed in ({"what": "Another."}, {"reach": "elsewhere@example.org"}, {"wanted": ""},
                    {"happened_to-day": "4"}, {"organisation": "luton-borough-council"}):  # fmt: skip
        again = reader.browser.post(form.action, data=form.values | changed)
        assert again.status_code == 422, changed
        assert "sent already, as complaint 1" in again.text
    assert len(complaints(site)) == 1


def test_who_leaves_no_address_is_told_what_that_means_and_is_heard_all_the_same(site: Site) -> None:
    reader = through(begun(site))
    assert "nobody can answer you" in reader.text
    reader.press()
    assert "nobody can tell you what was found" in reader.text
    [kept] = complaints(site)
    assert kept.reach_id is None
    with reading(site.store) as session:
        assert next_complaint_step(session, site.now, known_id(kept)) is Step.BEGIN_ANALYSIS, "it waits for nothing"


WRONG = [
    ("about", {"kind": ""}, "Choose what your complaint is about"),
    ("about", {"kind": "partner disagreement"}, "Choose one of the answers"),
    ("organisation", {"organisation": ""}, "Choose the organisation that it is about"),
    ("organisation", {"organisation": "atlantis"}, "Choose one of the answers"),
    ("what-happened", {"what": "  "}, "Say what happened"),
    ("what-happened", {"what": "x"}, "Say what happened"),
    ("what-happened", {"what": "a\0b"}, "no text has"),
    ("what-happened", {"what": "x" * 10_001}, "10,000 characters or fewer"),
    ("when", {"happened_from-day": "31", "happened_from-month": "2", "happened_from-year": "2026"}, "a real date"),
    ("when", {"happened_from-day": "1", "happened_from-month": "1", "happened_from-year": "2030"}, "in the past"),
    ("when", {"happened_to-day": "1", "happened_to-month": "1", "happened_to-year": "2026"}, "on which it began"),
    ("when", {"happened_from-day": "2", "happened_from-month": "1", "happened_from-year": "2026",
              "happened_to-day": "1", "happened_to-month": "1", "happened_to-year": "2026"}, "or later"),
    ("wanted", {"wanted": "x" * 10_001}, "10,000 characters or fewer"),
    ("reach", {"reach": "x" * 501}, "500 characters or fewer"),
]  # fmt: skip


@pytest.mark.parametrize(("page", "answers", "sentence"), WRONG)
def test_a_wrong_answer_comes_back_with_everything_kept(
    site: Site, page: str, answers: dict[str, Any], sentence: str
) -> None:
    reader, sent = begun(site), KEPT | answers
    reader.page = reader.browser.post(f"/complain/{page}", data=sent)
    assert reader.page.status_code == 422
    assert "<title>Error: " in reader.page.text
    assert sentence in reader.text
    for name, value in sent.items():
        if value.strip() and "\0" not in value and value not in ("atlantis", "partner disagreement"):
            assert value in reader.form.values.get(name, []), name
    assert complaints(site) == []


def test_a_day_before_the_protocol_is_refused_on_the_check_with_every_answer_kept(site: Site) -> None:
    reader = through(begun(site)).go("when")
    reader.press(happened_from__year="1999", happened_to__year="1999")
    assert reader.heading == CHECK
    reader.press()
    assert reader.page.status_code == 422
    assert "before the first version" in reader.text
    assert reader.form.values["what"] == [WHAT]
    reader.go("when").press(happened_from__year="2026", happened_to__year="2026").press()
    assert len(complaints(site)) == 1


def test_the_check_says_what_is_missing_and_going_back_keeps_every_answer(site: Site) -> None:
    reader = Reader(site, start="/complain/check").press()
    assert reader.page.status_code == 422
    assert "Look again at “What is your complaint about?”" in reader.text
    reader = begun(site).press(kind="person").press(organisation="luton-borough-council")
    reader.go("organisation")
    assert reader.form.values["organisation"] == ["luton-borough-council"]
    assert reader.go("about").form.values["kind"] == ["person"]


def test_details_of_others_are_pointed_at_and_hostile_words_are_escaped_everywhere(site: Site) -> None:
    hostile = '<script>alert(1)</script> Mrs Patel & "quotes" \''
    reader = begun(site).press(kind="person").press(organisation="bedfordshire-police").press(what=hostile)
    reader.press().press(wanted=hostile).press(name=hostile, reach=hostile)
    assert reader.heading == CHECK
    assert "“Mrs Patel”" in reader.text
    assert "<script>alert" not in reader.page.text
    assert "<script>alert" not in reader.go("what-happened").page.text
    reader.press().press()
    assert "<script>alert" not in reader.page.text
    [kept] = complaints(site)
    assert told(site, kept.what_id) == hostile
    public = site.browser()
    for path in ("/", "/complain", "/signatures", "/versions"):
        assert "Patel" not in public.get(path).text


def test_a_flood_from_one_address_is_stopped_with_every_answer_kept(site: Site) -> None:
    for _ in range(SENT_FROM_AN_ADDRESS):
        LIMITS.count("sent:testclient")
    reader = through(begun(site)).press()
    assert reader.page.status_code == 429
    assert reader.form.values["what"] == [WHAT]
    LIMITS.forget()
    assert reader.press().page.status_code == 200


def test_the_analysis_is_woken_once_after_the_complaint_is_kept(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    woken: list[tuple[int, int]] = []
    monkeypatch.setattr(
        "web.public.complain.wake_complaint", lambda number: woken.append((number, len(complaints(site))))
    )  # fmt: skip
    reader = through(begun(site))
    form = reader.form
    reader.press()
    reader.browser.post(form.action, data=form.values)
    assert woken == [(1, 1)]


def test_of_several_protocols_the_complaint_is_under_the_one_it_began_with(site: Site) -> None:
    second_protocol(site)
    reader = Reader(site, start="/complain/about?protocol=eastshire").press(kind="person")
    assert "Bedfordshire Police" not in reader.text
    reader = Reader(site, start="/complain/about?protocol=bedfordshire")
    assert through(reader).press().page.status_code == 200
    assert reader.page.request.url.query == b"protocol=bedfordshire"
    assert len(complaints(site)) == 1


def test_a_name_that_has_changed_is_offered_too(site: Site) -> None:
    page = site.browser().get("/complain/organisation").text
    assert "Luton Clinical Commissioning Group (now Central East Integrated Care Board)" in page
