"""Obligations by their commands."""

from datetime import timedelta

import pytest
from sqlmodel import Session, select

from actions.cast import contact_at, party_named
from actions.duties import open_obligation
from models.obligation import ObligationKind
from models.protocol import Protocol, Role
from tests.cli.conftest import Concordat


def test_list_can_be_narrowed(collecting: Concordat) -> None:
    assert len(collecting.does("obligation", "list")) == 17
    [duty] = collecting.does("obligation", "list", "--party", "bedfordshire-police")
    assert (duty["case"], duty["kind"], duty["due_on"], duty["overdue"]) == (
        "review:1", "feedback", "2027-03-31", False,
    )  # fmt: skip
    assert collecting.does("obligation", "list", "--overdue") == []
    assert len(collecting.does("obligation", "list", "--review", "1")) == 17
    assert collecting.does("obligation", "list", "--review", "2") == []
    assert "Nothing is owed." in collecting("obligation", "list", "--overdue").out
    collecting.clock.now = collecting.clock.now.replace(year=2027, month=5)
    assert len(collecting.does("obligation", "list", "--overdue")) == 17
    assert "OVERDUE" in collecting("obligation", "list").out


def test_what_has_ended_is_shown_on_request(collecting: Concordat) -> None:
    collecting.does("review", "feedback", "1", "bedfordshire-police", "--no-comments")
    [duty] = collecting.does("obligation", "list", "--party", "bedfordshire-police", "--all")
    assert (duty["outcome"], duty["discharged_by"]) == ("answered", "secretary")


def number(concordat: Concordat, party: str) -> str:
    return str(concordat.does("obligation", "list", "--party", party)[0]["number"])


def test_extend_gives_a_later_day_and_tells_everyone(collecting: Concordat) -> None:
    its = number(collecting, "bedfordshire-police")
    extended = collecting.does("obligation", "extend", its, "2027-04-30", "--because", "on leave")
    assert extended["due_on"] == "2027-04-30"
    assert "duty_extended" in {m["kind"] for m in collecting.does("outbox")}
    assert "a later day than" in collecting("obligation", "extend", its, "2027-04-01", "--because", "no").refusal


def test_waive_ends_it_with_the_reason(collecting: Concordat) -> None:
    its = number(collecting, "luton-ccg")
    assert collecting.does("obligation", "waive", its, "--because", "it has merged")["outcome"] == "waived"
    assert collecting.does("obligation", "list", "--party", "luton-ccg") == []
    assert "Give a reason" in collecting("obligation", "waive", "1", "--because", " ").refusal


def test_delegate_asks_the_deputy(collecting: Concordat) -> None:
    its = number(collecting, "bedfordshire-police")
    collecting.does("obligation", "delegate", its, "--because", "the lead member is away")
    [duty] = collecting.does("obligation", "list", "--party", "bedfordshire-police")
    assert (duty["role"], duty["address"]) == ("deputy", "deputy@bedfordshire-police.example")


def opened(concordat: Concordat, kind: ObligationKind, hours: int, what: str | None = None) -> None:
    """Owed by the police, so many hours from now."""

    def act(session: Session) -> None:
        of = session.exec(select(Protocol)).one()
        police = party_named(session, of, "bedfordshire-police")
        open_obligation(
            session, concordat.clock.now, of, key=f"breach:1:{kind.name}", case="breach:1", kind=kind, party=police,
            contact=contact_at(session, police, Role.LEAD_MEMBER), what=what,
            due_at=concordat.clock.now + timedelta(hours=hours),
        )  # fmt: skip

    concordat.act(act)


def test_where_hours_were_counted_the_list_says_the_instant_and_the_time_left(
    concordat: Concordat, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "140")
    opened(concordat, ObligationKind.NOTICE, 72)
    opened(concordat, ObligationKind.STEP, 8, "lock the account")
    step, notice = concordat.does("obligation", "list")
    assert (notice["due_on"], notice["due_at"], notice["exact"], notice["left"]) == (
        "2026-11-25", "2026-11-25T09:00:00+00:00", True, "3 days left",
    )  # fmt: skip
    assert (step["kind"], step["what"]) == ("step", "lock the account")
    concordat.clock.goes_on(hours=9)
    shown = " ".join(concordat("obligation", "list").out.split())
    for words in ("2026-11-22 17:00 GMT", "OVERDUE by one hour", "step: lock the account", "2 days and 15 hours left"):
        assert words in shown
    assert [each["kind"] for each in concordat.does("obligation", "list", "--overdue")] == ["step"]


def test_what_nobody_gives_a_time_is_listed_with_since_when_it_is_asked_for(
    concordat: Concordat, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "160")
    opened(concordat, ObligationKind.ASSESSMENT, 24)
    concordat.clock.goes_on(hours=25)
    [line] = concordat.does("obligation", "list")
    assert (line["asked_at"], line["overdue"], line["left"]) == ("2026-11-22T09:00:00+00:00", False, None)
    shown = " ".join(concordat("obligation", "list").out.split())
    assert "none, asked for since" in shown
    assert "OVERDUE" not in shown
    assert concordat.does("obligation", "list", "--overdue") == []


def test_a_step_is_extended_to_a_day_and_the_laws_hours_are_not(concordat: Concordat) -> None:
    opened(concordat, ObligationKind.STEP, 8)
    opened(concordat, ObligationKind.NOTICE, 72)
    extended = concordat.does("obligation", "extend", "1", "2026-11-22", "--because", "on leave")
    assert (extended["due_on"], extended["due_at"], extended["exact"]) == (
        "2026-11-22", "2026-11-23T00:00:00+00:00", False,
    )  # fmt: skip
    for command in (("extend", "2", "2026-11-30"), ("waive", "2")):
        refusal = concordat("obligation", *command, "--because", "busy").refusal
        assert "72 hours are the law's" in refusal
