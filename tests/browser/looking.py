"""What a page must be whoever looks at it: asked at every page of a story, in the state that the story has it in."""

from playwright.sync_api import Locator, Page, ViewportSize, expect

WIDE, NARROW = ViewportSize(width=1280, height=900), ViewportSize(width=320, height=640)


def look(page: Page, heading: str) -> None:
    """Under this one heading; and on a small telephone nothing is to be read sideways."""
    expect(page.locator("h1")).to_have_count(1)
    expect(page.locator("h1")).to_contain_text(heading)
    page.set_viewport_size(NARROW)
    fits = f"document.documentElement.scrollWidth <= {NARROW['width']}"
    page.wait_for_function(fits)  # a busy machine draws a moment later
    page.set_viewport_size(WIDE)


def press(page: Page, button: str) -> None:
    page.get_by_role("button", name=button, exact=True).click()


def go(page: Page, link: str) -> None:
    page.get_by_role("link", name=link, exact=True).click()


def fill_day(within: Page | Locator, question: str, day: str) -> None:
    """“1 10 2027”, and a time behind it where one is asked for."""
    group = within.get_by_role("group", name=question)
    for part, said in zip(("Day", "Month", "Year", "Time, as 16:20"), day.split(" "), strict=False):
        group.get_by_label(part, exact=True).fill(said)
