"""A suggestion from a protocol's folder and a file, before there is any database."""

import json
from pathlib import Path

import pytest

import protocols
from actions.complaints.narratives import NarrativeTooLong, NothingToRead, NotReadable
from cli.complaint_suggesting import print_suggestion

BEDFORDSHIRE = Path(protocols.__file__).parent / "bedfordshire"


def told(folder: Path, data: bytes) -> Path:
    file = folder / "narrative.txt"
    file.write_bytes(data)
    return file


def test_json_holds_the_clauses_with_their_words(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    print_suggestion(BEDFORDSHIRE, told(tmp_path, b"The report was sent to the wrong address."), as_json=True)
    answer = json.loads(capsys.readouterr().out)
    assert answer["clauses"][0]["id"] == "12-security"
    assert "wrong address" in answer["clauses"][0]["because"]
    assert (answer["none_likely"], answer["similar"]) == (False, [])


def test_in_words_it_says_that_a_person_decides(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    print_suggestion(BEDFORDSHIRE, told(tmp_path, b"The bins were not emptied: a missed collection."), as_json=False)
    shown = capsys.readouterr().out
    assert "Probably none of ours (missed collection, bins)." in shown
    assert shown.endswith("a person decides.\n")


@pytest.mark.parametrize(
    ("data", "refusal"),
    [(b"", NothingToRead), (b"x" * 5_000_000, NarrativeTooLong), (b"\x89PNG\xff", NotReadable)],
)
def test_a_bad_file_is_refused(tmp_path: Path, data: bytes, refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        print_suggestion(BEDFORDSHIRE, told(tmp_path, data), as_json=True)
