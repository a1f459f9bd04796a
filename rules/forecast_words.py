"""The one sentence beside each message of the forecast: why it will be sent."""

from rules.forecast_state import OpenDuty, OpenReview
from rules.ladders import Rung
from rules.reminding import TO_DEPUTY, TO_OWNER, Group
from rules.sentences import written_day


def why_reminded(duty: OpenDuty, group: Group, duties: int) -> str:
    """“Feedback is owed until Wednesday 31 March 2027: a reminder 10 working days before.”"""
    owed = f"{duty.kind.capitalize()} is owed until {written_day(duty.due_on)}"
    if duties > 1:
        owed = f"{duties} duties of {duty.kind} are still open, the first until {written_day(duty.due_on)}"
    return f"{owed}: {_WORDS.get(group.words, 'the secretary hears of it')} {_when(group.rungs[0][1])}."


_WORDS = {TO_OWNER: "a reminder", TO_DEPUTY: "the deputy is asked"}


def _when(rung: Rung) -> str:
    number = f"{abs(rung.offset)} working days" if abs(rung.offset) > 1 else "one working day"
    return "on the day" if rung.offset == 0 else f"{number} {'before' if rung.offset < 0 else 'after'}"


def joining_words(review: OpenReview) -> str:
    """The reason that an annual review gives when it joins one that is open; `actions` record the same words."""
    return f"The annual review of {written_day(review.review_on)} is due."


def why_invited(review: OpenReview) -> str:
    return f"Every party is asked for feedback on the review of {written_day(review.review_on)}."


def why_asked_anew(words: str) -> str:
    return f"Feedback had closed, and there is one more reason: {words[0].lower()}{words[1:]}"


def why_closed(duty: OpenDuty) -> str:
    return f"No answer until {written_day(duty.due_on)}, the last day for feedback."


def why_summed_up(review: OpenReview) -> str:
    return f"Feedback closes at the end of {written_day(review.due_on)}; the secretary hears what came in."


def why_adopted(review: OpenReview) -> str:
    return f"Nobody owes a signature to version {review.version} any more: it is adopted."


def why_confirmed(review: OpenReview) -> str:
    return f"Whoever has signed version {review.version} confirms that its procedures are in place (protocol §14)."
