import json
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.errors import Refused
from rules.severity import Band, Factors, NotPeople, as_plain, from_plain, read_factors, severity
from rules.severity_factors import (
    CIRCUMSTANCES,
    DATA,
    IDENTIFYING,
    FactorMissing,
    FactorTwice,
    NotFactors,
    UnknownFactor,
    WrongValue,
    decimal,
)

FACTORS = st.builds(
    Factors,
    dpc=st.dictionaries(st.sampled_from(list(DATA)), st.integers(1, 4), min_size=1),
    ei=st.lists(st.sampled_from(list(IDENTIFYING)), min_size=1, max_size=4).map(tuple),
    cb=st.fixed_dictionaries({}, optional={name: st.sampled_from(list(of)) for name, of in CIRCUMSTANCES.items()}),
)
EXAMPLE = (["sensitive=4"], ["0.75"], ["confidentiality=0.25", "intent=0.5"])


@pytest.mark.parametrize(
    ("dpc", "ei", "cb", "score", "band"),
    [
        ("sensitive=4", "0.75", ["confidentiality=0.25", "intent=0.5"], "3.75", Band.HIGH),
        ("financial=3", "1", ["availability=0.25"], "3.25", Band.HIGH),
        ("simple=1", "0.25", ["none"], "0.25", Band.LOW),
        ("financial=3", "1", ["none"], "3.00", Band.HIGH),
        ("behavioural=2", "1", ["confidentiality=0"], "2.00", Band.MEDIUM),
        ("financial=3", "1", ["confidentiality=0.5", "intent=0.5"], "4.00", Band.VERY_HIGH),
        ("sensitive=4", "0.25", ["integrity=0.5"], "1.50", Band.LOW),
    ],
)
def test_the_worked_results_of_the_method(dpc: str, ei: str, cb: list[str], score: str, band: Band) -> None:
    found = severity(read_factors([dpc], [ei], cb))
    assert (found.score, found.band) == (score, band)


@pytest.mark.parametrize(
    ("dpc", "ei", "cb", "score", "band"),
    [
        ("simple=1", "1", ["confidentiality=0.25", "intent=0.5"], "1.75", Band.LOW),
        ("simple=2", "1", ["none"], "2.00", Band.MEDIUM),
        ("simple=3", "0.75", ["confidentiality=0.5"], "2.75", Band.MEDIUM),
        ("simple=4", "0.75", ["none"], "3.00", Band.HIGH),
        ("simple=4", "0.75", ["confidentiality=0.5", "integrity=0.25"], "3.75", Band.HIGH),
        ("simple=4", "1", ["none"], "4.00", Band.VERY_HIGH),
    ],
)
def test_a_band_begins_at_its_boundary(dpc: str, ei: str, cb: list[str], score: str, band: Band) -> None:
    found = severity(read_factors([dpc], [ei], cb))
    assert (found.score, found.band) == (score, band)


def test_the_scores_reach_from_a_quarter_to_six() -> None:
    least = severity(read_factors(["simple=1"], ["0.25"], ["none"]))
    worst = [f"{name}=0.5" for name in CIRCUMSTANCES]
    most = severity(read_factors(["sensitive=4"], ["1"], worst))
    assert (least.score, least.quarters) == ("0.25", 1)
    assert (most.score, most.quarters, most.band) == ("6.00", 24, Band.VERY_HIGH)


def test_the_highest_kind_and_the_highest_identifier_count_and_circumstances_add_up() -> None:
    found = severity(
        read_factors(["simple=1", "financial=3"], ["0.25", "0.5", "0.25"], ["intent=0.5", "integrity=0.5"])
    )
    assert found.score == "2.50"
    assert "3 × 0.5 + 1 = 2.5, which is medium (2 to below 3)" in found.because


@given(FACTORS)
def test_every_score_is_the_methods_formula_and_lies_in_its_band(factors: Factors) -> None:
    found = severity(factors)
    score = max(factors.dpc.values()) * max(factors.ei) / 4 + sum(factors.cb.values()) / 4  # exact in binary
    assert float(found.score) == score
    bands = {Band.LOW: score < 2, Band.MEDIUM: 2 <= score < 3, Band.HIGH: 3 <= score < 4, Band.VERY_HIGH: score >= 4}
    assert bands[found.band]


@given(FACTORS)
def test_the_sentence_names_each_factor_and_leaves_the_conclusion_to_a_person(factors: Factors) -> None:
    because = severity(factors).because
    for kind, level in factors.dpc.items():
        assert f"{kind} {level} ({DATA[kind][level]})" in because
    for value in factors.ei:
        assert f"{decimal(value)} ({IDENTIFYING[value]})" in because
    for name, value in factors.cb.items():
        assert f"{name} {decimal(value)} ({CIRCUMSTANCES[name][value]})" in because
    assert because.endswith("The score is advice; what follows from it in law, a person decides.")


def test_the_sentence_says_which_circumstances_were_not_given() -> None:
    assert severity(read_factors(*EXAMPLE)).because == (
        "Kind of data: sensitive 4 (as such data usually is). Ease of identification: 0.75 (significant). "
        "Circumstances: confidentiality 0.25 (known recipients) and intent 0.5 (malicious); integrity and availability "
        "were not given, so they do not apply. 4 × 0.75 + 0.75 = 3.75, which is high (3 to below 4). "
        "The score is advice; what follows from it in law, a person decides."
    )
    three = severity(read_factors(["simple=1"], ["1"], ["confidentiality=0", "integrity=0", "availability=0"]))
    assert "; intent was not given, so it does not apply." in three.because
    four = severity(read_factors(["simple=1"], ["1"], [f"{name}=0" for name in CIRCUMSTANCES]))
    assert "not given" not in four.because
    assert "Circumstances: none." in severity(read_factors(["simple=1"], ["1"], ["None"])).because


