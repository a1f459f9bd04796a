"""The breaches that a party follows up: as much as each one's own page says, asked of all at once."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, col, select

from actions.breaches.reporting import Report, report_breach
from actions.breaches.settling import next_breach_step, take_breach_step
from actions.breaches.shown_to_party import view_of_party
from actions.cast import known_id
from actions.loading import load_protocol
from cli.clockwork import run_clock
from models.breach import Breach, FollowUp, ReporterKind
from models.protocol import Party, Protocol, Role
from models.protocol_file import read_protocol
from models.store import reading, transaction
from rules.breach_facts import FactName
from settings import HERE
from tests.breach_story import FRIDAY, STORY
from tests.conftest import on_postgres_among_the_slow
from tests.web.breach_site import COUNCIL, breach_at
from tests.web.site import Site
from web.parties.breach_list import Glance, Line, lines_of
from web.parties.breach_next import between_of, nearest_of_law, next_things
from web.parties.breach_own import Mine


def test_what_the_list_asks_does_not_grow_with_the_breaches(site: Site) -> None:
    breach_at(site)
    browser, asked = site.party(COUNCIL, Role.COORDINATOR), list[str]()
    sa.event.listen(site.store, "before_cursor_execute", lambda *heard: asked.append(heard[2]))
    counted = []
    for _ in range(3):
        browser.get("/party/breaches")
        asked.clear()
        assert "Going on" in browser.get("/party/breaches").text
        counted.append(len(asked))
        site.acting(another)
    assert counted[0] == counted[1] == counted[2] < 25


def another(session: Session, now: datetime, protocol: Protocol) -> None:
    facts = {FactName.HAPPENED: "Another letter.", FactName.PARTIES: [COUNCIL]}
    report_breach(session, now, protocol, Report(facts=facts, reporter_kind=ReporterKind.ANONYMOUS), "reporter")
    number = known_id(session.exec(select(Breach).order_by(col(Breach.id).desc())).first())
    while step := next_breach_step(session, now, number):
        take_breach_step(session, now, number, step)


@on_postgres_among_the_slow
def test_in_the_story_of_a_breach_the_list_says_what_its_own_page_says(store: sa.Engine) -> None:
    with transaction(store) as session:
        load_protocol(session, FRIDAY, read_protocol(HERE / "protocols" / "bedfordshire"), "secretary")
    said: list[str] = []
    for _, now, tell in STORY:
        with transaction(store) as session:
            tell(session, now)
        run_clock(store, now)
        said.extend(compared(store, now))
    assert "Say since when you have been aware" in said
    assert len(set(said)) == 6


def compared(store: sa.Engine, now: datetime) -> list[str]:
    """What is next in each follow-up that goes on, after it was found to be the same in both places."""
    with reading(store) as session:
        of = select(Breach, FollowUp, Party).join(FollowUp, col(FollowUp.breach_id) == Breach.id)
        rows = session.exec(of.join(Party, col(Party.id) == FollowUp.party_id).where(col(FollowUp.ended_at).is_(None)))
        every = [Mine(breach=breach, follow_up=follow_up, party=party) for breach, follow_up, party in rows]
        lines = [
            line
            for slug in {mine.slug for mine in every}
            for line in lines_of(session, now, [mine for mine in every if mine.slug == slug])
        ]
        for line in lines:
            compare(store, now, line, Glance(session, line.mine, ()))
        return [line.next.what if line.next else "" for line in lines]


def compare(store: sa.Engine, now: datetime, line: Line, glance: Glance) -> None:
    with reading(store) as session:
        view = view_of_party(session, now, session.get_one(Breach, line.mine.number), line.mine.slug)
        [own] = view.follow_ups
        assert line.next == next(next_things(between_of(view, line.mine.slug), own, line.mine.path), None)
        assert line.ends_at == nearest_of_law(own)
        assert line.is_aware is (own.awareness is not None)
        assert (tuple(glance.differs), tuple(glance.to_do)) == (own.differs, own.to_do)
