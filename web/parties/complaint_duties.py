"""What a party's complaint handler is asked: to acknowledge, to say how far it is, to put in place what was agreed."""

from datetime import date
from typing import Any

from pydantic import BaseModel
from sqlmodel import select

from actions.breaches.learning import finish_action as finish_after_breach
from actions.breaches.showing_facts import texts_of
from actions.breaches.shown_to_party import view_of_party
from actions.cast import NotThere
from actions.complaints.following_up import finish_action as finish_after_complaint
from actions.complaints.telling_complainant import acknowledge, report_progress
from actions.complaints.when import told_when
from models.breach import Breach
from models.complaint import ComplaintEffect
from models.obligation import Obligation, ObligationKind
from web.declaring import PARTIES, Act, Asked, Done
from web.fields import day, line, words
from web.parties.complaint_duties_seen import about, complaint_duty
from web.parties.ended import ending, require_owed
from web.parties.own import own_duty
from web.waking import wake_complaint

MENU = "/party"
ACKNOWLEDGEMENT, PROGRESS = ObligationKind.ACKNOWLEDGEMENT, ObligationKind.PROGRESS
LOCAL_ACTION = ObligationKind.LOCAL_ACTION


class Told(BaseModel):
    how: str = line(
        "How were they told?", hint="By letter, by e-mail, in person. Do not name anybody.",
        missing="Say how they were told, such as by letter", longest=120,
    )  # fmt: skip
    on: date = day("On which day?", hint="For example, 27 11 2026", missing="Enter the day on which they were told")


class InPlace(BaseModel):
    outcome: str = words(
        "What has been put in place?", hint="And what shows it. Do not name anybody.", longest=5000,
        missing="Say what has been put in place",
    )  # fmt: skip


def _acknowledge(asked: Asked, given: Told) -> Done:
    """Given twice, or after it was answered, the first one stands."""
    seen = complaint_duty(asked, ACKNOWLEDGEMENT)
    require_owed(seen.duty)
    number = seen.view.complaint.number
    at = told_when(asked.session, asked.now, number, given.on.isoformat())
    acknowledge(asked.session, asked.now, number, asked.caller.by, given.how, at)
    return Done(
        sentence=f"Recorded: complaint {number} was acknowledged.", to="/party",
        wakes=lambda: wake_complaint(number),
    )  # fmt: skip


def _progress(asked: Asked, given: Told) -> Done:
    seen = complaint_duty(asked, PROGRESS)
    require_owed(seen.duty)
    number = seen.view.complaint.number
    at = told_when(asked.session, asked.now, number, given.on.isoformat())
    report_progress(asked.session, asked.now, number, asked.caller.by, given.how, at)
    return Done(sentence=f"Recorded: whoever complained was told how far complaint {number} is.", to="/party")


def _agreed(asked: Asked) -> dict[str, Any]:
    """What was agreed, after a complaint or after a breach: the party's own part of it."""
    duty = own_duty(asked, LOCAL_ACTION)
    found = _after_breach(asked, duty) if duty.case.startswith("breach:") else _after_complaint(asked, duty)
    return {"duty": duty, "ending": ending(asked.session, duty), **found}


def _after_breach(asked: Asked, duty: Obligation) -> dict[str, Any]:
    if asked.caller.party is None:
        raise NotThere("There is no such thing among what you are asked for.")
    breach = asked.session.get_one(Breach, int(duty.case.partition(":")[2]))
    view = view_of_party(asked.session, asked.now, breach, asked.caller.party.slug)
    lessons = [each for each in view.lessons if f"lesson:{each.number}" == duty.subject]
    return {"agreed": [(each.words, each.cause, each.remedy) for each in lessons]}


def _after_complaint(asked: Asked, duty: Obligation) -> dict[str, Any]:
    """Whose doing it was may be neither whom the complaint is about nor who answers it: the words agreed, no more."""
    rows = asked.session.exec(select(ComplaintEffect).where(ComplaintEffect.obligation_id == duty.id)).all()
    texts = texts_of(asked.session, [row.words_id for row in rows])
    return {"agreed": [(texts[row.words_id], None, None) for row in rows]}


def _finish(asked: Asked, given: InPlace) -> Done:
    duty = own_duty(asked, LOCAL_ACTION)
    require_owed(duty)
    assert duty.id is not None
    finish = finish_after_breach if duty.case.startswith("breach:") else finish_after_complaint
    finish(asked.session, asked.now, duty.id, asked.caller.by, given.outcome)
    return Done(sentence="Thank you: it is recorded as in place.", to="/party")


ACTS = (
    Act(path="/party/acknowledgement/{duty:int}", title="Acknowledge a complaint", who=PARTIES, fields=Told,
        do=_acknowledge, before=lambda asked, _: about(asked, ACKNOWLEDGEMENT), button="Record it",
        template="parties/complaint_duties_told.html", in_menu=MENU),
    Act(path="/party/progress/{duty:int}", title="Tell whoever complained how far it is", who=PARTIES, fields=Told,
        do=_progress, before=lambda asked, _: about(asked, PROGRESS), button="Record it",
        template="parties/complaint_duties_told.html", in_menu=MENU),
    Act(path="/party/local-action/{duty:int}", title="Put in place what was agreed", who=PARTIES, fields=InPlace,
        do=_finish, before=lambda asked, _: _agreed(asked), button="Record it as in place",
        template="parties/complaint_duties_action.html", in_menu=MENU),
)  # fmt: skip