@pytest.mark.parametrize(
    ("people", "unintelligible", "flags"),
    [
        (None, None, ()),
        (0, False, ()),
        (100, None, ()),
        (101, False, ("more than 100 people",)),
        (3, True, ("data unintelligible",)),
        (5000, True, ("more than 100 people", "data unintelligible")),
    ],
)
def test_what_to_weigh_beside_the_score(
    people: int | None, unintelligible: bool | None, flags: tuple[str, ...]
) -> None:
    plain = severity(read_factors(*EXAMPLE))
    found = severity(read_factors(*EXAMPLE), people, unintelligible)
    assert found.flags == flags
    assert (found.quarters, found.band) == (plain.quarters, plain.band)


def test_fewer_than_no_people_are_refused() -> None:
    with pytest.raises(NotPeople, match="-1 is not a number of people"):
        severity(read_factors(*EXAMPLE), people=-1)


def test_bands_are_in_order() -> None:
    order = [Band.LOW, Band.MEDIUM, Band.HIGH, Band.VERY_HIGH]
    for (at, one), (other_at, other) in product(enumerate(order), repeat=2):
        assert one.at_least(other) is (at >= other_at)


@pytest.mark.parametrize(
    ("dpc", "ei", "cb", "error", "sentence"),
    [
        (["medical=4"], ["1"], ["none"], UnknownFactor, "“medical” is not among the factors: give simple, behavioural"),
        (["simple=1"], ["1"], ["motive=0.5"], UnknownFactor, "“motive” is not among the factors: give confidentiality"),
        (["simple=1"], ["1"], ["none", "intent=0"], UnknownFactor, "“none” is not among the factors"),
        (["simple=5"], ["1"], ["none"], WrongValue, "“5” is not a value of simple data: give 1 (nothing about it"),
        (["simple=0"], ["1"], ["none"], WrongValue, "“0” is not a value of simple data"),
        (["simple=1.5"], ["1"], ["none"], WrongValue, "“1.5” is not a value of simple data"),
        (["simple=²"], ["1"], ["none"], WrongValue, "“²” is not a value of simple data"),
        (["simple"], ["1"], ["none"], WrongValue, "This lacks the value of simple data: give 1"),
        (["simple=1"], ["0"], ["none"], WrongValue, "“0” is not a value of ease of identification"),
        (["simple=1"], ["0.3"], ["none"], WrongValue, "give 0.25 (negligible), 0.5 (limited), 0.75 (significant) or 1"),
        (["simple=1"], ["100"], ["none"], WrongValue, "“100” is not a value of ease of identification"),
        (["simple=1"], ["1"], ["intent=0.25"], WrongValue, "value of intent: give 0 (an error) or 0.5 (malicious)"),
        (["simple=1"], ["1"], ["integrity=0.75"], WrongValue, "“0.75” is not a value of integrity"),
        (["simple=1"], ["1"], ["integrity=-0.25"], WrongValue, "“-0.25” is not a value of integrity"),
        (["simple=1", "simple=2"], ["1"], ["none"], FactorTwice, "“simple” is given twice"),
        (["simple=1"], ["1"], ["intent=0", "Intent=0"], FactorTwice, "“intent” is given twice"),
        ([], ["1"], ["none"], FactorMissing, "Say what kind of data it is, with its level: simple, behavioural, "),
        (["simple=1"], [], ["none"], FactorMissing, "Say how easily somebody is identified by it: 0.25 (negligible)"),
        (["simple=1"], ["1"], [], FactorMissing, "or “none” if none applies"),
    ],
)
def test_nothing_unknown_is_taken_and_nothing_missing_filled_in(
    dpc: list[str], ei: list[str], cb: list[str], error: type[Refused], sentence: str
) -> None:
    with pytest.raises(error) as refusal:
        read_factors(dpc, ei, cb)
    assert sentence in str(refusal.value)


def test_values_are_read_however_they_are_written() -> None:
    factors = read_factors([" Simple = 2 "], ["0.50", "1.0", "0.250"], ["intent=0.50", "integrity=0.0"])
    assert factors == Factors({"simple": 2}, (2, 4, 1), {"intent": 2, "integrity": 0})


@given(FACTORS)
def test_factors_come_back_from_what_is_stored(factors: Factors) -> None:
    assert from_plain(json.loads(json.dumps(as_plain(factors)))) == factors


def test_factors_are_stored_as_people_write_them() -> None:
    assert as_plain(read_factors(*EXAMPLE)) == {
        "dpc": {"sensitive": 4},
        "ei": ["0.75"],
        "cb": {"confidentiality": "0.25", "intent": "0.5"},
    }


@pytest.mark.parametrize(
    ("plain", "error"),
    [
        ({}, NotFactors),
        ({"dpc": {"simple": 1}, "ei": ["1"]}, NotFactors),
        ({"dpc": ["simple=1"], "ei": ["1"], "cb": {}}, NotFactors),
        ({"dpc": {"simple": 1}, "ei": "1", "cb": {}}, NotFactors),
        ({"dpc": {}, "ei": ["1"], "cb": {}}, FactorMissing),
        ({"dpc": {"simple": 1}, "ei": [], "cb": {}}, FactorMissing),
        ({"dpc": {"simple": 9}, "ei": ["1"], "cb": {}}, WrongValue),
        ({"dpc": {"simple": 1}, "ei": ["1"], "cb": {"none": "0"}}, UnknownFactor),
    ],
)
def test_what_is_stored_is_checked_like_what_is_written(plain: dict[str, object], error: type[Refused]) -> None:
    with pytest.raises(error):
        from_plain(plain)
