"""A complaint as it came in, who has to answer it, and when it happened."""

from collections.abc import Mapping, Sequence
from datetime import date

from pydantic import BaseModel, model_validator

from actions.cast import known_id
from actions.complaints.receiving import Received, receive, restate_days, warnings_of
from actions.complaints.referring import TO_THE_SECRETARY, refer
from actions.complaints.showing import complaint_view
from actions.complaints.shown import ComplaintDuty
from actions.complaints.when import received_when
from rules.complaint import ComplaintKind
from rules.sentences import written_day
from web.answers_together import faults
from web.console.complaint_places import (
    KINDS,
    MENU,
    about_complaint,
    complaint_of,
    of_complaint,
    page_of,
    parties_of,
    party_choices,
    protocol_of_complaint,
)
from web.declaring import WORKS, Act, Asked, Done
from web.fields import choice, day, pick, words
from web.forms import Given
from web.waking import wake_complaint

NOT_KNOWN = "Leave it empty if nobody knows."
THE_SECRETARY = (TO_THE_SECRETARY, "The secretary of the steering group")


class Complained(BaseModel):
    kind: str = choice("What kind of complaint is it?", KINDS, missing="Choose what kind of complaint it is")
    about: str = pick("Whom is it about?", missing="Choose whom it is about")
    what: str = words(
        "What is complained of?", missing="Say what is complained of, in a few sentences", longest=50_000, rows=8,
        hint="In their own words, without names, addresses or numbers of people.",
    )  # fmt: skip
    wanted: str | None = words("What do they want to be done?", optional=True, rows=3)
    received_by: str | None = pick(
        "Who received it first?", optional=True, hint="Leave it empty if it came to the secretary.",
    )  # fmt: skip
    received_on: date | None = day(
        "When was it received there?", optional=True, hint="The days to acknowledge it are counted from this day. "
        "Leave it empty for today.",
    )  # fmt: skip
    happened_from: date | None = day(
        "When did it happen, or begin?", optional=True,
        hint=f"It decides which version of the protocol counts. {NOT_KNOWN}",
    )  # fmt: skip
    happened_to: date | None = day("When was it over?", optional=True, hint="Only if it lasted more than one day.")
    reach: str | None = words(
        "How are they answered?", optional=True, rows=2, longest=1000,
        hint="Such as “by letter, file POL/2026/44”. Keep names and addresses at the party that answers, if you can.",
    )  # fmt: skip
    attachments: str | None = words(
        "References of documents", optional=True, rows=2, longest=5000,
        hint="One on each line, as the party files them. The documents themselves stay there.",
    )  # fmt: skip

    @model_validator(mode="after")
    def _in_order(self) -> "Complained":
        require_order(self.happened_from, self.happened_to)
        return self


class Refer(BaseModel):
    party: str = pick("Who has to answer it?", missing="Choose who has to answer it")
    because: str = words("Why?", missing="Say why it is referred", rows=3, longest=2000)


class Days(BaseModel):
    happened_from: date | None = day("When did it happen, or begin?", optional=True, hint=NOT_KNOWN)
    happened_to: date | None = day("When was it over?", optional=True, hint="Only if it lasted more than one day.")
    because: str = words("How is that known?", missing="Say how that is known", rows=3, longest=2000)

    @model_validator(mode="after")
    def _in_order(self) -> "Days":
        require_order(self.happened_from, self.happened_to)
        return self


def require_order(first: date | None, last: date | None) -> None:
    if first is not None and last is not None and last < first:
        raise faults({"happened_to": "It cannot have been over before it began: look at both days"})


def _receive(asked: Asked, given: Complained) -> Done:
    protocol = asked.protocol
    received_at = received_when(protocol, given.received_on.isoformat()) if given.received_on else None
    complaint = receive(asked.session, asked.now, protocol, Received(
        kind=ComplaintKind(given.kind), what=given.what, about=given.about, received_by=given.received_by,
        received_at=received_at, happened_from=given.happened_from, happened_to=given.happened_to,
        wanted=given.wanted, reach=given.reach, attachments=_lines(given.attachments),
    ), asked.caller.by)  # fmt: skip
    asked.session.flush()
    number = known_id(complaint)
    view = complaint_view(asked.session, asked.now, number, suggesting=False)
    warnings = warnings_of(f"{given.what}\n{given.wanted or ''}")
    recorded = _recorded(number, view.duties, parties_of(asked))
    return Done(
        sentence=" ".join([recorded, *(f"Look again: {each}" for each in warnings)]),
        to=page_of(number), wakes=lambda: wake_complaint(number),
        facts={"complaint": number, "counted": view.counted, "version": view.version, "warnings": warnings},
    )  # fmt: skip


