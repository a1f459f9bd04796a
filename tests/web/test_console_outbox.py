"""The outbox in the console: every message as it was sent, nobody's link, and what a person settles."""

import re
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlmodel import Session, col

from actions.cast import NotThere
from models.access import Standing
from models.history import History
from models.outbox import Delivery, Message, MessageAbout
from models.protocol import Contact, Matter
from models.store import reading
from notifications.doubt import put_in_doubt
from notifications.links import own_page
from notifications.mime import mime
from settings import settings
from tests.web.asking import POLICE, asking, changed, contact_of, every, message_to
from tests.web.site import Site
from web.callers import STRANGER
from web.console.outbox_caught import _one, linked
from web.declaring import Asked


def page(site: Site, address: str) -> str:
    answer = site.console().get(address)
    assert answer.status_code == 200, answer.text
    return str(answer.text)


def numbers(html: str) -> list[int]:
    return [int(each) for each in re.findall(r'<th scope="row"[^>]*><a [^>]*href="/console/messages/(\d+)"', html)]


def in_doubt(site: Site) -> int:
    def doubt(session: Session, now: object, _protocol: object) -> None:
        row = session.get_one(Message, message_to(site, POLICE).id)
        row.resend_in_doubt, row.attempts = False, 3
        put_in_doubt(session, site.now, row, "no answer", again_at=site.now)

    number = message_to(site, POLICE).id
    assert number is not None
    site.acting(doubt)
    return number


def test_each_state_is_counted_and_its_number_leads_to_as_many(site: Site) -> None:
    asking(site)
    states = list(Delivery)
    rows = every(site, Message)
    for at, row in enumerate(rows[:9]):
        changed(site, Message, row.id, state=states[at % len(states)], bounced_at=site.now if at < 2 else None)
    counts = site.program().get("/api/outbox").json()["counts"]
    assert sum(counts.values()) == len(rows) + 2
    for state, number in counts.items():
        found = site.program().get("/api/outbox", params={"state": state}).json()["messages"]
        assert found["number"] == len(found["lines"]) == number, state
        assert len(numbers(page(site, f"/console/outbox?state={state}"))) == number
    assert f'href="/console/outbox?state=in%20doubt"><strong>{counts["in_doubt"]}</strong>' in page(
        site, "/console/outbox"
    )


def test_the_list_is_narrowed_by_case_and_by_party(site: Site) -> None:
    asking(site)
    case = message_to(site, POLICE).case
    assert len(numbers(page(site, f"/console/outbox?case={case}"))) == 17
    assert numbers(page(site, "/console/outbox?case=review:99")) == []
    assert numbers(page(site, f"/console/outbox?party={POLICE}")) == [message_to(site, POLICE).id]
    for wrong in ("state=lost", "party=nobody"):
        assert "There is a problem" in page(site, f"/console/outbox?{wrong}")
    lines = site.console().get(f"/console/outbox.csv?party={POLICE}").content.decode("utf-8-sig").splitlines()
    assert len(lines) == 2


@pytest.mark.parametrize("standing", [Standing.SECRETARY, Standing.AUDITOR])
def test_a_message_is_shown_word_for_word_and_nobodys_link_with_it(site: Site, standing: Standing) -> None:
    asking(site)
    row = message_to(site, POLICE)
    secret = own_page(row).rpartition("/")[2]
    browser = site.console(standing)
    shown, as_html = browser.get(f"/console/messages/{row.id}"), browser.get(f"/console/messages/{row.id}/html")
    for words in (row.address, row.subject, row.message_id, "BEGIN:VCALENDAR"):
        assert words.replace("<", "&lt;").replace(">", "&gt;") in shown.text
    for answer in (shown, as_html, site.program(standing).get(f"/api/messages/{row.id}")):
        assert answer.status_code == 200
        assert secret not in answer.text
        assert "/p/" not in answer.text
        assert "shown to nobody else" in answer.text
    assert secret in "".join(_texts(mime(row, site.now, "concordat@example.org"))), "what travels does hold it"


def _texts(travelled: bytes) -> list[str]:
    from email import message_from_bytes, policy

    return [part.get_content() for part in message_from_bytes(travelled, policy=policy.default).walk()
            if part.get_content_maintype() == "text" and isinstance(part, EmailMessage)]  # fmt: skip


