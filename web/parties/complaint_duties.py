"""What a party's complaint handler is asked: to acknowledge, to say how far it is, to put in place what was agreed."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from pydantic import BaseModel, model_validator
from sqlmodel import Session, select

from actions.breaches.learning import finish_action as finish_after_breach
from actions.breaches.showing_facts import texts_of
from actions.breaches.shown_to_party import view_of_party
from actions.cast import NotThere
from actions.complaints.following_up import finish_action as finish_after_complaint
from actions.complaints.telling_complainant import acknowledge, cannot_be_told, report_progress
from actions.complaints.when import told_when
from models.breach import Breach
from models.complaint import ComplaintEffect, ComplaintNotice
from models.obligation import Obligation, ObligationKind
from web.answers_together import faults
from web.declaring import PARTIES, Act, Asked, Done
from web.fields import choice, day, line, words
from web.parties.complaint_duties_seen import about, complaint_duty
from web.parties.ended import ending, require_owed
from web.parties.own import own_duty
from web.waking import wake_complaint

MENU = "/party"
ACKNOWLEDGEMENT, PROGRESS = ObligationKind.ACKNOWLEDGEMENT, ObligationKind.PROGRESS
LOCAL_ACTION = ObligationKind.LOCAL_ACTION


class Told(BaseModel):
    told: str = choice(
        "Has whoever complained been told?",
        (("yes", "Yes"), ("cannot", "They cannot be told: nobody knows how to reach them")),
        missing="Choose whether they have been told",
    )
    how: str | None = line(
        "How were they told?", optional=True, hint="By letter, by e-mail, in person. Do not name anybody.", longest=120
    )
    on: date | None = day("On which day?", optional=True, hint="For example, 27 11 2026")
    because: str | None = words(
        "If they cannot be told: why?", optional=True, hint="Do not name anybody.", rows=3, longest=2000
    )

    @model_validator(mode="after")
    def _one_or_the_other(self) -> "Told":
        if self.told == "yes":
            lacking = {} if self.how else {"how": "Say how they were told, such as by letter"}
            lacking |= {} if self.on else {"on": "Enter the day on which they were told"}
        else:
            lacking = {} if self.because else {"because": "Say why they cannot be told"}
        if lacking:
            raise faults(lacking)
        return self


class InPlace(BaseModel):
    outcome: str = words(
        "What has been put in place?", hint="And what shows it. Do not name anybody.", longest=5000,
        missing="Say what has been put in place",
    )  # fmt: skip


def _acknowledge(asked: Asked, given: Told) -> Done:
    """Given twice, or after it was answered, the first one stands."""
    return _tell(asked, given, ACKNOWLEDGEMENT, acknowledge, "complaint {number} was acknowledged")


def _progress(asked: Asked, given: Told) -> Done:
    return _tell(asked, given, PROGRESS, report_progress, "whoever complained was told how far complaint {number} is")


def _tell(
    asked: Asked, given: Told, kind: ObligationKind,
    tell: Callable[[Session, datetime, int, str, str, datetime | None], ComplaintNotice], what: str,
) -> Done:  # fmt: skip
    seen = complaint_duty(asked, kind)
    require_owed(seen.duty)
    number = seen.view.complaint.number
    if given.told == "cannot":
        cannot_be_told(asked.session, asked.now, number, asked.caller.by, given.because or "")
        what = "whoever complained cannot be told, and why. Complaint {number} is looked into all the same"
    else:
        assert given.on is not None
        assert given.how is not None
        at = told_when(asked.session, asked.now, number, given.on.isoformat())
        tell(asked.session, asked.now, number, asked.caller.by, given.how, at)
    return Done(
        sentence=f"Recorded: {what.format(number=number)}.", to="/party", wakes=lambda: wake_complaint(number)
    )  # fmt: skip


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
