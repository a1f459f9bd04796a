"""Runs: what Prefect says, in words; a run that is started and looked at; the clock's silence; the proof."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from sqlmodel import Session, select

from actions.watching import begin_beat, end_beat
from models.access import Standing
from models.history import History
from models.store import reading
from tests.web.site import Site

RUN = "0f8fad5b-d9cb-469f-a165-70867728950e"
FOUND = {
    "id": RUN, "deployment_id": "d1", "name": "sweep-09", "state_type": "RUNNING",
    "expected_start_time": "2026-11-23T09:00:00Z", "start_time": "2026-11-23T09:00:01Z", "end_time": None,
}  # fmt: skip


class Prefect(BaseHTTPRequestHandler):
    """The four questions that are asked of a Prefect server, answered as it answers them."""

    created: list[tuple[str, Any]]
    state = "RUNNING"

    def do_GET(self) -> None:
        self._say({"id": self.path.split("/")[-1]})

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])) or "{}")
        if self.path.endswith("/create_flow_run"):
            type(self).created.append((self.path.split("/")[-2], body["parameters"]))
            self._say({"id": RUN})
        elif self.path.endswith("/deployments/filter"):
            self._say([{"id": "d1", "name": "sweep"}])
        else:
            self._say([FOUND | {"state_type": type(self).state}])

    def _say(self, found: Any) -> None:
        content = json.dumps(found).encode()
        self.send_response(200)
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def prefect(monkeypatch: pytest.MonkeyPatch) -> Iterator[type[Prefect]]:
    Prefect.created, Prefect.state = [], "RUNNING"
    server = ThreadingHTTPServer(("127.0.0.1", 0), Prefect)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("PREFECT_API_URL", f"http://127.0.0.1:{server.server_port}/api")
    yield Prefect
    server.shutdown()
    server.server_close()


@pytest.fixture
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PREFECT_API_URL", raising=False)


@pytest.mark.usefixtures("alone")
def test_without_prefect_a_sentence_says_so_and_nothing_is_lost(site: Site) -> None:
    browser = site.console()
    assert "no Prefect server is known" in browser.get("/console/runs").text
    answer = browser.post("/console/runs/start/flow", data={"flow": "sweep"})
    assert answer.status_code == 422
    assert "no Prefect server is known" in answer.text
    assert "no Prefect server is known" in browser.get(f"/console/runs/{RUN}").text


def test_a_sweep_is_started_and_its_progress_shown(site: Site, prefect: type[Prefect]) -> None:
    browser = site.console()
    started = browser.post("/console/runs/start/flow", data={"flow": "sweep"})
    assert (started.status_code, started.headers["location"]) == (303, f"/console/runs/{RUN}")
    assert prefect.created == [("sweep", {})]
    page = browser.get(f"/console/runs/{RUN}").text
    assert ">running</strong>" in page
    assert "Look again" in page
    assert f"/runs/flow-run/{RUN}" in page
    prefect.state = "COMPLETED"
    assert ">done</strong>" in browser.get(f"/console/runs/{RUN}").text
    assert "The sweep" in browser.get("/console/runs").text


def test_a_breachs_own_run_is_started_with_its_number_alone(site: Site, prefect: type[Prefect]) -> None:
    site.report()
    browser = site.console(Standing.ASSISTANT)
    assert browser.post("/console/runs/start/breach/1").status_code == 303
    assert prefect.created == [("breach-follow-up", {"breach_id": 1})]
    assert browser.post("/console/runs/start/breach/99").status_code in (404, 422)
    assert browser.post("/console/runs/start/review/99").status_code in (404, 422)
    assert len(prefect.created) == 1


def test_an_auditor_starts_nothing_and_other_runs_than_offered_are_not_started(
    site: Site, prefect: type[Prefect]
) -> None:
    assert site.console(Standing.AUDITOR).post("/console/runs/start/flow", data={"flow": "sweep"}).status_code == 403
    assert site.console(Standing.AUDITOR).get("/console/runs").status_code == 200
    assert site.console().post("/console/runs/start/flow", data={"flow": "../../x"}).status_code == 422
    assert site.console().get("/console/runs/..%2f..%2fx").status_code == 404
    assert prefect.created == []


@pytest.mark.usefixtures("alone")
def test_the_clocks_silence_is_red_and_its_life_is_said(site: Site) -> None:
    site.later(minutes=16)
    assert "govuk-tag--red" in site.console().get("/console/runs").text

    def beaten(session: Session, now: Any, _protocol: Any) -> None:
        begin_beat(session, now, "sweep")
        end_beat(session, now, "sweep")

    site.acting(beaten)
    page = site.console().get("/console/runs").text
    assert "govuk-tag--red" not in page
    assert "The sweep: began 23 November 2026" in page


def test_the_proof_is_asked_and_says_what_was_altered(site: Site) -> None:
    auditor = site.console(Standing.AUDITOR)
    assert "Fingerprint" not in auditor.get("/console/proof").text
    page = auditor.get("/console/proof?now=yes").text
    assert "It holds" in page
    assert "seconds" in page
    with reading(site.store) as session:
        number = session.exec(select(History.id)).first()
    with site.store.begin() as connection:
        connection.exec_driver_sql("DROP TRIGGER IF EXISTS history_no_update")
        for name in connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type='trigger'").scalars().all():
            connection.exec_driver_sql(f'DROP TRIGGER "{name}"')
        connection.exec_driver_sql(f"UPDATE history SET who = 'nobody' WHERE id = {number}")
    assert "Does not hold" in auditor.get("/console/proof?now=yes").text
