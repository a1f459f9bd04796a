"""Who was told, and when: the regulator (or the controller), the people concerned, the partners."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pydantic import BaseModel

from actions.breaches.beginning import BeforeItBegan
from actions.breaches.duties import LiesAhead
from actions.breaches.notifying import GivenBefore, ReferenceTooLong, record_notice
from actions.breaches.partners import PartnersToldLate, partners_told
from actions.breaches.people import LettersHeld, people_told
from actions.breaches.showing_party import follow_up_views
from rules.breach_duties import DutyKind, LateWithoutReasons
from rules.regulator_notice import missing_in_words
from rules.sentences import listed, written_instant
from web.declaring import PARTIES, Act, Asked, Done
from web.fields import instant, line, words
from web.parties.breach_own import Mine, about, at_fields, own_follow_up, recorded, view_of, worded, zone_here
from web.parties.breach_pages import drafted_for, names_of, notice_kind

LATE_HINT = "Only where it was late: the reasons for the delay go with it."
BY_THE_CLOCK = "By the clock on the wall here."


class NoticeGiven(BaseModel):
    given_at: datetime = instant("When was it given?", hint=BY_THE_CLOCK,
                                 missing="Say when it was given: the day and the time")  # fmt: skip
    reference: str | None = line("The number that the regulator gave", hint="Such as IC-4711. It can follow later.",
                                 optional=True, longest=60)  # fmt: skip
    late_because: str | None = words("Why was it late?", hint=LATE_HINT, optional=True, rows=3)


class PeopleTold(BaseModel):
    told_at: datetime = instant("When were they told?", hint=BY_THE_CLOCK,
                                missing="Say when they were told: the day and the time")  # fmt: skip
    how: str = words("How were they told?", hint="By letter, in person, by telephone. Name nobody.", rows=3,
                     missing="Say how they were told: by letter, in person …")  # fmt: skip


class PartnersTold(BaseModel):
    told_at: datetime = instant("When were they told?", hint=BY_THE_CLOCK,
                                missing="Say when they were told: the day and the time")  # fmt: skip
    late_because: str | None = words("Why was it late?", hint="Only where the protocol’s own clock had ended.",
                                     optional=True, rows=3)  # fmt: skip


def _given(asked: Asked, given: NoticeGiven) -> Done:
    mine = own_follow_up(asked)
    with at_fields(given_at=(LiesAhead, GivenBefore), reference=ReferenceTooLong, late_because=LateWithoutReasons):
        row = record_notice(
            asked.session, asked.now, mine.number, mine.slug, given.given_at, asked.caller.by, given.reference,
            given.late_because,
        )  # fmt: skip
    missing = f" Still missing, and to follow as a supplement: {listed(missing_in_words(row.missing))}."
    at = written_instant(row.given_at, zone_here(asked))
    kind = "notice" if row.number == 1 else "supplement"
    return recorded(mine, f"The {kind} of {at} is recorded.{missing if row.missing else ''}", "#clocks")


def _duty_before(kind: DutyKind | None = None) -> Any:
    def before(asked: Asked, mine: Mine) -> Mapping[str, Any]:
        [own] = follow_up_views(asked.session, asked.now, mine.breach, mine.slug)
        which = kind or notice_kind(mine.follow_up)
        duty = next((each for each in own.duties if each.kind is which), None)
        return {"own": own, "duty": duty, "kind": which.value}

    return before


def _draft(asked: Asked, mine: Mine) -> Mapping[str, Any]:
    draft = drafted_for(asked, mine)
    return {"missing": missing_in_words(draft.missing), "back": ("/notice", "The notice")}


def _holds(asked: Asked, mine: Mine) -> Mapping[str, Any]:
    """That letters wait, and since when; why, only the one that holds them knows."""
    view, _ = view_of(asked, mine)
    held = [hold for hold in view.holds if hold.released_at is None]
    return {"held": held, "names": names_of(asked, (hold.party for hold in held))}


def _people(asked: Asked, given: PeopleTold) -> Done:
    mine = own_follow_up(asked)
    with at_fields(told_at=(LiesAhead, BeforeItBegan, LettersHeld)):
        people_told(asked.session, asked.now, mine.number, mine.slug, given.told_at, asked.caller.by, given.how)
    return recorded(mine, "Recorded: the people concerned have been told.", "#clocks")


def _partners(asked: Asked, given: PartnersTold) -> Done:
    mine = own_follow_up(asked)
    with at_fields(told_at=(LiesAhead, BeforeItBegan), late_because=PartnersToldLate):
        partners_told(
            asked.session, asked.now, mine.number, mine.slug, given.told_at, asked.caller.by, given.late_because
        )
    return recorded(mine, "Recorded: the partners have been told.", "#clocks")


BREACH = "/party/breaches/{breach:int}"
ACTS = (
    Act(path=f"{BREACH}/notice/given", title="Record that the notice was given", who=PARTIES, fields=NoticeGiven,
        do=worded(_given), before=about(_duty_before(), _draft), template="parties/breach_told.html", button="Record",
        in_menu="/party", words="Concordat sends nothing to the regulator: you send the notice, and record it here. "
        "It is kept as the facts are now."),
    Act(path=f"{BREACH}/people", title="Telling the people concerned", who=PARTIES, fields=PeopleTold,
        do=worded(_people),
        before=about(_duty_before(DutyKind.PEOPLE), _holds), template="parties/breach_told.html",
        button="Record that they were told", in_menu="/party",
        words="Tell them in plain language what happened and what they can do, then record it here."),
    Act(path=f"{BREACH}/partners", title="Telling the partners", who=PARTIES, fields=PartnersTold, do=worded(_partners),
        before=about(_duty_before(DutyKind.PARTNERS)), template="parties/breach_told.html",
        button="Record that they were told", in_menu="/party",
        words="Tell the partners whose data or services are concerned, then record it here."),
)  # fmt: skip
