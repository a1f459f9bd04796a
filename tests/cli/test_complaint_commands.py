"""A complaint by its commands, as a secretary and a party's handler type them; and what is refused, stored nowhere."""

import json
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import Session, SQLModel, select

from models.complaint import Complaint
from models.outbox import Message
from rules.instants import LONDON
from tests.cli.conftest import BEDFORDSHIRE, Concordat, at_stage, forget
from tests.conftest import on_postgres_among_the_slow

WEDNESDAY = datetime(2026, 11, 25, 10, tzinfo=LONDON)  # thirty days end on Christmas Day
COUNCIL, POLICE = "luton-borough-council", "bedfordshire-police"
TOLD = "The council sent a school report to a father whom a court keeps from the child. Nobody was asked for consent."
RECEIVE = (
    "complaint", "receive", "--kind", "person", "--about", COUNCIL, "--what", TOLD, "--wanted", "An apology.",
    "--received-by", COUNCIL, "--happened-from", "2026-10-05", "--attachment", "CS/44", "--reach", "SECRET-ADDRESS",
)  # fmt: skip
ACKNOWLEDGE = ("complaint", "acknowledge", "1", "--how", "by letter")
COVERED = ("--clause", "7-consent", "--covered", "yes", "--why-covered", "It asks for consent.")
BREAKDOWN = (
    *COVERED, "--evidence-covered", "clause", "--followed", "no", "--why-followed", "SECRET-REASON",
    "--evidence-followed", "record", "--reference-followed", "file 44", "--clear", "yes", "--why-clear", "It is plain.",
    "--harm", "yes", "--why-harm", "The address is known.",
)  # fmt: skip
NOT_COVERED = ("--covered", "no", "--why-covered", "No clause speaks of it.", "--harm", "no", "--why-harm", "None.")
UNKNOWN = tuple("unknown" if word == "no" else word for word in BREAKDOWN)


@pytest.fixture
def office(concordat: Concordat) -> Concordat:
    """The Wednesday, before anything has happened."""
    concordat.clock.now = WEDNESDAY
    return concordat


@pytest.fixture
def either(fresh: Concordat, store: sa.Engine, monkeypatch: pytest.MonkeyPatch) -> Concordat:
    """The same on both databases."""
    monkeypatch.setenv("CONCORDAT_DATABASE_URL", store.url.render_as_string(hide_password=False))
    forget()
    fresh.clock.now = WEDNESDAY
    fresh.does("load", str(BEDFORDSHIRE))
    return fresh


@pytest.fixture
def analysing(office: Concordat) -> Concordat:
    """Received and acknowledged; the clock has begun the analysis."""
    return at_stage("complaint analysed", office, RECEIVE, timedelta(minutes=5), ACKNOWLEDGE, ("sweep",))


@pytest.fixture
def determined(analysing: Concordat) -> Concordat:
    """A breakdown, by the handler of the council."""
    step = ("complaint", "determine", "1", *BREAKDOWN, "--by", "handler of Luton")
    return at_stage("complaint determined", analysing, step)


def shown(office: Concordat, number: str = "1") -> dict[str, Any]:
    return dict(office.does("complaint", "show", number))


def rows(office: Concordat) -> dict[str, int]:
    def counted(session: Session) -> dict[str, int]:
        tables = SQLModel.metadata.sorted_tables
        return {t.name: session.scalar(sa.select(sa.func.count()).select_from(t)) or 0 for t in tables}

    return dict(office.read(counted))


# --- the whole life -------------------------------------------------------------------------------------------


