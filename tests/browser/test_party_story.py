"""Parties of a review, from the mail to the signature and what is in place; and a breach coordinator on a Friday."""

from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest
from playwright.sync_api import Page, expect
from sqlmodel import Session, select

from actions.breaches.reporting import Report, report_breach
from actions.cast import known_id, party_named
from actions.owing import delegate
from actions.proposals import Proposed
from actions.review_adopting import adopt
from actions.review_closing import close_feedback
from actions.review_deciding import conclude, decide
from actions.review_drafting import begin_deciding, classify, seek_advice
from actions.review_feedback import give_feedback
from actions.review_scheduling import set_review_date
from cli.clockwork import run_clock
from models.breach import ReporterKind
from models.obligation import Obligation, ObligationKind
from models.protocol import Protocol
from models.review import DecisionOutcome, Magnitude, Proposal
from rules.breach_facts import FactName
from rules.review import Stage
from tests.browser.conftest import Live
from tests.browser.looking import fill_day, go, look, press
from tests.browser.post import text_of

pytestmark = pytest.mark.browser
POLICE, FIRE = "bedfordshire-police", "bedfordshire-fire-and-rescue-service"
LEAD, FIRES_LEAD = f"lead.member@{POLICE}.example", f"lead.member@{FIRE}.example"
COORDINATOR = "breach.coordinator@central-bedfordshire-council.example"
FIRES_DEPUTY, ADVISER = f"deputy@{FIRE}.example", "adviser@isp-bedfordshire.example"
FRIDAY = datetime(2026, 10, 23, 15, 30, tzinfo=UTC)  # 16:30 in London
FACTS = {FactName.HAPPENED: "A letter went astray.", FactName.PARTIES: ["central-bedfordshire-council"]}
OPENS = datetime(2027, 2, 26, 9, tzinfo=UTC)
CLAUSE, WORDING = "12-security", "Transfers are encrypted always, and tested once a year."
FEEDBACK = "Send feedback on the protocol, or say that you have no comments"
SIGN = "Sign the new version, or say why you decline"
CONFIRM = "Confirm that the procedures are in place"
REVIEW = 1


def test_a_party_from_the_mail_to_its_feedback(page: Page, visitors: Callable[[], Page], live: Live) -> None:
    the_review_opens(live)
    fires_proposal(visitors(), live)
    opened_after_a_scanner(page, live)
    expect(page.locator(".govuk-task-list__item")).to_have_count(1)
    go(page, FEEDBACK)
    look(page, "Feedback on the protocol")
    press(page, "Give comments or propose changes")
    proposes(page)
    supports_the_fire_service(page)


def test_a_party_signs_with_a_code_and_says_what_is_in_place(
    page: Page, visitors: Callable[[], Page], live: Live
) -> None:
    the_review_opens(live)
    decided(live, visitors())
    live.site.later(minutes=1)
    opens_its_page(page, live, LEAD)
    go(page, SIGN)
    look(page, "Sign version 5.0")
    mark = reads_and_says_who(page)
    signs_with_the_second_mail(page, live, mark)
    adopted(live)
    opens_its_page(page, live, LEAD)
    says_what_is_in_place(page)


def test_the_wrong_person_an_expired_link_and_a_deputy(page: Page, visitors: Callable[[], Page], live: Live) -> None:
    the_review_opens(live)
    opens_its_page(page, live, FIRES_LEAD)
    go(page, "I am not the right person")
    look(page, "I am not the right person")
    page.get_by_label("Who is? Their e-mail address at work").fill("next.lead@fire.example")
    press(page, "Tell the secretary")
    expect(page.get_by_text("Thank you, the secretary has it.")).to_be_visible()
    an_expired_link_is_renewed(visitors(), live)
    a_deputy_answers(visitors(), live)


def test_a_coordinator_on_friday_at_twenty_past_four(page: Page, live: Live) -> None:
    live.site.now = FRIDAY
    sent = Report(facts=FACTS, reporter_kind=ReporterKind.ANONYMOUS)
    live.site.acting(lambda session, now, protocol: report_breach(session, now, protocol, sent, "test"))
    live.site.later(minutes=1)
    run_clock(live.site.store, live.site.now)
    live.site.later(minutes=20)
    opens_its_page(page, live, COORDINATOR)
    go(page, "Assess the breach: what it concerns, how serious it is, and since when you have known")
    look(page, "Assess the breach")
    page.get_by_role("button", name="Say since when you have been aware").click()
    says_since_when(page)
    does_the_first_step(page)


