"""One message of every class, as the Bedfordshire parties would get it in 2027."""

import hashlib
from datetime import UTC, date, datetime
from typing import Any

from notifications import messages as say

PROTOCOL = "Bedfordshire information sharing protocol"
POLICE = "Bedfordshire Police"
REVIEW_ON = date(2027, 3, 31)
SHA256 = hashlib.sha256(b"version 5.0").hexdigest()
CLAUSES = (
    ("7-consent", "Consent"),
    ("7-need-to-know", "Need to know"),
    ("12-security", "Security"),
    ("13-breaches", "Breaches"),
    ("14-monitoring", "Monitoring and review of the protocol"),
)
CHANGES = (
    (
        "12-security",
        "Information is sent only to an address known to belong to the person who needs it.",
        "Information is sent only to an address known to belong to the person who needs it. Before the first "
        "message to a shared mailbox, the sender checks by telephone who can read it.",
    ),
    ("13-breaches", "", "A party tells the partners concerned of a breach within two working days."),
)


def _to(party: str | None, role: str) -> dict[str, Any]:
    return {
        "protocol": PROTOCOL,
        "party": party,
        "role": role,
        "secretary": "secretary@isp-bedfordshire.example",
        "reference": "review:12",
    }


LEAD = _to(POLICE, "lead member")
DEPUTY = _to(POLICE, "deputy")
SECRETARY = _to(None, "secretary")
ADVISER = _to(None, "adviser")


def _duty(kind: str, due_on: date, what: str, party: str = POLICE, overdue: bool = False) -> say.Duty:
    return say.Duty(kind=kind, party=party, due_on=due_on, overdue=overdue, what=what)


SEND_FEEDBACK = "send feedback on the protocol, or say that you have no comments"
SIGN = "sign the new version, or say why you decline"
FEEDBACK = _duty("feedback", REVIEW_ON, SEND_FEEDBACK)
FEEDBACK_OVERDUE = _duty("feedback", REVIEW_ON, SEND_FEEDBACK, "Central Bedfordshire Council", overdue=True)
SIGNATURE = _duty("signature", date(2027, 7, 30), SIGN)
SIGNATURE_OVERDUE = _duty("signature", date(2027, 5, 28), SIGN, overdue=True)
IMPLEMENTATION = _duty("implementation", date(2027, 10, 1), "put in place what was “not yet” in your confirmation")
DRAFTING = _duty(
    "drafting", date(2027, 4, 16), "group the proposals and mark each minor or major", "the steering group"
)
DECISION = _duty("decision", date(2027, 6, 30), "record what the steering group decided", "the steering group")

