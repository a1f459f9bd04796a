"""The console's pages for complaints: received, told, answered, followed and closed by what a browser sends."""

import csv
import io
import re
from collections.abc import Callable
from datetime import date

import pytest
from sqlmodel import col, select

from actions.cast import known_id
from actions.complaints.answering import Answered, Given
from actions.complaints.determining import determine
from actions.complaints.letters import letter
from actions.complaints.showing import complaint_view
from models.access import Standing
from models.breach import Breach
from models.complaint import (
    Complaint,
    ComplaintEffect,
    ComplaintNotice,
    ComplaintOutcome,
    NoticeKind,
    Recheck,
    Referral,
    SecondReading,
)
from models.gap import Gap
from models.history import Narrative
from models.obligation import Obligation, ObligationKind
from models.protocol import Version
from models.store import reading
from rules.complaint import ComplaintKind, Stage
from rules.determination import TABLE, Answer, Result
from tests.web.complaint_site import HOSTILE, TOLD, answers, complaint_in, findings_in, post, received, swept
from tests.web.site import START, Site
from web.commands import page_of_command
from web.console import complaint_effects, complaint_ends, complaint_receiving, complaint_telling
from web.console.complaint_telling import unwrapped

LIST = "/console/complaints"


def new_complaint(**otherwise: str) -> dict[str, str]:
    return {
        "kind": "disclosure", "about": "luton-borough-council", "what": TOLD, "wanted": "An apology.",
        "received_by": "bedfordshire-police", "received_on-day": "20", "received_on-month": "11",
        "received_on-year": "2026", "happened_from-day": "5", "happened_from-month": "10",
        "happened_from-year": "2026", "reach": "by letter", "attachments": "POL/2026/44\r\nPOL/2026/45",
    } | otherwise  # fmt: skip


def test_a_complaint_is_recorded_as_it_came(site: Site) -> None:
    answer = post(site.console(), f"{LIST}/new", new_complaint())
    assert answer.headers["location"] == f"{LIST}/1"
    with reading(site.store) as session:
        kept = session.exec(select(Complaint)).one()
        told = session.get_one(Narrative, kept.what_id).text
        assert (kept.kind, told, kept.happened_from) == (ComplaintKind.DISCLOSURE, TOLD, date(2026, 10, 5))
        assert kept.attachments == ["POL/2026/44", "POL/2026/45"]
        assert kept.recorded_by == "secretary (user 1)"
        owed = session.exec(select(Obligation).where(Obligation.case == "complaint:1")).one()
        assert owed.kind is ObligationKind.ACKNOWLEDGEMENT
    page = site.console().get(f"{LIST}/1").text
    assert "27 days left" in page or "days left" in page
    assert "POL/2026/44" in page


def test_bad_answers_come_back_with_every_answer_kept(site: Site) -> None:
    sent = new_complaint(
        what="", about="", **{"happened_to-day": "1", "happened_to-month": "1", "happened_to-year": "2026"}
    )
    answer = post(site.console(), f"{LIST}/new", sent, 422)
    for sentence in ("Say what is complained of", "Choose whom it is about", "An apology.", "POL/2026/45"):
        assert sentence in answer.text
    whole = post(site.console(), f"{LIST}/new", sent | {"what": TOLD, "about": "luton-borough-council"}, 422)
    assert "over before it began" in whole.text
    assert 'href="#happened_to-day"' in whole.text
    with reading(site.store) as session:
        assert session.exec(select(Complaint)).all() == []


def test_words_that_seem_to_name_somebody_are_pointed_out_before_and_nothing_is_refused(site: Site) -> None:
    sent = new_complaint(what=f"{TOLD} My name is Susan Archer, ring me on 07700 900123.")
    looked = post(site.console(), f"{LIST}/new", sent | {"preview": "yes"}, 200)
    assert "Look again before you record it" in looked.text
    assert "07700 900123" in looked.text
    with reading(site.store) as session:
        assert session.exec(select(Complaint)).all() == []
    browser = site.console()
    post(browser, f"{LIST}/new", sent)
    assert "Look again" in browser.get(f"{LIST}/1").text


