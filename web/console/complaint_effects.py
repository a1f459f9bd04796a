"""What follows from a finding. It binds a party or the protocol, so whoever decides records it."""

from collections.abc import Mapping, Sequence
from datetime import date

from pydantic import BaseModel, model_validator
from sqlmodel import col, select

from actions.cast import NotThere, known_id
from actions.complaints.following_up import act_locally, change_nothing, finish_action, open_breach, open_gap
from actions.complaints.moving import protocol_of
from actions.gaps.keeping import open_gaps
from models.complaint import Complaint
from models.gap import Gap
from models.obligation import Obligation, ObligationKind
from models.protocol import Clause, Protocol
from rules.sentences import written_day
from web.answers_together import faults
from web.console.complaint_places import MENU, about_finding, finding_of, of_finding, page_of
from web.declaring import DECIDES, WORKS, Act, Asked, Done
from web.fields import day, pick, tick, words
from web.waking import wake_breach


class Locally(BaseModel):
    words: str = words("What does the party put in place?", missing="Say what the party puts in place", rows=4)
    due_on: date | None = day("By when?", optional=True, hint="Leave it empty for the protocol’s own time.")


class AsBreach(BaseModel):
    words: str = words(
        "What happened?", missing="Say what happened", rows=4, hint="In a sentence or two, without names of people."
    )


class AsGap(BaseModel):
    join: str | None = pick("Is the gap known already?", optional=True, hint="Leave it empty to open a new one.")
    words: str | None = words(
        "What is wanting in the protocol?", optional=True, rows=4,
        hint="Needed for a new gap. Without names of people.",
    )  # fmt: skip
    clause: str | None = pick("Under which clause?", optional=True, hint="Leave it empty for the finding’s own.")
    urgent: bool = tick("It cannot wait for the next annual review", optional=True)

    @model_validator(mode="after")
    def _known_or_said(self) -> "AsGap":
        if not self.join and not self.words:
            raise faults({"words": "Say what is wanting in the protocol, or choose a gap that is known"})
        return self


class Nothing(BaseModel):
    because: str = words("Why does nothing change?", missing="Say why nothing changes", rows=4)


class InPlace(BaseModel):
    outcome: str = words("What was put in place?", missing="Say what was put in place", rows=4)


def _act_locally(asked: Asked, given: Locally) -> Done:
    effect = act_locally(
        asked.session, asked.now, known_id(finding_of(asked)), given.words, asked.caller.by, given.due_on
    )
    duty = asked.session.get_one(Obligation, effect.obligation_id)
    return Done(
        sentence=f"It is owed by {written_day(duty.due_on)}.", to=page_of(effect.complaint_id),
        facts={"complaint": effect.complaint_id, "obligation": duty.id, "due_on": duty.due_on},
    )  # fmt: skip


def _open_breach(asked: Asked, given: AsBreach) -> Done:
    effect = open_breach(asked.session, asked.now, known_id(finding_of(asked)), given.words, asked.caller.by)
    number = effect.breach_id
    return Done(
        sentence=f"It goes on as breach {number}, too.", to=page_of(effect.complaint_id),
        facts={"complaint": effect.complaint_id, "breach": number},
        wakes=(lambda: wake_breach(number)) if number is not None else None,
    )  # fmt: skip


def _open_gap(asked: Asked, given: AsGap) -> Done:
    """A gap that is known has words of its own."""
    joined = asked.session.get(Gap, int(given.join)) if given.join else None
    if given.join and joined is None:
        raise NotThere(f"There is no gap {given.join}.")
    said = given.words or (joined.words if joined else "")
    effect = open_gap(
        asked.session, asked.now, known_id(finding_of(asked)), said, asked.caller.by, given.clause,
        known_id(joined) if joined else None, given.urgent,
    )  # fmt: skip
    how = "joins" if joined else "is an origin of"
    return Done(
        sentence=f"The complaint {how} gap {effect.gap_id}, which is on the agenda of the next review.",
        to=page_of(effect.complaint_id), facts={"complaint": effect.complaint_id, "gap": effect.gap_id},
    )  # fmt: skip


