"""schemathesis against the API: whatever it sends, right or wrong, the answer is one that the document promises.

A handful of operations with every test run, all of them among the slow. Its cases are drawn in tests of our own; its
pytest plugin is left out (pyproject.toml), because it costs every run a second.
"""

import random
from collections.abc import Iterator, Sequence
from typing import Any
from unittest import SkipTest

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import Case, GenerationMode, openapi
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from models.access import Standing
from tests.web.asking import asking
from tests.web.site import Site

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
QUICK = {"/api/obligations", "/api/gaps/open", "/api/obligations/{obligation}/extend"}
WHOSE: Sequence[Standing | None] = (None, Standing.AUDITOR, Standing.SECRETARY)  # who may do least comes first


def drawn(operation: Any, mode: GenerationMode, number: int, say: Any) -> None:
    """So many cases of it, the same in every run."""
    random.seed(4)  # schemathesis draws from it when it builds a strategy

    @settings(
        max_examples=number, deadline=None, database=None, derandomize=True, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(case=operation.as_strategy(generation_mode=mode))
    def each(case: Case) -> None:
        say(case)

    try:
        each()
    except (SkipTest, Unsatisfiable):
        return  # an address without any question cannot be asked wrongly


def wrong_with(site: Site, paths: set[str] | None, whose: Sequence[Standing | None], number: int) -> list[str]:
    """What was answered otherwise than the document says. To draw a case takes longer than to say it: everybody says
    each."""
    schema = openapi.from_dict(site.app.openapi())
    callers = {each: site.program(each) if each else site.browser() for each in whose}
    found: list[str] = []

    def say(case: Case) -> None:
        for standing, caller in callers.items():
            found.extend(said(case, caller, standing))

    for operation in operations(schema, paths):
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
            drawn(operation, mode, number, say)
    return sorted(set(found))


def operations(schema: Any, paths: set[str] | None) -> Iterator[Any]:
    for result in schema.get_all_operations():
        operation = result.ok()
        if paths is None or operation.path in paths:
            yield operation


def said(case: Case, caller: Any, standing: Standing | None) -> list[str]:
    kept = caller.headers.get("authorization", "")
    asked = case.as_transport_kwargs(base_url="http://127.0.0.1:8400")
    headers = {name: value for name, value in dict(asked.pop("headers")).items() if name.lower() != "authorization"}
    asked.pop("cookies", None)
    if isinstance(asked.get("data"), bytes | str):
        asked["content"] = asked.pop("data")
    try:
        answer = caller.request(**asked, headers=headers | ({"authorization": kept} if kept else {}))
    except (ValueError, UnicodeError, TypeError) as unsent:  # the client itself will not send it
        return [f"{case.method} {case.path}: not sent: {unsent!r}"]
    try:
        case.validate_response(answer, checks=CHECKS)
    except FailureGroup as failures:
        what = "; ".join(str(each).splitlines()[0] for each in failures.exceptions)
        return [f"{case.method} {case.path} as {standing}: {answer.status_code} {what} {answer.text[:300]}"]
    return []


def test_a_handful_of_operations_keeps_to_the_document(site: Site) -> None:
    assert wrong_with(asking(site), QUICK, [Standing.SECRETARY], 5) == []


@pytest.mark.slow
def test_every_operation_keeps_to_the_document_whoever_asks(site: Site) -> None:
    assert wrong_with(asking(site), None, WHOSE, 3) == []
