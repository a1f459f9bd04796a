"""A party signs from its page: the text, who signs, a code to the registered address, and what is then recorded."""

import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from sqlmodel import Session, col, select
from starlette.testclient import TestClient

from actions.cast import known_id, party_named
from actions.proposals import Proposed
from actions.review_closing import close_feedback
from actions.review_deciding import conclude, decide
from actions.review_drafting import begin_deciding, classify, give_advice, propose
from actions.review_opening import open_annual, open_extraordinary
from actions.versions import version_named
from models.access import SigningCode
from models.obligation import Obligation, ObligationKind, Outcome
from models.outbox import Message
from models.protocol import Protocol, Role, Signature, SignatureKind, Version
from models.review import DecisionOutcome, Magnitude
from models.secret_key import digits
from models.store import reading
from rules.review import Stage
from tests.actions.world import kept
from tests.web.site import Site

POLICE, FIRE = "bedfordshire-police", "bedfordshire-fire-and-rescue-service"
WORDING = "Transfers are encrypted <b>always</b>, and tested once a year."


def open_review(session: Session, now: Any, protocol: Protocol, magnitude: Magnitude) -> Stage:
    """From the first day to the group's decision, at once."""
    opened = open_annual if magnitude is Magnitude.MAJOR else open_extraordinary
    more = () if magnitude is Magnitude.MAJOR else ("A typing error.",)
    review = known_id(opened(session, now, protocol, "secretary", *more))
    clause = "12-security" if magnitude is Magnitude.MAJOR else "10-staff-awareness"
    close_feedback(session, now, review, "secretary")
    proposal = known_id(propose(session, now, review, Proposed(clause=clause, wording=WORDING), "secretary"))
    classify(session, now, proposal, magnitude, "secretary", "Because.")
    if magnitude is Magnitude.MAJOR:
        give_advice(session, now, proposal, "It is lawful.", "adviser")
    begin_deciding(session, now, review, "secretary")
    decide(session, now, proposal, DecisionOutcome.ACCEPTED, "secretary", because="A transfer went wrong in May.")
    return conclude(session, now, review, "secretary")


@pytest.fixture
def signing(site: Site) -> Site:
    """Version 5.0 waits for everybody's signature."""
    _opened(site)
    return site


@kept
def _opened(site: Site) -> None:
    assert site.acting(lambda session, now, p: open_review(session, now, p, Magnitude.MAJOR)) is Stage.SIGNING


def duty_of(site: Site, slug: str = POLICE) -> Obligation:
    def found(session: Session, _now: Any, protocol: Protocol) -> Obligation:
        statement = select(Obligation).where(
            Obligation.kind == ObligationKind.SIGNATURE, Obligation.party_id == party_named(session, protocol, slug).id
        )
        row = session.exec(statement.order_by(col(Obligation.id).desc())).first()
        assert row is not None
        session.expunge(row)
        return row

    duty: Obligation = site.acting(found)
    return duty


def path_of(site: Site, slug: str = POLICE) -> str:
    return f"/party/signature/{duty_of(site, slug).id}"


def mark(site: Site, label: str = "5.0") -> str:
    return str(site.acting(lambda session, _, p: version_named(session, p, label).sha256))


def read_and_said(site: Site, browser: TestClient, **otherwise: str) -> Any:
    given = {"answer": "sign", "position": "Chief Constable", "declared": "yes", "text": mark(site)} | otherwise
    return browser.post(path_of(site), data=given)


def newest_code(site: Site) -> str:
    with reading(site.store) as session:
        row = session.exec(select(SigningCode).order_by(col(SigningCode.id).desc())).first()
        assert row is not None
        assert row.id is not None
        return digits("signing-code", row.id, row.mark)


def hidden_fields(page: str) -> dict[str, str]:
    """Of the first form: what it carries."""
    form = page.split('id="act"')[1].split("</form>")[0]
    found = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', form)
    return {name: unescape(value) for name, value in found}


def signatures(site: Site, slug: str = POLICE) -> list[Signature]:
    def found(session: Session, _now: Any, protocol: Protocol) -> list[Signature]:
        party = party_named(session, protocol, slug)
        version = version_named(session, protocol, "5.0")
        statement = select(Signature).join(Version, col(Version.id) == Signature.version_id)
        rows = list(session.exec(statement.where(Signature.party_id == party.id, Version.major == version.major)))
        for row in rows:
            session.expunge(row)
        return rows

    rows: list[Signature] = site.acting(found)
    return rows


