"""What whoever complained is told: the letter is written here, the party sends it, and that it went is recorded."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import date, datetime

from pydantic import BaseModel, model_validator

from actions.cast import NotThere, known_id
from actions.complaints.letters import LONGEST_WORDS, Letter, letter
from actions.complaints.receiving import warnings_of
from actions.complaints.telling_complainant import (
    acknowledge,
    cannot_be_told,
    report_progress,
    tell_outcome,
    was_late,
)
from actions.complaints.when import told_when
from actions.policy import zone_of
from models.complaint import ComplaintNotice, NoticeKind
from rules.complaint import Stage
from rules.errors import Refused
from rules.instants import local_day
from rules.sentences import written_day
from rules.texts import shown
from web.answers_together import faults
from web.console.complaint_places import (
    MENU,
    about_complaint,
    complaint_of,
    of_complaint,
    page_of,
    protocol_of_complaint,
)
from web.declaring import READS, WORKS, Act, Answer, Asked, Done, Page
from web.fields import choice, day, line, words
from web.forms import Given
from web.waking import wake_complaint

HOW = "Such as “by letter”. No names are needed."
WHEN = "Leave it empty for today."
WRITE = "Write the letter with these words"
MARGIN = 78  # characters of a line of a letter
OWN = "They go into the letter below as they are, and are not kept."


class Told(BaseModel):
    how: str = line("How were they told?", missing="Say how they were told", hint=HOW)
    given_on: date | None = day("On which day?", optional=True, hint=WHEN)
    words: str | None = words(
        "Words of your own for the letter", optional=True, rows=4, longest=LONGEST_WORDS, hint=OWN
    )


class Outcome(BaseModel):
    told: str = choice(
        "Has whoever complained been told the outcome?",
        (("yes", "Yes"), ("cannot", "They cannot be told: nobody knows how to reach them")),
        missing="Choose whether they have been told",
    )
    how: str | None = line("How were they told?", optional=True, hint=HOW)
    given_on: date | None = day("On which day?", optional=True, hint=WHEN)
    because: str | None = words("If they cannot be told: why?", optional=True, rows=3, longest=2000)
    words: str | None = words(
        "Words of your own for the letter", optional=True, rows=4, longest=LONGEST_WORDS, hint=OWN
    )

    @model_validator(mode="after")
    def _one_or_the_other(self) -> "Outcome":
        if self.told == "yes" and not self.how:
            raise faults({"how": "Say how they were told"})
        if self.told == "cannot" and not self.because:
            raise faults({"because": "Say why they cannot be told"})
        return self


def kind_of(asked: Asked) -> NoticeKind:
    try:
        return NoticeKind(asked.place["which"])
    except ValueError:
        kinds = ", ".join(each.value for each in NoticeKind)
        raise NotThere(f"There is no letter “{shown(asked.place['which'])}”: there are {kinds}.") from None


def _letter(asked: Asked) -> dict[str, object]:
    complaint, kind = complaint_of(asked), kind_of(asked)
    written = letter(asked.session, asked.now, known_id(complaint), kind)
    record = {NoticeKind.ACKNOWLEDGEMENT: "acknowledge"}.get(kind, kind.value)
    return {
        "title": f"Complaint {complaint.id}: letter, {kind.value}", "letter": written, "shown": unwrapped(written.text),
        "case_page": page_of(known_id(complaint)), "record": f"{page_of(known_id(complaint))}/{record}",
    }  # fmt: skip


def unwrapped(text: str) -> str:
    """For a page, which breaks its lines itself: a line that goes on where the letter's margin ended is one with it."""
    lines: list[str] = []
    margin_at = 0  # how far the last line of the letter itself went
    for each in text.splitlines():
        first = each.split(maxsplit=1)[0] if each.strip() else ""
        if first and lines and lines[-1] and margin_at + 1 + len(first) > MARGIN and not first.startswith("-"):
            lines[-1] += f" {each.strip()}"
        else:
            lines.append(each)
        margin_at = len(each)
    return "\n".join(lines)


def _text(asked: Asked) -> Answer:
    complaint, kind = complaint_of(asked), kind_of(asked)
    written = letter(asked.session, asked.now, known_id(complaint), kind)
    filename = f"complaint-{complaint.id}-{kind.value}.txt"
    return Answer(content=written.text.encode(), media_type="text/plain; charset=utf-8", filename=filename)


def _before(kind: NoticeKind) -> Callable[[Asked, Given | None], Mapping[str, object]]:
    """The letter as it stands, with the words that were written so far."""

    def before(asked: Asked, given: Given | None) -> Mapping[str, object]:
        about = dict(about_complaint(asked, given))
        written: Letter | None = None
        with suppress(Refused):  # such as an outcome, where none was found: then the form says so when it is sent
            said = given.values.get("words") if given and not given.errors else None
            written = letter(asked.session, asked.now, known_id(complaint_of(asked)), kind, said)
        return about | {"letter": written, "shown": unwrapped(written.text) if written else ""}

    return before


