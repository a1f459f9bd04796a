"""What the law asks of a party after a breach: awareness, the Act, the conclusion, and each duty decided by itself."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pydantic import BaseModel

from actions.breaches.awareness import AwareAfterTheNotice, WhoWasAware, record_awareness
from actions.breaches.beginning import BeforeItBegan
from actions.breaches.concluding import conclude
from actions.breaches.deciding import decide_duty
from actions.breaches.duties import LiesAhead
from actions.breaches.regime import set_regime
from actions.breaches.showing_facts import fact_lines, severity_line
from actions.breaches.showing_party import follow_up_views
from actions.cast import NotThere
from rules.breach_duties import Capacity, DutyKind, Regime, Risk, duties_of, law_of, notice_due
from rules.sentences import written_instant
from web.declaring import PARTIES, Act, Asked, Done
from web.fields import choice, instant, line, words
from web.parties.breach_own import Mine, about, at_fields, own_follow_up, recorded, saying, worded, zone_here
from web.parties.breach_words import page_of_own
from web.wording import for_people

RISKS = (
    (Risk.NOT_PERSONAL.value, "No personal data of living people is concerned", "Logged. Nobody has to be told."),
    (Risk.UNLIKELY.value, "A risk to people is unlikely", "Documented with the reasons. Nobody has to be told."),
    (Risk.LIKELY.value, "A risk to people is likely", "The Commissioner is told within the 72 hours."),
    (Risk.HIGH.value, "A high risk to people is likely",
     "The Commissioner is told within the 72 hours, and the people concerned without undue delay."),
)  # fmt: skip
REGIMES = (
    (Regime.UK_GDPR.value, "The UK GDPR", "The usual one: public tasks, care, education, staff."),
    (Regime.LAW_ENFORCEMENT.value, "Law enforcement: Data Protection Act 2018, part 3",
     "Preventing, investigating or prosecuting offences. Only under it may letters be held."),
)  # fmt: skip
CAPACITIES = (
    (Capacity.CONTROLLER.value, "As a controller", "For our own purposes."),
    (Capacity.PROCESSOR.value, "As a processor", "On behalf of another body, which we tell without undue delay."),
)
DUTY_TITLES = {
    DutyKind.REGULATOR: "Does the Information Commissioner have to be told?",
    DutyKind.PEOPLE: "Do the people concerned have to be told?",
    DutyKind.PARTNERS: "Do the partners have to be told?",
    DutyKind.CONTROLLER: "Does the controller have to be told?",
}


class Aware(BaseModel):
    at: datetime = instant(
        "When did you become aware?", missing="Say when you became aware: the day and the time",
        hint="When somebody was reasonably certain that personal data were affected. By the clock on the wall here.",
    )  # fmt: skip
    who: str = line("Who was certain?", hint="A role, not a name, such as “team manager”", longest=120,
                    missing="Say who was certain, as a role")  # fmt: skip
    because: str = words("How did they know?", hint="Naming nobody. For a correction: why it is corrected.", rows=3,
                         missing="Say how they knew, or why this is corrected")  # fmt: skip


class Conclude(BaseModel):
    risk: str = choice("What do you conclude?", RISKS, missing="Choose what you conclude")
    because: str = words("Why?", hint="The reasons stay in the record. Name nobody.",
                         missing="Give the reasons for your conclusion")  # fmt: skip


class Under(BaseModel):
    regime: str = choice("Which law do you act under in this?", REGIMES)
    capacity: str = choice("In what capacity?", CAPACITIES)
    because: str = words("Why?", hint="The purpose of the sharing decides, not the kind of body.", rows=3,
                         missing="Say why you act under it")  # fmt: skip


class Decide(BaseModel):
    answer: str = choice("What do you decide?", [("required", "Yes, they have to be told"),
                                                 ("not-required", "No, they need not be told")])  # fmt: skip
    because: str = words("Why?", missing="Give the reasons for the decision", hint="The reasons stay in the record.")


def _aware(asked: Asked, given: Aware) -> Done:
    mine = own_follow_up(asked)
    with at_fields(at=(LiesAhead, BeforeItBegan, AwareAfterTheNotice), who=WhoWasAware):
        record_awareness(
            asked.session, asked.now, mine.number, mine.slug, given.at, given.who, asked.caller.by, given.because
        )
    if mine.follow_up.capacity is Capacity.PROCESSOR:
        law = law_of(mine.follow_up.regime, DutyKind.CONTROLLER)
        return recorded(mine, f"Recorded. You tell your controller without undue delay ({law}).")
    ends = written_instant(notice_due(given.at, zone_here(asked)).instant, zone_here(asked))
    return recorded(mine, f"Recorded. The 72 hours end on {ends}.")


def _stands(asked: Asked, mine: Mine) -> dict[str, Any]:
    """What the party has said so far, as the page of a correction shows it."""
    asked.session.flush()
    [own] = follow_up_views(asked.session, asked.now, mine.breach, mine.slug)
    return {"own": own}


def _conclude(asked: Asked, given: Conclude) -> Done:
    mine, risk = own_follow_up(asked), Risk(given.risk)
    doubts = conclude(asked.session, asked.now, mine.number, mine.slug, risk, asked.caller.by, given.because)
    find = page_of_own(mine.path)
    again = "".join(f" Look again: {for_people(doubt, find).striptags()}" for doubt in doubts)
    return recorded(mine, f"Your conclusion is recorded: {risk}.{again}", "#clocks")


def _advice(asked: Asked, mine: Mine) -> Mapping[str, Any]:
    return _stands(asked, mine) | {"severity": severity_line(fact_lines(asked.session, mine.breach))}


def _regime(asked: Asked, given: Under) -> Done:
    mine = own_follow_up(asked)
    set_regime(
        asked.session, asked.now, mine.number, mine.slug, Regime(given.regime), Capacity(given.capacity),
        asked.caller.by, given.because,
    )  # fmt: skip
    return recorded(mine, f"Recorded: you act as {given.capacity} under the {given.regime} regime.", "#clocks")


def _regime_now(asked: Asked) -> Mapping[str, Any]:
    mine = own_follow_up(asked)
    return {"regime": mine.follow_up.regime.value, "capacity": mine.follow_up.capacity.value}


def duty_kind(asked: Asked, mine: Mine) -> DutyKind:
    """The one that the address names. Raises NotThere where it is not the party's."""
    named = next((kind for kind in DutyKind if kind.value == asked.place["kind"]), None)
    if named is None or named not in duties_of(mine.follow_up.capacity):
        raise NotThere("Your party has no such duty in this breach.")
    return named


