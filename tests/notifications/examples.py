"""One message of every class, as the Bedfordshire parties would get it in 2027."""

import hashlib
from datetime import UTC, date, datetime
from typing import Any

from notifications import messages as say
from rules.instants import LONDON

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


def _to(party: str | None, role: str, reference: str = "review:12") -> dict[str, Any]:
    return {
        "protocol": PROTOCOL,
        "party": party,
        "role": role,
        "secretary": "secretary@isp-bedfordshire.example",
        "reference": reference,
    }


LEAD = _to(POLICE, "lead member")
DEPUTY = _to(POLICE, "deputy")
SECRETARY = _to(None, "secretary")
ADVISER = _to(None, "adviser")
ASSISTANT = _to(None, "assistant")
CODE_UNTIL = datetime(2027, 7, 19, 14, 30, tzinfo=UTC)


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

# A breach of which the police became aware on Friday 23 October 2026 at 16:20 BST: 72 hours end on Monday 15:20 GMT.
BREACH = "breach:3"
OFFICER = _to(POLICE, "data protection officer", BREACH)
LIMIT = datetime(2026, 10, 26, 15, 20, tzinfo=UTC)
NOTIFY = "notify the Information Commissioner of the breach, or record why that is not required"


def _exact(kind: str, what: str, due_at: datetime, left: str, party: str = POLICE) -> say.Duty:
    overdue = left.startswith("overdue")
    day = due_at.astimezone(LONDON).date()
    return say.Duty(kind=kind, party=party, due_on=day, overdue=overdue, what=what, due_at=due_at, left=left)


NOTICE = _exact("notice", NOTIFY, LIMIT, "2 days and 3 hours left")
NOTICE_OVERDUE = _exact("notice", NOTIFY, LIMIT, "overdue by 2 hours")
STEP = _exact(
    "step", "lock the account from which the file was sent", datetime(2026, 10, 24, 22, 30, tzinfo=UTC),
    "40 minutes left",
)  # fmt: skip
STEP_AT_NIGHT = _exact(
    "step", "ask the recipient to delete the file", datetime(2026, 10, 25, 1, 30, tzinfo=UTC), "one hour left"
)
TELLING = _exact(
    "telling people", "tell the people concerned without undue delay, or record why that is not required", LIMIT,
    "overdue by less than one minute",
)  # fmt: skip
AT_ONCE = say.Duty(
    kind="step", party=POLICE, due_on=date(2026, 10, 23), overdue=False, what="contain the breach at once",
    asked_at=datetime(2026, 10, 23, 15, 20, tzinfo=UTC),
)  # fmt: skip
PARTNERS = _exact("telling partners", "tell the partners concerned of the breach", LIMIT, "due now")
LATER_THAT_DAY = _duty("local action", date(2026, 10, 24), "change the lists of recipients")
EXTENDED_STEP = _duty("step", date(2026, 10, 26), "ask the recipient to delete the file")

# The same breach, as those hear of it who follow it up.
COUNCIL = "Central Bedfordshire Council"
FRIDAY = datetime(2026, 10, 23, 15, 20, tzinfo=UTC)
COUNTED = (
    "72 elapsed hours from Friday 23 October 2026 16:20 BST end on Monday 26 October 2026 15:20 GMT, because the "
    "clocks go back on Sunday 25 October."
)
COORDINATOR = _to(COUNCIL, "breach coordinator", BREACH)
BREACH_SECRETARY = _to(None, "secretary", BREACH)


def _about(party: str, why: str) -> dict[str, Any]:
    return {
        "breach": 3,
        "references": ("BR-2026-7K3Q9M",),
        "about_party": party,
        "why_you": f"You get this because {why}.",
    }


