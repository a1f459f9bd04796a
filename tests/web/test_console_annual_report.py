"""The annual report: the same numbers on the page, for a program and on paper, which is tagged and fetches nothing."""

import re
import sys
import zlib
from datetime import UTC, datetime

import pytest
from sqlmodel import Session

from actions.review_opening import open_extraordinary
from models.access import Standing
from models.protocol import Protocol
from tests.web.complaint_site import received
from tests.web.site import Site
from web.console import annual_report_pdf
from web.console.annual_report_pdf import NothingIsFetched

PAGE = "/console/annual-report"


def inflated(pdf: bytes) -> bytes:
    """Its objects are packed; here they are read as they are."""
    found = [pdf]
    for stream in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.DOTALL):
        try:
            found.append(zlib.decompress(stream))
        except zlib.error:
            continue
    return b"\n".join(found)


def test_the_page_names_the_numbers_and_every_picture_has_its_table(site: Site) -> None:
    site.report()
    received(site)
    page = site.console(Standing.AUDITOR).get(PAGE).text
    assert "One breach was reported: going on 1." in page
    assert "One complaint was recorded" in page
    assert "The year is not over" in page
    assert page.count("<h1") == 1
    assert page.count("<svg") == page.count("</svg>") <= page.count("<table")
    assert "style=" not in page.split("<main")[1]
    drawn = re.findall(
        r'<div class="concordat-picture.*?</div>\s*<div class="concordat-wide".*?<table', page, re.DOTALL
    )
    assert len(drawn) == page.count("<svg")


def test_a_program_reads_the_same_numbers(site: Site) -> None:
    site.report()
    answer = site.program(Standing.AUDITOR).get("/api/annual-report?year=2026").json()
    assert answer["report"]["breaches"]["reported"] == 1
    assert answer["report"]["parties"] == 17
    assert answer["years"] == [2026]
    assert "svg" not in str(answer)


def test_only_years_there_are_can_be_asked_for(site: Site) -> None:
    browser = site.console()
    for year in ("2025", "2027", "<script>", "99999999999999999999", "٢٠٢٦"):
        answer = browser.get(PAGE, params={"year": year})
        assert answer.status_code == 404
        assert "<script>" not in answer.text.split("<main")[1].split("</main>")[0]
    site.now = site.now.replace(year=2028)
    for year in ("2026", "2027", "2028"):
        assert site.console().get("/console/pictures", params={"year": year}).status_code == 200


def test_feedback_that_is_late_is_named_with_its_party_and_its_day(site: Site) -> None:
    def opened(session: Session, now: datetime, protocol: Protocol) -> None:
        open_extraordinary(session, now, protocol, "A gap that cannot wait.", "test")

    site.acting(opened)
    assert site.program().get("/api/annual-report").json()["report"]["late"] == []
    site.now = datetime(2026, 12, 30, 9, tzinfo=UTC)
    report = site.program().get("/api/annual-report").json()["report"]
    assert [each["kind"] for each in report["late"]] == ["feedback"] * 17
    assert {each["done_at"] for each in report["late"]} == {None}
    assert report["reviews"][0]["asked"] == 17
    [line] = [each for each in report["deadlines"] if each["kind"] == "feedback"]
    assert (line["due"], dict(line["counts"])["late"]) == (17, 17)
    page = site.console().get(PAGE).text
    assert "17 deadlines were not kept." in page
    assert "still owed" in page


def test_the_paper_is_a_tagged_pdf_with_a_language_and_a_title(site: Site) -> None:
    site.report()
    answer = site.console().get(f"{PAGE}.pdf?year=2026")
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF-1.7")
    found = inflated(answer.content)
    assert b"/StructTreeRoot" in found
    assert re.search(rb"/MarkInfo\s*<<\s*/Marked true", found)
    assert re.search(rb"/Lang\s*\(en\)", found)
    assert b"pdfuaid:part" in found
    assert re.search(rb"/S\s*/(H1|Table|TH|Figure)", found)
    assert b"/Figure" in found
    assert b"/Alt (Breaches in 2026 by cause and severity" in found
    assert b"DisplayDocTitle true" in found


def test_nothing_is_fetched_for_the_paper() -> None:
    fetcher = annual_report_pdf._fetcher()
    for url in ("http://127.0.0.1:1/x.png", "file:///etc/passwd", "data:text/html;base64,eA==", "ftp://x/y"):
        with pytest.raises(NothingIsFetched):
            fetcher.fetch(url)


def test_without_pango_a_sentence_offers_the_page(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    class NoPango:
        def find_spec(self, name: str, *_: object) -> None:
            if name == "weasyprint":
                raise OSError("cannot load library 'pango-1.0-0'")

    monkeypatch.delitem(sys.modules, "weasyprint", raising=False)
    monkeypatch.setattr(sys, "meta_path", [NoPango(), *sys.meta_path])
    answer = site.console().get(f"{PAGE}.pdf")
    assert answer.status_code == 409
    assert "print it from the browser" in answer.text
