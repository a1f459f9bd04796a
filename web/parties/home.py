"""What a party, or the adviser, is asked for: across reviews, signatures, confirmations and follow-ups."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from actions.describing import asked_since
from actions.duties import said_of
from actions.moving import reviews_at
from models.obligation import Obligation, Outcome
from models.protocol import Contact
from models.review import Review
from rules.review import JOINABLE, Stage
from web.declaring import PARTIES_AND_ADVISER, Asked, Page
from web.parties.breach_own import own_breaches
from web.parties.own import duties_of, page_of
from web.parties.proposals_seen import sees_reviews

SOON = timedelta(days=7)
LATELY = 5
MENU = "/party"

ENDED = {
    Outcome.ANSWERED: "Answered",
    Outcome.WAIVED: "Not needed any more",
    Outcome.LAPSED: "Closed without an answer",
    Outcome.SUPERSEDED: "Replaced by another request",
}


@dataclass(frozen=True, kw_only=True)
class Task:
    """`asked` is the role of whoever was asked, where that is somebody else at the party. With `asked_at` there is no
    deadline: it has been asked for since then."""

    page: str
    what: str
    case: str
    duty: Obligation
    status: str
    asked: str
    asked_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class Ended:
    page: str
    what: str
    case: str
    how: str
    at: datetime | None


def tasks_of(asked: Asked) -> list[Task]:
    """By their limits: what is overdue comes first."""
    contact = asked.caller.contact
    assert contact is not None
    duties = duties_of(asked.session, contact)
    since = asked_since(asked.session, duties)
    return [
        Task(page=page_of(duty), what=said_of(duty), case=duty.case, duty=duty, asked_at=since.get(duty.key),
             status=_status(duty, asked.now, figure=duty.key not in since), asked=_somebody_else(asked, contact, duty))
        for duty in duties
    ]  # fmt: skip


def _status(duty: Obligation, now: datetime, *, figure: bool) -> str:
    if not figure:
        return "To do"
    if duty.is_overdue(now):
        return "Overdue"
    return "Due soon" if duty.due_at - now <= SOON else "To do"


def _somebody_else(asked: Asked, contact: Contact, duty: Obligation) -> str:
    if duty.contact_id == contact.id:
        return ""
    return asked.session.get_one(Contact, duty.contact_id).role.value


def _ended_lately(asked: Asked) -> list[Ended]:
    assert asked.caller.contact is not None
    ended = [duty for duty in duties_of(asked.session, asked.caller.contact, ended=True) if duty.outcome is not None]
    ended.sort(key=lambda duty: (duty.discharged_at or asked.now, duty.id or 0), reverse=True)
    return [
        Ended(page=page_of(duty), what=said_of(duty), case=duty.case, at=duty.discharged_at,
              how=ENDED[duty.outcome or Outcome.ANSWERED])
        for duty in ended[:LATELY]
    ]  # fmt: skip


def _reviews(asked: Asked) -> Sequence[Review]:
    if not sees_reviews(asked.caller.contact):
        return ()
    return reviews_at(asked.session, asked.protocol, *sorted(JOINABLE), Stage.SIGNING)


def _read(asked: Asked) -> dict[str, object]:
    tasks = tasks_of(asked)
    return {
        "contact": asked.caller.contact, "party": asked.caller.party, "protocol": asked.protocol, "tasks": tasks,
        "overdue": sum(task.status == "Overdue" for task in tasks), "ended": _ended_lately(asked),
        "reviews": _reviews(asked), "follows_breaches": bool(own_breaches(asked)),
    }  # fmt: skip


PAGES = (
    Page(path="/party", title="What you are asked for", who=PARTIES_AND_ADVISER, read=_read,
         template="parties/home.html", in_menu=MENU),
)  # fmt: skip