AS_COORDINATOR = COORDINATOR | _about(COUNCIL, f"you are the breach coordinator of {COUNCIL}")
AS_OFFICER = OFFICER | _about(POLICE, f"the procedure of {POLICE} gives this to the data protection officer")
INSTEAD = BREACH_SECRETARY | _about(
    "HCRG Care Group", "nobody at HCRG Care Group can be reached who could act as its breach coordinator"
)
CONTAIN = say.StepAsked(what="contain the breach", taken_by="member of staff", asked=None, instead="at once")
TELL_OFFICER = say.StepAsked(
    what="tell the data protection officer",
    taken_by="line manager",
    asked=None,
    due_at=datetime(2026, 10, 24, 15, 20, tzinfo=UTC),
    left="one day left",
    how_counted="24 elapsed hours from Friday 23 October 2026 16:20 BST end on Saturday 24 October 2026 16:20 BST, "
    "every hour counted, those of nights, weekends and holidays too. The procedure counts from when it was detected.",
)
INVESTIGATE = say.StepAsked(
    what="investigate the cause",
    taken_by="data protection officer",
    asked="data protection officer",
    due_on=date(2026, 10, 30),
    how_counted="5 working days in England from Friday 23 October 2026, that day not counted, end on Friday "
    "30 October 2026, passing over the weekend. The procedure counts from when the party was notified.",
    evidence="the report's number",
    advised_by=("Caldicott Guardian",),
    inform=("senior information risk owner", "sharing partners"),
    note="As deep as the harm asks for.",
)
LATE = say.StepAsked(
    what="tell the senior information risk owner",
    taken_by="data protection officer",
    asked=None,
    due_at=datetime(2026, 10, 23, 9, tzinfo=UTC),
    overdue=True,
    left="overdue by 6 hours and 20 minutes",
)
LATE_DAY = say.StepAsked(
    what="log the incident", taken_by="data protection officer", asked=None, due_on=date(2026, 10, 22), overdue=True
)
UNKNOWN_YET = say.StepAsked(
    what="brief the chief officer",
    taken_by="data protection officer",
    asked=None,
    instead="the time counts from when the party became aware, which nobody has recorded yet",
)
ASSESS = "assess the breach: what it concerns, how serious it is, and since when you have known"
ASSESSMENT = _exact("assessment", ASSESS, datetime(2026, 10, 24, 15, 20, tzinfo=UTC), "one day left", COUNCIL)
LOCAL_ACTION = _duty("local action", date(2026, 12, 18), "put in place what was agreed after the breach", COUNCIL)