@on_postgres_among_the_slow
def test_a_complaint_from_receipt_to_closing_on_both_databases(either: Concordat) -> None:
    received = either.does(*RECEIVE)
    assert (received["due_on"], received["handler"], received["version"]) == ("2026-12-29", COUNCIL, "4.2")
    assert "Friday 25 December 2026" in received["counted"]
    either.clock.goes_on(days=20)
    assert either.does(*ACKNOWLEDGE)["late"] is False
    either.does("sweep")
    either.does("complaint", "progress", "1", "--how", "by telephone")
    undetermined = either.does("complaint", "determine", "1", *UNKNOWN)
    assert (undetermined["result"], undetermined["what_matters"]) == ("undetermined", ["followed"])
    corrected = either.does("complaint", "correct", "1", *BREAKDOWN, "--because", "The file has been read.")
    assert (corrected["result"], corrected["stage"]) == ("breakdown", "determined")
    action = either.does("complaint", "action", "2", "--words", "Orders are checked.", "--due", "2027-01-29")
    assert action["due_on"] == "2027-01-29"
    assert "has not been told" in either("complaint", "close", "1").refusal
    either.does("complaint", "outcome", "1", "--how", "by letter")
    assert either.does("complaint", "close", "1")["next"] == [
        f"concordat complaint done {action['obligation']} --outcome TEXT"
    ]
    either.does("complaint", "done", str(action["obligation"]), "--outcome", "In the checklist.")
    view = shown(either)
    [finding] = view["findings"]
    assert (view["stage"], view["outcome"], view["result"]) == ("closed", "answered", "breakdown")
    assert [each["result"] for each in finding["corrected"]] == ["undetermined"]
    assert [each["standing"] for each in finding["effects"]] == ["in place"]
    assert either.does("verify")["broken"] == []
    said = json.dumps(either.read(lambda s: [f"{m.subject}{m.text}{m.html}" for m in s.exec(select(Message)).all()]))
    assert "SECRET" not in said
    assert "school report" not in said


def test_a_referral_moves_the_complaint_and_not_its_day(office: Concordat) -> None:
    office.does(*RECEIVE[:-4], "--received-by", POLICE, "--received", "2026-11-20")
    assert shown(office)["next"][2] == f"concordat complaint refer 1 {COUNCIL} --because TEXT"
    before = shown(office)["duties"][0]["due_on"]
    office.does("complaint", "refer", "1", COUNCIL, "--because", "It is its letter.")
    [moved] = [duty for duty in shown(office)["duties"] if duty["outcome"] is None]
    assert (moved["party"], moved["due_on"]) == (COUNCIL, before)
    assert shown(office)["referrals"][0]["sender"] == POLICE
    assert "answers complaint 1 already" not in office("complaint", "refer", "1", COUNCIL, "--because", "x").err


def test_a_body_that_does_not_know_whose_it_is_passes_it_to_the_secretary(office: Concordat) -> None:
    office.does(*RECEIVE)
    said = office.does("complaint", "refer", "1", "secretary", "--because", "Not ours, and nobody knows whose.")
    assert said["done"].startswith("The secretary answers complaint 1 now")
    assert f"Referred by {COUNCIL} to the secretary" in " ".join(office("complaint", "show", "1").out.split())


def test_where_nobody_can_be_told_it_is_closed_with_why(determined: Concordat) -> None:
    determined.does("complaint", "nothing", "1", "--because", "It was one slip.")
    determined.does("complaint", "outcome", "1", "--cannot-be-told", "--because", "She has moved.")
    assert "cannot be told: She has moved." in determined("complaint", "show", "1").out
    assert determined.does("complaint", "close", "1")["done"] == "Complaint 1 is closed, answered."


def test_a_late_acknowledgement_is_recorded_as_late(office: Concordat) -> None:
    office.does(*RECEIVE)
    office.clock.goes_on(days=35)
    assert "OVERDUE" in office("complaint", "list").out
    assert office.does("status")["complaints"] == {"open": 1, "overdue": 1}
    assert "one open" not in office("status").out
    assert "Complaints  1 open, 1 with something overdue" in office("status").out
    assert office.does(*ACKNOWLEDGE)["late"] is True
    assert office.does("complaint", "list")[0]["late"] is True
    assert "LATE" in office("complaint", "show", "1").out


def test_an_outcome_told_at_once_acknowledges_and_a_later_acknowledgement_changes_nothing(office: Concordat) -> None:
    office.does(*RECEIVE)
    office.does("complaint", "determine", "1", *BREAKDOWN)
    told = office.does("complaint", "outcome", "1", "--how", "by letter")
    assert told["late"] is False
    office.clock.goes_on(days=60)
    assert office.does(*ACKNOWLEDGE)["given_at"] == told["given_at"]
    assert [notice["kind"] for notice in shown(office)["notices"]] == ["outcome"]


