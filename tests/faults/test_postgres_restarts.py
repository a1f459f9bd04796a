"""PostgreSQL restarted under load: what was answered is there once, and everything leaves. Longer by command."""

import pytest

from tests.faults.postgres_restarts import play
from tests.postgres import postgres_server

pytestmark = pytest.mark.slow


def test_what_was_answered_is_there_once_however_often_the_server_was_restarted() -> None:
    if postgres_server() is None:
        pytest.skip("PostgreSQL is not installed here")
    wrong, did = play(seconds=20, seed=1, between=(3, 6))
    assert wrong == []
    assert did["answered"] > 10
    assert sum(number for what, number in did.items() if what.startswith("ended by")) >= 3
    assert did["sweep 1"] + did["sweep 2"] > 0
    assert did["deliver 1"] + did["deliver 2"] > 0
    assert sum(number for what, number in did.items() if what.endswith("while the database was away")) > 0