EXAMPLES: tuple[say.Message, ...] = (
    say.FeedbackInvited(
        **LEAD,
        review_on=REVIEW_ON,
        due_on=REVIEW_ON,
        extraordinary=False,
        reasons=("The annual review is due (protocol §14).",),
        clauses=CLAUSES,
    ),
    say.ReviewReasonAdded(
        **LEAD,
        reason="The Data (Use and Access) Act 2025 changes how complaints must be handled from 19 June 2026.",
        due_on=REVIEW_ON,
        already_answered=False,
    ),
    say.DutyReminder(**LEAD, duties=(FEEDBACK,)),
    say.DutyEscalatedToDeputy(**DEPUTY, duties=(SIGNATURE_OVERDUE,)),
    say.DutiesEscalatedToSecretary(**SECRETARY, duties=(FEEDBACK, FEEDBACK_OVERDUE)),
    say.FeedbackReceived(**LEAD, no_comments=False, proposals=2, due_on=REVIEW_ON, on_behalf=True),
    say.FeedbackClosedUnanswered(**LEAD, due_on=REVIEW_ON),
    say.FeedbackSummary(
        **SECRETARY,
        answered=(POLICE, "Luton Borough Council", "Bedfordshire Fire and Rescue Service"),
        silent=("Central Bedfordshire Council",),
        unreachable=("HCRG Care Group",),
        still_open=("Bedfordshire Prison Service",),
        proposals=4,
        due_on=date(2027, 4, 30),
        next_commands=(
            "concordat review show 12",
            "concordat review classify 12 --proposal 7 --major --because …",
        ),
    ),
    say.AdviceRequested(
        **ADVISER,
        proposal=7,
        clause="7-consent",
        current="Consent is sought wherever it is practicable.\nIt is recorded.",
        proposed="Consent is sought where no other lawful basis applies.\nIt is recorded, with its date.",
        why_major="It changes the lawful basis on which most of the sharing rests.",
        due_on=date(2027, 5, 14),
    ),
    say.AdviceReceived(**SECRETARY, proposal=7, clause="7-consent", waived=False),
    say.SignatureRequested(
        **LEAD,
        version="5.0",
        sha256=SHA256,
        declaration="We agree to share personal information only as the protocol says, and to follow its "
        "procedures for breaches and complaints.",
        changes=CHANGES,
        due_on=date(2027, 7, 30),
    ),
    say.SignatureRecorded(
        **LEAD,
        version="5.0",
        sha256=SHA256,
        position="Chief Constable",
        signed_on=date(2027, 6, 2),
        on_behalf=True,
    ),
    say.SignatureDeclined(
        **SECRETARY,
        about_party="Cambridgeshire Community Services NHS Trust",
        version="5.0",
        why="Clause 13-breaches: our board has agreed five working days with its regulator, not two.",
    ),
    say.VersionAnnounced(**LEAD, version="4.3", sha256=SHA256, changes=CHANGES[:1], in_force_from=date(2027, 5, 3)),
    say.VersionAdopted(
        **LEAD,
        version="5.0",
        sha256=SHA256,
        in_force_for=14,
        parties=17,
        declined=("Cambridgeshire Community Services NHS Trust",),
        next_review_on=date(2028, 3, 31),
    ),
    say.ConfirmationRequested(
        **LEAD,
        version="5.0",
        items=(
            ("staff-trained", "Have staff who share information been trained on the protocol?"),
            ("breach-procedure", "Is there a written procedure for breaches, and is it known?"),
        ),
        due_on=date(2027, 9, 30),
    ),
    say.ConfirmationReceived(
        **LEAD,
        version="5.0",
        answered=2,
        items_total=2,
        not_yet=(("Have staff who share information been trained on the protocol?", date(2027, 10, 1)),),
    ),
    say.DutyExtended(**LEAD, duty=SIGNATURE, previous_due_on=date(2027, 5, 28), because="The board meets on 22 July."),
    say.DutyWaived(**LEAD, duty=IMPLEMENTATION, because="The force trains all staff every year anyway."),
    say.DutyDelegated(
        **DEPUTY,
        duty=FEEDBACK,
        to_role="deputy",
        because="The lead member is on leave until 5 April.",
        is_delegate=True,
    ),
    say.ReviewConcludedUnchanged(**LEAD, review_on=REVIEW_ON, next_review_on=date(2028, 3, 31)),
    say.ReviewCancelled(**LEAD, because="It was opened by mistake; the annual review goes on."),
    say.SuccessorAskedToAdopt(
        **_to("Bedfordshire Hospitals NHS Foundation Trust", "lead member"),
        predecessor="Bedfordshire NHS Hospital Trust",
        successor="Bedfordshire Hospitals NHS Foundation Trust",
        happened="1 April 2020",
        version="4.2",
        sha256=None,
        due_on=date(2027, 1, 29),
    ),
    say.AddressBounced(
        **SECRETARY,
        address="lead.member@virgin-care.example",
        about_party="HCRG Care Group",
        said="550 5.1.1 <lead.member@virgin-care.example>: Recipient address rejected: user unknown",
        command="concordat contact correct virgin-health lead-member ADDRESS",
    ),
    say.SweepAlarm(
        **(SECRETARY | {"reference": "sweep"}),
        last_ended_at=datetime(2027, 3, 4, 18, 5, tzinfo=UTC),
        silent_for_hours=81,
    ),
)

