"""Obligations by their commands."""

from tests.cli.conftest import Concordat


def test_list_can_be_narrowed(collecting: Concordat) -> None:
    assert len(collecting.does("obligation", "list")) == 17
    [duty] = collecting.does("obligation", "list", "--party", "bedfordshire-police")
    assert (duty["case"], duty["kind"], duty["due_on"], duty["overdue"]) == (
        "review:1", "feedback", "2027-03-31", False,
    )  # fmt: skip
    assert collecting.does("obligation", "list", "--overdue") == []
    assert len(collecting.does("obligation", "list", "--review", "1")) == 17
    assert collecting.does("obligation", "list", "--review", "2") == []
    assert "Nothing is owed." in collecting("obligation", "list", "--overdue").out
    collecting.clock.now = collecting.clock.now.replace(year=2027, month=5)
    assert len(collecting.does("obligation", "list", "--overdue")) == 17
    assert "OVERDUE" in collecting("obligation", "list").out


def test_what_has_ended_is_shown_on_request(collecting: Concordat) -> None:
    collecting.does("review", "feedback", "1", "bedfordshire-police", "--no-comments")
    [duty] = collecting.does("obligation", "list", "--party", "bedfordshire-police", "--all")
    assert (duty["outcome"], duty["discharged_by"]) == ("answered", "secretary")


def number(concordat: Concordat, party: str) -> str:
    return str(concordat.does("obligation", "list", "--party", party)[0]["number"])


def test_extend_gives_a_later_day_and_tells_everyone(collecting: Concordat) -> None:
    its = number(collecting, "bedfordshire-police")
    extended = collecting.does("obligation", "extend", its, "2027-04-30", "--because", "on leave")
    assert extended["due_on"] == "2027-04-30"
    assert "duty_extended" in {m["kind"] for m in collecting.does("outbox")}
    assert "a later day than" in collecting("obligation", "extend", its, "2027-04-01", "--because", "no").refusal


def test_waive_ends_it_with_the_reason(collecting: Concordat) -> None:
    its = number(collecting, "luton-ccg")
    assert collecting.does("obligation", "waive", its, "--because", "it has merged")["outcome"] == "waived"
    assert collecting.does("obligation", "list", "--party", "luton-ccg") == []
    assert "Give a reason" in collecting("obligation", "waive", "1", "--because", " ").refusal


def test_delegate_asks_the_deputy(collecting: Concordat) -> None:
    its = number(collecting, "bedfordshire-police")
    collecting.does("obligation", "delegate", its, "--because", "the lead member is away")
    [duty] = collecting.does("obligation", "list", "--party", "bedfordshire-police")
    assert (duty["role"], duty["address"]) == ("deputy", "deputy@bedfordshire-police.example")
