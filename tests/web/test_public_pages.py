"""What the public reads: the protocol, for how many it is in force, who signed, what changed, the law beneath it."""

import re
from datetime import datetime
from html import unescape
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlmodel import Session, select

import protocols
from actions.cast import known_id, party_named
from actions.loading import load_protocol
from actions.proposals import Proposed, standing_proposals
from actions.review_closing import close_feedback
from actions.review_deciding import conclude, decide
from actions.review_drafting import begin_deciding, classify, give_advice, propose
from actions.review_opening import open_annual
from actions.review_signing import decline, sign
from actions.version_standing import standing_of
from actions.versions import version_named
from models.protocol import Contact, Protocol, Role, Version, VersionClause
from models.protocol_file import read_protocol
from models.review import DecisionOutcome, Magnitude, Review
from models.store import reading, transaction
from tests.actions.test_review_signing import LAST_SIGNATURE, adopted, declined
from tests.actions.world import PARTIES, World, kept
from tests.web.site import Site
from web.application import create_app
from web.public.protocol_text import Block, blocks_of

HOSTILE = "Transfers are <script>alert(1)</script> secure, and what was received is held securely."
PAGES = ("/", "/protocols", "/protocols/bedfordshire", "/protocols/bedfordshire/clauses", "/versions", "/versions/4.2",
         "/versions/difference", "/signatures", "/law", "/complain", "/contact", "/privacy", "/cookies",
         "/accessibility")  # fmt: skip
ABOUT_A_PROTOCOL = [each for each in PAGES if "bedfordshire" not in each and each != "/versions/4.2"]


def words(site: Site, path: str) -> str:
    """What is read on the page, on one line."""
    page = site.browser().get(path)
    assert page.status_code == 200, (path, page.text)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page.text)).split())


@kept
def version_five(site: Site) -> None:
    """Clause 12 reworded, decided, and out for signature."""

    def made(session: Session, now: datetime, protocol: Protocol) -> None:
        number = known_id(open_annual(session, now, protocol, "test"))
        close_feedback(session, now, number, "test")
        propose(session, now, number, Proposed(clause="12-security", wording=HOSTILE, problem="Narrative"), "test")
        [proposal] = standing_proposals(session, session.get_one(Review, number))
        classify(session, now, known_id(proposal), Magnitude.MAJOR, "test", "Narrative of the class.")
        give_advice(session, now, known_id(proposal), "Narrative of the adviser.", "adviser")
        begin_deciding(session, now, number, "test")
        decide(
            session,
            now,
            known_id(proposal),
            DecisionOutcome.ACCEPTED,
            "test",
            because="Locks had failed, and <b>twice</b>.",
        )
        conclude(session, now, number, "test")

    site.acting(made)


def test_the_first_page_says_what_it_is_and_for_how_many_it_is_in_force(site: Site) -> None:
    said = words(site, "/")
    assert "17 organisations have agreed" in said
    assert "Version 4.2 is in force for 12 of 17 organisations." in said
    assert "a normal state" in said
    assert "Last review October 2015" in said
    assert "Due since October 2016" in said
    page = site.browser().get("/").text
    for link in ("/protocols/bedfordshire/clauses", "/signatures", "/complain", "/report", "/law", "/versions"):
        assert f'href="{link}"' in page


def test_all_26_clauses_stand_on_one_page_with_contents_and_the_law_each_rests_on(site: Site) -> None:
    page = site.browser().get("/protocols/bedfordshire/clauses").text
    anchors = re.findall(r'<h2 class="govuk-heading-m" id="clause-([^"]+)"', page)
    assert len(anchors) == 26
    assert re.findall(r'href="#clause-([^"]+)"', page) == anchors
    with reading(site.store) as session:
        for row in session.exec(select(VersionClause)):
            assert row.text in unescape(page)
    said = words(site, "/protocols/bedfordshire/clauses")
    assert "Data Protection Act 1998 (repealed since 25 May 2018)" in said
    assert "The wording that binds is that of the signed document" in said


def test_lists_and_paragraphs_of_a_clause_stay_as_they_were_written() -> None:
    text = "Members:\n- train staff\n- keep records\n\n(a) first\n(b) second\n\nIn line\nand line. 3 of them."
    assert blocks_of(text) == (
        Block(is_list=False, lines=("Members:",)),
        Block(is_list=True, lines=("train staff", "keep records")),
        Block(is_list=True, lines=("(a) first", "(b) second")),
        Block(is_list=False, lines=("In line", "and line. 3 of them.")),
    )
    assert blocks_of("") == ()


def test_every_revision_is_listed_with_its_date_as_the_document_words_it(site: Site) -> None:
    said = words(site, "/versions")
    for words_of_it in (
        "1.0 4 March 2008",
        "1.7 30 December 2008 to 16 March 2010",
        "4.1 June 2015",
        "4.2 October 2015",
    ):
        assert words_of_it in said
    assert said.count("A draft: never in force") == 5
    assert "The text of this version is not held here" in words(site, "/versions/2.0")
    assert site.browser().get("/versions/9.9").status_code == 404


