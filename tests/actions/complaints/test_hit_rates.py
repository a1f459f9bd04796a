"""The figures that were promised, on real cases, each answered without itself; `bench/suggestion.py` has more."""

import json

import pytest

from bench.suggestion import (
    BEDFORDSHIRE,
    CASES,
    Answering,
    Figures,
    answering,
    costs,
    figures,
    left_out,
    others_by_name,
    read_cases,
)
from models.protocol_file import read_protocol

pytestmark = pytest.mark.slow  # all cases, each answered without itself

FILES = ["cases.jsonl", "further_cases.jsonl", "third_cases.jsonl", "fourth_cases.jsonl"]


# By who had seen it when they wrote words: the first author retold every case; the second has seen none of them.
SETS = {
    "29 published, leave-one-out: read by the first author, not seen by the second": "cases.jsonl",
    "63 published: read by the first author, not seen by the second": "further cases",
    "25 invented: looked at by the first author, not seen by the second": "invented, looked at",
    "25 invented: written and not looked at by the first author, not seen by the second": "invented, held out",
    "28 published: retold and not looked at by the first author, not seen by the second": "published, held out",
}


@pytest.fixture(scope="module")
def ways() -> dict[str, Answering]:
    return answering(read_protocol(BEDFORDSHIRE))


@pytest.fixture(scope="module")
def left_out_by_way(ways: dict[str, Answering]) -> dict[str, Figures]:
    cases = read_cases("cases.jsonl")
    return {way: figures(left_out(cases, ask)) for way, ask in ways.items()}


@pytest.mark.parametrize("seen", SETS)
def test_all_four_thresholds_hold(ways: dict[str, Answering], left_out_by_way: dict[str, Figures], seen: str) -> None:
    ours, known = left_out_by_way["ours"], read_cases("cases.jsonl")
    if SETS[seen] != "cases.jsonl":
        ours = figures([(case, ways["ours"](case, known)) for case in others_by_name()[SETS[seen]]])
    assert ours.main_in_3 >= 0.75
    assert ours.recall_in_4 >= 0.60
    assert ours.none_known >= 0.60
    assert ours.false_alarms <= 0.20


def test_vocabularies_do_better_than_a_constant_guess_and_than_the_text_alone(
    left_out_by_way: dict[str, Figures],
) -> None:
    ours, others = left_out_by_way["ours"], [left_out_by_way[way] for way in ("constant", "BM25")]
    assert ours.main_in_3 > max(other.main_in_3 for other in others)
    assert ours.recall_in_4 > max(other.recall_in_4 for other in others)


def test_before_anything_was_decided_uncovered_cases_are_recognised_too(left_out_by_way: dict[str, Figures]) -> None:
    assert left_out_by_way["ours, no earlier case"].none_known >= 0.60
    assert left_out_by_way["ours, no earlier case"].false_alarms <= 0.20


@pytest.mark.slow
def test_a_suggestion_costs_next_to_nothing() -> None:
    """Wanted: a narrative within 50 ms, ready within a second, 200 MB. Four times that here: machines are busy."""
    cost, beginning = costs(repeats=1)
    assert cost["seconds"] <= 4 * 0.050
    if "seconds" in beginning:  # read from Linux' /proc
        assert beginning["seconds"] <= 4 * 1.0
        assert beginning["more_megabytes"] <= 200


def test_every_label_is_a_clause_of_the_protocol() -> None:
    known = {clause.id for clause in read_protocol(BEDFORDSHIRE).clauses}
    for case in (case for name in FILES for case in read_cases(name)):
        assert known.issuperset(case.acceptable), case.id
        assert (case.clause is None) == (case.label != "breakdown"), case.id


@pytest.mark.parametrize("name", FILES)
def test_every_case_has_its_source(name: str) -> None:
    lines = [json.loads(line) for line in (CASES / name).read_text("utf-8").splitlines()]
    invented = name == "third_cases.jsonl"
    assert all(line["source"].startswith("written for this test" if invented else "http") for line in lines)
    assert len({line["id"] for line in lines}) == len(lines)