# The other sides of messages that speak differently by case.
VARIANTS: tuple[say.Message, ...] = (
    say.FeedbackInvited(
        **LEAD,
        review_on=REVIEW_ON,
        due_on=REVIEW_ON,
        extraordinary=True,
        reasons=(
            "A serious breach showed that clause 12 does not cover shared mailboxes.",
            "Schedule 4 changed.",
        ),
        clauses=(),
    ),
    say.ReviewReasonAdded(**LEAD, reason="A gap in clause 12 is urgent.", due_on=REVIEW_ON, already_answered=True),
    say.DutyReminder(**LEAD, duties=(FEEDBACK, SIGNATURE_OVERDUE, IMPLEMENTATION)),
    say.DutyReminder(**LEAD, duties=(SIGNATURE_OVERDUE,)),
    say.DutyReminder(
        **SECRETARY,
        duties=(DRAFTING,),
    ),
    say.DutyEscalatedToDeputy(**DEPUTY, duties=(FEEDBACK, SIGNATURE)),
    say.DutiesEscalatedToSecretary(**SECRETARY, duties=(FEEDBACK_OVERDUE,)),
    say.FeedbackReceived(**LEAD, no_comments=True, proposals=0, due_on=REVIEW_ON, on_behalf=False),
    say.FeedbackReceived(**LEAD, no_comments=False, proposals=0, due_on=REVIEW_ON, on_behalf=False),
    say.FeedbackSummary(
        **SECRETARY,
        answered=(),
        silent=(),
        unreachable=(),
        still_open=(),
        proposals=0,
        due_on=date(2027, 4, 30),
        next_commands=(),
    ),
    say.AdviceRequested(
        **ADVISER,
        proposal=8,
        clause="16-artificial-intelligence",
        current="",
        proposed="No decision about a person is made by a machine alone.",
        why_major="It is a new clause.",
        due_on=date(2027, 5, 14),
    ),
    say.SignatureRequested(
        **LEAD,
        version="5.1",
        sha256=SHA256,
        declaration="We adopt version 5.1.",
        changes=CHANGES,
        due_on=date(2027, 7, 30),
        replaces="5.0",
    ),
    say.AdviceReceived(**SECRETARY, proposal=8, clause="16-artificial-intelligence", waived=True),
    say.SignatureRecorded(
        **LEAD,
        version="5.0",
        sha256=SHA256,
        position="Chief Constable",
        signed_on=date(2027, 6, 2),
        on_behalf=False,
    ),
    say.VersionAdopted(
        **LEAD, version="5.0", sha256=SHA256, in_force_for=17, parties=17, declined=(), next_review_on=None
    ),
    say.VersionAdopted(
        **LEAD,
        version="5.0",
        sha256=SHA256,
        in_force_for=16,
        parties=17,
        declined=(POLICE,),
        next_review_on=date(2028, 3, 31),
    ),
    say.ConfirmationReceived(**LEAD, version="5.0", answered=8, items_total=11, not_yet=()),
    say.DutyExtended(
        **SECRETARY,
        duty=DECISION,
        previous_due_on=date(2027, 5, 31),
        because="The May meeting was cancelled.",
    ),
    say.DutyDelegated(
        **LEAD,
        duty=FEEDBACK,
        to_role="deputy",
        because="The lead member is on leave until 5 April.",
        is_delegate=False,
    ),
    say.ReviewConcludedUnchanged(**LEAD, review_on=REVIEW_ON, next_review_on=None),
    say.SuccessorAskedToAdopt(
        **_to("HCRG Care Group", "lead member"),
        predecessor="Virgin Health",
        successor="HCRG Care Group",
        happened="December 2021",
        version="5.0",
        sha256=SHA256,
        due_on=date(2027, 11, 30),
    ),
    say.SweepAlarm(**(SECRETARY | {"reference": "sweep"}), last_ended_at=None, silent_for_hours=0),
)
