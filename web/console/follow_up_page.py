"""One party's part in a breach: its clock, duties, steps, notices, questions, lessons; and its notice as a draft."""

from dataclasses import replace
from typing import Any

from actions.breaches.drafting import draft_notice
from actions.breaches.showing import breach_view
from actions.breaches.shown import BreachView
from actions.breaches.shown_party import FollowUpView
from rules.breach_duties import DutyKind
from rules.regulator_notice import missing_in_words
from web.console.breach_acts import MENU, OF_PARTY, breach_of, party_of
from web.console.breach_clocks import party_clocks
from web.declaring import READS, Answer, Asked, Page

TOLD_TO = (DutyKind.REGULATOR, DutyKind.CONTROLLER)


def _seen(asked: Asked) -> tuple[BreachView, FollowUpView]:
    """Raises NotThere."""
    _, party = party_of(asked)
    view = replace(breach_view(asked.session, asked.now, breach_of(asked)), reporters=())
    return view, next(each for each in view.follow_ups if each.party == party.slug)


def _read(asked: Asked) -> dict[str, object]:
    view, of = _seen(asked)
    clock = next(each for each in party_clocks(view) if each.party == of.party)
    return {
        "title": of.name, "number": view.breach.number, "stage": view.breach.stage, "of": of, "clock": clock,
        "holds": tuple(each for each in view.holds if each.party == of.party),
        "others_hold": tuple(each.party for each in view.holds if each.party != of.party and not each.released_at),
        "consultations": tuple(each for each in view.consultations if of.party in (each.asked_by, each.asked_of)),
        "lessons": tuple(each for each in view.lessons if each.party == of.party),
        "names": {each.party: each.name for each in view.follow_ups},
    }  # fmt: skip


def _draft(asked: Asked) -> tuple[dict[str, Any], str]:
    follow_up, party = party_of(asked)
    draft = draft_notice(asked.session, asked.now, breach_of(asked), follow_up)
    _, of = _seen(asked)
    needless = next((each.because for each in of.duties if each.kind in TOLD_TO and each.required is False), None)
    return {
        "title": f"The notice of {party.name}", "name": party.name, "number": follow_up.breach_id, "slug": party.slug,
        "text": draft.text, "content": draft.content, "complete": draft.notice.complete, "needless": needless,
        "missing": tuple(missing_in_words(draft.notice.missing)), "to_restate": draft.notice.to_restate,
        "left_out": tuple((each.field, each.looks) for each in draft.notice.suspicious), "ended": of.end,
    }, draft.text  # fmt: skip


def _notice(asked: Asked) -> dict[str, Any]:
    return _draft(asked)[0]


def _notice_file(asked: Asked) -> Answer:
    known, text = _draft(asked)
    name = f"breach-{known['number']}-notice-{known['slug']}.txt"
    return Answer(content=text.encode(), media_type="text/plain; charset=utf-8", filename=name)


PAGES = (
    Page(path=OF_PARTY, title="A party’s part in a breach", who=READS, read=_read, template="console/breach_party.html",
         in_menu=MENU),
    Page(path=f"{OF_PARTY}/notice", title="The notice to the regulator", who=READS, read=_notice,
         template="console/breach_notice.html", in_menu=MENU),
    Page(path=f"{OF_PARTY}/notice.txt", title="The notice to the regulator, as text", who=READS, read=_notice_file,
         in_menu=MENU),
)  # fmt: skip
