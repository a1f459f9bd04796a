"""A report wakes its flow at once: the names that are asked for exist, and what is sent is what the flow takes."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from importlib import import_module
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from ruamel.yaml import YAML

from bench import breach as way_of_a_report
from settings import HERE, settings
from tests.migrated_prefect import put_into
from web.waking import BREACH_FOLLOW_UP, COMPLAINT_ANALYSIS, NOT_WOKEN, wake_breach, wake_complaint

BY_NAME = f"/api/deployments/name/{BREACH_FOLLOW_UP}"
RUN = "/api/deployments/4711/create_flow_run"
BREACH = 7
AT_MOST_SECONDS = 15


class Prefect(HTTPServer):
    """Answers as the real one does where a deployment is woken, and keeps what it was asked."""

    def __init__(self, answers: dict[str, str]) -> None:
        self.answers, self.asked = answers, list[tuple[str, str, Any]]()
        super().__init__(("127.0.0.1", 0), _Answering)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Answering(BaseHTTPRequestHandler):
    server: Prefect

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.server.asked.append((self.command, self.path, json.loads(body) if body else None))
        found = self.server.answers.get(self.path)
        self.send_response(404 if found is None else 200)
        self.end_headers()
        self.wfile.write((found or "").encode())

    do_GET = do_POST = _answer  # noqa: N815 - the names the standard library calls

    def log_message(self, *_: object) -> None:
        """Nothing on the screen."""


@contextmanager
def prefect(**answers: str) -> Iterator[Prefect]:
    server = Prefect({BY_NAME: '{"id": 4711}', RUN: '{"id": 1}'} | {f"/{path}": said for path, said in answers.items()})
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("CONCORDAT_DATA", str(tmp_path))
    monkeypatch.delenv("PREFECT_API_URL", raising=False)
    settings.cache_clear()
    yield tmp_path
    settings.cache_clear()


def is_up(data: Path, said: str) -> None:
    (data / "up.json").write_text(said, encoding="utf-8")


@pytest.mark.parametrize(("asked", "takes"), [(BREACH_FOLLOW_UP, "breach_id"), (COMPLAINT_ANALYSIS, "complaint_id")])
def test_it_asks_for_a_deployment_that_prefect_yaml_makes_of_a_flow_of_that_name(asked: str, takes: str) -> None:
    deployments = YAML(typ="safe").load(HERE / "prefect.yaml")["deployments"]
    entrypoints = {each["name"]: each["entrypoint"] for each in deployments}
    flow_name, deployment = asked.split("/")
    module, _, name = entrypoints[deployment].rpartition(".")
    flow = getattr(import_module(module), name)
    assert flow.name == flow_name
    assert flow.parameters.required == [takes]


def test_a_complaint_wakes_its_own_flow(data: Path) -> None:
    by_name = f"/api/deployments/name/{COMPLAINT_ANALYSIS}"
    with prefect() as server:
        server.answers[by_name] = '{"id": 4711}'
        is_up(data, json.dumps({"prefect": server.address}))
        assert wake_complaint(12) is None
    assert server.asked == [("GET", by_name, None), ("POST", RUN, {"parameters": {"complaint_id": 12}})]


def test_the_flow_of_that_breach_and_no_other_is_run(data: Path) -> None:
    with prefect() as server:
        is_up(data, json.dumps({"prefect": server.address}))
        assert wake_breach(BREACH) is None
    assert server.asked == [("GET", BY_NAME, None), ("POST", RUN, {"parameters": {"breach_id": BREACH}})]


def test_a_server_that_the_environment_names_is_asked_where_nothing_is_up_here(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with prefect() as server:
        monkeypatch.setenv("PREFECT_API_URL", f"{server.address}/api")
        assert wake_breach(BREACH) is None
    assert [path for _, path, _ in server.asked] == [BY_NAME, RUN]


@pytest.mark.parametrize(
    "answers", [{BY_NAME: "not JSON"}, {BY_NAME: "{}"}, {BY_NAME: "[]"}, {RUN: "not JSON either"}],
    ids=["garbage", "no id", "a list", "garbage for the run"],
)  # fmt: skip
def test_whatever_it_answers_the_report_stands_and_the_reporter_hears_that_the_sweep_comes(
    data: Path, answers: dict[str, str]
) -> None:
    with prefect() as server:
        server.answers |= answers
        is_up(data, json.dumps({"prefect": server.address}))
        assert wake_breach(BREACH) == NOT_WOKEN


@pytest.mark.parametrize("missing", [BY_NAME, RUN])
def test_a_server_without_the_deployment_wakes_nothing(data: Path, missing: str) -> None:
    with prefect() as server:
        del server.answers[missing]
        is_up(data, json.dumps({"prefect": server.address}))
        assert wake_breach(BREACH) == NOT_WOKEN


@pytest.mark.parametrize("said", ["", "[]", '{"other": 1}', '{"prefect": "http://127.0.0.1:1"}'])
def test_a_state_that_names_no_server_wakes_nothing(data: Path, said: str) -> None:
    is_up(data, said)
    assert wake_breach(BREACH) == NOT_WOKEN


def test_where_nothing_runs_nothing_is_asked(data: Path) -> None:
    assert wake_breach(BREACH) == NOT_WOKEN


@pytest.mark.slow
def test_the_first_coordinator_has_it_within_fifteen_seconds_of_the_report(
    tmp_path: Path, migrated_prefect: Path
) -> None:
    """Through a real worker: of three, as other work on the machine may hold up two; once one has done it, that is
    enough. All are printed."""
    ways: list[way_of_a_report.Way] = []
    put_into(tmp_path / "data" / "prefect", migrated_prefect)
    with way_of_a_report.running(tmp_path / "data") as environment:
        while len(ways) < 3 and not any(way.total <= AT_MOST_SECONDS for way in ways):
            ways.append(way_of_a_report.way(environment, len(ways)))
    told = "; ".join(f"{way.total:.1f} s, of them {way.ours:.1f} s from our flow's first line" for way in ways)
    print(f"report kept → coordinator's message accepted: {told}")
    assert min(way.total for way in ways) <= AT_MOST_SECONDS, told
