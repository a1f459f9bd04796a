"""The same pages and acts for programs: everything a person can read is JSON, and the document says how."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import sqlalchemy as sa

from models.access import Standing
from tests.web.rich import rich_site
from tests.web.site import Site
from web import api_values
from web.api_document import KINDS
from web.commands import PLACES
from web.declared import ACTS, PAGES
from web.declaring import Page, api_path
from web.fields import Kind, kind_of

ADD = "/api/access/users/add"
ANN = {"name": "Ann", "address": "ann@isp-bedfordshire.example", "standing": "auditor"}
READABLE = [page for page in PAGES if page.api and api_path(page.path)]
TEXTS = (Kind.LINE, Kind.WORDS, Kind.CHOICE, Kind.PICK)
DOABLE = [act for act in ACTS if act.api and api_path(act.path)]


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    from web.application import create_app

    return create_app(sa.create_engine("sqlite://"), secure=False).openapi()


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in document["paths"].items():
        for method, said in methods.items():
            yield path, method, said


@pytest.mark.slow
def test_everything_a_console_page_shows_is_json_too_while_a_year_is_under_way(
    sqlite_store: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever a page's values hold. What JSON has no word for is the page's fault, and is named here."""
    unforeseen: list[str] = []
    monkeypatch.setattr(api_values, "_word", lambda value: unforeseen.append(type(value).__name__))
    site = rich_site(sqlite_store)
    program, wrong = site.program(), []
    for page in READABLE:
        for path in somewhere(program, page):
            answer = program.get(path)
            if answer.status_code not in (200, 404, 409):
                wrong.append((path, answer.status_code, answer.text[:200]))
            elif unforeseen:
                wrong.append((path, 200, f"holds {set(unforeseen)}"))
            unforeseen.clear()
    assert wrong == []


PLACED = {
    "ref": ["gap:1", "complaint:1", "breach:1", "bedfordshire"], "slug": ["bedfordshire"], "case": ["review:1"],
    "party": ["bedford-borough-council"], "period": ["2026-Q4", "2027-Q1"], "which": ["acknowledgement"],
    "key": ["7-consent"], "year": ["2027"],
}  # fmt: skip


def somewhere(program: Any, page: Page) -> list[str]:
    """The first few of what the page is about; where an address names something else, a few words."""
    path, found = api_path(page.path) or "", [""]
    for part in re.split(r"(\{[^}]+\})", path):
        match = PLACES.fullmatch(part)
        values = [part] if match is None else ["1", "2"] if ":int}" in part else PLACED.get(match[1], ["bedfordshire"])
        found = [before + value for before in found for value in values]
    return found


@pytest.mark.slow
def test_every_instant_has_its_zone(sqlite_store: sa.Engine) -> None:
    site = rich_site(sqlite_store)
    program = site.program()
    for path in ("/api/obligations", "/api/outbox", "/api/history", "/api/access", "/api/complaints/1"):
        written = re.findall(r'"(\d{4}-\d\d-\d\dT[^"]*)"', program.get(path).text)
        assert written
        assert all(datetime.fromisoformat(each).tzinfo is not None for each in written), path


def test_the_document_is_openapi_and_names_every_page_and_act(document: dict[str, Any]) -> None:
    assert document["openapi"].startswith("3.1")
    jsonschema.Draft202012Validator.check_schema({"$defs": document["components"]["schemas"]})
    there = {(path, method) for path, method, _ in operations(document)}
    wanted = {(plain(page.path), "get") for page in READABLE} | {(plain(act.path), "post") for act in DOABLE}
    assert there == wanted
    names = [said["operationId"] for _, _, said in operations(document)]
    assert len(names) == len(set(names))


def plain(path: str) -> str:
    return PLACES.sub(lambda match: "{" + match[1] + "}", api_path(path) or "")


def test_every_operation_says_what_it_is_of_whom_it_lets_in_and_what_may_go_wrong(document: dict[str, Any]) -> None:
    tags = {each["name"] for each in document["tags"]}
    assert tags == set(KINDS)
    for path, method, said in operations(document):
        assert said["summary"], path
        assert set(said["tags"]) <= tags
        assert said["security"] == [{"HTTPBearer": []}]
        assert {"401", "403", "404", "409", "422", "429", "503"} <= set(said["responses"])
        if method == "post":
            assert "Idempotency-Key" in {each["name"] for each in said["parameters"]}


def test_what_a_form_offers_is_in_the_document_and_how_it_is_drawn_is_not(document: dict[str, Any]) -> None:
    fields = document["components"]["schemas"]["AccessUsersAdd"]
    assert fields["properties"]["standing"]["enum"] == ["secretary", "assistant", "auditor"]
    assert fields["additionalProperties"] is False
    text = json.dumps(document)
    for word in ("optional_said", '"autocomplete"', '"inputmode"', '"kind":'):
        assert word not in re.sub(r'"kind": \{', "", text)


def test_lists_say_how_they_are_narrowed_and_cut(document: dict[str, Any]) -> None:
    named = {each["name"] for each in document["paths"]["/api/obligations"]["get"]["parameters"]}
    assert {"party", "case", "after", "before"} <= named


@pytest.mark.parametrize("page", [page for page in READABLE if page.filters], ids=lambda page: page.path)
def test_every_filter_that_is_named_is_taken(site: Site, page: Page) -> None:
    if "{" in page.path:
        return
    program = site.program()
    for name in page.filters:
        assert program.get(api_path(page.path), params={name: "1"}).status_code in (200, 404, 409), name


