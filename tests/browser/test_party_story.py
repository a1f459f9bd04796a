"""Parties of a review, from the mail to the signature and what is in place; and a breach coordinator on a Friday."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from email.message import EmailMessage
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from sqlmodel import Session, select

from actions.breaches.reporting import Report, report_breach
from actions.review_closing import close_feedback
from actions.review_deciding import conclude, decide
from actions.review_drafting import begin_deciding, classify, seek_advice
from actions.review_scheduling import set_review_date
from cli.clockwork import run_clock
from models.breach import ReporterKind
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
FIRES_DEPUTY, ADVISER = f"deputy@{FIRE}.example", "adviser@isp-bedfordshire.example"
OPENS = datetime(2027, 2, 26, 9, tzinfo=UTC)
CLAUSE, WORDING = "12-security", "Transfers are encrypted always, and tested once a year."
REVIEW, POLICES, FIRES = 1, 2, 1  # the fire service's proposal is the first


def test_from_the_mail_to_three_duties(page: Page, live: Live) -> None:
    the_review_opens(live)
    [mail] = live.post.to(LEAD)
    print(text_of(mail))


def the_review_opens(live: Live) -> None:
    live.site.acting(lambda session, now, protocol: set_review_date(session, now, protocol, date(2027, 3, 31), "test"))
    live.site.now = OPENS
    run_clock(live.site.store, live.site.now)
