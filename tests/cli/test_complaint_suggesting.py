"""A suggestion from the store, and from a protocol's folder before there is any database."""

import io
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlmodel import Session, select

import protocols
from actions.cast import party_named, protocol_named
from actions.complaints.narratives import NarrativeTooLong, NothingToRead, NotReadable
from cli.complaint_suggesting import print_suggestion
from models import history
from models.complaint import Complaint, Finding
from models.protocol import Clause
from rules.complaint import ComplaintKind
from rules.determination import Answer, Result
from tests.cli.conftest import Concordat

BEDFORDSHIRE = str(Path(protocols.__file__).parent / "bedfordshire")
LOST = b"The report was sent to the wrong address."
BICYCLE = "A parcel with charts fell off a bicycle near the river."


def told(folder: Path, data: bytes) -> Path:
    file = folder / "narrative.txt"
    file.write_bytes(data)
    return file


def test_json_holds_the_clauses_with_their_words(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    print_suggestion(BEDFORDSHIRE, told(tmp_path, LOST), as_json=True)
    answer = json.loads(capsys.readouterr().out)
    assert answer["clauses"][0]["id"] == "12-security"
    assert "wrong address" in answer["clauses"][0]["because"]
    assert (answer["none_likely"], answer["similar"]) == (False, [])
    assert (answer["version"], answer["version_because"]) == ("4.2", "The folder holds the text of version 4.2.")


def test_in_words_it_says_that_a_person_decides(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    print_suggestion(BEDFORDSHIRE, told(tmp_path, b"The bins were not emptied: a missed collection."), as_json=False)
    shown = capsys.readouterr().out
    assert "Probably none of ours (" in shown
    assert shown.endswith("a person decides.\n")


@pytest.mark.parametrize(
    ("data", "refusal"),
    [(b"", NothingToRead), (b"x" * 5_000_000, NarrativeTooLong), (b"\x89PNG\xff", NotReadable)],
)
def test_a_bad_file_is_refused(tmp_path: Path, data: bytes, refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        print_suggestion(BEDFORDSHIRE, told(tmp_path, data), as_json=True)


def test_the_loaded_protocol_is_asked_in_the_version_of_that_day(concordat: Concordat, tmp_path: Path) -> None:
    file = str(told(tmp_path, LOST))
    answer = concordat.does("complaint", "suggest", "--text", file, "--happened", "2015-08-03")
    assert set(answer) == {"clauses", "none_likely", "none_because", "similar", "version", "version_because"}
    assert (answer["clauses"][0]["id"], answer["version"]) == ("12-security", "4.1")
    assert answer["version_because"].endswith("Its text is not held here: suggested from version 4.2.")
    about = ("--protocol", "bedfordshire", "--about", "bedfordshire-police")
    assert concordat.does("complaint", "suggest", "--text", file, *about)["version"] == "4.2"


def test_what_hardly_points_anywhere_is_left_out_and_the_score_is_printed(
    concordat: Concordat, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(LOST)))
    answer = concordat.does("complaint", "suggest", "--text", "-")
    assert answer == concordat.does("complaint", "suggest", "--text", str(told(tmp_path, LOST)))
    scores = {each["id"]: each["score"] for each in answer["clauses"]}
    printed = concordat("complaint", "suggest", "--text", str(told(tmp_path, LOST))).out
    best = answer["clauses"][0]["id"]
    [line] = [line for line in printed.splitlines() if line.startswith(best)]
    assert f"{scores[best]:.2f}" in line
    shown = {key for key in scores if any(line.startswith(f"{key} ") for line in printed.splitlines())}
    assert shown == {key for key, score in scores.items() if score >= 0.1}


def test_similar_earlier_cases_are_named_and_not_quoted(concordat: Concordat, tmp_path: Path) -> None:
    concordat.act(determined)
    file = str(told(tmp_path, b"Our parcel of charts fell from the bicycle into the river."))
    shown = concordat("complaint", "suggest", "--text", file).out
    [line] = [line for line in shown.splitlines() if line.startswith("complaint:1")]
    assert "breakdown" in line
    assert "12-security" in line
    assert "Nobody has said when it happened: version 4.2 is taken, as today." in shown
    assert "near" not in shown
    assert shown.endswith("a person decides.\n")


def determined(session: Session) -> None:
    of = protocol_named(session, "bedfordshire")
    now = datetime(2026, 11, 22, tzinfo=UTC)
    about = party_named(session, of, "bedfordshire-police").id
    clause = session.exec(select(Clause).where(Clause.key == "12-security")).one()
    complaint = Complaint(
        protocol_id=of.id or 0, kind=ComplaintKind.PERSON, received_at=now, party_id=about or 0,
        what_id=history.narrate(session, BICYCLE), recorded_at=now, recorded_by="handler",
    )  # fmt: skip
    session.add(complaint)
    session.flush()
    session.add(
        Finding(
            key="1", complaint_id=complaint.id or 0, issue=1, party_id=about or 0, clause_id=clause.id,
            covered=Answer.YES, followed=Answer.NO, clear=Answer.YES, harm=Answer.YES, reasons={},
            result=Result.BREAKDOWN, determined_at=now, determined_by="handler",
        )
    )  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--happened", "2008-01-01"], "before the first version of the"),
        (["--happened", "2026-11-23"], "Monday 23 November 2026 lies ahead"),
        (["--about", "nobody"], "There is no party “nobody” in bedfordshire"),
        (["--protocol", "wales"], "There is no protocol “wales” here. Loaded: bedfordshire."),
        (["--protocol", "./nowhere"], "nowhere"),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence(
    concordat: Concordat, tmp_path: Path, arguments: list[str], sentence: str
) -> None:
    assert sentence in concordat("complaint", "suggest", "--text", str(told(tmp_path, LOST)), *arguments).refusal


def test_without_a_store_bedfordshires_folder_is_asked_and_none_is_made(fresh: Concordat, tmp_path: Path) -> None:
    file = str(told(tmp_path, LOST))
    assert fresh.does("complaint", "suggest", "--text", file)["version_because"].startswith("The folder holds")
    said = fresh("complaint", "suggest", "--text", file, "--happened", "2015-08-03")
    assert said.code == 2
    assert "--happened and --about need a protocol that is" in " ".join(said.err.replace("│", " ").split())
    assert not fresh.data.exists()