def test_a_wrong_answer_is_said_at_its_field_in_the_forms_own_words(site: Site) -> None:
    answer = site.program().post(ADD, json={"name": "", "address": 7, "standing": "king"})
    assert answer.status_code == 422
    said = answer.json()
    assert isinstance(said["detail"], str)
    assert said["fields"]["name"] == "Enter a name"
    assert set(said["fields"]) == {"name", "address"}
    offered = site.program().post(ADD, json=ANN | {"standing": "king"}).json()
    assert offered["fields"] == {"standing": "Choose among assistant, auditor, secretary."}


def test_a_body_that_is_no_json_is_said_so(site: Site) -> None:
    program = site.program()
    for content, kind in ((b"{", "application/json"), (b"name=Ann", "application/x-www-form-urlencoded"),
                          (b'{"name": "Ann"}', "text/plain"), (b"", "application/json"), (b"[]", "application/json"),
                          (b"\xff\xfe", "application/json")):  # fmt: skip
        answer = program.post(ADD, content=content, headers={"content-type": kind})
        assert answer.status_code in (400, 422), content
        assert isinstance(answer.json()["detail"], str)


def test_an_instant_without_a_zone_and_a_year_beyond_the_calendar_are_refused(site: Site) -> None:
    site.acting(lambda session, now, protocol: None)
    program = site.program()
    for day in ("0001-01-01", "9999-12-31", "2027-13-01", "tomorrow"):
        answer = program.post("/api/obligations/1/extend", json={"due_on": day, "because": "So."})
        assert answer.status_code == 422, day
        assert set(answer.json()["fields"]) == {"due_on"}


def test_every_body_refuses_what_is_no_text_what_nobody_asks_for_and_empty_answers(site: Site) -> None:
    program = site.program()
    for act in DOABLE:
        path = PLACES.sub(lambda place: "1" if ":int}" in place[0] else "bedfordshire", api_path(act.path) or "")
        extra = program.post(path, json={"standing_of_mine": "secretary"}).json()
        assert "standing_of_mine" in extra["fields"], path
        texts = [name for name, info in act.fields.model_fields.items() if kind_of(info) in TEXTS]
        needed = [name for name in texts if act.fields.model_fields[name].is_required()]
        if texts:
            assert set(texts) <= set(program.post(path, json=dict.fromkeys(texts, "a\0b")).json()["fields"]), path
        if needed:
            assert set(needed) <= set(program.post(path, json=dict.fromkeys(needed, "   ")).json()["fields"]), path


def test_a_strangers_and_a_revoked_token_are_told_how_to_come_in(site: Site) -> None:
    stranger = site.browser().get("/api/access")
    assert stranger.status_code == 401
    assert stranger.headers["www-authenticate"] == "Bearer"
    assert "token" in stranger.json()["detail"]
    program = site.program()
    assert program.get("/api/access").status_code == 200
    site.later(days=31)
    assert program.get("/api/access").status_code == 401


def test_an_auditors_token_reads_and_does_nothing(site: Site) -> None:
    program = site.program(Standing.AUDITOR)
    assert program.get("/api/access").status_code == 200
    refused = program.post(ADD, json=ANN)
    assert refused.status_code == 403
    assert "auditor" in refused.json()["detail"]


def test_another_method_is_refused_with_the_one_that_is_meant(site: Site) -> None:
    for method in ("PUT", "DELETE", "PATCH"):
        answer = site.program().request(method, "/api/access")
        assert answer.status_code == 405
        assert answer.headers["allow"]
        assert isinstance(answer.json()["detail"], str)


def test_values_that_json_has_no_word_for_become_words(caplog: pytest.LogCaptureFixture) -> None:
    from dataclasses import dataclass
    from datetime import timedelta
    from decimal import Decimal

    from models.protocol import Protocol

    @dataclass
    class View:
        row: Any
        took: timedelta
        share: float

    said = json.loads(
        api_values.as_json({"view": View(Protocol(id=4), timedelta(hours=1), float("nan")), "of": Decimal(2)}).body
    )
    assert said == {"view": {"row": "protocol 4", "took": 3600.0, "share": None}, "of": "2"}
    assert "Decimal" in caplog.text
    assert json.loads(api_values.as_json({"at": datetime(2027, 1, 1, tzinfo=UTC)}).body) == {
        "at": "2027-01-01T00:00:00+00:00"
    }


def test_people_read_the_same_list_with_every_field(site: Site) -> None:
    page = site.console(Standing.AUDITOR).get("/console/api")
    assert page.status_code == 200
    for each in (*READABLE, *DOABLE):
        assert plain(each.path) in page.text
    for act in DOABLE:
        for name in act.fields.model_fields:
            assert f"<code>{name}</code>" in page.text


def test_what_the_guide_shows_can_be_sent(site: Site) -> None:
    """Its addresses are there, and its body is one that the act takes."""
    guide = (Path(__file__).parents[2] / "docs" / "guide-api.md").read_text()
    program = site.program()
    for path in set(re.findall(r"`(/api/[a-z][^`]*)`|8400(/api/[^\s\"]+)\n```", guide)):
        assert program.get("".join(path)).status_code in (200, 404), path
    assert program.get("/api/openapi.json").status_code == 200
    [body] = re.findall(r"-d '(.*)'", guide)
    extend = next(act for act in DOABLE if act.path.endswith("{obligation:int}/extend"))
    assert extend.fields.model_validate_json(body)
    assert program.post("/api/obligations/17/extend", json=json.loads(body)).status_code == 404
