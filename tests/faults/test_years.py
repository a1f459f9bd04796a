"""The command that plays many years: it says which are broken and how to play them again, and deals them out."""

import pytest

from tests.faults.world import Played, play
from tests.faults.world_proof import ENOUGH, MUST_COME_UP
from tests.faults.world_store import Theatre
from tests.faults.years import main, one_year, told


def test_a_broken_year_is_named_with_the_command_that_plays_it_again(capsys: pytest.CaptureFixture[str]) -> None:
    years = [
        Played(26, [], "one", {"killed": 2, "off": 1}),
        Played(27, ["message a: arrived twice", "message b: is gone"], "other", {"killed": 3}),
    ]
    assert told("postgresql", years) == 1
    said = capsys.readouterr()
    assert said.out.splitlines() == [
        "postgresql, seed 27: message a: arrived twice",
        "postgresql, seed 27: message b: is gone",
        "  again: CONCORDAT_SEED=27 pytest -m slow tests/faults/test_simulated_years_on_postgres.py",
    ]
    assert [line.split(maxsplit=1) for line in said.err.splitlines()[1:]] == [["5", "killed"], ["1", "off"]]


def test_years_in_which_a_fault_never_came_up_prove_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    everything = dict.fromkeys(MUST_COME_UP, 1)
    assert told("sqlite", [Played(seed, [], "", everything) for seed in range(ENOUGH)]) == 0
    del everything["swept about 29 February"]
    assert told("sqlite", [Played(seed, [], "", everything) for seed in range(ENOUGH)]) == 1
    assert "in none of them came up: swept about 29 February" in capsys.readouterr().out


def test_a_year_that_comes_to_no_end_is_told_of_and_the_others_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks_off(*_: object) -> None:
        raise LookupError("somebody holds it")

    monkeypatch.setattr("tests.faults.years.play", breaks_off)
    monkeypatch.setattr("tests.faults.years._theatre", lambda _: None)
    assert one_year("sqlite", 5).broken == ["it came to no end: LookupError: somebody holds it"]


@pytest.mark.slow
def test_years_are_dealt_out_to_processes_and_their_numbers_put_together(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["2", "--from", "68", "--database", "sqlite", "--processes", "2"]) == 0
    said = capsys.readouterr()
    assert said.out == "0 broken\n"
    assert said.err.startswith("sqlite: 2 years in ")
    with Theatre("sqlite") as theatre:
        of_one = play(theatre, 68).did
    numbers = {what: int(number) for number, what in (line.split(maxsplit=1) for line in said.err.splitlines()[1:])}
    assert all(numbers[what] >= number for what, number in of_one.items())
    assert numbers["instants"] > of_one["instants"]
