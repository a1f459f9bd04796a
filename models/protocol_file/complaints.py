"""How complaints are answered: clocks by kind, who reads a determination again, when numbers raise a question.

What the document says of complaints is in `policies`; the law's thirty days hold for every protocol
(Data Protection Act 2018, section 164A). The rest are choices of whoever runs it.
"""

from typing import Annotated, Literal

from pydantic import ConfigDict, Field, PlainValidator

from models.protocol_file.values import DAYS, Model, Window, wrong
from rules.complaint import ComplaintKind
from rules.errors import Refused
from rules.periods import Unit, parse_period

LAW_DAYS = 30  # to acknowledge: DPA 2018 s.164A(3)


def _window_or_none(value: object) -> str | None:
    if value in (None, "none"):
        return None
    if isinstance(value, str) and _is_window(value):
        return value
    raise wrong("a period such as P1M, P30D or '10 working days', or 'none'")


def _is_window(text: str) -> bool:
    try:
        return parse_period(text).unit in DAYS
    except Refused:
        return False


WindowIfAny = Annotated[str | None, PlainValidator(_window_or_none)]
Times = Annotated[int, Field(ge=1, le=1000)]


class KindPolicy(Model):
    """`acknowledgement` none: it is not acknowledged, or, of a kind that the Act knows, by the window of that name."""

    acknowledgement: WindowIfAny = None
    progress: WindowIfAny = None  # how often whoever complained hears how far it is
    analysis: Window = "P1M"  # a target: no law says by when the outcome is told
    second_reader: bool = False


class Kinds(Model):
    model_config = ConfigDict(serialize_by_alias=True)

    disclosure: KindPolicy = KindPolicy(progress="P1M", analysis="P3M")
    person: KindPolicy = KindPolicy(progress="P1M", analysis="P3M")
    partner_non_compliance: KindPolicy = Field(
        default=KindPolicy(acknowledgement="10 working days"), alias="partner non-compliance"
    )
    practitioner_concern: KindPolicy = Field(
        default=KindPolicy(acknowledgement="10 working days"), alias="practitioner concern"
    )
    partner_disagreement: KindPolicy = Field(
        default=KindPolicy(acknowledgement="10 working days", second_reader=True), alias="partner disagreement"
    )

    def of(self, kind: ComplaintKind) -> KindPolicy:
        policy: KindPolicy = getattr(self, kind.value.replace(" ", "_").replace("-", "_"))
        return policy


def within_the_law(period: str) -> bool:
    """Thirty days are days: twenty working days may end on the thirty-fifth, a month on the thirty-first."""
    parsed = parse_period(period)
    return parsed.unit is Unit.DAYS and parsed.count <= LAW_DAYS


class Thresholds(Model):
    """When determinations, counted back from a day, raise a question for the review."""

    within: Window = "P1Y"
    clause_parties: Times = 3  # parties that broke one clause
    clause_times: Times = 5  # breakdowns of one clause
    party_times: Times = 5  # breakdowns at one party
    late_acknowledgements: Times = 3  # at one party


class ComplaintsPolicy(Model):
    kinds: Kinds = Kinds()
    paper: Literal["monthly", "quarterly"] = "monthly"  # the steering group's
    signals: Thresholds = Thresholds()
