import json
import sys
from pathlib import Path

import pytest

from cli.procedures import procedure
from rules.errors import Refused

HERE = Path(__file__).parents[2]
MODEL = HERE / "protocols/bedfordshire/procedures/council.yaml"
WYCOMBE = HERE / "tests/procedures/fixtures/wycombe-dc.yaml"


@pytest.fixture
def concordat(capsys: pytest.CaptureFixture[str]):
    """The command line as `cli.app` frames it: a refusal is a sentence on stderr and exit 1."""

    def run(*arguments: str) -> tuple[int, str, str]:
        code = 0
        try:
            procedure(list(arguments), prog_name="concordat procedure")
        except SystemExit as stop:
            code = int(stop.code or 0)
        except Refused as refusal:
            print(refusal, file=sys.stderr)
            code = 1
        out, err = capsys.readouterr()
        return code, out, err

    return run


def test_a_good_file_is_told_in_one_sentence(concordat):
    code, out, _ = concordat("check", str(MODEL))
    assert code == 0
    assert " ".join(out.split()) == f"{MODEL}: a procedure of twelve steps, version 1."


def test_a_good_file_in_json(concordat):
    code, out, _ = concordat("check", str(MODEL), "--json")
    told = json.loads(out)
    assert (code, told["procedure"], told["standing"], told["steps"]) == (0, "council-model", "model", 12)


def test_a_bad_file_is_told_line_by_line(concordat, tmp_path):
    bad = tmp_path / "bad.yaml"
    bad.write_text(MODEL.read_text().replace("by: dpo", "by: dop").replace("from: step:assess", "from: step:ases"))
    code, out, err = concordat("check", str(bad))
    assert (code, out) == (1, "")
    assert all(line.startswith(f"{bad}:") for line in err.splitlines())
    assert "found 'dop', expected a role" in err
    assert "found 'step:ases', expected a step" in err


def test_a_file_that_is_not_there_is_told(concordat, tmp_path):
    assert concordat("show", str(tmp_path / "none.yaml"))[::2] == (
        1,
        f"{tmp_path / 'none.yaml'}:1: found no such file, expected a file of this name\n",
    )


def test_show_says_who_by_when_if_what_and_after_which(concordat):
    code, out, _ = concordat("show", str(MODEL))
    said = " ".join(out.split())
    assert code == 0
    assert "A model for: council. To be replaced by the party's own." in said
    assert "4. assess: assess the breach with the ENISA score" in said
    assert "Who: the data protection officer; in their place the senior information risk owner" in said
    assert "By when: within 72 hours from when the party became aware" in said
    assert "May be provisional; the final answer: without undue delay" in said
    assert (
        "Needed if: the severity is at least high, or the risk is high, or more than 100 people are concerned" in said
    )
    assert "After: decide" in said
    assert "If late: after 2 hours to the senior information risk owner" in said
    assert "MAY PASS" not in said
    assert max(len(line) for line in out.splitlines()) <= 80


def test_show_marks_what_may_pass_the_72_hours(concordat):
    _, out, _ = concordat("show", str(WYCOMBE))
    said = " ".join(out.split())
    assert "The own procedure of wycombe-district-council." in said
    assert "MAY PASS 72 HOURS" in said
    assert "(it does not say which hours) from when the party was notified" in said


def test_show_in_json_is_the_file_and_the_worst_case(concordat):
    told = json.loads(concordat("show", str(WYCOMBE), "--json")[1])
    assert [step["id"] for step in told["steps"]] == ["report", "review", "recommend", "pass-on", "notify"]
    assert told["steps"][1]["within"] == "8 hours"
    assert told["worst_case"][-1] | {"note": ""} == {"step": "notify", "hours": None, "over_72": True, "note": ""}
