import json
import sys

import pytest
import typer

from cli.deadline import deadline_command
from rules.errors import Refused


@pytest.fixture
def concordat(capsys: pytest.CaptureFixture[str]):
    """The command line as `cli.app` frames it: a refusal is a sentence on stderr and exit 1."""
    app = typer.Typer()
    app.command("deadline")(deadline_command)

    def run(*arguments: str) -> tuple[int, str, str]:
        try:
            app(list(arguments), prog_name="concordat deadline")
        except SystemExit as stop:
            code = int(stop.code or 0)
        except Refused as refusal:
            print(refusal, file=sys.stderr)
            code = 1
        out, err = capsys.readouterr()
        return code, out, err

    return run


def test_it_prints_the_date_and_below_it_the_sentence(concordat) -> None:
    code, out, _ = concordat("P1M", "--from", "2027-03-31", "--back", "--nation", "england-and-wales", "--roll", "back")
    date, sentence, rest = out.split("\n")
    assert (code, date, rest) == (0, "2027-02-26", "")
    assert sentence.startswith("One calendar month before Wednesday 31 March 2027")


def test_json_holds_the_day_and_why(concordat) -> None:
    code, out, _ = concordat("P30D", "--from", "2026-11-25", "--nation=england-and-wales", "--roll=forward", "--json")
    answer = json.loads(out)
    assert code == 0
    assert answer["due"] == "2026-12-29"
    assert "Christmas Day" in answer["because"]
    assert set(answer) == {"due", "because"}


@pytest.mark.parametrize("start", ["2026-10-23T16:20", "2026-10-23T16:20+01:00", "2026-10-23T15:20Z"])
def test_an_instant_comes_with_londons_offset(concordat, start: str) -> None:
    code, out, _ = concordat("PT72H", "--from", start, "--json")
    assert code == 0
    assert json.loads(out) == {
        "due": "2026-10-26T15:20:00+00:00",
        "because": "72 elapsed hours from Friday 23 October 2026 16:20 BST end on "
        "Monday 26 October 2026 15:20 GMT, because the clocks go back on Sunday 25 October.",
    }


def test_in_summer_the_offset_is_an_hour(concordat) -> None:
    _, out, _ = concordat("PT72H", "--from", "2026-03-27T16:20")
    assert out.startswith("2026-03-30T17:20:00+01:00\n")


def test_working_days_count_for_the_nation_named(concordat) -> None:
    for nation, due in (("england-and-wales", "2027-01-05"), ("scotland", "2027-01-06")):
        _, out, _ = concordat("5 working days", "--from", "2026-12-24", "--nation", nation)
        assert out.startswith(f"{due}\n")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["soon", "--from", "2027-03-31"], "“soon” is not a period"),
        (["P1M", "--from", "yesterday"], "“yesterday” is neither a date"),
        (["PT72H", "--from", "2026-10-23"], "A period of hours (72 hours) is counted from an instant"),
        (["P1M", "--from", "2027-03-31", "--roll", "back"], "Say whose bank holidays count"),
        (["5 working days", "--from", "2027-03-31"], "Say whose bank holidays count"),
        (
            ["5 working days", "--from", "2035-03-31", "--nation", "scotland"],
            "Bank holidays of Scotland are published",
        ),
        (
            ["PT72H", "--from", "2026-10-25T01:30"],
            "2026-10-25T01:30+01:00 (Sunday 25 October 2026 01:30 BST) or",
        ),
        (["PT72H", "--from", "2027-03-28T01:30"], "2027-03-28 01:30 does not exist in Europe/London"),
        (["P9999Y", "--from", "2027-03-31"], "outside the calendar"),
    ],
)
def test_a_refusal_is_a_sentence_and_exit_1(concordat, arguments: list[str], sentence: str) -> None:
    code, out, err = concordat(*arguments)
    assert (code, out) == (1, "")
    assert sentence in err
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    "arguments",
    [
        ["P1M"],
        ["--from", "2027-03-31"],
        ["P1M", "--from", "2027-03-31", "--nation", "wales"],
        ["P1M", "--from", "2027-03-31", "--roll", "sideways"],
    ],
)
def test_a_wrong_command_line_is_exit_2(concordat, arguments: list[str]) -> None:
    assert concordat(*arguments)[0] == 2
