"""How each clock was counted, in a sentence that a person can check on a paper calendar."""

from sqlmodel import Session

from actions.breaches.moving import protocol_of
from actions.breaches.shown_party import FollowUpView
from actions.breaches.step_limits import due_of_limit
from actions.breaches.steps import standing_of
from actions.policy import zone_of
from models.breach import Breach, FollowUp
from rules.breach_duties import Capacity, notice_due

EXTENDED = "The time was set anew since: it was extended, or belongs to an earlier round."


def how_counted(session: Session, breach: Breach, follow_up: FollowUp, view: FollowUpView) -> dict[str, str]:
    """By the step's id; under “notice” the law's 72 hours, which a processor has not."""
    standing, counted = standing_of(session, breach, follow_up), dict[str, str]()
    for step, duty in standing.owed.items():
        limit = standing.views[step].limit
        due = due_of_limit(session, duty.opened_at, breach, follow_up, limit, standing.moments)
        if due is not None:
            counted[step] = due.because if due.due == (duty.counted_to or duty.due_on) else EXTENDED
    if view.awareness is not None and follow_up.capacity is Capacity.CONTROLLER:
        counted["notice"] = notice_due(view.awareness.aware_at, zone_of(protocol_of(session, breach))).because
    return counted
