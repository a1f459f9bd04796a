"""The rehearsal: the tour that a newcomer takes first, on a machine where nothing is loaded yet."""

import hashlib
import json
import os
import resource
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import col, func, select

from actions.cast import party_named, protocol_named
from actions.loading import load_protocol
from actions.review_feedback import give_feedback
from actions.review_opening import open_annual, set_review_date
from cli import app
from cli.rehearse.cast import Idea, Manner, cast
from models.history import History
from models.protocol_file import read_protocol
from models.store import engine, reading, transaction
from models.upgrading import upgrade
from notifications.message_words import MESSAGE_WORDS, called
from settings import settings
from tests.cli.conftest import Concordat

ROOT = Path(__file__).parents[2]
MONDAY = "2026-11-23"
# `concordat rehearse` as the command line frames it, whatever else `cli.app` gathers.
PROGRAM = """
import sys
import typer
from web.refusing import sentence_for
from cli.rehearse.command import rehearse_command
app = typer.Typer(rich_markup_mode=None, pretty_exceptions_enable=False)
app.command()(rehearse_command)
try:
    app()
except Exception as error:
    if (sentence := sentence_for(error)) is None:
        raise
    sys.exit(print(sentence, file=sys.stderr) or 1)
"""
# The year that is told in words, beside them written down as `--json` writes it.
TOLD_AND_WRITTEN = """
import sys
from contextlib import redirect_stdout
from cli.printing import show_json
from cli.rehearse import threads, timeline
from notifications.threads import as_json
ending, longest, file, found = timeline.ending, threads.longest_thread, sys.argv.pop(), []
def kept(session, slug):
    found.append(longest(session, slug))
    return found[0]
def written(record, people, sweeps, refused, report):
    with open(file, "w") as out, redirect_stdout(out):
        show_json({
            "stages": record.stages, "breaches": list(record.breaches.values()),
            "complaints": list(record.complaints.values()), "messages": record.messages,
            "invariants": {"checked": report.checked, "broken": report.broken}, "thread": as_json(found[0]),
        })
    return ending(record, people, sweeps, refused, report)
timeline.ending, threads.longest_thread = written, kept
"""


@dataclass(frozen=True)
class Run:
    code: int
    out: str
    err: str
    seconds: float

    @property
    def json(self) -> dict[str, Any]:
        return json.loads(self.out)


Rehearse = Callable[..., Run]


def rehearse(data: Path, *arguments: str, hash_seed: str = "1", program: str = PROGRAM) -> Run:
    began = _worked()
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments], cwd=ROOT, capture_output=True, text=True,
        env=os.environ | {"CONCORDAT_DATA": str(data), "PYTHONHASHSEED": hash_seed},
    )  # fmt: skip
    return Run(done.returncode, done.stdout, done.stderr, _worked() - began)


