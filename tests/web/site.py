"""The pages over a store of their own, a clock that a test sets, and browsers that are let in as whom a test wants."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from anyio.from_thread import BlockingPortal
from sqlmodel import Session, col, select
from starlette.testclient import TestClient

import protocols
from actions.access.sessions import begin_session
from actions.access.tokens import make_token
from actions.access.users import add_user, make_secretaries_users
from actions.breaches.reporting import Report, report_breach
from actions.cast import contact_at, officer, party_named
from actions.loading import load_protocol
from models.access import ConsoleUser, Standing
from models.breach import BreachReport, ReporterKind
from models.protocol import Protocol, Role
from models.protocol_file import read_protocol
from models.store import transaction
from rules.breach_facts import FactName
from tests.actions.world import Playing, put_back, saved
from web.application import create_app
from web.declaring import Area
from web.limits import LIMITS
from web.standing import COOKIES

START = datetime(2026, 11, 23, 9, tzinfo=UTC)
SAME_ORIGIN = {"sec-fetch-site": "same-origin"}

# One loop for every request of this process, as a server has: a thread and a loop for each takes longer than a page.
PORTAL: list[BlockingPortal] = []


class Site(Playing):
    """Bedfordshire, loaded on the morning of 23 November 2026. `now` is the clock of every page."""

    now: datetime

    def __init__(self, store: sa.Engine) -> None:
        self.store, self.now = store, START
        self.played = None
        self.app = create_app(store, clock=lambda: self.now, secure=False)

    def later(self, **by: float) -> None:
        self.now += timedelta(**by)

    def browser(self, cookies: Mapping[str, str] | None = None) -> TestClient:
        """A browser nobody has let in."""
        client = TestClient(
            self.app, base_url="http://127.0.0.1:8400", headers=SAME_ORIGIN, cookies=dict(cookies or {}),
            follow_redirects=False, raise_server_exceptions=False,
        )  # fmt: skip
        client.portal = PORTAL[0] if PORTAL else None
        return client

    def acting(self, act: Callable[[Session, datetime, Protocol], Any]) -> Any:
        with transaction(self.store) as session:
            return act(session, self.now, session.exec(select(Protocol).order_by(col(Protocol.id))).all()[0])

    def console(self, standing: Standing = Standing.SECRETARY) -> TestClient:
        """Signed in; an assistant or auditor is added where there is none."""

        def let_in(session: Session, now: datetime, protocol: Protocol) -> str:
            found = session.exec(select(ConsoleUser).where(ConsoleUser.standing == standing)).first()
            user = found or add_user(
                session, now, protocol, standing, f"An {standing}", f"{standing}@isp-bedfordshire.example", "test"
            )
            return begin_session(session, now, user=user)

        return self.browser({COOKIES[Area.CONSOLE]: self.acting(let_in)})

    def party(self, slug: str, role: Role = Role.LEAD_MEMBER) -> TestClient:
        """Let in as a contact of a party, as by its link."""

        def let_in(session: Session, now: datetime, protocol: Protocol) -> str:
            contact = contact_at(session, party_named(session, protocol, slug), role)
            assert contact is not None
            return begin_session(session, now, contact=contact)

        return self.browser({COOKIES[Area.PARTY]: self.acting(let_in)})

    def adviser(self) -> TestClient:
        def let_in(session: Session, now: datetime, protocol: Protocol) -> str:
            assert protocol.id is not None
            return begin_session(session, now, contact=officer(session, protocol.id, Role.ADVISER))

        return self.browser({COOKIES[Area.PARTY]: self.acting(let_in)})

    def reporter(self, reference: str) -> TestClient:
        def let_in(session: Session, now: datetime, _protocol: Protocol) -> str:
            report = session.exec(select(BreachReport).where(BreachReport.reference == reference)).one()
            return begin_session(session, now, report=report)

        return self.browser({COOKIES[Area.REPORT]: self.acting(let_in)})

    def report(self) -> str:
        """A breach somebody has reported; answers its reference."""
        facts = {FactName.HAPPENED: "A letter went to the wrong house.", FactName.PARTIES: ["bedford-borough-council"]}
        sent = Report(facts=facts, reporter_kind=ReporterKind.ANONYMOUS)
        reference: str = self.acting(lambda s, now, protocol: report_breach(s, now, protocol, sent, "test").reference)
        return reference

    def program(self, standing: Standing = Standing.SECRETARY) -> TestClient:
        """With a token of the secretary's that may do what `standing` may."""

        def made(session: Session, now: datetime, _protocol: Protocol) -> str:
            owner = session.exec(select(ConsoleUser).where(ConsoleUser.standing == Standing.SECRETARY)).first()
            assert owner is not None
            return make_token(session, now, owner, "a test", standing, 30)[1]

        client = self.browser()
        client.headers["authorization"] = f"Bearer {self.acting(made)}"
        return client


LOADED: list[bytes] = []


def loaded_site(store: sa.Engine) -> Site:
    """Loading takes a second; every test of this process starts from a copy."""
    LIMITS.forget()
    copied = store.dialect.name == "sqlite"
    if LOADED and copied:
        put_back(store, LOADED[0])
        return _as_loaded(store)
    with transaction(store) as session:
        load_protocol(session, START, read_protocol(Path(protocols.__file__).parent / "bedfordshire"), "test")
        make_secretaries_users(session, START)
    if copied:
        LOADED.append(saved(store))
    return _as_loaded(store)


def _as_loaded(store: sa.Engine) -> Site:
    site = Site(store)
    site.played = ()
    return site