def test_what_can_be_done_stands_first_and_an_auditor_is_offered_nothing(site: Site) -> None:
    number = received(site)
    page = site.console().get(f"{LIST}/{number}").text
    assert page.index("Record the acknowledgement") < page.index("What was told")
    read = site.console(Standing.AUDITOR).get(f"{LIST}/{number}").text
    assert "Record the acknowledgement" not in read
    assert "Write the letter: acknowledgement" in read


def test_it_is_referred_and_the_days_go_on_counting(site: Site) -> None:
    number = received(site)
    sent = {"party": "luton-borough-council", "because": "It was the council's letter."}
    post(site.console(Standing.ASSISTANT), f"{LIST}/{number}/refer", sent)
    with reading(site.store) as session:
        referral = session.exec(select(Referral)).one()
        assert session.get_one(Narrative, referral.why_id).text == sent["because"]
        duties = session.exec(select(Obligation).order_by(col(Obligation.id))).all()
        assert len({duty.due_on for duty in duties}) == 1
    again = post(site.console(), f"{LIST}/{number}/refer", {"party": "luton-borough-council", "because": ""}, 422)
    assert "Say why it is referred" in again.text


def test_the_days_are_corrected_and_the_version_with_them(site: Site) -> None:
    number = received(site)
    sent = {"happened_from-day": "1", "happened_from-month": "3", "happened_from-year": "2012", "because": "The stamp."}
    post(site.console(), f"{LIST}/{number}/days", sent)
    assert complaint_in(site, number).happened_from == date(2012, 3, 1)


def test_the_letter_is_the_one_that_is_written_and_its_sending_is_recorded(site: Site) -> None:
    number = received(site)
    browser = site.console()
    with reading(site.store) as session:
        written = letter(session, site.now, number, NoticeKind.ACKNOWLEDGEMENT)
    text = browser.get(f"{LIST}/{number}/letters/acknowledgement/letter.txt")
    assert text.text == written.text
    assert "attachment" in text.headers["content-disposition"]
    assert written.text.splitlines()[0] in browser.get(f"{LIST}/{number}/letters/acknowledgement").text
    own = {"how": "", "words": "We are sorry it took a week.", "preview": "yes"}
    assert "We are sorry it took a week." in post(browser, f"{LIST}/{number}/acknowledge", own, 422).text
    shown = post(browser, f"{LIST}/{number}/acknowledge", own | {"how": "by letter"}, 200).text
    assert shown.count("We are sorry it took a week.") == 2  # in its field, and in the letter
    assert complaint_in(site, number).acknowledged_at is None
    given = {"how": "by letter", "given_on-day": "23", "given_on-month": "11", "given_on-year": "2026"}
    post(browser, f"{LIST}/{number}/acknowledge", given)
    assert complaint_in(site, number).stage is Stage.ACKNOWLEDGED
    assert "in time" in browser.get(f"{LIST}/{number}").text


def test_a_letter_that_does_not_exist_or_has_nothing_to_say_is_said_so(site: Site) -> None:
    number = received(site)
    assert site.console().get(f"{LIST}/{number}/letters/farewell").status_code == 404
    nothing_yet = site.console().get(f"{LIST}/{number}/letters/outcome")
    assert nothing_yet.status_code == 409
    assert "determine it first" in nothing_yet.text or "no outcome" in nothing_yet.text


def test_progress_and_that_nobody_can_be_told_are_recorded(site: Site) -> None:
    number, browser = received(site), site.console()
    post(browser, f"{LIST}/{number}/acknowledge", {"how": "by letter"})
    post(browser, f"{LIST}/{number}/progress", {"how": "by telephone"})
    post(browser, f"{LIST}/{number}/determine", answers())
    refused = post(browser, f"{LIST}/{number}/outcome", {"told": "cannot"}, 422)
    assert "Say why they cannot be told" in refused.text
    post(browser, f"{LIST}/{number}/outcome", {"told": "cannot", "because": "The letter came back."})
    with reading(site.store) as session:
        kinds = [notice.kind for notice in session.exec(select(ComplaintNotice).order_by(col(ComplaintNotice.id)))]
        assert kinds == [NoticeKind.ACKNOWLEDGEMENT, NoticeKind.PROGRESS]
    assert complaint_in(site, number).untold_id is not None