def test_a_version_of_before_has_no_text_to_compare_and_the_page_says_so(site: Site) -> None:
    assert "There is no text of version 2.0 here" in words(site, "/versions/difference?from=2.0&to=4.2")
    assert "There is no text of version 1.0 and 2.0 here: they are" in words(
        site, "/versions/difference?from=1.0&to=2.0"
    )
    assert "the same version twice" in words(site, "/versions/difference?from=4.2&to=4.2")
    assert "The text of one version alone" in words(site, "/versions/difference")
    assert site.browser().get("/versions/difference?from=4.2&to=5.0").status_code == 404


def test_the_difference_of_two_versions_is_marked_by_clause_and_nothing_in_it_is_script(site: Site) -> None:
    version_five(site)
    for path in ("/versions/difference?from=4.2&to=5.0", "/versions/difference"):
        page = site.browser().get(path).text
        assert "One clause differs" in page
        assert 'id="clause-12-security"' in page
        assert '<ins class="concordat-added"><span class="govuk-visually-hidden">added: </span>' in page
        assert "&lt;" in page
        assert "<script>alert" not in page
    back = site.browser().get("/versions/difference?from=5.0&to=4.2").text
    assert '<del class="concordat-deleted"><span class="govuk-visually-hidden">deleted: </span>' in back
    assert "<script>alert" not in back
    text = site.browser().get("/versions/5.0").text
    assert "Last changed by version 5.0" in text
    assert text.count("Last changed by") == 1
    assert "<script>alert" not in text
    assert site.browser().get("/versions/difference?from=<script>&to=4.2").text.count("<script>") == 0


def test_the_reasons_of_the_decisions_stand_beside_what_they_changed_whichever_way_it_is_read(site: Site) -> None:
    version_five(site)
    for path in ("/versions/difference?from=4.2&to=5.0", "/versions/difference?from=5.0&to=4.2"):
        assert "Why it was changed in version 5.0: Locks had failed, and <b>twice</b>." in words(site, path)
        page = site.browser().get(path).text
        assert page.index('id="clause-12-security"') < page.index("Locks had failed")
        assert "<b>twice" not in page


def test_the_hash_of_a_version_is_on_every_page_that_speaks_of_it(site: Site) -> None:
    version_five(site)
    with reading(site.store) as session:
        [protocol] = session.exec(select(Protocol))
        old, new = (str(version_named(session, protocol, label).sha256) for label in ("4.2", "5.0"))
    for path, known in (("/", [new]), ("/signatures", [old, new]), ("/versions/difference?from=4.2&to=5.0", [old, new]),
                        ("/versions/5.0", [new])):  # fmt: skip
        page = site.browser().get(path).text
        assert all(sha256 in page for sha256 in known), path
    assert f"Fingerprint of version 5.0: begins {new[:8]}" in words(site, "/")


def test_who_signed_who_declined_and_who_was_asked_can_be_told_apart_and_no_reason_is_told(site: Site) -> None:
    version_five(site)

    def answered(session: Session, now: datetime, protocol: Protocol) -> None:
        five = version_named(session, protocol, "5.0")
        sign(
            session, now, five, party_named(session, protocol, "bedfordshire-police"), "test", position="Superintendent"
        )
        decline(session, now, five, party_named(session, protocol, "virgin-health"), "test", "Narrative: too dear.")

    site.acting(answered)
    said = words(site, "/signatures")
    assert "Bedfordshire Police Signed Superintendent, 23 November 2026, version 5.0" in said
    assert "Virgin Health Declined It has decided not to sign." in said
    assert "Bedford Borough Council Asked, not yet signed" in said
    assert "Bedford Borough Council Signed Chief Executive, 18 August 2015, version 4.1" in said
    assert "Virgin Health No date or signer" in said
    assert "Luton & Dunstable Hospital Foundation Trust is now Bedfordshire Hospitals NHS Foundation Trust" in said
    assert "East London NHS Foundation Trust (1 April 2015), which takes part in the protocol itself" in said
    assert "in force for 1 of 17 organisations" in words(site, "/")


def test_the_law_says_what_was_repealed_since_when_and_what_stands_in_its_place(site: Site) -> None:
    said = words(site, "/law")
    assert "Data Protection Act 1998 Repealed since 25 May 2018 Today: UK GDPR and Data Protection Act 2018" in said
    assert "Human Rights Act 1998 In force" in said
    assert 'href="/protocols/bedfordshire/clauses#clause-7-consent"' in site.browser().get("/law").text


