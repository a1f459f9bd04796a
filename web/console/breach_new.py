"""A breach that was reported by telephone or by mail: kept as the reporter said it, with a reference and a code."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Self

from pydantic import BaseModel, model_validator

from actions.breaches.facts import parties_in
from actions.breaches.reporting import Report, new_code, report_breach
from actions.cast import known_id
from models.breach import ReporterKind
from rules.breach_facts import CHOICES, FactName
from rules.codes import written
from web.console.breach_acts import MENU, page_of_breach
from web.console.breach_times import HINT, written_when
from web.console.follow_up_learning import clauses_of
from web.declaring import WORKS, Act, Asked, Done, Shown
from web.fields import choice, day, line, pick, ticks, whole, words
from web.organisations import organisations
from web.waking import wake_breach

SHORT = "govuk-input--width-10"
KINDS = (
    (ReporterKind.ANONYMOUS.value, "Anonymous", "Nobody knows who it is"),
    (ReporterKind.CONFIDENTIAL.value, "Confidential", "You know who it is, and no party is told"),
    (ReporterKind.NAMED.value, "Named", "Parties may be told who it is"),
)


def _options(name: FactName) -> tuple[tuple[str, str], ...]:
    return tuple((each, each.capitalize()) for each in CHOICES[name])


class NewReport(BaseModel):
    happened: str = words("What happened?", missing="Say what happened, in a sentence or two", longest=10_000,
                          hint="In a few sentences, without the names of the people concerned or of whoever made the "
                          "mistake. Everything else may be left out: it is then unknown.")  # fmt: skip
    kind: str | None = pick("What kind of thing is it?", _options(FactName.KIND), optional=True)
    parties: tuple[str, ...] = ticks("Which parties may it concern?", optional=True)
    detected_on: date | None = day("On which day was it detected?", optional=True)
    detected_at: str | None = line("At what time was it detected?", optional=True, hint=HINT, longest=20, width=SHORT)
    suspected_on: date | None = day("On which day did anybody first suspect it?", optional=True)
    suspected_at: str | None = line("At what time was it first suspected?", optional=True, longest=20, width=SHORT)
    began_on: date | None = day("On which day did it begin?", optional=True)
    began_at: str | None = line("At what time did it begin?", optional=True, longest=20, width=SHORT)
    over_on: date | None = day("On which day was it over?", optional=True)
    over_at: str | None = line("At what time was it over?", optional=True, longest=20, width=SHORT)
    data: tuple[str, ...] = ticks("Which kinds of data are concerned?", _options(FactName.DATA), optional=True)
    people_kinds: tuple[str, ...] = ticks("Which kinds of people are concerned?", _options(FactName.PEOPLE_KINDS),
                                           optional=True)  # fmt: skip
    people: int | None = whole("How many people are concerned?", optional=True, most=100_000_000)
    records: int | None = whole("How many records are concerned?", optional=True, most=100_000_000)
    told: str | None = words("Who has been told already, by role?", optional=True, rows=2, longest=4000)
    measures: str | None = words("What has been done about it so far?", optional=True, rows=3, longest=4000)
    clauses: tuple[str, ...] = ticks("Which clauses does it touch?", optional=True)
    reporter_kind: str = choice(
        "How does the reporter wish to be known?", KINDS, missing="Choose how they wish to be known"
    )
    reporter: str | None = line("The reporter’s name", optional=True, hint="Not of an anonymous report.")
    reach: str | None = line("Where the reporter may be asked", optional=True, longest=254,
                             hint="A telephone number or an address. Not of an anonymous report.")  # fmt: skip
    reporter_party: str | None = pick("Where the reporter works", optional=True)

    @model_validator(mode="after")
    def _whole(self) -> Self:
        anonymous = self.reporter_kind == ReporterKind.ANONYMOUS
        if anonymous and (self.reporter or self.reach):
            raise ValueError("Leave out the name and the address of an anonymous reporter, or choose “Confidential”")
        if not anonymous and not self.reporter:
            raise ValueError("Write the reporter’s name, or choose “Anonymous”")
        self.times()
        return self

    def times(self) -> dict[FactName, str]:
        """Raises ValueError with a sentence."""
        asked = {
            FactName.DETECTED: (self.detected_on, self.detected_at, "when it was detected"),
            FactName.SUSPECTED: (self.suspected_on, self.suspected_at, "when it was first suspected"),
            FactName.OCCURRED_FROM: (self.began_on, self.began_at, "when it began"),
            FactName.OCCURRED_TO: (self.over_on, self.over_at, "when it was over"),
        }
        return {name: when for name, given in asked.items() if (when := written_when(*given)) is not None}

    def facts(self) -> dict[FactName, Any]:
        said = {
            FactName.HAPPENED: self.happened, FactName.KIND: self.kind, FactName.PARTIES: self.parties,
            FactName.DATA: self.data, FactName.PEOPLE_KINDS: self.people_kinds, FactName.PEOPLE: self.people,
            FactName.RECORDS: self.records, FactName.TOLD: self.told, FactName.DONE: self.measures,
            FactName.CLAUSES: self.clauses,
        }  # fmt: skip
        return {name: value for name, value in said.items() if value not in (None, [], ())} | self.times()


def _choices(asked: Asked) -> Mapping[str, Sequence[tuple[str, str]]]:
    of = asked.protocol
    parties = organisations(asked, protocol=of)
    return {"parties": parties, "reporter_party": parties, "clauses": clauses_of(asked.session, of)}


def _report(asked: Asked, given: NewReport) -> Done:
    report = Report(facts=given.facts(), reporter_kind=ReporterKind(given.reporter_kind), reporter=given.reporter,
                    reach=given.reach, party=given.reporter_party)  # fmt: skip
    reported = report_breach(asked.session, asked.now, asked.protocol, report, asked.caller.by, fresh=asked.looked)
    number, somebody = known_id(reported.breach), bool(parties_in(asked.session, reported.breach))
    code = written(reported.code) if reported.code else None
    shown = {"title": "The report is recorded", "number": number, "reference": reported.reference, "code": code,
             "warnings": reported.warnings, "somebody": somebody, "in_menu": MENU}  # fmt: skip
    return Done(
        sentence=f"Breach {number} is reported: {reported.reference}.", to=page_of_breach(number),
        facts={"breach": number, "reference": reported.reference, "code": code, "warnings": reported.warnings},
        wakes=lambda: wake_breach(number), page=Shown(template="console/breach_reported.html", context=shown),
    )  # fmt: skip


ACTS = (
    Act(path="/console/breaches/new", title="Record a report of a breach", who=WORKS, do=_report, fields=NewReport,
        look=lambda *_: new_code(),
        button="Record the report", choices=_choices, command="breach report", template="console/breach_new.html",
        in_menu=MENU, words="For a report that came by telephone or by mail. It is kept as the reporter said it."),
)  # fmt: skip
