"""A report as a file: read whole, or refused whole with the line of everything that is wrong."""

import io
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from actions.breaches.reporting import warnings_of
from cli.breach_files import BadReportFile, read_report_file
from models.breach import ReporterKind
from models.protocol_file import read_protocol
from rules.breach_facts import FactName, Reading, read_value
from rules.instants import LONDON
from rules.severity import severity
from rules.severity_factors import from_plain

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "docs" / "breach-report.example.yaml"
FRIDAY = datetime(2026, 10, 23, 15, 20, tzinfo=UTC)
AT = Reading(LONDON, FRIDAY)
SUNDAY = Reading(LONDON, datetime(2026, 10, 25, 12, tzinfo=UTC))
MINIMAL = "what happened: A letter went astray.\n"

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Write:
    monkeypatch.chdir(tmp_path)

    def written(content: str | bytes, name: str = "report.yaml") -> Path:
        path = Path(name)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return written


def refused(path: Path, at: Reading | None = AT) -> list[str]:
    with pytest.raises(BadReportFile) as bad:
        read_report_file(path, at)
    return str(bad.value).splitlines()


def test_the_example_is_good_and_names_nobody() -> None:
    report = read_report_file(EXAMPLE, AT)
    known = read_protocol(ROOT / "protocols" / "bedfordshire")
    read = {name: read_value(name, value, AT) for name, value in report.facts.items()}
    assert read[FactName.PEOPLE] == 2
    assert read[FactName.DETECTED] == "2026-10-23T15:05:00+00:00"
    assert read[FactName.IMMEDIATE_RISK] == "unknown"
    assert read[FactName.UNINTELLIGIBLE] is False
    assert {*read[FactName.PARTIES], report.party} <= {party.id for party in known.parties}
    assert set(read[FactName.CLAUSES]) <= {clause.id for clause in known.clauses}
    assert severity(from_plain(read[FactName.FACTORS])).score == "3.25"
    assert (report.reporter_kind, report.key) == (ReporterKind.CONFIDENTIAL, None)
    assert warnings_of(read) == ()


def test_one_sentence_is_enough_and_is_anonymous(write: Write) -> None:
    report = read_report_file(write(MINIMAL))
    assert report.facts == {FactName.HAPPENED: "A letter went astray."}
    assert (report.reporter_kind, report.reporter, report.reach, report.party, report.key) == (
        ReporterKind.ANONYMOUS, None, None, None, None,
    )  # fmt: skip


@pytest.mark.parametrize(
    "key", ["kinds of data", "kinds-of-data", "kinds_of_data", "Kinds of Data", '"kinds  of data"']
)
def test_keys_are_written_as_anybody_writes_them(write: Write, key: str) -> None:
    report = read_report_file(write(f"{MINIMAL}{key}: [health]\n"))
    assert report.facts[FactName.DATA] == ["health"]


def test_every_fact_can_be_in_a_file(write: Write) -> None:
    content = MINIMAL + "".join(f"{name}: unknown\n" for name in FactName if name is not FactName.HAPPENED)
    report = read_report_file(write(content), AT)
    assert set(report.facts) == set(FactName)


def test_json_is_read_too_with_its_halves_of_characters(write: Write) -> None:
    content = {
        "what happened": "Read by 👩‍👧 and “others”.", "people": 2, "protocol_broken": True, "cause": None,
        "severity-factors": {"data": {"sensitive": 4}, "identification": [0.75, 1], "circumstances": "none"},
        "reporter": {"kind": "named", "name": "Ana 🦉"},
    }  # fmt: skip
    for indent in (None, 1):
        report = read_report_file(write(json.dumps(content, indent=indent)), AT)
        assert report.facts[FactName.HAPPENED] == content["what happened"]
        assert read_value(FactName.PEOPLE, report.facts[FactName.PEOPLE], AT) == 2
        assert read_value(FactName.PROTOCOL_BROKEN, report.facts[FactName.PROTOCOL_BROKEN], AT) is True
        assert report.facts[FactName.CAUSE] is None
        assert report.facts[FactName.FACTORS] == {"dpc": {"sensitive": 4}, "ei": ["0.75", "1"], "cb": {}}
        assert report.reporter == "Ana 🦉"