def test_the_suggestion_stands_on_the_page_with_its_words_and_the_form_begins_with_it(site: Site) -> None:
    number, browser = received(site), site.console()
    with reading(site.store) as session:
        suggestion = complaint_view(session, site.now, number).suggestion
    assert suggestion is not None
    first = suggestion.clauses[0]
    for page in (browser.get(f"{LIST}/{number}").text, browser.get(f"{LIST}/{number}/determine").text):
        assert first.id in page
        assert all(f"“{words}”" in page for words in first.because)
    form = browser.get(f"{LIST}/{number}/determine").text
    assert re.search(rf'<option value="{first.id}" selected', form)


def test_earlier_cases_like_it_are_shown(site: Site) -> None:
    browser, earlier = site.console(), received(site)
    post(browser, f"{LIST}/{earlier}/determine", answers())
    number = received(site, what=f"{TOLD} It happened again.")
    page = browser.get(f"{LIST}/{number}").text
    assert "Earlier cases like it" in page
    assert f'href="/console/complaints/{earlier}"' in page


@pytest.mark.parametrize("row", TABLE, ids=lambda row: "-".join(str(each) for each in row))
def test_every_row_of_the_table_is_reached_and_the_preview_says_what_is_recorded(
    site: Site, row: tuple[str, ...]
) -> None:
    number, browser = received(site), site.console()
    sent = answers(*(str(each) if each else None for each in row))  # type: ignore[arg-type]
    shown = post(browser, f"{LIST}/{number}/determine", sent | {"preview": "yes"}, 200).text
    assert findings_in(site, number) == []
    expected = TABLE[row]  # type: ignore[index]
    assert f"By the table these answers come to: <strong>{expected.result.capitalize()}" in shown
    assert shown.count("this row") == 1
    post(browser, f"{LIST}/{number}/determine", sent)
    [finding] = findings_in(site, number)
    assert (finding.result, finding.observation) == (expected.result, expected.observation)


def test_what_nobody_knows_is_named_and_several_rows_may_be_it(site: Site) -> None:
    number, browser = received(site), site.console()
    sent = answers(followed="unknown")
    shown = post(browser, f"{LIST}/{number}/determine", sent | {"preview": "yes"}, 200).text
    assert "Undetermined" in shown
    assert shown.count("may be this row") == 2
    post(browser, f"{LIST}/{number}/determine", sent)
    assert findings_in(site, number)[0].result is Result.UNDETERMINED
    assert "To be found out: followed" in browser.get(f"{LIST}/{number}").text


def test_answers_that_do_not_fit_together_are_all_pointed_out_and_kept(site: Site) -> None:
    number, browser = received(site), site.console()
    sent = answers() | {"clause": "", "why_followed": "", "clear": ""}
    page = post(browser, f"{LIST}/{number}/determine", sent, 422).text
    for sentence in (
        "Choose the clause that covers it", "Say why for “Was that clause followed?”",
        "Choose an answer to “Is the clause clear?”", "So it is with harm.",
    ):  # fmt: skip
        assert sentence in page
    assert 'href="#why_followed"' in page
    of_none = answers() | {"covered": "no"}
    page = post(browser, f"{LIST}/{number}/determine", of_none, 422).text
    assert "none is named: take it out" in page
    assert "choose “Not asked”" in page
    assert findings_in(site, number) == []


def test_what_the_rules_refuse_is_seen_in_the_preview_already(site: Site) -> None:
    number = received(site)
    sent = answers(evidence_harm="follow-up", reference_harm="breach:99", preview="yes")
    page = post(site.console(), f"{LIST}/{number}/determine", sent, 200).text
    assert "cannot be recorded so" in page
    assert "no breach:99" in page


def test_a_correction_stands_in_its_place_and_begins_with_what_was_answered(site: Site) -> None:
    number, browser = received(site), site.console()
    post(browser, f"{LIST}/{number}/determine", answers(followed="unknown"))
    [first] = findings_in(site, number)
    form = browser.get(f"/console/findings/finding:{first.id}/correct").text
    assert "So it is with followed." in form
    assert re.search(r'value="unknown" checked', form)
    post(browser, f"/console/findings/{first.id}/correct", answers(because="The file has been read."))
    [_, second] = findings_in(site, number)
    assert (second.corrects_id, second.result) == (first.id, Result.BREAKDOWN)
    page = browser.get(f"{LIST}/{number}").text
    assert f"Before that: finding {first.id}" in page
    refused = post(browser, f"/console/findings/{first.id}/correct", answers(because="Once more."), 422)
    assert "was corrected" in refused.text