def test_the_page_shows_the_text_its_changes_the_reasons_and_the_hash(signing: Site) -> None:
    page = signing.party(POLICE).get(path_of(signing))
    assert page.status_code == 200
    assert mark(signing) in page.text
    assert "On behalf of Bedfordshire Police I adopt version 5.0" in page.text
    assert '<ins class="concordat-added">' in page.text
    assert "A transfer went wrong in May." in page.text
    assert "&lt;b&gt;" in page.text
    assert "<b>always" not in page.text
    assert page.text.count("<h1") == 1
    assert len(page.content) < 150_000


def test_from_the_text_to_a_signature_with_a_code_from_the_mail(signing: Site) -> None:
    browser = signing.party(POLICE)
    said = read_and_said(signing, browser)
    assert said.status_code == 303
    assert signatures(signing) == []
    code_page = browser.get(said.headers["location"])
    assert "Chief Constable" in code_page.text
    assert newest_code(signing) not in code_page.text
    carries = hidden_fields(code_page.text)
    assert (carries["position"], carries["text"]) == ("Chief Constable", mark(signing))
    done = browser.post(f"{path_of(signing)}/code", data=carries | {"code": newest_code(signing)})
    assert done.headers["location"] == f"{path_of(signing)}/done"
    [signature] = signatures(signing)
    assert (signature.kind, signature.position, signature.version_sha256) == (
        SignatureKind.SIGNED, "Chief Constable", mark(signing),
    )  # fmt: skip
    assert signature.recorded_by == "lead member of bedfordshire-police"
    assert duty_of(signing).outcome is Outcome.ANSWERED
    last = browser.get(done.headers["location"])
    for words in ("Version 5.0 is signed", "Chief Constable", mark(signing), "1 of 17", "What happens next"):
        assert words in last.text


def test_a_wrong_code_keeps_the_answers_and_counts_and_the_sixth_attempt_fails_with_the_right_one(
    signing: Site,
) -> None:
    browser = signing.party(POLICE)
    page = browser.get(read_and_said(signing, browser).headers["location"])
    code = newest_code(signing)
    wrong = f"{(int(code) + 1) % 10**6:06d}"
    for number in range(5):
        page = browser.post(f"{path_of(signing)}/code", data=hidden_fields(page.text) | {"code": wrong})
        assert page.status_code == 422
        assert page.text.startswith("<!DOCTYPE html>")
        assert "<title>Error: " in page.text
        assert hidden_fields(page.text)["position"] == "Chief Constable"
        with reading(signing.store) as session:
            assert session.exec(select(SigningCode)).one().attempts == number + 1
    restarted = Site(signing.store)
    restarted.now = signing.now
    again = restarted.party(POLICE).post(f"{path_of(signing)}/code", data=hidden_fields(page.text) | {"code": code})
    assert again.status_code == 422
    assert "Ask for a new one" in again.text
    assert signatures(signing) == []


def test_sent_twice_a_code_page_signs_once_and_says_the_same(signing: Site) -> None:
    browser = signing.party(POLICE)
    page = browser.get(read_and_said(signing, browser).headers["location"])
    data = hidden_fields(page.text) | {"code": newest_code(signing)}
    first, second = (browser.post(f"{path_of(signing)}/code", data=data) for _ in range(2))
    assert first.headers["location"] == second.headers["location"]
    assert len(signatures(signing)) == 1


def test_an_expired_code_signs_nothing_and_another_is_sent_from_the_same_page(signing: Site) -> None:
    browser = signing.party(POLICE)
    page = browser.get(read_and_said(signing, browser).headers["location"])
    signing.later(minutes=31)
    over = browser.post(f"{path_of(signing)}/code", data=hidden_fields(page.text) | {"code": newest_code(signing)})
    assert over.status_code == 422
    assert "Send another code" in over.text
    assert read_and_said(signing, browser).status_code == 303
    done = browser.post(f"{path_of(signing)}/code", data=hidden_fields(over.text) | {"code": newest_code(signing)})
    assert done.status_code == 303
    assert len(signatures(signing)) == 1


def test_a_sixth_code_within_an_hour_is_refused_with_what_to_do(signing: Site) -> None:
    browser = signing.party(POLICE)
    for _ in range(5):
        assert read_and_said(signing, browser).status_code == 303
    refused = read_and_said(signing, browser)
    assert refused.status_code == 422
    assert "wait an hour" in refused.text
    assert 'value="Chief Constable"' in refused.text
    signing.now += timedelta(hours=1)
    assert read_and_said(signing, browser).status_code == 303