def says_since_when(page: Page) -> None:
    look(page, "Since when have you been aware?")
    fill_day(page, "When did you become aware?", "23 10 2026 16:20")
    page.get_by_label("Who was certain?").fill("team manager")
    press(page, "Record")
    expect(page.locator(".govuk-error-summary")).to_contain_text("Say how they knew")
    expect(page.get_by_label("Time, as 16:20")).to_have_value("16:20")
    page.get_by_label("How did they know?").fill("The family rang and read it out.")
    press(page, "Record")
    look(page, "Breach 1")
    expect(page.get_by_text("The 72 hours end on Monday 26 October 2026")).to_contain_text("15:20 GMT")
    expect(page.locator(".concordat-numbers").get_by_text("Friday 23 October 2026")).to_contain_text("16:20 BST")


def does_the_first_step(page: Page) -> None:
    page.get_by_role("link", name="Go on").or_(page.get_by_role("button", name="Go on")).click()
    look(page, "Contain the breach and get back what got out")
    page.get_by_label("It is done", exact=True).check()
    page.get_by_label("What did it bring, or why is it skipped?").fill("Both letters were fetched back.")
    press(page, "Record")
    expect(page.locator(".govuk-error-summary")).to_contain_text("The procedure asks what shows that this was done")
    page.get_by_label("What shows it?").fill("visit note 17")
    press(page, "Record")
    expect(page.get_by_text("Done: contain the breach and get back what got out.")).to_be_visible()
    expect(page.get_by_text("Shown by: visit note 17")).to_be_visible()


def the_review_opens(live: Live) -> None:
    live.site.acting(lambda session, now, protocol: set_review_date(session, now, protocol, date(2027, 3, 31), "test"))
    live.site.now = OPENS
    run_clock(live.site.store, live.site.now)


def opened_after_a_scanner(page: Page, live: Live) -> None:
    [mail] = live.post.to(LEAD)
    assert text_of(mail).count("http") == 1
    link = live.post.link(LEAD)
    for _ in range(2):
        assert page.request.get(link).status == 200
    page.goto(link)
    look(page, "Bedfordshire Police")
    press(page, "Open my page")
    look(page, "What you are asked for")


def proposes(page: Page) -> None:
    look(page, "Your feedback")
    page.get_by_label("Which clause should read otherwise?").select_option(label="12, Security")
    press(page, "Show what it says now")
    expect(page.get_by_label("What should it say?")).not_to_have_value("")
    page.get_by_label("What should it say?").fill(WORDING)
    page.get_by_role("button", name="Preview the difference").click()
    look(page, "Your feedback")
    expect(page.locator("ins")).to_contain_text(["always"])
    page.get_by_label("What is wrong with it today?").fill("It does not say how often.")
    press(page, "Send feedback")
    look(page, "Feedback on the protocol")
    expect(page.get_by_text("Your feedback is recorded. Thank you.")).to_be_visible()


def supports_the_fire_service(page: Page) -> None:
    page.get_by_role("link", name="See what is proposed").click()
    look(page, "Review 1 of the protocol")
    page.get_by_role("link", name="Support it, object or comment (proposal 1)").click()
    look(page, "What you think of proposal 1")
    page.get_by_label("We support it").check()
    page.get_by_label("In your words").fill("We keep them so already.")
    press(page, "Send")
    expect(page.get_by_text("What you think of proposal 1 is recorded.")).to_be_visible()
    expect(page.get_by_text("Bedfordshire Police supports it")).to_be_visible()


def fires_proposal(page: Page, live: Live) -> None:
    """The fire service is the first to answer."""
    opens_its_page(page, live, FIRES_LEAD)
    go(page, FEEDBACK)
    press(page, "Give comments or propose changes")
    page.get_by_label("Which clause should read otherwise?").select_option(label="7, Need to know")
    press(page, "Show what it says now")
    page.get_by_label("What should it say?").fill("Records are kept locked.")
    press(page, "Send feedback")
    expect(page.get_by_text("Your feedback is recorded. Thank you.")).to_be_visible()


def opens_its_page(page: Page, live: Live, address: str) -> None:
    page.goto(live.post.link(address))
    press(page, "Open my page")
    look(page, "What you are asked for")