def test_a_second_reading_is_somebody_elses_also_under_another_role(site: Site) -> None:
    number = received(site, kind=ComplaintKind.DISAGREEMENT)
    browser = site.console()
    post(browser, f"{LIST}/{number}/determine", answers("no", None, None, "no"))
    [finding] = findings_in(site, number)
    assert complaint_in(site, number).stage is Stage.ANALYSING
    path, said = f"/console/findings/finding:{finding.id}/read-again", {"agrees": "yes", "because": "So it reads."}
    assert "somebody else reads it again" in post(browser, path, said, 422).text
    assert site.console(Standing.ASSISTANT).post(path, data=said).status_code == 403
    other = _another_secretary(site)
    assert "So it is with covered." in other.get(path).text
    post(other, path, said)
    with reading(site.store) as session:
        assert session.exec(select(SecondReading)).one().agrees
    assert complaint_in(site, number).stage is Stage.DETERMINED


def test_whoever_answered_under_another_role_reads_nothing_again(site: Site) -> None:
    number = received(site, kind=ComplaintKind.DISAGREEMENT)
    said = Answered(answer=Answer.NO, because="So it is.")
    finding = site.acting(
        lambda session, now, _: determine(session, now, number, Given(covered=said, harm=said), "assistant (user 1)").id
    )
    refused = post(site.console(), f"/console/findings/{finding}/read-again", {"agrees": "yes", "because": "So."}, 422)
    assert "somebody else reads it again" in refused.text


def test_a_letter_is_shown_without_the_line_ends_of_its_margin(site: Site) -> None:
    number = received(site)
    with reading(site.store) as session:
        written = letter(session, site.now, number, NoticeKind.ACKNOWLEDGEMENT).text
    shown = unwrapped(written)
    assert shown.split() == written.split()
    assert "we will look into what happened, and then answer four questions: does the protocol" in shown.lower()
    assert shown.count("\n- ") == written.count("\n- ")


def test_sentences_that_name_a_command_lead_to_its_page() -> None:
    assert page_of_command("complaint letter 3 outcome") == (
        "/console/complaints/3/letters/outcome", "the letter of complaint 3 (outcome)",
    )  # fmt: skip
    assert page_of_command("complaint correct finding:4 --because TEXT") == (
        "/console/findings/finding:4/correct", "Correct the finding",
    )  # fmt: skip
    assert page_of_command("trace gap:3") == ("/console/threads/gap:3", "the thread of gap:3")
    assert page_of_command("complaint letter N outcome") is None
    assert page_of_command("complaint show") == ("/console/complaints", "the complaints")


def _another_secretary(site: Site):  # type: ignore[no-untyped-def]
    from actions.access.sessions import begin_session
    from actions.access.users import add_user
    from web.declaring import Area
    from web.standing import COOKIES

    def let_in(session, now, protocol):  # type: ignore[no-untyped-def]
        user = add_user(
            session, now, protocol, Standing.SECRETARY, "Another", "another@isp-bedfordshire.example", "test"
        )
        return begin_session(session, now, user=user)

    return site.browser({COOKIES[Area.CONSOLE]: site.acting(let_in)})


