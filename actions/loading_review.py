"""The file's review dates: the anchor the annual dates are counted from, and a next date where one is set."""

from datetime import date

from actions.load_report import Loading
from actions.policy import zone_of
from actions.review_scheduling import schedule_next, set_review_date
from models.protocol_file import read_date
from models.review import Review
from rules.instants import local_day
from rules.sentences import written_day


def load_review_date(loading: Loading) -> None:
    """Only what the file says anew: a date that the secretary has set since stands."""
    stated = loading.file.identity.policies.review
    now = {"anchor": stated.anchor.text if stated.anchor else None}
    now["next_on"] = stated.next_on.text if stated.next_on else None
    before = loading.policies_before.get("review", {})
    if not loading.first and all(before.get(name) == text for name, text in now.items()):
        return
    _tell_last_review(loading, before.get("anchor"))
    begins = stated.next_on or stated.anchor
    if begins is not None and begins.day is not None:
        _set(loading, begins.day, before)


def _tell_last_review(loading: Loading, before: str | None) -> None:
    """When the protocol was last reviewed, as far as the document says; not if a review has been held here."""
    protocol, anchor = loading.protocol, loading.file.identity.policies.review.anchor
    known = read_date(before).words if before else None
    if anchor and protocol.last_reviewed_words == known:
        protocol.last_reviewed_from, protocol.last_reviewed_words = anchor.first, anchor.words
        loading.session.add(protocol)


def _set(loading: Loading, day: date, before: dict[str, str | None]) -> None:
    protocol = loading.protocol
    set_by_file = [read_date(text).day for text in (before.get("next_on"), before.get("anchor")) if text]
    if protocol.review_anchor is not None and protocol.review_anchor not in set_by_file:
        kept = f"The review date set here ({written_day(protocol.review_anchor)}) is kept"
        loading.keep(f"{kept}, not {written_day(day)}.")
        return
    review: Review | None
    if day > local_day(loading.now, zone_of(protocol)):
        review = set_review_date(loading.session, loading.now, protocol, day, loading.by)
    else:
        protocol.review_anchor = day
        loading.session.add(protocol)
        review = schedule_next(loading.session, loading.now, protocol, loading.by)
    on = f"The next review is on {written_day(review.review_on)}." if review else "No review is scheduled."
    loading.change(f"Review dates are counted from {written_day(day)}. {on}", "review anchor set by file", day=str(day))