def test_several_issues_have_a_finding_each(determined: Concordat) -> None:
    determined.does("complaint", "determine", "1", *NOT_COVERED, "--issue", "That nobody answered the telephone.")
    view = shown(determined)
    assert [(each["issue"], each["result"]) for each in view["findings"]] == [(1, "breakdown"), (2, "neither")]
    assert view["findings"][1]["observation"] == "No clause covers it, and nobody was harmed."
    assert view["result"] == "breakdown"


def test_a_second_person_reads_it_where_two_have_to(office: Concordat) -> None:
    office.does("complaint", "receive", "--kind", "partner-disagreement", "--about", COUNCIL, "--what", TOLD)
    office.does("complaint", "determine", "1", *BREAKDOWN)
    view = shown(office)
    assert view["stage"] == "analysing"
    assert "concordat complaint read-again finding:1 ANSWER --because TEXT --by NAME" in view["next"]
    read = ("complaint", "read-again", "1", "agree", "--because", "So it reads.")
    for same in ("secretary", "Secre-tary ."):
        assert "somebody else reads it again" in office(*read, "--by", same).refusal
    assert office.does(*read, "--by", "adviser")["stage"] == "determined"


def test_what_follows_is_a_breach_a_gap_or_nothing_because(determined: Concordat) -> None:
    assert determined.does("complaint", "breach", "1", "--words", "A report was sent without consent.")["breach"] == 1
    gap = determined.does("complaint", "gap", "1", "--words", "Who asks, where parents are separated?", "--urgent")
    assert (gap["gap"], determined.does("gap", "show", "1")["origins"]) == (1, ["complaint:1"])
    assert "followed by a breach and a gap already" in determined("complaint", "nothing", "1", "--because", "x").refusal
    effects = [effect["effect"] for effect in shown(determined)["findings"][0]["effects"]]
    assert effects == ["breach", "gap"]
    determined.does("complaint", "outcome", "1", "--how", "by letter")
    determined.does("complaint", "close", "1")
    correct = ("complaint", "correct", "finding:1", *NOT_COVERED, "--because", "None covers it.")
    assert "Complaint 1 was closed and is open again." in determined.does(*correct)["done"]
    determined.does("complaint", "nothing", "2", "--because", "The breach says it all.")


def test_a_finding_joins_a_known_gap_with_the_gaps_own_words(determined: Concordat) -> None:
    words = "Nobody says who asks."
    determined.does("gap", "open", "7-consent", "--words", words)
    assert determined("complaint", "gap", "1").refusal == "Say what is wanting in the protocol (`--words`)."
    assert "There is no gap 9" in determined("complaint", "gap", "1", "--join", "9").refusal
    assert determined.does("complaint", "gap", "1", "--join", "1")["gap"] == 1
    assert determined.does("gap", "show", "1")["origins"] == ["complaint:1"]
    assert words in " ".join(determined("complaint", "show", "1").out.split())


def test_history_is_read_in_words(determined: Concordat) -> None:
    said = " ".join(determined("history", "complaint:1").out.split())
    assert "how: by letter" in said
    assert "version: 4.2" in said
    assert "+00:00" not in said
    assert "covered: yes" in said


def test_withdrawn_it_ends_and_it_can_be_looked_at_again(analysing: Concordat) -> None:
    analysing.does("complaint", "end", "1", "withdrawn", "--because", "By telephone.")
    assert analysing.does("complaint", "list") == []
    assert "look at it again first" in analysing("complaint", "determine", "1", *BREAKDOWN).refusal
    analysing.does("complaint", "look-again", "1", "--because", "They called again.")
    assert shown(analysing)["stage"] == "analysing"
    assert analysing("complaint", "end", "1", "whatever", "--because", "x").code == 2


def test_other_days_are_another_version(analysing: Concordat) -> None:
    said = analysing.does("complaint", "days", "1", "--happened-from", "2015-01-05", "--because", "It was years ago.")
    assert said["version"] == "4"
    assert "Version 4" in said["done"]


