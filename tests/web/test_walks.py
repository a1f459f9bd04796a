"""Every page and every form that is declared, walked with real things in its address; nothing is listed by hand."""

import re
import sqlite3
from collections import Counter, deque
from collections.abc import Iterator
from contextlib import closing
from html import escape
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from starlette.routing import Match

from models.access import Standing
from settings import settings
from tests.web.page_rules import PageRead, faults, own_links
from tests.web.places import BEDFORD, BY_PATH, Found, Walk, drawn, walks
from tests.web.scenes import PRIVATE
from web.declaring import Act, Area, Page, area_of
from web.fields import Kind, kind_of, said_of
from web.limits import LIMITS

pytestmark = pytest.mark.slow  # four scenes are played for it; the quick run walks every route by who may (test_walls)

# What everybody in the partnership may look at: no party's own.
OF_ALL = {"review", "proposal", "slug", "label", "version", "clause", "key"}
STRANGERS_ANSWERS = (403, 404)
HOSTILE = "<script>alert('zz')</script>\"' {{ 7*7 }} \u202egnp.exe ' OR 1=1 --"


@pytest.fixture(autouse=True)
def caught_mail(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """As on a demonstration, where one mail was caught."""
    monkeypatch.setenv("CONCORDAT_DATA", str(tmp_path))
    monkeypatch.setenv("CONCORDAT_WEB_DEMONSTRATION", "true")
    settings.cache_clear()
    LIMITS.forget()
    (tmp_path / "mail").mkdir()
    mail = "From: a@example.org\nTo: b@example.org\nSubject: Hello\nDate: Mon, 23 Nov 2026 09:00:00 +0000\n\nHello."
    (tmp_path / "mail" / "20261123T090000.000000Z-b@example.org.eml").write_text(mail)
    yield
    monkeypatch.undo()
    settings.cache_clear()


def pages_of(walk: Walk) -> Iterator[tuple[Page | Act, Found]]:
    yield from ((BY_PATH[path], found) for path, found in walk.found.items())


def contents(store: sa.Engine) -> list[str]:
    """Every row of every table."""
    store.dispose()
    with closing(sqlite3.connect(store.url.database or "")) as connection:
        return list(connection.iterdump())


def test_every_declared_address_has_something_real_in_it(sqlite_store: sa.Engine) -> None:
    last = list(walks(sqlite_store))[-1]
    assert {path: seen[:3] for path, seen in last.missed.items()} == {}


def test_looking_at_everything_twice_changes_nothing(sqlite_store: sa.Engine) -> None:
    """By whom it was found for; by everybody else who may, below."""
    wrong = []
    for walk in walks(sqlite_store):
        before = contents(sqlite_store)
        for _ in range(2):
            wrong += [
                (answer.status_code, found.address)
                for declared, found in pages_of(walk)
                if (answer := walk.browser(found.visitor).get(found.address)).status_code
                not in _allowed(declared, True)
            ]
        assert contents(sqlite_store) == before
    assert not wrong, "\n".join(map(str, wrong))


def test_whoever_else_may_look_sees_it_too_and_changes_nothing(sqlite_store: sa.Engine) -> None:
    wrong = []
    for walk in walks(sqlite_store):
        before = contents(sqlite_store)
        for declared, found in pages_of(walk):
            for visitor in _all_who_may(walk, declared, found):
                answer = walk.browser(visitor).get(found.address)
                if answer.status_code not in _allowed(declared, False):
                    wrong.append((answer.status_code, visitor, found.address))
        assert contents(sqlite_store) == before
    assert not wrong, "\n".join(map(str, wrong))


def _all_who_may(walk: Walk, declared: Page | Act, found: Found) -> list[str]:
    """Somebody of each other standing that is let in."""
    return [walk.others_of(each) for each in declared.who if each is not walk.standing(found.visitor)]


def _allowed(declared: Page | Act, owner: bool) -> tuple[int, ...]:
    """A thing of the one is not there for the others."""
    return (200,) if owner or "{" not in declared.path else (200, 404)


FOR_PROGRAMMERS = ("/console/api",)  # says days and instants as programs write them


def test_every_page_keeps_the_rules_of_a_page(sqlite_store: sa.Engine) -> None:
    wrong = []
    for walk in walks(sqlite_store):
        for declared, found in pages_of(walk):
            if not found.text or declared.path in FOR_PROGRAMMERS:
                continue
            for_people = area_of(declared.path) is not Area.CONSOLE
            wrong.extend(f"{found.address}: {fault}" for fault in faults(found.text, for_people=for_people))
            links = own_links(PageRead(found.text), found.address)
            wrong.extend(f"{found.address}: leads nowhere: {link}" for link in links if not _route_of(walk, link))
    assert not wrong, "\n".join(map(str, wrong))


def test_every_link_leads_to_something_that_is_shown(sqlite_store: sa.Engine) -> None:
    wrong, seen = [], set()
    for walk in walks(sqlite_store):
        for _, found in pages_of(walk):
            browser = walk.browser(found.visitor)
            for link in own_links(PageRead(found.text), found.address):
                whose = (walk.scene, found.visitor, link)
                if whose in seen or link.startswith("/static/"):
                    continue
                seen.add(whose)
                status = browser.get(link).status_code
                if status not in (200, 303):
                    wrong.append(f"{found.address} ({found.visitor}): {status} {link}")
    assert not wrong, "\n".join(map(str, wrong))


LED_OFTEN_ENOUGH = 2  # to one route: who is turned away there is said by its declaration


def test_nobody_is_led_to_where_they_are_turned_away(sqlite_store: sa.Engine) -> None:
    """A link to what somebody else may do is no link for who looks at the page."""
    wrong = []
    for walk in walks(sqlite_store):
        own = {Area.CONSOLE: ("auditor", "assistant", "secretary"), Area.PARTY: _of_parties(walk)}
        for area, visitors in own.items():
            for visitor in visitors:
                wrong += [f"{page} leads {visitor} to {link}" for page, link in _turned_away(walk, visitor, area)]
    assert not wrong, "\n".join(map(str, sorted(set(wrong))))


def _of_parties(walk: Walk) -> list[str]:
    """One of each role, and the adviser."""
    contacts = {each.rpartition(" ")[2]: each for each in walk.cookies if each.startswith("party ")}
    return [*contacts.values(), "adviser"]


def _turned_away(walk: Walk, visitor: str, area: Area) -> Iterator[tuple[str, str]]:
    """From every page of the area that is for them, and from where its links lead."""
    browser, standing, led = walk.browser(visitor), walk.standing(visitor), Counter[str]()
    starts = [(declared, found) for declared, found in pages_of(walk) if area_of(declared.path) is area]
    left = deque([("", found.address) for declared, found in starts if standing in declared.who])
    while left:
        page, link = left.popleft()
        led[route := _route_of(walk, link)] += 1
        if led[route] > LED_OFTEN_ENOUGH or link.startswith("/static/"):
            continue
        answer = browser.get(link)
        if answer.status_code == 403:
            yield page, link
        if answer.status_code == 200 and "html" in answer.headers["content-type"]:
            left.extend((link, each) for each in own_links(PageRead(answer.text), link))


ROUTES: dict[str, str] = {}  # by path: the same in every walk, and asked for by every link of every page


def _route_of(walk: Walk, link: str) -> str:
    path = link.partition("?")[0]
    if path not in ROUTES:
        scope = {"type": "http", "method": "GET", "path": path, "root_path": "", "headers": []}
        found = (route.path for route in walk.site.app.routes if route.matches(dict(scope))[0] is Match.FULL)  # type: ignore[attr-defined]
        ROUTES[path] = next(found, "")
    return ROUTES[path]


def test_another_partys_things_are_not_there(sqlite_store: sa.Engine) -> None:
    """Bedford Borough has a part in none of the breaches and complaints."""
    wrong = []
    for walk in walks(sqlite_store):
        others = [each for each in walk.cookies if f" {BEDFORD} " in each]
        assert others
        for declared, found in pages_of(walk):
            if area_of(declared.path) is not Area.PARTY or Standing.PARTY not in declared.who:
                continue
            theirs = set(re.findall(r"\{(\w+)", declared.path)) - OF_ALL
            for other in others:
                wrong.extend(_seen_by(walk, declared, found, other, strict=bool(theirs)))
    assert not wrong, "\n".join(map(str, wrong))


def _seen_by(walk: Walk, declared: Page | Act, found: Found, other: str, *, strict: bool) -> Iterator[str]:
    browser = walk.browser(other)
    methods = ("GET", "POST") if isinstance(declared, Act) and strict else ("GET",)
    for method in methods:
        answer = browser.request(method, found.address)
        if strict and answer.status_code not in STRANGERS_ANSWERS:
            yield f"{method} {found.address}: {answer.status_code} to {other}"
        if PRIVATE in answer.text:
            yield f"{method} {found.address}: tells {other} what is private"


def test_nobody_at_a_party_learns_who_reported_in_confidence(sqlite_store: sa.Engine) -> None:
    wrong = []
    for walk in walks(sqlite_store):
        for declared, found in pages_of(walk):
            told = any(who in found.text for who in (f"Robin {PRIVATE}", "Robin Reporter", "robin@example.org"))
            if told and area_of(declared.path) in (Area.PARTY, Area.PUBLIC):
                wrong.append(found.address)
    assert not wrong, "\n".join(map(str, wrong))


def test_another_reporters_things_are_not_there(sqlite_store: sa.Engine) -> None:
    wrong = []
    for walk in walks(sqlite_store):
        other = "reporter 3"  # reported the third breach, without a name
        for declared, found in pages_of(walk):
            if declared.who != {Standing.REPORTER}:
                continue
            assert found.visitor != other or "{" not in declared.path
            answer = walk.browser(other).get(found.address)
            if "{" in declared.path and answer.status_code != 404:
                wrong.append((answer.status_code, found.address))
            if PRIVATE in answer.text.replace(f"{PRIVATE}-third", ""):
                wrong.append((answer.status_code, found.address))
    assert not wrong, "\n".join(map(str, wrong))


def test_an_empty_form_comes_back_with_what_to_do(sqlite_store: sa.Engine) -> None:
    wrong = []
    for walk in walks(sqlite_store):
        for declared, found in pages_of(walk):
            if isinstance(declared, Act) and _asks(declared):
                LIMITS.forget()
                answer = walk.browser(found.visitor).post(found.address, data=hidden(found.text))
                if drawn(declared, found.text):
                    wrong.extend(f"{found.address}: {fault}" for fault in _wrong_with_errors(declared, answer))
                elif answer.status_code not in (303, 404, 409, 422):
                    wrong.append(f"{found.address}: {answer.status_code}, although it asks nothing")
                if answer.status_code != 422:
                    walk.again()
    assert not wrong, "\n".join(map(str, wrong))


def hidden(page: str) -> dict[str, str]:
    """What the form sends without anybody doing anything."""
    form = page.partition('method="post"')[2].partition("</form>")[0]
    return dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form))