FACTORS = "severity factors:\n  data: {}\n  identification: {}\n  circumstances: {}"
WRONG = {
    "people: -1": "2: found '-1', expected a whole number that is not negative, or unknown",
    "people: some": "2: found 'some', expected a whole number that is not negative, or unknown",
    "likelihood: 6": "2: found '6', expected a whole number from 1 to 5, or unknown",
    "peeple: 2": "2: found the key 'peeple', expected one of",
    "kind: breech": "2: found 'breech', expected one of breach,",
    "ICT_involved: maybe": "2: found 'maybe', expected yes or no, or unknown",
    "ICT_involvement: yes": "2: found the key 'ICT_involvement', expected one of",
    "personal data: maybe": "2: found 'maybe', expected yes or no, or unknown",
    "kinds of data: [health,\n  helth]": "3: found 'helth', expected one of contact details,",
    "nature:\n  - confidentiality\n  - {a: b}": "4: found a mapping, expected a list of words, or unknown",
    "cause: [a, b]": "2: found a list, expected a text, or unknown",
    "cause: {a: b}": "2: found a mapping, expected a single value or a list, or unknown",
    "detected: yesterday": "2: found 'yesterday', expected a date such as 2026-10-23",
    "detected: 0001-01-01T00:00+00:00": "2: found '0001-01-01T00:00+00:00', expected a year from 2 to 9998",
    "detected: 2026-10-24": "2: found '2026-10-24', expected a day or a time that has come already",
    "detected: 2026-10-23T16:21+01:00": "2: found '2026-10-23T16:21+01:00', expected a day or a time that has come",
    f"cause: {'x' * 20_001}": "2: found 'xxxx",
    'cause: "a\\0b"': "2: found 'a\ufffdb', expected text without zero characters",
    'cause: "a\\ud800b"': "2: found 'a\ufffdb', expected text without zero characters",
    "key: [1]": "2: found a list, expected a text of the sender's own",
    "what-happened: Twice.": "2: found the key 'what-happened' beside 'what happened', expected each fact once",
    "people: 1\npeople: 2": "3: found the key 'people' a second time, expected each key once",
    "cause: *alias": "2: found the alias",
    "cause: 'open": "found a mistake in the YAML",
    "reporter: Sam": "2: found 'Sam', expected a mapping",
    "reporter:\n  kind: secret": "3: found 'secret', expected one of named, confidential, anonymous",
    "reporter:\n  kind: named\n  nme: Sam": "4: found the key 'nme', expected one of kind, name, reach, party; did you",
    "reporter:\n  name: Sam": "no 'kind', expected the key 'kind'",
    "severity factors: 3": "2: found '3', expected a mapping of data, identification, circumstances",
    "severity factors: {data: {simple: 1}, identification: 1}": "2: found no 'circumstances', expected the circumst",
    FACTORS.format("{secret: 4}", "1", "none"): "3: found the key 'secret', expected one of simple, behavioural",
    FACTORS.format("{sensitive: 5}", "1", "none"): "3: found '5', expected one of 1, 2, 3, 4",
    FACTORS.format("{simple: 1}", "2", "none"): "4: found '2', expected one of 0.25, 0.5, 0.75, 1",
    FACTORS.format("{simple: 1}", "[1, x]", "none"): "4: found 'x', expected one of 0.25, 0.5, 0.75, 1",
    FACTORS.format("{simple: 1}", "1", "{intent: 0.25}"): "5: found '0.25', expected one of 0, 0.5",
    FACTORS.format("[]", "1", "none"): "3: found a list, expected each kind of data with its level",
    FACTORS.format("{}", "1", "none"): "3: found a mapping, expected each kind of data with its level",
}  # fmt: skip


