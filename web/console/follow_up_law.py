"""What the law asks of one party after a breach, recorded on its behalf: awareness, conclusion, who has been told."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Self

from pydantic import BaseModel, model_validator

from actions.breaches.awareness import newest_awareness, record_awareness
from actions.breaches.concluding import conclude
from actions.breaches.deciding import decide_duty
from actions.breaches.duties import DutyView, duties_view
from actions.breaches.notifying import differs_from_notice, record_notice
from actions.breaches.partners import partners_told
from actions.breaches.people import people_not_told, people_told
from actions.breaches.regime import set_regime
from actions.breaches.showing_facts import fact_lines, severity_line
from rules.breach_duties import Capacity, DutyKind, Regime, Risk
from rules.regulator_notice import missing_in_words
from rules.sentences import listed
from web.console.breach_acts import breach_of, done, page_of_party, party_act, party_of
from web.declaring import DECIDES, Asked, Done
from web.fields import choice, instant, line, words
from web.wording import clock

ROLES = (
    ("data protection officer", "Data protection officer"),
    ("senior information risk owner", "Senior information risk owner"),
    ("caldicott guardian", "Caldicott Guardian"), ("breach coordinator", "Breach coordinator"),
    ("somebody else at the party", "Somebody else at the party"),
    ("secretary", "Nobody there yet: the secretary, until they conclude themselves"),
)  # fmt: skip
RISKS = (
    (Risk.NOT_PERSONAL.value, "Not about living people", "No personal data of living people is concerned"),
    (Risk.UNLIKELY.value, "A risk to people is unlikely", "Documented; the regulator need not be told"),
    (Risk.LIKELY.value, "A risk to people is likely", "The regulator is told"),
    (Risk.HIGH.value, "A high risk to people is likely", "The regulator and the people concerned are told"),
)
REGIMES = ((Regime.UK_GDPR.value, "UK GDPR", "The usual one"),
           (Regime.LAW_ENFORCEMENT.value, "Law enforcement", "DPA 2018 part 3, as the police"))  # fmt: skip
CAPACITIES = ((Capacity.CONTROLLER.value, "Controller", "It tells the regulator itself"),
              (Capacity.PROCESSOR.value, "Processor for another party", "It tells its controller"))  # fmt: skip
DUTIES = (
    (DutyKind.REGULATOR.value, "Telling the regulator"), (DutyKind.PEOPLE.value, "Telling the people concerned"),
    (DutyKind.PARTNERS.value, "Telling the partners"), (DutyKind.CONTROLLER.value, "Telling the controller"),
)  # fmt: skip
REQUIRED = (("required", "Required"), ("not required", "Not required"))
WHEN = "On the clock in London. Hours are counted from it, so the time is needed too."


class Aware(BaseModel):
    at: datetime = instant("Since when?", missing="Enter the day and the time", hint=WHEN)
    who: str = line("Who had reasonable certainty, as a role?", missing="Say who, as a role", longest=120,
                    hint="Such as “data protection officer”. No name.")  # fmt: skip
    because: str = words("How is that known?", missing="Say how that is known", rows=3, longest=2000,
                         hint="Of a correction: why the instant was another.")  # fmt: skip


class Conclude(BaseModel):
    risk: str = choice("How likely is a risk to the people concerned?", RISKS, missing="Choose how likely a risk is")
    concluded_by: str = choice("Who at the party concludes it?", ROLES, missing="Choose who concludes it")
    because: str = words("Why?", missing="Say why", rows=4, longest=4000)


class Acts(BaseModel):
    regime: str = choice("Under which law does it act here?", REGIMES, missing="Choose the law")
    capacity: str = choice("As what?", CAPACITIES, missing="Choose as what it acts")
    because: str = words("Why?", missing="Say why", rows=3, longest=2000)


class Duty(BaseModel):
    duty: str = choice("Which duty?", DUTIES, missing="Choose the duty")
    answer: str = choice("What is it?", REQUIRED, missing="Choose whether it is required", inline=True)
    because: str = words("Why?", missing="Say why", rows=3, longest=2000)


class Notify(BaseModel):
    at: datetime = instant("When was it given?", missing="Enter the day and the time", hint=WHEN)
    regulator_reference: str | None = line("The number that the regulator gave", optional=True, longest=80)
    late_because: str | None = words("Where it is late: why?", optional=True, rows=3, longest=2000,
                                     hint="Later than 72 hours, the reasons go with the notice.")  # fmt: skip


class People(BaseModel):
    answer: str = choice("Which of the two?", (("told", "They have been told"), ("not required", "They need not be told")),
                         missing="Choose whether they have been told")  # fmt: skip
    told_at: datetime | None = instant("If they have been told: when?", optional=True)
    how: str | None = words("If they have been told: how?", optional=True, rows=2, longest=2000,
                            hint="By letter, by telephone, in person. Name nobody.")  # fmt: skip
    because: str | None = words("If they need not be told: why?", optional=True, rows=3, longest=2000)

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.answer == "told" and (self.told_at is None or not self.how):
            raise ValueError("Say when the people were told, and how")
        if self.answer == "not required" and not self.because:
            raise ValueError("Say why the people need not be told")
        return self


class Partners(BaseModel):
    told_at: datetime = instant("When were they told?", missing="Enter the day and the time")
    late_because: str | None = words("Where it is late: why?", optional=True, rows=3, longest=2000)


def _which(asked: Asked) -> tuple[int, str]:
    return asked.place["breach"], asked.place["party"]


def _duty(asked: Asked, *kinds: DutyKind) -> DutyView | None:
    asked.session.flush()
    follow_up, _ = party_of(asked)
    views = duties_view(asked.session, breach_of(asked), follow_up, asked.now)
    return next((each for each in views if each.kind in kinds), None)


def _aware(asked: Asked, given: Aware) -> Done:
    record_awareness(asked.session, asked.now, *_which(asked), given.at, given.who, asked.caller.by, given.because)
    duty = _duty(asked, DutyKind.REGULATOR)
    ends = f" The 72 hours end on {clock(duty.due_at)}: {duty.left}." if duty and duty.due_at and duty.left else ""
    return done(asked, f"{party_of(asked)[1].name} has been aware since {clock(given.at)}.{ends}",
                aware_at=given.at, due_at=duty.due_at if duty else None)  # fmt: skip


def _aware_before(asked: Asked) -> Mapping[str, Any]:
    known = newest_awareness(asked.session, party_of(asked)[0])
    return {"at": known.aware_at, "who": known.who} if known else {}


def _conclude(asked: Asked, given: Conclude) -> Done:
    why = f"{given.because} (Concluded by: {given.concluded_by}.)"
    doubts = conclude(asked.session, asked.now, *_which(asked), Risk(given.risk), asked.caller.by, why)
    again = "".join(f" Look again: {doubt}" for doubt in doubts)
    return done(asked, f"Recorded: {given.risk}.{again}", risk=given.risk, doubts=doubts)


def _scored(asked: Asked) -> Mapping[str, Any]:
    scored = severity_line(fact_lines(asked.session, breach_of(asked)))
    score = f"The severity is {scored.score}, {scored.band}. {scored.because}" if scored else (
        f"The severity is not scored yet (`concordat breach assess {asked.place['breach']}`). The score is advice."
    )  # fmt: skip
    return {"said": (score, "A person concludes. What has to be told to whom follows from it, and is shown after.")}


def _regime(asked: Asked, given: Acts) -> Done:
    regime, capacity = Regime(given.regime), Capacity(given.capacity)
    set_regime(asked.session, asked.now, *_which(asked), regime, capacity, asked.caller.by, given.because)
    return done(
        asked, f"It acts as {capacity} under the {regime} regime.", regime=regime.value, capacity=capacity.value
    )


def _regime_before(asked: Asked) -> Mapping[str, Any]:
    follow_up, _ = party_of(asked)
    return {"regime": follow_up.regime.value, "capacity": follow_up.capacity.value}


def _decide(asked: Asked, given: Duty) -> Done:
    decide_duty(asked.session, asked.now, *_which(asked), DutyKind(given.duty), asked.caller.by, given.because,
                required=given.answer == "required")  # fmt: skip
    return done(
        asked, f"“{given.duty}” is {given.answer}; the reason is recorded.", duty=given.duty, answer=given.answer
    )


def _notify(asked: Asked, given: Notify) -> Done:
    notice = record_notice(asked.session, asked.now, *_which(asked), given.at, asked.caller.by,
                           given.regulator_reference, given.late_because)  # fmt: skip
    missing = listed(missing_in_words(notice.missing))
    rest = f"Still missing: {missing}. It may follow as a supplement." if missing else "It is complete."
    return done(asked, f"The notice of {clock(given.at)} is recorded. {rest}", number=notice.number,
                missing=tuple(notice.missing))  # fmt: skip


def _notify_before(asked: Asked) -> Mapping[str, Any]:
    follow_up, party = party_of(asked)
    number = asked.place["breach"]
    duty, differs = _duty(asked, DutyKind.REGULATOR, DutyKind.CONTROLLER), differs_from_notice(
        asked.session, breach_of(asked), follow_up)  # fmt: skip
    said = ["Concordat sends nothing to the regulator: send the notice, then record here when."]
    if duty and duty.due_at and not duty.done_at:
        said.append(f"It is due by {clock(duty.due_at)}: {duty.left}.")
    if differs:
        said.append(f"Since the last notice this has changed: {listed(differs)}.")
    draft = {"href": f"{page_of_party(number, party.slug)}/notice", "text": "The notice as the record stands now"}
    return {"said": tuple(said), "beside_link": draft}


def _people(asked: Asked, given: People) -> Done:
    if given.answer == "told":
        assert given.told_at is not None
        people_told(asked.session, asked.now, *_which(asked), given.told_at, asked.caller.by, given.how or "")
        duty = _duty(asked, DutyKind.PEOPLE)
        at = duty.done_at if duty and duty.done_at else given.told_at
        return done(asked, f"The people concerned were told on {clock(at)}.", told_at=at)
    people_not_told(asked.session, asked.now, *_which(asked), asked.caller.by, given.because or "")
    return done(asked, "The people concerned need not be told; the reason is recorded.", required=False)


def _partners(asked: Asked, given: Partners) -> Done:
    partners_told(asked.session, asked.now, *_which(asked), given.told_at, asked.caller.by, given.late_because)
    duty = _duty(asked, DutyKind.PARTNERS)
    at = duty.done_at if duty and duty.done_at else given.told_at
    return done(asked, f"The partners were told on {clock(at)}.", told_at=at)


ACTS = (
    party_act("aware", "Say since when a party has been aware", "Since when has {party} been aware?", _aware, Aware,
              command="breach aware", start=_aware_before,
              words="The 72 hours run from it, for each party its own. A wrong instant is corrected in the same way."),
    party_act("conclude", "Conclude how likely a risk is", "What does {party} conclude?", _conclude, Conclude,
              command="breach conclude", who=DECIDES, before=_scored),
    party_act("regime", "Say under which law a party acts", "How does {party} act in this breach?", _regime, Acts,
              command="breach regime", start=_regime_before, words="No instant changes; the duties are those of the new capacity."),
    party_act("duty", "Decide one duty otherwise", "Decide one duty of {party}", _decide, Duty, command="breach duty",
              who=DECIDES, words="Where a person decides otherwise than the conclusion did."),
    party_act("notify", "Record a notice to the regulator", "When did {party} give its notice?", _notify, Notify,
              command="breach notify", before=_notify_before),
    party_act("people", "Record whether people were told", "Have the people concerned been told by {party}?", _people,
              People, command="breach people"),
    party_act("partners", "Record when the partners were told", "When did {party} tell its partners?", _partners,
              Partners, command="breach partners"),
)  # fmt: skip
