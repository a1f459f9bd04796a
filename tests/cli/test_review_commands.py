"""Each step of a review, by its command, and what it does."""

from datetime import date

import pytest

from tests.cli.conftest import Concordat


def stage(concordat: Concordat, number: int = 1) -> str:
    return str(concordat.does("review", "show", str(number))["stage"])


def answer_of(concordat: Concordat, party: str) -> dict[str, object]:
    answers = {each["party"]: each for each in concordat.does("review", "show", "1")["answers"]}
    return dict(answers[party])


def test_schedule_sets_the_date_and_says_when_everybody_is_asked(concordat: Concordat) -> None:
    said = concordat("review", "schedule", "bedfordshire", "2027-03-31")
    words = " ".join(said.out.split())
    assert said.code == 0
    assert "Review 1 is on Wednesday 31 March 2027" in words
    assert "asked on Friday 26 February 2027 09:00 GMT" in words
    [line] = concordat.does("review", "list")
    assert (line["stage"], line["review_on"], line["opens_at"]) == (
        "scheduled", "2027-03-31", "2027-02-26T09:00:00+00:00",
    )  # fmt: skip


def test_schedule_takes_the_overdue_review_off_the_list(concordat: Concordat) -> None:
    assert "review overdue" in {matter["kind"] for matter in concordat.does("matters")}
    concordat.does("review", "schedule", "bedfordshire", "2027-03-31")
    assert "review overdue" not in {matter["kind"] for matter in concordat.does("matters")}


def test_open_asks_every_party_at_once(concordat: Concordat) -> None:
    opened = concordat.does("review", "open", "bedfordshire")
    assert opened["stage"] == "collecting"
    assert concordat.does("status")["obligations"]["open"] == 17
    assert {message["kind"] for message in concordat.does("outbox")} == {"feedback_invited"}
    assert len(concordat.does("outbox")) == 17


def test_open_with_a_change_of_the_law_is_an_extraordinary_review(concordat: Concordat) -> None:
    concordat.does("review", "open", "bedfordshire", "--legislation", "--because", "The Act was repealed.")
    shown = concordat.does("review", "show", "1")
    assert shown["kind"] == "extraordinary"
    assert shown["reasons"] == [{"kind": "legislation", "words": "The Act was repealed.", "given_by": "secretary"}]
    assert "10 working days in England and Wales from Sunday 22 November 2026" in shown["dates"][1]["because"]


def test_a_second_reason_joins_the_open_review(collecting: Concordat) -> None:
    joined = collecting.does("review", "open", "bedfordshire", "--extraordinary", "--because", "A serious breach.")
    assert joined["id"] == 1
    reasons = [reason["words"] for reason in collecting.does("review", "show", "1")["reasons"]]
    assert reasons == ["The annual review is due.", "A serious breach."]


def test_names_are_not_broken_in_the_list(collecting: Concordat) -> None:
    collecting.does("review", "cancel", "1", "--because", "x")
    collecting.does("review", "open", "bedfordshire", "--extraordinary", "--because", "x")
    for command in (("review", "list"), ("status",)):
        out = collecting(*command).out
        assert max(len(line) for line in out.splitlines()) <= 80
        assert any({"bedfordshire", "extraordinary", "collecting"} <= set(line.split()) for line in out.splitlines())


def test_open_twice_is_refused(collecting: Concordat) -> None:
    assert "Review 1 is open" in collecting("review", "open", "bedfordshire").refusal


def test_list_of_none_says_how_to_begin(concordat: Concordat) -> None:
    assert "concordat review schedule" in concordat("review", "list").out
    assert concordat.does("review", "list", "bedfordshire") == []


def test_show_explains_each_date(concordat: Concordat) -> None:
    concordat.does("review", "schedule", "bedfordshire", "2027-03-31")
    words = " ".join(concordat("review", "show", "1").out.split())
    assert "To be asked: Friday 26 February 2027 09:00 GMT" in words
    assert "One calendar month before Wednesday 31 March 2027, that day not counted, falls on Sunday 28" in words
    assert "because" in words
    assert "concordat review open bedfordshire" in words


