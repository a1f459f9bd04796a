"""A breach is reported, and whoever reported it comes back with the code. On both databases where SQL matters."""

import secrets
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import chain, repeat
from typing import Any

import pytest
from argon2 import PasswordHasher, extract_parameters
from argon2.exceptions import VerifyMismatchError
from sqlmodel import Session, col

from actions.breaches import reporters
from actions.breaches.affecting import affect
from actions.breaches.facts import IsNoParty, facts_of
from actions.breaches.given_facts import OccurredBackwards
from actions.breaches.moving import take_step
from actions.breaches.reporters import HASHER, NOBODYS, NothingIsAddedAnyMore
from actions.breaches.reporting import (
    AnonymousWithName,
    AnotherReportHasThisKey,
    NameNeeded,
    NoReferenceIsFree,
    NothingHappened,
    Report,
    Reported,
    WrongReferenceOrCode,
    add_from_reporter,
    reader_of,
    replace_code,
    report_breach,
    reporter_view,
)
from actions.breaches.stating import state_facts
from actions.cast import NotThere, party_named
from models.breach import Breach, BreachFact, BreachReport, ReporterKind
from models.fitting import DoesNotFit
from models.history import History, Narrative
from models.protocol import Succession
from rules.breach import Stage, Step
from rules.breach_facts import FactName, FromTheFuture, NotAFact, TextTooLong
from rules.codes import reference_from
from rules.errors import Refused
from rules.instants import RepeatedTime
from rules.severity_factors import UnknownFactor
from rules.texts import NotText
from tests.actions.breach_world import FRIDAY, HAPPENED, begun, follow_procedure, procedure, sweep_breaches
from tests.actions.databases import in_each_case
from tests.actions.world import World, at_once, protocol

SUNDAY = datetime(2026, 10, 25, 12, tzinfo=UTC)  # the clocks went back at 01:00 UTC
ANONYMOUS, NAMED, CONFIDENTIAL = ReporterKind.ANONYMOUS, ReporterKind.NAMED, ReporterKind.CONFIDENTIAL


class Counting(PasswordHasher):
    """As the real one, with parameters that cost nothing; it counts what it verifies."""

    def __init__(self) -> None:
        super().__init__(time_cost=1, memory_cost=8, parallelism=1)
        self.verified: list[str] = []

    def verify(self, hash: str | bytes, password: str | bytes) -> bool:
        self.verified.append(str(hash))
        return super().verify(hash, password)


@pytest.fixture(autouse=True)
def hasher(monkeypatch: pytest.MonkeyPatch) -> Counting:
    cheap = Counting()
    monkeypatch.setattr(reporters, "HASHER", cheap)
    monkeypatch.setattr(reporters, "NOBODYS", cheap.hash("nobody's"))
    return cheap


def sent(session: Session, now: datetime = FRIDAY, **how: Any) -> Reported:
    """A report with these facts, by the names of FactName's members, and these of Report's own fields."""
    facts: dict[FactName, Any] = {FactName.HAPPENED: HAPPENED}
    facts |= {FactName[name]: how.pop(name) for name in [*how] if name.isupper()}
    entropy: Callable[[int], bytes] = how.pop("entropy", secrets.token_bytes)
    report = Report(**{"facts": facts, "reporter_kind": ANONYMOUS, **how})
    return report_breach(session, now, protocol(session), report, "reporter", entropy)


def has_sent(world: World, now: datetime = FRIDAY, **how: Any) -> tuple[str, str]:
    """The reference and the code."""
    with world.act() as session:
        reported = sent(session, now, **how)
        assert reported.code is not None
        return reported.reference, reported.code


def facts(world: World, number: int = 1) -> dict[FactName, Any]:
    with world.read() as session:
        return facts_of(session, session.get_one(Breach, number))


# The report.


def test_a_report_of_one_sentence_is_enough(world: World) -> None:
    reference, code = has_sent(world)
    breach, report = world.only(Breach), world.only(BreachReport)
    assert (breach.stage, breach.reported_at) == (Stage.REPORTED, FRIDAY)
    assert (report.reference, report.reporter, report.reach, report.party_id) == (reference, None, None, None)
    assert facts(world) == {FactName.HAPPENED: HAPPENED}, "nothing is guessed"
    assert reference.startswith("BR-2026-")
    assert len(code) == 16


