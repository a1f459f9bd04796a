"""The one sentence beside each message of the forecast: why it will be sent."""

from collections.abc import Sequence

from rules.forecast_state import OpenDuty, OpenReview
from rules.ladders import Rung
from rules.reminding import TO_DEPUTY, TO_OWNER, Group
from rules.sentences import written_day, written_instant


def why_reminded(duty: OpenDuty, group: Group, duties: int) -> str:
    """“Feedback is owed until Wednesday 31 March 2027: a reminder 10 working days before.”"""
    owed = f"{duty.kind.capitalize()} is owed until {_limit(duty)}"
    if duties > 1:
        owed = f"{duties} duties of {duty.kind} are still open, the first until {_limit(duty)}"
    return f"{owed}: {_WORDS.get(group.words, 'the secretary hears of it')} {_when(group.rungs[0][1])}."


_WORDS = {TO_OWNER: "a reminder", TO_DEPUTY: "the deputy is asked"}


def why_handed_over(duties: Sequence[OpenDuty]) -> str:
    first = min(duties, key=lambda duty: duty.due_at)
    owed = f"{len(duties)} duties, the first" if len(duties) > 1 else f"the {first.kind}"
    return f"Whoever owes {owed} until {_limit(first)} is away, and somebody is there who stands in."


def _limit(duty: OpenDuty) -> str:
    return written_instant(duty.due_at, duty.zone) if duty.exact else written_day(duty.due_on)


def _when(rung: Rung) -> str:
    distance, side = abs(rung.distance), "before" if rung.distance < 0 else "after"
    if rung.minutes is None:
        return f"{_counted(distance, 'working day')} {side}" if distance else "on the day"
    hours, minutes = divmod(distance, 60)
    parts = [_counted(count, unit) for count, unit in ((hours, "hour"), (minutes, "minute")) if count]
    return f"{' and '.join(parts)} {side}" if parts else "at that instant"


def _counted(count: int, unit: str) -> str:
    return f"one {unit}" if count == 1 else f"{count} {unit}s"


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
