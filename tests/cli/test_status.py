"""`status`, the secretary's list, and the proof."""

from pathlib import Path

import pytest

from actions.loading import PARTS, load_procedures
from models.outbox import Heartbeat
from settings import settings
from tests.cli.conftest import BEDFORDSHIRE, Concordat


def test_status_holds_what_the_issue_promises(collecting: Concordat) -> None:
    collecting.does("review", "feedback", "1", "bedfordshire-police", "--no-comments")
    status = collecting.does("status")
    assert status["obligations"] == {"open": 16, "due_7_days": 0, "overdue": 0}
    [review] = [line for line in status["reviews"] if line["id"] == 1]
    assert {k: review[k] for k in ("id", "stage", "review_on", "answered", "parties")} == {
        "id": 1, "stage": "collecting", "review_on": "2027-03-31", "answered": 1, "parties": 17,
    }  # fmt: skip
    assert {k: status["outbox"][k] for k in ("queued", "accepted", "in_doubt", "failed")} == {
        "queued": 18, "accepted": 0, "in_doubt": 0, "failed": 0,
    }  # fmt: skip
    assert status["sweep"] == {"last_ended_at": None, "late": False}


def test_what_falls_due_moves_from_soon_to_overdue(collecting: Concordat) -> None:
    def counts(day: int, month: int) -> dict[str, int]:
        collecting.clock.now = collecting.clock.now.replace(year=2027, month=month, day=day)
        return dict(collecting.does("status")["obligations"])

    assert counts(23, 3) == {"open": 17, "due_7_days": 0, "overdue": 0}
    assert counts(24, 3) == {"open": 17, "due_7_days": 17, "overdue": 0}
    assert counts(31, 3) == {"open": 17, "due_7_days": 17, "overdue": 0}
    assert counts(1, 4) == {"open": 17, "due_7_days": 0, "overdue": 17}


def test_a_silent_sweep_is_late(concordat: Concordat) -> None:
    began = concordat.clock.now
    concordat.act(lambda s: s.add(Heartbeat(name="sweep", began_at=began, ended_at=began)))
    assert concordat.does("status")["sweep"] == {"last_ended_at": "2026-11-22T09:00:00+00:00", "late": False}
    assert "last swept Sunday 22 November 2026 09:00 GMT" in concordat("status").out
    concordat.clock.goes_on(minutes=16)
    assert concordat.does("status")["sweep"]["late"] is True
    assert "LATE" in concordat("status").out


def test_with_nothing_loaded_no_clock_is_late(fresh: Concordat) -> None:
    assert fresh.does("status")["sweep"] == {"last_ended_at": None, "late": False}


def test_a_loaded_protocol_that_is_never_swept_is_late(concordat: Concordat) -> None:
    concordat.clock.goes_on(minutes=16)
    assert concordat.does("status")["sweep"] == {"last_ended_at": None, "late": True}


def test_status_reads_well_at_80_columns(collecting: Concordat) -> None:
    out = collecting("status").out
    assert max(len(line) for line in out.splitlines()) <= 80
    assert "17 open, 0 due in 7 days, 0 overdue" in out
    assert "collecting" in out


def test_status_of_nothing_says_how_to_begin(fresh: Concordat) -> None:
    assert "concordat load" in fresh("status").out
    assert "concordat load" in fresh("protocols").out
    assert "concordat load" in fresh("version", "register").refusal


def test_matters_say_what_to_do_and_can_be_closed(concordat: Concordat) -> None:
    matters = concordat.does("matters", "bedfordshire")
    assert len(matters) == 21
    assert all(matter["todo"] for matter in matters)
    number = str(matters[2]["number"])
    closed = concordat.does("matter", "close", number, "--because", "on the agenda")
    assert closed["outcome"] == "on the agenda"
    assert len(concordat.does("matters")) == 20
    assert concordat.does("history", "protocol:bedfordshire")[-1]["what"] == "matter closed"
    assert "To do:" in concordat("matters").out


def test_verify_is_exit_0_while_all_holds_and_1_when_not(collecting: Concordat) -> None:
    proved = collecting.does("verify")
    assert proved["checked"] >= 12
    assert proved["broken"] == []
    assert proved["protocols"] == 1
    assert "invariants checked, none is broken." in collecting("verify").out

    def forge(session) -> None:  # type: ignore[no-untyped-def]
        from models.history import Narrative, narrate

        session.get_one(Narrative, narrate(session, "said")).text = "never said"

    collecting.act(forge)
    said = collecting("verify")
    assert said.code == 1
    assert "has been altered" in said.out


def test_verify_says_that_nothing_is_there_and_makes_nothing(
    fresh: Concordat, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "Nothing is loaded here." in fresh("verify").out
    nowhere = tmp_path / "nowhere"
    with monkeypatch.context() as elsewhere:
        elsewhere.setenv("CONCORDAT_DATA", str(nowhere))
        settings.cache_clear()
        said = fresh("verify")
    settings.cache_clear()
    assert (said.code, said.out) == (0, f"Read: {nowhere / 'concordat.db'}\nNothing is loaded here.\n")
    assert not nowhere.exists()


def test_a_database_of_before_is_told_where_the_breach_procedures_are(
    fresh: Concordat, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as before:
        before.setattr("actions.loading.PARTS", [part for part in PARTS if part is not load_procedures])
        fresh.does("load", str(BEDFORDSHIRE))
    assert "`concordat load`" in fresh("status").out
    fresh.does("load", str(BEDFORDSHIRE))
    assert "procedure" not in fresh("status").out
