"""How to complain, and a complaint itself: nothing is kept before it is sent, and sent twice it is one."""

from collections.abc import Mapping
from typing import Any

from sqlmodel import col, select

from actions.cast import known_id
from actions.complaints.receiving import (
    AnotherComplaintHasThisKey,
    Received,
    receive,
    warnings_of,
)
from actions.complaints.telling_complainant import cannot_be_told
from actions.policy import zone_of
from models.complaint import Complaint
from models.history import Narrative, sha256_of
from models.obligation import Obligation, ObligationKind
from rules.complaint import STATUTORY, ComplaintKind
from rules.errors import Refused
from rules.instants import local_day
from web.callers import STRANGER
from web.check_lines import lines_of
from web.declaring import ANYBODY, Act, Asked, Done, Page, Shown
from web.limits import LIMITS, SENT_FROM_AN_ADDRESS
from web.places import as_query, to_choose_from
from web.public.complain_questions import COMPLAINT, reach_of
from web.public.protocol_meant import about_protocol, secretary
from web.steps import CHECK, key_of
from web.waking import wake_complaint

MENU = "/complain"
LEFT_NO_ADDRESS = "They did not say on the form how they can be answered."


class NotAllAnswered(Refused):
    def __init__(self, title: str) -> None:
        super().__init__(f"Look again at “{title}” before you send: press “Change” beside it.")


class SentAlready(Refused):
    def __init__(self, complaint: Complaint) -> None:
        super().__init__(
            f"This was sent already, as complaint {complaint.id}, and what you have changed since is not in it. Write "
            "to the secretary to add that, or begin a new complaint."
        )


def _start(asked: Asked) -> Mapping[str, Any]:
    choosing = to_choose_from(asked)
    return {"choosing": choosing} | ({} if choosing else dict(_about(asked)))


@about_protocol
def _about(asked: Asked) -> Mapping[str, Any]:
    return {"query": as_query(asked)}


def _check(asked: Asked, _given: object) -> dict[str, Any]:
    warnings: tuple[str, ...] = ()
    if not COMPLAINT.unanswered(asked):
        values = COMPLAINT.values(asked)
        warnings = warnings_of("\n".join(filter(None, (values["what"], values.get("wanted")))))
    return {"lines": lines_of(COMPLAINT, asked), "warnings": warnings} | COMPLAINT.about_check(asked)


def _send(asked: Asked, _given: object) -> Done:
    """By nobody: who complains is not looked up, whatever cookies their browser sends."""
    LIMITS.require(f"sent:{asked.address}", SENT_FROM_AN_ADDRESS)
    for question in COMPLAINT.unanswered(asked):
        raise NotAllAnswered(question.title)
    received = _received(COMPLAINT.values(asked), key_of(asked))
    before = _sent_before(asked, received)
    try:
        complaint = receive(asked.session, asked.now, asked.protocol, received, STRANGER.by)
    except AnotherComplaintHasThisKey as other:
        raise (SentAlready(before) if before is not None else other) from None
    if before is not None and not _is_all_the_same(asked, before, received):
        raise SentAlready(before)
    LIMITS.count(f"sent:{asked.address}")
    number = known_id(complaint)
    if complaint.reach_id is None:  # it is looked into at once: an acknowledgement would wait for ever
        cannot_be_told(asked.session, asked.now, number, STRANGER.by, LEFT_NO_ADDRESS)
    return Done(
        sentence="", to=f"/complain{as_query(asked)}", page=_sent(asked, complaint, is_new=before is None),
        wakes=(lambda: wake_complaint(number)) if before is None else None,
    )  # fmt: skip


def _received(values: Mapping[str, Any], key: str) -> Received:
    return Received(
        kind=ComplaintKind(values["kind"]), what=values["what"], about=values["organisation"],
        happened_from=values.get("happened_from"), happened_to=values.get("happened_to"),
        wanted=values.get("wanted"), reach=reach_of(dict(values)), key=key or None,
    )  # fmt: skip


def _sent_before(asked: Asked, received: Received) -> Complaint | None:
    if received.key is None:
        return None
    key = f"{asked.protocol.slug}:{received.key}"
    return asked.session.exec(select(Complaint).where(Complaint.key == key)).first()


def _is_all_the_same(asked: Asked, before: Complaint, received: Received) -> bool:
    """The action knows the same by kind, body and words; here nothing else may be lost either."""
    for kept, given in ((before.wanted_id, received.wanted), (before.reach_id, received.reach)):
        known = asked.session.get_one(Narrative, kept).sha256 if kept else None
        if known != (sha256_of(given.strip()) if given else None):
            return False
    first = received.happened_from or received.happened_to
    last = received.happened_to or received.happened_from
    return (before.happened_from, before.happened_to) == (first, last)


def _sent(asked: Asked, complaint: Complaint, *, is_new: bool) -> Shown:
    duty = asked.session.exec(
        select(Obligation)
        .where(Obligation.case == complaint.case, Obligation.kind == ObligationKind.ACKNOWLEDGEMENT)
        .order_by(col(Obligation.id))
    ).first()
    return Shown(template="public/complain_sent.html", context={
        "title": "Your complaint has been sent" if is_new else "This complaint has been sent already",
        "number": complaint.id, "is_new": is_new,
        "received_on": local_day(complaint.received_at, zone_of(asked.protocol)),
        "acknowledged_by": duty.due_on if duty else None, "can_be_answered": complaint.reach_id is not None,
        "by_law": complaint.kind in STATUTORY, "secretary": secretary(asked, asked.protocol), "in_menu": MENU,
    })  # fmt: skip


PAGES = (
    Page(path="/complain", title="How to complain", who=ANYBODY, read=_start, template="public/complain.html",
         in_menu=MENU),
)  # fmt: skip
ACTS = (
    *COMPLAINT.made_acts(),
    Act(path="/complain/check", title="Check your answers before you send", who=ANYBODY, do=_send,
        button="Send the complaint", template="public/complain_check.html", before=_check, aside=COMPLAINT.elsewhere,
        carries=COMPLAINT.forms, in_menu=MENU),
)  # fmt: skip
COMPLAINT.acts[CHECK] = ACTS[-1]
