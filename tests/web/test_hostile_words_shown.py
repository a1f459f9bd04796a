"""Whatever people wrote, wherever it is shown: hostile words in every text of a whole year, and every page that a link
leads to is looked at."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from html import unescape
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest
import sqlalchemy as sa
from sqlmodel import SQLModel, col, select

from models.fitting import _texts
from models.obligation import Obligation
from models.protocol import Contact, Party
from models.store import reading
from tests.web.rich import SIGNING, rich_site
from tests.web.site import Site
from web.commands import PLACES
from web.declared import ACTS, PAGES

HOSTILE = "\"'><script>alert(1)</script><img src=x onerror=alert(1)> {{7*7}} javascript:alert(1)"
RAW = ("<script>alert", "<img src=x", 'href="javascript', "href='javascript", ">49 ")
# What we made ourselves of words that were escaped there.
OURS = {"html", "text", "own_html", "own_text", "body", "source_text", "calendar"}
OF_EACH = 2  # pages of one route
MANY = 900


def poison(store: sa.Engine) -> int:
    """Every text that a person may have written, which is one with a space in it; how many."""
    poisoned = 0
    with store.begin() as connection:
        triggers = connection.execute(sa.text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).scalars().all()
        for name in triggers:
            connection.execute(sa.text(f'DROP TRIGGER "{name}"'))
        for table in SQLModel.metadata.sorted_tables:
            texts = {name for name, _ in _texts(table)} - OURS
            listed = {column.name for column in table.columns if isinstance(column.type, sa.JSON)} - OURS
            for row in connection.execute(table.select()).mappings().all():
                new = {name: f"{row[name]} {HOSTILE}" for name in texts if is_prose(row[name])}
                new |= {name: poisoned_within(row[name]) for name in listed if row[name] is not None}
                if new:
                    of = [column == row[column.name] for column in table.primary_key.columns]
                    connection.execute(table.update().where(*of).values(new))
                    poisoned += len(new)
    return poisoned


def is_prose(value: Any) -> bool:
    return isinstance(value, str) and " " in value.strip() and len(value) > 12


def poisoned_within(value: Any) -> Any:
    match value:
        case dict():
            return {key: poisoned_within(each) for key, each in value.items()}
        case list():
            return [poisoned_within(each) for each in value]
        case str() if value.count(" ") > 3:
            return f"{value} {HOSTILE}"
        case _:
            return value


def walked(browser: Any, begin: list[str]) -> Iterator[tuple[str, Any]]:
    """Every page that a link leads to, at most OF_EACH of one route."""
    waiting, seen, routes = list(begin), set(begin), Counter[str]()
    while waiting and len(seen) < MANY:
        path = waiting.pop(0)
        route = route_of(path)
        routes[route] += 1
        if routes[route] > OF_EACH and path not in begin:
            continue
        answer = browser.get(path)
        yield path, answer
        for link in re.findall(r'href="([^"]+)"', answer.text):
            to = urlsplit(urljoin(path, unescape(link)))
            where = to.path + (f"?{to.query}" if to.query else "")
            if not to.netloc and to.path.startswith("/") and where not in seen and not to.path.startswith("/static"):
                seen.add(where)
                waiting.append(where)


ROUTES = [
    (re.compile(PLACES.sub("[^/]+", declared.path.replace(".", r"\."))), declared.path) for declared in (*PAGES, *ACTS)
]


def route_of(path: str) -> str:
    plain = path.partition("?")[0]
    return next((declared for pattern, declared in ROUTES if pattern.fullmatch(plain)), plain)


def raw_in(answer: Any) -> list[str]:
    if "html" not in answer.headers.get("content-type", "") and "svg" not in answer.headers.get("content-type", ""):
        return []
    return [sign for sign in RAW if sign in answer.text]


@pytest.mark.slow
def test_no_page_shows_a_script_that_somebody_wrote(sqlite_store: sa.Engine) -> None:
    site = rich_site(sqlite_store, SIGNING)
    assert poison(site.store) > 500
    wrong: list[Any] = []
    met: Counter[str] = Counter()
    for who, browser, begin in readers(site):
        for path, answer in walked(browser, begin):
            met[who] += 1
            met["shown"] += "&lt;script&gt;alert" in answer.text
            if answer.status_code >= 500 or raw_in(answer):
                wrong.append((who, path, answer.status_code, raw_in(answer)))
    assert wrong == []
    assert met["console"] > 60, met
    assert met["party"] > 5
    assert met["shown"] > 50, "the words are on hardly any page: the walk proves nothing"


def readers(site: Site) -> Iterator[tuple[str, Any, list[str]]]:
    yield "console", site.console(), ["/console", "/console/threads", "/console/history", "/console/outbox"]
    yield "public", site.browser(), ["/", "/report"]
    with reading(site.store) as session:
        owed = (
            select(Party.slug, Contact.role)
            .join(Obligation, col(Obligation.party_id) == Party.id)
            .join(Contact, col(Contact.id) == Obligation.contact_id)
            .where(col(Obligation.outcome).is_(None))
        )
        found = {role: slug for slug, role in session.exec(owed.order_by(col(Obligation.id)))}
    for role, slug in found.items():
        yield "party", site.party(slug, role), ["/party", "/party/breaches"]


def test_the_words_of_the_test_would_be_seen(site: Site) -> None:
    """Both ways: raw they are found, escaped they are not."""
    from markupsafe import escape
    from starlette.responses import HTMLResponse

    def of(text: str) -> Any:
        made = HTMLResponse(text)
        return type("Answer", (), {"headers": made.headers, "text": text})

    assert raw_in(of(f"<p>{HOSTILE}</p>"))
    assert raw_in(of(f"<p>{escape(HOSTILE)}</p>")) == []
    assert json.loads(json.dumps(poisoned_within({"a": ["x", "a b c d e"]})))["a"][0] == "x"