def test_history_and_the_obligations_name_the_case_and_the_command(analysing: Concordat) -> None:
    moves = [move["what"] for move in analysing.does("history", "complaint:1")]
    assert moves == ["received", "acknowledge", "begin analysis"]
    [analysis] = [each for each in analysing.does("obligation", "list") if each["kind"] == "analysis"]
    assert "analyse complaint 1" in " ".join(analysing("obligation", "list").out.split())
    refused = analysing("obligation", "waive", str(analysis["number"]), "--because", "x").refusal
    assert "`concordat complaint determine 1`" in refused
    assert "`concordat complaint show 1`" not in refused


# --- lists and views ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ((), True), (("--stage", "determined"), True), (("--stage", "received"), False), (("--kind", "person"), True),
        (("--kind", "disclosure"), False), (("--party", COUNCIL), True), (("--party", POLICE), False),
        (("--clause", "7-consent"), True), (("--clause", "12-security"), False),
    ],
)  # fmt: skip
def test_the_list_can_be_narrowed(determined: Concordat, asked: tuple[str, ...], found: bool) -> None:
    lines = determined.does("complaint", "list", *asked)
    assert [line["number"] for line in lines] == ([1] if found else [])


def test_whoever_may_read_it_reads_what_they_may(determined: Concordat) -> None:
    assert shown(determined)["reach"] == "SECRET-ADDRESS"
    assert determined.does("complaint", "show", "1", "--party", COUNCIL)["reach"] == "SECRET-ADDRESS"
    assert determined.does("complaint", "show", "1", "--party", COUNCIL)["suggestion"] is None
    assert "may not be shown to it" in determined("complaint", "show", "1", "--party", POLICE).refusal
    determined.does("complaint", "receive", "--kind", "person", "--about", COUNCIL, "--what", TOLD, "--reach", "X")
    assert determined.does("complaint", "show", "2", "--party", COUNCIL)["reach"] is None


def test_it_reads_well_at_80_columns(determined: Concordat) -> None:
    text = determined("complaint", "show", "1").out.partition("What to do next")[0]
    assert max(len(line) for line in text.splitlines()) <= 80
    words = " ".join(text.split())
    assert "Finding 1: BREAKDOWN, clause 7-consent (Consent) of version 4.2" in words
    assert "Was that clause followed? No: SECRET-REASON [record file 44]" in words
    assert "→ still to follow: breach or local action" in words


def test_every_command_that_is_next_can_be_typed(office: Concordat) -> None:
    """Along a whole life: what stands under “next” is typed with its placeholders filled in, and is not refused."""
    filled = {
        "TEXT": "So it is.", "ANSWER": "no", "CLAUSE": "7-consent", "PARTY": POLICE, "NAME": "adviser",
        "acknowledgement": "acknowledgement",
    }  # fmt: skip
    office.does(*RECEIVE)
    typed: list[str] = []
    for _ in range(12):
        following = [command for command in shown(office)["next"] if command not in typed]
        going_on = [each for each in following if not {"end", "refer", "look-again", "nothing"} & set(each.split())]
        if not going_on:
            break
        typed.append(going_on[0])
        arguments = [filled.get(word, word) for word in going_on[0].split()[1:]]
        if "determine" in arguments:
            arguments[arguments.index("--covered") + 1] = "yes"
        said = office(*arguments)
        assert said.code == 0, (going_on[0], said.err)
        office.clock.goes_on(minutes=1)
    assert shown(office)["stage"] == "closed", typed


# --- files ----------------------------------------------------------------------------------------------------

ANSWERS = """\
clause: 7-consent
covered: {answer: yes, because: It asks for consent., evidence: clause}
followed:
  answer: no
  because: The file holds none.
  evidence: record
  reference: file 44
clear: {answer: yes, because: It is plain.}
harm: {answer: unknown, because: Nobody has asked yet.}
"""


def test_a_picture_is_no_file_of_answers(analysing: Concordat, tmp_path: Path) -> None:
    (tmp_path / "scan.jpg").write_bytes(b"\xff\xd8\xff\xe0\0\x10JFIF")
    said = analysing("complaint", "determine", "1", "--file", str(tmp_path / "scan.jpg")).refusal
    assert "not plain text in UTF-8" in said