def test_its_html_form_can_run_and_fetch_nothing(site: Site) -> None:
    asking(site)
    row = message_to(site, POLICE)
    changed(
        site, Message, row.id, shared_text_id=None, own_html="<p style='color:red'>Hello</p><script>alert(1)</script>"
    )
    answer = site.console().get(f"/console/messages/{row.id}/html")
    assert answer.headers["content-security-policy"] == "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "default-src 'none'" in site.console().get("/console/outbox").headers["content-security-policy"]


def test_what_a_message_says_is_no_part_of_the_page(site: Site) -> None:
    asking(site)
    row = message_to(site, POLICE)
    changed(
        site,
        Message,
        row.id,
        shared_text_id=None,
        own_text="<script>alert(1)</script>",
        subject="<b>x</b>",
        answer="<i>550</i>",
    )
    html = page(site, f"/console/messages/{row.id}") + page(site, "/console/outbox")
    for raw in ("<script>alert", "<b>x", "<i>550"):
        assert raw not in html


@pytest.mark.parametrize(("fate", "state"), [("sent", Delivery.ACCEPTED), ("send-again", Delivery.QUEUED)])
def test_a_message_in_doubt_is_settled_by_hand(site: Site, fate: str, state: Delivery) -> None:
    asking(site)
    number = in_doubt(site)
    browser = site.console(Standing.ASSISTANT)
    assert f"/console/messages/{number}/resolve/{fate}" in browser.get(f"/console/messages/{number}").text
    assert browser.post(f"/console/messages/{number}/resolve/{fate}").status_code == 303
    [row] = every(site, Message, Message.id == number)
    assert (row.state, row.in_doubt_at) == (state, site.now)
    [deed] = every(site, History, col(History.what).startswith("message in doubt"))
    assert deed.who.startswith("assistant (user ")
    assert every(site, Matter, col(Matter.key).contains("in-doubt:"), col(Matter.closed_at).is_(None)) == []
    assert "only one that is in doubt" in browser.post(f"/console/messages/{number}/resolve/{fate}").text


def test_what_has_failed_is_tried_again_at_the_address_of_today(site: Site) -> None:
    asking(site)
    row = message_to(site, POLICE)
    changed(site, Message, row.id, state=Delivery.FAILED, attempts=7, settled_at=site.now, answer="452 full")
    changed(site, Contact, row.contact_id, address="new@police.example")
    assert site.console().post(f"/console/messages/{row.id}/again").status_code == 303
    after = message_to(site, POLICE)
    assert (after.state, after.address, after.attempts, after.settled_at) == (
        Delivery.QUEUED, "new@police.example", 0, None,
    )  # fmt: skip
    assert after.message_id == row.message_id
    assert every(site, History, History.what == "failed message: sent again")
    refused = site.console().post(f"/console/messages/{row.id}/again")
    assert refused.status_code == 422
    assert "only one that has failed" in refused.text


def test_what_failed_for_its_address_waits_for_another_address(site: Site) -> None:
    asking(site)
    row, contact = message_to(site, POLICE), contact_of(site, POLICE)
    changed(site, Message, row.id, state=Delivery.FAILED, settled_at=site.now, bounced_at=site.now)
    changed(site, Contact, contact.id, bounced_at=site.now)
    refused = site.console().post(f"/console/messages/{row.id}/again")
    assert "correct the address first" in refused.text
    correct = f"/console/parties/{POLICE}/contacts/lead-member/correct"
    assert site.console().post(correct, data={"address": "new@police.example"}).status_code == 303
    assert "once more as message" in site.console().post(f"/console/messages/{row.id}/again").text


