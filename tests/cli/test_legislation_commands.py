"""The register of the law by command, a change of it, and the clauses that it marks."""

import pytest

from tests.cli.conftest import Concordat

ACT = "data-protection-act-1998"
REPEALED = (
    "legislation", "change", ACT, "--in-force-from", "2018-05-25", "--what", "The UK GDPR and an Act took its place.",
)  # fmt: skip
COMPLAINTS = (
    "legislation", "change", "--act", "Data Protection Act 2018", "--section", "164A", "--in-force-from", "2026-06-19",
    "--clause", "9-complaints", "--what", "Complaints are acknowledged within 30 days.",
    "--source", "https://www.legislation.gov.uk/ukpga/2018/12/section/164A",
)  # fmt: skip


def test_the_register_is_appendix_3_with_what_became_of_each(concordat: Concordat) -> None:
    acts = concordat.does("legislation", "list")
    assert len(acts) == 14
    assert (acts[0]["key"], acts[0]["status"], acts[0]["since"]) == (ACT, "repealed", "2018-05-25")
    said = concordat("legislation", "list").out
    assert max(len(line) for line in said.splitlines()) <= 80
    assert "human-rights-act-1998" in said.splitlines()
    assert "repealed since Friday 25 May 2018; ten clauses rest on it" in said


def test_the_act_that_was_repealed_marks_what_rests_on_it_and_the_new_one_joins(concordat: Concordat) -> None:
    first, second = concordat.does(*REPEALED), concordat.does(*COMPLAINTS)
    assert (first["change"], first["review"], len(first["clauses"])) == (1, 1, 10)
    assert (second["change"], second["review"], second["clauses"]) == (2, 1, ["9-complaints"])
    reasons = concordat.does("review", "show", "1")["reasons"]
    assert [reason["kind"] for reason in reasons] == ["legislation", "legislation"]
    assert "Data Protection Act 2018, section 164A, in force from Friday 19 June 2026" in reasons[1]["words"]
    asked = [message["kind"] for message in concordat.does("outbox")]
    assert (asked.count("feedback_invited"), asked.count("review_reason_added")) == (17, 17)
    assert "Because: Change of the law: Data Protection Act 2018" in " ".join(
        concordat("review", "show", "1").out.split()
    )


def test_change_says_what_it_marks_and_what_comes_next(concordat: Concordat) -> None:
    said = " ".join(concordat(*COMPLAINTS).out.split())
    assert said == (
        "Change 1 is recorded: Data Protection Act 2018, section 164A, in force from Friday 19 June 2026. It marks one "
        "clause: 9-complaints. It is a reason of review 1. Next: concordat review show 1"
    )


def test_told_twice_it_is_recorded_once(concordat: Concordat) -> None:
    assert concordat.does(*REPEALED) == concordat.does(*REPEALED)
    assert len(concordat.does("legislation", "show", ACT)["changes"]) == 1


def test_settled_takes_one_mark_away_with_its_reason(concordat: Concordat) -> None:
    concordat.does(*REPEALED)
    done = concordat.does("legislation", "settled", "2", "1", "--because", "It tells of the past.")
    assert (done["clause"], done["standing"]) == ("2", 9)
    shown = concordat("legislation", "show", ACT).out
    assert "Clause 2: needs no change, because: It tells of the past. (secretary," in " ".join(shown.split())
    assert "Clause 12-security: marked; no version since has answered" in shown
    assert concordat.does("legislation", "list")[0]["marked"] == 9


def test_settled_takes_all_marks_of_a_change_away_at_once(concordat: Concordat) -> None:
    concordat.does(*REPEALED)
    assert concordat("legislation", "settled", "2", "--because", "No.").code == 2
    assert concordat("legislation", "settled", "2", "1", "--all", "--because", "No.").code == 2
    done = concordat.does("legislation", "settled", "1", "--all", "--because", "They tell of the past.")
    assert (len(done["clauses"]), done["standing"]) == (10, 0)
    again = concordat("legislation", "settled", "1", "--all", "--because", "They tell of the past.").out
    assert "No clause waits for an answer to change 1." in again


def test_what_was_recorded_by_mistake_is_withdrawn_and_the_list_says_so(concordat: Concordat) -> None:
    concordat.does(*REPEALED)
    said = " ".join(concordat("legislation", "withdraw", "1", "--because", "Never made.").out.split())
    assert said.startswith("Change 1 is withdrawn: it marks no clause any more. Review 1 goes on: cancel it, if ")
    shown = " ".join(concordat("legislation", "show", ACT).out.split())
    assert "Withdrawn, because: Never made. (secretary," in shown
    assert "Clause 2: marked by mistake: the change was withdrawn" in shown
    assert concordat.does("legislation", "list")[0]["marked"] == 0
    assert any(node["state"] == "withdrawn" for node in concordat.does("trace", "legislation:1")["nodes"])


def test_show_takes_a_title_that_is_not_listed(concordat: Concordat) -> None:
    concordat.does(*COMPLAINTS)
    shown = concordat("legislation", "show", "data protection act 2018").out
    assert "Change 1, section 164A, in force from Friday 19 June 2026" in shown
    assert "Complaints are acknowledged within 30 days." in shown


def test_without_a_review_the_clauses_are_marked_only(concordat: Concordat) -> None:
    assert "Give a reason" in concordat(*REPEALED, "--no-review").refusal
    said = concordat.does(*REPEALED, "--no-review", "--because", "The annual one is near.")
    assert said["review"] is None
    assert concordat.does("review", "list") == []
    assert concordat(*COMPLAINTS, "--because", "x").code == 2


def test_the_first_words_follow_what_is_recorded(concordat: Concordat) -> None:
    from cli.words import first_words

    def words() -> str:
        return " ".join(concordat.read(lambda session: first_words(session, concordat.clock.now)).split())

    assert "or record it, which marks those clauses and asks everybody at once:" in words()
    clauses = concordat.does(*REPEALED)["clauses"]
    assert "That is recorded, and ten clauses wait for an answer: concordat legislation show" in words()
    for clause in clauses:
        concordat.does("legislation", "settled", clause, "1", "--because", "Looked at.")
    assert "on which 10 of 26 clauses rest" not in words()


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (
            ("change", "magna-carta", "--in-force-from", "2018-05-25", "--what", "x"),
            "it lists data-protection-act-1998,",
        ),
        (("change", "--in-force-from", "2018-05-25", "--what", "x"), "Say which Act it is"),
        (("change", ACT, "--in-force-from", "1899-01-01", "--what", "x"), "too far before today"),
        (("change", ACT, "--in-force-from", "9999-12-31", "--what", "x"), "too far ahead of today"),
        (("change", ACT, "--in-force-from", "2018-05-25", "--what", " "), "Give a reason: what has changed"),
        (("change", ACT, "--in-force-from", "2018-05-25", "--what", "x", "--clause", "99"), "choose one of 1, 2,"),
        (("show", "magna-carta"), "There is no “magna-carta” in the register of bedfordshire"),
        (("settled", "2", "1", "--because", "x"), "There is no recorded change 1"),
    ],
)
def test_a_refusal_is_a_sentence_that_names_what_there_is(
    concordat: Concordat, arguments: tuple[str, ...], sentence: str
) -> None:
    assert sentence in concordat("legislation", *arguments).refusal


def test_a_day_that_is_none_is_a_wrong_command_line(concordat: Concordat) -> None:
    assert concordat("legislation", "change", ACT, "--in-force-from", "soon", "--what", "x").code == 2