def test_a_breakdown_and_an_inadequacy_are_followed_told_and_closed(site: Site) -> None:
    number, browser = received(site), site.console()
    post(browser, f"{LIST}/{number}/acknowledge", {"how": "by letter"})
    post(browser, f"{LIST}/{number}/determine", answers(clear="no"))
    [finding] = findings_in(site, number)
    assert finding.result is Result.BOTH
    early = post(browser, f"{LIST}/{number}/close", {}, 422)
    assert "still to be followed" in early.text
    assert "concordat" not in early.text[early.text.find("<main") :].replace("concordat-", "")
    post(browser, f"/console/findings/finding:{finding.id}/action", {"words": "Orders are looked up first."})
    post(browser, f"/console/findings/finding:{finding.id}/breach", {"words": "A report went to the wrong person."})
    assert "Say what is wanting" in post(browser, f"/console/findings/{finding.id}/gap", {}, 422).text
    post(
        browser, f"/console/findings/finding:{finding.id}/gap", {"words": "Who is asked for consent?", "urgent": "yes"}
    )
    refused = post(browser, f"/console/findings/{finding.id}/nothing", {"because": "Enough."}, 422)
    assert "it cannot be said that nothing changes" in refused.text
    post(browser, f"{LIST}/{number}/outcome", {"told": "yes", "how": "by letter"})
    post(browser, f"{LIST}/{number}/close")
    with reading(site.store) as session:
        assert len(session.exec(select(ComplaintEffect)).all()) == 3
        assert session.exec(select(Breach)).one()
        assert session.exec(select(Gap)).one().urgent
        duty = session.exec(select(Obligation.id).where(Obligation.kind == ObligationKind.LOCAL_ACTION)).one()
    assert complaint_in(site, number).outcome is ComplaintOutcome.ANSWERED
    page = browser.get(f"{LIST}/{number}").text
    done = f"{LIST}/local-actions/{duty}/done"
    assert done in page
    post(browser, done, {"outcome": "In the checklist."})
    with reading(site.store) as session:
        assert session.get_one(Obligation, duty).outcome == "answered"
    outcome = browser.get(f"{LIST}/{number}/letters/outcome")
    assert outcome.status_code == 200
    post(browser, f"{LIST}/{number}/look-again", {"because": "The day is not kept."})
    assert complaint_in(site, number).stage is Stage.ANALYSING


def test_a_known_gap_is_joined_and_nothing_may_change_because(site: Site) -> None:
    browser = site.console()
    numbers: list[int | None] = []
    for _ in range(2):
        number = received(site, what=f"{TOLD} {len(numbers)}")
        post(browser, f"{LIST}/{number}/determine", answers("no", None, None, "yes"))
        numbers.append(findings_in(site, number)[0].id)
    post(browser, f"/console/findings/{numbers[0]}/gap", {"words": "Nothing is said of it."})
    post(browser, f"/console/findings/{numbers[1]}/gap", {"join": "1"})
    assert "comes from" in browser.get("/console/gaps/1").text.lower()
    third = received(site, what=f"{TOLD} last")
    post(browser, f"{LIST}/{third}/determine", answers("yes", "yes", "yes", "no"))
    finding = findings_in(site, third)[0].id
    post(browser, f"/console/findings/{finding}/nothing", {"because": "All went well."})
    with reading(site.store) as session:
        assert len(session.exec(select(Gap)).all()) == 1
        assert [each.effect for each in session.exec(select(ComplaintEffect))] == ["gap", "gap", "no change"]


def test_what_is_not_ours_ends_after_they_have_heard_of_it(site: Site) -> None:
    number, browser = received(site), site.console()
    ends = {"outcome": "not ours", "because": "Libraries share nothing."}
    assert "has heard nothing" in post(browser, f"{LIST}/{number}/end", ends, 422).text
    post(browser, f"{LIST}/{number}/acknowledge", {"how": "by letter"})
    post(browser, f"{LIST}/{number}/end", ends)
    assert complaint_in(site, number).outcome is ComplaintOutcome.NOT_OURS


def test_whether_a_later_version_covers_it_is_answered_once_somebody_was_asked(site: Site) -> None:
    number, browser = received(site), site.console()
    said = {"answer": "partly", "because": "Of one parent only."}
    assert browser.get(f"{LIST}/{number}/recheck/4.2").status_code == 404
    with reading(site.store) as session:
        version = known_id(session.exec(select(Version).where(Version.label == "4.2")).one())
    asked = Recheck(complaint_id=number, version_id=version, asked_at=site.now)
    site.acting(lambda session, _now, _protocol: session.add(asked))
    assert "would version 4.2 cover it?" in browser.get(f"{LIST}/{number}/recheck/4.2").text
    assert f"{LIST}/{number}/recheck/4.2" in browser.get(f"{LIST}/{number}").text
    post(browser, f"{LIST}/{number}/recheck/4.2", said)
    with reading(site.store) as session:
        assert session.exec(select(Recheck)).one().answer == "partly"
    assert "Of one parent only." in browser.get(f"{LIST}/{number}").text
    assert "answered already" in post(browser, f"{LIST}/{number}/recheck/4.2", said | {"answer": "no"}, 422).text


