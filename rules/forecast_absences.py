"""Who is asked in place of those who are away, as far as it can be foreseen: nobody knows yet who will be away, but
until when those are who are."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime

from rules.forecast_course import Course
from rules.forecast_state import Member, OpenDuty
from rules.forecast_words import why_handed_over
from rules.instants import end_of_day, local_day
from rules.reminding import Person

IN_REVIEWS = ("feedback", "confirmation", "implementation")  # a signature waits
BREACH, COMPLAINT = "breach:", "complaint:"


def absence_ends(course: Course, after: datetime) -> datetime | None:
    """Whoever is back may stand in for another."""
    ends = {end_of_day(until, course.protocol.zone) for until in _away(course).values()}
    return min((end for end in ends if end > after), default=None)


def hand_over(course: Course, now: datetime) -> None:
    """What is owed by somebody who is away, where another can be asked. They hear of it: of what is owed in a breach
    in one message."""
    day, of_breaches = local_day(now, course.protocol.zone), dict[tuple[str, int | None, Person], list[OpenDuty]]()
    for duty, asked in list(_to_hand_over(course, day)):
        course.duties[duty.key] = handed = replace(duty, owner=asked)
        if duty.case.startswith(BREACH):
            of_breaches.setdefault((duty.case, duty.party, asked), []).append(handed)
        else:
            kind = "complaint_asked" if duty.case.startswith(COMPLAINT) else "duty_delegated"
            course.say(now, kind, asked, duty.case, why_handed_over([handed]), handed)
    for (case, _, asked), duties in of_breaches.items():
        duties.sort(key=lambda duty: duty.id)
        course.say(now, "steps_handed_over", asked, case, why_handed_over(duties), *duties)


def _to_hand_over(course: Course, day: date) -> Iterator[tuple[OpenDuty, Person]]:
    away = _away(course)

    def can_be_asked(person: Person) -> bool:
        return person.reachable and not (person.contact in away and away[person.contact] >= day)

    for duty in course.duties.values():
        member = course.members.get(duty.party) if duty.party else None
        if member is None or can_be_asked(duty.owner) or not _is_seen_to(course, duty, member, day):
            continue
        asked = next(filter(can_be_asked, duty.could_ask), None)
        if duty.kind in IN_REVIEWS:
            first = (member.confirms if duty.kind != "feedback" else None) or member.lead or duty.owner
            asked = member.asked(first, day)
        if asked is not None and can_be_asked(asked) and asked != duty.owner:
            yield duty, asked


def _is_seen_to(course: Course, duty: OpenDuty, member: Member, day: date) -> bool:
    """Breaches look for whoever cannot be reached, too; elsewhere somebody at the party, or an officer who owes it, has
    to be away."""
    officer = course.protocol.away.get(duty.owner.contact, date.min)
    return duty.case.startswith(BREACH) or any(until >= day for until in (officer, *member.away.values()))


def _away(course: Course) -> dict[int, date]:
    away = dict(course.protocol.away)
    for member in course.protocol.members:
        away |= member.away
    return away