def test_what_only_tells_is_offered_on_the_list_and_sent_from_there(site: Site) -> None:
    asking(site)
    row, browser = message_to(site, POLICE), site.console(Standing.ASSISTANT)
    with site.store.begin() as connection:
        connection.execute(sa.delete(MessageAbout).where(col(MessageAbout.message_id) == row.id))
    changed(site, Message, row.id, state=Delivery.ACCEPTED, settled_at=site.now, only_while_owed=False)
    browser.post(f"/console/messages/{row.id}/came-back", data={"said": "550 No such user"})
    corrected(site, "new@police.example")
    again = f"/console/messages/{row.id}/again"
    assert f'href="{again}"' in page(site, "/console/matters")
    assert f'href="{again}"' in page(site, f"/console/messages/{row.id}")
    sent = browser.post(again)
    [copy] = every(site, Message, Message.key == f"message-{row.id}:once-more")
    assert sent.headers["location"].startswith(f"/console/messages/{copy.id}")
    assert (copy.address, copy.state) == ("new@police.example", Delivery.QUEUED)
    assert f'href="{again}"' not in page(site, "/console/matters")


def corrected(site: Site, address: str) -> None:
    path = f"/console/parties/{POLICE}/contacts/lead-member/correct"
    assert site.console().post(path, data={"address": address}).status_code == 303


def test_a_message_in_doubt_is_sent_again_to_the_address_of_today(site: Site) -> None:
    asking(site)
    number = in_doubt(site)
    site.later(minutes=1)
    corrected(site, "new@police.example")
    site.console().post(f"/console/messages/{number}/resolve/send-again")
    [copy] = every(site, Message, Message.key == f"message-{number}:once-more")
    assert (copy.address, copy.state) == ("new@police.example", Delivery.QUEUED)
    assert f"It goes once more, as message {copy.id}." in page(site, f"/console/messages/{number}")


def test_mail_that_came_back_stops_the_ladder_and_becomes_work(site: Site) -> None:
    asking(site)
    row = message_to(site, POLICE)
    path = f"/console/messages/{row.id}/came-back"
    early = site.console().post(path, data={"said": "550 No such user"})
    assert early.status_code == 422
    assert "550 No such user" in early.text
    changed(site, Message, row.id, state=Delivery.ACCEPTED, settled_at=site.now)
    assert site.console().post(path, data={}).status_code == 422
    assert site.console().post(path, data={"said": "550 No such user"}).status_code == 303
    assert contact_of(site, POLICE).bounced_at == site.now
    assert numbers(page(site, "/console/outbox?state=bounced")) == [row.id]
    assert "Mail comes back" in page(site, f"/console/parties/{POLICE}")


def test_a_delivery_report_is_read_from_a_file_or_as_text(site: Site) -> None:
    asking(site)
    row = message_to(site, POLICE)
    changed(site, Message, row.id, state=Delivery.ACCEPTED, settled_at=site.now)
    report = (
        'MIME-Version: 1.0\nContent-Type: multipart/report; report-type=delivery-status; boundary="b"\n\n'
        "--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx\n\n"
        f"Final-Recipient: rfc822; {row.address}\nAction: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 unknown\n\n"
        f"--b\nContent-Type: text/rfc822-headers\n\nMessage-ID: {row.message_id}\n\n--b--\n"
    )
    browser = site.console()
    nothing = browser.post("/console/messages/bounced", data={})
    assert nothing.status_code == 422
    assert "paste the report" in nothing.text
    other = browser.post("/console/messages/bounced", data={"pasted": "Dear all, hello."})
    assert other.status_code == 422
    assert "not a delivery report" in other.text
    assert "Dear all, hello." in other.text
    sent = browser.post("/console/messages/bounced", files={"report": ("report.eml", report.encode())})
    assert sent.status_code == 303
    assert contact_of(site, POLICE).bounced_at == site.now
    assert browser.post("/console/messages/bounced", data={"pasted": report}).status_code == 303


@pytest.mark.parametrize("act", ["resolve/sent", "again", "came-back"])
def test_an_auditor_reads_and_changes_nothing(site: Site, act: str) -> None:
    asking(site)
    number, auditor = in_doubt(site), site.console(Standing.AUDITOR)
    assert auditor.post(f"/console/messages/{number}/{act}", data={"said": "x"}).status_code == 403
    assert "What you can do" not in auditor.get(f"/console/messages/{number}").text
    assert every(site, Message, Message.id == number)[0].state is Delivery.IN_DOUBT


