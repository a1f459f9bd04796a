"""`concordat forecast`: what the secretary looks at before anything is sent."""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import typer

from actions.cast import protocol_named
from actions.loading import load_protocol
from actions.review_opening import set_review_date
from cli import opening
from cli.forecast import forecast_command
from models.protocol_file import read_protocol
from models.store import engine, transaction
from models.upgrading import upgrade
from rules.errors import Refused
from settings import settings

BEDFORDSHIRE = Path(__file__).parents[2] / "protocols" / "bedfordshire"
NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)


@pytest.fixture
def concordat(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator:
    """The command on a Monday in November 2026, with a data folder of its own."""
    monkeypatch.setenv("CONCORDAT_DATA", str(tmp_path))
    monkeypatch.delenv("CONCORDAT_DATABASE_URL", raising=False)
    monkeypatch.setattr(opening, "the_clock", lambda: NOW)
    settings.cache_clear()
    engine.cache_clear()
    app = typer.Typer()
    app.command("forecast")(forecast_command)

    def run(*arguments: str) -> tuple[int, str]:
        try:
            app(list(arguments), prog_name="concordat forecast")
        except SystemExit as stop:
            return int(stop.code or 0), capsys.readouterr().out
        except Refused as refusal:
            return 1, str(refusal)
        raise AssertionError("a command ends with an exit code")

    yield run
    engine().dispose()
    settings.cache_clear()
    engine.cache_clear()


@pytest.fixture
def review_date_set(concordat: object) -> None:
    upgrade(engine())
    with transaction() as session:
        load_protocol(session, NOW, read_protocol(BEDFORDSHIRE), "secretary")
        set_review_date(session, NOW, protocol_named(session, "bedfordshire"), date(2027, 3, 31), "secretary")


def test_json_is_a_list_with_five_fields_each(concordat, review_date_set: None) -> None:
    code, out = concordat("--json")
    rows = json.loads(out)
    assert code == 0
    assert {frozenset(row) for row in rows} == {frozenset({"at", "to", "party", "message", "obligation"})}
    assert rows[0] == {
        "at": "2027-02-26T09:00:00+00:00",
        "to": "deputy@x.example",
        "party": "x",
        "message": "feedback_invited",
        "obligation": "review:1:feedback:x",
    } | {name: rows[0][name] for name in ("to", "party", "obligation")}
    assert len([row for row in rows if row["message"] == "feedback_invited"]) == 17


def test_the_summer_has_its_own_offset_and_the_secretary_stands_for_no_party(concordat, review_date_set: None) -> None:
    rows = json.loads(concordat("--json")[1])
    [row] = [row for row in rows if row["message"] == "duties_escalated_to_secretary"]
    assert (row["at"], row["party"], row["obligation"]) == ("2027-03-30T09:00:00+01:00", None, "review:1:feedback")


def test_the_text_is_a_table_by_day_in_eighty_columns(concordat, review_date_set: None) -> None:
    code, out = concordat("--months", "6")
    lines = out.splitlines()
    assert code == 0
    assert max(map(len, lines)) <= 80
    assert lines[0] == "If nobody answers and nobody acts, this is sent in the coming 6 months:"
    assert lines[2:5] == [
        "Friday 26 February 2027",
        "  09:00  17 invitations to give feedback, review:1",
        "         Every party is asked for feedback on the review of Wednesday 31 March",
    ]
    assert "         lead.member@bedfordshire-fire-and-rescue-service.example" in [line[2:] for line in lines]


def test_months_bound_it(concordat, review_date_set: None) -> None:
    assert json.loads(concordat("--months", "3", "--json")[1]) == []
    assert concordat("--months", "1") == (0, "Nothing will be sent in the coming month unless somebody acts.\n")


def test_one_protocol_is_asked_for_by_name(concordat, review_date_set: None) -> None:
    assert concordat("--protocol", "bedfordshire", "--json") == concordat("--json")
    code, sentence = concordat("--protocol", "wales")
    assert (code, sentence) == (1, "There is no protocol “wales” here. Loaded: bedfordshire.")


def test_where_nothing_is_loaded_nothing_will_be_sent(concordat) -> None:
    assert concordat("--json") == (0, "[]\n")
    assert concordat() == (0, "Nothing will be sent in the coming 12 months unless somebody acts.\n")