def _worked() -> float:
    """Seconds of the processor that ended children took: a browser that runs beside them is not theirs."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


@pytest.fixture(scope="module")
def nowhere(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder that does not exist."""
    return tmp_path_factory.mktemp("fresh") / "data"


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the year that is told in words would be in JSON."""
    return tmp_path_factory.mktemp("written") / "year.json"


@pytest.fixture(scope="module")
def told(nowhere: Path, written: Path) -> Run:
    """In a process that puts its sets in another order than that of `year`."""
    program = TOLD_AND_WRITTEN + PROGRAM
    return rehearse(nowhere, "bedfordshire", "--from", MONDAY, str(written), hash_seed="2", program=program)


@pytest.fixture(scope="module")
def year(told: Run, written: Path) -> Run:
    """The same year as JSON; that `--json` prints just this is asked among the slow ones."""
    return replace(told, out=written.read_text())


def test_on_a_fresh_machine_it_plays_the_year_and_leaves_nothing_behind(year: Run, nowhere: Path) -> None:
    assert (year.code, year.err) == (0, "")
    assert set(year.json) == {"stages", "messages", "breaches", "complaints", "invariants", "thread"}
    assert year.json["invariants"]["checked"] > 0
    assert year.json["invariants"]["broken"] == []
    assert not nowhere.exists()


def test_the_review_runs_to_adoption_and_the_next_one_opens_by_the_anchor(year: Run) -> None:
    reviews = {stage["review"] for stage in year.json["stages"]}
    paths = {number: [s["stage"] for s in year.json["stages"] if s["review"] == number] for number in reviews}
    assert paths[1] == ["scheduled", "collecting", "drafting", "advising", "deciding", "signing", "adopted"]
    assert paths[2][:2] == ["scheduled", "collecting"]
    [opened] = [s for s in year.json["stages"] if s["review"] == 2 and s["stage"] == "collecting"]
    assert (opened["at"], opened["by"]) == ("2027-11-24T09:00:00+00:00", "clock")


def test_a_stage_and_a_message_have_these_fields_and_london_time(year: Run) -> None:
    assert {frozenset(stage) for stage in year.json["stages"]} == {frozenset({"review", "stage", "at", "by"})}
    fields = frozenset({"at", "to", "party", "message", "subject", "obligation"})
    assert {frozenset(message) for message in year.json["messages"]} == {fields}
    offsets = {message["at"][-6:] for message in year.json["messages"]}
    assert offsets == {"+00:00", "+01:00"}


def test_every_part_of_the_story_is_played(year: Run) -> None:
    kinds = Counter(message["message"] for message in year.json["messages"])
    assert kinds["feedback_invited"] == 17 + 1 + 17  # once more to the address that was corrected
    assert kinds["signature_requested"] == 17
    assert kinds["signature_recorded"] == 16
    for kind in (
        "address_bounced", "duty_delegated", "duty_extended", "duty_reminder", "duty_escalated_to_deputy",
        "duties_escalated_to_secretary", "feedback_closed_unanswered", "advice_requested", "advice_received",
        "signature_declined", "version_adopted", "confirmation_requested", "confirmation_received",
    ):  # fmt: skip
        assert kinds[kind] >= 1, kind
    assert {message["message"] for message in year.json["messages"]} <= set(MESSAGE_WORDS)
    assert any(message["obligation"].endswith(":implement") for message in year.json["messages"])


def breaches(year: Run) -> list[dict[str, Any]]:
    """But for the one that a complaint brought to light: its parties have nothing to play."""
    found: list[dict[str, Any]] = year.json["breaches"]
    return [each for each in found if "complaint handler" not in each["events"][0]["by"]]


def instants(breach: dict[str, Any], what: str) -> dict[str | None, datetime]:
    """When that happened, the last time, by the party."""
    return {each["party"]: datetime.fromisoformat(each["at"]) for each in breach["events"] if each["what"] == what}


def test_the_year_has_three_breaches_of_different_kinds_one_across_two_parties_and_each_is_closed(year: Run) -> None:
    near_miss, locked, referral = breaches(year)
    assert [each["outcome"] for each in breaches(year)] == ["near miss", "followed up", "followed up"]
    assert [len(each["parties"]) for each in breaches(year)] == [1, 1, 2]
    assert near_miss["parties"] != locked["parties"]
    path = ["reported", "assessing", "following up", "reporting out", "learning", "closed"]
    for followed in (locked, referral):
        stages = [each["stage"] for each in followed["stages"]]
        assert list(dict.fromkeys(stages)) == path
        assert stages.count("closed") == 1
        assert set(instants(followed, "follow-up ended")) == set(followed["parties"])
    assert [each["stage"] for each in near_miss["stages"]] == ["reported", "assessing", "closed"]
    assert not instants(near_miss, "notice given")


def test_one_of_them_is_notified_late_and_the_other_by_both_in_time(year: Run) -> None:
    _, locked, referral = breaches(year)
    hours_72 = timedelta(hours=72)
    [(party, late)] = instants(locked, "notice given").items()
    assert late > instants(locked, "awareness recorded")[party] + hours_72
    given, recorded = instants(referral, "notice given"), instants(referral, "awareness recorded")
    assert set(given) == set(recorded) == set(referral["parties"])
    assert all(given[party] < recorded[party] + hours_72 for party in given)
    assert len(set(recorded.values())) == 2, "each has its own awareness"


def test_letters_wait_for_the_police_and_people_hear_after_the_release(year: Run) -> None:
    *_, referral = breaches(year)
    [(holder, held)] = instants(referral, "letters held").items()
    [released] = instants(referral, "letters released").values()
    told = instants(referral, "people told")
    assert holder == "bedfordshire-police"
    assert set(told) == set(referral["parties"])
    assert held < released < min(told.values())
    assert instants(referral, "facts stated")[None] < released, "more was known meanwhile"


def test_the_timeline_tells_of_the_breaches_in_plain_words(told: Run) -> None:
    words = " ".join(told.out.split())
    for sentence in (
        "Breach 1 is closed as a near miss, with",
        "Whoever stands in is asked instead: 2 duties of breach 2.",
        "gives notice of breach 2 to the regulator, late, with its reasons.",
        "Bedfordshire Police holds the letters to the people concerned: until",
        "gives notice of breach 4 to the regulator, in time, 4 hours and 20 minutes left.",
        "The secretary closes breach 4.",
        "4 breaches, none still open at the end",
    ):
        assert sentence in words, sentence


@pytest.mark.slow
def test_the_same_seed_from_the_same_day_gives_the_same_year_byte_for_byte(nowhere: Path, year: Run) -> None:
    again = rehearse(nowhere, "bedfordshire", "--from", MONDAY, "--json", hash_seed="1")
    assert (again.code, again.out) == (0, year.out)
    assert year.json["messages"]


@pytest.mark.slow
def test_so_does_another_seed(nowhere: Path) -> None:
    arguments = ("bedfordshire", "--from", MONDAY, "--months", "2", "--seed", "7", "--json")
    first, second = (rehearse(nowhere, *arguments, hash_seed=seed) for seed in ("1", "2"))
    assert first.out == second.out
    assert first.json["messages"]


def test_the_timeline_fits_eighty_columns_and_ends_with_the_proof(told: Run) -> None:
    assert (told.code, told.err) == (0, "")
    lines = told.out.splitlines()
    assert max(map(len, lines)) <= 80
    assert lines[:2] == [
        "A rehearsal of bedfordshire with seed 1,",
        "from Monday 23 November 2026 to Sunday 23 January 2028. Nothing is sent.",
    ]
    proof = lines.index("Nothing left this machine.")
    assert "invariants checked, none is broken" in lines[proof - 1]
    assert lines[proof + 2] == "One thread of it, as `concordat trace` prints it"
    assert "Refused" not in told.out


def test_the_timeline_tells_it_in_plain_words(told: Run) -> None:
    words = " ".join(told.out.split())
    assert "receives a person’s complaint (1) about" in words
    assert "The paper on complaints is written, for December 2026." in words
    assert "undetermined. Unknown: Was that clause followed?" in words
    assert "A signal is raised: " in words
    for sentence in (
        "The secretary opens it now. Feedback is wanted until Thursday 24 December 2026.",
        "is away: the secretary asks the deputy instead.",
        "A message comes back: that address gets nothing more, and the secretary is told.",
        "say the same: they become one, with both origins.",
        "A major proposal is not decided without advice: the adviser is asked.",
        "accepted, with one dissent",
        "declines to sign version 5.0",
        "Nobody owes a signature any more: version 5.0 is adopted.",
        "not yet, by",
        "The review opens by itself: every party is asked.",
    ):
        assert sentence in words, sentence


def test_a_dozen_complaints_lead_to_gaps_proposals_a_version_and_its_signatures(year: Run) -> None:
    complaints = year.json["complaints"]
    assert len(complaints) == 12
    assert Counter(each["outcome"] for each in complaints) == {"answered": 10, "withdrawn": 1, "not ours": 1}
    results = {event["result"] for each in complaints for event in each["events"]} - {None}
    assert results == {"breakdown", "inadequacy", "both", "neither", "undetermined"}
    kinds = {node["kind"] for node in year.json["thread"]["nodes"]}
    assert {"complaint", "determination", "gap", "proposal", "decision", "change", "version", "signature"} <= kinds
    signatures = [node for node in year.json["thread"]["nodes"] if node["kind"] == "signature"]
    assert len(signatures) == 17
    written = Counter(message["message"] for message in year.json["messages"])
    assert written["analysis_paper_ready"] == 14, "one for every month that has ended"
    assert written["complaint_determined"] >= 10


def test_the_timeline_tells_of_the_complaints_in_plain_words(told: Run) -> None:
    words = " ".join(told.out.split())
    for sentence in (
        "It is referred to",
        "the thirty days go on.",
        "acknowledges complaint 10, late.",
        "both. More was passed on than the purpose needed",
        "What was unknown in complaint 8 is found out: breakdown.",
        "The secretary reads the determination of complaint 5 again, and agrees.",
        "What follows from complaint 11 (breakdown): breach 3. It is closed.",
        "The steering group proposes words for clause 7-duty-of-confidentiality that answer gap 1.",
        "Gap 2 is under no clause: nobody proposes anything, and it stays on the agenda.",
        "Would version 5.0 have covered complaint 1? Yes.",
        "12 complaints: 10 answered, one withdrawn and one not ours",
    ):
        assert sentence in words, sentence


@pytest.mark.slow  # alone on its cores: a figure, not a race with other tests
def test_seventeen_parties_take_less_than_half_a_minute(year: Run) -> None:
    assert year.seconds < 30  # of the processor, on whatever machine: 18 s here, of which the pages cost some


@pytest.mark.parametrize("slug", ["wales", "../bedfordshire", "."])
def test_an_unknown_protocol_is_refused_with_those_there_are(fresh: Concordat, slug: str) -> None:
    assert fresh("rehearse", slug).refusal == (
        f"There is no protocol “{slug}” here, nor does one of that name come with Concordat: bedfordshire."
    )
    assert not fresh.data.exists()


@pytest.fixture
def ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> sa.Engine:
    """Our own store, with the protocol loaded and one address that only we know."""
    monkeypatch.setenv("CONCORDAT_DATA", str(tmp_path))
    settings.cache_clear()
    made = engine(settings().store_url)
    upgrade(made)
    now = datetime(2026, 11, 23, 10, tzinfo=UTC)
    with transaction(made) as session:
        load_protocol(session, now, read_protocol(ROOT / "protocols" / "bedfordshire"), "secretary")
    yield made
    made.dispose()
    settings.cache_clear()


@pytest.mark.slow
def test_our_own_store_is_played_on_a_copy_and_not_touched(ours: sa.Engine, tmp_path: Path) -> None:
    now = datetime(2026, 11, 23, 11, tzinfo=UTC)
    with transaction(ours) as session:
        set_review_date(session, now, protocol_named(session, "bedfordshire"), date(2027, 3, 31), "secretary")
    ours.dispose()
    before = contents(tmp_path / "concordat.db")
    run = rehearse(tmp_path, "bedfordshire", "--from", "2027-02-01", "--months", "1", "--json")
    first, *_ = run.json["stages"]
    assert first == {"review": 1, "stage": "collecting", "at": "2027-02-26T09:00:00+00:00", "by": "clock"}
    assert contents(tmp_path / "concordat.db") == before


@pytest.mark.slow
def test_another_protocol_in_the_same_store_goes_on_beside_it_unmentioned(ours: sa.Engine, tmp_path: Path) -> None:
    now = datetime(2026, 11, 23, 11, tzinfo=UTC)
    file = read_protocol(ROOT / "protocols" / "bedfordshire")
    with transaction(ours) as session:
        load_protocol(
            session, now, replace(file, identity=file.identity.model_copy(update={"slug": "wales"})), "secretary"
        )
        for slug in ("wales", "bedfordshire"):
            set_review_date(session, now, protocol_named(session, slug), date(2027, 3, 31), "secretary")
    run = rehearse(tmp_path, "bedfordshire", "--from", "2027-02-20", "--months", "1", "--json")
    assert {stage["review"] for stage in run.json["stages"]} == {2, 4}  # this one's, and the next of it
    of_reviews = [m["obligation"] for m in run.json["messages"] if m["obligation"].startswith("review:")]
    assert {obligation.split(":")[1] for obligation in of_reviews} == {"2"}
    assert len([m for m in run.json["messages"] if m["message"] == "feedback_invited"]) == 18


def contents(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_a_review_under_way_goes_on_from_where_it_is_and_not_from_before(
    ours: sa.Engine, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    opened, answered = datetime(2026, 11, 23, 11, tzinfo=UTC), datetime(2026, 11, 25, 14, tzinfo=UTC)
    with transaction(ours) as session:
        open_annual(session, opened, protocol_named(session, "bedfordshire"), "secretary")
    with transaction(ours) as session:
        police = party_named(session, protocol_named(session, "bedfordshire"), "bedfordshire-police")
        give_feedback(session, answered, 1, police, "secretary", no_comments=True)
    with reading(ours) as session:
        rows = session.exec(select(func.count(col(History.id)))).one()
    assert app.run(("rehearse", "bedfordshire", "--from", "2026-11-24", "--months", "1")) == 1
    refused = capsys.readouterr()
    assert refused.out == ""
    assert "with a history until Wednesday 25 November 2026" in refused.err
    played = rehearse(tmp_path, "bedfordshire", "--from", "2026-11-25", "--months", "1", "--json")
    assert played.json["stages"][0]["stage"] == "drafting"
    assert all(message["at"] >= "2026-11-25T14:00" for message in played.json["messages"])
    with reading(ours) as session:
        assert session.exec(select(func.count(col(History.id)))).one() == rows


@pytest.mark.parametrize("number", [0, 1, 2, 3, 5, 11, 12, 17, 40])
def test_however_few_or_many_there_are_somebody_answers(number: int) -> None:
    parties = [(f"party-{n}", f"Party {n}", n % 2 == 0) for n in range(number)]
    players = cast(parties, Random(1))
    assert set(players) == {slug for slug, _, _ in parties}
    answering = [p for p in players.values() if p.manner is not Manner.SILENT]
    assert bool(answering) is (number > 0)
    if number > 12:
        assert {p.manner for p in players.values()} == set(Manner)
        assert {p.idea for p in players.values()} == {*Idea, None}


def test_each_kind_of_message_has_a_name_for_one_and_for_several() -> None:
    folders = {path.name for path in (ROOT / "notifications" / "templates").iterdir() if path.is_dir()}
    assert set(MESSAGE_WORDS) == folders
    assert called("duty_reminder", 1) == "a reminder"
    assert called("duty_reminder", 17) == "17 reminders"
