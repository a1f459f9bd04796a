"""How a complaint ends, is looked at again, and is asked again of a new version. Whoever decides does that."""

from collections.abc import Mapping

from pydantic import BaseModel

from actions.cast import NotThere, known_id
from actions.complaints.asking_again import answer, rechecks_of
from actions.complaints.closing import close, end_early, look_again
from models.complaint import ComplaintOutcome, Covered
from rules.texts import shown
from web.console.complaint_places import MENU, about_complaint, complaint_of, of_complaint, page_of
from web.declaring import DECIDES, Act, Asked, Done
from web.fields import choice, words
from web.waking import wake_complaint

COVERS = {Covered.YES: "covers", Covered.PARTLY: "partly covers", Covered.NO: "does not cover"}


class Ends(BaseModel):
    outcome: str = choice(
        "Why is it not answered?",
        (
            (ComplaintOutcome.WITHDRAWN.value, "It was withdrawn", ""),
            (ComplaintOutcome.NOT_OURS.value, "It is not for this protocol",
             "Whoever complained hears first that it was received."),
        ),
        missing="Choose why it is not answered",
    )  # fmt: skip
    because: str = words("What is known of that?", missing="Say what is known of that", rows=3, longest=2000)


class Again(BaseModel):
    because: str = words("Why is it looked at again?", missing="Say why it is looked at again", rows=3, longest=2000)


class CoveredNow(BaseModel):
    answer: str = choice(
        "Would that version cover it?",
        ((Covered.YES.value, "Yes"), (Covered.PARTLY.value, "Partly"), (Covered.NO.value, "No")),
        missing="Choose whether that version would cover it",
    )
    because: str = words("Why?", missing="Say why", rows=3, longest=2000)


def _close(asked: Asked, _given: object) -> Done:
    number = known_id(complaint_of(asked))
    complaint = close(asked.session, asked.now, number, asked.caller.by)
    told = complaint.told_at is not None or complaint.untold_id is not None
    untold = "" if told else "; nobody has recorded that whoever raised it was told"
    facts = {"complaint": number, "outcome": ComplaintOutcome.ANSWERED.value}
    return Done(sentence=f"Complaint {number} is closed, answered{untold}.", to=page_of(number), facts=facts)


def _end(asked: Asked, given: Ends) -> Done:
    number, outcome = known_id(complaint_of(asked)), ComplaintOutcome(given.outcome)
    end_early(asked.session, asked.now, number, outcome, asked.caller.by, given.because)
    facts = {"complaint": number, "outcome": outcome.value}
    return Done(sentence=f"Complaint {number} has ended: {outcome}.", to=page_of(number), facts=facts)


def _look_again(asked: Asked, given: Again) -> Done:
    number = known_id(complaint_of(asked))
    look_again(asked.session, asked.now, number, asked.caller.by, given.because)
    return Done(
        sentence=f"Complaint {number} is analysed anew. Every finding stays until it is corrected.",
        to=page_of(number), facts={"complaint": number}, wakes=lambda: wake_complaint(number),
    )  # fmt: skip


def _about_version(asked: Asked, given: object) -> Mapping[str, object]:
    """Raises NotThere, where nobody was asked about it."""
    label = asked.place["version"]
    if label not in {version.label for _, version in rechecks_of(asked.session, complaint_of(asked))}:
        raise NotThere(f"Nobody has been asked whether version {shown(label)} would cover this complaint.")
    return dict(about_complaint(asked, given)) | {"label": label}


def _recheck(asked: Asked, given: CoveredNow) -> Done:
    number, label, covered = known_id(complaint_of(asked)), asked.place["version"], Covered(given.answer)
    answer(asked.session, asked.now, number, label, covered, asked.caller.by, given.because)
    return Done(
        sentence=f"Recorded: version {label} {COVERS[covered]} complaint {number}.", to=page_of(number),
        facts={"complaint": number, "version": label, "answer": covered.value},
    )  # fmt: skip


def _recheck_title(asked: Asked) -> str:
    return f"Complaint {complaint_of(asked).id}: would version {shown(asked.place['version'])} cover it?"


TEMPLATE = "console/complaint_act.html"
ACTS = (
    Act(path="/console/complaints/{complaint:int}/close", title="Close it", who=DECIDES, do=_close,
        before=about_complaint, title_of=of_complaint("Close it"), button="Close the complaint", template=TEMPLATE,
        words="It is answered: every finding has been followed by something, and whoever complained knows the outcome. "
        "A local action goes on after it.", command="complaint close", in_menu=MENU),
    Act(path="/console/complaints/{complaint:int}/end", title="End it without an answer", who=DECIDES, fields=Ends,
        do=_end, before=about_complaint, title_of=of_complaint("End it without an answer"), button="End the complaint",
        template=TEMPLATE, grave=True, command="complaint end", in_menu=MENU,
        words="For what was withdrawn, or is not for this protocol. One that is answered is closed instead."),
    Act(path="/console/complaints/{complaint:int}/look-again", title="Look at it again", who=DECIDES, fields=Again,
        do=_look_again, before=about_complaint, title_of=of_complaint("Look at it again"), button="Look at it again",
        words="It is analysed anew. What was found stays until somebody corrects it.", template=TEMPLATE,
        command="complaint look-again", in_menu=MENU),
    Act(path="/console/complaints/{complaint:int}/recheck/{version}", title="Say whether it would be covered now",
        who=DECIDES, fields=CoveredNow, do=_recheck, before=_about_version, title_of=_recheck_title,
        button="Record the answer", template=TEMPLATE, command="complaint recheck", in_menu=MENU,
        words="A version has answered what this complaint was about. Would it be covered now?"),
)  # fmt: skip
