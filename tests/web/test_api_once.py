"""Sent twice, done once: by a program under its key, by a form under the key in it."""

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import select

from actions.access.forgetting import ASKED_AGAIN_WITHIN, forget_old_answers
from models.access import AnsweredRequest, ConsoleUser, Standing
from models.store import reading
from tests.web.asking import asking
from tests.web.site import Site, loaded_site
from web.once import new_key

ADD = "/api/access/users/add"
ANN = {"name": "Ann", "address": "ann@isp-bedfordshire.example", "standing": "auditor"}
KEY = {"idempotency-key": "the-first-key"}


def users(site: Site) -> int:
    with reading(site.store) as session:
        return len(session.exec(select(ConsoleUser)).all())


def keys(site: Site) -> list[str]:
    with reading(site.store) as session:
        return [row.key for row in session.exec(select(AnsweredRequest))]


def test_the_same_key_and_body_get_the_same_answer_and_it_is_done_once(site: Site) -> None:
    program, before = site.program(), users(site)
    first, second = (program.post(ADD, json=ANN, headers=KEY) for _ in range(2))
    assert first.status_code == second.status_code == 200
    assert first.json() == second.json()
    assert first.json()["user"]
    assert users(site) == before + 1


def test_the_same_key_for_something_else_is_refused_and_nothing_is_done(site: Site) -> None:
    program = site.program()
    program.post(ADD, json=ANN, headers=KEY)
    before = users(site)
    other = program.post(ADD, json=ANN | {"name": "Bob", "address": "bob@b.example"}, headers=KEY)
    elsewhere = program.post("/api/gaps/open", json={}, headers=KEY)
    assert other.status_code == 409
    assert "key of its own" in other.json()["detail"]
    assert elsewhere.status_code == 422
    assert users(site) == before


def test_a_request_that_failed_leaves_its_key_free(site: Site) -> None:
    program = site.program()
    known = {"name": "Again", "address": "secretary@isp-bedfordshire.example", "standing": "auditor"}
    assert program.post(ADD, json=known, headers=KEY).status_code == 409
    assert program.post(ADD, json={}, headers=KEY).status_code == 422
    assert keys(site) == []
    assert program.post(ADD, json=ANN, headers=KEY).status_code == 200


def test_a_key_is_its_senders_own(site: Site) -> None:
    first, before = site.program(), users(site)
    assert first.post(ADD, json=ANN, headers=KEY).status_code == 200
    site.console(Standing.SECRETARY)
    other = a_second_secretary(site)
    bob = {"name": "Bob", "address": "bob@isp-bedfordshire.example", "standing": "auditor"}
    assert other.post(ADD, json=bob, headers=KEY).status_code == 200
    assert users(site) == before + 3


def a_second_secretary(site: Site) -> Any:
    from actions.access.tokens import make_token
    from actions.access.users import add_user

    def made(session: Any, now: Any, protocol: Any) -> str:
        user = add_user(session, now, protocol, Standing.SECRETARY, "Second", "second@isp-bedfordshire.example", "test")
        return make_token(session, now, user, "second", Standing.SECRETARY, 30)[1]

    client = site.browser()
    client.headers["authorization"] = f"Bearer {site.acting(made)}"
    return client


def test_two_that_come_at_once_are_one_on_both_databases(store: sa.Engine) -> None:
    site = loaded_site(store)
    program, before = site.program(), users(site)
    answers = at_once(6, lambda: program.post(ADD, json=ANN, headers=KEY))
    assert [each.status_code for each in answers] == [200] * 6
    assert len({each.text for each in answers}) == 1
    assert users(site) == before + 1
    assert keys(site) == ["the-first-key"]


def at_once(number: int, act: Callable[[], Any]) -> list[Any]:
    said: list[Any] = []
    ready = threading.Barrier(number)

    def go() -> None:
        ready.wait()
        said.append(act())

    threads = [threading.Thread(target=go) for _ in range(number)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    return said


def test_it_gets_the_first_answer_although_the_same_could_not_be_chosen_any_more(site: Site) -> None:
    """Extending a duty twice by the same request; a form that is sent twice meets other choices the second time."""
    asking(site)
    program = site.program()
    body = {"due_on": "2027-03-31", "because": "More time."}
    first, second = (program.post("/api/obligations/1/extend", json=body, headers=KEY) for _ in range(2))
    assert first.status_code == 200, first.text
    assert second.json() == first.json()


def test_a_form_sent_twice_is_answered_as_the_first_time_even_where_its_choices_are_gone(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dataclasses import replace
    from functools import partial

    from web import answering
    from web.console.access import ACTS

    add = next(act for act in ACTS if act.path.endswith("users/add"))
    left = [[("auditor", "Auditor")]]
    gone = replace(add, choices=lambda _: {"standing": left.pop() if left else []})
    for route in site.app.router.routes:
        if getattr(route, "path", "") == add.path and "POST" in (route.methods or ()):
            monkeypatch.setattr(route, "app", request_app(partial(answering.do, gone)))
    browser, sent = site.console(), {**ANN, "once": new_key()}
    answers = [browser.post(add.path, data=sent) for _ in range(2)]
    assert [each.status_code for each in answers] == [303, 303]


def request_app(handler: Any) -> Any:
    from starlette.routing import request_response

    return request_response(handler)


def test_old_answers_are_forgotten_after_a_week(site: Site) -> None:
    program = site.program()
    program.post(ADD, json=ANN, headers=KEY)
    site.acting(lambda session, now, _: forget_old_answers(session, now + ASKED_AGAIN_WITHIN - timedelta(seconds=1)))
    assert keys(site) == ["the-first-key"]
    assert site.acting(lambda session, now, _: forget_old_answers(session, now + ASKED_AGAIN_WITHIN)) == 1
    assert keys(site) == []


def test_a_key_that_no_column_holds_is_refused(site: Site) -> None:
    answer = site.program().post(ADD, json=ANN, headers={"idempotency-key": "k" * 101})
    assert answer.status_code == 422
    assert "idempotency-key" in str(answer.json()["fields"]).lower()
