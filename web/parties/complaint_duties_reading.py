"""What is asked after a determination: a second reading, and whether a later version would cover the complaint."""

from typing import Any

from pydantic import BaseModel

from actions.complaints.asking_again import answer as answer_recheck
from actions.complaints.second_reading import second_read
from models.complaint import Covered
from models.obligation import ObligationKind
from web.declaring import ADVISERS, PARTIES, Act, Asked, Done
from web.fields import choice, words
from web.parties.complaint_duties_seen import about, clauses_in, complaint_duty, finding_of
from web.parties.ended import require_owed

SECOND_READING, RECHECK = ObligationKind.SECOND_READING, ObligationKind.RECHECK
WOULD = {
    Covered.YES: "would cover", Covered.PARTLY: "would partly cover", Covered.NO: "would not cover"
}  # fmt: skip


class Reading(BaseModel):
    agrees: str = choice(
        "Do you come to the same?", (("agree", "I agree"), ("disagree", "I do not agree")),
        missing="Choose whether you agree",
    )  # fmt: skip
    because: str = words("Why?", missing="Say why you agree or do not agree", longest=5000)


class Again(BaseModel):
    answer: str = choice(
        "Would the new text have covered it?", (("yes", "Yes"), ("partly", "Partly"), ("no", "No")),
        missing="Choose whether the new text would have covered it",
    )  # fmt: skip
    because: str = words("Why?", missing="Say why", longest=5000)


def _about_reading(asked: Asked, _given: object) -> dict[str, Any]:
    """Where it has ended, the determination may have been corrected: then it is not shown any more."""
    shown = about(asked, SECOND_READING)
    return shown | {"finding": None if shown["ending"] else finding_of(complaint_duty(asked, SECOND_READING))}


def _read_again(asked: Asked, given: Reading) -> Done:
    seen = complaint_duty(asked, SECOND_READING)
    require_owed(seen.duty)
    agrees = given.agrees == "agree"
    second_read(asked.session, asked.now, finding_of(seen).number, agrees, asked.caller.by, given.because)
    words = "agree" if agrees else "do not agree"
    return Done(sentence=f"Recorded: you {words} with the determination, and why.", to="/party")


def _label(asked: Asked) -> str:
    return (complaint_duty(asked, RECHECK).duty.subject or "").removeprefix("version:")


def _about_recheck(asked: Asked, _given: object) -> dict[str, Any]:
    seen, label = complaint_duty(asked, RECHECK), _label(asked)
    touched = [each.clause for each in seen.view.findings if each.clause]
    return about(asked, RECHECK) | {"label": label, "clauses": clauses_in(asked, label, list(dict.fromkeys(touched)))}


def _answer_again(asked: Asked, given: Again) -> Done:
    seen, label = complaint_duty(asked, RECHECK), _label(asked)
    require_owed(seen.duty)
    number, covered = seen.view.complaint.number, Covered(given.answer)
    answer_recheck(asked.session, asked.now, number, label, covered, asked.caller.by, given.because)
    return Done(sentence=f"Recorded: version {label} {WOULD[covered]} complaint {number}.", to="/party")


ACTS = (
    Act(path="/party/second-reading/{duty:int}", title="Read a determination again", who=ADVISERS | PARTIES,
        fields=Reading, do=_read_again, before=_about_reading, button="Record it",
        template="parties/complaint_duties_reading.html", in_menu="/party"),
    Act(path="/party/recheck/{duty:int}", title="Would the new version cover it?", who=PARTIES, fields=Again,
        do=_answer_again, before=_about_recheck, button="Record it",
        template="parties/complaint_duties_recheck.html", in_menu="/party"),
)  # fmt: skip
