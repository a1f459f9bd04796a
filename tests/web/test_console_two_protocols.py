"""Where several protocols are kept, nothing in the console or the API is done to one that nobody named."""

import re
from datetime import datetime

import pytest
from sqlmodel import Session, select

from models.gap import Gap
from models.protocol import Contact, Party, Protocol
from tests.web.asking import POLICE, every
from tests.web.site import Site
from web.commands import page_of_command

EAST = "?protocol=eastshire"
OF_ONE = (
    "/console/parties", "/console/procedures", f"/console/parties/{POLICE}", "/console/successions", "/console/gaps",
    "/console/complaints", "/console/breaches", "/console/complaints/papers",
)  # fmt: skip
OF_ALL = (
    "", "/gaps", "/complaints", "/breaches", "/obligations", "/outbox", "/reviews", "/forecast", "/forecast.ics",
    "/runs", "/access", "/matters", "/documents", "/history", "/successions",
)  # fmt: skip


@pytest.fixture
def two(site: Site) -> Site:
    """Eastshire has a police of the same short name."""

    def copied(session: Session, _now: datetime, of: Protocol) -> None:
        values = of.model_dump(exclude={"id"}) | {"slug": "eastshire", "short_name": "Eastshire protocol"}
        east = Protocol.model_validate(values)
        session.add(east)
        session.flush()
        police = session.exec(select(Party).where(Party.slug == POLICE)).one()
        theirs = Party.model_validate(police.model_dump(exclude={"id"}) | {"protocol_id": east.id})
        session.add(theirs)
        session.flush()
        whose = {police.id: theirs.id, None: None}
        for each in session.exec(select(Contact)).all():
            if each.party_id in whose:
                values = each.model_dump(exclude={"id"}) | {"protocol_id": east.id, "party_id": whose[each.party_id]}
                session.add(Contact.model_validate(values | {"address": f"east-{each.address}"}))

    site.acting(copied)
    return site


@pytest.mark.parametrize(
    "path", [f"/console/parties/{POLICE}", "/console/parties", "/console/gaps/open", "/console/complaints/new",
             "/console/breaches/new", "/console/versions", "/console/procedures", "/console/add-party"]
)  # fmt: skip
def test_a_page_that_is_of_one_protocol_asks_which(two: Site, path: str) -> None:
    asked = two.console().get(f"{path}?state=left")
    assert asked.status_code == 422
    assert "Which protocol?" in asked.text
    for slug in ("bedfordshire", "eastshire"):
        assert f'href="{path}?state=left&amp;protocol={slug}"' in asked.text
    assert two.console().get(f"{path}{EAST}").status_code == 200


def test_nothing_is_done_to_a_protocol_that_nobody_named(two: Site) -> None:
    leave = f"/console/parties/{POLICE}/leave"
    refused = two.console().post(leave, data={"because": "It leaves Eastshire."})
    assert (refused.status_code, "Which protocol?" in refused.text) == (422, True)
    by_program = two.program().post(f"/api/parties/{POLICE}/leave", json={"because": "It leaves Eastshire."})
    assert by_program.status_code == 422
    assert by_program.json()["detail"].endswith("bedfordshire, eastshire.")
    gap = two.console().post("/console/gaps/open", data={"words": "No word on drones.", "origin": ""})
    assert gap.status_code == 422
    assert every(two, Gap) == []
    assert {each.left_on for each in every(two, Party, Party.slug == POLICE)} == {None}


def test_what_is_done_to_the_named_one_leads_back_to_it(two: Site) -> None:
    done = two.console().post(f"/console/parties/{POLICE}/leave{EAST}", data={"because": "It leaves Eastshire."})
    assert (done.status_code, done.headers["location"]) == (303, f"/console/parties/{POLICE}{EAST}")
    ours, theirs = every(two, Party, Party.slug == POLICE)
    assert (ours.left_on, theirs.left_on is None) == (None, False)


def test_lists_of_one_protocol_link_to_forms_of_the_same(two: Site) -> None:
    browser = two.console()
    for path in OF_ONE:
        shown = browser.get(f"{path}{EAST}")
        assert shown.status_code == 200, path
        own = r'href="(/console/(?:parties/|gaps/open|complaints/|breaches/new|procedures|add-party)[^"]*)"'
        links = re.findall(own, shown.text)
        assert links or path == "/console/successions", path
        assert [link for link in links if "protocol=eastshire" not in link] == [], path
    assert "east-" in browser.get(f"/console/parties/{POLICE}{EAST}").text


def test_lists_of_everything_ask_nothing(two: Site) -> None:
    for path in OF_ALL:
        assert two.console().get(f"/console{path}").status_code == 200, path


def test_a_case_is_of_its_own_protocol(two: Site) -> None:
    reference = two.console().post(f"/console/gaps/open{EAST}", data={"words": "No word on drones.", "origin": ""})
    assert reference.status_code == 303, reference.text
    assert two.console().get("/console/threads/gap:1").status_code == 200


def test_a_command_that_names_its_protocol_is_a_link_to_that_protocols_page() -> None:
    assert page_of_command("party leave --protocol eastshire bedfordshire-police --because TEXT") == (
        f"/console/parties/bedfordshire-police/leave{EAST}", "A party leaves",
    )  # fmt: skip
    assert page_of_command("complaint paper --protocol eastshire") == (
        f"/console/complaints/papers{EAST}", "the papers on complaints",
    )  # fmt: skip
