"""The secretary at the screen: goes from page to page by links and buttons alone, as a person does.

With `CONCORDAT_SCREENSHOTS=1` each page that a story shows is kept under `screenshots/`, at 1280 and at 320 pixels.
"""

import re
from datetime import UTC, date, datetime

from playwright.sync_api import Locator, Page, expect

from cli.clockwork import run_clock
from tests.browser.conftest import SCREENSHOTS, TAKEN, Live

SECRETARY = "secretary@isp-bedfordshire.example"
PATIENCE = 30_000  # ms, for a machine that has much else to do
expect.set_options(timeout=PATIENCE)


class Desk:
    """One person signed in, on one page at a time. `story` names the pictures."""

    def __init__(self, page: Page, live: Live, story: str) -> None:
        self.page, self.live, self.story, self.shots = page, live, story, 0
        page.set_default_timeout(PATIENCE)

    def sign_in(self, address: str = SECRETARY) -> None:
        """The one address that is typed; the next is in the mail."""
        self.page.goto("/console")
        self.page.get_by_label("Your e-mail address").fill(address)
        self.press("Send me a link")
        self.page.goto(self.live.post.link(address, "/sign-in/"))
        self.press("Sign in")

    def on(self, day: date, hour: int = 9, minute: int = 0) -> None:
        """It is that time in UTC, the clock has done what was due, and whoever was signed in has to do it again."""
        self.live.site.now = datetime(day.year, day.month, day.day, hour, minute, tzinfo=UTC)
        self.sweep()
        self.sign_in()

    def sweep(self) -> None:
        run_clock(self.live.site.store, self.live.site.now)

    def click(self, name: str | re.Pattern[str], within: Locator | None = None) -> None:
        self._goes((within or self.page).get_by_role("link", name=name, exact=isinstance(name, str)).first)

    def button(self, name: str) -> None:
        """What the GOV.UK style shows as a button is a link in its markup."""
        self._goes(self.page.locator("main").get_by_role("button", name=name, exact=True).first)

    def press(self, name: str) -> None:
        self._goes(self.page.get_by_role("button", name=name, exact=True))

    def menu(self, name: str) -> None:
        self.click(name, self.page.get_by_role("navigation", name="Menu"))

    def fill(self, label: str, text: str) -> None:
        self._labelled(label).fill(text)

    def _labelled(self, label: str) -> Locator:
        asked = self.page.get_by_label(label, exact=True)
        return asked.or_(self.page.get_by_label(f"{label} (optional)", exact=True))

    def choose(self, label: str) -> None:
        self.page.get_by_role("radio", name=label, exact=True).check()

    def tick(self, label: str) -> None:
        self.page.get_by_role("checkbox", name=label, exact=True).check()

    def pick(self, label: str, option: str | re.Pattern[str]) -> None:
        box = self._labelled(label)
        texts = [text.strip() for text in box.locator("option").all_inner_texts()]
        found = [text for text in texts if (re.search(option, text) if not isinstance(option, str) else text == option)]
        assert found, (option, texts)
        box.select_option(label=found[0])

    def day(self, question: str, when: date, time: str | None = None) -> None:
        asked = self.page.get_by_role("group", name=re.compile(f"^{re.escape(question)}"))
        for part, said in (("Day", when.day), ("Month", when.month), ("Year", when.year)):
            asked.get_by_label(part, exact=True).fill(str(said))
        if time is not None:
            asked.get_by_label("Time, as 16:20", exact=True).fill(time)

    def sees(self, *sentences: str) -> None:
        main = self.page.locator("main")
        for sentence in sentences:
            expect(main).to_contain_text(sentence)

    def sees_not(self, *sentences: str) -> None:
        for sentence in sentences:
            expect(self.page.locator("main")).not_to_contain_text(sentence)

    def done(self, sentence: str) -> None:
        """The page says that it is done, and in which words."""
        expect(self.page.locator(".govuk-notification-banner")).to_contain_text(sentence)

    def row(self, head: str) -> Locator:
        """Of whatever table has it, the row that begins so."""
        return self.page.get_by_role("row").filter(has=self.page.get_by_role("rowheader", name=re.compile(f"^{head}")))

    def _goes(self, leads: Locator) -> None:
        """To a page that is no error, and whose one heading says where one is."""
        with self.page.expect_navigation(wait_until="load") as went:
            leads.click()
        assert went.value is not None
        wrong = self.page.locator(".govuk-error-summary").all_inner_texts()
        assert (went.value.status, wrong) == (200, []), f"{self.page.url}: {self.page.title()}"
        expect(self.page.get_by_role("heading", level=1)).to_have_count(1)

    def shot(self, name: str) -> None:
        """What is shown now, wide and narrow; nowhere does it scroll sideways."""
        self.shots += 1
        for width in (1280, 320) if TAKEN else (320,):
            self.page.set_viewport_size({"width": width, "height": 900})
            wide = self.page.evaluate("document.documentElement.scrollWidth")
            assert wide <= width, f"{self.page.url} is {wide} pixels wide at {width}"
            if TAKEN:
                SCREENSHOTS.mkdir(exist_ok=True)
                path = SCREENSHOTS / f"secretary-{self.story}-{self.shots:02}-{name}-{width}.png"
                self.page.screenshot(path=path, full_page=True)
        self.page.set_viewport_size({"width": 1280, "height": 900})
