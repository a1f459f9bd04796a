"""What an engine has to know and the document does not say: choices of its operator, not of the partners."""

from pydantic import ConfigDict, Field

from models.obligation import ObligationKind
from models.protocol_file import ladders as usual
from models.protocol_file.complaints import ComplaintsPolicy, KindPolicy
from models.protocol_file.ladders import LadderPolicy
from models.protocol_file.values import Hours, Model, Window
from rules.complaint import STATUTORY, ComplaintKind
from rules.ladders import Ladder
from rules.periods import Period, parse_period


class Windows(Model):
    """How long somebody has, where the protocol sets no date. `acknowledgement`: DPA 2018 s.164A(3).

    Those with a usual value are not in the files and rows of before breaches were followed up.
    """

    extraordinary_feedback: Window
    drafting: Window
    advice: Window
    decision: Window
    signing: Window
    confirmation: Window
    adoption: Window  # a successor that is asked to adopt
    acknowledgement: Window
    hold_review: Window = "10 working days"  # until somebody looks again whether letters must still wait
    learning: Window = "P1M"
    local_action: Window = "P3M"
    step: Window = "10 working days"  # of a procedure that gives it no limit
    second_reading: Window = "10 working days"  # of a determination
    recheck: Window = "P1M"  # to say whether a new version would cover an earlier complaint


class Allowances(Model):
    """When Concordat asks again about what has no figure in law or procedure. Nobody's deadline, and never one."""

    assessment: Hours = "PT24H"  # whether the breach concerns the party, and since when it has been aware
    immediately: Hours = "PT1H"
    undue_delay: Hours = "PT24H"


class Ladders(Model):
    """One for each kind of obligation. Rows hold them as files do, under the kind's own name."""

    model_config = ConfigDict(serialize_by_alias=True)

    feedback: LadderPolicy
    drafting: LadderPolicy
    advice: LadderPolicy
    decision: LadderPolicy
    signature: LadderPolicy
    confirmation: LadderPolicy
    implementation: LadderPolicy
    assessment: LadderPolicy = usual.ASSESSMENT
    step: LadderPolicy = usual.STEP
    notice: LadderPolicy = usual.NOTICE
    telling_people: LadderPolicy = Field(default=usual.TELLING_PEOPLE, alias="telling people")
    telling_partners: LadderPolicy = Field(default=usual.TELLING_PARTNERS, alias="telling partners")
    hold: LadderPolicy = usual.HOLD
    learning: LadderPolicy = usual.LEARNING
    local_action: LadderPolicy = Field(default=usual.LOCAL_ACTION, alias="local action")
    acknowledgement: LadderPolicy = usual.ACKNOWLEDGEMENT
    progress: LadderPolicy = usual.PROGRESS
    analysis: LadderPolicy = usual.ANALYSIS
    second_reading: LadderPolicy = Field(default=usual.SECOND_READING, alias="second reading")
    recheck: LadderPolicy = usual.RECHECK


class Operating(Model):
    windows: Windows
    allowances: Allowances = Allowances()
    ladders: Ladders
    complaints: ComplaintsPolicy = ComplaintsPolicy()

    def window(self, name: str) -> Period:
        """How long somebody has for that; `name` is a field of Windows."""
        return parse_period(getattr(self.windows, name))

    def of_complaints(self, kind: ComplaintKind) -> KindPolicy:
        """The kind's clocks; of one that the Act knows, its window to acknowledge where it has none of its own."""
        policy = self.complaints.kinds.of(kind)
        if kind in STATUTORY and policy.acknowledgement is None:
            return policy.model_copy(update={"acknowledgement": self.windows.acknowledgement})
        return policy

    def ladder(self, kind: ObligationKind) -> Ladder:
        """The ladder that an obligation of this kind is reminded by."""
        policy: LadderPolicy = getattr(self.ladders, kind.value.replace(" ", "_"))
        return Ladder(kind.value, policy.at, tuple(rung.rung() for rung in policy.rungs))