def test_the_answers_can_be_a_file(analysing: Concordat, tmp_path: Path) -> None:
    file = tmp_path / "answers.yaml"
    file.write_text(ANSWERS)
    found = analysing.does("complaint", "determine", "1", "--file", str(file))
    assert found["result"] == "breakdown"
    answers = {each["question"]: each for each in shown(analysing)["findings"][0]["answers"]}
    assert (answers["covered"]["reference"], answers["followed"]["reference"]) == ("7-consent", "file 44")
    assert analysing("complaint", "determine", "1", "--file", str(file), "--clause", "7-consent").code == 2


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (lambda text: text.replace("answer: no\n", "answer: nope\n"), ":4: found 'nope', expected one of yes, no"),
        (lambda text: text.replace("  because: The file holds none.\n", ""), "found no 'because'"),
        (lambda text: text.replace("evidence: record", "evidence: gossip"), ":6: found 'gossip', expected one of"),
        (lambda text: text.replace("harm:", "hram:"), "did you mean 'harm'?"),
        (lambda text: text.replace("{answer: yes, because: It asks", "{answer: no, because: It asks"), ":3: found the"),
        (lambda text: text.replace("clear: {answer: yes, because: It is plain.}\n", ""), "found no 'clear'"),
        (lambda _: "", "expected a mapping"),
        (lambda _: "- one\n- two\n", "expected a mapping"),
    ],
)
def test_a_wrong_file_is_refused_with_its_lines(
    analysing: Concordat, tmp_path: Path, change: Callable[[str], str], fault: str
) -> None:
    file, before = tmp_path / "answers.yaml", rows(analysing)
    file.write_text(change(ANSWERS))
    said = analysing("complaint", "determine", "1", "--file", str(file))
    assert (said.code, said.out) == (1, "")
    assert fault in said.err
    assert str(file) in said.err
    assert rows(analysing) == before


# --- what is refused ------------------------------------------------------------------------------------------

BEGIN = ("complaint", "receive", "--kind", "person", "--about", COUNCIL)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "Say what is complained of"),
        (("--what", "  "), "Say what is complained of"),
        (("--what", "x"), "in a few sentences"),
        (("--what", TOLD, "--received", "1999-05-03"), "cannot have been received on Monday 3 May 1999"),
        (("--what", TOLD, "--received", "2026-02-30"), "there is no 30 February 2026"),
        (("--what", TOLD, "--received-by", "Luton Borough Counsel"), f"did you mean {COUNCIL}?"),
        (("--what", "x" * 50_001), "longer than 50000 characters"),
        (("--what", TOLD, "--happened-from", "2008-03-03"), "before the first version"),
        (("--what", TOLD, "--happened-from", "2026-11-26"), "lies ahead"),
        (("--what", TOLD, "--received", "2026-11-26"), "lies ahead"),
        (("--what", TOLD, "--received", "in May"), "in May"),
        (("--what", TOLD, "--received", "2026-11-01", "--happened-from", "2026-11-02"), "before it happened"),
        (("--what", TOLD, "--happened-from", "2026-11-02", "--happened-to", "2026-11-01"), "ended before it began"),
        (("--what", TOLD, "--received-by", "nobody"), "nobody"),
        (("--what", TOLD, "--attachment", "two\nlines"), "one line"),
    ],
)
def test_a_complaint_that_cannot_be_is_refused_in_a_sentence_and_nothing_is_kept(
    office: Concordat, arguments: tuple[str, ...], words: str
) -> None:
    before = rows(office)
    assert words in office(*BEGIN, *arguments).refusal
    assert rows(office) == before


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "Say what is complained of"),
        (b"x" * 5_000_000, "longer than 50000 characters"),
        (bytes(range(256)), "not plain text"),
        (b"a\0b", "a character that no text has"),
    ],
    ids=["empty", "5 MB", "binary", "zero"],
)
def test_a_file_that_is_no_narrative_is_refused(office: Concordat, tmp_path: Path, content: bytes, words: str) -> None:
    file, before = tmp_path / "told.txt", rows(office)
    file.write_bytes(content)
    assert words in office(*BEGIN, "--what-file", str(file)).refusal
    assert rows(office) == before
    assert office(*BEGIN, "--what-file", str(file), "--what", "x").code == 2


