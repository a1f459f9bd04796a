"""What is asked of a person who records what the law wants of one party: awareness, conclusion, notices."""

from datetime import datetime
from typing import Self

from pydantic import BaseModel, model_validator

from rules.breach_duties import Capacity, DutyKind, Regime, Risk
from web.fields import choice, instant, line, words

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
TOLD = (("told", "They have been told"), ("not required", "They need not be told"))
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
    answer: str = choice("Which of the two?", TOLD, missing="Choose whether they have been told")
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
