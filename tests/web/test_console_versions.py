"""Versions in the console: the text, its hash, what differs, and who has signed."""

from sqlmodel import select

from models.access import Standing
from models.protocol import Signature, Version
from models.store import reading
from tests.web.site import Site
from tests.web.test_console_reviews import does, refused


def test_a_version_shows_its_text_by_clause_with_its_hash(site: Site) -> None:
    with reading(site.store) as session:
        sha256 = session.exec(select(Version.sha256).where(Version.label == "4.2")).one()
    page = site.console(Standing.AUDITOR).get("/console/versions/4.2").text
    assert str(sha256) in page
    assert 'id="clause-12-security"' in page
    assert "parties have signed" in page
    assert site.console().get("/console/versions/9.9").status_code == 404


def test_the_register_names_undated_rows_and_members_without_one_and_is_downloaded(site: Site) -> None:
    browser = site.console()
    page = browser.get("/console/versions").text
    assert "Rows without a day" in page
    assert "No row" in page
    answer = browser.get("/console/versions?as=csv")
    assert answer.text.splitlines()[0].endswith("party,name,version,kind,position,signed_on,note")


def test_a_late_signature_is_recorded_on_behalf_with_its_reason(site: Site) -> None:
    """Who never signed version 4.2 may do so today; the register has the row."""
    browser = site.console()
    path = "/console/versions/4.2/sign/bedfordshire-police"
    page = browser.get(path).text
    assert "I adopt version 4.2" in page
    text = refused(browser, path, position="Chief Constable", sha256="00000000", on_behalf_because="paper")
    assert "another text" in text
    assert 'value="Chief Constable"' in text
    assert "Enter the position" in refused(browser, path, on_behalf_because="paper")
    does(browser, path, position="Chief Constable", on_behalf_because="signed on paper")
    with reading(site.store) as session:
        row = session.exec(select(Signature).where(Signature.position == "Chief Constable")).one()
        assert (row.recorded_by, row.version_sha256 is not None) == ("secretary (user 1)", True)


def test_nobody_declines_or_is_let_off_what_they_were_not_asked(site: Site) -> None:
    browser = site.console()
    path = "/console/versions/4.2"
    assert "does not wait for a signature" in refused(browser, f"{path}/decline/bedfordshire-police", because="x")
    assert "does not owe a signature" in refused(browser, f"{path}/waive/bedfordshire-police", because="x")
    assert browser.get(f"{path}/sign/nobody").status_code == 404
