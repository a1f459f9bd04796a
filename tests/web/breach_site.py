"""A breach of a council and the police on the site: the Saturday before the clocks go back."""

import re
from datetime import UTC, datetime
from html import unescape

from sqlmodel import Session, col, select

from actions.breaches.reporting import Report, report_breach
from actions.breaches.settling import next_breach_step, take_breach_step
from actions.cast import known_id
from models.breach import Breach, ReporterKind
from models.history import Narrative
from models.obligation import Obligation, ObligationKind
from models.protocol import Party, Protocol
from models.store import reading
from rules.breach_facts import FactName
from tests.actions.world import kept
from tests.web.site import Site

COUNCIL, POLICE, LUTON = "central-bedfordshire-council", "bedfordshire-police", "luton-borough-council"
SATURDAY = datetime(2026, 10, 24, 16, 0, tzinfo=UTC)  # 17:00 in London; the clocks go back in the night
HAPPENED = "A safeguarding referral went to the wrong family."
REPORTER = "Robin Zzreporter"


def breach_at(site: Site, *slugs: str, now: datetime = SATURDAY) -> int:
    """Its number; reported in confidence, and its follow-ups opened."""
    site.now = now
    return _followed_up(site, *slugs)


@kept
def _followed_up(site: Site, *slugs: str) -> int:
    def begun(session: Session, at: datetime, protocol: Protocol) -> int:
        facts = {FactName.HAPPENED: HAPPENED, FactName.PARTIES: list(slugs or (COUNCIL, POLICE)), FactName.PEOPLE: 2}
        report = Report(facts=facts, reporter_kind=ReporterKind.CONFIDENTIAL, reporter=REPORTER,
                        reach="robin@example.org", party=LUTON)  # fmt: skip
        report_breach(session, at, protocol, report, "reporter")
        number = known_id(session.exec(select(Breach).order_by(col(Breach.id).desc())).first())
        while step := next_breach_step(session, at, number):
            take_breach_step(session, at, number, step)
        return number

    number = site.acting(begun)
    assert isinstance(number, int)
    return number


def duty_of(site: Site, number: int, slug: str, kind: ObligationKind, subject: str | None = None) -> int:
    """Of that kind, still owed."""
    with reading(site.store) as session:
        statement = (
            select(Obligation.id)
            .join(Party, col(Party.id) == Obligation.party_id)
            .where(Obligation.case == f"breach:{number}", Obligation.kind == kind, Party.slug == slug)
            .where(col(Obligation.outcome).is_(None))
        )
        found = session.exec(statement.where(Obligation.subject == subject) if subject else statement).first()
    assert found is not None
    return found


def text_of(site: Site, narrative_id: int | None) -> str:
    with reading(site.store) as session:
        return session.get_one(Narrative, narrative_id).text or ""


def words(html: str) -> str:
    """What a page says, without its tags."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


def at(name: str, when: str) -> dict[str, str]:
    """“24 10 2026 16:20” as the form sends it."""
    day, month, year, time = when.split(maxsplit=3)
    return {f"{name}-day": day, f"{name}-month": month, f"{name}-year": year, f"{name}-time": time}