@pytest.fixture
def caught(site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """One message in the catcher's folder, and a file beside it that is no message."""
    monkeypatch.setenv("CONCORDAT_DATA", str(tmp_path))
    monkeypatch.setenv("CONCORDAT_WEB_DEMONSTRATION", "true")
    settings.cache_clear()
    monkeypatch.setattr("web.console.outbox_caught.settings", settings)
    asking(site)
    folder = tmp_path / "mail"
    folder.mkdir()
    (tmp_path / "secret.eml").write_text("Subject: secret\n\nTop of all")
    name = f"20261123T090000.000000Z-{message_to(site, POLICE).address}.eml"
    (folder / name).write_bytes(mime(message_to(site, POLICE), site.now, "concordat@example.org"))
    (folder / "20261123T080000.000000Z-x@y.example.eml").write_text("Subject: <script>alert(1)</script>\n\n<b>raw</b>")
    (folder / "half.partial").write_text("Subject: half")
    yield folder / name
    monkeypatch.undo()
    settings.cache_clear()


def test_a_newcomer_follows_a_partys_link_from_the_caught_mail(site: Site, caught: Path) -> None:
    html = page(site, "/console/caught-mail")
    assert "half" not in html
    found = re.search(
        rf'href="(/console/caught-mail/[^"]*{re.escape(caught.name[-20:-4])}[^"]*)"', html.replace("%40", "@")
    )
    assert found is not None
    shown = page(site, found[1])
    link = re.search(r'href="(/p/[^"]+)"', shown)
    assert link is not None
    assert site.browser().get(link[1]).status_code == 200
    visit = site.browser()
    assert visit.post(link[1]).headers["location"] == "/party"


def test_a_caught_message_is_text_and_no_part_of_the_page(site: Site, caught: Path) -> None:
    html = page(site, "/console/caught-mail") + page(
        site, "/console/caught-mail/20261123T080000.000000Z-x@y.example.eml"
    )
    assert "<script>alert" not in html
    assert "<b>raw" not in html


@pytest.mark.parametrize("name", [
    "..%2Fsecret.eml", "../secret.eml", "%2e%2e%2fsecret.eml", "..%5Csecret.eml", "half.partial", "%00", "mail",
    "%2Fetc%2Fpasswd",
])  # fmt: skip
def test_a_name_that_is_not_in_the_folder_is_nothing(site: Site, caught: Path, name: str) -> None:
    answer = site.console().get(f"/console/caught-mail/{name}")
    assert answer.status_code == 404
    assert "Top of all" not in answer.text


def test_a_name_is_never_made_a_path_of(site: Site, caught: Path) -> None:
    """A browser folds dots away before it asks; this is what would be asked if it did not."""
    with reading(site.store) as session:
        for name in ("../secret.eml", "..", ".", str(caught), f"../mail/{caught.name}", "/etc/passwd", ""):
            with pytest.raises(NotThere):
                _one(Asked(session, site.now, STRANGER, {"name": name}))
        assert _one(Asked(session, site.now, STRANGER, {"name": caught.name}))["mail"].name == caught.name


def test_caught_mail_is_for_the_secretary_and_only_in_a_demonstration(
    site: Site, caught: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever reads the secretary's sign-in link is the secretary."""
    for standing in (Standing.AUDITOR, Standing.ASSISTANT):
        for path in ("/console/caught-mail", f"/console/caught-mail/{caught.name}"):
            assert site.console(standing).get(path).status_code == 403
        assert "/console/caught-mail" not in site.console(standing).get("/console/outbox").text
    assert site.console().get(f"/console/caught-mail/{caught.name}").status_code == 200
    assert site.program().get("/api/caught-mail").status_code == 404
    monkeypatch.setenv("CONCORDAT_WEB_DEMONSTRATION", "false")
    settings.cache_clear()
    for path in ("/console/caught-mail", f"/console/caught-mail/{caught.name}"):
        assert site.console().get(path).status_code == 404


def test_only_links_become_links() -> None:
    text = "See http://127.0.0.1:8400/p/1-abc. Or (https://example.org/a?b=1), not javascript:alert(1)"
    found = [(words, href) for words, href in linked(text) if href]
    assert found == [
        ("http://127.0.0.1:8400/p/1-abc", "/p/1-abc"),
        ("https://example.org/a?b=1", "https://example.org/a?b=1"),
    ]
    assert "".join(words for words, _ in linked(text)) == text