def test_show_names_each_kind_of_silence(collecting: Concordat) -> None:
    """Thirteen may have answered; the others are recorded, not hidden."""
    for party in ("bedford-borough-council", "luton-borough-council"):
        collecting.does("review", "feedback", "1", party, "--no-comments")
    extended, waived = (str(answer_of(collecting, p)["obligation"]) for p in ("virgin-health", "luton-ccg"))
    collecting.does("obligation", "extend", extended, "2027-04-30", "--because", "their board meets in April")
    collecting.does("obligation", "waive", waived, "--because", "it has merged")
    assert answer_of(collecting, "bedford-borough-council")["standing"] == "answered"
    assert answer_of(collecting, "bedfordshire-police")["standing"] == "has not answered yet"
    collecting.clock.now = collecting.clock.now.replace(year=2027, month=4, day=1)
    collecting.does("review", "close-feedback", "1")
    assert answer_of(collecting, "bedfordshire-police")["standing"] == "silent"
    assert answer_of(collecting, "virgin-health")["standing"] == "has more time"
    assert answer_of(collecting, "virgin-health")["because"] == "their board meets in April"
    assert (answer_of(collecting, "luton-ccg")["standing"], answer_of(collecting, "luton-ccg")["because"]) == (
        "waived", "it has merged",
    )  # fmt: skip
    words = " ".join(collecting("review", "show", "1").out.split())
    assert "2 of 17 have answered" in words
    assert "until 2027-04-30: their board meets in April" in words


def test_an_address_that_bounced_is_unreachable_and_not_silent(collecting: Concordat) -> None:
    from sqlmodel import select

    from models.protocol import Contact

    def bounce(session) -> None:  # type: ignore[no-untyped-def]
        lead = session.exec(select(Contact).where(Contact.address == "lead.member@virgin-health.example")).one()
        lead.bounced_at = collecting.clock.now
        session.add(lead)

    collecting.act(bounce)
    assert answer_of(collecting, "virgin-health")["standing"] == "unreachable"
    assert "concordat contact correct virgin-health lead-member ADDRESS" in collecting("review", "show", "1").out
    collecting.clock.now = collecting.clock.now.replace(year=2027, month=4, day=1)
    collecting.does("review", "close-feedback", "1")
    collecting.does("contact", "correct", "virgin-health", "lead-member", "new@hcrg.example")
    assert answer_of(collecting, "virgin-health")["standing"] == "unreachable"


def test_feedback_keeps_what_was_said_and_ends_the_duty(collecting: Concordat) -> None:
    given = collecting.does(
        "review", "feedback", "1", "bedfordshire-police", "--comments", "It serves us well.",
        "--propose", "12-security=Data is encrypted.", "--problem", "Too vague.",
        "--propose", "1=New partners.",
    )  # fmt: skip
    assert given["recorded"] is True
    shown = collecting.does("review", "show", "1")
    police = answer_of(collecting, "bedfordshire-police")
    assert (police["comments"], police["proposals"]) == (["It serves us well."], [1, 2])
    assert {p["clause"]: p["problem"] for p in shown["proposals"]} == {"12-security": "Too vague.", "1": ""}
    assert collecting.does("obligation", "list", "--party", "bedfordshire-police") == []


def test_feedback_twice_counts_once(collecting: Concordat) -> None:
    command = ("review", "feedback", "1", "bedfordshire-police", "--no-comments")
    assert collecting.does(*command)["recorded"] is True
    again = collecting.does(*command)
    assert (again["recorded"], again["done"]) == (False, "That had been recorded already.")


def test_feedback_on_behalf_keeps_why(collecting: Concordat) -> None:
    collecting.does(
        "review", "feedback", "1", "virgin-health", "--no-comments", "--on-behalf-because", "told by telephone"
    )
    assert answer_of(collecting, "virgin-health")["because"] == "told by telephone"
    [row] = [row for row in collecting.does("history", "review:1") if row["what"] == "feedback given"]
    assert (row["who"], row["why"]) == ("secretary", "told by telephone")


