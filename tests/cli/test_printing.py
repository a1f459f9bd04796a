"""How commands print."""

from datetime import UTC, date, datetime

import pytest
import typer

from actions.plain_values import plain
from cli.options import a_day, one_of
from cli.printing import capital, counted, in_words, instant, paragraph, table
from models.protocol import Role
from models.review import DecisionOutcome

SUMMER = datetime(2027, 7, 1, 8, 0, tzinfo=UTC)


def test_people_read_londons_time_and_machines_utc() -> None:
    assert instant(SUMMER) == "2027-07-01 09:00 BST"
    assert in_words(SUMMER) == "Thursday 1 July 2027 09:00 BST"
    assert in_words(date(2027, 7, 1)) == "Thursday 1 July 2027"
    assert plain({"at": SUMMER, "days": (date(2027, 7, 1),)}) == {
        "at": "2027-07-01T08:00:00+00:00", "days": ["2027-07-01"],
    }  # fmt: skip


def test_a_table_fits_80_columns_and_loses_nothing() -> None:
    words = "a-name-that-is-longer-than-any-column-should-be" * 2
    made = table(("One", "Two"), [(date(2027, 7, 1), words), ("[b]not markup[/b]", None)])
    assert max(len(line) for line in made.splitlines()) <= 80
    assert words in "".join(line[19:] for line in made.splitlines()[1:3])
    assert "[b]not markup[/b]" in made
    assert table(("One",), [], "Nothing.") == "Nothing."


def test_a_paragraph_never_breaks_an_address() -> None:
    address = "https://example.org/" + "x" * 90
    assert address in paragraph(f"See {address} for more.").splitlines()


def test_numbers_are_words_where_a_person_would_write_them() -> None:
    assert [counted(n, "party", "parties") for n in (0, 1, 2, 12, 17)] == [
        "no parties", "one party", "two parties", "twelve parties", "17 parties",
    ]  # fmt: skip
    assert capital("") == ""


@pytest.mark.parametrize("written", ["lead-member", "lead member", "Lead-Member", " lead member "])
def test_a_choice_may_be_written_with_hyphens(written: str) -> None:
    assert one_of(Role, written, "ROLE") is Role.LEAD_MEMBER


def test_a_word_that_is_no_choice_names_those_there_are() -> None:
    with pytest.raises(typer.BadParameter, match="accepted-with-changes"):
        one_of(DecisionOutcome, "agreed", "OUTCOME")


@pytest.mark.parametrize("written", ["2027-02-29", "31.3.2027", "", "tomorrow"])
def test_what_is_no_day_is_refused(written: str) -> None:
    with pytest.raises(typer.BadParameter, match="is not a day"):
        a_day(written)