def _nothing(asked: Asked, given: Nothing) -> Done:
    finding = finding_of(asked)
    change_nothing(asked.session, asked.now, known_id(finding), asked.caller.by, given.because)
    return Done(
        sentence=f"Recorded: nothing changes after finding {finding.id}, and why.", to=page_of(finding.complaint_id),
        facts={"complaint": finding.complaint_id, "finding": finding.id},
    )  # fmt: skip


def _protocol(asked: Asked) -> Protocol:
    return protocol_of(asked.session, asked.session.get_one(Complaint, finding_of(asked).complaint_id))


def _gap_choices(asked: Asked) -> Mapping[str, Sequence[tuple[str, str]]]:
    protocol = _protocol(asked)
    keys = asked.session.exec(
        select(Clause.key).where(Clause.protocol_id == protocol.id).order_by(col(Clause.position))
    )
    return {
        "join": [(str(gap.id), f"Gap {gap.id}: {gap.words[:80]}") for gap in open_gaps(asked.session, protocol)],
        "clause": [(key, key) for key in keys],
    }  # fmt: skip


def _local_action(asked: Asked) -> Obligation:
    """Raises NotThere."""
    duty = asked.session.get(Obligation, asked.place["obligation"])
    if duty is None or duty.kind is not ObligationKind.LOCAL_ACTION or not duty.case.startswith("complaint:"):
        raise NotThere(f"There is no local action {asked.place['obligation']} after a complaint.")
    return duty


def _about_action(asked: Asked, _given: object) -> Mapping[str, object]:
    complaint = int(_local_action(asked).case.partition(":")[2])
    return {"complaint": complaint, "case_page": page_of(complaint)}


def _finish(asked: Asked, given: InPlace) -> Done:
    duty = _local_action(asked)
    finish_action(asked.session, asked.now, known_id(duty), asked.caller.by, given.outcome)
    complaint = int(duty.case.partition(":")[2])
    facts = {"complaint": complaint, "obligation": duty.id}
    return Done(sentence="Recorded: it is in place.", to=page_of(complaint), facts=facts)


TEMPLATE = "console/complaint_act.html"
ACTS = (
    Act(path="/console/findings/{finding}/action", title="Have the party put something in place", who=DECIDES,
        fields=Locally, do=_act_locally, before=about_finding, button="Record it", template=TEMPLATE,
        title_of=of_finding("Have the party put something in place"), command="complaint action", in_menu=MENU,
        words="The party owes it from now on, also after the complaint is closed, and is told so."),
    Act(path="/console/findings/{finding}/breach", title="Follow it up as a breach", who=DECIDES, fields=AsBreach,
        do=_open_breach, before=about_finding, button="Open the breach", template=TEMPLATE, grave=True,
        title_of=of_finding("Follow it up as a breach"), command="complaint breach", in_menu=MENU,
        words="A follow-up begins at the party whose doing it was, with the law’s clocks."),
    Act(path="/console/findings/{finding}/gap", title="Open or join a gap", who=DECIDES, fields=AsGap, do=_open_gap,
        choices=_gap_choices, before=about_finding, button="Record the gap", template=TEMPLATE,
        title_of=of_finding("Open or join a gap"), command="complaint gap", in_menu=MENU,
        words="The protocol is wanting: the next review has it on its agenda."),
    Act(path="/console/findings/{finding}/nothing", title="Say why nothing changes", who=DECIDES, fields=Nothing,
        do=_nothing, before=about_finding, button="Record it", template=TEMPLATE,
        title_of=of_finding("Say why nothing changes"), command="complaint nothing", in_menu=MENU,
        words="That is an answer too. It is said where nothing follows, never beside a change."),
    Act(path="/console/complaints/local-actions/{obligation:int}/done", title="Record that it is in place", who=WORKS,
        fields=InPlace, do=_finish, before=_about_action, button="It is in place", template=TEMPLATE,
        command="complaint done", in_menu=MENU),
)  # fmt: skip