def _asks(act: Act) -> bool:
    return any(kind_of(info) is not Kind.CARRIED for info in act.fields.model_fields.values())


def _wrong_with_errors(act: Act, answer: Any) -> Iterator[str]:
    if answer.status_code != 422:
        needs = [name for name, info in act.fields.model_fields.items() if info.is_required()]
        if needs or answer.status_code not in (200, 303, 409):
            yield f"{answer.status_code} although it needs {needs}"
        return
    page = PageRead(answer.text)
    if not page.title.strip().startswith("Error: "):
        yield f"its title is “{page.title.strip()}”"
    if not page.summary:
        yield "no summary"
    yield from (
        f"the summary leads to {each}" for each in page.summary if not each[1:] or each[1:] not in page.focusable
    )
    yield from faults(answer.text, for_people=area_of(act.path) is not Area.CONSOLE)


@pytest.mark.parametrize("everything_is_wrong", [True, False], ids=["all wrong", "hostile words"])
def test_hostile_words_are_kept_and_escaped_and_never_break_anything(
    sqlite_store: sa.Engine, everything_is_wrong: bool
) -> None:
    wrong = []
    for walk in walks(sqlite_store):
        for declared, found in pages_of(walk):
            if isinstance(declared, Act):
                LIMITS.forget()
                browser = walk.browser(found.visitor)
                sent = _all_wrong(declared) if everything_is_wrong else _hostile(declared, found.text)
                answer = browser.post(found.address, **_as_form(declared, sent))
                on_page = drawn(declared, found.text)
                wrong.extend(f"{found.address}: {fault}" for fault in _wrong_with_kept(declared, sent, answer, on_page))
                if answer.status_code == 303:
                    shown = browser.get(answer.headers["location"])
                    wrong.extend(f"after {found.address}: {fault}" for fault in _wrong_with_shown(shown))
                walk.again()
    assert not wrong, "\n".join(map(str, wrong))


