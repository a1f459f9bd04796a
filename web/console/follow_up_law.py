"""What the law asks of one party after a breach, recorded on its behalf: awareness, conclusion, who has been told."""

from collections.abc import Mapping
from typing import Any

from actions.breaches.awareness import newest_awareness, record_awareness
from actions.breaches.concluding import conclude
from actions.breaches.deciding import decide_duty
from actions.breaches.duties import DutyView, duties_view
from actions.breaches.notifying import differs_from_notice, record_notice
from actions.breaches.partners import partners_told
from actions.breaches.people import people_not_told, people_told
from actions.breaches.regime import set_regime
from actions.breaches.showing_facts import fact_lines, severity_line
from rules.breach_duties import Capacity, DutyKind, Regime, Risk
from rules.regulator_notice import missing_in_words
from rules.sentences import listed
from web.console.breach_acts import breach_of, done, page_of_party, party_act, party_of
from web.console.follow_up_law_forms import Acts, Aware, Conclude, Duty, Notify, Partners, People
from web.declaring import DECIDES, Asked, Done
from web.wording import clock


def _which(asked: Asked) -> tuple[int, str]:
    return asked.place["breach"], asked.place["party"]


def _duty(asked: Asked, *kinds: DutyKind) -> DutyView | None:
    asked.session.flush()
    follow_up, _ = party_of(asked)
    views = duties_view(asked.session, breach_of(asked), follow_up, asked.now)
    return next((each for each in views if each.kind in kinds), None)


def _aware(asked: Asked, given: Aware) -> Done:
    record_awareness(asked.session, asked.now, *_which(asked), given.at, given.who, asked.caller.by, given.because)
    duty = _duty(asked, DutyKind.REGULATOR)
    ends = f" The 72 hours end on {clock(duty.due_at)}: {duty.left}." if duty and duty.due_at and duty.left else ""
    return done(asked, f"{party_of(asked)[1].name} has been aware since {clock(given.at)}.{ends}",
                aware_at=given.at, due_at=duty.due_at if duty else None)  # fmt: skip


def _aware_before(asked: Asked) -> Mapping[str, Any]:
    known = newest_awareness(asked.session, party_of(asked)[0])
    return {"at": known.aware_at, "who": known.who} if known else {}


def _conclude(asked: Asked, given: Conclude) -> Done:
    why = f"{given.because} (Concluded by: {given.concluded_by}.)"
    doubts = conclude(asked.session, asked.now, *_which(asked), Risk(given.risk), asked.caller.by, why)
    again = "".join(f" Look again: {doubt}" for doubt in doubts)
    return done(asked, f"Recorded: {given.risk}.{again}", risk=given.risk, doubts=doubts)


def _scored(asked: Asked) -> Mapping[str, Any]:
    scored = severity_line(fact_lines(asked.session, breach_of(asked)))
    score = f"The severity is {scored.score}, {scored.band}. {scored.because}" if scored else (
        f"The severity is not scored yet (`concordat breach assess {asked.place['breach']}`). The score is advice."
    )  # fmt: skip
    return {"said": (score, "A person concludes. What has to be told to whom follows from it, and is shown after.")}


def _regime(asked: Asked, given: Acts) -> Done:
    regime, capacity = Regime(given.regime), Capacity(given.capacity)
    set_regime(asked.session, asked.now, *_which(asked), regime, capacity, asked.caller.by, given.because)
    return done(
        asked, f"It acts as {capacity} under the {regime} regime.", regime=regime.value, capacity=capacity.value
    )


def _regime_before(asked: Asked) -> Mapping[str, Any]:
    follow_up, _ = party_of(asked)
    return {"regime": follow_up.regime.value, "capacity": follow_up.capacity.value}


def _decide(asked: Asked, given: Duty) -> Done:
    decide_duty(asked.session, asked.now, *_which(asked), DutyKind(given.duty), asked.caller.by, given.because,
                required=given.answer == "required")  # fmt: skip
    return done(
        asked, f"“{given.duty}” is {given.answer}; the reason is recorded.", duty=given.duty, answer=given.answer
    )


def _notify(asked: Asked, given: Notify) -> Done:
    notice = record_notice(asked.session, asked.now, *_which(asked), given.at, asked.caller.by,
                           given.regulator_reference, given.late_because)  # fmt: skip
    missing = listed(missing_in_words(notice.missing))
    rest = f"Still missing: {missing}. It may follow as a supplement." if missing else "It is complete."
    return done(asked, f"The notice of {clock(given.at)} is recorded. {rest}", number=notice.number,
                missing=tuple(notice.missing))  # fmt: skip


def _notify_before(asked: Asked) -> Mapping[str, Any]:
    follow_up, party = party_of(asked)
    number = asked.place["breach"]
    duty, differs = _duty(asked, DutyKind.REGULATOR, DutyKind.CONTROLLER), differs_from_notice(
        asked.session, breach_of(asked), follow_up)  # fmt: skip
    said = ["Concordat sends nothing to the regulator: send the notice, then record here when."]
    if duty and duty.due_at and not duty.done_at:
        said.append(f"It is due by {clock(duty.due_at)}: {duty.left}.")
    if differs:
        said.append(f"Since the last notice this has changed: {listed(differs)}.")
    draft = {"href": f"{page_of_party(number, party.slug)}/notice", "text": "The notice as the record stands now"}
    return {"said": tuple(said), "beside_link": draft}


def _people(asked: Asked, given: People) -> Done:
    if given.answer == "told":
        assert given.told_at is not None
        people_told(asked.session, asked.now, *_which(asked), given.told_at, asked.caller.by, given.how or "")
        duty = _duty(asked, DutyKind.PEOPLE)
        at = duty.done_at if duty and duty.done_at else given.told_at
        return done(asked, f"The people concerned were told on {clock(at)}.", told_at=at)
    people_not_told(asked.session, asked.now, *_which(asked), asked.caller.by, given.because or "")
    return done(asked, "The people concerned need not be told; the reason is recorded.", required=False)


def _partners(asked: Asked, given: Partners) -> Done:
    partners_told(asked.session, asked.now, *_which(asked), given.told_at, asked.caller.by, given.late_because)
    duty = _duty(asked, DutyKind.PARTNERS)
    at = duty.done_at if duty and duty.done_at else given.told_at
    return done(asked, f"The partners were told on {clock(at)}.", told_at=at)


ACTS = (
    party_act("aware", "Say since when a party has been aware", "Since when has {party} been aware?", _aware, Aware,
              command="breach aware", start=_aware_before,
              words="The 72 hours run from it, for each party its own. A wrong instant is corrected in the same way."),
    party_act("conclude", "Conclude how likely a risk is", "What does {party} conclude?", _conclude, Conclude,
              command="breach conclude", who=DECIDES, before=_scored),
    party_act("regime", "Say under which law a party acts", "How does {party} act in this breach?", _regime, Acts,
              command="breach regime", start=_regime_before,
              words="No instant changes; the duties are those of the new capacity."),
    party_act("duty", "Decide one duty otherwise", "Decide one duty of {party}", _decide, Duty, command="breach duty",
              who=DECIDES, words="Where a person decides otherwise than the conclusion did."),
    party_act("notify", "Record a notice to the regulator", "When did {party} give its notice?", _notify, Notify,
              command="breach notify", before=_notify_before),
    party_act("people", "Record whether people were told", "Have the people concerned been told by {party}?", _people,
              People, command="breach people"),
    party_act("partners", "Record when the partners were told", "When did {party} tell its partners?", _partners,
              Partners, command="breach partners"),
)  # fmt: skip
