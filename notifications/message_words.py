"""What each kind of message is called where there is a line for it and no more: one of them, and several."""

MESSAGE_WORDS = {
    "address_bounced": ("a note that an address bounced", "notes that an address bounced"),
    "advice_received": ("a note that the adviser has answered", "notes that the adviser has answered"),
    "advice_requested": ("a request for advice", "requests for advice"),
    "analysis_paper_ready": ("a note that the complaints paper is ready", "notes that complaints papers are ready"),
    "awareness_recorded": ("a note since when a party is aware", "notes since when a party is aware"),
    "breach_closed": ("a note that a breach is closed", "notes that a breach is closed"),
    "breach_facts_changed": ("a note of what is known better", "notes of what is known better"),
    "breach_merged": ("a note that two breaches are one", "notes that two breaches are one"),
    "breach_reopened": ("a note that a breach goes on again", "notes that a breach goes on again"),
    "breach_reported": ("a report of a breach", "reports of a breach"),
    "complaint_asked": ("a request about a complaint", "requests about complaints"),
    "complaint_determined": ("a note of a determination", "notes of determinations"),
    "confirmation_received": ("a receipt for a confirmation", "receipts for confirmations"),
    "confirmation_requested": ("a request to confirm the procedures", "requests to confirm the procedures"),
    "consultation_answered": ("an answer to a partner's question", "answers to partners' questions"),
    "consultation_asked": ("a partner's question", "partners' questions"),
    "duties_escalated_to_secretary": ("a list of what is still owed", "lists of what is still owed"),
    "duty_delegated": ("a note that the deputy is asked instead", "notes that the deputy is asked instead"),
    "duty_escalated_to_deputy": ("a reminder to the deputy", "reminders to deputies"),
    "duty_extended": ("a note that there is more time", "notes that there is more time"),
    "duty_reminder": ("a reminder", "reminders"),
    "duty_waived": ("a note that nothing is owed any more", "notes that nothing is owed any more"),
    "feedback_closed_unanswered": ("a note that no answer came", "notes that no answer came"),
    "feedback_invited": ("an invitation to give feedback", "invitations to give feedback"),
    "feedback_received": ("a receipt for feedback", "receipts for feedback"),
    "feedback_summary": ("a summary of the feedback", "summaries of the feedback"),
    "follow_up_ended": ("a note that a follow-up has ended", "notes that a follow-up has ended"),
    "follow_up_opened": ("a request to follow a breach up", "requests to follow a breach up"),
    "gap_assigned": ("a note of a gap to look after", "notes of gaps to look after"),
    "letters_held": ("a note that letters must wait", "notes that letters must wait"),
    "letters_released": ("a note that letters may go", "notes that letters may go"),
    "local_action_asked": ("a request for a local action", "requests for a local action"),
    "review_cancelled": ("a note that the review is cancelled", "notes that the review is cancelled"),
    "review_concluded_unchanged": ("a note that nothing changes", "notes that nothing changes"),
    "review_reason_added": ("a note of one more reason", "notes of one more reason"),
    "signature_declined": ("a note that a party declines", "notes that a party declines"),
    "signature_recorded": ("a receipt for a signature", "receipts for signatures"),
    "signature_requested": ("a request to sign", "requests to sign"),
    "steps_handed_over": ("a request to stand in", "requests to stand in"),
    "steps_opened": ("a note of what is next", "notes of what is next"),
    "successor_asked_to_adopt": ("a request to adopt", "requests to adopt"),
    "sweep_alarm": ("an alarm that the clock stands still", "alarms that the clock stands still"),
    "version_adopted": ("a note of the adopted version", "notes of the adopted version"),
    "version_announced": ("an announcement of a minor version", "announcements of a minor version"),
}  # fmt: skip


def called(kind: str, number: int) -> str:
    """“a reminder”, “17 reminders”; a kind of another release by its own name."""
    one, many = MESSAGE_WORDS.get(kind, (f"one {kind}", kind))
    return one if number == 1 else f"{number} {many}"