def _recorded(number: int, duties: Sequence[ComplaintDuty], names: Mapping[str, str]) -> str:
    owed = next((duty for duty in duties if duty.outcome is None), None)
    if owed is None:
        return f"Complaint {number} is recorded."
    who = names[owed.party] if owed.party else "the secretary"
    return f"Complaint {number} is recorded. By {written_day(owed.due_on)} {who} has to {owed.what}."


def _lines(text: str | None) -> list[str]:
    return [line.strip() for line in (text or "").splitlines() if line.strip()]


def _looked_through(_asked: Asked, given: Given | None) -> Mapping[str, object]:
    """What seems to name somebody, as far as something has been written."""
    said = given.raw if given else {}
    return {
        "warnings": warnings_of("\n".join(str(said.get(name, "")) for name in ("what", "wanted"))) if given else None
    }


def _receive_choices(asked: Asked) -> Mapping[str, Sequence[tuple[str, str]]]:
    parties = party_choices(asked, asked.protocol)
    return {"about": parties, "received_by": parties}


def _refer_choices(asked: Asked) -> Mapping[str, Sequence[tuple[str, str]]]:
    return {"party": [THE_SECRETARY, *party_choices(asked, protocol_of_complaint(asked))]}


def _refer(asked: Asked, given: Refer) -> Done:
    number = known_id(complaint_of(asked))
    refer(asked.session, asked.now, number, given.party, asked.caller.by, given.because)
    names = dict(_refer_choices(asked)["party"])
    return Done(
        sentence=f"{names[given.party]} answers complaint {number} now, by the same days: a referral stops no clock.",
        to=page_of(number), facts={"complaint": number, "party": given.party},
    )  # fmt: skip


def _days_start(asked: Asked) -> Mapping[str, object]:
    complaint = complaint_of(asked)
    last = complaint.happened_to if complaint.happened_to != complaint.happened_from else None
    return {"happened_from": complaint.happened_from, "happened_to": last}


def _restate(asked: Asked, given: Days) -> Done:
    number = known_id(complaint_of(asked))
    restate_days(
        asked.session, asked.now, number, given.happened_from, given.happened_to, asked.caller.by, given.because
    )
    asked.session.flush()
    view = complaint_view(asked.session, asked.now, number, suggesting=False)
    kept = " Findings stay as they were made." if view.findings else ""
    return Done(
        sentence=f"The days are corrected. {view.version_because}{kept}", to=page_of(number),
        facts={"complaint": number, "version": view.version},
    )  # fmt: skip


ACTS = (
    Act(path="/console/complaints/new", title="Record a complaint", who=WORKS, fields=Complained, do=_receive,
        choices=_receive_choices, before=_looked_through, preview="Check it for personal details",
        button="Record the complaint", template="console/complaint_new.html", command="complaint receive",
        in_menu=MENU),
    Act(path="/console/complaints/{complaint:int}/refer", title="Refer it to another body", who=WORKS, fields=Refer,
        do=_refer, choices=_refer_choices, before=about_complaint, title_of=of_complaint("Refer it to another body"),
        words="That body owes what is owed in it from then on, by the same days: a referral stops no clock.",
        button="Refer it", template="console/complaint_act.html", command="complaint refer", in_menu=MENU),
    Act(path="/console/complaints/{complaint:int}/days", title="Correct when it happened", who=WORKS, fields=Days,
        do=_restate, start=_days_start, before=about_complaint, title_of=of_complaint("Correct when it happened"),
        words="The version of the protocol that was in force then is looked up again.", button="Correct the days",
        template="console/complaint_act.html", command="complaint days", in_menu=MENU),
)  # fmt: skip
