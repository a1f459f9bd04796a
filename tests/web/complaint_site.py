"""Complaints on the pages: brought to a stage by what a browser sends, read back from the store."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

from sqlmodel import Session, col, select
from starlette.testclient import TestClient

from actions.complaints.receiving import Received, receive
from actions.complaints.settling import next_complaint_step, take_complaint_step
from models.complaint import Complaint, Finding
from models.protocol import Protocol
from models.store import reading
from rules.complaint import ComplaintKind
from tests.actions.world import kept
from tests.web.site import Site

HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>"
TOLD = (
    "In May the police passed a report with an address to somebody who should not have had it. Nobody was asked for "
    "consent, and the consent form was never shown."
)


@kept
def received(site: Site, **otherwise: Any) -> int:
    """A person's complaint about the police, received by the police."""

    def act(session: Session, now: datetime, protocol: Protocol) -> int:
        usual: dict[str, Any] = {
            "kind": ComplaintKind.PERSON, "what": TOLD, "about": "bedfordshire-police",
            "received_by": "bedfordshire-police", "happened_from": date(2026, 5, 6),
            "received_at": datetime(2026, 11, 20, 10, tzinfo=UTC),
        }  # fmt: skip
        complaint = receive(session, now, protocol, Received(**(usual | otherwise)), "test")
        session.flush()
        assert complaint.id is not None
        return complaint.id

    number: int = site.acting(act)
    return number


@kept
def swept(site: Site, complaint: int) -> None:
    """The clock's own steps."""

    def act(session: Session, now: datetime, _protocol: Protocol) -> None:
        while (step := next_complaint_step(session, now, complaint)) is not None:
            take_complaint_step(session, now, complaint, step)
            session.flush()

    site.acting(act)


def answers(
    covered: str = "yes", followed: str | None = "no", clear: str | None = "yes", harm: str = "yes", **more: str
) -> dict[str, str]:
    """As they stand, a breakdown."""
    said = {"covered": covered, "followed": followed, "clear": clear, "harm": harm}
    form = {name: value or "not-asked" for name, value in said.items()}
    form |= {f"why_{name}": f"So it is with {name}." for name, value in said.items() if value}
    return form | ({"clause": "12-security"} if covered == "yes" else {}) | more


def post(browser: TestClient, path: str, data: Mapping[str, Any] | None = None, status: int = 303) -> Any:
    answer = browser.post(path, data=dict(data or {}))
    assert answer.status_code == status, (answer.status_code, answer.text[answer.text.find("<main") :][:3000])
    return answer


def complaint_in(site: Site, number: int) -> Complaint:
    with reading(site.store) as session:
        found = session.get_one(Complaint, number)
        session.expunge_all()
        return found


def findings_in(site: Site, number: int) -> list[Finding]:
    with reading(site.store) as session:
        found = list(session.exec(select(Finding).where(Finding.complaint_id == number).order_by(col(Finding.id))))
        session.expunge_all()
        return found
