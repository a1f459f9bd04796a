import json
import sys

import pytest
import typer

from cli.severity import severity_command
from rules.errors import Refused

EXAMPLE = ("--dpc", "sensitive=4", "--ei", "0.75", "--cb", "confidentiality=0.25", "--cb", "intent=0.5")


@pytest.fixture
def concordat(capsys: pytest.CaptureFixture[str]):
    """The command line as `cli.app` frames it: a refusal is a sentence on stderr and exit 1."""
    app = typer.Typer()
    app.command("severity")(severity_command)

    def run(*arguments: str) -> tuple[int, str, str]:
        try:
            app(list(arguments), prog_name="concordat severity")
        except SystemExit as stop:
            code = int(stop.code or 0)
        except Refused as refusal:
            print(refusal, file=sys.stderr)
            code = 1
        out, err = capsys.readouterr()
        return code, out, err

    return run


def test_it_prints_the_score_with_its_band_and_below_it_the_sum(concordat) -> None:
    code, out, _ = concordat(*EXAMPLE)
    first, sentence, rest = out.split("\n")
    assert (code, first, rest) == (0, "3.75 high", "")
    assert "4 × 0.75 + 0.75 = 3.75" in sentence
    assert "integrity and availability were not given" in sentence


def test_flags_stand_on_a_line_of_their_own(concordat) -> None:
    _, out, _ = concordat(*EXAMPLE, "--people", "240", "--unintelligible")
    assert out.endswith("\nWeigh beside it: more than 100 people, data unintelligible.\n")


def test_json_holds_the_score_the_band_why_and_the_flags(concordat) -> None:
    code, out, _ = concordat(*EXAMPLE, "--people", "101", "--intelligible", "--json")
    answer = json.loads(out)
    assert code == 0
    assert answer.pop("because").endswith("a person decides.")
    assert answer == {"score": "3.75", "band": "high", "flags": ["more than 100 people"]}


def test_the_highest_of_several_identifiers_counts_and_none_says_that_no_circumstance_applies(concordat) -> None:
    _, out, _ = concordat("--dpc=simple=1", "--dpc=financial=3", "--ei=0.25", "--ei=1", "--cb=none")
    assert out.startswith("3.00 high\n")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--dpc", "medical=4", "--ei", "1", "--cb", "none"], "“medical” is not among the factors"),
        (["--dpc", "simple=1", "--ei", "2", "--cb", "none"], "“2” is not a value of ease of identification"),
        (["--dpc", "simple=1", "--ei", "1"], "Say in what circumstances"),
        (["--dpc", "simple=1", "--cb", "none"], "Say how easily somebody is identified"),
        ([], "Say what kind of data it is"),
    ],
)
def test_a_wrong_or_missing_factor_is_a_sentence_and_exit_1(concordat, arguments: list[str], sentence: str) -> None:
    code, out, err = concordat(*arguments)
    assert (code, out) == (1, "")
    assert sentence in err
    assert err.count("\n") == 1


def test_a_wrong_command_line_is_exit_2(concordat) -> None:
    assert concordat(*EXAMPLE, "--people", "-1")[0] == 2
    assert concordat(*EXAMPLE, "--people", "many")[0] == 2
