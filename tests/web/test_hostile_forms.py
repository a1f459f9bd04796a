"""Forms and bodies that no page of ours would send."""

import json
from typing import Any

import pytest
from sqlmodel import select

from models.access import ConsoleUser, Standing
from models.gap import Gap
from models.obligation import Obligation
from models.store import reading
from tests.web.asking import POLICE, asking, duty_of, every
from tests.web.site import Site
from tests.web.walking import addresses
from web import guarding
from web.commands import PLACES
from web.declared import ACTS
from web.declaring import Act, api_path
from web.fields import Kind, kind_of

ADD = "/console/access/users/add"
ANN = {"name": "Ann", "address": "ann@isp-bedfordshire.example", "standing": "auditor"}
FORM = {"content-type": "application/x-www-form-urlencoded"}
ASSIGNED = {
    "id": "1", "user_id": "1", "contact_id": "1", "added_by": "nobody", "ended_at": "2020-01-01", "by": "the king",
    "who": "the king", "party_id": "2", "protocol_id": "9", "now": "2020-01-01", "caller": "secretary",
    "opened_by": "the king", "stage": "closed", "outcome": "waived", "discharged_by": "the king",
}  # fmt: skip


def test_a_form_sets_what_it_asks_and_nothing_beside_it(site: Site) -> None:
    browser = site.console(Standing.SECRETARY)
    assert browser.post(ADD, data=ASSIGNED | ANN).status_code == 303
    ann = every(site, ConsoleUser, ConsoleUser.name == "Ann")[0]
    assert ann.id != 1
    assert ann.standing is Standing.AUDITOR
    assert ann.added_by.startswith("secretary (user ")
    assert ann.ended_at is None


def test_nobody_gets_more_than_a_form_offers_by_naming_it_twice(site: Site) -> None:
    browser = site.console()
    answer = browser.post(ADD, content=b"name=Ann&address=a@b.example&standing=auditor&standing=secretary",
                          headers=FORM)  # fmt: skip
    assert answer.status_code == 303
    assert every(site, ConsoleUser, ConsoleUser.name == "Ann")[0].standing is Standing.AUDITOR


def test_a_gap_and_a_duty_are_whose_they_are_whatever_is_sent(site: Site) -> None:
    asking(site)
    assistant = site.console(Standing.ASSISTANT)
    assert assistant.post("/console/gaps/open", data=ASSIGNED | {"words": "Nothing on drones."}).status_code == 303
    gap = every(site, Gap)[0]
    assert gap.opened_by.startswith("assistant (user ")
    assert gap.closed_at is None
    duty = duty_of(site, POLICE)
    wanted = {"due_on-day": "31", "due_on-month": "3", "due_on-year": "2027", "because": "More time."}
    assert site.console().post(f"/console/obligations/{duty.id}/extend", data=ASSIGNED | wanted).status_code == 303
    after = every(site, Obligation, Obligation.id == duty.id)[0]
    assert (after.party_id, after.outcome, after.contact_id) == (duty.party_id, None, duty.contact_id)


def test_a_program_that_sends_more_than_is_asked_is_told_which(site: Site) -> None:
    answer = site.program().post("/api/access/users/add", json=ANN | {"by": "the king", "standing_": 1})
    assert answer.status_code == 422
    assert set(answer.json()["fields"]) == {"by", "standing_"}
    assert every(site, ConsoleUser, ConsoleUser.name == "Ann") == []


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "TRACE", "PROPFIND", "x"])
def test_another_method_is_a_page_that_says_what_to_do(site: Site, method: str) -> None:
    for path in ("/console/outbox", ADD, "/", "/party", "/report", "/sign-in"):
        answer = site.console().request(method, path)
        assert answer.status_code == 405, path
        assert "buttons of the page" in answer.text
    assert site.console().post("/console/outbox").status_code == 405


def test_a_method_in_a_header_or_a_field_is_no_method(site: Site) -> None:
    before = len(every(site, ConsoleUser))
    browser = site.console()
    browser.get(ADD, params=ANN | {"_method": "POST"}, headers={"x-http-method-override": "POST"})
    assert len(every(site, ConsoleUser)) == before


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (json.dumps(ANN).encode(), "application/json"), (json.dumps(ANN).encode(), "text/plain"),
        (b"<x/>", "application/xml"), (b"\xff\xfe\x00", "application/x-www-form-urlencoded"),
        (b"name=%ff%fe&address=%00", "application/x-www-form-urlencoded"), (b"x", "multipart/form-data"),
        (b"x", "multipart/form-data; boundary=y"), (b"--y\r\nx", "multipart/form-data; boundary=y"),
        (b"", ""), (b"name=Ann", "application/x-www-form-urlencoded; charset=utf-7"),
    ],
)  # fmt: skip
def test_a_body_that_is_no_form_of_ours_adds_nobody_and_is_no_error_of_ours(
    site: Site, content: bytes, kind: str
) -> None:
    before = len(every(site, ConsoleUser))
    answer = site.console().post(ADD, content=content, headers={"content-type": kind})
    assert answer.status_code in (400, 422), answer.text
    assert len(every(site, ConsoleUser)) == before