def test_what_runs_by_itself_is_woken_once_it_is_true(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    woken: list[tuple[str, int]] = []

    def of(what: type[Complaint] | type[Breach]) -> Callable[[int], None]:
        def wake(number: int) -> None:
            with reading(site.store) as session:
                assert session.get(what, number) is not None
            woken.append((what.__name__, number))

        return wake

    for module in (complaint_receiving, complaint_telling, complaint_ends):
        monkeypatch.setattr(module, "wake_complaint", of(Complaint))
    monkeypatch.setattr(complaint_effects, "wake_breach", of(Breach))
    browser = site.console()
    post(browser, f"{LIST}/new", new_complaint())
    post(browser, f"{LIST}/1/acknowledge", {"how": "by letter"})
    post(browser, f"{LIST}/1/determine", answers())
    post(browser, f"/console/findings/{findings_in(site, 1)[0].id}/breach", {"words": "It went astray."})
    post(browser, f"{LIST}/1/look-again", {"because": "There is more."})
    assert woken == [("Complaint", 1), ("Complaint", 1), ("Breach", 1), ("Complaint", 1)]


def test_the_list_is_filtered_by_its_address_and_says_what_is_not_there(site: Site) -> None:
    first, second = received(site), received(site, about="luton-borough-council", what="Another one entirely.")
    browser = site.console()

    def numbers(query: str) -> list[int]:
        answer = browser.get(f"{LIST}{query}")
        assert answer.status_code == 200
        return [int(each) for each in re.findall(r'href="/console/complaints/(\d+)"', answer.text)]

    assert numbers("") == [second, first]
    assert numbers("?party=luton-borough-council") == [second]
    assert numbers("?kind=person&show=open") == [second, first]
    assert numbers("?kind=disclosure") == []
    assert numbers("?show=overdue") == []
    site.later(days=60)
    browser = site.console()
    assert numbers("?show=overdue") == [second, first]
    for wrong in ("?kind=nonsense", "?party=nobody", "?show=none", "?stage=x"):
        assert browser.get(f"{LIST}{wrong}").status_code == 404
    assert numbers("?page=99") == [second, first]


def test_the_sheet_holds_the_same_and_no_formula(site: Site) -> None:
    received(site)
    browser = site.console(Standing.AUDITOR)
    rows = list(csv.reader(io.StringIO(browser.get("/console/complaints.csv?show=all").content.decode("utf-8-sig"))))
    assert rows[1][:4] == ["1", "person", "bedfordshire-police", "bedfordshire-police"]
    browser = site.console()
    for words in ('=HYPERLINK("http://x")', "+1", "-1", "@SUM(1)", "\t=2", " =1"):
        post(browser, "/console/gaps/open", {"words": f"{words} {site.now:%H%M}"})
    sheet = csv.reader(io.StringIO(browser.get("/console/gaps.csv").content.decode("utf-8-sig")))
    cells = [row[2] for row in list(sheet)[1:]]
    assert len(cells) == 6
    assert all(cell.startswith("'") for cell in cells if cell.lstrip(" '")[:1] in "=+-@")
    assert not any(cell.lstrip(" ")[:1] in "=+-@\t" for cell in cells)


def test_hostile_words_are_words_on_every_page(site: Site) -> None:
    browser = site.console()
    number = received(site, what=f"{TOLD} {HOSTILE}", wanted=HOSTILE, reach=HOSTILE, attachments=(HOSTILE[:60],))
    post(browser, f"{LIST}/{number}/refer", {"party": "luton-borough-council", "because": HOSTILE})
    post(browser, f"{LIST}/{number}/acknowledge", {"how": HOSTILE})
    swept(site, number)
    before = browser.get(f"{LIST}/{number}/determine").text
    hostile = answers(clear="no", issue=HOSTILE, reference_harm=HOSTILE) | {"why_harm": HOSTILE}
    preview = post(browser, f"{LIST}/{number}/determine", hostile | {"preview": "yes"}, 200).text
    post(browser, f"{LIST}/{number}/determine", hostile)
    finding = findings_in(site, number)[0].id
    post(browser, f"/console/findings/{finding}/action", {"words": HOSTILE})
    post(browser, f"/console/findings/{finding}/gap", {"words": HOSTILE})
    pages = [browser.get(path).text for path in (
        LIST, f"{LIST}/{number}", f"{LIST}/{number}/letters/outcome", f"/console/findings/{finding}/correct",
        f"/console/findings/{finding}/read-again", "/console/gaps", "/console/gaps/1", "/console/gaps/1/close",
        f"/console/threads/complaint:{number}", "/console/threads/gap:1",
    )]  # fmt: skip
    for page in (before, preview, *pages):
        assert "<script>alert" not in page
        assert "<img src=x" not in page
        assert "style=" not in page.replace("font-style=", "")
        assert page.count("<h1") == 1
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in pages[1]


def test_an_auditor_reads_everything_and_does_nothing(site: Site) -> None:
    number = received(site)
    auditor = site.console(Standing.AUDITOR)
    for path in (LIST, f"{LIST}/{number}", f"{LIST}/{number}/letters/acknowledgement", f"{LIST}/papers"):
        assert auditor.get(path).status_code == 200
    for act in ("new", f"{number}/refer", f"{number}/acknowledge", f"{number}/determine", f"{number}/close"):
        assert auditor.post(f"{LIST}/{act}", data={}).status_code == 403
        assert auditor.get(f"{LIST}/{act}").status_code == 403
    assistant = site.console(Standing.ASSISTANT)
    for act in ("determine", "close", "end", "look-again"):
        assert assistant.post(f"{LIST}/{number}/{act}", data={}).status_code == 403
    assert site.browser().get(LIST).status_code == 303
    assert site.party("bedfordshire-police").get(f"{LIST}/{number}").status_code == 303


def test_what_is_not_there_is_a_page_that_says_so(site: Site) -> None:
    browser = site.console()
    paths = (
        f"{LIST}/99", f"{LIST}/99/refer", f"{LIST}/99/determine", f"{LIST}/99/letters/progress",
        "/console/findings/finding:99/correct", "/console/findings/x/gap", "/console/findings/99999999999/nothing",
        f"{LIST}/local-actions/99/done", f"{LIST}/papers/2026-11",
    )  # fmt: skip
    for path in paths:
        assert browser.get(path).status_code == 404, path
    assert browser.get(f"{LIST}/papers/nonsense").status_code == 409


def test_papers_are_made_kept_and_shown_with_their_pictures(site: Site) -> None:
    received(site)
    browser = site.console()
    draft = browser.get(f"{LIST}/papers/draft").text
    assert "<svg" in draft
    assert "Draft" in draft
    assert "style=" not in draft.replace("font-style=", "")
    post(browser, f"{LIST}/keep-papers")
    assert "None has been kept yet" in browser.get(f"{LIST}/papers").text
    site.later(days=120)
    browser = site.console()
    post(browser, f"{LIST}/keep-papers")
    listed = browser.get(f"{LIST}/papers").text
    names = re.findall(r'href="/console/complaints/papers/(20[\w-]+)"', listed)
    assert names
    page = browser.get(f"{LIST}/papers/{names[-1]}").text
    assert "<svg" in page
    assert "Draft" not in page
    file = browser.get(f"{LIST}/papers/{names[-1]}/paper.html")
    assert file.headers["content-disposition"].startswith("attachment")
    assert "<!DOCTYPE html>" in file.text


def test_a_program_does_the_same_and_another_role_of_the_same_person_reads_nothing_again(site: Site) -> None:
    program = site.program()
    body = {"kind": "partner disagreement", "about": "bedfordshire-police", "what": "The reports come too late."}
    made = program.post("/api/complaints/new", json=body)
    assert made.status_code == 200, made.text
    number = made.json()["complaint"]
    four = {"covered": "no", "why_covered": "No clause.", "harm": "no", "why_harm": "Nobody."}
    found = program.post(f"/api/complaints/{number}/determine", json=four)
    assert found.json()["result"] == "neither", found.text
    view = program.get(f"/api/complaints/{number}").json()
    assert view["view"]["complaint"]["kind"] == "partner disagreement"
    assert view["view"]["findings"][0]["result"] == "neither"
    finding = found.json()["finding"]
    again = program.post(f"/api/findings/finding:{finding}/read-again", json={"agrees": "yes", "because": "So."})
    assert again.status_code == 409
    wrong = program.post(f"/api/complaints/{number}/determine", json=four | {"covered": "yes"})
    assert wrong.status_code == 422
    assert site.now >= START