# A complaint about the council, as those hear of it who answer it.
HANDLER = _to(COUNCIL, "complaint handler", "complaint:12")
COMPLAINT_SECRETARY = _to(None, "secretary", "complaint:12")
ACKNOWLEDGE = _duty("acknowledgement", date(2026, 12, 29), "acknowledge the complaint, or answer it", COUNCIL)
THIRTY_DAYS = (
    "30 days from Wednesday 25 November 2026, that day not counted, end on Friday 25 December 2026; it goes forward to "
    "the next working day, Tuesday 29 December 2026, because Friday 25 December is not a working day in England and "
    "Wales."
)

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
        gaps=3,
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
    say.DeclineRecorded(
        **LEAD, version="5.0", why="Our board has agreed five working days with its regulator.", on_behalf=True
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
        confirmed_by="lead member",
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
    say.RequestRefused(
        **LEAD,
        asked="more time",
        until=date(2027, 4, 30),
        duty=FEEDBACK,
        because="The steering group meets on 12 April and needs your answer.",
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
    say.ComplaintAsked(
        **HANDLER,
        complaint=12,
        kind="person",
        about_party=COUNCIL,
        received_on=date(2026, 11, 25),
        referred=1,
        duty=ACKNOWLEDGE,
        how_counted=THIRTY_DAYS,
        why_you=f"You get this because you are the complaint handler of {COUNCIL}.",
    ),
    say.ComplaintDetermined(
        **COMPLAINT_SECRETARY,
        complaint=12,
        about_party=COUNCIL,
        result="both",
        results=((1, "breakdown", "12-security"), (2, "inadequacy", None)),
        wanting=((7, "breach or local action"),),
        can_be_told=True,
    ),
    say.GapAssigned(
        **(LEAD | {"reference": "gap:3"}),
        gap=3,
        clause="7-consent",
        heading="Consent",
        origins=3,
        urgent=False,
        opened_at=datetime(2027, 3, 4, 18, 5, tzinfo=UTC),
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
    say.AnalysisPaperReady(
        **(SECRETARY | {"reference": "protocol:bedfordshire"}),
        period="March 2027",
        earlier=0,
        received=4,
        determined=3,
        late=1,
        signals=1,
        gaps=2,
        command="concordat complaint paper --protocol bedfordshire",
    ),
    say.BreachReported(
        **BREACH_SECRETARY,
        breach=3,
        references=("BR-2026-7K3Q9M",),
        received_at=FRIDAY,
        parties=(COUNCIL, POLICE),
        commands=("concordat breach show 3", "concordat breach affect 3 PARTY --because TEXT"),
    ),
    say.FollowUpOpened(
        **AS_COORDINATOR,
        received_at=FRIDAY,
        known=(
            ("kind", "breach"),
            ("detected", "Friday 23 October 2026 16:05 BST"),
            ("people", "2"),
            ("records", "unknown"),
        ),
        others=(POLICE,),
        procedure="Breach procedure of Central Bedfordshire Council",
        version=3,
        standing="own",
        steps=(CONTAIN, TELL_OFFICER, INVESTIGATE),
        assessment=ASSESSMENT,
        law="UK GDPR art. 33",
        law_enforcement=False,
        noticed=None,
        noticed_at=None,
        notice_due_at=LIMIT,
        notice_overdue=False,
        notice_left="3 days left",
        notice_counted=COUNTED,
        held_by=(),
    ),
    say.StepsOpened(
        **AS_OFFICER,
        procedure="Breach procedure of Bedfordshire Police",
        version=2,
        steps=(LATE, UNKNOWN_YET),
        held_by=(),
    ),
    say.StepsHandedOver(
        **_to(POLICE, "deputy", BREACH),
        **_about(POLICE, f"the data protection officer of {POLICE} is away, and you are its deputy"),
        duties=(STEP, NOTICE),
    ),
    say.BreachFactsChanged(
        **AS_COORDINATOR,
        changed=(
            ("people", "2", "4"),
            ("severity", "medium", "high"),
            ("parties", COUNCIL, f"{COUNCIL} and {POLICE}"),
            ("measures", None, None),
        ),
    ),
    say.AwarenessRecorded(
        **AS_COORDINATOR,
        aware_at=FRIDAY,
        corrected=False,
        law="UK GDPR art. 33",
        notice="owed",
        due_at=LIMIT,
        overdue=False,
        left="2 days and 20 hours left",
        how_counted=COUNTED,
    ),
    say.LettersHeld(**AS_COORDINATOR, held_by=POLICE, held_at=FRIDAY),
    say.LettersReleased(**AS_COORDINATOR, released_by=POLICE, released_at=LIMIT, still_held_by=()),
    say.ConsultationAsked(**AS_OFFICER, asked_by=COUNCIL),
    say.ConsultationAnswered(**AS_COORDINATOR, answered_by=POLICE),
    say.LocalActionAsked(**AS_COORDINATOR, duty=LOCAL_ACTION),
    say.FollowUpEnded(**AS_COORDINATOR, end="complete", ended_at=datetime(2026, 11, 20, 14, tzinfo=UTC)),
    say.BreachClosed(**AS_COORDINATOR, outcome="followed up", closed_at=datetime(2026, 11, 27, 10, tzinfo=UTC)),
    say.BreachReopened(**AS_COORDINATOR, whole=True, assessment=ASSESSMENT),
    say.BreachMerged(**AS_COORDINATOR, into=2, into_references=("BR-2026-FRXW44",), differing=()),
    say.SignInLink(**SECRETARY, expires_at=CODE_UNTIL),
    say.NewLink(**LEAD),
    say.SigningCodeSent(**LEAD, version="5.0", expires_at=CODE_UNTIL),
)

# The other sides of messages that speak differently by case.
VARIANTS: tuple[say.Message, ...] = (
    say.SignInLink(**ASSISTANT, expires_at=CODE_UNTIL),
    say.NewLink(**ADVISER),
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
        **DEPUTY,
        duties=(FEEDBACK,),
        in_place_of="You get this in place of the lead member, who is away until Friday 12 March 2027.",
    ),
    say.FeedbackInvited(
        **DEPUTY,
        in_place_of="You get this in place of the lead member, who is away until Friday 12 March 2027.",
        review_on=REVIEW_ON,
        due_on=REVIEW_ON,
        extraordinary=False,
        reasons=(),
        clauses=(),
    ),
    say.DutyReminder(
        **SECRETARY,
        duties=(DRAFTING,),
    ),
    say.DutyEscalatedToDeputy(**DEPUTY, duties=(FEEDBACK, SIGNATURE)),
    say.DutiesEscalatedToSecretary(**SECRETARY, duties=(FEEDBACK_OVERDUE,)),
    say.FeedbackReceived(**LEAD, no_comments=True, proposals=0, due_on=REVIEW_ON, on_behalf=False),
    say.FeedbackReceived(**LEAD, no_comments=True, proposals=0, due_on=None, on_behalf=False),
    say.FeedbackClosedUnanswered(**LEAD, due_on=REVIEW_ON, answered_before=True),
    say.FeedbackReceived(**LEAD, no_comments=False, proposals=0, due_on=REVIEW_ON, on_behalf=False),
    say.FeedbackSummary(
        **SECRETARY,
        answered=(),
        before=("Luton Borough Council",),
        silent=(),
        unreachable=(),
        still_open=(),
        proposals=0,
        due_on=date(2027, 4, 30),
        next_commands=(),
    ),
    *(
        say.ComplaintAsked(
            **COMPLAINT_SECRETARY,
            complaint=12,
            kind=kind,
            about_party=COUNCIL,
            received_on=date(2026, 11, 25),
            referred=0,
            duty=_duty(asked, date(2027, 1, 29), what, "the steering group"),
            how_counted=None,
            why_you="You get this because you are the secretary of the steering group.",
            version="5.0" if asked == "recheck" else None,
            changed=(("7-consent", "Consent"), ("12-security", "Security")) if asked == "recheck" else (),
        )
        for kind, asked, what in (
            ("disclosure", "analysis", "answer the four questions about the complaint"),
            ("partner non-compliance", "progress", "tell whoever complained how far it is"),
            ("practitioner concern", "second reading", "read the determination, and say whether you agree"),
            ("partner disagreement", "recheck", "say whether version 5.0 would cover complaint 12"),
        )
    ),
    say.ComplaintAsked(
        **HANDLER,
        complaint=12,
        kind="disclosure",
        about_party=COUNCIL,
        received_on=date(2026, 11, 25),
        referred=0,
        duty=_duty("local action", date(2027, 1, 29), "put in place what was agreed after complaint 12", COUNCIL),
        how_counted=None,
        why_you=f"You get this because you are the complaint handler of {COUNCIL}.",
    ),
    say.ComplaintDetermined(
        **COMPLAINT_SECRETARY,
        complaint=12,
        about_party=COUNCIL,
        result="neither",
        results=((1, "neither", None),),
        wanting=(),
        can_be_told=False,
    ),
    say.ComplaintDetermined(
        **HANDLER,
        complaint=12,
        about_party=COUNCIL,
        result="breakdown",
        results=((1, "breakdown", "12-security"),),
        wanting=((7, "breach or local action"),),
        can_be_told=True,
    ),
    say.GapAssigned(
        **(LEAD | {"reference": "gap:4"}),
        gap=4,
        clause=None,
        heading=None,
        origins=0,
        urgent=True,
        opened_at=datetime(2027, 3, 4, 18, 5, tzinfo=UTC),
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
    say.ConfirmationRequested(
        **LEAD,
        version="5.0",
        items=(("secure-keeping", "Is what we receive kept so that only those who need it can open it?"),),
        due_on=date(2027, 10, 29),
        has_confirmed=True,
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
    say.DeclineRecorded(**LEAD, version="5.0", why="It goes too far.", on_behalf=False),
    say.VersionAnnounced(**LEAD, version="5.1", sha256=SHA256, changes=CHANGES[:1], in_force_from=None),
    say.VersionAnnounced(
        **LEAD, version="5.1", sha256=SHA256, changes=CHANGES[:1], in_force_from=date(2027, 5, 3), has_declined=True
    ),
    say.VersionAdopted(
        **LEAD,
        version="5.0",
        sha256=SHA256,
        in_force_for=17,
        parties=17,
        declined=(),
        next_review_on=None,
        confirmed_by=None,
    ),
    say.VersionAdopted(
        **LEAD,
        version="5.0",
        sha256=SHA256,
        in_force_for=16,
        parties=17,
        declined=(POLICE,),
        next_review_on=date(2028, 3, 31),
        confirmed_by="designated person",
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
    say.RequestRefused(**LEAD, asked="more time", until=date(2027, 4, 30), duty=None, because=None),
    say.RequestRefused(
        **(LEAD | {"reference": "protocol:bedfordshire"}),
        asked="a stand-in",
        until=date(2027, 4, 5),
        duty=None,
        because="Your deputy is away in the same weeks.",
    ),
    say.RequestRefused(
        **(ADVISER | {"reference": "protocol:bedfordshire"}),
        asked="another person",
        until=None,
        duty=None,
        because="We spoke on the telephone: it is still you.",
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
    say.AnalysisPaperReady(
        **(SECRETARY | {"reference": "protocol:bedfordshire"}),
        period="January 2027 to March 2027",
        earlier=2,
        received=0,
        determined=0,
        late=0,
        signals=0,
        gaps=0,
        command="concordat complaint paper --protocol bedfordshire",
    ),
    # Breaches, and limits to the minute
    say.DutyReminder(**OFFICER, duties=(NOTICE,)),
    say.DutyReminder(**OFFICER, duties=(NOTICE_OVERDUE,)),
    say.DutyReminder(**OFFICER, duties=(PARTNERS,)),
    say.DutyReminder(**OFFICER, duties=(LATER_THAT_DAY, STEP_AT_NIGHT, STEP)),
    say.DutyReminder(**OFFICER, duties=(AT_ONCE,)),
    say.DutyReminder(**OFFICER, duties=(AT_ONCE, STEP)),
    say.DutyReminder(**OFFICER, duties=(TELLING, NOTICE_OVERDUE)),
    say.DutyReminder(**_to(None, "secretary", BREACH), duties=(STEP,)),
    say.DutyEscalatedToDeputy(**_to(POLICE, "deputy", BREACH), duties=(NOTICE,)),
    say.DutiesEscalatedToSecretary(**_to(None, "secretary", BREACH), duties=(NOTICE_OVERDUE,)),
    say.DutiesEscalatedToSecretary(**_to(None, "secretary", BREACH), duties=(STEP, STEP_AT_NIGHT)),
    say.DutiesEscalatedToSecretary(**_to(None, "secretary", BREACH), duties=(TELLING,)),
    say.DutyExtended(
        **OFFICER,
        duty=EXTENDED_STEP,
        previous_due_on=date(2026, 10, 25),
        previous_due_at=STEP_AT_NIGHT.due_at,
        because=None,
    ),
    say.DutyExtended(
        **OFFICER,
        duty=STEP,
        previous_due_on=date(2026, 10, 24),
        previous_due_at=datetime(2026, 10, 24, 20, 30, tzinfo=UTC),
        because=None,
    ),
    say.DutyWaived(**OFFICER, duty=STEP, because=None),
    say.DutyDelegated(
        **_to(POLICE, "deputy", BREACH),
        duty=NOTICE_OVERDUE,
        to_role="deputy",
        because=None,
        is_delegate=True,
    ),
    say.BreachReported(
        **BREACH_SECRETARY,
        breach=3,
        references=("BR-2026-7K3Q9M",),
        received_at=FRIDAY,
        parties=(),
        commands=("concordat breach show 3", "concordat breach affect 3 PARTY --because TEXT"),
    ),
    say.FollowUpOpened(
        **OFFICER,
        **(_about(POLICE, f"{POLICE} has named no address for its breach coordinator, and you are its officer")),
        received_at=FRIDAY,
        known=(("people", "unknown"), ("records", "unknown")),
        others=(COUNCIL,),
        procedure="Model procedure for police forces",
        version=1,
        standing="model",
        steps=(CONTAIN,),
        assessment=ASSESSMENT,
        law="DPA 2018 s.67",
        law_enforcement=True,
        noticed=None,
        noticed_at=None,
        notice_due_at=LIMIT,
        notice_overdue=False,
        notice_left="3 days left",
        notice_counted=COUNTED,
        held_by=(COUNCIL,),
    ),
    say.FollowUpOpened(
        **INSTEAD,
        received_at=FRIDAY,
        known=(("kind", "suspected loss"), ("people", "1,200"), ("records", "unknown")),
        others=(),
        procedure="Breach procedure for a body that has none",
        version=1,
        standing="default",
        steps=(),
        assessment=ASSESSMENT,
        law="UK GDPR art. 33",
        law_enforcement=False,
        noticed="first suspected",
        noticed_at=FRIDAY,
        notice_due_at=LIMIT,
        notice_overdue=True,
        notice_left="overdue by 5 hours",
        notice_counted=COUNTED,
        held_by=(),
    ),
    say.StepsOpened(
        **AS_OFFICER,
        procedure="Breach procedure of Bedfordshire Police",
        version=2,
        steps=(LATE,),
        held_by=(COUNCIL, "HCRG Care Group"),
    ),
    say.StepsOpened(
        **INSTEAD, procedure="Breach procedure for a body that has none", version=1, steps=(LATE_DAY,), held_by=()
    ),
    say.StepsHandedOver(**INSTEAD, duties=(NOTICE_OVERDUE,)),
    say.BreachFactsChanged(**INSTEAD, changed=(("records", "unknown", "1,200"), ("what happened", None, None))),
    say.AwarenessRecorded(
        **INSTEAD,
        aware_at=FRIDAY,
        corrected=True,
        law="UK GDPR art. 33",
        notice="owed",
        due_at=LIMIT,
        overdue=True,
        left="overdue by 2 hours",
        how_counted=COUNTED,
    ),
    say.AwarenessRecorded(
        **AS_COORDINATOR,
        aware_at=FRIDAY,
        corrected=True,
        law="UK GDPR art. 33",
        notice="given",
        due_at=LIMIT,
        overdue=False,
        left="one hour left",
        how_counted=COUNTED,
    ),
    say.AwarenessRecorded(
        **AS_COORDINATOR,
        aware_at=FRIDAY,
        corrected=False,
        law="UK GDPR art. 33",
        notice="not required",
        due_at=LIMIT,
        overdue=False,
        left="one hour left",
        how_counted=COUNTED,
    ),
    say.AwarenessRecorded(
        **AS_COORDINATOR,
        aware_at=FRIDAY,
        corrected=False,
        law="UK GDPR art. 33(2)",
        notice="owed",
        due_at=None,
        overdue=False,
        left=None,
        how_counted=None,
    ),
    say.LettersHeld(**INSTEAD, held_by=POLICE, held_at=FRIDAY),
    say.LettersReleased(**AS_COORDINATOR, released_by=POLICE, released_at=LIMIT, still_held_by=("West Trust",)),
    say.LettersReleased(**INSTEAD, released_by=POLICE, released_at=LIMIT, still_held_by=()),
    say.ConsultationAsked(**INSTEAD, asked_by=COUNCIL),
    say.ConsultationAnswered(**INSTEAD, answered_by=POLICE),
    say.LocalActionAsked(**INSTEAD, duty=LOCAL_ACTION),
    say.FollowUpEnded(**INSTEAD, end="not affected", ended_at=LIMIT),
    say.FollowUpEnded(**AS_COORDINATOR, end="left", ended_at=LIMIT),
    say.FollowUpEnded(**AS_COORDINATOR, end="merged", ended_at=LIMIT),
    say.FollowUpEnded(**AS_COORDINATOR, end="not a breach", ended_at=LIMIT),
    say.BreachClosed(**INSTEAD, outcome="near miss", closed_at=LIMIT),
    say.BreachClosed(
        **(AS_COORDINATOR | {"references": ("BR-2026-7K3Q9M", "BR-2026-FRXW44")}),
        outcome="not a breach",
        closed_at=LIMIT,
    ),
    say.BreachReopened(**AS_COORDINATOR, whole=False, assessment=None),
    say.BreachReopened(**(INSTEAD | {"references": ()}), whole=True, assessment=ASSESSMENT),
    say.BreachMerged(**INSTEAD, into=2, into_references=(), differing=()),
    say.BreachMerged(
        **AS_COORDINATOR,
        into=2,
        into_references=("BR-2026-FRXW44",),
        differing=("the Act that it acts under", "what was concluded: the stricter of the two stands"),
    ),
)