def test_the_code_is_kept_only_as_a_hash_of_argon2id(world: World) -> None:
    _, code = has_sent(world)
    kept = world.only(BreachReport).code_hash
    assert kept.startswith("$argon2id$")
    assert code not in kept


def test_history_knows_that_it_was_reported_and_by_nobodys_name(world: World) -> None:
    has_sent(world, reporter_kind=CONFIDENTIAL, reporter="Alexandra Osei", reach="07700 900123", party="council")
    [row] = world.every(History, History.case == "breach:1", History.what == "reported")
    assert (row.moved_from, row.moved_to) == (None, "reported")
    assert "Osei" not in str(row.details) + row.who
    assert "900123" not in str([each.details for each in world.every(History)])
    assert HAPPENED not in str(row.details)
    assert world.broken(FRIDAY) == []


def test_the_secretary_is_told_after_everything_is_kept(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[dict[FactName, Any]] = []
    monkeypatch.setattr(
        "actions.breaches.reporting.tell_secretary_of_report",
        lambda session, now, breach, *_: told.append(facts_of(session, breach)),
    )
    has_sent(world)
    assert told == [{FactName.HAPPENED: HAPPENED}]


def test_the_year_of_a_reference_is_the_protocols_own(small_world: World) -> None:
    reference, _ = has_sent(small_world, datetime(2026, 12, 31, 23, 59, tzinfo=UTC))
    assert reference.startswith("BR-2026-")
    with small_world.act() as session:
        protocol(session).zone = "Pacific/Auckland"
    reference, _ = has_sent(small_world, datetime(2026, 12, 31, 23, 59, tzinfo=UTC))
    assert reference.startswith("BR-2027-")


def test_where_nobody_says_whom_it_concerns_it_is_where_the_reporter_works(small_world: World) -> None:
    has_sent(small_world, party="council")
    has_sent(small_world, party="council", PARTIES="unknown")
    has_sent(small_world, party="council", PARTIES=["police"])
    assert [facts(small_world, number)[FactName.PARTIES] for number in (1, 2, 3)] == [
        ["council"],
        ["council"],
        ["police"],
    ]


def test_a_reference_that_is_taken_is_drawn_again(world: World) -> None:
    one, two, code = (bytes([number]) * 16 for number in (1, 2, 3))
    first, _ = has_sent(world, entropy=_drawn(code, one))
    second, _ = has_sent(world, entropy=_drawn(code, one, one, two))
    assert (first, second) == (reference_from(one, 2026), reference_from(two, 2026))
    with world.act() as session, pytest.raises(NoReferenceIsFree):
        sent(session, entropy=_drawn(code, *repeat(one, 50)))


def _drawn(*entropy: bytes) -> Callable[[int], bytes]:
    left: Iterator[bytes] = chain(entropy)
    return lambda _: next(left)


def test_the_code_tells_nothing_of_the_reference(small_world: World) -> None:
    """They are drawn separately: nobody computes one from the other."""
    asked: list[int] = []

    def entropy(count: int) -> bytes:
        asked.append(count)
        return secrets.token_bytes(count)

    has_sent(small_world, entropy=entropy)
    assert asked == [16, 16]


# Sent twice.


def test_the_same_key_again_answers_the_first_and_gives_no_second_code(world: World) -> None:
    reference, _ = has_sent(world, key="form-1")
    before = world.rows()
    with world.act() as session:
        again = sent(session, FRIDAY + timedelta(hours=1), key="form-1")
        assert (again.reference, again.code, again.breach.id) == (reference, None, 1)
    assert world.rows() == before
    has_sent(world, key="form-2")
    has_sent(world)
    has_sent(world, key="  ")
    assert len(world.every(Breach)) == 4, "another key, or none, is another report"


def test_the_same_key_with_something_else_is_refused_and_not_lost_in_silence(world: World) -> None:
    reference, _ = has_sent(world, key="form-1", PEOPLE=2)
    with world.act() as session:
        state_facts(session, FRIDAY, 1, {FactName.PEOPLE: 4}, "secretary", "Two more.")
    before = world.rows()
    with world.act() as session:
        assert sent(session, key="form-1", PEOPLE=2).reference == reference, "corrected since: no difference"
    for other in ({"PEOPLE": 9}, {"PEOPLE": 2, "RECORDS": 1}, {"HAPPENED": "A laptop with 9,000 records."}):
        with world.act() as session, pytest.raises(AnotherReportHasThisKey, match=reference):
            sent(session, key="form-1", **other)
    assert world.rows() == before


def test_who_is_no_party_any_more_is_refused_with_its_successor(small_world: World) -> None:
    with small_world.act() as session:
        fire = party_named(session, protocol(session), "fire")
        fire.left_on = FRIDAY.date()
        row = {
            "protocol_id": 1, "key": "x", "party_id": fire.id, "kind": "one to one", "successor_slug": "county-fire",
            "successor_name": "County Fire", "happened_on": FRIDAY.date(), "happened_words": "now", "source": "x",
        }  # fmt: skip
        session.add(Succession.model_validate(row))
    before = small_world.rows()
    sentence = "Westshire Fire is not a party today: name its successor: county-fire"
    with small_world.act() as session, pytest.raises(IsNoParty, match=sentence):
        sent(session, PARTIES=["council", "fire"])
    assert small_world.rows() == before


def test_two_at_once_with_one_key_are_one_breach(postgres_world: World) -> None:
    def send() -> tuple[str, str | None]:
        with postgres_world.act() as session:
            reported = sent(session, key="form-1")
            return reported.reference, reported.code

    answers = at_once(6, send)
    assert all(isinstance(each, tuple) for each in answers), answers
    assert len({each[0] for each in answers if isinstance(each, tuple)}) == 1
    assert sum(each[1] is not None for each in answers if isinstance(each, tuple)) == 1
    postgres_world.only(Breach)
    postgres_world.only(BreachReport)


def test_two_at_once_without_a_key_are_two(postgres_world: World) -> None:
    answers = at_once(4, lambda: has_sent(postgres_world))
    assert len({each for each in answers if isinstance(each, tuple)}) == 4


# What is refused, on both databases: a sentence, and nothing is written.

LONG = "x" * 5_000_000
BAD: dict[str, tuple[type[Refused], dict[str, Any]]] = {
    "nothing said": (NothingHappened, {"HAPPENED": " \n "}),
    "unknown happened": (NothingHappened, {"HAPPENED": "unknown"}),
    "not even a fact": (NothingHappened, {"facts": {}}),
    "from the future": (FromTheFuture, {"DETECTED": (FRIDAY + timedelta(minutes=1)).isoformat()}),
    "from tomorrow": (FromTheFuture, {"OCCURRED_FROM": "2026-10-24"}),
    "unknown party": (NotThere, {"PARTIES": ["council", "atlantis"]}),
    "unknown party of the reporter": (NotThere, {"party": "atlantis"}),
    "unknown clause": (NotThere, {"CLAUSES": ["99-nothing"]}),
    "negative number": (NotAFact, {"PEOPLE": -1}),
    "negative number as text": (NotAFact, {"PEOPLE": "-1"}),
    "five megabytes": (TextTooLong, {"HAPPENED": LONG}),
    "a day of five megabytes": (TextTooLong, {"DETECTED": LONG}),
    "a party of five megabytes": (TextTooLong, {"PARTIES": [LONG]}),
    "a mapping": (NotAFact, {"HAPPENED": {"a": 1}}),
    "a zero": (NotText, {"HAPPENED": "a\0b"}),
    "half a character": (NotText, {"CAUSE": "a\ud800b"}),
    "a zero in a party": (NotText, {"PARTIES": ["a\0b"]}),
    "half a character in a party": (NotText, {"PARTIES": "council,a\ud800b"}),
    "a zero in the reporter's party": (NotText, {"party": "a\0b"}),
    "a zero in the key": (NotText, {"key": "a\0b"}),
    "half a character in the name": (NotText, {"reporter_kind": NAMED, "reporter": "a\ud800b"}),
    "a name of five megabytes": (DoesNotFit, {"reporter_kind": NAMED, "reporter": LONG}),
    "a key of five megabytes": (DoesNotFit, {"key": LONG}),
    "over before it began": (OccurredBackwards, {"OCCURRED_FROM": "2026-10-22", "OCCURRED_TO": "2026-10-21"}),
    "over an hour before it began": (
        OccurredBackwards, {"OCCURRED_FROM": "2026-10-22T10:00+01:00", "OCCURRED_TO": "2026-10-22T09:00+01:00"}
    ),
    "anonymous with a name": (AnonymousWithName, {"reporter": "Sam"}),
    "anonymous with an address": (AnonymousWithName, {"reach": "sam@council.example"}),
    "named without a name": (NameNeeded, {"reporter_kind": NAMED, "reporter": " "}),
    "confidential without a name": (NameNeeded, {"reporter_kind": CONFIDENTIAL}),
    "factors that are none": (UnknownFactor, {"FACTORS": {"dpc": {"secret": 4}, "ei": ["1"], "cb": {}}}),
}  # fmt: skip


@in_each_case("what", BAD)
def test_it_is_refused_with_a_sentence_and_nothing_is_written(world: World, what: str) -> None:
    error, how = BAD[what]
    before = world.rows()
    with pytest.raises(error) as refused, world.act() as session:
        sent(session, **how)
    assert world.rows() == before
    assert 20 < len(str(refused.value)) < 1000


def test_a_time_that_the_clocks_repeat_is_asked_again_not_guessed(small_world: World) -> None:
    with pytest.raises(RepeatedTime, match="happens twice") as refused, small_world.act() as session:
        sent(session, SUNDAY, DETECTED="2026-10-25T01:30")
    assert "2026-10-25T01:30+01:00" in str(refused.value)
    assert "2026-10-25T01:30+00:00" in str(refused.value)
    has_sent(small_world, SUNDAY, DETECTED="2026-10-25T01:30+00:00")
    assert facts(small_world)[FactName.DETECTED] == "2026-10-25T01:30:00+00:00"


def test_the_future_is_told_by_instants_not_by_the_clock_on_the_wall(small_world: World) -> None:
    """At 01:45 in summer time, 01:15 of the hour that follows still lies ahead."""
    now = datetime(2026, 10, 25, 0, 45, tzinfo=UTC)
    has_sent(small_world, now, DETECTED="2026-10-25T01:15+01:00")
    with pytest.raises(FromTheFuture), small_world.act() as session:
        sent(session, now, DETECTED="2026-10-25T01:15+00:00")


@pytest.mark.parametrize(
    ("began", "ended"),
    [
        ("2026-10-22", "2026-10-22"),
        ("2026-10-22T10:00+01:00", "2026-10-22"),
        ("2026-10-22", "2026-10-22T10:00+01:00"),
        ("2026-10-22T10:00+01:00", "2026-10-22T09:00+00:00"),
        ("unknown", "2026-10-22"),
    ],
)
def test_days_are_read_so_that_they_can_be_right(small_world: World, began: str, ended: str) -> None:
    has_sent(small_world, OCCURRED_FROM=began, OCCURRED_TO=ended)


def test_marks_that_turn_a_line_about_are_kept_as_they_are(world: World) -> None:
    words = "Sent to \u202eelgnorw\u202c \u200fשגוי\u200e, and read 👩‍👧."
    has_sent(world, HAPPENED=words)
    assert facts(world)[FactName.HAPPENED] == words
    assert world.broken(FRIDAY) == []


def test_names_are_warned_of_and_not_refused(small_world: World) -> None:
    with small_world.act() as session:
        reported = sent(session, HAPPENED="Mrs Patel was told.", CAUSE="Sent to a.b@home.example.", PEOPLE=2)
        assert len(reported.warnings) == 2
        assert reported.warnings[0].startswith("“what happened” holds what looks like a person's name (“Mrs Patel”)")
        assert sent(session, HAPPENED="A letter was sent to the wrong family.").warnings == ()
    assert "Patel" not in str([row.details for row in small_world.every(History)])


def test_factors_are_kept_as_they_can_be_read_again(small_world: World) -> None:
    has_sent(small_world, FACTORS={"dpc": {"sensitive": "4"}, "ei": ["0.750"], "cb": {"intent": 0.5}})
    assert facts(small_world)[FactName.FACTORS] == {"dpc": {"sensitive": 4}, "ei": ["0.75"], "cb": {"intent": "0.5"}}


# Coming back.


def test_the_code_opens_the_report_however_it_is_written(world: World) -> None:
    reference, code = has_sent(world)
    with world.read() as session:
        assert reader_of(session, reference, code).id == 1
        spaced = f"{code[:4]} {code[4:8]}-{code[8:12]}\n{code[12:]}"
        assert reader_of(session, f" {reference.lower().replace('-', ' ')} ", spaced).id == 1


def wrong_ones(reference: str, code: str) -> dict[str, tuple[str, str]]:
    other = f"{(int(code) + 1) % 10**16:016d}"
    return {
        "unknown reference": ("BR-2026-344444", code),
        "no reference": ("1", code),
        "empty reference": ("", code),
        "reference of another script": ("BR-２０２６-344444", code),
        "wrong code": (reference, other),
        "short code": (reference, code[:15]),
        "empty code": (reference, ""),
        "code with a zero": (reference, f"{code}\0"),
        "half a character": (f"{reference}\ud800", f"{code}\ud800"),
        "five megabytes": (LONG, LONG),
        "digits of another script": (reference, code.translate({48 + n: 0x660 + n for n in range(10)})),
        "everything": ("%", "' OR 1=1 --"),
    }


def test_whatever_is_wrong_it_is_one_sentence_and_one_verification(world: World, hasher: Counting) -> None:
    """The work is counted: a clock in a test would only be wrong now and then."""
    reference, code = has_sent(world)
    before, sentences = world.rows(), set()
    for what, (text, given) in wrong_ones(reference, code).items():
        hasher.verified.clear()
        with world.read() as session, pytest.raises(WrongReferenceOrCode) as refused:
            reader_of(session, text, given)
        assert len(hasher.verified) == 1, what
        sentences.add(str(refused.value))
    assert len(sentences) == 1
    assert world.rows() == before
    hasher.verified.clear()
    with world.read() as session:
        reader_of(session, reference, code)
    assert len(hasher.verified) == 1, "the right one costs as much"


def test_the_hash_of_nobodys_code_costs_what_every_other_costs() -> None:
    real = extract_parameters(HASHER.hash("a code"))
    assert extract_parameters(NOBODYS) == real
    assert real.type.name == "ID"
    with pytest.raises(VerifyMismatchError):
        HASHER.verify(NOBODYS, reporters.NO_CODE)


def test_a_thousand_wrong_codes_open_nothing_and_change_nothing(small_world: World) -> None:
    reference, code = has_sent(small_world)
    before, sentences = small_world.rows(), set()
    with small_world.act() as session:
        for number in range(1, 1001):
            with pytest.raises(WrongReferenceOrCode) as refused:
                reader_of(session, reference, f"{(int(code) + number) % 10**16:016d}")
            sentences.add(str(refused.value))
        assert reader_of(session, reference, code).id == 1, "and the reporter is not locked out"
    assert len(sentences) == 1
    assert small_world.rows() == before


def test_a_code_that_is_replaced_fails_at_once(world: World) -> None:
    reference, code = has_sent(world)
    later = FRIDAY + timedelta(days=1)
    with world.act() as session:
        new = replace_code(session, later, reference, code)
        with pytest.raises(WrongReferenceOrCode):
            reader_of(session, reference, code)
        assert reader_of(session, reference, new).code_made_at == later
    [row] = world.every(History, History.what == "code replaced")
    assert row.who == f"reporter of {reference}"
    assert code not in str(row.details)
    assert new not in str(row.details)
    with world.act() as session, pytest.raises(WrongReferenceOrCode):
        replace_code(session, later, reference, code)


def test_of_two_who_replace_one_code_at_once_one_gets_another(postgres_world: World) -> None:
    reference, code = has_sent(postgres_world)

    def replace() -> str:
        with postgres_world.act() as session:
            return replace_code(session, FRIDAY, reference, code)

    answers = at_once(4, replace)
    [new] = [each for each in answers if isinstance(each, str)]
    assert sum(isinstance(each, WrongReferenceOrCode) for each in answers) == 3
    with postgres_world.read() as session:
        assert reader_of(session, reference, new).id == 1


def test_the_reporter_adds_what_is_known_now(world: World) -> None:
    reference, code = has_sent(world, PARTIES=["council"], PEOPLE=2)
    with world.act() as session:
        stated, _ = add_from_reporter(session, FRIDAY, reference, code, {FactName.PEOPLE: "4", FactName.RECORDS: 1})
        assert {each.name: (each.before, each.value) for each in stated} == {
            FactName.PEOPLE: (2, 4), FactName.RECORDS: (None, 1),
        }  # fmt: skip
        assert add_from_reporter(session, FRIDAY, reference, code, {FactName.PEOPLE: "4"}) == ([], [])
    [row] = world.every(BreachFact, BreachFact.name == FactName.RECORDS)
    assert row.stated_by == f"reporter of {reference}"
    assert world.only(Narrative, Narrative.id == row.why_id).text == f"said by the reporter of {reference}"


@pytest.mark.parametrize("added", [["police"], "police", ["police", "council"], "police, council"])
def test_the_reporter_names_another_party_and_takes_none_away(small_world: World, added: Any) -> None:
    reference, code = has_sent(small_world, PARTIES=["council"])
    with small_world.act() as session:
        add_from_reporter(session, FRIDAY, reference, code, {FactName.PARTIES: added})
    assert facts(small_world)[FactName.PARTIES] == ["council", "police"]


@pytest.mark.parametrize("nothing", [None, "unknown", "", []])
def test_the_reporter_cannot_make_the_parties_unknown(small_world: World, nothing: Any) -> None:
    reference, code = has_sent(small_world, PARTIES=["council"])
    with small_world.act() as session:
        assert add_from_reporter(session, FRIDAY, reference, code, {FactName.PARTIES: nothing}) == ([], [])
    assert facts(small_world)[FactName.PARTIES] == ["council"]


def test_what_the_reporter_adds_is_checked_as_the_report_was(world: World) -> None:
    reference, code = has_sent(world, OCCURRED_FROM="2026-10-22")
    before = world.rows()
    wrong: list[tuple[type[Refused], dict[FactName, Any]]] = [
        (OccurredBackwards, {FactName.OCCURRED_TO: "2026-10-21"}),
        (NotText, {FactName.PARTIES: ["a\0b"]}),
        (TextTooLong, {FactName.CAUSE: LONG}),
        (FromTheFuture, {FactName.DETECTED: "2026-12-24"}),
        (NotThere, {FactName.PARTIES: ["atlantis"]}),
    ]
    for error, found in wrong:
        with pytest.raises(error), world.act() as session:
            add_from_reporter(session, FRIDAY, reference, code, found)
    assert world.rows() == before


def test_when_it_occurred_is_in_order_whoever_states_it(small_world: World) -> None:
    with small_world.act() as session:
        begun(session, FRIDAY, "council", OCCURRED_FROM="2026-10-22T10:00+01:00")
    before = small_world.rows()
    with pytest.raises(OccurredBackwards), small_world.act() as session:
        state_facts(session, FRIDAY, 1, {FactName.OCCURRED_TO: "2026-10-22T09:00+01:00"}, "coordinator")
    assert small_world.rows() == before
    with small_world.act() as session:
        state_facts(session, FRIDAY, 1, {FactName.OCCURRED_TO: "2026-10-22"}, "coordinator")


def test_nothing_is_added_to_what_is_closed_and_the_sentence_says_whom_to_ask(small_world: World) -> None:
    reference, code = has_sent(small_world)
    with small_world.act() as session:
        take_step(session, FRIDAY, session.get_one(Breach, 1), Step.END_EARLY, "secretary", "None.")
    with small_world.act() as session, pytest.raises(NothingIsAddedAnyMore, match="tell the secretary"):
        add_from_reporter(session, FRIDAY, reference, code, {FactName.PEOPLE: 4})


def test_a_reporter_reads_where_it_stands_and_nothing_private(small_world: World) -> None:
    with small_world.act() as session:
        follow_procedure(session, FRIDAY, procedure(parties=("council", "police")))
    reference, code = has_sent(small_world, party="council")
    with small_world.read() as session:
        view = reporter_view(session, reader_of(session, reference, code))
    assert (view.reference, view.received_at) == (reference, FRIDAY)
    assert view.parties == ("Westshire Council",)
    assert view.stage.startswith("reported")
    with small_world.act() as session:
        affect(session, FRIDAY, 1, "police", "coordinator", "It was their referral.")
    sweep_breaches(small_world, FRIDAY)
    with small_world.read() as session:
        view = reporter_view(session, reader_of(session, reference, code))
    assert view.stage == "being assessed"
    assert view.parties == ("Westshire Council", "Westshire Police")
    assert view.next.endswith(".")


def test_what_happens_next_is_said_at_every_stage(small_world: World) -> None:
    reference, code = has_sent(small_world)
    said = set()
    for stage in Stage:
        with small_world.act() as session:
            session.get_one(Breach, 1).stage = stage
        with small_world.read() as session:
            said.add(reporter_view(session, reader_of(session, reference, code)).next)
    assert len(said) == len(Stage)


def test_the_flow_opens_the_follow_up_and_the_report_does_not(small_world: World) -> None:
    with small_world.act() as session:
        follow_procedure(session, FRIDAY)
    has_sent(small_world, party="council")
    assert small_world.moves("breach:1") == ["reported"]
    sweep_breaches(small_world, FRIDAY)
    assert small_world.only(Breach).stage is Stage.ASSESSING
    assert small_world.every(History, col(History.what) == "open follow-ups")