def test_feedback_can_be_read_from_files(collecting: Concordat, tmp_path) -> None:  # type: ignore[no-untyped-def]
    wording, comments = tmp_path / "wording.txt", tmp_path / "comments.txt"
    wording.write_text("Line one.\nLine two – with a dash.\n", encoding="utf-8")
    comments.write_text("From a file.", encoding="utf-8")
    collecting.does(
        "review", "feedback", "1", "bedfordshire-police", "--comments", f"@{comments}",
        "--propose", f"12-security=@{wording}",
    )  # fmt: skip
    [proposal] = collecting.does("review", "show", "1")["proposals"]
    assert proposal["wording"] == "Line one.\nLine two – with a dash."
    assert answer_of(collecting, "bedfordshire-police")["comments"] == ["From a file."]
    missing = collecting("review", "feedback", "1", "virgin-health", "--comments", "@/nowhere/comments.txt").refusal
    assert missing.startswith("“/nowhere/comments.txt”: there is no such file")
    wording.write_bytes(b"\xff\xfe not UTF-8")
    assert "not valid UTF-8" in collecting(
        "review", "feedback", "1", "virgin-health", "--propose", f"1=@{wording}"
    ).refusal  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--propose", "99-weather=x"], "There is no clause “99-weather” in bedfordshire: choose one of 1, 2,"),
        ([], "Say something"),
        (["--no-comments", "--comments", "but"], "“No comments” cannot stand beside comments"),
    ],
)
def test_feedback_that_says_nothing_or_two_things_is_refused(
    collecting: Concordat, arguments: list[str], sentence: str
) -> None:
    assert sentence in collecting("review", "feedback", "1", "virgin-health", *arguments).refusal
    assert answer_of(collecting, "virgin-health")["standing"] == "has not answered yet"


def test_close_feedback_goes_on_to_drafting(collecting: Concordat) -> None:
    closed = collecting.does("review", "close-feedback", "1")
    assert (closed["stage"], closed["next"]) == ("drafting", ["concordat review conclude 1"])
    assert "Cannot close feedback" in collecting("review", "close-feedback", "1").refusal


def test_seek_advice_asks_the_adviser_about_major_proposals(drafting: Concordat) -> None:
    for number, magnitude in (("1", "major"), ("2", "minor"), ("3", "minor")):
        drafting.does("proposal", "classify", number, magnitude, "--because", "so it is")
    assert drafting.does("review", "seek-advice", "1")["stage"] == "advising"
    [duty] = [duty for duty in drafting.does("obligation", "list") if duty["kind"] == "advice"]
    assert duty["role"] == "adviser"


def test_begin_deciding_waits_for_advice(drafting: Concordat) -> None:
    assert "Mark these proposals minor or major first" in drafting("review", "begin-deciding", "1").refusal
    for number in ("1", "2", "3"):
        drafting.does("proposal", "classify", number, "major", "--because", "so it is")
    drafting.does("review", "seek-advice", "1")
    assert "record advice, or waive it" in drafting("review", "begin-deciding", "1").refusal
    for number in ("1", "2", "3"):
        drafting.does("proposal", "waive-advice", number, "--because", "no time")
    assert drafting.does("review", "begin-deciding", "1")["stage"] == "deciding"


def test_return_goes_back_to_drafting_with_the_reason(deciding: Concordat) -> None:
    assert deciding.does("review", "return", "1", "--because", "new facts")["stage"] == "drafting"
    last = deciding.does("history", "review:1")[-1]
    assert (last["moved_to"], last["why"]) == ("drafting", "new facts")


def test_conclude_makes_the_version(signing: Concordat) -> None:
    shown = signing.does("review", "show", "1")
    assert (shown["stage"], shown["version"]) == ("signing", "5.0")
    assert len(shown["sha256"]) == 64
    assert len(shown["signatures"]) == 17
    assert shown["next"][0].startswith("concordat version sign 5.0 bedford-borough-council --position")