def _all_wrong(act: Act) -> dict[str, Any]:
    """Too long, and no number, day or choice that was offered."""
    sent: dict[str, Any] = {}
    for name, info in act.fields.model_fields.items():
        kind = kind_of(info)
        if kind in (Kind.DAY, Kind.INSTANT):
            sent |= {f"{name}-{part}": HOSTILE for part in ("day", "month", "year", "time")}
        elif kind not in (Kind.UPLOAD, Kind.CARRIED):
            sent[name] = HOSTILE if kind is not Kind.WORDS else HOSTILE + "x" * 10_000
    return sent


def _hostile(act: Act, page: str) -> dict[str, Any]:
    """As good as it goes, with hostile words: what is offered first, today, and the number 1."""
    sent: dict[str, Any] = {}
    for name, info in act.fields.model_fields.items():
        match kind_of(info):
            case Kind.DAY | Kind.INSTANT:
                sent |= {f"{name}-day": "26", f"{name}-month": "11", f"{name}-year": "2026"}
                sent |= {f"{name}-time": "09:30"} if kind_of(info) is Kind.INSTANT else {}
            case Kind.WHOLE:
                sent[name] = "1"
            case Kind.TICK:
                sent[name] = "yes"
            case Kind.CHOICE | Kind.PICK | Kind.TICKS:
                if offered := _offered(name, page):
                    sent[name] = offered
            case Kind.LINE | Kind.WORDS:
                address = said_of(info).get("input_type") == "email"
                sent[name] = "someone@example.org" if address else HOSTILE
    return sent