def _duty_title(asked: Asked) -> str:
    return DUTY_TITLES[duty_kind(asked, own_follow_up(asked))]


def _duty(asked: Asked, mine: Mine) -> Mapping[str, Any]:
    kind = duty_kind(asked, mine)
    context = _stands(asked, mine)
    return context | {"duty": next((each for each in context["own"].duties if each.kind is kind), None)}


def _decide(asked: Asked, given: Decide) -> Done:
    mine = own_follow_up(asked)
    kind, required = duty_kind(asked, mine), given.answer == "required"
    decide_duty(
        asked.session, asked.now, mine.number, mine.slug, kind, asked.caller.by, given.because, required=required
    )  # fmt: skip
    return recorded(mine, f"Recorded: {kind}, {'required' if required else 'not required'}.", "#clocks")


BREACH = "/party/breaches/{breach:int}"
ACTS = (
    Act(path=f"{BREACH}/aware", title="Since when have you been aware?", who=PARTIES, fields=Aware, do=worded(_aware),
        before=about(_stands), template="parties/breach_aware.html", button="Record", in_menu="/party",
        words="A controller’s 72 hours run from when your party became aware, whether or not anything else is known. A "
        "wrong moment is corrected here; what was recorded before stays in the record."),
    Act(path=f"{BREACH}/conclude", title="How likely is a risk to people?", who=PARTIES, fields=Conclude,
        do=worded(_conclude), before=about(_advice), template="parties/breach_conclude.html",
        button="Record the conclusion",
        in_menu="/party", words="This is your party’s own conclusion. What has to be told to whom follows from it."),
    Act(path=f"{BREACH}/regime", title="Which law do you act under?", who=PARTIES, fields=Under, do=worded(_regime),
        start=_regime_now, before=about(saying()), template="parties/breach_act.html", button="Record",
        in_menu="/party"),
    Act(path=f"{BREACH}/duties/{{kind}}", title="What the law asks", title_of=_duty_title, who=PARTIES, fields=Decide,
        do=worded(_decide), before=about(_duty), template="parties/breach_duty_decided.html",
        button="Record the decision",
        in_menu="/party", words="Your conclusion decides this; here you decide it by itself, with your reasons."),
)  # fmt: skip
