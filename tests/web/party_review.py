"""A review of the Bedfordshire protocol, brought to a stage for the pages of its parties."""

import re
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from actions.cast import known_id, party_named
from actions.clauses import clause_headings
from actions.owing import extend
from actions.proposals import Proposed
from actions.review_closing import close_feedback
from actions.review_drafting import begin_deciding, classify, give_advice, seek_advice
from actions.review_feedback import give_feedback
from actions.review_opening import open_annual
from models.obligation import Obligation, ObligationKind
from models.protocol import Protocol
from models.review import Magnitude, Proposal, Review
from models.store import reading
from tests.actions.world import kept
from tests.web.site import Site

POLICE, FIRE = "bedfordshire-police", "bedfordshire-fire-and-rescue-service"


@kept
def collecting(site: Site) -> int:
    number: int = site.acting(lambda session, now, protocol: open_annual(session, now, protocol, "secretary").id)
    return number


@kept
def proposed(site: Site, slug: str = FIRE, wording: str = "Records are kept locked.", problem: str = "") -> int:
    """Answers the proposal's number."""

    def propose(session: Session, now: datetime, protocol: Protocol) -> int:
        review, key = session.exec(select(Review).where(Review.stage == "collecting")).one(), clause(site)
        give_feedback(
            session, now, known_id(review), party_named(session, protocol, slug), f"lead member of {slug}",
            proposals=[Proposed(clause=key, wording=wording, problem=problem)],
        )  # fmt: skip
        return known_id(session.exec(select(Proposal).order_by(col(Proposal.id).desc())).first())

    number: int = site.acting(propose)
    return number


def clause(site: Site) -> str:
    with reading(site.store) as session:
        return clause_headings(session, session.exec(select(Protocol)).one())[11][0]


@kept
def drafting(site: Site, review: int = 1) -> None:
    site.acting(lambda session, now, _: close_feedback(session, now, review, "secretary"))


@kept
def advising(site: Site, review: int = 1) -> None:
    drafting(site, review)

    def seek(session: Session, now: datetime, _protocol: Protocol) -> None:
        for proposal in session.exec(select(Proposal)):
            classify(session, now, known_id(proposal), Magnitude.MAJOR, "secretary", "It changes who is told.")
        seek_advice(session, now, review, "secretary")

    site.acting(seek)


@kept
def deciding(site: Site, review: int = 1) -> None:
    advising(site, review)

    def begin(session: Session, now: datetime, _protocol: Protocol) -> None:
        for proposal in session.exec(select(Proposal)):
            give_advice(session, now, known_id(proposal), "It is lawful.", "adviser")
        begin_deciding(session, now, review, "secretary")

    site.acting(begin)


def duty(site: Site, kind: ObligationKind, slug: str | None = None) -> Obligation:
    """The newest of that kind."""
    with reading(site.store) as session:
        rows = session.exec(select(Obligation).where(Obligation.kind == kind).order_by(col(Obligation.id).desc()))
        wanted = party_named(session, session.exec(select(Protocol)).one(), slug).id if slug else None
        found = next(row for row in rows if row.party_id == wanted)
        session.expunge_all()  # it stays as it was
    return found


def feedback_page(site: Site, slug: str) -> str:
    return f"/party/feedback/{duty(site, ObligationKind.FEEDBACK, slug).id}"


def more_time(site: Site, slug: str, until: Any) -> None:
    number = duty(site, ObligationKind.FEEDBACK, slug).id
    site.acting(
        lambda session, now, _: extend(session, now, session.get_one(Obligation, number), until, "secretary", "Yes.")
    )


def every(site: Site, table: type[Any], *where: Any) -> list[Any]:
    with reading(site.store) as session:
        rows = list(session.exec(select(table).where(*where).order_by(table.id)).all())
        session.expunge_all()
    return rows


def once(page: str) -> str:
    found = re.search(r'name="once" value="([^"]+)"', page)
    assert found is not None
    return found[1]


def box(page: str, name: str) -> str:
    """What stands in a box of several lines."""
    found = re.search(rf'<textarea[^>]*name="{name}"[^>]*>(.*?)</textarea>', page, re.DOTALL)
    assert found is not None, name
    return found[1]
