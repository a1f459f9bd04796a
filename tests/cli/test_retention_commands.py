"""How long words are kept, by command: what goes next, what somebody keeps, what went, and what is shown then."""

import pytest
from sqlmodel import select

from models.breach import BreachReport
from models.outbox import Message
from tests.actions.retention_world import all_was_sent, kept_for
from tests.cli.conftest import FIRST_START, Concordat

WORDS = "A letter went to Mill Lane, to the wrong family."
REPORT = (
    "breach", "report", "--what", WORDS, "--party", "luton-borough-council", "--reporter", "Robin", "--reach",
    "r@x.org",
)  # fmt: skip


@pytest.fixture
def ended(concordat: Concordat) -> Concordat:
    """A near miss, reported by somebody with a name, over the same day; kept for six years."""
    concordat.does(*REPORT)
    concordat.does("breach", "end", "1", "near-miss", "--because", "The postman brought it back.")
    concordat.act(lambda session: (kept_for(session, breaches="P6Y"), all_was_sent(session, FIRST_START)))
    return concordat


def test_what_goes_next_and_what_went(ended: Concordat) -> None:
    said = ended.does("retention", "list")
    assert said["kept_for"] == {"breaches": "P6Y", "complaints": None}
    [case] = said["cases"]
    assert (case["case"], case["goes_after"], case["held"]) == ("breach:1", "2032-11-22", False)
    shown = " ".join(ended("retention", "list").out.split())
    assert (
        "Words of breaches are kept for 6 years after the end. Words of complaints are kept without a limit." in shown
    )
    assert "breach:1 2026-11-22 Kept until Monday 22 November 2032: 6 years after it ended." in shown
    assert ended("retention", "emptied").out.strip() == "Nothing has been emptied."
    ended.clock.now = FIRST_START.replace(year=2032, day=23)
    said = ended("nightly", "--json").json
    assert (said["emptied"], said["broken"]) == (1, [])
    assert ended.does("nightly")["emptied"] == 0
    [gone] = ended.does("retention", "emptied")
    assert (gone["case"], gone["kept"], gone["ended_on"]) == ("breach:1", "6 years", "2026-11-22")
    assert "breach:1" in ended("retention", "emptied").out
    assert ended("retention", "list").out.endswith("No ended case has words.\n")


def test_every_command_shows_what_was_emptied_without_its_words(ended: Concordat) -> None:
    numbers = ended.read(lambda session: session.exec(select(Message.id).where(Message.case == "breach:1")).all())
    shows = [("breach", "show", "1"), ("breach", "facts", "1"), ("breach", "list"), ("history", "breach:1"),
             ("trace", "breach:1"), ("outbox",), ("status",),
             *(("message", "show", str(number)) for number in numbers)]  # fmt: skip
    assert any("Mill Lane" in ended(*show).out for show in shows)
    ended.clock.now = FIRST_START.replace(year=2032, day=23)
    assert ended.does("nightly")["emptied"] == 1
    for show in shows:
        for arguments in (show, (*show, "--json")):
            said = ended(*arguments)
            assert said.code == 0, said
            assert not [word for word in ("Mill Lane", "Robin", "r@x.org", "postman", "None\n") if word in said.out]
    assert "kept for as long as the protocol says" in ended("message", "show", str(numbers[0])).out
    assert "(no longer kept)" in ended("breach", "facts", "1").out
    assert ended.read(lambda session: session.exec(select(BreachReport.reporter)).one()) == "(no longer kept)"


def test_what_somebody_keeps_stays(ended: Concordat) -> None:
    kept = ended("retention", "keep", "breach:1", "--because", "A claim is brought.")
    assert " ".join(kept.out.split()) == (
        "The words of breach:1 stay until you say otherwise: `concordat retention release breach:1 --because TEXT`."
    )
    ended.clock.now = FIRST_START.replace(year=2032, day=23)
    assert "Kept until somebody says otherwise." in ended("retention", "list").out
    assert ended.does("nightly")["emptied"] == 0
    ended.does("retention", "release", "breach:1", "--because", "It was settled.")
    assert ended.does("nightly")["emptied"] == 1
    assert ended("retention", "keep", "breach:1", "--because", "Again.").refusal == (
        "The words of breach:1 went on Tuesday 23 November 2032: there is nothing left to keep."
    )


def test_where_nothing_is_said_the_list_says_where_it_may_be(concordat: Concordat) -> None:
    assert "The protocol's file may say for how long: `retention`" in concordat("retention", "list").out


def test_what_is_refused(ended: Concordat) -> None:
    assert ended("retention", "keep", "breach:1", "--because", " ").refusal.startswith("Give a reason")
    assert "names no case" in ended("retention", "keep", "review:1", "--because", "So.").refusal
    assert "There is no complaint:7" in ended("retention", "release", "complaint:7", "--because", "So.").refusal