def _on(asked: Asked, given_on: date | None, kind: NoticeKind) -> datetime | None:
    number = known_id(complaint_of(asked))
    return told_when(asked.session, asked.now, number, given_on.isoformat(), kind) if given_on else None


def _acknowledge(asked: Asked, given: Told) -> Done:
    number, at = known_id(complaint_of(asked)), _on(asked, given.given_on, NoticeKind.ACKNOWLEDGEMENT)
    notice = acknowledge(asked.session, asked.now, number, asked.caller.by, given.how, at)
    late = was_late(asked.session, complaint_of(asked), notice.given_at)
    sentence = f"Complaint {number} was acknowledged on {_day(asked, notice)}{', which is late' if late else ''}."
    then = " The analysis begins by itself." if complaint_of(asked).stage is Stage.ACKNOWLEDGED else ""
    return _done(number, f"{sentence}{then}", given.how, notice, late=late)


def _progress(asked: Asked, given: Told) -> Done:
    number, at = known_id(complaint_of(asked)), _on(asked, given.given_on, NoticeKind.PROGRESS)
    notice = report_progress(asked.session, asked.now, number, asked.caller.by, given.how, at)
    return _done(number, f"Recorded: they were told on {_day(asked, notice)} how far it is.", given.how, notice)


def _outcome(asked: Asked, given: Outcome) -> Done:
    number = known_id(complaint_of(asked))
    if given.told == "cannot":
        cannot_be_told(asked.session, asked.now, number, asked.caller.by, given.because or "")
        said = "Recorded: whoever complained cannot be told, and why."
        facts = {"complaint": number, "given_at": None}
        return Done(sentence=said, to=page_of(number), facts=facts, wakes=lambda: wake_complaint(number))
    at = _on(asked, given.given_on, NoticeKind.OUTCOME)
    notice = tell_outcome(asked.session, asked.now, number, asked.caller.by, given.how or "", at)
    return _done(number, f"Recorded: they were told the outcome on {_day(asked, notice)}.", given.how or "", notice)


def _day(asked: Asked, notice: ComplaintNotice) -> str:
    return written_day(local_day(notice.given_at, zone_of(protocol_of_complaint(asked))))


def _done(number: int, sentence: str, how: str, notice: ComplaintNotice, *, late: bool | None = None) -> Done:
    """How it was told stays in the record as it is: whoever is named in it stays there too."""
    warnings = warnings_of(how)
    return Done(
        sentence=" ".join([sentence, *(f"Look again: {each}" for each in warnings)]), to=page_of(number),
        facts={"complaint": number, "given_at": notice.given_at, "late": late, "warnings": warnings},
        wakes=(lambda: wake_complaint(number)) if notice.kind is NoticeKind.ACKNOWLEDGEMENT else None,
    )  # fmt: skip


PAGES = (
    Page(path="/console/complaints/{complaint:int}/letters/{which}", title="A letter", who=READS, read=_letter,
         template="console/complaint_letter.html", in_menu=MENU),
    Page(path="/console/complaints/{complaint:int}/letters/{which}/letter.txt", title="A letter as text", who=READS,
         read=_text),
)  # fmt: skip
ACTS = (
    Act(path="/console/complaints/{complaint:int}/acknowledge", title="Record the acknowledgement", who=WORKS,
        fields=Told, do=_acknowledge, before=_before(NoticeKind.ACKNOWLEDGEMENT), preview=WRITE,
        title_of=of_complaint("Record the acknowledgement"), button="Record that it went",
        words="Whoever complained knows that it was received. The letter is sent by the party, from its own address.",
        template="console/complaint_told.html", command="complaint acknowledge", in_menu=MENU),
    Act(path="/console/complaints/{complaint:int}/progress", title="Record that they heard how far it is", who=WORKS,
        fields=Told, do=_progress, before=_before(NoticeKind.PROGRESS), preview=WRITE,
        title_of=of_complaint("Record that they heard how far it is"), button="Record that it went",
        words="The next time is counted from then on. The letter is sent by the party, from its own address.",
        template="console/complaint_told.html", command="complaint progress", in_menu=MENU),
    Act(path="/console/complaints/{complaint:int}/outcome", title="Record that the outcome was told, or cannot be",
        who=WORKS, fields=Outcome, do=_outcome, before=_before(NoticeKind.OUTCOME), preview=WRITE,
        title_of=of_complaint("Record that the outcome was told, or cannot be"), button="Record it",
        words="Within the days to acknowledge it, the outcome is the acknowledgement too. That nobody can be told is "
        "recorded as soon as it is known: then nobody owes them a word any more.",
        template="console/complaint_told.html", command="complaint outcome", in_menu=MENU),
)  # fmt: skip