def test_conclude_without_proposals_ends_with_no_change(collecting: Concordat) -> None:
    collecting.does("review", "close-feedback", "1")
    assert collecting.does("review", "conclude", "1")["stage"] == "no change"
    assert [line["stage"] for line in collecting.does("review", "list")] == ["no change", "scheduled"]


def test_adopting_with_signatures_outstanding_takes_a_reason(signing: Concordat) -> None:
    assert "Give a reason" in signing("review", "adopt", "1").refusal
    assert signing.does("review", "adopt", "1", "--because", "signing goes on")["stage"] == "adopted"
    shown = signing.does("review", "show", "1")
    assert shown["ended_because"] == "signing goes on"
    assert shown["dates"][-1]["what"] == "next review"
    assert date.fromisoformat(shown["dates"][-1]["at"]) == date(2028, 3, 31)


def test_cancel_tells_whoever_had_been_asked(collecting: Concordat) -> None:
    assert collecting.does("review", "cancel", "1", "--because", "the law will change")["stage"] == "cancelled"
    assert {m["kind"] for m in collecting.does("outbox")} >= {"review_cancelled"}
    assert collecting.does("review", "show", "1")["ended_because"] == "the law will change"


def test_confirm_keeps_not_yet_as_a_duty_with_its_day(adopted: Concordat) -> None:
    confirmed = adopted.does(
        "confirm", "1", "bedfordshire-police", "--item", "secure-transfer=not-yet:2027-10-01",
        "--item", "agreements=not-applicable:we have none", "--all-in-place",
    )  # fmt: skip
    assert (confirmed["version"], confirmed["recorded"], confirmed["answered"]) == ("5.0", 17, 17)
    [duty] = adopted.does("obligation", "list", "--party", "bedfordshire-police")
    assert (duty["kind"], duty["due_on"]) == ("implementation", "2027-10-01")
    [line] = adopted.does("review", "show", "1")["confirmations"]
    assert (line["answered"], line["not_yet"]) == (17, [["secure-transfer", "2027-10-01"]])
    assert adopted.does("confirm", "1", "bedfordshire-police", "--all-in-place")["recorded"] == 2


@pytest.mark.parametrize(
    ("item", "sentence"),
    [
        ("secure-transfer=not-yet", "needs the day by which it will be in place"),
        ("secure-transfer=not-yet:2020-01-01", "that day lies ahead"),
        ("agreements=not-applicable", "Give a reason"),
        ("weather=in-place", "There is no item “weather” on the checklist"),
    ],
)
def test_an_incomplete_confirmation_is_refused(adopted: Concordat, item: str, sentence: str) -> None:
    assert sentence in adopted("confirm", "1", "bedfordshire-police", "--item", item).refusal


def test_there_is_nothing_to_confirm_before_a_version(collecting: Concordat) -> None:
    refusal = collecting("confirm", "1", "bedfordshire-police", "--all-in-place").refusal
    assert refusal == "Review 1 has made no version: there is nothing to confirm."


def test_another_round_counts_its_own_answers(drafting: Concordat) -> None:
    """A reason that joins after feedback has closed asks everybody once more."""
    assert drafting.does("status")["reviews"][0]["answered"] == 3
    drafting.does("review", "open", "bedfordshire", "--legislation", "--because", "The Act was repealed.")
    shown = drafting.does("review", "show", "1")
    assert (shown["stage"], shown["round"], shown["answered"], shown["parties"]) == ("collecting", 2, 0, 17)
    assert {answer["standing"] for answer in shown["answers"]} == {"has not answered yet"}
    drafting.does("review", "feedback", "1", "bedfordshire-police", "--no-comments")
    assert drafting.does("status")["reviews"][0]["answered"] == 1


def test_cancelling_the_annual_review_says_when_the_next_one_is(concordat: Concordat) -> None:
    concordat.does("review", "schedule", "bedfordshire", "2027-03-31")
    said = concordat("review", "cancel", "1", "--because", "The group is dissolved and founded anew.")
    assert "The next annual review is on Friday 31 March 2028." in " ".join(said.out.split())
