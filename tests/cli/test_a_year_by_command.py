"""A whole review by its commands, the clock between them, on both databases."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
import sqlalchemy as sa

from cli.clockwork import run_clock
from models.store import engine
from tests.cli.conftest import BEDFORDSHIRE, Concordat, forget

London = Callable[..., datetime]


@pytest.fixture
def year(fresh: Concordat, store: sa.Engine, monkeypatch: pytest.MonkeyPatch) -> Concordat:
    monkeypatch.setenv("CONCORDAT_DATABASE_URL", store.url.render_as_string(hide_password=False))
    forget()
    return fresh


def at(concordat: Concordat, instant: datetime) -> dict[str, Any]:
    """The clock comes to that instant and takes what is due; the status then."""
    concordat.clock.now = instant
    run_clock(engine(), instant)
    return dict(concordat.does("status"))


def parties(concordat: Concordat) -> list[str]:
    return [p["party"] for p in concordat.does("parties")["bedfordshire"]["parties"] if not p["left_on"]]


def test_from_the_date_to_the_confirmations(year: Concordat, london: London) -> None:
    year.does("load", str(BEDFORDSHIRE))
    year.does("review", "schedule", "bedfordshire", "2027-03-31")
    assert at(year, london(2027, 2, 26, 8, 59))["reviews"][0]["stage"] == "scheduled"
    assert at(year, london(2027, 2, 26, 9))["obligations"]["open"] == 17

    everybody = parties(year)
    for party in everybody[:13]:
        year.does("review", "feedback", "1", party, "--no-comments")
    year.does("review", "feedback", "1", everybody[13], "--propose", "12-security=Data is encrypted.")
    year.does("proposal", "add", "1", "9-complaints=Complaints are acknowledged in 30 days.")
    status = at(year, london(2027, 4, 1, 0))
    assert [(r["stage"], r["answered"], r["parties"]) for r in status["reviews"] if r["id"] == 1] == [
        ("drafting", 14, 17)
    ]

    year.does("proposal", "classify", "1", "major", "--because", "it asks for money")
    year.does("proposal", "classify", "2", "minor", "--because", "it is the law")
    year.does("review", "seek-advice", "1")
    year.does("proposal", "waive-advice", "1", "--because", "the regulator has published its own")
    year.does("review", "begin-deciding", "1")
    for number in ("1", "2"):
        year.does("proposal", "decide", number, "accepted", "--because", "all agree")
    assert year.does("review", "conclude", "1")["version"] == "5.0"

    year.clock.goes_on(days=30)
    for party in everybody[:16]:
        year.does("version", "sign", "5.0", party, "--position", "Chief Executive")
    year.does("version", "decline", "5.0", everybody[16], "--because", "our board says no")
    status = at(year, london(2027, 5, 3, 9))
    assert [r["stage"] for r in status["reviews"] if r["id"] == 1] == ["adopted"]
    register = year.does("version", "register", "5.0")
    assert (register["bound"], register["parties"]) == (16, 17)

    for party in everybody[:16]:
        year.does("confirm", "1", party, "--all-in-place")
    shown = year.does("review", "show", "1")
    assert all(line["answered"] == line["items"] for line in shown["confirmations"])
    assert shown["next"] == []
    assert year.does("review", "list")[-1]["review_on"] == "2028-03-31"
    assert year.does("verify")["broken"] == []
    assert "2027-05-03" in year("history", "review:1").out