@pytest.mark.parametrize("content", WRONG)
def test_what_is_wrong_is_said_with_its_line(write: Write, content: str) -> None:
    faults = refused(write(f"{MINIMAL}{content}\n"))
    assert len(faults) == 1 or "kind" in content, faults
    assert WRONG[content] in faults[0]
    assert faults[0].startswith("report.yaml:")
    assert all(fault.isprintable() for fault in faults)


def test_all_that_is_wrong_is_said_at_once(write: Write) -> None:
    faults = refused(write("people: -1\nlikelyhood: 3\nclauses: {a: b}\n"))
    assert [fault.partition(": ")[0] for fault in faults] == [
        "report.yaml:1", "report.yaml:1", "report.yaml:2", "report.yaml:3",
    ]  # fmt: skip
    assert "no 'what happened'" in "".join(faults)
    assert "did you mean 'likelihood'?" in "".join(faults)


@pytest.mark.parametrize("nothing", ["", "unknown", "' '", "null"])
def test_that_nothing_happened_is_refused(write: Write, nothing: str) -> None:
    [fault] = refused(write(f"people: 2\nwhat happened: {nothing}\nrecords: 2\n"))
    assert fault.startswith(("report.yaml:2: ", "report.yaml:3: ")), "where a value would begin"
    assert "expected what happened" in fault


def test_a_time_that_the_clocks_repeat_names_both(write: Write) -> None:
    [fault] = refused(write(f"{MINIMAL}detected: 2026-10-25T01:30\n"), SUNDAY)
    assert "report.yaml:2: found '2026-10-25T01:30', expected another time" in fault
    assert "happens twice" in fault
    report = read_report_file(write(f"{MINIMAL}detected: 2026-10-25T01:30+00:00\n"), SUNDAY)
    assert report.facts[FactName.DETECTED] == "2026-10-25T01:30+00:00"


def test_without_an_instant_the_form_alone_is_read(write: Write) -> None:
    """Whoever asks later has the protocol's own zone and day."""
    read_report_file(write(f"{MINIMAL}detected: 2027-10-31T01:30\n"))
    assert len(refused(write(f"{MINIMAL}detected: soon\n"), None)) == 1


def test_json_is_no_yaml(write: Write) -> None:
    [fault] = refused(write('{"what happened": "A letter.",\n "people": 2,\n}', "report.json"))
    assert fault.startswith("report.json:")
    assert "a mistake in the JSON" in fault
    assert read_report_file(write('{"what happened": "A letter.",\n\t"people": 2}', "report.json")).facts


def test_a_fact_may_be_called_as_its_option_is(write: Write) -> None:
    report = read_report_file(write("what: A letter.\ndata: [health]\npeople-kinds: [children]\n"))
    assert set(report.facts) == {FactName.HAPPENED, FactName.DATA, FactName.PEOPLE_KINDS}


def test_standard_input_is_a_file_too(monkeypatch: pytest.MonkeyPatch) -> None:
    given = io.BytesIO(b"what happened: A letter.\npeople: many\n")
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(given))
    [fault] = refused(Path("-"))
    assert fault.startswith("standard input:2: found 'many'")


def test_what_is_no_report_at_all(write: Write, tmp_path: Path) -> None:
    bad: dict[str | bytes, str] = {
        "": "an empty file",
        "[]": "a list",
        "- a\n- b\n": "a list",
        "just words": "'just words'",
        b"\xff\xfe\x00": "the byte 0xff",
        b"a: \x07": "a character that YAML does not allow",
        "a: b\n---\nc: d\n": "a second document",
        "[" * 5_000: "nested too deeply",
        b"what happened: " + b"x" * 2_000_001: "more than 2000000 bytes",
        "? [a]\n: b\n": "as a key",
    }
    for content, found in bad.items():
        [fault] = refused(write(content))
        assert found in fault, fault
    [fault] = refused(tmp_path / "nowhere.yaml")
    assert "no such file" in fault
    (tmp_path / "folder").mkdir()
    assert "not a file" in refused(tmp_path / "folder")[0]


def test_five_megabytes_are_not_read(write: Write) -> None:
    [fault] = refused(write("what happened: " + "x" * 5_000_000))
    assert len(fault) < 200