@pytest.mark.parametrize(
    ("given", "sentence", "kept"),
    [
        ({"answer": ""}, "Choose whether your organisation signs or declines", 'value="Chief Constable"'),
        ({"position": " "}, "Enter the position of the person who signs", "checked"),
        ({"declared": ""}, "Tick the declaration", 'value="Chief Constable"'),
        ({"answer": "decline"}, "Say why your organisation declines to sign", 'value="Chief Constable"'),
        ({"position": "x" * 121}, "120 characters or fewer", "x" * 121),
    ],
)
def test_what_is_lacking_is_said_at_its_field_and_everything_is_kept(
    signing: Site, given: dict[str, str], sentence: str, kept: str
) -> None:
    page = read_and_said(signing, signing.party(POLICE), **given)
    assert page.status_code == 422
    assert sentence in page.text
    assert 'class="govuk-error-message"' in page.text
    assert kept in page.text
    with reading(signing.store) as session:
        assert session.exec(select(SigningCode)).all() == []


def test_declining_takes_a_reason_and_the_secretary_is_told(signing: Site) -> None:
    browser = signing.party(POLICE)
    done = read_and_said(signing, browser, answer="decline", because="Clause 12-security goes too far.")
    page = browser.get(done.headers["location"])
    assert "has declined to sign version 5.0" in page.text
    assert "Clause 12-security goes too far." in page.text
    [row] = signatures(signing)
    assert row.kind is SignatureKind.DECLINED
    with reading(signing.store) as session:
        assert session.exec(select(Message).where(Message.kind == "signature_declined")).one()


def test_where_a_minor_version_came_between_the_page_says_so_and_shows_the_new_text(signing: Site) -> None:
    """Before the page was read, and between the two steps."""
    browser, old = signing.party(POLICE), path_of(signing)
    code_page = browser.get(read_and_said(signing, browser).headers["location"])
    signing.later(minutes=5)
    assert signing.acting(lambda s, now, p: open_review(s, now, p, Magnitude.MINOR)) is Stage.ADOPTED
    at_the_code = browser.post(f"{old}/code", data=hidden_fields(code_page.text) | {"code": newest_code(signing)})
    assert at_the_code.status_code == 422
    answers = {"answer": "sign", "position": "Chief Constable", "declared": "yes"}
    for page in (at_the_code, browser.post(old, data=answers | {"text": mark(signing)})):
        assert page.status_code == 422
        assert "version 5.1 is asked for now. Nothing was signed" in page.text
        assert mark(signing, "5.1") in page.text
        assert hidden_fields(page.text)["text"] == mark(signing, "5.1")
        assert 'value="Chief Constable"' in page.text
    assert signatures(signing) == []
    opened = browser.get(old)
    assert "You were asked to sign version 5.0. Version 5.1 has taken its place" in opened.text
    said = browser.post(old, data=answers | {"text": mark(signing, "5.1")})
    carries = hidden_fields(browser.get(said.headers["location"]).text)
    done = browser.post(said.headers["location"].partition("?")[0], data=carries | {"code": newest_code(signing)})
    assert "/done" in done.headers["location"]
    [signature] = signatures(signing)
    assert signature.version_sha256 == mark(signing, "5.1")


def test_another_party_s_signature_is_not_there_and_a_contact_of_another_circle_sees_nothing(signing: Site) -> None:
    for path in (path_of(signing, FIRE), f"{path_of(signing, FIRE)}/code", f"{path_of(signing, FIRE)}/done"):
        assert signing.party(POLICE).get(path).status_code == 404
    assert signing.browser().get(path_of(signing)).status_code == 403
    assert signing.adviser().get(path_of(signing)).status_code == 403


def test_looking_sends_nothing_and_a_code_page_without_its_first_page_leads_back(signing: Site) -> None:
    browser = signing.party(POLICE)
    page = browser.get(f"{path_of(signing)}/code")
    assert f'href="{path_of(signing)}"' in page.text
    assert "Send another code" not in page.text
    with reading(signing.store) as session:
        assert session.exec(select(SigningCode)).all() == []


def test_a_deputy_who_signs_gets_the_code_at_their_own_address(signing: Site) -> None:
    browser = signing.party(POLICE, Role.DEPUTY)
    page = browser.get(read_and_said(signing, browser).headers["location"])
    with reading(signing.store) as session:
        address = session.exec(select(Message.address).where(Message.kind == "signing_code_sent")).one()
    assert address == "deputy@bedfordshire-police.example"
    assert address in page.text
    lead = signing.party(POLICE).post(
        f"{path_of(signing)}/code", data=hidden_fields(page.text) | {"code": newest_code(signing)}
    )
    assert lead.status_code == 422
    done = browser.post(f"{path_of(signing)}/code", data=hidden_fields(page.text) | {"code": newest_code(signing)})
    assert done.status_code == 303
    assert signatures(signing)[0].recorded_by == "deputy of bedfordshire-police"