def decided(live: Live, adviser: Page) -> None:
    """The secretary's part, and the adviser's between."""

    def sought(session: Session, now: datetime, protocol: Protocol) -> None:
        police = party_named(session, protocol, POLICE)
        proposals = [Proposed(clause=CLAUSE, wording=WORDING, problem="It does not say how often.")]
        give_feedback(session, now, REVIEW, police, "test", proposals=proposals)
        close_feedback(session, now, REVIEW, "test")
        [proposal] = session.exec(select(Proposal))
        classify(session, now, known_id(proposal), Magnitude.MAJOR, "test", "It binds everybody.")
        seek_advice(session, now, REVIEW, "test")

    def concluded(session: Session, now: datetime, _protocol: Protocol) -> Stage:
        [proposal] = session.exec(select(Proposal))
        begin_deciding(session, now, REVIEW, "test")
        decide(session, now, known_id(proposal), DecisionOutcome.ACCEPTED, "test", because="A transfer went wrong.")
        return conclude(session, now, REVIEW, "test")

    live.site.acting(sought)
    advises(adviser, live)
    assert live.site.acting(concluded) is Stage.SIGNING
    run_clock(live.site.store, live.site.now)


def advises(adviser: Page, live: Live) -> None:
    opens_its_page(adviser, live, ADVISER)
    adviser.locator(".govuk-task-list__link").click()
    look(adviser, "Advice on proposal 1")
    adviser.get_by_label("Your advice").fill("It is lawful, and workable.")
    press(adviser, "Send advice")
    look(adviser, "Advice on proposal 1")
    expect(adviser.get_by_text("Answered", exact=True)).to_be_visible()


def reads_and_says_who(page: Page) -> str:
    """Answers the hash that the page shows."""
    expect(page.locator("ins").first).to_be_visible()
    mark = page.locator(".concordat-code").first.inner_text()
    page.get_by_label("It signs version 5.0").check()
    page.get_by_label("In which position does the person sign?").fill("Chief Constable")
    press(page, "Continue")
    expect(page.locator(".govuk-error-summary")).to_contain_text("Tick the declaration")
    look(page, "Sign version 5.0")
    page.get_by_label("I make this declaration").check()
    press(page, "Continue")
    look(page, "Check your e-mail for a code")
    assert page.locator(".concordat-code").inner_text() == mark
    return mark


def signs_with_the_second_mail(page: Page, live: Live, mark: str) -> None:
    code = live.post.code(LEAD)
    assert code not in page.content()
    page.get_by_label("What is the code?").fill(f"{(int(code) + 1) % 10**6:06d}")
    press(page, "Sign")
    expect(page.locator(".govuk-error-summary")).to_contain_text("That is not the code")
    page.get_by_label("What is the code?").fill(f"{code[:3]} {code[3:]}")
    press(page, "Sign")
    look(page, "Version 5.0 is signed")
    for words in ("Chief Constable", mark):
        expect(page.get_by_text(words).first).to_be_visible()


def adopted(live: Live) -> None:
    live.site.later(days=1)
    live.site.acting(lambda session, now, _: adopt(session, now, REVIEW, "test", "The others follow by post."))
    run_clock(live.site.store, live.site.now)


def says_what_is_in_place(page: Page) -> None:
    go(page, CONFIRM)
    look(page, "Confirm what is in place")
    known = page.get_by_role("group", name="Do the staff concerned know this protocol")
    known.get_by_label("Not yet").check()
    page.get_by_label("Everything that I have left open above is in place").check()
    press(page, "Record these answers")
    expect(page.locator(".govuk-error-summary")).to_contain_text("Enter the day by which it will be in place")
    look(page, "Confirm what is in place")
    fill_day(known, "By when will it be in place?", "1 10 2027")
    press(page, "Record these answers")
    expect(page.get_by_text("Thank you: every question is answered.")).to_be_visible()
    expect(page.locator("main")).to_contain_text("By 1 October 2027.")
    look(page, "Confirm what is in place")


def an_expired_link_is_renewed(page: Page, live: Live) -> None:
    old = live.post.link(LEAD)
    live.site.later(days=45)
    page.goto(old)
    look(page, "This link has expired")
    press(page, "Send me a new link")
    look(page, "A new link is on its way")
    new = live.post.link(LEAD)
    assert new != old
    page.goto(new)
    press(page, "Open my page")
    look(page, "What you are asked for")


def a_deputy_answers(page: Page, live: Live) -> None:
    """Whom the secretary has asked in the lead member's place."""

    def handed_over(session: Session, now: datetime, protocol: Protocol) -> None:
        fire = party_named(session, protocol, FIRE)
        wanted = Obligation.party_id == fire.id, Obligation.kind == ObligationKind.FEEDBACK
        delegate(session, now, session.exec(select(Obligation).where(*wanted)).one(), "test", "They are on leave.")

    live.site.acting(handed_over)
    opens_its_page(page, live, FIRES_DEPUTY)
    go(page, FEEDBACK)
    press(page, "We have no comments")
    expect(page.get_by_text("It is recorded that you have no comments.")).to_be_visible()
    look(page, "Feedback on the protocol")
