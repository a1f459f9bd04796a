"""What the law and the protocol ask of one party after a breach, and by when.

UK GDPR art. 33 and 34; for law-enforcement purposes DPA 2018 ss.67 and 68. Facts for software, not legal advice.
"""

from datetime import datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from rules.deadlines import Due, deadline
from rules.errors import Refused
from rules.instants import LONDON
from rules.periods import Period, Unit
from rules.severity import Band

NOTICE_HOURS = 72  # UK GDPR art. 33(1); DPA 2018 s.67(1): elapsed hours from becoming aware, a ceiling


class Regime(StrEnum):
    UK_GDPR = "UK GDPR"
    LAW_ENFORCEMENT = "law enforcement"  # DPA 2018 part 3


class Capacity(StrEnum):
    """A processor tells its controller, and nobody else (UK GDPR art. 33(2); DPA 2018 s.67(9))."""

    CONTROLLER = "controller"
    PROCESSOR = "processor"


class Risk(StrEnum):
    """The outcome of the regulator's own self-assessment, in rising order."""

    NOT_PERSONAL = "not about living people"
    UNLIKELY = "unlikely"
    LIKELY = "likely"
    HIGH = "high"

    def at_least(self, other: "Risk") -> bool:
        return list(Risk).index(self) >= list(Risk).index(other)


class DutyKind(StrEnum):
    REGULATOR = "regulator"
    PEOPLE = "people"
    PARTNERS = "partners"
    CONTROLLER = "controller"  # what a processor owes instead of the first two


Decision = tuple[bool, str]  # whether it is required, and the sentence that says why

LAW = {
    (Regime.UK_GDPR, DutyKind.REGULATOR): "UK GDPR art. 33",
    (Regime.UK_GDPR, DutyKind.PEOPLE): "UK GDPR art. 34",
    (Regime.UK_GDPR, DutyKind.CONTROLLER): "UK GDPR art. 33(2)",
    (Regime.LAW_ENFORCEMENT, DutyKind.REGULATOR): "DPA 2018 s.67",
    (Regime.LAW_ENFORCEMENT, DutyKind.PEOPLE): "DPA 2018 s.68",
    (Regime.LAW_ENFORCEMENT, DutyKind.CONTROLLER): "DPA 2018 s.67(9)",
}
# What the notice has to hold.
CONTENT_LAW = {Regime.UK_GDPR: "UK GDPR art. 33(3)", Regime.LAW_ENFORCEMENT: "DPA 2018 s.67(4)"}
UNLESS_UNLIKELY = {Regime.UK_GDPR: "UK GDPR art. 33(1)", Regime.LAW_ENFORCEMENT: "DPA 2018 s.67(2)"}

# Bodies whose ordinary purpose is law enforcement; the purpose of the sharing can say otherwise, for any body.
LAW_ENFORCEMENT_KINDS = frozenset({"police", "prison"})


class LateWithoutReasons(Refused):
    def __init__(self, due: str) -> None:
        super().__init__(
            f"That is later than 72 hours after becoming aware ({due}): the reasons for the delay have to accompany "
            "the notice (UK GDPR art. 33(1); DPA 2018 s.67(3)). Say why it is late (`--late-because`)."
        )


def regime_for(kind: str) -> Regime:
    """The regime that a kind of party is under, where nobody has said which purpose the data served."""
    return Regime.LAW_ENFORCEMENT if kind in LAW_ENFORCEMENT_KINDS else Regime.UK_GDPR


def law_of(regime: Regime, kind: DutyKind) -> str:
    """Where the duty is written; partners are told under the protocol's own clock."""
    return LAW.get((regime, kind), "the protocol")


def duties_of(capacity: Capacity) -> tuple[DutyKind, ...]:
    """The rows that a follow-up has, one for each duty that has to be answered."""
    if capacity is Capacity.PROCESSOR:
        return (DutyKind.CONTROLLER, DutyKind.PARTNERS)
    return (DutyKind.REGULATOR, DutyKind.PEOPLE, DutyKind.PARTNERS)


def notice_due(aware_at: datetime, zone: ZoneInfo = LONDON) -> Due:
    """72 elapsed hours from becoming aware. At that very instant it is still in time."""
    return deadline(Period(NOTICE_HOURS * 60, Unit.MINUTES), aware_at, zone=zone)


def needs_awareness(risk: Risk, capacity: Capacity = Capacity.CONTROLLER) -> bool:
    """Whether something has to be told because of the conclusion, so that it must be known since when."""
    return risk.at_least(Risk.UNLIKELY if capacity is Capacity.PROCESSOR else Risk.LIKELY)


def required_by(risk: Risk, regime: Regime, capacity: Capacity = Capacity.CONTROLLER) -> dict[DutyKind, Decision]:
    """What follows from a person's conclusion for each duty that hangs on it."""
    no = "no personal data of living people is concerned: logged, nobody has to be told"
    if capacity is Capacity.PROCESSOR:
        told = (False, no) if risk is Risk.NOT_PERSONAL else (True, because_processor(regime))
        return {DutyKind.CONTROLLER: told}
    notice, people = LAW[regime, DutyKind.REGULATOR], LAW[regime, DutyKind.PEOPLE]
    match risk:
        case Risk.NOT_PERSONAL:
            return {DutyKind.REGULATOR: (False, no), DutyKind.PEOPLE: (False, no)}
        case Risk.UNLIKELY:
            unlikely = "a risk to people is unlikely ({}): documented, nobody has to be told"
            return {
                DutyKind.REGULATOR: (False, unlikely.format(UNLESS_UNLIKELY[regime])),
                DutyKind.PEOPLE: (False, unlikely.format(f"{people}(1)")),
            }
        case Risk.LIKELY:
            return {
                DutyKind.REGULATOR: (True, f"a risk to people is likely ({notice}(1))"),
                DutyKind.PEOPLE: (False, f"the risk to people is not high ({people}(1))"),
            }
        case Risk.HIGH:
            return {
                DutyKind.REGULATOR: (True, f"a high risk to people is likely ({notice}(1))"),
                DutyKind.PEOPLE: (True, f"a high risk to people is likely ({people}(1))"),
            }


def stood_before(risk: Risk | None, regime: Regime, capacity: Capacity) -> dict[DutyKind, Decision]:
    """What the law said of the risk concluded before; before the first conclusion, what it says whatever the risk."""
    if risk is not None:
        return required_by(risk, regime, capacity)
    return {DutyKind.CONTROLLER: (True, because_processor(regime))} if capacity is Capacity.PROCESSOR else {}


def because_processor(regime: Regime) -> str:
    law = LAW[regime, DutyKind.CONTROLLER]
    return f"a processor tells its controller without undue delay, whatever the risk ({law})"


def doubts(risk: Risk, band: Band | None, personal_data: bool | None = None) -> tuple[str, ...]:
    """Where the conclusion and what is known look contradictory. Never a refusal: the conclusion is a person's."""
    found = []
    if band is not None and band.at_least(Band.HIGH) and not risk.at_least(Risk.LIKELY):
        found.append(f"The severity is {band}, and the conclusion is “{risk}”: look again whether both are right.")
    if band is Band.LOW and risk is Risk.HIGH:
        found.append("The severity is low, and the conclusion is “high”: look again whether both are right.")
    if personal_data is True and risk is Risk.NOT_PERSONAL:
        found.append("The facts say that personal data of living people is concerned: one of the two is wrong.")
    return tuple(found)
