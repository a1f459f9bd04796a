"""Who is let in where: every route with every standing, from the declarations themselves."""

import pytest

from models.access import Standing
from tests.web.site import Site
from tests.web.walking import addresses, everybody, is_kept_out
from web.declared import ACTS, PAGES
from web.declaring import Act, Area, api_path, area_of

# As the design has it, said here once more by hand: a page that is declared for others is seen.
OF_AREA = {
    Area.PUBLIC: set(Standing),
    Area.REPORT: {Standing.REPORTER},
    Area.PARTY: {Standing.PARTY, Standing.ADVISER},
    Area.CONSOLE: {Standing.SECRETARY, Standing.ASSISTANT, Standing.AUDITOR},
}
OPEN_TO_ALL = ("/report",)  # reporting needs no account: only coming back needs the code


@pytest.mark.parametrize("declared", [each for _, each in addresses()], ids=lambda each: each.path)
def test_nobody_is_declared_for_another_area(declared: object) -> None:
    who, area = declared.who, area_of(declared.path)  # type: ignore[attr-defined]
    assert who, "everybody is kept out"
    if who != set(Standing):
        assert who <= OF_AREA[area]
    else:
        assert area is Area.PUBLIC or declared.path.startswith(OPEN_TO_ALL)  # type: ignore[attr-defined]
    if isinstance(declared, Act) and area is Area.CONSOLE and not declared.path.startswith(AUDITORS_OWN):
        assert Standing.AUDITOR not in who, "an auditor changes nothing"


AUDITORS_OWN = ("/console/sign-out", "/console/access/tokens/")


def test_every_page_lets_in_those_it_is_for_and_nobody_else(site: Site) -> None:
    wrong = []
    for standing, browser in everybody(site).items():
        for address, declared in addresses():
            answer = browser.get(address)
            if is_kept_out(answer) is (standing in declared.who):
                wrong.append((standing.value, "GET", address, answer.status_code))
    assert wrong == []


def test_no_form_is_taken_from_anybody_it_is_not_for(site: Site) -> None:
    wrong = []
    for standing, browser in everybody(site).items():
        for address, declared in addresses():
            if not isinstance(declared, Act) or standing in declared.who:
                continue
            answer = browser.post(address)
            if answer.status_code != 403:
                wrong.append((standing.value, "POST", address, answer.status_code))
    assert wrong == []


def test_a_program_may_do_what_its_token_may_and_nothing_without_one(site: Site) -> None:
    programs = {each: site.program(each) for each in (Standing.SECRETARY, Standing.ASSISTANT, Standing.AUDITOR)}
    stranger, wrong = site.browser(), []
    for address, declared in addresses():
        path = api_path(address)
        if path is None or not declared.api:
            continue
        method = "POST" if isinstance(declared, Act) else "GET"
        if stranger.request(method, path, json={}).status_code != 401:
            wrong.append(("stranger", method, path))
        for standing, program in programs.items():
            kept_out = program.request(method, path, json={}).status_code in (401, 403)
            if kept_out is (standing in declared.who):
                wrong.append((standing.value, method, path))
    assert wrong == []


def test_no_address_is_declared_twice() -> None:
    shown = [page.path for page in PAGES]
    done = [act.path for act in ACTS]
    assert len(shown) == len(set(shown))
    assert len(done) == len(set(done))
    assert not set(shown) & set(done)