@pytest.mark.parametrize(
    "told",
    ["שיתפו את הכתובת שלי בלי לשאול אותי", "Они передали мой адрес бывшему мужу", "My address عنواني was shared."],
)
def test_a_complaint_in_another_script_is_kept_and_shown_as_it_is(office: Concordat, tmp_path: Path, told: str) -> None:
    (tmp_path / "told.txt").write_text(told)
    office.does(*BEGIN, "--what-file", str(tmp_path / "told.txt"))
    assert shown(office)["what"] == told
    office.does(*ACKNOWLEDGE)
    office.does("sweep")
    assert shown(office)["stage"] == "analysing"
    assert office("complaint", "show", "1").code == 0


def test_what_seems_to_name_somebody_is_kept_with_a_warning(office: Concordat) -> None:
    said = office(*BEGIN, "--what", "Mrs Patel at the council gave out my address.")
    assert "Look again: It holds what looks like a person's name (“Mrs Patel”)" in " ".join(said.out.split())


def test_how_it_was_told_and_where_the_evidence_lies_are_warned_of_too(analysing: Concordat) -> None:
    said = " ".join(analysing("complaint", "progress", "1", "--how", "by phone to Mrs Patel").out.split())
    assert "Look again: It holds what looks like a person's name (“Mrs Patel”)" in said
    answers = tuple("file of Mrs Patel" if word == "file 44" else word for word in BREAKDOWN)
    found = analysing.does("complaint", "determine", "1", *answers)
    assert any("Mrs Patel" in warning for warning in found["warnings"])
    assert "Mrs Patel" not in found["done"]
    assert analysing.does("complaint", "progress", "1", "--how", "by letter")["warnings"] == []


def test_a_party_may_be_named_in_full_and_is_not_cut_in_the_list(office: Concordat) -> None:
    office.does("complaint", "receive", "--kind", "person", "--about", "luton borough council", "--what", TOLD)
    assert shown(office)["party"] == COUNCIL
    assert office.does("complaint", "list", "--party", "Luton Borough Council")[0]["number"] == 1
    assert office.does("complaint", "refer", "1", "Bedfordshire Police", "--because", "x")["party"] == POLICE
    assert COUNCIL in office("complaint", "list").out
    assert shown(office)["result"] is None


@pytest.mark.parametrize("command", [("show", "abc"), ("nothing", "complaint:1", "--because", "x"), ("close", "0")])
def test_what_is_no_number_is_a_wrong_command_line(office: Concordat, command: tuple[str, ...]) -> None:
    said = office("complaint", *command)
    assert said.code == 2
    assert "is not a number of a" in " ".join(said.err.replace("│", " ").split())


def test_closed_without_having_been_told_it_says_so(office: Concordat) -> None:
    office.does("complaint", "receive", "--kind", "practitioner-concern", "--about", COUNCIL, "--what", TOLD)
    office.does("complaint", "determine", "complaint:1", *NOT_COVERED)
    office.does("complaint", "nothing", "finding:1", "--because", "Nobody was harmed.")
    assert "nobody has recorded that whoever raised it was told." in office.does("complaint", "close", "1")["done"]


def test_sent_twice_under_its_key_it_is_one(office: Concordat) -> None:
    first, again = office.does(*RECEIVE, "--key", "mail-7"), office.does(*RECEIVE, "--key", "mail-7")
    assert first["complaint"] == again["complaint"] == 1
    assert "says something else" in office(*BEGIN, "--what", "Another.", "--key", "mail-7").refusal
    assert office.read(lambda session: len(session.exec(select(Complaint)).all())) == 1