def test_no_public_page_tells_a_narrative_or_where_a_party_is_reached(site: Site) -> None:
    version_five(site)
    with reading(site.store) as session:
        secret = {row.address for row in session.exec(select(Contact)) if row.role is not Role.SECRETARY}
    for path in (*PAGES, "/versions/5.0", "/versions/difference?from=4.2&to=5.0"):
        page = site.browser().get(path)
        assert page.status_code == 200, path
        assert not [address for address in secret if address in page.text], path
        assert "Narrative" not in page.text, path


def second_protocol(site: Site) -> None:
    def copied(session: Session, _now: datetime, protocol: Protocol) -> None:
        values = protocol.model_dump(exclude={"id"}) | {"slug": "eastshire", "short_name": "Eastshire protocol"}
        session.add(Protocol.model_validate(values))

    site.acting(copied)


def test_several_protocols_are_listed_and_each_has_its_own_pages(site: Site) -> None:
    second_protocol(site)
    for path in ("/", "/protocols"):
        page = site.browser().get(path).text
        assert 'href="/protocols/bedfordshire"' in page
        assert 'href="/protocols/eastshire"' in page
    assert "Version 4.2 is in force for 12 of 17" in words(site, "/?protocol=bedfordshire")
    assert "No version is in force yet" in words(site, "/protocols/eastshire")
    assert "is not held here" in words(site, "/protocols/eastshire/clauses")
    assert 'href="/signatures?protocol=bedfordshire"' in site.browser().get("/protocols/bedfordshire").text
    assert "Other protocols kept here" in words(site, "/law?protocol=bedfordshire")
    for path in PAGES[4:10]:
        assert site.browser().get(f"{path}?protocol=bedfordshire").status_code == 200
        if path != "/versions/4.2":
            assert site.browser().get(f"{path}?protocol=eastshire").status_code == 200, path
    assert site.browser().get("/law?protocol=nowhere").status_code == 404


@pytest.mark.parametrize("path", ["/report", "/complain"])
def test_of_several_protocols_whoever_writes_says_which(site: Site, path: str) -> None:
    assert "Start now" in words(site, path)
    second_protocol(site)
    page = site.browser().get(path)
    assert "Start now" not in page.text
    assert page.text.count("<h1") == 1
    for slug in ("bedfordshire", "eastshire"):
        assert f'href="{path}?protocol={slug}"' in page.text
    assert "Start now" in words(site, f"{path}?protocol=bedfordshire")


def test_a_report_is_read_by_its_own_protocol_and_a_new_one_begins_where_it_is_asked_for(site: Site) -> None:
    browser = site.reporter(site.report())
    second_protocol(site)
    assert browser.get("/report/case?protocol=nowhere").status_code == 200
    assert browser.get("/report/case/add/when?protocol=nowhere").status_code == 200
    assert "Bedfordshire Police" in browser.get("/report/organisations?protocol=bedfordshire").text
    assert "Bedfordshire Police" not in browser.get("/report/organisations?protocol=eastshire").text


@pytest.mark.parametrize("path", [*ABOUT_A_PROTOCOL, "/protocols/bedfordshire"])
def test_before_anything_is_loaded_pages_are_friendly(sqlite_store: sa.Engine, path: str) -> None:
    site = Site(sqlite_store)
    site.app = create_app(sqlite_store, clock=lambda: site.now, secure=False)
    page = site.browser().get(path)
    assert page.status_code == 200
    assert page.text.count("<h1") == 1
    if path not in ("/privacy", "/cookies", "/accessibility", "/contact"):
        assert "No protocol has been loaded here yet" in page.text


def test_a_protocol_that_is_loaded_later_appears_at_once(sqlite_store: sa.Engine) -> None:
    site = Site(sqlite_store)
    assert "No protocol has been loaded" in words(site, "/")
    with transaction(sqlite_store) as session:
        load_protocol(session, site.now, read_protocol(Path(protocols.__file__).parent / "bedfordshire"), "test")
    assert "in force for 12 of 17" in words(site, "/")


def test_what_the_pages_say_of_cookies_is_what_there_is(site: Site) -> None:
    said = words(site, "/cookies")
    for name in ("concordat-console", "concordat-party", "concordat-report", "concordat-notice", "concordat-openid"):
        assert name in said
    for path in PAGES:
        assert "set-cookie" not in site.browser().get(path).headers, path


def test_a_text_that_nobody_signed_does_not_wait_for_signatures_for_ever(sqlite_store: sa.Engine) -> None:
    world = World(sqlite_store, **LAST_SIGNATURE).signing()
    five = world.only(Version, Version.label == "5.0")
    with world.read() as session:
        assert standing_of(session, five, None) == "Waits for signatures"
    for slug in PARTIES:
        declined(world, slug)
    adopted(world, because="Nobody wants it.")
    with world.read() as session:
        assert standing_of(session, five, None) == "Never in force"
