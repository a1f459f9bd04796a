"""The file's review dates: the anchor the annual dates are counted from, and a next date where one is set."""

from collections.abc import Iterator, Mapping
from datetime import date

from actions.load_report import Loading
from actions.matters import close_matters
from actions.moving import review_in, reviews_at
from actions.policy import policies_of, today_of, zone_of
from actions.review_not_held import is_annual
from actions.review_scheduling import count_anew, set_review_date
from models.protocol import MatterKind
from models.protocol_file import read_date
from models.review import Review
from rules.instants import local_day
from rules.review import JOINABLE, Stage
from rules.sentences import written_day
from rules.working_days import BeyondPublishedHolidays, working_day_on_or_after

DAYS = ("anchor", "next_on")
COUNTED_BY = (*DAYS, "interval", "notice")  # of the policy on reviews
IS_HELD, IS_ASKED, IS_DUE = "The next review is", "Every party is asked", "Feedback is due"
ROLLED_BY = ("nation", "zone")  # of the protocol itself: which its working days are, and when they begin


def load_review_date(loading: Loading) -> None:
    """Only what the file says anew: a date that the secretary has set since stands. What lies ahead is counted by what
    the file says now; what has begun keeps its dates."""
    protocol, differing = loading.protocol, _differing(loading)
    ahead = review_in(loading.session, protocol, Stage.SCHEDULED)
    before, counted_from = dict(_dates_said(loading, ahead)), protocol.review_anchor
    if not loading.first and not differing:
        _count_what_was_not(loading, ahead, before)
        return
    if differing.intersection(DAYS):
        _tell_last_review(loading)
        _take_day(loading)
    elif ahead is not None and ahead.review_on == counted_from and _is_set_here(loading):
        loading.keep(f"The review date set here ({written_day(ahead.review_on)}) is kept.")
    its_day_too = protocol.review_anchor != counted_from or "interval" in differing
    review = count_anew(loading.session, loading.now, protocol, loading.by, its_day_too=its_day_too)
    if counted_from is None and review is not None:
        why = f"review date set to {review.review_on}"
        close_matters(loading.session, loading.now, protocol, MatterKind.REVIEW_OVERDUE, why)
    _report(loading, before, review, counted_from)
    _keep_what_no_interval_brings(loading, review)
    _keep_what_has_begun(loading)


def _count_what_was_not(loading: Loading, ahead: Review | None, before: Mapping[str, str]) -> None:
    """The policies came with a file that was loaded before anybody counted the dates by them, or the bank holidays
    have been published since. Of a review whose day to open has come the clock finds the dates."""
    if ahead is None or ahead.opens_at <= loading.now:
        return
    review = count_anew(loading.session, loading.now, loading.protocol, loading.by, its_day_too=True)
    _report(loading, before, review, loading.protocol.review_anchor)


def _differing(loading: Loading) -> set[str]:
    """What the dates are counted by, where the file says something else than the one before."""
    protocol, before = loading.protocol, _reviews_before(loading)
    stated = {name for name in COUNTED_BY if protocol.policies["review"].get(name) != before.get(name)}
    return stated | {name for name in ROLLED_BY if getattr(protocol, name) != loading.before.get(name)}


def _reviews_before(loading: Loading) -> Mapping[str, str | None]:
    policies: Mapping[str, Mapping[str, str | None]] = loading.before.get("policies", {})
    return policies.get("review", {})


def _tell_last_review(loading: Loading) -> None:
    """When the protocol was last reviewed, as far as the document says; not if a review has been held here."""
    protocol, anchor = loading.protocol, loading.file.identity.policies.review.anchor
    before = _reviews_before(loading).get("anchor")
    known = read_date(before).words if before else None
    if anchor and protocol.last_reviewed_words == known:
        protocol.last_reviewed_from, protocol.last_reviewed_words = anchor.first, anchor.words
        loading.session.add(protocol)


def _take_day(loading: Loading) -> None:
    """The day that the file names, unless one was set here."""
    protocol, stated = loading.protocol, loading.file.identity.policies.review
    counted_from, begins = protocol.review_anchor, stated.next_on or stated.anchor
    day = begins.day if begins else None
    if day == counted_from:
        return
    if counted_from is not None and (day is None or _is_set_here(loading)):
        by = "set here" if _is_set_here(loading) else "of an earlier file"
        instead = f"not {written_day(day)}" if day else "as this file names no day"
        loading.keep(f"The review date {by} ({written_day(counted_from)}) is kept, {instead}.")
    elif day is not None and day > today_of(protocol, loading.now):
        set_review_date(loading.session, loading.now, protocol, day, loading.by)
    else:
        protocol.review_anchor = day
        loading.session.add(protocol)


def _is_set_here(loading: Loading) -> bool:
    """The secretary has named the day that the dates are counted from; no file did."""
    before = _reviews_before(loading)
    set_by_file = [read_date(text).day for text in (before.get(name) for name in DAYS) if text]
    return loading.protocol.review_anchor is not None and loading.protocol.review_anchor not in set_by_file


def _dates_said(loading: Loading, review: Review | None) -> Iterator[tuple[str, str]]:
    """What is said of a review that lies ahead; of a year whose bank holidays are not published yet, its day only."""
    if review is None:
        return
    yield IS_HELD, f"on {written_day(review.review_on)}"
    try:
        working_day_on_or_after(review.due_on, loading.protocol.nation)
    except BeyondPublishedHolidays:
        return
    asked_on = written_day(local_day(review.opens_at, zone_of(loading.protocol)))
    yield IS_ASKED, f"on {asked_on}" if review.opens_at > loading.now else "at once"
    yield IS_DUE, f"on {written_day(review.due_on)}"


def _report(loading: Loading, before: Mapping[str, str], review: Review | None, counted_from: date | None) -> None:
    now, day, number = dict(_dates_said(loading, review)), loading.protocol.review_anchor, review.id if review else None
    told = " ".join(_told(before, now))
    if day is not None and day != counted_from:
        said = f"Review dates are counted from {written_day(day)}. {told}"
        loading.change(said, "review anchor set by file", day=str(day), review=number)
    elif now != before:
        loading.change(told, "review dates counted anew", review=number)


def _told(before: Mapping[str, str], now: Mapping[str, str]) -> list[str]:
    """The day of the review in any case; of all that was otherwise before, that too."""
    if IS_HELD not in now:
        return ["No review is scheduled."]
    moved = [f"{what} {now[what]}, no longer {was}." for what, was in before.items() if now.get(what, was) != was]
    if before.get(IS_HELD) == now[IS_HELD]:
        return [f"The next review stays {now[IS_HELD]}.", *moved]
    return moved or [f"{IS_HELD} {now[IS_HELD]}."]


def _keep_what_no_interval_brings(loading: Loading, review: Review | None) -> None:
    if not _reviews_before(loading).get("interval") or policies_of(loading.protocol).review.interval is not None:
        return
    if review is not None and review.review_on != loading.protocol.review_anchor:
        on = written_day(review.review_on)
        loading.keep(f"The next review stays on {on}, although the file states no interval any more.")


def _keep_what_has_begun(loading: Loading) -> None:
    if loading.first:
        return
    for review in reviews_at(loading.session, loading.protocol, *JOINABLE):
        if is_annual(loading.session, review):
            loading.keep(
                f"Review {review.id} has begun and keeps its dates: its day is {written_day(review.review_on)}, and "
                f"feedback is due on {written_day(review.due_on)}."
            )