def test_many_fields_and_deep_json_are_refused_before_they_cost_anything(site: Site) -> None:
    many = "&".join(f"f{number}=1" for number in range(200_000)).encode()
    assert site.console().post(ADD, content=many, headers=FORM).status_code in (400, 413)
    files = [("file", (f"{number}.txt", b"x")) for number in range(20)]
    assert site.console().post(ADD, files=files).status_code in (400, 422)
    deep = b'{"name":' + b"[" * 100_000 + b"]" * 100_000 + b"}"
    assert site.program().post("/api/access/users/add", content=deep,
                               headers={"content-type": "application/json"}).status_code == 422  # fmt: skip
    large = json.dumps(ANN | {"name": "x" * guarding.LARGEST_BODY}).encode()
    assert site.program().post("/api/access/users/add", content=large,
                               headers={"content-type": "application/json"}).status_code == 413  # fmt: skip
    number = b'{"name": 1' + b"0" * 10_000 + b"}"
    assert site.program().post("/api/access/users/add", content=number,
                               headers={"content-type": "application/json"}).status_code == 422  # fmt: skip


UPLOADING = [act for act in ACTS if any(kind_of(info) is Kind.UPLOAD for info in act.fields.model_fields.values())]
NAMES = (
    "../../etc/passwd",
    "..\\..\\windows\\system.ini",
    "/etc/passwd",
    "a\r\nSet-Cookie: x=y",
    "<script>.yaml",
    "\0",
)


@pytest.mark.parametrize("act", UPLOADING, ids=lambda act: act.path)
def test_the_name_of_a_file_is_only_shown_never_a_path(site: Site, act: Act) -> None:
    field = next(name for name, info in act.fields.model_fields.items() if kind_of(info) is Kind.UPLOAD)
    path = PLACES.sub(lambda place: "1" if ":int}" in place[0] else "bedfordshire", act.path)
    if path.startswith("/party/"):
        return
    for name in NAMES:
        answer = site.console().post(path, files={field: (name, b"not: a protocol")})
        assert answer.status_code in (404, 409, 422), name
        assert "<script>" not in answer.text
        assert "set-cookie" not in answer.headers or "x=y" not in answer.headers["set-cookie"]
        if act.api and (to := api_path(path)):
            said = site.program().post(to, json={field: {"name": name, "text": "not: a protocol"}})
            assert said.status_code in (404, 409, 422)


QUERIED = (
    "who", "case", "name", "party", "ref", "show", "state", "clause", "owner", "kind", "due", "protocol", "year",
    "before", "after", "page", "which", "next",
)  # fmt: skip
REFLECTED = "\"'><script>alert(1)</script><img src=x onerror=alert(1)>{{7*7}}"


def test_what_is_sent_comes_back_escaped_in_every_field_of_every_form(site: Site) -> None:
    """And in every question mark's part: an address is what a stranger can make somebody open."""
    asking(site)
    browsers = {"console": site.console(), "party": site.party(POLICE), "report": site.browser()}
    wrong = []
    for address, declared in addresses():
        area = address.strip("/").partition("/")[0]
        browser = browsers.get(area) or browsers["report"]
        asked = dict.fromkeys([*QUERIED, *getattr(declared, "filters", {})], REFLECTED)
        queried = browser.get(address, params=asked)
        if is_raw(queried) or queried.status_code >= 500:
            wrong.append(("GET", address, queried.status_code))
        if isinstance(declared, Act) and "sign-out" not in address:
            sent = dict.fromkeys(declared.fields.model_fields, REFLECTED)
            sent |= {f"{name}-{part}": REFLECTED for name in sent for part in ("day", "month", "year", "time")}
            answer = browser.post(address, data=sent)
            if is_raw(answer) or answer.status_code >= 500:
                wrong.append(("POST", address, answer.status_code))
    assert wrong == []


def is_raw(answer: Any) -> bool:
    if "html" not in answer.headers.get("content-type", ""):
        return False
    return any(sign in answer.text for sign in ("<script>alert", "<img src=x", "'><", "49<", ">49"))


def test_an_address_that_is_no_text_is_not_there(site: Site) -> None:
    for path in ("/console/parties/%00", "/console/history/%00", "/console/outbox?case=%00", "/p/%00", "/sign-in/%00"):
        assert site.console().get(path).status_code in (404, 410), path
    for path in ("/api/parties/%00", "/api/history?who=%00", "/api/outbox?case=a%00b"):
        assert site.program().get(path).status_code == 404, path


def test_a_user_that_was_refused_is_nowhere(site: Site) -> None:
    with reading(site.store) as session:
        assert {user.name for user in session.exec(select(ConsoleUser))} == {"secretary"}
