"""A follow-up or a breach ends, is opened again, or goes on as another one."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlmodel import Session

from actions.breaches.listeners import (
    coordinator,
    open_assessment_of,
    say,
    still_in_it,
    times_taken,
    with_duties,
)
from actions.breaches.moving import follow_ups_of, party_of
from actions.breaches.wording import references_of
from actions.cast import known_id
from actions.describing import described
from models.breach import Breach, BreachOutcome, FollowUp, FollowUpEnd
from notifications.messages import BreachClosed, BreachMerged, BreachReopened, FollowUpEnded
from rules.breach import Step
from rules.breach_merger import IN_WORDS, Differs


def tell_of_end(session: Session, now: datetime, breach: Breach, follow_up: FollowUp | None) -> None:
    """Of a follow-up, to everybody who was asked something in it. Of the whole breach, to each party's coordinator;
    also to the others where it ends early and what they were asked is withdrawn."""
    if follow_up is None:
        _tell_of_close(session, now, breach)
    else:
        _tell_of_follow_ups_end(session, now, breach, follow_up)


def _tell_of_close(session: Session, now: datetime, breach: Breach) -> None:
    outcome, closed_at = breach.outcome or BreachOutcome.FOLLOWED_UP, breach.ended_at or now
    for follow_up in still_in_it(session, breach):
        party, asked = party_of(session, follow_up), with_duties(session, now, breach, follow_up, ever=True)
        for to in asked[:1] if outcome is BreachOutcome.FOLLOWED_UP else asked:
            say(
                session, now, breach, to, party, f"{breach.case}:{party.slug}:closed:{closed_at.isoformat()}",
                BreachClosed, outcome=outcome.value, closed_at=closed_at,
            )  # fmt: skip


def _tell_of_follow_ups_end(session: Session, now: datetime, breach: Breach, follow_up: FollowUp) -> None:
    party, end = party_of(session, follow_up), follow_up.end or FollowUpEnd.COMPLETE
    for to in with_duties(session, now, breach, follow_up, ever=True):
        say(
            session, now, breach, to, party, f"{breach.case}:{party.slug}:ended:{follow_up.reopened}",
            FollowUpEnded, end=end.value, ended_at=follow_up.ended_at or now,
        )  # fmt: skip


def tell_of_reopening(session: Session, now: datetime, breach: Breach, follow_up: FollowUp | None) -> None:
    whole, time = follow_up is None, times_taken(session, breach, Step.REOPEN)
    again = follow_ups_of(session, breach, still_open=True) or still_in_it(session, breach)
    for each in [follow_up] if follow_up else again:
        party = party_of(session, each)
        key = f"{breach.case}:{party.slug}:reopened:{f'whole-{time}' if whole else each.reopened}"
        to = coordinator(session, now, breach, each)
        duty = open_assessment_of(session, breach, each)
        say(
            session, now, breach, to, party, key, BreachReopened, about=[duty] if duty else [], whole=whole,
            assessment=described(session, duty, now) if duty else None,
        )  # fmt: skip


def tell_of_merger(
    session: Session, now: datetime, breach: Breach, into: Breach, differing: Mapping[int, Sequence[Differs]]
) -> None:
    """To everybody who was asked something in the one that is merged away; by its follow-ups, what differs there."""
    for follow_up in still_in_it(session, breach):
        party = party_of(session, follow_up)
        for to in with_duties(session, now, breach, follow_up, ever=True):
            say(
                session, now, breach, to, party, f"{breach.case}:{party.slug}:merged:{into.id}", BreachMerged,
                into=known_id(into), into_references=references_of(session, into), reference=into.case,
                differing=tuple(IN_WORDS[each] for each in differing.get(known_id(follow_up), ())),
            )  # fmt: skip
