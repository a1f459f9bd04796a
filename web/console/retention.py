"""How long the words of ended cases are kept: what goes next, what somebody has said stays, and the record of what
went."""

from collections.abc import Callable
from typing import Any

from pydantic import BaseModel

from actions.retention.cases import emptied_cases, nothing_goes_until, periods_of, retained
from actions.retention.keeping import keep_words, keep_words_no_longer
from web.console.complaint_sheet import PART, turned
from web.declaring import DECIDES, READS, Act, Asked, Done, Page
from web.fields import words
from web.wording import case_words

MENU = "/console/retention"


class Because(BaseModel):
    because: str = words("Why?", missing="Say why", rows=3, longest=2000, hint="Without names of people.")


def _read(asked: Asked) -> dict[str, Any]:
    session, protocol = asked.session, asked.protocol
    cases, part = turned(retained(session, protocol), asked.query, MENU)
    until = nothing_goes_until(session, protocol, asked.now)
    return {
        "until": until,
        "periods": {kind: str(period) if period else None for kind, period in periods_of(protocol).items()},
        "cases": [each._asdict() for each in cases], "part": part,
        "emptied": [each._asdict() for each in emptied_cases(session, protocol, 50)],
    }  # fmt: skip


def _keep(asked: Asked, given: Because) -> Done:
    case = keep_words(asked.session, asked.now, str(asked.place["case"]), asked.caller.by, given.because)
    return Done(
        sentence=f"The words of {case_words(case)} stay until you say otherwise.", to=MENU, facts={"case": case}
    )


def _release(asked: Asked, given: Because) -> Done:
    case = keep_words_no_longer(asked.session, asked.now, str(asked.place["case"]), asked.caller.by, given.because)
    return Done(
        sentence=f"The words of {case_words(case)} stay for as long as the protocol says.",
        to=MENU,
        facts={"case": case},
    )


def _titled(title: str) -> Callable[[Asked], str]:
    return lambda asked: f"{title} of {case_words(str(asked.place['case']))}"


PAGES = (
    Page(path=MENU, title="How long words are kept", who=READS, read=_read, template="console/retention.html",
         in_menu="/console/documents", filters={"protocol": "Its short name."} | PART),
)  # fmt: skip
ACTS = (
    Act(path="/console/retention/{case}/keep", title="Keep the words", who=DECIDES, fields=Because, do=_keep,
        title_of=_titled("Keep the words"), button="Keep them", command="retention keep", in_menu="/console/documents",
        words="They stay, whatever the protocol’s period: for a claim, or an inquiry."),
    Act(path="/console/retention/{case}/release", title="Keep the words no longer", who=DECIDES, fields=Because,
        do=_release, title_of=_titled("No longer keep the words"), button="Let the period count",
        command="retention release", in_menu="/console/documents",
        words="The protocol’s period counts again: where it is over, they go in the next night."),
)  # fmt: skip