@pytest.mark.parametrize(
    ("answers", "words"),
    [
        ((), "Answer the four questions"),
        (COVERED, "Answer “harm” too"),
        ((*COVERED, "--harm", "no", "--why-harm", "None."), "Answer “followed” too"),
        (
            tuple(word for word in BREAKDOWN if word not in ("--why-followed", "SECRET-REASON")),
            "Say why for “followed”",
        ),
        (tuple(" " if word == "SECRET-REASON" else word for word in BREAKDOWN), "Say why for “followed”"),
        (BREAKDOWN[2:], "Name the clause that covers it"),
        ((*NOT_COVERED, "--clause", "7-consent"), "Where no clause covers it, none is named"),
        ((*NOT_COVERED, "--clear", "no", "--why-clear", "x"), "is not asked"),
        (("--clause", "7-nothing", *BREAKDOWN[2:]), "There is no clause “7-nothing”"),
        ((*BREAKDOWN, "--version", "9.9"), "no version 9.9"),
        ((*BREAKDOWN, "--party", "nobody"), "nobody"),
    ],
)
def test_a_determination_that_says_too_little_is_refused_and_nothing_is_kept(
    analysing: Concordat, answers: tuple[str, ...], words: str
) -> None:
    before = rows(analysing)
    assert words in analysing("complaint", "determine", "1", *answers).refusal
    assert rows(analysing) == before


@pytest.mark.parametrize(
    "answers", [("--covered", "maybe", "--why-covered", "x"), ("--why-covered", "x", "--harm", "no", "--why-harm", "x")]
)
def test_a_wrong_word_is_a_wrong_command_line(analysing: Concordat, answers: tuple[str, ...]) -> None:
    assert analysing("complaint", "determine", "1", *answers).code == 2


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (("close", "1"), "not determined yet"),
        (("outcome", "1", "--how", "by letter"), "no outcome of complaint 1 to tell yet"),
        (("letter", "1", "outcome"), "no outcome of complaint 1 to tell yet"),
        (("look-again", "1", "--because", "x"), "nothing to look at again yet"),
        (("progress", "1", "--how", " "), "Say how whoever complained was told"),
        (("progress", "1", "--how", "by letter", "--at", "2026-12-01"), "that moment lies ahead"),
        (("progress", "1", "--how", "by letter", "--at", "2026-11-01"), "nobody can have been told before that"),
        (("recheck", "1", "4.2", "yes", "--because", "x"), "Nobody has been asked"),
        (("action", "7", "--words", "x"), "There is no finding 7"),
        (("done", "77", "--outcome", "x"), "There is no obligation"),
        (("show", "7"), "There is no complaint 7"),
    ],
)
def test_what_cannot_be_yet_is_refused_with_the_way_on(
    analysing: Concordat, command: tuple[str, ...], words: str
) -> None:
    before = rows(analysing)
    assert words in analysing("complaint", *command).refusal
    assert rows(analysing) == before


def test_it_is_not_closed_before_something_follows(determined: Concordat) -> None:
    refused = determined("complaint", "close", "1").refusal
    assert "`concordat complaint action finding:1 --words TEXT`" in refused or "complaint breach finding:1" in refused
    assert "`concordat complaint nothing finding:1 --because TEXT`" in refused


def test_two_analysts_on_one_issue_do_not_overwrite_each_other(determined: Concordat) -> None:
    second = ("complaint", "determine", "1", *NOT_COVERED, "--by", "another")
    assert "has a finding already: breakdown, by handler of Luton" in determined(*second).refusal
    correct = ("complaint", "correct", "1", *NOT_COVERED, "--because", "It is elsewhere.", "--by")
    determined.does(*correct, "one")
    third = ("complaint", "correct", "1", *BREAKDOWN, "--because", "Not so.", "--by", "another")
    assert "Finding 1 was corrected by one: what stands is finding 2" in determined(*third).refusal
    [finding] = shown(determined)["findings"]
    assert (finding["number"], [each["number"] for each in finding["corrected"]]) == (2, [1])


def test_the_thirty_days_of_the_law_are_nobodys_to_give(office: Concordat) -> None:
    office.does(*RECEIVE)
    number = str(shown(office)["duties"][0]["number"])
    for command in (("extend", number, "2027-02-01"), ("waive", number)):
        assert "law's" in office("obligation", *command, "--because", "x").refusal
    assert date.fromisoformat(shown(office)["duties"][0]["due_on"]) == date(2026, 12, 29)
