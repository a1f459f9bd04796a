"""Who did what, in the console."""

import re

from sqlmodel import Session

from models import history
from models.access import ConsoleUser, Standing
from models.history import CLOCK, History
from models.protocol import Protocol
from tests.web.asking import POLICE, asking, duty_of, every
from tests.web.site import Site

AWAY = f"/console/parties/{POLICE}/contacts/lead-member/away"


def page(site: Site, address: str) -> str:
    answer = site.console().get(address)
    assert answer.status_code == 200, answer.text
    return answer.text


def written(site: Site, number: int, who: str) -> None:
    def act(session: Session, now: object, of: Protocol) -> None:
        for each in range(number):
            history.write(session, "protocol:bedfordshire", site.now, who, f"did {each}", why="<b>Because</b>")

    site.acting(act)


def test_what_somebody_did_is_told_by_their_name_the_newest_first(site: Site) -> None:
    asking(site)
    assistant = site.console(Standing.ASSISTANT)
    [user] = every(site, ConsoleUser, ConsoleUser.standing == Standing.ASSISTANT)
    away = {"until-day": "4", "until-month": "12", "until-year": "2026"}
    assert assistant.post(AWAY, data=away).status_code == 303
    html = page(site, "/console/history")
    heads = re.findall(r'<h2 class="govuk-heading-s">([^<]+)</h2>', html)
    assert heads[0].startswith("Away")
    assert "An assistant (assistant)" in html
    assert "(user " not in html
    mine = site.program().get("/api/history", params={"who": f"user:{user.id}"}).json()["deeds"]
    assert mine["number"] == len(every(site, History, History.who == f"assistant (user {user.id})")) == 1
    assert f'<option value="user:{user.id}"' in html


def test_the_clock_is_left_out_unless_it_is_asked_for(site: Site) -> None:
    written(site, 3, CLOCK)
    before = len(every(site, History, History.who != CLOCK))
    assert site.program().get("/api/history").json()["deeds"]["number"] == before
    assert site.program().get("/api/history?who=clock").json()["deeds"]["number"] == 3
    assert site.program().get("/api/history?who=all").json()["deeds"]["number"] == before + 3
    assert site.program().get("/api/history?who=nobody").json()["deeds"]["number"] == 0


def test_pages_follow_each_other(site: Site) -> None:
    written(site, 120, "somebody else")
    seen, address = [], "/console/history?who=somebody+else"
    while address:
        html = page(site, address)
        seen += re.findall(r"Did (\d+)", html)
        found = re.search(r'href="(\?[^"]*after=\d+)"', html)
        address = f"/console/history{found[1].replace('&amp;', '&')}" if found else ""
    assert [int(each) for each in seen] == list(reversed(range(120)))
    assert "<b>Because" not in html
    lines = site.console(Standing.AUDITOR).get("/console/history.csv?who=somebody+else").content.decode("utf-8-sig")
    assert len(lines.splitlines()) == 121


def test_a_cases_history_is_a_timeline_with_its_reasons(site: Site) -> None:
    asking(site)
    duty = duty_of(site, POLICE)
    site.console().post(f"/console/obligations/{duty.id}/waive", data={"because": "They <b>merged</b>."})
    html = page(site, f"/console/history/{duty.case}")
    rows = every(site, History, History.case == duty.case)
    assert html.count('<h2 class="govuk-heading-s">') == len(rows)
    assert "They &lt;b&gt;merged" in html
    assert rows[-1].hash[:12] in html
    assert rows[-1].hash not in html
    assert page(site, "/console/history/protocol:bedfordshire")
    for nothing in ("review:99", "nonsense", "%3Cscript%3E"):
        assert site.console().get(f"/console/history/{nothing}").status_code == 404
    assert (
        site.program(Standing.AUDITOR).get(f"/api/history/{duty.case}").json()["deeds"][-1]["why"]
        == "They <b>merged</b>."
    )