def _offered(name: str, page: str) -> str | None:
    for shape in (
        rf'<input[^>]*name="{re.escape(name)}"[^>]*value="([^"]+)"',
        rf'<select[^>]*name="{re.escape(name)}".*?<option value="([^"]+)"',
    ):
        if found := re.search(shape, page, re.DOTALL):
            return found[1]
    return None


def _as_form(act: Act, sent: dict[str, Any]) -> dict[str, Any]:
    uploads = {name for name, info in act.fields.model_fields.items() if kind_of(info) is Kind.UPLOAD}
    files = {name: ("../../etc/<b>passwd", HOSTILE.encode(), "text/plain") for name in uploads}
    return {"data": sent, "files": files} if files else {"data": sent}


def _wrong_with_kept(act: Act, sent: dict[str, Any], answer: Any, on_page: set[str]) -> Iterator[str]:
    if answer.status_code >= 500 or answer.status_code not in (200, 303, 404, 409, 410, 422, 429):
        yield f"answers {answer.status_code}"
    if "<script>alert" in answer.text:
        yield "gives the script back as a script"
    if answer.status_code == 422:
        for name, info in act.fields.model_fields.items():
            if kind_of(info) in (Kind.LINE, Kind.WORDS, Kind.WHOLE) and name in sent and name in on_page:
                kept = sent[name].strip()
                if (
                    kept not in answer.text
                    and str(escape(kept)).replace("&#x27;", "&#39;").replace("&quot;", "&#34;") not in answer.text
                ):
                    yield f"has lost “{name}”"


def _wrong_with_shown(answer: Any) -> Iterator[str]:
    if answer.status_code not in (200, 303):
        yield f"{answer.status_code} at {answer.request.url.path}"
    if "<script>alert" in answer.text:
        yield f"the script stands at {answer.request.url.path}"
